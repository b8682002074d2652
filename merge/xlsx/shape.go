package xlsx

import (
	"slices"

	"github.com/esync/esync/merge/formulas"
)

// splice is what happened to lines (rows or columns) at one point: del lines
// from at on are gone, and ins new ones are in their place.
type splice struct{ at, del, ins int }

// axis is what happened to the lines of a sheet: splices, ascending, numbered
// as before.
type axis []splice

// pos is where a line is afterwards; false when it is gone.
func (a axis) pos(n int) (int, bool) {
	shift := 0
	for _, s := range a {
		if n < s.at {
			break
		}
		if n < s.at+s.del {
			return 0, false
		}
		shift += s.ins - s.del
	}
	return n + shift, true
}

// span is where the lines from lo to hi are afterwards; false when all are
// gone. New lines between them belong to them.
func (a axis) span(lo, hi, limit int) (int, int, bool) {
	for _, s := range a {
		if lo >= s.at && lo < s.at+s.del {
			lo = s.at + s.del
		}
	}
	for _, s := range slices.Backward(a) {
		if hi >= s.at && hi < s.at+s.del {
			hi = s.at - 1
		}
	}
	if lo > hi {
		return 0, 0, false
	}
	x, _ := a.pos(lo)
	y, _ := a.pos(hi)
	if hi == limit || y > limit {
		y = limit
	}
	return x, y, x <= y
}

// shape is what one side did to the rows and columns of a sheet.
type shape struct {
	rows, cols axis
	// sorted are rows that changed places without anything else having
	// followed them, by the old number.
	sorted map[int]int
	// tail is for rows that both sides put behind a list.
	tail *tail
	// unsure tells that something was moved that the rest does not explain.
	unsure bool
}

func (s *shape) none() bool {
	return s == nil || len(s.rows) == 0 && len(s.cols) == 0 && len(s.sorted) == 0 && s.tail == nil
}

// spot is where a cell is afterwards.
func (s *shape) spot(at spot) (spot, bool) {
	at = s.tail.spot(at)
	if to, ok := s.sorted[at.row]; ok {
		at.row = to
	}
	row, ok := s.rows.pos(at.row)
	col, ok2 := s.cols.pos(at.col)
	return spot{row, col}, ok && ok2 && row <= formulas.MaxRow && col <= formulas.MaxCol
}

// area is where cells are afterwards.
func (s *shape) area(a area) (area, bool) {
	var ok, ok2 bool
	a = s.tail.area(a)
	a.lo.row, a.hi.row, ok = s.rows.span(a.lo.row, a.hi.row, formulas.MaxRow)
	a.lo.col, a.hi.col, ok2 = s.cols.span(a.lo.col, a.hi.col, formulas.MaxCol)
	return a, ok && ok2
}

// gap is where the point ahead of a line is afterwards, and so are the lines
// that were made there.
func (a axis) gap(n int) int {
	at := n
	for _, s := range a {
		if s.at >= n {
			break
		}
		at += s.ins - min(s.del, n-s.at)
	}
	return at
}

// made is the number of lines made at the point ahead of a line.
func (a axis) made(n int) int {
	for _, s := range a {
		if s.at == n {
			return s.ins
		}
	}
	return 0
}

// gone are the lines that are no longer there.
func (a axis) gone() map[int]bool {
	lines := map[int]bool{}
	for _, s := range a {
		for n := range s.del {
			lines[s.at+n] = true
		}
	}
	return lines
}

// news are the lines that were made, by their numbers afterwards.
func (a axis) news() map[int]bool {
	lines := map[int]bool{}
	for _, s := range a {
		for n := range s.ins {
			lines[a.gap(s.at)+n] = true
		}
	}
	return lines
}

// touched are the lines, by their numbers afterwards, ahead of which lines were
// taken out and another puts lines in.
func (a axis) touched(other axis) map[int]bool {
	lines := map[int]bool{}
	for _, s := range other {
		for _, d := range a {
			if s.ins > 0 && d.del > 0 && d.at <= s.at && s.at <= d.at+d.del {
				lines[a.gap(s.at)] = true
			}
		}
	}
	return lines
}

// after is what must still be done to a version in which done was done, for a
// to be done as well. Lines that both made at one point stand there one behind
// the other, those of a first if first; twins tells where they are the same
// and made once.
func (a axis) after(done axis, first bool, twins func(at int) bool) axis {
	var out axis
	for _, s := range a {
		if s.ins > 0 && !(done.made(s.at) > 0 && twins(s.at)) {
			at := done.gap(s.at)
			if !first {
				at += done.made(s.at)
			}
			out = append(out, splice{at: at, ins: s.ins})
		}
		for n := s.at; n < s.at+s.del; n++ {
			if at, there := done.pos(n); there {
				out = append(out, splice{at: at, del: 1})
			}
		}
	}
	return out.joined()
}

// joined puts splices in order and joins those that touch.
func (a axis) joined() axis {
	slices.SortStableFunc(a, func(x, y splice) int { return x.at - y.at })
	var out axis
	for _, s := range a {
		if n := len(out); n > 0 {
			last := &out[n-1]
			if s.at == last.at && last.del == 0 || s.at == last.at+last.del && s.ins == 0 && last.del > 0 {
				last.del += s.del
				last.ins += s.ins
				continue
			}
		}
		out = append(out, s)
	}
	return out
}
