package align

// window is a stretch of two sequences in which something changed, with rows
// beside it that are the same in both and may yet be others: they are next to the
// change, or some row like them is there once more.
type window struct {
	Hunk
	hunks  []Hunk
	before Hunk // what is the same in front of it
}

// windows gives the stretches of two sequences that have changes in them, and at
// last one of nothing, behind which nothing stands.
func windows(x, y []int32, hunks []Hunk) []window {
	once := occurOnce(x, y)
	var list []window
	var end Hunk // of the last one
	for n, h := range hunks {
		w := window{Hunk: h}
		for i := 0; i < margin && w.ALo > end.AHi && w.BLo > end.BHi && (i < near || !once[x[w.ALo-1]]); i++ {
			w.ALo, w.BLo = w.ALo-1, w.BLo-1
		}
		nextA, nextB := len(x), len(y)
		if n+1 < len(hunks) {
			nextA, nextB = hunks[n+1].ALo, hunks[n+1].BLo
		}
		for i := 0; i < margin && w.AHi < nextA && w.BHi < nextB && (i < near || !once[x[w.AHi]]); i++ {
			w.AHi, w.BHi = w.AHi+1, w.BHi+1
		}
		w.before = Hunk{end.AHi, w.ALo, end.BHi, w.BLo}
		w.hunks = hunks[n : n+1]
		if last := len(list) - 1; last >= 0 && w.ALo == end.AHi && w.fits(list[last]) {
			list[last].AHi, list[last].BHi = w.AHi, w.BHi
			list[last].hunks = hunks[n-len(list[last].hunks) : n+1]
		} else {
			list = append(list, w)
		}
		end = w.Hunk
	}
	return append(list, window{Hunk: Hunk{len(x), len(x), len(y), len(y)}, before: Hunk{end.AHi, len(x), end.BHi, len(y)}})
}

// fits tells whether a window and the one in front of it are small enough to be
// one.
func (w *window) fits(front window) bool {
	return (w.AHi-front.ALo)*(w.BHi-front.BLo) <= maxGrid
}

// occurOnce tells, by number, which elements are in both sequences, once in each.
func occurOnce(x, y []int32) []bool {
	top := int32(-1)
	for _, s := range [2][]int32{x, y} {
		for _, v := range s {
			top = max(top, v)
		}
	}
	count := make([]int32, 2*(top+1))
	for i, s := range [2][]int32{x, y} {
		for _, v := range s {
			count[2*v+int32(i)]++
		}
	}
	once := make([]bool, top+1)
	for v := range once {
		once[v] = count[2*v] == 1 && count[2*v+1] == 1
	}
	return once
}

// slack is how many cells more must be alike in a pairing of rows than in another,
// to be sure.
const slack = 1

// Unsure tells whether a row of A could as well have been paired with another
// row than it was, or with none: hardly fewer cells would be alike in all. Rows
// that hold the same stand for one another.
func (p *Pairing) Unsure(a int) bool { return p.unsure != nil && p.unsure[a] }

// grid pairs rows in order so that as many cells as possible are the same; rows
// of a pair have at least half of what is in their cells alike.
func (p *Pairing) grid(s Sequence, a, b []int) {
	if len(a) == 0 || len(b) == 0 {
		return
	}
	g := p.compare(a, b)
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case g.paired(i, j):
			s[b[j]] = a[i]
			p.doubt(g, a, b, i, j)
			i, j = i+1, j+1
		case g.behind(i, j) == g.behind(i+1, j):
			i++
		default:
			j++
		}
	}
}

// grid holds, for rows of two tables, how many cells every two have alike, 0 for
// two that are no pair; and how many are alike at most in what stands before and
// behind them.
type grid struct {
	n, m        int
	alike       []int32
	front, back []int32
}

