package align

import "encoding/binary"

// Grid is a table whose rows are to be found in another one. Cells are compared
// by their bytes, which the Grid owns.
type Grid interface {
	Rows() int
	Cell(row, column int) []byte
}

// Pairing compares two tables by the columns that they have in common: ColA of
// A are ColB of B. The first Fixed rows of the two belong together whatever they
// hold.
type Pairing struct {
	A, B       Grid
	ColA, ColB []int
	Fixed      int

	unsure []bool // by row of A; see Unsure
	looked int    // at how many cells
}

const (
	// maxCells bounds the cells that are looked at to pair rows by order. Rows
	// that it leaves unpaired are deleted ones and new ones.
	maxCells = 300_000_000
	// maxGrid bounds the comparing of every row with every other.
	maxGrid = 50_000
	// margin is how many rows beside others that changed may belong to them, though
	// they are the same in both tables, when others are the same as well; and near
	// is how many may when they are the only ones.
	margin = 16
	near   = 3
	// maxTries bounds how often a stretch of rows is looked at.
	maxTries = 3
)

// Equal counts the cells that two rows have alike.
func (p *Pairing) Equal(a, b int) int {
	same := 0
	for i := range p.ColA {
		if string(p.A.Cell(a, p.ColA[i])) == string(p.B.Cell(b, p.ColB[i])) {
			same++
		}
	}
	return same
}

// Alike tells whether two rows hold the same.
func (p *Pairing) Alike(a, b int) bool { return p.Equal(a, b) == len(p.ColA) }

// Cells counts the cells that two tables have alike when their rows are paired
// so.
func (p *Pairing) Cells(s Sequence) int {
	n := 0
	for b, a := range s {
		if a >= 0 {
			n += p.Equal(a, b)
		}
	}
	return n
}

// ByNumber pairs the rows of one number, but for those of which less than half is
// the same.
func (p *Pairing) ByNumber() Sequence {
	s := make(Sequence, p.B.Rows())
	for i := range s {
		if s[i] = i; i >= p.A.Rows() || 2*p.Equal(i, i) < len(p.ColA) {
			s[i] = -1
		}
	}
	return s
}

// ByKey pairs the rows that have the same in a column of A and one of B, each of
// which is a key; and those that have nothing there by the order they stand in.
func (p *Pairing) ByKey(colA, colB int) Sequence {
	at := make(map[string]int, p.A.Rows())
	var blankA, blankB []int
	for i := p.Fixed; i < p.A.Rows(); i++ {
		if v := p.A.Cell(i, colA); len(v) > 0 {
			at[string(v)] = i
		} else {
			blankA = append(blankA, i)
		}
	}
	s := p.fixed()
	for i := p.Fixed; i < len(s); i++ {
		v := p.B.Cell(i, colB)
		if row, ok := at[string(v)]; ok {
			s[i] = row
		} else if len(v) == 0 {
			blankB = append(blankB, i)
		}
	}
	p.unsure = nil
	if len(blankA)*len(blankB) <= maxGrid {
		p.grid(s, blankA, blankB)
	}
	return s
}

// fixed pairs the fixed rows alone.
func (p *Pairing) fixed() Sequence {
	s := make(Sequence, p.B.Rows())
	for i := range s {
		if s[i] = -1; i < p.Fixed && i < p.A.Rows() {
			s[i] = i
		}
	}
	return s
}

// IsKey tells whether a column tells rows apart: from a row on, no cell has what
// another has, and at most one or a quarter are empty, as in the rows of totals.
func IsKey(g Grid, column, from int) bool {
	seen := make(map[string]struct{}, g.Rows())
	empty := 0
	for i := from; i < g.Rows(); i++ {
		v := g.Cell(i, column)
		if len(v) == 0 {
			empty++
			continue
		}
		if _, twice := seen[string(v)]; twice {
			return false
		}
		seen[string(v)] = struct{}{}
	}
	return empty <= max(1, (g.Rows()-from)/4)
}

// ByOrder pairs rows by the order that they stand in: first those that are the
// same, then, beside what is left over, those that have most cells alike, then
// those that are the same but for one column.
func (p *Pairing) ByOrder() Sequence {
	s := p.fixed()
	p.looked, p.unsure = 0, nil
	p.refine(s, span(p.Fixed, p.A.Rows()), span(p.Fixed, p.B.Rows()), -1, 0)
	p.doubtMoved(s)
	return s
}

// doubtMoved notes rows as Unsure that are paired with others though what they
// hold stands elsewhere, where no row like them was: they may have been moved.
func (p *Pairing) doubtMoved(s Sequence) {
	var other []int // rows of A whose pairs are not the same
	elsewhere := map[string]bool{}
	for b, a := range s {
		switch {
		case a < 0:
		case a < p.Fixed || p.Alike(a, b):
			continue
		default:
			other = append(other, a)
		}
		elsewhere[string(p.KeyB(b))] = true
	}
	for _, a := range other {
		if elsewhere[string(p.KeyA(a))] {
			p.note(a)
		}
	}
}

// span is the numbers from lo on, without hi.
func span(lo, hi int) Span { return Span{min(lo, hi), hi} }

