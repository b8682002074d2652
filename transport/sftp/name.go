package sftp

import (
	"fmt"
	"io/fs"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"
)

// safeName is name as it is shown.
func safeName(name string) string {
	if !strings.ContainsFunc(name, unsafe) {
		return name
	}
	var b strings.Builder
	for i, r := range name {
		switch {
		case !unsafe(r):
			b.WriteRune(r)
		case r == utf8.RuneError && !strings.HasPrefix(name[i:], string(utf8.RuneError)):
			fmt.Fprintf(&b, "{%02X}", name[i])
		default:
			fmt.Fprintf(&b, "{U+%04X}", r)
		}
	}
	return b.String()
}

func unsafe(r rune) bool {
	switch {
	case unicode.IsControl(r), r == utf8.RuneError, r == '/', r == '\\':
		return true
	case r == 0x061c, r >= 0x200e && r <= 0x200f, r >= 0x2028 && r <= 0x202e, r >= 0x2066 && r <= 0x2069: // Unicode's controls of direction, and its line ends
		return true
	}
	return false
}

// resolve finds the name in view that the path of a request means.
func resolve(view fs.FS, request string) (string, error) {
	name := strings.TrimPrefix(path.Clean("/"+request), "/")
	if name == "" {
		return ".", nil
	}
	if !fs.ValidPath(name) {
		return "", fs.ErrNotExist
	}
	if !strings.Contains(name, "{") {
		return name, nil
	}
	at := "."
	for component := range strings.SplitSeq(name, "/") {
		next := path.Join(at, component)
		if strings.Contains(component, "{") {
			if _, err := fs.Stat(view, next); err != nil {
				if next, err = shownAs(view, at, component); err != nil {
					return "", err
				}
			}
		}
		at = next
	}
	return at, nil
}

// shownAs finds what is shown under a name in folder.
func shownAs(view fs.FS, folder, shown string) (string, error) {
	entries, err := fs.ReadDir(view, folder)
	if err != nil {
		return "", err
	}
	for _, entry := range entries {
		if safeName(entry.Name()) == shown {
			return path.Join(folder, entry.Name()), nil
		}
	}
	return "", fs.ErrNotExist
}
