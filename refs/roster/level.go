package roster

import "fmt"

// Level is what a member may do. A higher one includes the lower ones.
type Level byte

// The levels.
const (
	None  Level = iota // nothing, not even read
	Read               // pull
	Full               // pull and push
	Admin              // and change the settings
)

var levelNames = [...]string{"none", "read", "full", "admin"}

// ParseLevel reads what String writes.
func ParseLevel(s string) (Level, error) {
	for l, name := range levelNames {
		if s == name {
			return Level(l), nil
		}
	}
	return None, fmt.Errorf("%w: level %q is none of none, read, full, admin", ErrMalformed, clip(s))
}

// String gives the word that users type.
func (l Level) String() string {
	if int(l) < len(levelNames) {
		return levelNames[l]
	}
	return fmt.Sprintf("level %d", byte(l))
}

// MarshalText implements encoding.TextMarshaler.
func (l Level) MarshalText() ([]byte, error) {
	if l > Admin {
		return nil, fmt.Errorf("%w: %v", ErrMalformed, l)
	}
	return []byte(l.String()), nil
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (l *Level) UnmarshalText(b []byte) (err error) {
	*l, err = ParseLevel(string(b))
	return err
}

// clip shortens foreign text for an error.
func clip(s string) string {
	if len(s) > 80 {
		return s[:80] + "..."
	}
	return s
}
