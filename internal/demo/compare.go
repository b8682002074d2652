package main

import (
	"crypto/sha256"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"time"
)

// equal compares copies: every file's name, content and date. It shows one hash a copy, over all of that.
func (s *stage) equal(what string, copies ...string) {
	if s.err != nil {
		return
	}
	fmt.Fprintf(s.out, "-- %s\n", what)
	var first map[string]string
	for i, dir := range copies {
		files, err := listing(dir)
		if err != nil {
			s.check(err)
			return
		}
		fmt.Fprintf(s.out, "   %s  %4d files  %s\n", digest(files)[:16], len(files), strings.TrimPrefix(dir, s.dir))
		if i == 0 {
			first = files
		} else if diff := differences(first, files); diff != "" {
			s.failf("%s differs from %s: %s", dir, copies[0], diff)
		}
	}
	if len(first) == 0 {
		s.failf("%s is empty", copies[0])
	}
	s.compared++
}

// listing maps every file to the hash of its content and its date in milliseconds.
func listing(root string) (map[string]string, error) {
	files := map[string]string{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.Name() == ".esync":
			return filepath.SkipDir
		case d.IsDir():
			return nil
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		hash, at, err := fingerprint(path)
		files[filepath.ToSlash(rel)] = fmt.Sprintf("%s %d", hash, at.UnixMilli())
		return err
	})
	return files, err
}

func fingerprint(path string) (string, time.Time, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", time.Time{}, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", time.Time{}, err
	}
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", time.Time{}, err
	}
	return fmt.Sprintf("%x", h.Sum(nil)), info.ModTime(), nil
}

func digest(files map[string]string) string {
	var lines []string
	for name, value := range files {
		lines = append(lines, name+" "+value)
	}
	sort.Strings(lines)
	return fmt.Sprintf("%x", sha256.Sum256([]byte(strings.Join(lines, "\n"))))
}

func differences(a, b map[string]string) string {
	var names []string
	for name, value := range a {
		if b[name] != value {
			names = append(names, name)
		}
	}
	for name := range b {
		if _, ok := a[name]; !ok {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	return strings.Join(names, ", ")
}

// copyPapers copies real documents, with their dates.
func (s *stage) copyPapers(from, to string) {
	entries, err := os.ReadDir(from)
	s.check(err)
	s.check(os.MkdirAll(to, 0o755))
	for i, e := range entries {
		if e.IsDir() || s.err != nil {
			continue
		}
		content, err := os.ReadFile(filepath.Join(from, e.Name()))
		s.check(err)
		path := filepath.Join(to, e.Name())
		s.check(os.WriteFile(path, content, 0o644))
		at := time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC).Add(time.Duration(i) * 7 * time.Hour)
		s.check(os.Chtimes(path, at, at))
	}
}
