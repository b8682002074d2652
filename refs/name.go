package refs

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// MaxName is the greatest length of a name in bytes. A name is never a path on
// disk, so only messages and records need a bound.
const MaxName = 512

// Name is the name of a ref: "heads/main", "tags/2026 final" is none (no
// spaces), "remotes/anna/main", "work/base", "config/parent". ParseName is the
// only way in.
type Name struct{ text string }

// The first components a name may have, and how many components it needs at
// least.
var roots = map[string]int{
	"heads":   2, // lines of this copy
	"tags":    2,
	"remotes": 3, // remotes/PEER/LINE: where a peer's lines were last seen
	"work":    2, // base and line: what the files stand on
	"config":  2, // settings of this copy alone
	"meta":    2, // what the engagement carries besides the files
}

// ParseName checks a name by the rules of git-check-ref-format, and that it
// begins with one of this package's roots.
func ParseName(s string) (Name, error) {
	if reason := badName(s); reason != "" {
		if len(s) > 80 {
			s = s[:80] + "..."
		}
		return Name{}, fmt.Errorf("%w: %q %s", ErrBadName, s, reason)
	}
	return Name{s}, nil
}

// MustName is ParseName for names that stand in the source code. It panics on
// a bad one.
func MustName(s string) Name {
	n, err := ParseName(s)
	if err != nil {
		panic("refs: " + err.Error())
	}
	return n
}

// String gives the text of the name.
func (n Name) String() string { return n.text }

// IsZero tells whether n names nothing.
func (n Name) IsZero() bool { return n.text == "" }

// Under gives what follows prefix and a slash, and whether n lies there:
// "heads/main" under "heads" is "main".
func (n Name) Under(prefix string) (string, bool) {
	rest, ok := strings.CutPrefix(n.text, prefix)
	if !ok || len(rest) < 2 || rest[0] != '/' {
		return "", false
	}
	return rest[1:], true
}

func badName(s string) string {
	switch {
	case s == "":
		return "is empty"
	case len(s) > MaxName:
		return fmt.Sprintf("is longer than %d bytes", MaxName)
	case !utf8.ValidString(s):
		return "is not valid UTF-8"
	case strings.Contains(s, ".."):
		return `contains ".."`
	case strings.Contains(s, "@{"):
		return `contains "@{"`
	case strings.HasSuffix(s, "."):
		return "ends with a dot"
	}
	for _, r := range s {
		if r <= ' ' || r == 0x7f || strings.ContainsRune(`~^:?*[\`, r) {
			return fmt.Sprintf("contains %q", r)
		}
	}
	parts := strings.Split(s, "/")
	for _, p := range parts {
		switch {
		case p == "":
			return "has an empty component"
		case p == "@":
			return `has the component "@"`
		case p[0] == '.':
			return "has a component that begins with a dot"
		case p[0] == '-':
			return "has a component that begins with a dash"
		case strings.HasSuffix(strings.ToLower(p), ".lock"):
			return `has a component that ends with ".lock"`
		}
	}
	least, ok := roots[parts[0]]
	if !ok {
		return "begins with no known kind of ref"
	}
	if len(parts) < least {
		return fmt.Sprintf("needs %d components", least)
	}
	return ""
}
