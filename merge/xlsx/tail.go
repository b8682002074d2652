package xlsx

import (
	"slices"

	"github.com/esync/esync/merge/formulas"
)

// tail is what a side needs when both put rows behind one list: for the rows
// of both to stand there one behind the other.
type tail struct {
	first, last int // columns of the list
	at          int // the first row behind it in the base
	n           int // rows that this side put there
	ahead       int // rows of the other side that come ahead of them
	total       int // rows of both
}

// place is where the rows of both sides are.
func (x *tail) place() area {
	return area{spot{x.at, x.first}, spot{x.at + x.total - 1, x.last}}
}

// own is where the rows of this side are.
func (x *tail) own() area { return area{spot{x.at, x.first}, spot{x.at + x.n - 1, x.last}} }

// spot is where a cell is afterwards. The blank cells whose place the rows
// take stand where the rows stood.
func (x *tail) spot(at spot) spot {
	if x == nil || x.ahead == 0 || !x.place().has(at) {
		return at
	}
	if at.row < x.at+x.n {
		at.row += x.ahead
	} else {
		at.row -= x.n
	}
	return at
}

// area is where cells are afterwards. What reached to the end of the list with
// this side's rows reaches to its end with those of both.
func (x *tail) area(a area) area {
	switch {
	case x == nil || !a.meets(x.place()):
	case a.lo.row == a.hi.row:
		a.lo, a.hi = x.spot(a.lo), x.spot(a.hi)
	case a.lo.row < x.at && a.hi.row == x.at+x.n-1:
		a.hi.row = x.at + x.total - 1
	}
	return a
}

// moveTail moves the cells of the rows.
func (s *sheet) moveTail(x *tail) {
	if x == nil || x.ahead == 0 {
		return
	}
	moved := map[int][]cell{}
	for n := x.at; n < x.at+x.total; n++ {
		r := s.row(n)
		if r == nil {
			continue
		}
		var rest []cell
		for _, c := range r.cells {
			if c.col < x.first || c.col > x.last {
				rest = append(rest, c)
				continue
			}
			c.hi = 0
			to := x.spot(spot{n, c.col}).row
			moved[to] = append(moved[to], c)
		}
		r.cells, r.dirty = rest, true
	}
	for n, cells := range moved {
		r := s.rowFor(n)
		r.dirty = true
		r.cells = append(r.cells, cells...)
		slices.SortFunc(r.cells, func(a, b cell) int { return a.col - b.col })
	}
}

// tails finds a list behind which both sides put rows of their own. Anything
// that makes it doubtful that it is a list, that the rows are records of it,
// or what a formula would mean afterwards, and there is none: then the cells
// in one place are told as conflicts.
func (p *plan) tails(t *trio) (tails [2]*tail, found bool) {
	l := &listEnd{p: p, t: t}
	if !l.find() || !l.records() || !l.apart() {
		return tails, false
	}
	total := l.n[0] + l.n[1]
	for i := range tails {
		tails[i] = &tail{l.first, l.last, l.at, l.n[i], i * l.n[0], total}
	}
	for i, b := range p.sides {
		if b.canMove(t.side[i]) != nil || !l.clear(i, tails[i]) {
			return tails, false
		}
	}
	return tails, true
}

// listEnd is the end of a list at which both sides put rows.
type listEnd struct {
	p           *plan
	t           *trio
	top, at     int // the list's first row, and the first behind it
	first, last int // its columns
	n           [2]int
	key         int // the column by which records are known, 0 for none
}

// minList is the least number of rows that make a list, that of its titles
// included; searchUp bounds the search for the first.
const (
	minList  = 3
	searchUp = 5000
)

func (l *listEnd) base(row, col int) content { return contentAt(l.p.b, l.t.base, row, col) }
func (l *listEnd) side(i int, row, col int) content {
	return contentAt(l.p.sides[i], l.t.side[i], row, col)
}

func contentAt(b *book, s *sheet, row, col int) content {
	r := s.row(row)
	if r == nil {
		return content{}
	}
	c, err := b.contentOf(s, row, r.cell(col))
	if err != nil {
		return content{}
	}
	return c
}

