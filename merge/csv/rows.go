package csv

import "github.com/esync/esync/merge/align"

// rows tells which row is which.
type rows struct {
	ours, theirs align.Sequence
	// key is the column, of the merge, by which rows are known, or nil.
	key *align.Item
	// twins are the new rows of ours that theirs has as well.
	twins map[int]int
}

// grid is a table as its rows are compared: the column behind the last one is
// what a row has more of.
type grid struct {
	*table
	count int
}

func (g grid) Rows() int { return len(g.recs) }

func (g grid) Cell(row, column int) []byte {
	if column < g.count {
		return g.value(row, column)
	}
	r := g.recs[row]
	if int(r.n) <= g.count {
		return nil
	}
	line := g.line(row)
	last := g.ends[int(r.first)+g.count-1] - r.start
	return line[last:]
}

// pairing compares the rows of two versions by the columns that both have.
func (c *columns) pairing(v [3]*table, a, b int) *align.Pairing {
	p := &align.Pairing{A: grid{v[a], c.count[a]}, B: grid{v[b], c.count[b]}}
	if c.named {
		p.Fixed = 1
	}
	for _, it := range append(append([]align.Item{}, c.list...), c.lost...) {
		if x, y := it.In(a), it.In(b); x >= 0 && y >= 0 {
			p.ColA, p.ColB = append(p.ColA, x), append(p.ColB, y)
		}
	}
	if c.ragged {
		p.ColA, p.ColB = append(p.ColA, c.count[a]), append(p.ColB, c.count[b])
	}
	return p
}

// maxKeys is how many columns are tried as keys.
const maxKeys = 32

// alignRows finds which row is which.
func (c *columns) alignRows(v [3]*table) rows {
	po, pt := c.pairing(v, 0, 1), c.pairing(v, 0, 2)
	r := rows{ours: po.ByOrder(), theirs: pt.ByOrder()}
	best := po.Cells(r.ours) + pt.Cells(r.theirs)
	keys := 0
	for _, it := range c.keys(v) {
		if keys++; keys > maxKeys {
			break
		}
		ours, theirs := po.ByKey(it.Base, it.Ours), pt.ByKey(it.Base, it.Theirs)
		if n := po.Cells(ours) + pt.Cells(theirs); n > best || n == best && r.key == nil {
			best, r.ours, r.theirs, r.key = n, ours, theirs, &it
		}
	}
	if r.key == nil {
		r.findMoved(po, pt, !c.same)
		r.twins = c.pairing(v, 1, 2).Twins(len(v[0].recs), r.ours, r.theirs)
		return r
	}
	r.twins = map[int]int{}
	at := map[string]int{}
	for i, b := range r.theirs {
		if b < 0 {
			at[string(v[2].value(i, r.key.Theirs))] = i
		}
	}
	for i, b := range r.ours {
		if t, ok := at[string(v[1].value(i, r.key.Ours))]; ok && b < 0 {
			r.twins[i] = t
		}
	}
	return r
}

// findMoved finds rows that a side has put elsewhere, where it matters: the other
// side has put them elsewhere as well, has changed them or deleted them, or all of
// them where there are new columns. Else a row that is gone in one place and new in
// another is no more than that.
func (r *rows) findMoved(po, pt *align.Pairing, all bool) {
	ours, theirs := moved(po, r.ours), moved(pt, r.theirs)
	backOurs, backTheirs := r.ours.Back(po.A.Rows()), r.theirs.Back(pt.A.Rows())
	for b, row := range ours {
		if t := backTheirs[b]; all || t < 0 || !pt.Alike(b, t) {
			r.ours[row] = b
		}
	}
	for b, row := range theirs {
		if o := backOurs[b]; all || o < 0 || !po.Alike(b, o) {
			r.theirs[row] = b
		}
	}
}

// moved gives, by row of the base, the new row of a side that holds the same as
// one that is gone; as many of these as of those.
func moved(p *align.Pairing, s align.Sequence) map[int]int {
	gone, fresh := map[string][]int{}, map[string][]int{}
	for b, row := range s.Back(p.A.Rows()) {
		if row < 0 {
			key := string(p.KeyA(b))
			gone[key] = append(gone[key], b)
		}
	}
	if len(gone) == 0 {
		return nil
	}
	for row, b := range s {
		if b < 0 {
			key := string(p.KeyB(row))
			fresh[key] = append(fresh[key], row)
		}
	}
	list := map[int]int{}
	for key, from := range gone {
		if to := fresh[key]; len(to) == len(from) {
			for i, b := range from {
				list[b] = to[i]
			}
		}
	}
	return list
}

// keys lists the columns that tell rows apart in all versions.
func (c *columns) keys(v [3]*table) []align.Item {
	first := 0
	if c.named {
		first = 1
	}
	var keys []align.Item
	for _, it := range c.list {
		is := true
		for i := range v {
			is = is && it.In(i) >= 0 && align.IsKey(grid{v[i], c.count[i]}, it.In(i), first)
		}
		if is {
			keys = append(keys, it)
		}
	}
	return keys
}
