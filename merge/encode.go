package merge

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/esync/esync/objects"
)

// Limits of an encoded list of conflicts.
const (
	// MaxConflicts is the greatest number in one list.
	MaxConflicts = 100_000
	// MaxPlaces is the greatest number of places in one conflict. A file with
	// more of them is taken whole.
	MaxPlaces = 1000
	// maxMembers is the greatest number of files that go with another.
	maxMembers = 100
	// maxEncoded bounds what a reader takes up.
	maxEncoded = 60 << 20
)

// A list is written in the first version that can hold it.
const (
	conflictsHeader1 = "esync conflicts 1\n"
	conflictsHeader2 = "esync conflicts 2\n"
)

var (
	// ErrMalformed: a text is not what EncodeConflicts makes of any list.
	ErrMalformed       = errors.New("malformed list of conflicts")
	errMalformedJoined = errors.New("malformed list")
	// ErrTooMany: a list has more conflicts than can be recorded.
	ErrTooMany = errors.New("too many conflicts")
)

// EncodeConflicts gives the one text that stands for a list of conflicts, in
// the order of Result; see the package comment. It is fit for a commit's
// header. No conflicts are the empty text.
func EncodeConflicts(list []Conflict) (string, error) {
	if len(list) == 0 {
		return "", nil
	}
	if len(list) > MaxConflicts {
		return "", fmt.Errorf("%w: %d, and %d is the limit", ErrTooMany, len(list), MaxConflicts)
	}
	list = slices.Clone(list)
	slices.SortFunc(list, compareConflicts)
	var b strings.Builder
	if slices.ContainsFunc(list, Conflict.isNew) {
		b.WriteString(conflictsHeader2)
	} else {
		b.WriteString(conflictsHeader1)
	}
	for i, c := range list {
		if err := c.check(); err != nil {
			return "", err
		}
		if i > 0 && list[i-1].Path == c.Path && list[i-1].Kind == c.Kind {
			return "", fmt.Errorf("%w: %q is listed twice", ErrMalformed, c.Path)
		}
		c.encode(&b)
	}
	if b.Len() > maxEncoded {
		return "", fmt.Errorf("%w: %d bytes", ErrTooMany, b.Len())
	}
	return b.String(), nil
}

// isNew tells whether version 1 cannot hold the conflict.
func (c Conflict) isNew() bool {
	return c.BasePath != "" || len(c.Also) > 0 || len(c.Places) > 0 || c.Reason != "" || slices.Index(kinds, c.Kind) > slices.Index(kinds, NameClash)
}

func (c *Conflict) encode(b *strings.Builder) {
	fmt.Fprintf(b, "%s %s\n", c.Kind, strconv.Quote(c.Path))
	encodeSide(b, "\tbase", c.Base, c.BasePath)
	encodeSide(b, "\tours", c.Ours, c.OursPath)
	encodeSide(b, "\ttheirs", c.Theirs, c.TheirsPath)
	for _, m := range c.Also {
		fmt.Fprintf(b, "\talso %s\n", strconv.Quote(m.Path))
		encodeSide(b, "\t\tbase", m.Base, "")
		encodeSide(b, "\t\tours", m.Ours, "")
		encodeSide(b, "\t\ttheirs", m.Theirs, "")
	}
	for _, p := range c.Places {
		fmt.Fprintf(b, "\tplace %s %s %s %s %s\n", p.Take, strconv.Quote(p.Where), strconv.Quote(p.Base), strconv.Quote(p.Ours), strconv.Quote(p.Theirs))
	}
	if c.Reason != "" {
		fmt.Fprintf(b, "\treason %s\n", strconv.Quote(c.Reason))
	}
}

func encodeSide(b *strings.Builder, side string, e *objects.Entry, path string) {
	if e == nil {
		return
	}
	fmt.Fprintf(b, "%s %s %s %d %d", side, e.Mode, e.ID, e.Size, e.ModTime)
	if path != "" {
		b.WriteString(" " + strconv.Quote(path))
	}
	b.WriteByte('\n')
}

// sideOf is a side as it is checked: an entry, and its path.
type sideOf struct {
	e    *objects.Entry
	path string
}

func (c *Conflict) check() error {
	bad := func(what string) error { return fmt.Errorf("%w: %q has %s", ErrMalformed, c.Path, what) }
	sides := []sideOf{{c.Base, c.BasePath}, {c.Ours, c.OursPath}, {c.Theirs, c.TheirsPath}}
	none := true
	for i, s := range sides {
		if s.e == nil && s.path != "" || s.path == c.Path {
			return bad("a path of a side that it should not have")
		}
		if s.path == "" {
			sides[i].path = c.Path
		}
		none = none && s.e == nil
	}
	switch {
	case !slices.Contains(kinds, c.Kind):
		return bad("an unknown kind")
	case !validPath(c.Path):
		return bad("a path that no tree holds")
	case none:
		return bad("no side")
	case len(c.Also) > maxMembers, len(c.Places) > MaxPlaces:
		return bad("too much that goes with it")
	}
	for i, m := range c.Also {
		if m.Base == nil && m.Ours == nil && m.Theirs == nil || i > 0 && c.Also[i-1].Path >= m.Path {
			return bad("files with it that are not in order")
		}
		sides = append(sides, sideOf{m.Base, m.Path}, sideOf{m.Ours, m.Path}, sideOf{m.Theirs, m.Path})
	}
	for _, s := range sides {
		if s.e == nil {
			continue
		}
		switch {
		case s.e.Name != path.Base(s.path), !validPath(s.path):
			return bad("an entry of another name")
		case s.e.Mode < objects.ModeFile, s.e.Mode > objects.ModeFolder, s.e.Size < 0, s.e.Mode.IsFolder() && s.e.ModTime != 0:
			return bad("an entry that no tree holds")
		}
	}
	where := map[string]bool{}
	for _, p := range c.Places {
		if p.Where == "" || where[p.Where] || p.Take > Theirs {
			return bad("a place twice, or without a name")
		}
		where[p.Where] = true
	}
	return nil
}

// validPath tells whether a tree can hold the path, however long.
func validPath(path string) bool {
	depth := 0
	for name := range strings.SplitSeq(path, "/") {
		if depth++; depth > maxDepth || objects.CheckName(name) != nil {
			return false
		}
	}
	return true
}
