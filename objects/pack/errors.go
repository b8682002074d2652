package pack

import (
	"errors"

	"github.com/esync/esync/objects"
)

var (
	// ErrFrame: bytes are no frame: cut short, a wrong checksum, or a field
	// out of its limits.
	ErrFrame = errors.New("not a frame")
	// ErrBase: a received frame needs an object that is not here, or that is
	// here in a way that does not fit. Ask for the object in a form that
	// stands alone (PlainFrame).
	ErrBase = errors.New("base of the difference is missing")
	// ErrPack: a file is no pack, or its index is damaged. It is an
	// objects.ErrCorrupt too.
	ErrPack error = corruption("not a pack")
	// ErrVersion: a pack was written by a later version of esync.
	ErrVersion = errors.New("pack of an unknown version")
	// ErrBusy: another process receives under the same key, or merges packs.
	ErrBusy = errors.New("another process is at it")
	// ErrClosed: the writer has been committed or closed.
	ErrClosed = errors.New("writer is closed")
	// ErrTooLarge: an object exceeds what the format can hold.
	ErrTooLarge = errors.New("too large for the store")
)

// corruption is a kind of damage.
type corruption string

func (c corruption) Error() string { return string(c) }

// Is makes it objects.ErrCorrupt.
func (c corruption) Is(target error) bool { return target == objects.ErrCorrupt }
