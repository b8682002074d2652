package dbf

import "bytes"

// Place is a field of a record, or a record, that the sides have apart. Where
// names it for people: "record 14 DEBIT", "record 14 deleted" for the mark of
// deletion, "record 14", "field ID". The texts are "" where a side has nothing.
type Place struct {
	Where              string
	Base, Ours, Theirs string
}

// Side is one of the two that are merged.
type Side uint8

// The sides that a place can be decided for.
const (
	Ours   Side = 1
	Theirs Side = 2
)

// Result is a merge.
type Result struct {
	// Table is the merge; there is none while there are Conflicts.
	Table []byte
	// Conflicts are the places that both sides changed, apart from each other.
	Conflicts []Place
	// FromOurs and FromTheirs are the places that one side alone changed.
	FromOurs, FromTheirs []Place
}

// Options of a merge.
type Options struct {
	// Memo is the side that changed the memo file of the table, if one did.
	// When both did, the table cannot be merged.
	Memo Side
	// Choose decides conflicts, by place.
	Choose map[string]Side
}

// Merge merges two tables that both come from base. The error is ErrUnmergeable
// when one of the three is no sound table, or when what the sides did cannot be
// put together.
func Merge(base, ours, theirs []byte, o Options) (Result, error) {
	m := &merger{memo: o.Memo, choose: o.Choose, seen: map[string]bool{}}
	for i, content := range [3][]byte{base, ours, theirs} {
		var err error
		if m.v[i], err = parse(content); err != nil {
			return Result{}, err
		}
	}
	header, fields, err := mergeHeader(m.v)
	if err != nil {
		return Result{}, err
	}
	m.fields = fields
	if m.columns, err = alignFields(m.v, fields); err != nil {
		return Result{}, err
	}
	if m.merge(); m.failed != nil {
		return Result{}, m.failed
	}
	if len(m.result.Conflicts) > 0 {
		return Result{Conflicts: m.result.Conflicts}, nil
	}
	switch {
	case bytes.Equal(base, ours):
		m.result.Table = theirs
	case bytes.Equal(base, theirs):
		m.result.Table = ours
	default:
		m.result.Table, err = m.file(header)
	}
	return m.result, err
}

// HasIndex tells whether a table says that its program keeps an index beside it
// up to date.
func HasIndex(content []byte) bool { return len(content) > 28 && content[28]&1 != 0 }
