package dbf

import (
	"bytes"

	"github.com/esync/esync/merge/ruling"
)

// Place is a field of a record, or a record, that the sides have apart. Where
// names it for people: "record 14 DEBIT", "record 14 deleted" for the mark of
// deletion, "record 14", "field ID". The texts are "" where a side has nothing.
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
	// Table is the merge; there is none while there are Conflicts. Memo is the
	// memo file that goes with it, if those of all versions were read.
	Table, Memo []byte
	// Conflicts are the places that both sides changed, apart from each other.
	Conflicts []Place
	// FromOurs and FromTheirs are the places that one side alone changed, at
	// most MaxPlaces of each.
	FromOurs, FromTheirs []Place
}

// Options of a merge.
type Options struct {
	// Memos are the memo files that go with the three versions, if all have one.
	// Memo fields are then merged by their texts.
	Memos [3][]byte
	// Memo is the side that changed the memo file of the table, if one did, where
	// Memos are not known or cannot be read: that file goes with the merge.
	Memo Side
	// Choose decides conflicts, by place.
	Choose map[string]Side
}

// Merge merges two tables that both come from base. The error is ErrUnmergeable
// when one of the three is no sound table, or when what the sides did cannot be
// put together, and ErrMemo when both changed a memo file that cannot be read.
func Merge(base, ours, theirs []byte, o Options) (Result, error) {
	m, header, err := align3([3][]byte{base, ours, theirs})
	if err != nil {
		return Result{}, err
	}
	if m.readMemos(o.Memos) {
		m.chooseMemo()
	} else if b, x, y := o.Memos[0], o.Memos[1], o.Memos[2]; !bytes.Equal(b, x) && !bytes.Equal(b, y) && !bytes.Equal(x, y) {
		return Result{}, ErrMemo
	}
	m.memo, m.Choose = o.Memo, o.Choose
	if m.merge(); m.failed != nil {
		return Result{}, m.failed
	}
	if len(m.Conflicts) > 0 {
		return Result{Conflicts: m.Conflicts}, nil
	}
	r := Result{FromOurs: m.FromOurs, FromTheirs: m.FromTheirs}
	switch {
	case m.texts != nil:
		r.Memo = m.texts.content
		r.Table, err = m.file(header)
	case bytes.Equal(base, ours):
		r.Table = theirs
	case bytes.Equal(base, theirs):
		r.Table = ours
	default:
		r.Table, err = m.file(header)
	}
	return r, err
}

// Diff lists what is other in a table than it was: Base of a Place is before,
// Ours after. Of more than MaxPlaces the first are listed.
func Diff(before, after []byte) ([]Place, error) {
	if bytes.Equal(before, after) {
		return nil, nil
	}
	m, _, err := align3([3][]byte{before, after, before})
	if err != nil {
		return nil, err
	}
	if m.merge(); m.failed != nil {
		return nil, m.failed
	}
	list := m.fieldChanges()
	for _, p := range m.FromOurs {
		if p.Theirs = ""; len(list) < MaxPlaces {
			list = append(list, p)
		}
	}
	return list, nil
}

// align3 takes three tables apart and finds the fields that belong together.
func align3(contents [3][]byte) (m *merger, header []byte, err error) {
	m = &merger{}
	for i, content := range contents {
		if m.v[i], err = parse(content); err != nil {
			return nil, nil, err
		}
	}
	if header, m.fields, err = mergeHeader(m.v); err != nil {
		return nil, nil, err
	}
	m.columns, err = alignFields(m.v, m.fields)
	return m, header, err
}
