package xlsx

import (
	"hash/fnv"
	"slices"
)

// grid is a sheet as it is looked at to find moved rows and columns: a number
// for what each cell holds, without its references.
type grid struct {
	cells []gridCell // by row, then column
	rows  lines
	cols  lines
}

type gridCell struct {
	row, col int
	sum      uint64
}

// lines are rows or columns with something in them.
type lines struct {
	list []line
	at   map[int]int // index into list by number
	last int
}

// line is a row or a column: the cells with something in them, in order.
type line struct {
	n    int
	sum  uint64 // of all of them, whatever their places
	sums []uint64
}

func newGrid(b *book, s *sheet) *grid {
	g := &grid{}
	for i := range s.rows {
		r := &s.rows[i]
		for j := range r.cells {
			c, err := b.content(s, r.r, &r.cells[j])
			if err != nil || c.kind == empty {
				continue
			}
			g.cells = append(g.cells, gridCell{r.r, r.cells[j].col, sumOf(loose(c))})
		}
	}
	g.rows = linesOf(g.cells, func(c gridCell) int { return c.row })
	byCol := slices.Clone(g.cells)
	slices.SortStableFunc(byCol, func(x, y gridCell) int { return x.col - y.col })
	g.cols = linesOf(byCol, func(c gridCell) int { return c.col })
	return g
}

func sumOf(c content) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte{c.kind})
	_, _ = h.Write([]byte(c.text))
	return h.Sum64()
}

func linesOf(cells []gridCell, number func(gridCell) int) lines {
	l := lines{at: map[int]int{}}
	for _, c := range cells {
		n := number(c)
		if len(l.list) == 0 || l.list[len(l.list)-1].n != n {
			l.at[n] = len(l.list)
			l.list = append(l.list, line{n: n})
		}
		one := &l.list[len(l.list)-1]
		one.sums = append(one.sums, c.sum)
		one.sum = one.sum*1099511628211 ^ c.sum
		l.last = max(l.last, n)
	}
	return l
}

func (l *lines) get(n int) *line {
	if i, ok := l.at[n]; ok {
		return &l.list[i]
	}
	return nil
}

func (l *lines) sum(n int) uint64 {
	if x := l.get(n); x != nil {
		return x.sum
	}
	return 0
}

// detect finds what a side did to the rows and columns of a sheet.
func detect(base, side *grid) *shape {
	best := &shape{}
	low := cost(base, side, best)
	if low == 0 {
		return best
	}
	var tries []*shape
	rows, crossed := alignLines(&base.rows, &side.rows)
	if len(rows) > 0 {
		tries = append(tries, &shape{rows: rows})
	}
	if crossed {
		if sorted := sortedRows(&base.rows, &side.rows); sorted != nil {
			tries = append(tries, &shape{sorted: sorted})
		}
	}
	cols, _ := alignLines(&base.cols, &side.cols)
	if len(cols) > 0 {
		tries = append(tries, &shape{cols: cols})
		if len(rows) > 0 {
			tries = append(tries, &shape{rows: rows, cols: cols})
		}
	}
	if low > len(base.cells)/2 && base.rows.last*side.rows.last <= maxFit && base.cols.last*side.cols.last <= maxFit {
		// Rows and columns at once leave no line as it was.
		fit := func(b, x *lines) axis { return fitGap(b, x, pair{0, 0}, b.last, x.last) }
		tries = append(tries, &shape{rows: fit(&base.rows, &side.rows), cols: fit(&base.cols, &side.cols)})
	}
	for _, s := range tries {
		if n := cost(base, side, s); n < low {
			best, low = s, n
		}
	}
	best.unsure = strayed(&base.rows, &side.rows, func(n int) (int, bool) {
		if to, ok := best.sorted[n]; ok {
			return to, true
		}
		return best.rows.pos(n)
	}) || strayed(&base.cols, &side.cols, best.cols.pos) || scattered(base, side, low)
	return best
}

// scattered tells whether much of what a shape leaves to be explained is
// there, elsewhere.
func scattered(base, side *grid, low int) bool {
	count := map[uint64]int{}
	for _, c := range base.cells {
		count[c.sum]++
	}
	n := 0
	for _, c := range side.cells {
		if count[c.sum] > 0 {
			count[c.sum]--
			n++
		}
	}
	// Each cell that is elsewhere costs twice: where it was and where it is.
	edits := len(base.cells) + len(side.cells) - 2*n
	moved := (low - edits) / 2
	return moved > 8 && moved > max(len(base.cells), len(side.cells))/5
}

