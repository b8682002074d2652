package worktree

import (
	"errors"
	"fmt"
	"strings"
)

var (
	// ErrNoMatch: a path that was asked for names nothing on disk or in the
	// base. *PathError says which.
	ErrNoMatch = errors.New("matches no file")
	// ErrRefused: names on disk cannot be shared with other systems, so
	// nothing was recorded. *RefusedError lists them.
	ErrRefused = errors.New("names cannot be shared")
	// ErrWaiting: with AllOrNothing, files stand in the way and nothing was
	// touched. *WaitingError lists them.
	ErrWaiting = errors.New("files are in use or changed")
	// ErrLink: a folder of the tree is a symbolic link, or no folder at all,
	// on disk. Nothing is read or written through it.
	ErrLink = errors.New("not a folder of this copy")
)

// PathError is about one path that the caller named.
type PathError struct {
	Path string
	Err  error
}

func (e *PathError) Error() string { return fmt.Sprintf("%q %v", e.Path, e.Err) }

func (e *PathError) Unwrap() error { return e.Err }

// RefusedError lists every name that stands in the way of recording. It
// unwraps to ErrRefused.
type RefusedError struct {
	Names []Note
}

func (e *RefusedError) Error() string { return ErrRefused.Error() + listed(e.Names) }

func (e *RefusedError) Unwrap() error { return ErrRefused }

// WaitingError lists what kept a plan from being applied. It unwraps to
// ErrWaiting.
type WaitingError struct {
	Waiting []Note
}

func (e *WaitingError) Error() string { return ErrWaiting.Error() + listed(e.Waiting) }

func (e *WaitingError) Unwrap() error { return ErrWaiting }

// maxListed bounds what an error's text quotes; the values hold all.
const maxListed = 5

func listed(notes []Note) string {
	var b strings.Builder
	for i, n := range notes {
		if i == maxListed {
			fmt.Fprintf(&b, "; and %d more", len(notes)-i)
			break
		}
		sep := "; "
		if i == 0 {
			sep = ": "
		}
		fmt.Fprintf(&b, "%s%q %s", sep, n.Path, n.Text)
	}
	return b.String()
}
