package xlsx

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"

	"github.com/esync/esync/merge/ruling"
)

// Side is one of the two that a merge joins.
type Side = ruling.Side

// The sides, as the caller names them.
const (
	Ours   = ruling.Ours
	Theirs = ruling.Theirs
)

// Place is where a merge took something, or could not: "TB!C3", "TB row 14",
// "TB comments B2", "names: Total", "xl/vbaProject.bin".
type Place = ruling.Place

// Result is a merge.
type Result = ruling.Result

// MaxPlaces is the number of places that a Result lists at most.
const MaxPlaces = ruling.MaxPlaces

// Merge joins two workbooks that both come from base. It depends on the three
// alone; with the sides swapped the bytes are the same and the conflicts
// mirrored. The error is an ErrUnmergeable with the reason: then the caller
// keeps both sides as a conflict.
func Merge(base, ours, theirs []byte) (Result, error) { return MergeWith(base, ours, theirs, nil) }

// MergeWith is Merge with decisions: which side holds at a conflict's Where. A
// sheet, row or column that one side deleted and the other changed can only be
// let go in this way, by choosing who deleted it; and where rows were moved so
// that nothing tells which is which ("TB rows"), or the date system was
// changed, only one of the whole workbooks can be chosen.
func MergeWith(base, ours, theirs []byte, choose map[string]Side) (Result, error) {
	switch {
	case bytes.Equal(ours, theirs), bytes.Equal(base, theirs):
		return Result{Bytes: ours}, nil
	case bytes.Equal(base, ours):
		return Result{Bytes: theirs, Changes: changePlaces(base, theirs)}, nil
	}
	return ruling.InOrder(ours, theirs, choose, func(sides [2][]byte, choose map[string]Side) (Result, error) {
		out, err := join(base, sides, choose)
		return Result{Bytes: out.bytes, Conflicts: out.conflicts, Changes: out.from[1], Kept: out.from[0]}, err
	})
}

// changePlaces are the places of a plain comparison.
func changePlaces(base, theirs []byte) []Place {
	changes, err := Diff(base, theirs)
	if err != nil {
		return nil
	}
	var list []Place
	for _, c := range changes {
		if len(list) == MaxPlaces {
			break
		}
		list = append(list, Place{Where: c.Place(), Base: c.Before, Ours: c.Before, Theirs: c.After})
	}
	return list
}

// outcome is a merge of sides in the order of their content. In its places
// the first side is ours.
type outcome struct {
	bytes     []byte
	conflicts []Place
	from      [2][]Place
}

// join merges two sides that differ from the base and from each other.
func join(base []byte, sides [2][]byte, choose map[string]Side) (outcome, error) {
	b, err := verified(base, lenient)
	if err != nil {
		return outcome{}, fmt.Errorf("base: %w", err)
	}
	var books [2]*book
	for i, data := range sides {
		if books[i], err = verified(data, lenient); err != nil {
			return outcome{}, fmt.Errorf("one side: %w", err)
		}
	}
	p, err := newPlan(b, books, choose)
	if err != nil {
		return outcome{}, err
	}
	if len(p.conflicts) > 0 {
		sortPlaces(p.conflicts)
		return outcome{conflicts: p.conflicts}, nil
	}
	// The workbook that is written is one side's with the changes of the other.
	skeleton := p.skeleton()
	m := &merger{plan: p, b: b, s: books[skeleton], o: books[1-skeleton], second: skeleton == 1, doubted: map[string]bool{}, doubtedFormat: map[string]bool{}, settled: map[string]map[string]bool{}}
	m.kept, m.taken = p.moved[skeleton], p.moved[1-skeleton]
	// Results that it stores are those of its own rows and names of sheets.
	m.calc = len(p.steps[1+skeleton]) > 0 || len(p.renames[1+skeleton]) > 0
	if err := m.decide(); err != nil {
		return outcome{}, err
	}
	out := outcome{conflicts: m.conflicts}
	out.from[skeleton], out.from[1-skeleton] = m.kept, m.taken
	if len(out.conflicts) > 0 {
		sortPlaces(out.conflicts)
		return out, nil
	}
	out.bytes, err = m.write(sides[skeleton])
	return out, err
}

func sortPlaces(list []Place) {
	slices.SortStableFunc(list, func(a, b Place) int { return cmp.Compare(a.Where, b.Where) })
}