// cost is the number of cells that a shape leaves to be explained as edits.
func cost(base, side *grid, s *shape) int {
	found := 0
	index := make(map[[2]int]uint64, len(side.cells))
	for _, c := range side.cells {
		index[[2]int{c.row, c.col}] = c.sum
	}
	miss := 0
	for _, c := range base.cells {
		at, ok := s.spot(spot{c.row, c.col})
		if !ok {
			miss++
			continue
		}
		sum, there := index[[2]int{at.row, at.col}]
		if there {
			found++
		}
		if !there || sum != c.sum {
			miss++
		}
	}
	return miss + len(side.cells) - found
}

// pair is a line of the base and what it is in a side.
type pair struct{ b, x int }

// anchors are lines of whose kind each version has one.
func anchors(b, x *lines) []pair {
	count := map[uint64][2]int{}
	for _, l := range b.list {
		n := count[l.sum]
		n[0]++
		count[l.sum] = n
	}
	where := map[uint64]int{}
	for _, l := range x.list {
		n := count[l.sum]
		n[1]++
		count[l.sum] = n
		where[l.sum] = l.n
	}
	var list []pair
	for _, l := range b.list {
		if count[l.sum] == [2]int{1, 1} {
			list = append(list, pair{l.n, where[l.sum]})
		}
	}
	return list
}

// rising is the longest run of pairs that ascend in both versions.
func rising(list []pair) []pair {
	var tails []int // index into list of the end of the best run of each length
	prev := make([]int, len(list))
	for i, p := range list {
		n, _ := slices.BinarySearchFunc(tails, p.x, func(t, x int) int { return list[t].x - x })
		prev[i] = -1
		if n > 0 {
			prev[i] = tails[n-1]
		}
		if n == len(tails) {
			tails = append(tails, i)
		} else {
			tails[n] = i
		}
	}
	var out []pair
	if len(tails) > 0 {
		for i := tails[len(tails)-1]; i >= 0; i = prev[i] {
			out = append(out, list[i])
		}
	}
	slices.Reverse(out)
	return out
}

// alignLines finds which lines were made and which are gone. crossed tells
// that some changed places besides.
func alignLines(b, x *lines) (a axis, crossed bool) {
	all := anchors(b, x)
	fixed := rising(all)
	crossed = len(fixed) < len(all)
	last := pair{0, 0}
	for _, p := range fixed {
		a = append(a, fillGap(b, x, last, p)...)
		last = p
	}
	return append(a, fillTail(b, x, last)...).joined(), crossed
}

// fillGap explains the lines between two that are certain.
func fillGap(b, x *lines, from, to pair) axis {
	for from.b+1 < to.b && from.x+1 < to.x && b.sum(from.b+1) == x.sum(from.x+1) {
		from.b++
		from.x++
	}
	for from.b+1 < to.b && from.x+1 < to.x && b.sum(to.b-1) == x.sum(to.x-1) {
		to.b--
		to.x--
	}
	n, m := to.b-from.b-1, to.x-from.x-1
	switch {
	case n == m:
		return nil
	case n == 0 || m == 0:
		return axis{{from.b + 1, n, m}}
	}
	return fitGap(b, x, from, n, m)
}

// maxFit bounds the time to fit lines that were made, taken away and changed
// in one place.
const maxFit = 1 << 18

// fitGap finds which of n lines of the base are which of m of the side: those
// with the most cells in common. What has none in common are other lines.
func fitGap(b, x *lines, from pair, n, m int) axis {
	if n*m > maxFit {
		return axis{{from.b + 1, n, m}}
	}
	best := make([]int32, (n+1)*(m+1))
	at := func(i, j int) *int32 { return &best[i*(m+1)+j] }
	for i := n - 1; i >= 0; i-- {
		for j := m - 1; j >= 0; j-- {
			v := max(*at(i+1, j), *at(i, j+1))
			if c := common(b.get(from.b+1+i), x.get(from.x+1+j)); c > 0 {
				v = max(v, *at(i+1, j+1)+int32(c))
			}
			*at(i, j) = v
		}
	}
	var a axis
	i, j := 0, 0
	put := func(del, ins int) { a = append(a, splice{from.b + 1 + i, del, ins}) }
	for i < n && j < m {
		c := common(b.get(from.b+1+i), x.get(from.x+1+j))
		switch {
		case c > 0 && *at(i, j) == *at(i+1, j+1)+int32(c):
			i++
			j++
		case *at(i, j) == *at(i+1, j):
			put(1, 0)
			i++
		default:
			put(0, 1)
			j++
		}
	}
	if i < n || j < m {
		put(n-i, m-j)
	}
	return gather(a)
}

