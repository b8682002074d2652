package csv

import (
	"bytes"
	"fmt"

	"github.com/esync/esync/merge/ruling"
)

// Place is a cell, row or column that the sides have apart. Where names it for
// people: "1042!Amount" by the key of its row, "row 7!Amount" without one,
// "1042" or "row 7" for the row, "column Amount". The texts are "" where a side
// has nothing.
type Place = ruling.Place

// Side is one of the two that are merged.
type Side = ruling.Side

// The sides that a place can be decided for.
const (
	Ours   = ruling.Ours
	Theirs = ruling.Theirs
)

// MaxPlaces is how many places that one side changed are listed.
const MaxPlaces = ruling.MaxPlaces

// Result is a merge.
type Result struct {
	// Text is the merge; there is none while there are Conflicts.
	Text []byte
	// Conflicts are the places that both sides changed, apart from each other.
	Conflicts []Place
	// FromOurs and FromTheirs are the places that one side alone changed, at
	// most MaxPlaces of each.
	FromOurs, FromTheirs []Place
}

// Merge merges two tables that both come from base. choose decides conflicts, by
// place; it may be nil. The error is ErrUnmergeable when one of the three is no
// table, or what was done to the columns cannot be put together. The result has
// the bytes of the three texts, which it may share.
func Merge(base, ours, theirs []byte, choose map[string]Side) (Result, error) {
	switch {
	case bytes.Equal(ours, theirs), bytes.Equal(base, theirs):
		return Result{Text: ours}, nil
	case bytes.Equal(base, ours):
		return Result{Text: theirs}, nil
	}
	m, err := align3([3][]byte{base, ours, theirs})
	if err != nil {
		return Result{}, err
	}
	m.Choose = choose
	return m.merge(), nil
}

// Diff lists what is other in a table than it was: Base of a Place is before,
// Ours after. Of more than MaxPlaces the first are listed.
func Diff(before, after []byte) ([]Place, error) {
	if bytes.Equal(before, after) {
		return nil, nil
	}
	m, err := align3([3][]byte{before, after, before})
	if err != nil {
		return nil, err
	}
	list := m.merge().FromOurs
	for i := range list {
		list[i].Theirs = ""
	}
	return list, nil
}

// align3 finds what belongs together in three tables.
func align3(texts [3][]byte) (*merger, error) {
	sep, ok := separator(texts[0])
	if !ok {
		return nil, fmt.Errorf("%w: nothing separates the fields", ErrUnmergeable)
	}
	m := &merger{}
	for i, text := range texts {
		if other, ok := separator(text); !ok || other != sep {
			return nil, fmt.Errorf("%w: the fields are separated in another way", ErrUnmergeable)
		}
		if m.v[i], ok = parse(text, sep); !ok {
			return nil, fmt.Errorf("%w: a quote is not closed", ErrUnmergeable)
		}
	}
	if m.columns, ok = alignColumns(m.v); !ok {
		return nil, fmt.Errorf("%w: both sides changed the columns", ErrUnmergeable)
	}
	if !m.same && m.ragged {
		return nil, fmt.Errorf("%w: columns were changed, and some rows have more or fewer", ErrUnmergeable)
	}
	m.rows = m.alignRows(m.v)
	m.ends = m.mergeEnds()
	return m, nil
}

// mergeEnds gives the line end of all records where each version has one kind,
// and not both sides another.
func (m *merger) mergeEnds() string {
	var ends [3]string
	for i, t := range m.v {
		for row := range t.recs {
			switch end := string(t.eol(row)); {
			case end == "" || end == ends[i]:
			case ends[i] == "":
				ends[i] = end
			default:
				return ""
			}
		}
		if ends[i] == "" {
			return ""
		}
	}
	if ends[0] == ends[1] {
		return ends[2]
	}
	return ends[1]
}

// IsTable tells whether a text has fields that something separates.
func IsTable(text []byte) bool {
	sep, ok := separator(text)
	if !ok {
		return false
	}
	_, ok = parse(text, sep)
	return ok
}