// compare compares every row with every other.
func (p *Pairing) compare(a, b []int) *grid {
	n, m := len(a), len(b)
	p.looked += n * m * len(p.ColA)
	g := &grid{n: n, m: m, alike: make([]int32, n*m), front: make([]int32, (n+1)*(m+1)), back: make([]int32, (n+1)*(m+1))}
	for i := range a {
		for j := range b {
			g.alike[i*m+j] = p.likeness(a[i], b[j])
		}
	}
	for i := 1; i <= n; i++ {
		for j := 1; j <= m; j++ {
			best := max(g.before(i-1, j), g.before(i, j-1))
			if same := g.alike[(i-1)*m+j-1]; same > 0 {
				best = max(best, g.before(i-1, j-1)+same)
			}
			g.front[i*(m+1)+j] = best
		}
	}
	for i := n - 1; i >= 0; i-- {
		for j := m - 1; j >= 0; j-- {
			best := max(g.behind(i+1, j), g.behind(i, j+1))
			if same := g.alike[i*m+j]; same > 0 {
				best = max(best, g.behind(i+1, j+1)+same)
			}
			g.back[i*(m+1)+j] = best
		}
	}
	return g
}

// before is how many cells are alike at most in the first i rows of the one and j
// of the other.
func (g *grid) before(i, j int) int32 { return g.front[i*(g.m+1)+j] }

// behind is how many are alike at most in the rows from i and j on.
func (g *grid) behind(i, j int) int32 { return g.back[i*(g.m+1)+j] }

// paired tells whether two rows may be paired where nothing is lost by it behind
// them.
func (g *grid) paired(i, j int) bool {
	same := g.alike[i*g.m+j]
	return same > 0 && g.behind(i, j) == same+g.behind(i+1, j+1)
}

// Half compares what two rows have alike with half of what is in their cells: it
// is negative when that is less, and positive when it is more.
func (p *Pairing) Half(a, b int) int {
	_, alike, filled := p.alike(a, b)
	return int(2*alike - filled)
}

// likeness counts the cells that two rows have alike; it is 0 when these are less
// than half of those that hold something.
func (p *Pairing) likeness(a, b int) int32 {
	same, alike, filled := p.alike(a, b)
	if 2*alike < filled || alike == 0 && filled > 0 {
		return 0
	}
	return same
}

// alike counts the cells that two rows have the same, those of them that hold
// something, and those in which one of the rows holds something.
func (p *Pairing) alike(a, b int) (same, alike, filled int32) {
	for i := range p.ColA {
		x, y := p.A.Cell(a, p.ColA[i]), p.B.Cell(b, p.ColB[i])
		equal := string(x) == string(y)
		if equal {
			same++
		}
		if len(x)+len(y) > 0 {
			filled++
			if equal {
				alike++
			}
		}
	}
	return same, alike, filled
}

// Steady tells whether more than the column of a key, by its place in ColA, is
// mostly the same in the rows that it paired: a key that was numbered anew pairs
// rows which have nothing in common.
func (p *Pairing) Steady(s Sequence, key int) bool {
	for i := range p.ColA {
		same, filled := 0, 0
		for b, a := range s {
			if i == key || a < p.Fixed {
				continue
			}
			x, y := p.A.Cell(a, p.ColA[i]), p.B.Cell(b, p.ColB[i])
			if len(x)+len(y) > 0 {
				filled++
				if string(x) == string(y) {
					same++
				}
			}
		}
		if 2*same > filled {
			return true
		}
	}
	return false
}

// doubt notes whether the row i of a, which is paired with j of b, could as well
// be paired otherwise.
func (p *Pairing) doubt(g *grid, a, b []int, i, j int) {
	enough := g.behind(0, 0) - slack
	twin := func(other int) bool { return string(p.KeyB(b[other])) == string(p.KeyB(b[j])) }
	for other := range b {
		same := g.alike[i*g.m+other]
		if other != j && same > 0 && g.before(i, other)+same+g.behind(i+1, other+1) >= enough && !twin(other) {
			p.note(a[i])
			return
		}
	}
	for at := range g.m + 1 {
		if g.before(i, at)+g.behind(i+1, at) >= enough && !p.repeated(a, i) {
			p.note(a[i])
			return
		}
	}
}

// note notes a row of A as Unsure.
func (p *Pairing) note(row int) {
	if p.unsure == nil {
		p.unsure = make([]bool, p.A.Rows())
	}
	p.unsure[row] = true
}

// repeated tells whether another one of the rows holds what one holds.
func (p *Pairing) repeated(rows []int, i int) bool {
	key := string(p.KeyA(rows[i]))
	for other, row := range rows {
		if other != i && string(p.KeyA(row)) == key {
			return true
		}
	}
	return false
}
