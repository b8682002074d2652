package objects

import (
	"errors"
	"fmt"
)

var (
	// ErrNotFound: the store has no object of that ID.
	ErrNotFound = errors.New("object not found")
	// ErrCorrupt: what the store holds for an ID does not hash to it, or
	// cannot be read at all. The object is damaged, not absent.
	ErrCorrupt = errors.New("object is damaged")
	// ErrMalformed: bytes are not what the encoder would have made of any
	// object.
	ErrMalformed = errors.New("malformed object")
	// ErrBadName: a name cannot stand in a tree. *NameError has the details.
	ErrBadName = errors.New("name cannot be shared")
)

// ObjectError says which object an error is about. It unwraps to the reason.
type ObjectError struct {
	ID  ID
	Err error
}

func (e *ObjectError) Error() string { return fmt.Sprintf("object %s: %v", e.ID.Short(), e.Err) }

func (e *ObjectError) Unwrap() error { return e.Err }
