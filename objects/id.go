package objects

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
)

// IDSize is the length of an ID in bytes.
const IDSize = 32

// ID names an object by what it holds: BLAKE3-256. The zero ID names nothing.
type ID [IDSize]byte

// ErrBadID is returned by ParseID for text that is no ID.
var ErrBadID = errors.New("not an object id")

// ParseID reads the 64 lower-case hexadecimal digits of an ID.
func ParseID(s string) (ID, error) {
	var id ID
	if len(s) != 2*IDSize {
		return id, fmt.Errorf("%w: %q has %d characters, want %d", ErrBadID, clip(s), len(s), 2*IDSize)
	}
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return id, fmt.Errorf("%w: %q is not lower-case hexadecimal", ErrBadID, clip(s))
		}
	}
	hex.Decode(id[:], []byte(s))
	return id, nil
}

// clip shortens what an error quotes.
func clip(s string) string {
	if len(s) > 80 {
		return s[:80] + "..."
	}
	return s
}

// String gives all 64 digits.
func (id ID) String() string { return hex.EncodeToString(id[:]) }

// Short gives the first 10 digits, for people.
func (id ID) Short() string { return hex.EncodeToString(id[:5]) }

// IsZero tells whether the ID names nothing.
func (id ID) IsZero() bool { return id == ID{} }

// Compare orders IDs by their bytes: -1, 0 or +1.
func (id ID) Compare(other ID) int { return bytes.Compare(id[:], other[:]) }
