package ooxml

import (
	"errors"
	"fmt"
)

// Errors of this package.
var (
	// ErrUnfit: the bytes are no package that may be taken apart: broken,
	// encrypted, of another kind, or past a limit.
	ErrUnfit = errors.New("no package that can be merged")
)

// The limits hold before anything is allocated for what they limit.
const (
	// MaxMembers is far above what programs write; the largest workbooks seen
	// have some hundred members.
	MaxMembers = 10_000
	// MaxUnpacked bounds the memory of one package.
	MaxUnpacked = 128 << 20
	// MaxRatio is the number of times a package may grow when unpacked, past
	// the first spareUnpacked bytes. Sheets of empty styled cells reach 40.
	MaxRatio      = 120
	spareUnpacked = 4 << 20
	// MaxDepth is the depth of elements; real parts stay below 40.
	MaxDepth = 256
	// MaxAttrs is the number of attributes of one element.
	MaxAttrs = 256
	maxName  = 512
)

func unfit(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrUnfit, fmt.Sprintf(format, args...))
}
