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
	// maxEncoded bounds what a reader takes up.
	maxEncoded = 60 << 20
)

const conflictsHeader = "esync conflicts 1\n"

var (
	// ErrMalformed: a text is not what EncodeConflicts makes of any list.
	ErrMalformed = errors.New("malformed list of conflicts")
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
	sortConflicts(list)
	var b strings.Builder
	b.WriteString(conflictsHeader)
	for i, c := range list {
		if err := c.check(); err != nil {
			return "", err
		}
		if i > 0 && list[i-1].Path == c.Path && list[i-1].Kind == c.Kind {
			return "", fmt.Errorf("%w: %q is listed twice", ErrMalformed, c.Path)
		}
		fmt.Fprintf(&b, "%s %s\n", c.Kind, strconv.Quote(c.Path))
		encodeSide(&b, "base", c.Base, "")
		encodeSide(&b, "ours", c.Ours, c.OursPath)
		encodeSide(&b, "theirs", c.Theirs, c.TheirsPath)
	}
	if b.Len() > maxEncoded {
		return "", fmt.Errorf("%w: %d bytes", ErrTooMany, b.Len())
	}
	return b.String(), nil
}

func encodeSide(b *strings.Builder, side string, e *objects.Entry, path string) {
	if e == nil {
		return
	}
	fmt.Fprintf(b, "\t%s %s %s %d %d", side, e.Mode, e.ID, e.Size, e.ModTime)
	if path != "" {
		b.WriteString(" " + strconv.Quote(path))
	}
	b.WriteByte('\n')
}

func (c Conflict) check() error {
	bad := func(what string) error { return fmt.Errorf("%w: %q has %s", ErrMalformed, c.Path, what) }
	switch {
	case !slices.Contains(kinds, c.Kind):
		return bad("an unknown kind")
	case !validPath(c.Path):
		return bad("a path that no tree holds")
	case c.Ours == nil && c.OursPath != "", c.Theirs == nil && c.TheirsPath != "", c.OursPath == c.Path, c.TheirsPath == c.Path:
		return bad("a path of a side that it should not have")
	case c.Base == nil && c.Ours == nil && c.Theirs == nil:
		return bad("no side")
	}
	for _, side := range []struct {
		e    *objects.Entry
		path string
	}{{c.Base, c.Path}, {c.Ours, c.OursPath}, {c.Theirs, c.TheirsPath}} {
		if side.e == nil {
			continue
		}
		if side.path == "" {
			side.path = c.Path
		}
		switch {
		case side.e.Name != path.Base(side.path), !validPath(side.path):
			return bad("an entry of another name")
		case side.e.Mode < objects.ModeFile, side.e.Mode > objects.ModeFolder, side.e.Size < 0, side.e.Mode.IsFolder() && side.e.ModTime != 0:
			return bad("an entry that no tree holds")
		}
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

// DecodeConflicts reads what EncodeConflicts made, and nothing else.
func DecodeConflicts(text string) ([]Conflict, error) {
	if text == "" {
		return nil, nil
	}
	rest, ok := strings.CutPrefix(text, conflictsHeader)
	if !ok || len(text) > maxEncoded {
		return nil, fmt.Errorf("%w: unknown version or too long", ErrMalformed)
	}
	var list []Conflict
	for rest != "" {
		var line string
		if line, rest, ok = strings.Cut(rest, "\n"); !ok || len(list) > MaxConflicts {
			return nil, fmt.Errorf("%w: cut short or too long", ErrMalformed)
		}
		if side, ok := strings.CutPrefix(line, "\t"); ok && len(list) > 0 {
			ok = list[len(list)-1].decodeSide(side)
			if !ok {
				return nil, fmt.Errorf("%w: line %.100q", ErrMalformed, line)
			}
			continue
		}
		kind, quoted, _ := strings.Cut(line, " ")
		path, err := strconv.Unquote(quoted)
		if err != nil {
			return nil, fmt.Errorf("%w: line %.100q", ErrMalformed, line)
		}
		list = append(list, Conflict{Kind: ConflictKind(kind), Path: path})
	}
	// One text per list: whatever differs from what would be written is wrong.
	again, err := EncodeConflicts(list)
	if err == nil && again != text {
		err = fmt.Errorf("%w: not in its one form", ErrMalformed)
	}
	if err != nil {
		return nil, err
	}
	return list, nil
}

// decodeSide reads the line of one side, in whatever form; the form is checked
// by encoding it again.
func (c *Conflict) decodeSide(line string) bool {
	fields := strings.SplitN(line, " ", 6)
	if len(fields) < 5 {
		return false
	}
	var e objects.Entry
	for m := objects.ModeFile; m <= objects.ModeFolder; m++ {
		if m.String() == fields[1] {
			e.Mode = m
		}
	}
	var errs [4]error
	e.ID, errs[0] = objects.ParseID(fields[2])
	e.Size, errs[1] = strconv.ParseInt(fields[3], 10, 64)
	e.ModTime, errs[2] = strconv.ParseInt(fields[4], 10, 64)
	other := ""
	if len(fields) == 6 {
		other, errs[3] = strconv.Unquote(fields[5])
	}
	if errors.Join(errs[:]...) != nil {
		return false
	}
	e.Name = path.Base(c.Path)
	if other != "" {
		e.Name = path.Base(other)
	}
	switch fields[0] {
	case "base":
		c.Base = &e
		return other == ""
	case "ours":
		c.Ours, c.OursPath = &e, other
	case "theirs":
		c.Theirs, c.TheirsPath = &e, other
	default:
		return false
	}
	return true
}
