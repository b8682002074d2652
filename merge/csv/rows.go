package csv

import (
	"encoding/binary"

	"github.com/esync/esync/merge/align"
)

// rows tells which row is which.
type rows struct {
	ours, theirs sequence
	// key is the column, of the merge, by which rows are known, or nil.
	key *item
	// twins are the new rows of ours that theirs has as well.
	twins map[int]int
}

// pairing is the columns that two versions both have: what their rows are
// compared by.
type pairing struct {
	a, b       *table
	colA, colB []int
	whole      bool // the records have the same columns, and more when ragged
	left       int  // cells that may yet be looked at
}

// maxCells bounds the cells that are looked at to pair the rows of two
// versions. Rows that it leaves unpaired are deleted ones and new ones.
const maxCells = 300_000_000

// maxKeys is how many columns are tried as keys.
const maxKeys = 32

func (c *columns) pairing(v [3]*table, a, b int) pairing {
	p := pairing{a: v[a], b: v[b], whole: c.same, left: maxCells}
	for _, it := range append(append([]item{}, c.list...), c.lost...) {
		if x, y := it.in(a), it.in(b); x >= 0 && y >= 0 {
			p.colA, p.colB = append(p.colA, x), append(p.colB, y)
		}
	}
	return p
}

// in is the index in a version: 0 the base, 1 ours, 2 theirs.
func (it item) in(version int) int { return [3]int{it.base, it.ours, it.theirs}[version] }

// equal counts the cells that two rows have alike, and how many they have.
func (p *pairing) equal(a, b int) (same, of int) {
	p.left -= len(p.colA)
	for i := range p.colA {
		if string(p.a.value(a, p.colA[i])) == string(p.b.value(b, p.colB[i])) {
			same++
		}
	}
	return same, len(p.colA)
}

// alike tells whether two rows mean the same.
func (p *pairing) alike(a, b int) bool {
	if p.whole && p.a.recs[a].n != p.b.recs[b].n {
		return false
	}
	same, of := p.equal(a, b)
	if same < of {
		return false
	}
	if p.whole {
		for i := of; i < int(p.a.recs[a].n); i++ {
			if string(p.a.value(a, i)) != string(p.b.value(b, i)) {
				return false
			}
		}
	}
	return true
}

// numbers gives the rows lo to hi of a version as numbers, equal ones for rows
// that mean the same when column without is left out, or none when it is -1.
func (p *pairing) numbers(n *align.Numbers, t *table, cols []int, lo, hi, without int) []int32 {
	p.left -= (hi - lo) * len(cols)
	ids := make([]int32, hi-lo)
	var key []byte
	add := func(v []byte) {
		key = binary.AppendUvarint(key, uint64(len(v)))
		key = append(key, v...)
	}
	for row := lo; row < hi; row++ {
		key = key[:0]
		for i, c := range cols {
			if i != without {
				add(t.value(row, c))
			}
		}
		if p.whole {
			for i := len(cols); i < int(t.recs[row].n); i++ {
				add(t.value(row, i))
			}
		}
		ids[row-lo] = n.Of(key)
	}
	return ids
}

// byOrder finds the rows of b in a by the order they stand in: first those that
// are the same, then between them those that are the same but for one column,
// then those that are half the same. The rows before first are no rows.
func (p *pairing) byOrder(first int) sequence {
	s := make(sequence, len(p.b.recs))
	for i := range s {
		s[i] = -1
	}
	for i := range min(first, len(s)) {
		s[i] = i
	}
	p.refine(s, first, len(p.a.recs), first, len(p.b.recs), -1, 0)
	return s
}

const (
	// maxGrid bounds the comparing of every row with every other.
	maxGrid = 10_000
	// maxTries bounds how often a stretch of rows is looked at.
	maxTries = 3
)

// refine pairs the rows aLo to aHi of a with bLo to bHi of b, leaving a column
// out of the comparison.
func (p *pairing) refine(s sequence, aLo, aHi, bLo, bHi, without, tries int) {
	var n align.Numbers
	x, y := p.numbers(&n, p.a, p.colA, aLo, aHi, without), p.numbers(&n, p.b, p.colB, bLo, bHi, without)
	i, j := 0, 0
	for _, h := range append(align.Diff(x, y), align.Hunk{ALo: len(x), AHi: len(x), BLo: len(y), BHi: len(y)}) {
		for ; i < h.ALo; i, j = i+1, j+1 {
			s[bLo+j] = aLo + i
		}
		i, j = h.AHi, h.BHi
		if h.ALo < h.AHi && h.BLo < h.BHi {
			p.between(s, aLo+h.ALo, aLo+h.AHi, bLo+h.BLo, bLo+h.BHi, tries)
		}
	}
}

// between pairs rows of which none is the same as a whole.
func (p *pairing) between(s sequence, aLo, aHi, bLo, bHi, tries int) {
	switch {
	case p.left < 0, tries == maxTries:
		return
	case (aHi-aLo)*(bHi-bLo) <= maxGrid:
		p.grid(s, aLo, aHi, bLo, bHi)
		return
	}
	best, most := -1, 0
	for c := range p.colA {
		if p.left < 0 {
			break
		}
		var n align.Numbers
		x, y := p.numbers(&n, p.a, p.colA, aLo, aHi, c), p.numbers(&n, p.b, p.colB, bLo, bHi, c)
		common := len(x)
		for _, h := range align.Diff(x, y) {
			common -= h.AHi - h.ALo
		}
		if common > most {
			best, most = c, common
		}
	}
	if best >= 0 {
		p.refine(s, aLo, aHi, bLo, bHi, best, tries+1)
	}
}

