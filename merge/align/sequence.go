package align

import (
	"bytes"
	"slices"
)

// Item is an element of a merge of three sequences: the index that it has in
// each, or -1.
type Item struct{ Base, Ours, Theirs int }

// In is the index in a version: 0 is the base, 1 ours, 2 theirs.
func (it Item) In(version int) int { return [3]int{it.Base, it.Ours, it.Theirs}[version] }

// Agreed is what a merge has of an item without asking anybody, of what the
// three versions have of it: nil where the sides disagree, or one let it go.
func (it Item) Agreed(base, ours, theirs []byte) []byte {
	switch {
	case it.Base < 0 && it.Ours < 0:
		return theirs
	case it.Base < 0 && it.Theirs < 0:
		return ours
	case it.Ours < 0 || it.Theirs < 0:
		return nil
	case bytes.Equal(ours, theirs), it.Base >= 0 && bytes.Equal(base, theirs):
		return ours
	case it.Base >= 0 && bytes.Equal(base, ours):
		return theirs
	}
	return nil
}

// Sequence tells what the elements of one side are: for each its index in the
// base, or -1 for a new one.
type Sequence []int

// InOrder tells whether what is left of the base stands as it did.
func (s Sequence) InOrder() bool {
	last := -1
	for _, b := range s {
		if b >= 0 && b < last {
			return false
		}
		last = max(last, b)
	}
	return true
}

// Back gives, for each of n in the base, the index in the side, or -1.
func (s Sequence) Back(n int) []int {
	back := make([]int, n)
	for i := range back {
		back[i] = -1
	}
	for i, b := range s {
		if b >= 0 {
			back[b] = i
		}
	}
	return back
}

// sameOrder tells whether two sides have what is left of the base on both in
// one order.
func sameOrder(a, b Sequence, n int) bool {
	at, last := b.Back(n), -1
	for _, base := range a {
		if base >= 0 && at[base] >= 0 {
			if at[base] < last {
				return false
			}
			last = at[base]
		}
	}
	return true
}

// Lead gives the side in whose order a merge stands: the one that changed it.
// It fails where both did, in two ways.
func Lead(n int, ours, theirs Sequence) (s Sequence, ok bool) {
	switch {
	case theirs.InOrder():
		return ours, true
	case ours.InOrder():
		return theirs, true
	}
	return ours, sameOrder(ours, theirs, n)
}

// Weave gives all of the base and what is new on either side, in the order of
// the leading side. What is new stands behind what it stands behind on its own
// side, ours before theirs but in the order of what both have, and what the leading side deleted behind what it
// stood behind in the base. twins has, by the index of a new one of ours, the
// same one of theirs.
func Weave(n int, lead, ours, theirs Sequence, twins map[int]int) []Item {
	var list []Item
	backOurs, backTheirs := ours.Back(n), theirs.Back(n)
	newOurs, newTheirs := ours.NewBehind(n), theirs.NewBehind(n)
	twin := make(map[int]bool, len(twins))
	for _, t := range twins {
		twin[t] = true
	}
	add := func(slot int) {
		rest := newTheirs[slot]
		before := func(end int) {
			for ; len(rest) > 0 && rest[0] < end; rest = rest[1:] {
				if !twin[rest[0]] {
					list = append(list, Item{-1, -1, rest[0]})
				}
			}
		}
		for _, o := range newOurs[slot] {
			t, ok := twins[o]
			if !ok {
				t = -1
			}
			if _, here := slices.BinarySearch(rest, t); here {
				before(t)
			}
			list = append(list, Item{-1, o, t})
		}
		before(len(theirs))
	}
	add(0)
	for _, b := range skeleton(n, lead) {
		list = append(list, Item{b, backOurs[b], backTheirs[b]})
		add(b + 1)
	}
	return list
}

// NewBehind lists what is new behind each of the base; the first list is what
// stands in front of all.
func (s Sequence) NewBehind(n int) [][]int {
	list, slot := make([][]int, n+1), 0
	for i, b := range s {
		if b >= 0 {
			slot = b + 1
		} else {
			list[slot] = append(list[slot], i)
		}
	}
	return list
}

// skeleton is the base in the order of a side.
func skeleton(n int, s Sequence) []int {
	there := s.Back(n)
	gone := make([][]int, n+1) // behind each that is there
	slot := 0
	for b, at := range there {
		if at >= 0 {
			slot = b + 1
		} else {
			gone[slot] = append(gone[slot], b)
		}
	}
	order := append(make([]int, 0, n), gone[0]...)
	for _, b := range s {
		if b >= 0 {
			order = append(append(order, b), gone[b+1]...)
		}
	}
	return order
}