// find looks for the first cell that both sides filled in different ways, for
// the list above it, and for the rows that the sides put behind that.
func (l *listEnd) find() bool {
	var at spot
	blank := func(c *cell) bool { return c == nil || c.f == nil && c.kind == noValue }
	_ = eachRow([]*sheet{l.t.base, l.t.side[0], l.t.side[1]}, func(r int, rows []*row) error {
		if rows[1] == nil || rows[2] == nil {
			return nil
		}
		return eachCell(rows, func(col int, cells []*cell) error {
			if blank(cells[0]) && !blank(cells[1]) && !blank(cells[2]) && l.side(0, r, col) != l.side(1, r, col) {
				at = spot{r, col}
				return errStop
			}
			return nil
		})
	})
	if at.row <= minList {
		return false
	}
	l.at, l.top = at.row, at.row
	for l.top > 1 && l.at-l.top < searchUp && l.base(l.top-1, at.col).kind != empty {
		l.top--
	}
	if l.at-l.top < minList {
		return false
	}
	used := func(col int) bool {
		for r := max(l.top, l.at-50); r < l.at; r++ {
			if l.base(r, col).kind != empty {
				return true
			}
		}
		return false
	}
	l.first, l.last = at.col, at.col
	for l.first > 1 && used(l.first-1) {
		l.first--
	}
	for l.last < formulas.MaxCol && used(l.last+1) {
		l.last++
	}
	for i := range l.n {
		for l.filled(func(col int) content { return l.side(i, l.at+l.n[i], col) }) > 0 {
			l.n[i]++
		}
	}
	return l.first < l.last && l.n[0] > 0 && l.n[1] > 0
}

// filled counts the cells of a row of the list with something in them.
func (l *listEnd) filled(of func(col int) content) int {
	n := 0
	for col := l.first; col <= l.last; col++ {
		n += bit(of(col).kind != empty)
	}
	return n
}

// records tells whether the rows that the sides put there are like those of
// the list, and nothing else is in the place that both need.
func (l *listEnd) records() bool {
	above := func(col int) content { return l.base(l.at-1, col) }
	least := max(2, (l.filled(above)+1)/2)
	total := l.n[0] + l.n[1]
	for k := range total {
		if l.filled(func(col int) content { return l.base(l.at+k, col) }) > 0 {
			return false
		}
		for i, n := range l.n {
			here := l.filled(func(col int) content { return l.side(i, l.at+k, col) })
			if k < n && here < least || k >= n && here > 0 {
				return false
			}
		}
	}
	l.key = l.keyColumn()
	for i, n := range l.n {
		for k := range n {
			if l.key > 0 && l.side(i, l.at+k, l.key).kind != above(l.key).kind {
				return false
			}
		}
	}
	return true
}

// keyColumn is the first column in which each record has something of its own.
func (l *listEnd) keyColumn() int {
	for col := l.first; col <= l.last; col++ {
		seen := map[content]bool{{}: true}
		r := l.top + 1 // behind the titles
		for ; r < l.at && !seen[l.base(r, col)]; r++ {
			seen[l.base(r, col)] = true
		}
		if r == l.at {
			return col
		}
	}
	return 0
}

// apart tells whether all records are different ones.
func (l *listEnd) apart() bool {
	seen := map[content]bool{}
	of := func(i, row int) content {
		if l.key > 0 {
			return l.side(i, row, l.key)
		}
		whole := content{kind: letters}
		for col := l.first; col <= l.last; col++ {
			c := l.side(i, row, col)
			whole.text += string(c.kind) + c.text + "\x00"
		}
		return whole
	}
	for r := l.top; r < l.at && l.key > 0; r++ {
		seen[l.base(r, l.key)] = true
	}
	for i, n := range l.n {
		for k := range n {
			c := of(i, l.at+k)
			if seen[c] {
				return false
			}
			seen[c] = true
		}
	}
	return true
}

// clear tells whether nothing stands in the way of moving a side's rows: all
// that names cells there, or ends there, has one meaning afterwards.
func (l *listEnd) clear(i int, x *tail) bool {
	place, own := x.place(), x.own()
	s, base := l.t.side[i], l.t.base
	for n := x.at; n < x.at+x.n; n++ {
		var was, now rowAttrs
		if r := base.row(n); r != nil {
			was = r.rowAttrs
		}
		r := s.row(n)
		if r == nil {
			continue
		}
		now = r.rowAttrs
		if x.ahead > 0 && (now.size() != was.size() || now.hidden != was.hidden || now.level != was.level || now.styled != was.styled) {
			return false
		}
		for j := range r.cells {
			c := &r.cells[j]
			if own.has(spot{n, c.col}) && (s.inArray(spot{n, c.col}) || c.f != nil && c.f.kind != plainFormula && c.f.kind != sharedFormula) {
				return false
			}
		}
	}
	ok := l.p.b.eachArea(base, func(a area, _ spot) bool {
		return !a.meets(place) || a.hi.row > place.hi.row
	})
	return ok && l.p.sides[i].eachArea(s, func(a area, from spot) bool {
		inside := own.has(from)
		switch {
		case inside && a.lo.row == from.row && a.hi.row == from.row:
			return true
		case inside:
			// Of the rows ahead of it one would no longer be next to it.
			return a.hi.row < x.at-1 || a.lo.row == 1 && a.hi.row == formulas.MaxRow
		case !a.meets(place) || a.hi.row > place.hi.row:
			return true
		case a.lo.row < x.at:
			return a.hi.row == own.hi.row
		}
		return a.lo.row == a.hi.row && a.within(own)
	})
}
