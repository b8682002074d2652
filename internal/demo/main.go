package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
)

func main() {
	esync := flag.String("esync", filepath.Join("build", "esync"), "the program")
	papers := flag.String("papers", filepath.Join("testdata", "papers"), "folder of real documents")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := demo(ctx, *esync, *papers); err != nil {
		fmt.Fprintf(os.Stderr, "\ndemo: %v\n", err)
		os.Exit(1)
	}
}

// demo tells the story in a folder of its own, and clears it away whatever happens.
func demo(ctx context.Context, esync, papers string) (err error) {
	began := time.Now()
	if esync, err = program(esync); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "esync-demo-")
	if err != nil {
		return err
	}
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return err
	}
	s := &stage{ctx: ctx, esync: esync, dir: dir, out: os.Stdout}
	defer func() {
		s.stopAll()
		if clearErr := os.RemoveAll(dir); err == nil {
			err = clearErr
		}
		if _, gone := os.Stat(dir); err == nil && !os.IsNotExist(gone) {
			err = fmt.Errorf("%s is still there", dir)
		}
	}()
	if err := tell(s, papers); err != nil {
		return err
	}
	fmt.Printf("\nAll %d comparisons held. The story took %.1f s.\n", s.compared, time.Since(began).Seconds())
	return nil
}

// program gives the absolute path, with the ending that Windows wants.
func program(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	for _, name := range []string{path, path + ".exe"} {
		if info, err := os.Stat(name); err == nil && info.Mode().IsRegular() {
			return name, nil
		}
	}
	return "", fmt.Errorf("no program %q: run \"make build\" first", path)
}
