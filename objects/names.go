package objects

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// MetaDir is the folder in which a copy keeps its history. No tree may hold
// that name, nor any name that some file system takes for it.
const MetaDir = ".esync"

// Limits of names. Windows and most file systems take 255 units in a
// component; Office opens paths up to about 260 characters, of which the
// folder that holds the engagement needs some.
const (
	MaxName = 255 // bytes, and UTF-16 units, of one component
	MaxPath = 240 // UTF-16 units of a path inside the engagement
)

// NameError says why a name or path cannot be shared and what would do
// instead. It unwraps to ErrBadName.
type NameError struct {
	Name   string // component or path, as found
	Reason string // "ends with a dot"
	Fix    string // a name that would be accepted, or ""
}

func (e *NameError) Error() string {
	if e.Fix == "" {
		return fmt.Sprintf("%q %s", clip(e.Name), e.Reason)
	}
	return fmt.Sprintf("%q %s; rename it, for example to %q", clip(e.Name), e.Reason, clip(e.Fix))
}

func (e *NameError) Unwrap() error { return ErrBadName }

// CheckName tells whether name can be one component of a path on every system
// that esync runs on. The error is a *NameError.
func CheckName(name string) error {
	if plain(name) {
		return nil
	}
	if reason := badName(name); reason != "" {
		return &NameError{Name: name, Reason: reason, Fix: fixName(name)}
	}
	return nil
}

// plain is the quick way for names of ordinary characters: letters, digits,
// "_", "-", " ", "." inside, of at least five characters and at most 200, that
// begin with neither "." nor a letter pair of a device or of ".esync".
func plain(name string) bool {
	if len(name) < 5 || len(name) > 200 {
		return false
	}
	for i := range len(name) {
		switch c := name[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '_', c == '-':
		case c == '.' || c == ' ':
			if i == 0 || i == len(name)-1 {
				return false
			}
		default:
			return false
		}
	}
	switch name[0] | 0x20 {
	case 'c', 'p', 'a', 'n', 'l', 'e':
		return !deviceName(name)
	}
	return true
}

func badName(name string) string {
	switch {
	case name == "":
		return "is empty"
	case name == "." || name == "..":
		return "is not a name but a place"
	case !utf8.ValidString(name):
		return "is not valid UTF-8"
	case len(name) > MaxName || utf16Len(name) > MaxName:
		return fmt.Sprintf("is longer than %d characters", MaxName)
	}
	for _, r := range name {
		switch {
		case r < 0x20 || r == 0x7f:
			return fmt.Sprintf("has the control character U+%04X", r)
		case strings.ContainsRune(`<>:"/\|?*`, r):
			return fmt.Sprintf("has the character %q, which Windows does not allow", r)
		}
	}
	switch last := name[len(name)-1]; {
	case last == '.':
		return "ends with a dot, which Windows drops"
	case last == ' ':
		return "ends with a space, which Windows drops"
	case deviceName(name):
		return "is the name of a device on Windows"
	case metaAlias(name):
		return "is, or on some systems is taken for, " + MetaDir
	}
	return ""
}

// deviceName follows Microsoft's "Naming Files, Paths, and Namespaces": the
// part before the first dot counts, with any extension, and spaces before the
// dot are dropped.
func deviceName(name string) bool {
	stem, _, _ := strings.Cut(name, ".")
	stem = strings.TrimRight(stem, " ")
	switch n := len(stem); {
	case n < 3 || n > 7:
		return false
	case n == 3:
		return foldIn(stem, "con", "prn", "aux", "nul")
	case foldIn(stem, "conin$", "conout$"):
		return true
	}
	digit, ok := strings.CutPrefix(strings.ToLower(stem), "com")
	if !ok {
		if digit, ok = strings.CutPrefix(strings.ToLower(stem), "lpt"); !ok {
			return false
		}
	}
	switch digit {
	case "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "¹", "²", "³":
		return true
	}
	return false
}

func foldIn(s string, names ...string) bool {
	for _, n := range names {
		if strings.EqualFold(s, n) {
			return true
		}
	}
	return false
}

