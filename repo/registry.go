package repo

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/esync/esync/internal/fsys"
)

// The registry lists the engagements of one user, so that a conversation over
// a stock sshd finds them by name: lines of "NAME\tFOLDER", newest last.
const (
	registryFile  = "engagements"
	registryLock  = "engagements.lock"
	registryLimit = 16 << 20
)

func readRegistry(home fsys.FS) ([][2]string, error) {
	b, err := fsys.ReadFile(home, registryFile, registryLimit)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var entries [][2]string
	for sc := bufio.NewScanner(bytes.NewReader(b)); sc.Scan(); {
		if name, path, ok := strings.Cut(sc.Text(), "\t"); ok {
			entries = append(entries, [2]string{name, path})
		}
	}
	return entries, nil
}

// register records that the engagement of that name has a copy at root.
func register(env Env, name, root string) error {
	if env.Home == "" || strings.ContainsAny(root, "\t\n") {
		return nil
	}
	if err := os.MkdirAll(env.Home, 0o700); err != nil {
		return err
	}
	home, err := fsys.Open(env.Home)
	if err != nil {
		return err
	}
	defer home.Close()
	lock, err := waitLock(context.Background(), home, registryLock, 5*time.Second)
	if err != nil {
		return err
	}
	defer lock.Close()
	entries, err := readRegistry(home)
	if err != nil {
		return err
	}
	var b strings.Builder
	for _, e := range entries {
		if e[1] == root {
			if e[0] == name {
				return nil
			}
			continue
		}
		fmt.Fprintf(&b, "%s\t%s\n", e[0], e[1])
	}
	fmt.Fprintf(&b, "%s\t%s\n", name, root)
	return fsys.WriteFile(home, registryFile, []byte(b.String()), 0o600)
}

// Locate finds the folder of an engagement by the name under which init, clone
// or serve registered it, or by its absolute path. Of several copies under one
// name the newest that still is one counts.
func Locate(env Env, engagement string) (string, error) {
	if filepath.IsAbs(engagement) {
		return engagement, nil
	}
	home, err := fsys.Open(env.Home)
	if err != nil {
		return "", &UnknownError{"engagement", engagement}
	}
	defer home.Close()
	entries, err := readRegistry(home)
	if err != nil {
		return "", err
	}
	for i := len(entries) - 1; i >= 0; i-- {
		if entries[i][0] != engagement {
			continue
		}
		if _, err := os.Stat(filepath.Join(entries[i][1], ".esync", formatFile)); err == nil {
			return entries[i][1], nil
		}
	}
	return "", &UnknownError{"engagement", engagement}
}
