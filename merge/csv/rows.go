package csv

import (
	"bytes"
	"maps"

	"github.com/esync/esync/merge/align"
)

// rows tells which row is which.
type rows struct {
	ours, theirs align.Sequence
	// keys are the columns, of the merge, that tell rows apart in all versions,
	// and key is the one by which rows are known, or nil.
	keys []align.Item
	key  *align.Item
	// few tells that there are too few rows to know a key, and proven that the key
	// counts for more than what else is in a row.
	few, proven bool
	// twins are the new rows of ours that theirs has as well, at the same place
	// or under the same key; doubles those that it has elsewhere.
	twins   map[int]int
	doubles []align.Item
	// pairs compares the rows of a side with those of the base, as they were paired.
	pairs [3]*align.Pairing
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
	p.Fixed = c.head
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

// enough is how many rows a column must tell apart to be a key for sure. In
// fewer, all may be different by chance.
const enough = 8

// alignRows finds which row is which.
func (c *columns) alignRows(v [3]*table) rows {
	po, pt := c.pairing(v, 0, 1), c.pairing(v, 0, 2)
	r := rows{few: len(v[0].recs)-c.head < enough, ours: po.ByOrder(), theirs: pt.ByOrder(), keys: c.findKeys(v), pairs: [3]*align.Pairing{1: po, 2: pt}}
	best := po.Cells(r.ours) + pt.Cells(r.theirs)
	for _, it := range r.keys {
		po, pt := c.pairing(v, 0, 1), c.pairing(v, 0, 2)
		ours, theirs := po.ByKey(it.Base, it.Ours), pt.ByKey(it.Base, it.Theirs)
		if n := po.Cells(ours) + pt.Cells(theirs); n > best || n == best && r.key == nil {
			best, r.ours, r.theirs, r.key = n, ours, theirs, &it
			r.pairs = [3]*align.Pairing{1: po, 2: pt}
		}
	}
	both := c.pairing(v, 1, 2)
	if r.key != nil {
		r.proven = !r.few && r.pairs[1].Steady(r.ours, r.key.Base) && r.pairs[2].Steady(r.theirs, r.key.Base)
		r.findTwins(both, len(v[0].recs), nil, nil)
		return r
	}
	ours, theirs := align.Moved(po, pt, r.ours, r.theirs, !c.same)
	unpair(r.ours, po, r.theirs, both.KeyA, both.KeyB)
	unpair(r.theirs, pt, r.ours, both.KeyB, both.KeyA)
	r.findTwins(both, len(v[0].recs), ours, theirs)
	return r
}

// unpair makes rows of a side new ones that the other side added as well, though
// they have something in common with rows that are gone.
func unpair(s align.Sequence, p *align.Pairing, other align.Sequence, key, otherKey func(int) []byte) {
	added := map[string]bool{}
	for row, b := range other {
		if b < 0 {
			added[string(otherKey(row))] = true
		}
	}
	for row, b := range s {
		if len(added) > 0 && b >= p.Fixed && p.Half(b, row) <= 0 && added[string(key(row))] {
			s[row] = -1
		}
	}
}

// findTwins finds the rows that both sides added. p compares the two; movedOurs
// and movedTheirs are rows that a side did not add but move.
func (r *rows) findTwins(p *align.Pairing, n int, movedOurs, movedTheirs map[int]bool) {
	r.twins = p.Twins(n, r.ours, r.theirs)
	maps.DeleteFunc(r.twins, func(o, t int) bool { return movedOurs[o] || movedTheirs[t] })
	at := map[string]int{}
	for i, b := range r.theirs {
		if b < 0 && !movedTheirs[i] {
			at[r.identity(p.B, 2, i, p.KeyB)] = i
		}
	}
	delete(at, "")
	for _, t := range r.twins {
		delete(at, r.identity(p.B, 2, t, p.KeyB))
	}
	for i, b := range r.ours {
		id := r.identity(p.A, 1, i, p.KeyA)
		t, ok := at[id]
		if _, twin := r.twins[i]; !ok || twin || b >= 0 || movedOurs[i] {
			continue
		}
		delete(at, id)
		if r.key != nil {
			r.twins[i] = t
		} else {
			r.doubles = append(r.doubles, align.Item{Base: -1, Ours: i, Theirs: t})
		}
	}
}

// identity is what a new row has in the key column, or without a key all of it;
// "" when it has nothing.
func (r *rows) identity(g align.Grid, version, row int, all func(int) []byte) string {
	if r.key != nil {
		return string(g.Cell(row, r.key.In(version)))
	}
	key := all(row)
	if len(bytes.Trim(key, "\x00")) == 0 { // only the lengths of empty cells
		return ""
	}
	return string(key)
}

// findKeys lists the columns that tell rows apart in all versions.
func (c *columns) findKeys(v [3]*table) []align.Item {
	var keys []align.Item
	for _, it := range c.list {
		is := len(keys) < maxKeys
		for i := range v {
			is = is && it.In(i) >= 0 && align.IsKey(grid{v[i], c.count[i]}, it.In(i), c.head)
		}
		if is {
			keys = append(keys, it)
		}
	}
	return keys
}