// gather joins what was made and taken away at one point.
func gather(a axis) axis {
	var out axis
	for _, s := range a {
		if n := len(out); n > 0 && out[n-1].at+out[n-1].del == s.at {
			out[n-1].del += s.del
			out[n-1].ins += s.ins
			continue
		}
		out = append(out, s)
	}
	// As many lines as before are the same ones, changed.
	return slices.DeleteFunc(out, func(s splice) bool { return s.del == s.ins })
}

// common is the number of cells that two lines have in common; blank lines
// have nothing in common with others.
func common(b, x *line) int {
	if b == nil || x == nil {
		return bit(b == nil && x == nil)
	}
	n := 0
	if len(b.sums) > 64 || len(x.sums) > 64 {
		count := map[uint64]int{}
		for _, s := range b.sums {
			count[s]++
		}
		for _, s := range x.sums {
			if count[s] > 0 {
				count[s]--
				n++
			}
		}
		return 2 * n
	}
	used := uint64(0)
	for _, s := range b.sums {
		for j, t := range x.sums {
			if s == t && used&(1<<j) == 0 {
				used |= 1 << j
				n++
				break
			}
		}
	}
	return 2 * n
}

// fillTail explains the lines behind the last that is certain. Lines at the
// end that were added or cleared are no reason to move anything.
func fillTail(b, x *lines, from pair) axis {
	for from.b < b.last && from.x < x.last && b.sum(from.b+1) == x.sum(from.x+1) {
		from.b++
		from.x++
	}
	n, m := b.last-from.b, x.last-from.x
	if n <= 0 || m <= 0 {
		return nil
	}
	to := pair{b.last + 1, x.last + 1}
	for to.b-1 > from.b && to.x-1 > from.x && b.sum(to.b-1) == x.sum(to.x-1) {
		to.b--
		to.x--
	}
	n, m = to.b-from.b-1, to.x-from.x-1
	if n == 0 || m == 0 {
		if to.b == b.last+1 {
			return nil
		}
		return axis{{from.b + 1, n, m}}
	}
	if n == m {
		return nil
	}
	a := fitGap(b, x, from, n, m)
	if k := len(a); to.b == b.last+1 && k > 0 && a[k-1].at+a[k-1].del == b.last+1 {
		// Nothing stands behind it.
		a = a[:k-1]
	}
	return a
}

// sortedRows finds rows that changed places among themselves; nil when that is
// not all that happened.
func sortedRows(b, x *lines) map[int]int {
	if b.last != x.last && len(b.list) != len(x.list) {
		return nil
	}
	to := map[int]int{}
	taken := map[int]bool{}
	byKind := map[uint64][]int{}
	for _, l := range x.list {
		if b.sum(l.n) == l.sum {
			to[l.n] = l.n
			taken[l.n] = true
			continue
		}
		byKind[l.sum] = append(byKind[l.sum], l.n)
	}
	var left []int
	for _, l := range b.list {
		if _, done := to[l.n]; done {
			continue
		}
		if list := byKind[l.sum]; len(list) > 0 {
			to[l.n] = list[0]
			taken[list[0]] = true
			byKind[l.sum] = list[1:]
		} else {
			left = append(left, l.n)
		}
	}
	// Rows that were changed besides are found by what they have in common.
	if len(left)*len(x.list) > maxFit {
		return nil
	}
	for _, n := range left {
		best, at := 0, 0
		for _, l := range x.list {
			if c := common(b.get(n), x.get(l.n)); !taken[l.n] && c > best {
				best, at = c, l.n
			}
		}
		if at == 0 {
			return nil
		}
		to[n] = at
		taken[at] = true
	}
	for n, m := range to {
		if n == m {
			delete(to, n)
		}
	}
	// They must have taken each other's places.
	filled := map[int]bool{}
	for _, m := range to {
		filled[m] = true
	}
	for n := range to {
		if !filled[n] {
			return nil
		}
	}
	return to
}

// strayed tells whether lines stand elsewhere than a shape says: those with
// enough in them to be told from others, or several in a row.
func strayed(b, x *lines, pos func(int) (int, bool)) bool {
	run, off := 0, 0
	for _, p := range anchors(b, x) {
		at, ok := pos(p.b)
		if ok && at == p.x {
			run = 0
			continue
		}
		if len(b.get(p.b).sums) >= 2 {
			return true
		}
		if run == 0 || p.x-p.b != off {
			run, off = 0, p.x-p.b
		}
		if run++; run >= 3 {
			return true
		}
	}
	return false
}