// refine pairs the rows a of A with b of B, leaving a column out of the
// comparison.
func (p *Pairing) refine(s Sequence, a, b Span, without, tries int) {
	x, y := p.numbers(a, b, without)
	hunks := Diff(x, y)
	for _, w := range windows(x, y, hunks) {
		for i, j := w.before.ALo, w.before.BLo; i < w.before.AHi; i, j = i+1, j+1 {
			s[b.Lo+j] = a.Lo + i
		}
		p.between(s, a.Lo, b.Lo, w, tries)
	}
}

// between pairs the rows of a window, of which those that changed may be any;
// aLo and bLo are where it counts from.
func (p *Pairing) between(s Sequence, aLo, bLo int, w window, tries int) {
	if p.looked > maxCells {
		return
	}
	if (w.AHi-w.ALo)*(w.BHi-w.BLo) <= maxGrid {
		p.grid(s, list(aLo+w.ALo, aLo+w.AHi), list(bLo+w.BLo, bLo+w.BHi))
		return
	}
	i, j := w.ALo, w.BLo
	for _, h := range w.hunks {
		for ; i < h.ALo; i, j = i+1, j+1 {
			s[bLo+j] = aLo + i
		}
		i, j = h.AHi, h.BHi
		switch a, b := (Span{aLo + h.ALo, aLo + h.AHi}), (Span{bLo + h.BLo, bLo + h.BHi}); {
		case a.Len()*b.Len() <= maxGrid:
			p.grid(s, list(a.Lo, a.Hi), list(b.Lo, b.Hi))
		case tries < maxTries:
			if without := p.mostAlike(a, b); without >= 0 {
				p.refine(s, a, b, without, tries+1)
			}
		}
	}
	for ; i < w.AHi; i, j = i+1, j+1 {
		s[bLo+j] = aLo + i
	}
}

// list is the numbers from lo on, without hi.
func list(lo, hi int) []int {
	l := make([]int, hi-lo)
	for i := range l {
		l[i] = lo + i
	}
	return l
}

// mostAlike gives a column without which most rows are the same, or -1; the first
// without which nine in ten are.
func (p *Pairing) mostAlike(a, b Span) int {
	best, most := -1, 0
	for c := range p.ColA {
		if p.looked > maxCells {
			break
		}
		x, y := p.numbers(a, b, c)
		common := len(x)
		for _, h := range Diff(x, y) {
			common -= h.AHi - h.ALo
		}
		if common > most {
			best, most = c, common
		}
		if 10*most >= 9*min(len(x), len(y)) {
			break
		}
	}
	return best
}

// numbers gives rows of both tables as numbers, equal ones for rows that are the
// same when a column is left out, or none when it is -1.
func (p *Pairing) numbers(a, b Span, without int) (x, y []int32) {
	var n Numbers
	var key []byte
	all := func(g Grid, columns []int, rows Span) []int32 {
		p.looked += rows.Len() * len(columns)
		ids := make([]int32, rows.Len())
		for i := range ids {
			key = appendKey(key[:0], g, columns, rows.Lo+i, without)
			ids[i] = n.Of(key)
		}
		return ids
	}
	return all(p.A, p.ColA, a), all(p.B, p.ColB, b)
}

// appendKey appends what a row holds, leaving a column out, as one text.
func appendKey(key []byte, g Grid, columns []int, row, without int) []byte {
	for i, c := range columns {
		if i != without {
			v := g.Cell(row, c)
			key = append(binary.AppendUvarint(key, uint64(len(v))), v...)
		}
	}
	return key
}

// KeyA is what a row of A holds, as one text: rows of A and B that hold the same
// have the same.
func (p *Pairing) KeyA(row int) []byte { return appendKey(nil, p.A, p.ColA, row, -1) }

// KeyB is what a row of B holds; see KeyA.
func (p *Pairing) KeyB(row int) []byte { return appendKey(nil, p.B, p.ColB, row, -1) }

// Twins finds rows that both sides added behind the same row of the base, and
// that are the same: by the index in A, which is ours, that in B, theirs. n is
// how many rows the base has.
func (p *Pairing) Twins(n int, ours, theirs Sequence) map[int]int {
	twins := map[int]int{}
	newOurs, newTheirs := ours.NewBehind(n), theirs.NewBehind(n)
	for slot, a := range newOurs {
		b := newTheirs[slot]
		if len(a) == 0 || len(b) == 0 {
			continue
		}
		var x, y []int32
		var numbers Numbers
		for _, side := range []struct {
			g       Grid
			columns []int
			rows    []int
			ids     *[]int32
		}{{p.A, p.ColA, a, &x}, {p.B, p.ColB, b, &y}} {
			for _, row := range side.rows {
				*side.ids = append(*side.ids, numbers.Of(appendKey(nil, side.g, side.columns, row, -1)))
			}
		}
		i, j := 0, 0
		for _, h := range append(Diff(x, y), Hunk{ALo: len(x)}) {
			for ; i < h.ALo; i, j = i+1, j+1 {
				twins[a[i]] = b[j]
			}
			i, j = h.AHi, h.BHi
		}
	}
	return twins
}
