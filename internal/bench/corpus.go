package main

import (
	"flag"
	"fmt"
	"strings"

	"github.com/esync/esync/internal/corpus"
)

func gen(args []string) error {
	flags := flag.NewFlagSet("gen", flag.ContinueOnError)
	name := flags.String("preset", "S", "XS, S, M, T or B")
	seed := flags.Uint64("seed", 1, "seed")
	out := flags.String("out", "", "folder to make")
	if err := flags.Parse(args); err != nil {
		return err
	}
	preset, err := corpus.ParsePreset(*name)
	if err != nil {
		return err
	}
	if *out == "" {
		return fmt.Errorf("gen needs -out")
	}
	return corpus.Generate(*out, preset, *seed)
}

func edit(args []string) error {
	flags := flag.NewFlagSet("edit", flag.ContinueOnError)
	operation := flags.String("op", "mixed", strings.Join(corpus.Operations(), ", "))
	seed := flags.Uint64("seed", 1, "seed")
	dir := flags.String("dir", ".", "folder to change")
	if err := flags.Parse(args); err != nil {
		return err
	}
	return corpus.Edit(*dir, *operation, *seed)
}

func sum(args []string) error {
	flags := flag.NewFlagSet("sum", flag.ContinueOnError)
	dir := flags.String("dir", ".", "folder to total")
	if err := flags.Parse(args); err != nil {
		return err
	}
	total, err := corpus.Sum(*dir)
	if err != nil {
		return err
	}
	fmt.Println(total)
	return nil
}