// metaAlias tells whether some file system would open .esync under this name:
// by letter case, by Unicode compatibility, by code points that HFS+ ignores,
// or by the short names of FAT and NTFS (ESYNC~1, and ES + 4 hex digits + ~1).
func metaAlias(name string) bool {
	n := strings.Map(func(r rune) rune {
		if ignorable(r) {
			return -1
		}
		return r
	}, name)
	n = cases.Fold().String(norm.NFKC.String(n))
	n = strings.TrimRight(n, " .")
	if n == MetaDir {
		return true
	}
	stem, number, ok := strings.Cut(n, "~")
	if !ok || number == "" || strings.Trim(number, "0123456789") != "" {
		return false
	}
	if stem == "esync" {
		return true
	}
	hex, ok := strings.CutPrefix(stem, "es")
	return ok && len(hex) == 4 && strings.Trim(hex, "0123456789abcdef") == ""
}

// ignorable code points vanish when HFS+ compares names, or are invisible:
// Unicode's default ignorables as far as they matter in names.
func ignorable(r rune) bool {
	switch {
	case r >= 0x200b && r <= 0x200f, r >= 0x202a && r <= 0x202e, r >= 0x2060 && r <= 0x206f,
		r == 0xfeff, r == 0x00ad, r == 0x034f, r == 0x180e, r >= 0xfe00 && r <= 0xfe0f:
		return true
	}
	return unicode.Is(unicode.Cf, r)
}

// fixName proposes a name that CheckName accepts, or "".
func fixName(name string) string {
	fixed := strings.Map(func(r rune) rune {
		switch {
		case r == utf8.RuneError || r < 0x20 || r == 0x7f, ignorable(r):
			return -1
		case strings.ContainsRune(`<>:"/\|?*`, r):
			return '-'
		}
		return r
	}, name)
	fixed = strings.TrimRight(fixed, " .")
	for len(fixed) > 200 {
		_, size := utf8.DecodeLastRuneInString(fixed)
		fixed = fixed[:len(fixed)-size]
	}
	if deviceName(fixed) || metaAlias(fixed) {
		fixed = "_" + strings.TrimLeft(fixed, ".")
	}
	if fixed == name || badName(fixed) != "" {
		return ""
	}
	return fixed
}

// CheckPath checks a slash-separated path inside an engagement: every
// component, and the length of the whole.
func CheckPath(path string) error {
	if n := utf16Len(path); n > MaxPath {
		return &NameError{Name: path, Reason: fmt.Sprintf("is %d characters long, and Windows and Office open at most about %d inside an engagement; shorten a folder's name", n, MaxPath)}
	}
	for _, name := range strings.Split(path, "/") {
		if err := CheckName(name); err != nil {
			return err
		}
	}
	return nil
}

func utf16Len(s string) int {
	n := 0
	for _, r := range s {
		n += utf16.RuneLen(r)
	}
	return n
}

// FoldName maps names that some system holds for the same to the same text:
// Unicode normal form C, letter case folded.
func FoldName(name string) string {
	ascii, lower := true, true
	for i := range len(name) {
		c := name[i]
		ascii = ascii && c < utf8.RuneSelf
		lower = lower && (c < 'A' || c > 'Z')
	}
	switch {
	case ascii && lower:
		return name
	case ascii:
		return strings.ToLower(name)
	}
	return norm.NFC.String(cases.Fold().String(norm.NFC.String(name)))
}

// Clash is two names of one folder that Windows or macOS cannot keep apart.
type Clash struct {
	First, Second string
}

// Clashes finds the names of a tree that some system holds for the same. A
// tree with clashes is neither recorded nor received.
func Clashes(t *Tree) []Clash {
	var clashes []Clash
	seen := make(map[string]string, len(t.Entries))
	for i := range t.Entries {
		name := t.Entries[i].Name
		key := FoldName(name)
		if first, ok := seen[key]; ok {
			clashes = append(clashes, Clash{first, name})
			continue
		}
		seen[key] = name
	}
	return clashes
}

// CheckClashes is Clashes as an error about the first one, a *NameError.
func CheckClashes(t *Tree) error {
	if c := Clashes(t); len(c) > 0 {
		return &NameError{Name: c[0].Second, Reason: fmt.Sprintf("differs from %q only in letter case or accents, which Windows and macOS cannot keep apart", clip(c[0].First)), Fix: secondName(c[0].Second)}
	}
	return nil
}

func secondName(name string) string {
	stem, ext := name, ""
	if i := strings.LastIndexByte(name, '.'); i > 0 {
		stem, ext = name[:i], name[i:]
	}
	return stem + " (2)" + ext
}
