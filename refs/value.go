package refs

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/esync/esync/objects"
)

// MaxValue is the greatest length of a value in bytes: several times the
// longest setting, and small enough that a state stays in memory.
const MaxValue = 4096

// Value is what a name stands for: the ID of a commit in hexadecimal, or a
// short text. The empty value means that the name is absent.
type Value string

// IDValue is the value of a ref that points at an object; "" for the zero ID.
func IDValue(id objects.ID) Value {
	if id.IsZero() {
		return ""
	}
	return Value(id.String())
}

// ID reads the value of a ref that points at an object. An absent one is the
// zero ID.
func (v Value) ID() (objects.ID, error) {
	if v == "" {
		return objects.ID{}, nil
	}
	return objects.ParseID(string(v))
}

func (v Value) check() error {
	switch {
	case len(v) > MaxValue:
		return fmt.Errorf("%w: %d bytes, and %d is the limit", ErrBadValue, len(v), MaxValue)
	case !utf8.ValidString(string(v)) || strings.IndexByte(string(v), 0) >= 0:
		return fmt.Errorf("%w: %s is not text", ErrBadValue, v.brief())
	}
	return nil
}

// brief is the value as messages show it.
func (v Value) brief() string {
	switch {
	case v == "":
		return "absent"
	case len(v) == 2*objects.IDSize:
		if id, err := v.ID(); err == nil {
			return id.Short()
		}
	}
	if len(v) > 40 {
		v = v[:40] + "..."
	}
	return fmt.Sprintf("%q", string(v))
}

// Change moves one name from one value to another.
type Change struct {
	Name     Name
	Old, New Value
}
