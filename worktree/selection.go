package worktree

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"sync/atomic"
)

// selection says which paths an operation is about.
type selection struct {
	paths []string // "" is everything
	hit   []atomic.Bool
}

// newSelection takes the paths a caller named; none means all.
func newSelection(paths []string) (*selection, error) {
	s := &selection{}
	for _, p := range paths {
		clean := path.Clean(p)
		if p == "" || path.IsAbs(clean) || clean == ".." || strings.HasPrefix(clean, "../") {
			return nil, &PathError{Path: p, Err: fmt.Errorf("%w of this copy", ErrNoMatch)}
		}
		if clean == "." {
			clean = ""
		}
		s.paths = append(s.paths, clean)
	}
	if len(paths) == 0 {
		s.paths = []string{""}
	}
	s.paths = outermost(s.paths)
	s.hit = make([]atomic.Bool, len(s.paths))
	return s, nil
}

// outermost leaves away the paths that lie below another one.
func outermost(paths []string) []string {
	slices.Sort(paths)
	kept := paths[:0]
	for _, p := range paths {
		if !slices.ContainsFunc(kept, func(k string) bool { return under(p, k) }) {
			kept = append(kept, p)
		}
	}
	return kept
}

// under tells whether p is dir or lies below it.
func under(p, dir string) bool {
	return dir == "" || strings.HasPrefix(p, dir) && (len(p) == len(dir) || p[len(dir)] == '/')
}

// wants tells whether a path is asked for, with all that lies below, and
// whether something below it is named.
func (s *selection) wants(p string) (whole, below bool) {
	for i, want := range s.paths {
		switch {
		case under(p, want):
			whole = true
			if p == want {
				s.hit[i].Store(true)
			}
		case under(want, p):
			below = true
		}
	}
	if g := groupOf(p); g != "" && !whole {
		// The members of a table are asked for together.
		for _, want := range s.paths {
			whole = whole || groupOf(want) == g
		}
	}
	return whole, below
}

// missed gives an error about the first path that matched nothing.
func (s *selection) missed() error {
	for i := range s.paths {
		if s.paths[i] != "" && !s.hit[i].Load() {
			return &PathError{Path: s.paths[i], Err: ErrNoMatch}
		}
	}
	return nil
}
