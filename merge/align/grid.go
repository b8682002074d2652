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
	looked     int // at how many cells
}

const (
	// maxCells bounds the cells that are looked at to pair rows by order. Rows
	// that it leaves unpaired are deleted ones and new ones.
	maxCells = 300_000_000
	// maxGrid bounds the comparing of every row with every other.
	maxGrid = 10_000
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

// ByNumber pairs the rows of one number.
func (p *Pairing) ByNumber() Sequence {
	s := make(Sequence, p.B.Rows())
	for i := range s {
		if s[i] = i; i >= p.A.Rows() {
			s[i] = -1
		}
	}
	return s
}

// ByKey pairs the rows that have the same in a column of A and one of B, in
// each of which no two rows have the same.
func (p *Pairing) ByKey(colA, colB int) Sequence {
	at := make(map[string]int, p.A.Rows())
	for i := p.Fixed; i < p.A.Rows(); i++ {
		at[string(p.A.Cell(i, colA))] = i
	}
	s := p.fixed()
	for i := p.Fixed; i < len(s); i++ {
		if row, ok := at[string(p.B.Cell(i, colB))]; ok {
			s[i] = row
		}
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

// IsKey tells whether a column tells rows apart: from a row on, no cell is empty
// or has what another has.
func IsKey(g Grid, column, from int) bool {
	seen := make(map[string]struct{}, g.Rows())
	for i := from; i < g.Rows(); i++ {
		v := g.Cell(i, column)
		if _, twice := seen[string(v)]; twice || len(v) == 0 {
			return false
		}
		seen[string(v)] = struct{}{}
	}
	return true
}

// ByOrder pairs rows by the order that they stand in: first those that are the
// same, then between them those that are the same but for one column, then those
// of which half the cells are the same.
func (p *Pairing) ByOrder() Sequence {
	s := p.fixed()
	p.looked = 0
	p.refine(s, min(p.Fixed, p.A.Rows()), p.A.Rows(), min(p.Fixed, p.B.Rows()), p.B.Rows(), -1, 0)
	return s
}

// refine pairs the rows aLo to aHi of a with bLo to bHi of b, leaving a column
// out of the comparison.
func (p *Pairing) refine(s Sequence, aLo, aHi, bLo, bHi, without, tries int) {
	x, y := p.numbers(aLo, aHi, bLo, bHi, without)
	i, j := 0, 0
	for _, h := range append(Diff(x, y), Hunk{ALo: len(x), AHi: len(x), BLo: len(y), BHi: len(y)}) {
		for ; i < h.ALo; i, j = i+1, j+1 {
			s[bLo+j] = aLo + i
		}
		i, j = h.AHi, h.BHi
		if h.ALo < h.AHi && h.BLo < h.BHi {
			p.between(s, aLo+h.ALo, aLo+h.AHi, bLo+h.BLo, bLo+h.BHi, tries)
		}
	}
}

// numbers gives rows of both tables as numbers, equal ones for rows that are the
// same when a column is left out, or none when it is -1.
func (p *Pairing) numbers(aLo, aHi, bLo, bHi, without int) (x, y []int32) {
	var n Numbers
	var key []byte
	all := func(g Grid, columns []int, lo, hi int) []int32 {
		p.looked += (hi - lo) * len(columns)
		ids := make([]int32, hi-lo)
		for row := lo; row < hi; row++ {
			key = appendKey(key[:0], g, columns, row, without)
			ids[row-lo] = n.Of(key)
		}
		return ids
	}
	return all(p.A, p.ColA, aLo, aHi), all(p.B, p.ColB, bLo, bHi)
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

// between pairs rows of which none is the same as a whole.
func (p *Pairing) between(s Sequence, aLo, aHi, bLo, bHi, tries int) {
	switch {
	case p.looked > maxCells, tries == maxTries:
		return
	case (aHi-aLo)*(bHi-bLo) <= maxGrid:
		p.grid(s, aLo, aHi, bLo, bHi)
		return
	}
	best, most := -1, 0
	for c := range p.ColA {
		if p.looked > maxCells {
			break
		}
		x, y := p.numbers(aLo, aHi, bLo, bHi, c)
		common := len(x)
		for _, h := range Diff(x, y) {
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
func (p *Pairing) grid(s Sequence, aLo, aHi, bLo, bHi int) {
	n, m := aHi-aLo, bHi-bLo
	p.looked += n * m * len(p.ColA)
	score := make([]int32, (n+1)*(m+1))
	pair := make([]int32, n*m)
	for i := n - 1; i >= 0; i-- {
		for j := m - 1; j >= 0; j-- {
			best := max(score[(i+1)*(m+1)+j], score[i*(m+1)+j+1])
			if same := p.Equal(aLo+i, bLo+j); same > 0 && 2*same >= len(p.ColA) {
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
