package merge

import (
	"errors"
	"fmt"
	"path"
	"strconv"
	"strings"

	"github.com/esync/esync/objects"
)

// DecodeConflicts reads what EncodeConflicts made, and nothing else.
func DecodeConflicts(text string) ([]Conflict, error) {
	if text == "" {
		return nil, nil
	}
	rest, ok := strings.CutPrefix(text, conflictsHeader1)
	if !ok {
		rest, ok = strings.CutPrefix(text, conflictsHeader2)
	}
	if !ok || len(text) > maxEncoded {
		return nil, fmt.Errorf("%w: unknown version or too long", ErrMalformed)
	}
	var list []Conflict
	for rest != "" {
		var line string
		if line, rest, ok = strings.Cut(rest, "\n"); !ok || len(list) > MaxConflicts {
			return nil, fmt.Errorf("%w: cut short or too long", ErrMalformed)
		}
		if part, inside := strings.CutPrefix(line, "\t"); !inside {
			var c Conflict
			if ok = c.decodeFirst(line); ok {
				list = append(list, c)
			}
		} else if ok = len(list) > 0; ok {
			ok = list[len(list)-1].decodeLine(part)
		}
		if !ok {
			return nil, fmt.Errorf("%w: line %.100q", ErrMalformed, line)
		}
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

func (c *Conflict) decodeFirst(line string) bool {
	kind, quoted, _ := strings.Cut(line, " ")
	p, err := strconv.Unquote(quoted)
	c.Kind, c.Path = ConflictKind(kind), p
	return err == nil
}

// decodeLine reads a line of a conflict in whatever form; the form is checked
// by encoding it again.
func (c *Conflict) decodeLine(line string) bool {
	if inside, ok := strings.CutPrefix(line, "\t"); ok {
		if len(c.Also) == 0 {
			return false
		}
		m := &c.Also[len(c.Also)-1]
		var other string
		return decodeSide(inside, m.Path, &m.Base, &other, &m.Ours, &other, &m.Theirs, &other) && other == ""
	}
	word, rest, _ := strings.Cut(line, " ")
	switch word {
	case "also":
		p, ok := unquoteAll(rest, 1)
		if !ok || len(c.Also) == maxMembers {
			return false
		}
		c.Also = append(c.Also, Member{Path: p[0]})
		return true
	case "place":
		take, quoted, _ := strings.Cut(rest, " ")
		p, ok := unquoteAll(quoted, 4)
		if !ok || len(c.Places) == MaxPlaces {
			return false
		}
		place := Place{Where: p[0], Base: p[1], Ours: p[2], Theirs: p[3]}
		for place.Take.String() != take {
			if place.Take++; place.Take > Theirs {
				return false
			}
		}
		c.Places = append(c.Places, place)
		return true
	case "reason":
		p, ok := unquoteAll(rest, 1)
		if ok {
			c.Reason = p[0]
		}
		return ok
	}
	return decodeSide(line, c.Path, &c.Base, &c.BasePath, &c.Ours, &c.OursPath, &c.Theirs, &c.TheirsPath)
}

// unquoteAll reads n quoted texts with a blank between them.
func unquoteAll(text string, n int) ([]string, bool) {
	var list []string
	for range n {
		quoted, err := strconv.QuotedPrefix(text)
		if err != nil {
			return nil, false
		}
		s, err := strconv.Unquote(quoted)
		if err != nil {
			return nil, false
		}
		list = append(list, s)
		text = strings.TrimPrefix(text[len(quoted):], " ")
	}
	return list, text == ""
}

// decodeSide reads the line of one side.
func decodeSide(line, at string, base **objects.Entry, basePath *string, ours **objects.Entry, oursPath *string, theirs **objects.Entry, theirsPath *string) bool {
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
	e.Name = path.Base(at)
	if other != "" {
		e.Name = path.Base(other)
	}
	switch fields[0] {
	case "base":
		*base, *basePath = &e, other
	case "ours":
		*ours, *oursPath = &e, other
	case "theirs":
		*theirs, *theirsPath = &e, other
	default:
		return false
	}
	return true
}
