package xlsx

import (
	"cmp"
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

// gridCell is a cell; there may be millions of them.
type gridCell struct {
	row, col int32
	sum      uint64
}

func (c gridCell) spot() spot { return spot{int(c.row), int(c.col)} }

func (c gridCell) compare(d gridCell) int {
	return cmp.Or(cmp.Compare(c.row, d.row), cmp.Compare(c.col, d.col))
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
	own  []uint64 // those of which few lines have one like it
}

func newGrid(b *book, s *sheet) *grid {
	n := 0
	for i := range s.rows {
		n += len(s.rows[i].cells)
	}
	g := &grid{cells: make([]gridCell, 0, n)}
	for i := range s.rows {
		r := &s.rows[i]
		for j := range r.cells {
			c, err := b.content(s, r.r, &r.cells[j])
			if err != nil || c.kind == empty {
				continue
			}
			g.cells = append(g.cells, gridCell{int32(r.r), int32(r.cells[j].col), sumOf(loose(c))})
		}
	}
	g.lines()
	return g
}

func (g *grid) lines() {
	count := make(map[uint64]int, len(g.cells))
	for _, c := range g.cells {
		count[c.sum]++
	}
	g.rows = linesOf(g.cells, func(c gridCell) int { return int(c.row) }, count)
	byCol := slices.Clone(g.cells)
	slices.SortStableFunc(byCol, func(x, y gridCell) int { return cmp.Compare(x.col, y.col) })
	g.cols = linesOf(byCol, func(c gridCell) int { return int(c.col) }, count)
}

// without is the grid as it would be if some rows and columns had been blank.
func (g *grid) without(rows, cols map[int]bool) *grid {
	if len(rows)+len(cols) == 0 {
		return g
	}
	out := &grid{}
	for _, c := range g.cells {
		if !rows[int(c.row)] && !cols[int(c.col)] {
			out.cells = append(out.cells, c)
		}
	}
	out.lines()
	return out
}

func sumOf(c content) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte{c.kind})
	_, _ = h.Write([]byte(c.text))
	return h.Sum64()
}

// linesOf makes lines of cells that stand in order; count is how many have each
// sum. The sums of all lines share two arrays.
func linesOf(cells []gridCell, number func(gridCell) int, count map[uint64]int) lines {
	l := lines{at: map[int]int{}}
	sums, own := make([]uint64, 0, len(cells)), make([]uint64, 0, len(cells))
	for from := 0; from < len(cells); from = len(sums) {
		one := line{n: number(cells[from])}
		for _, c := range cells[from:] {
			if number(c) != one.n {
				break
			}
			sums = append(sums, c.sum)
			one.sum = one.sum*1099511628211 ^ c.sum
		}
		one.sums = sums[from:len(sums):len(sums)]
		l.at[one.n] = len(l.list)
		l.list = append(l.list, one)
		l.last = max(l.last, one.n)
	}
	few := max(1, len(l.list)/10)
	for i := range l.list {
		one, from := &l.list[i], len(own)
		for _, s := range one.sums {
			if count[s] <= few {
				own = append(own, s)
			}
		}
		one.own = own[from:len(own):len(own)]
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
	rows := alignLines(&base.rows, &side.rows)
	if len(rows.axis) > 0 {
		tries = append(tries, &shape{rows: rows.axis, unsure: rows.vague})
	}
	if rows.crossed {
		if sorted := sortedRows(&base.rows, &side.rows); sorted != nil {
			tries = append(tries, &shape{sorted: sorted})
		}
	}
	cols := alignLines(&base.cols, &side.cols)
	if len(cols.axis) > 0 {
		tries = append(tries, &shape{cols: cols.axis, unsure: cols.vague})
		// New columns make every row another: they are looked at without.
		left := alignLines(&base.without(nil, cols.axis.gone()).rows, &side.without(nil, cols.axis.news()).rows)
		for _, rows := range []aligned{rows, left} {
			if len(rows.axis) > 0 {
				tries = append(tries, &shape{rows: rows.axis, cols: cols.axis, unsure: rows.vague || cols.vague})
			}
		}
	}
	if low > len(base.cells)/2 && base.rows.last*side.rows.last <= maxFit && base.cols.last*side.cols.last <= maxFit {
		// Rows and columns at once leave no line as it was.
		var out aligned
		fit := func(b, x *lines) axis { return out.fitGap(b, x, pair{0, 0}, b.last, x.last) }
		s := &shape{rows: fit(&base.rows, &side.rows), cols: fit(&base.cols, &side.cols)}
		s.unsure = out.vague
		tries = append(tries, s)
	}
	for _, s := range tries {
		if n := cost(base, side, s); n < low {
			best, low = s, n
		}
	}
	rowPos := func(n int) (int, bool) {
		if to, ok := best.sorted[n]; ok {
			return to, true
		}
		return best.rows.pos(n)
	}
	astray := func(b, x lines, pos func(int) (int, bool)) bool { return strayed(&b, &x, pos) || slid(&b, &x, pos) }
	best.unsure = best.unsure || scattered(base, side, low) ||
		astray(base.without(nil, best.cols.gone()).rows, side.without(nil, best.cols.news()).rows, rowPos) ||
		astray(base.without(best.rows.gone(), nil).cols, side.without(best.rows.news(), nil).cols, best.cols.pos)
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
	found, miss := 0, 0
	for _, c := range base.cells {
		at, ok := s.spot(c.spot())
		if !ok {
			miss++
			continue
		}
		i, there := slices.BinarySearchFunc(side.cells, gridCell{row: int32(at.row), col: int32(at.col)}, gridCell.compare)
		if there {
			found++
		}
		if !there || side.cells[i].sum != c.sum {
			miss++
		}
	}
	return miss + len(side.cells) - found
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

// slid tells whether a line that is not where a shape says stands a little off,
// in the place of another that is not there either. One may have been put in
// and one taken out near by, which looks like lines that were changed where
// they are; lines of which there are several are no anchors that would tell.
func slid(b, x *lines, pos func(int) (int, bool)) bool {
	const near = 8
	from := map[int]int{} // what stands in a line of the side
	for _, l := range b.list {
		if at, ok := pos(l.n); ok {
			from[at] = l.n
		}
	}
	for _, l := range b.list {
		at, ok := pos(l.n)
		if !ok || len(l.sums) < 3 || x.sum(at) == l.sum {
			continue
		}
		for to := at - near; to <= at+near; to++ {
			if to != at && x.sum(to) == l.sum && b.sum(from[to]) != l.sum {
				return true
			}
		}
	}
	return false
}
