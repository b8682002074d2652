package notify

import "errors"

var (
	// ErrUnsupported: on this system whoever wants to know has to look.
	ErrUnsupported = errors.New("no notice of changed files on this system")
	// ErrLimit: the system allows no more folders to be watched. It comes at
	// any time, since folders are added as they are made.
	ErrLimit = errors.New("no more folders can be watched")
)
