package docx

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/esync/esync/merge/ruling"
)

// Errors of this package.
var (
	// ErrUnmergeable: the documents cannot be merged by their parts, or the
	// result could not be proven right. The text says why.
	ErrUnmergeable = errors.New("cannot be merged by paragraph")
)

func unmergeable(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrUnmergeable, fmt.Sprintf(format, args...))
}

// Side is one of the two that a merge joins.
type Side = ruling.Side

// The sides, as the caller names them.
const (
	Ours   = ruling.Ours
	Theirs = ruling.Theirs
)

// Place is where a merge took something, or could not: "paragraph 12",
// "table 2 B3", "after paragraph 4", "header 1 paragraph 1", "style Heading 1".
// Paragraphs, tables and rows are counted as the base has them.
type Place = ruling.Place

// Result is a merge.
type Result = ruling.Result

// MaxPlaces is the number of places that a Result lists at most.
const MaxPlaces = ruling.MaxPlaces

// Merge joins two documents that both come from base. It depends on the three
// alone; with the sides swapped the bytes are the same and the conflicts
// mirrored. The error is an ErrUnmergeable with the reason: then the caller
// keeps both sides as a conflict.
func Merge(base, ours, theirs []byte) (Result, error) { return MergeWith(base, ours, theirs, nil) }

// MergeWith is Merge with decisions: which side holds at a conflict's Where.
func MergeWith(base, ours, theirs []byte, choose map[string]Side) (Result, error) {
	switch {
	case bytes.Equal(ours, theirs), bytes.Equal(base, theirs):
		return Result{Bytes: ours}, nil
	case bytes.Equal(base, ours):
		return Result{Bytes: theirs, Changes: changePlaces(base, theirs)}, nil
	}
	return ruling.InOrder(ours, theirs, choose, func(sides [2][]byte, choose map[string]Side) (Result, error) {
		return join(base, sides, choose)
	})
}

// changePlaces are the places of a plain comparison.
func changePlaces(base, theirs []byte) []Place {
	list, err := Diff(base, theirs)
	if err != nil {
		return nil
	}
	for i := range list {
		list[i].Ours, list[i].Theirs = list[i].Base, list[i].Ours
	}
	return list[:min(len(list), MaxPlaces)]
}

// Diff lists what a document has otherwise than an earlier version: Base of a
// Place is the earlier and Ours the later. How runs are cut, revision numbers,
// marks of the spelling checker, and what programs compute are no differences.
func Diff(before, after []byte) ([]Place, error) {
	v, err := openAll(before, after, before)
	if err != nil {
		return nil, err
	}
	m := &merger{b: v[0], s: v[1], o: v[2]}
	if err := m.decide(); err != nil {
		return nil, err
	}
	for i := range m.kept {
		m.kept[i].Theirs = ""
	}
	return m.kept, nil
}

// join merges two sides that differ from the base and from each other, and
// stand in the order of their content.
func join(base []byte, sides [2][]byte, choose map[string]Side) (Result, error) {
	v, err := openAll(base, sides[0], sides[1])
	if err != nil {
		return Result{}, err
	}
	for i, d := range v {
		if err := d.verify(lenient); err != nil {
			return Result{}, fmt.Errorf("%s: %w", [...]string{"base", "one side", "one side"}[i], err)
		}
	}
	// The document that is written is one side's with the changes of the other,
	// the one in which more was changed.
	second := v[2].distance(v[0]) > v[1].distance(v[0])
	m := &merger{b: v[0], s: v[1], o: v[2], second: second, choose: choose}
	if second {
		m.s, m.o = m.o, m.s
	}
	if err := m.decide(); err != nil {
		return Result{}, err
	}
	r := Result{Conflicts: m.conflicts, Kept: m.kept, Changes: m.taken}
	if second {
		r.Kept, r.Changes = r.Changes, r.Kept
	}
	for _, list := range [][]Place{r.Conflicts, r.Kept, r.Changes} {
		slices.SortStableFunc(list, func(a, b Place) int { return cmp.Compare(m.order[a.Where], m.order[b.Where]) })
	}
	r.Kept, r.Changes = r.Kept[:min(len(r.Kept), MaxPlaces)], r.Changes[:min(len(r.Changes), MaxPlaces)]
	if len(r.Conflicts) > 0 {
		return r, nil
	}
	if r.Bytes, err = m.write(); err != nil {
		return Result{}, err
	}
	return r, nil
}