// grid pairs rows in order so that as many cells as possible are the same; rows
// of a pair have at least half of their cells alike.
func (p *pairing) grid(s sequence, aLo, aHi, bLo, bHi int) {
	n, m := aHi-aLo, bHi-bLo
	score := make([]int32, (n+1)*(m+1))
	pair := make([]int32, n*m)
	for i := n - 1; i >= 0; i-- {
		for j := m - 1; j >= 0; j-- {
			best := max(score[(i+1)*(m+1)+j], score[i*(m+1)+j+1])
			same, of := p.equal(aLo+i, bLo+j)
			if same > 0 && 2*same >= of {
				pair[i*m+j] = int32(same)
				best = max(best, int32(same)+score[(i+1)*(m+1)+j+1])
			}
			score[i*(m+1)+j] = best
		}
	}
	for i, j := 0, 0; i < n && j < m; {
		here := score[i*(m+1)+j]
		switch same := pair[i*m+j]; {
		case same > 0 && here == same+score[(i+1)*(m+1)+j+1]:
			s[bLo+j] = aLo + i
			i, j = i+1, j+1
		case here == score[(i+1)*(m+1)+j]:
			i++
		default:
			j++
		}
	}
}

// byKey finds the rows of b in a by a column of each whose values are all
// different.
func byKey(a, b *table, colA, colB, first int) sequence {
	at := make(map[string]int, len(a.recs))
	for i := first; i < len(a.recs); i++ {
		at[string(a.value(i, colA))] = i
	}
	s := make(sequence, len(b.recs))
	for i := range s {
		s[i] = -1
		if i < first {
			s[i] = i
		} else if row, ok := at[string(b.value(i, colB))]; ok {
			s[i] = row
		}
	}
	return s
}

// unique tells whether a column is a key: no value is empty or occurs twice.
func unique(t *table, column, first int) bool {
	seen := make(map[string]struct{}, len(t.recs))
	for i := first; i < len(t.recs); i++ {
		v := t.value(i, column)
		if _, twice := seen[string(v)]; twice || len(v) == 0 {
			return false
		}
		seen[string(v)] = struct{}{}
	}
	return true
}

// cells counts the cells that a pairing of rows has alike.
func (p *pairing) cells(s sequence) int {
	n := 0
	for b, a := range s {
		if a >= 0 {
			same, _ := p.equal(a, b)
			n += same
		}
	}
	return n
}

// alignRows finds which row is which.
func (c *columns) alignRows(v [3]*table) rows {
	first := 0
	if c.named {
		first = 1
	}
	po, pt := c.pairing(v, 0, 1), c.pairing(v, 0, 2)
	r := rows{ours: po.byOrder(first), theirs: pt.byOrder(first)}
	best := po.cells(r.ours) + pt.cells(r.theirs)
	inOrder, keys := true, 0
	for i := range c.list {
		it := c.list[i]
		if keys == maxKeys {
			break
		}
		if it.base < 0 || !unique(v[0], it.base, first) || !unique(v[1], it.ours, first) || !unique(v[2], it.theirs, first) {
			continue
		}
		keys++
		ours, theirs := byKey(v[0], v[1], it.base, it.ours, first), byKey(v[0], v[2], it.base, it.theirs, first)
		if n := po.cells(ours) + pt.cells(theirs); n > best || n == best && inOrder {
			best, inOrder = n, false
			r.ours, r.theirs, r.key = ours, theirs, &it
		}
	}
	r.findTwins(c, v)
	return r
}

// findTwins pairs the rows that both sides added: those of one key, or those
// that are the same and stand behind the same row.
func (r *rows) findTwins(c *columns, v [3]*table) {
	r.twins = map[int]int{}
	if r.key != nil {
		at := map[string]int{}
		for i, b := range r.theirs {
			if b < 0 {
				at[string(v[2].value(i, r.key.theirs))] = i
			}
		}
		for i, b := range r.ours {
			if t, ok := at[string(v[1].value(i, r.key.ours))]; ok && b < 0 {
				r.twins[i] = t
			}
		}
		return
	}
	p := c.pairing(v, 1, 2)
	n := len(v[0].recs)
	ours, theirs := r.ours.newBehind(n), r.theirs.newBehind(n)
	for slot := range ours {
		if len(ours[slot]) == 0 || len(theirs[slot]) == 0 {
			continue
		}
		var numbers align.Numbers
		number := func(t *table, cols []int, list []int) []int32 {
			var ids []int32
			for _, row := range list {
				ids = append(ids, p.numbers(&numbers, t, cols, row, row+1, -1)...)
			}
			return ids
		}
		x, y := number(p.a, p.colA, ours[slot]), number(p.b, p.colB, theirs[slot])
		i, j := 0, 0
		for _, h := range append(align.Diff(x, y), align.Hunk{ALo: len(x), BLo: len(y)}) {
			for ; i < h.ALo; i, j = i+1, j+1 {
				r.twins[ours[slot][i]] = theirs[slot][j]
			}
			i, j = h.AHi, h.BHi
		}
	}
}
