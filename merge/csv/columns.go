package csv

import (
	"strconv"

	"github.com/esync/esync/merge/align"
)

// columns is what became of the columns.
type columns struct {
	// head is how many records stand in front of the rows: titles, and the names
	// of the columns as the last of them. It is 0 when columns have no names.
	head int
	// list has the columns of the merge, in order; a column that a side
	// deleted is not in it.
	list []align.Item
	// lost are the columns that one side deleted.
	lost []align.Item
	// same tells that all versions have the same columns in the same order, so
	// that rows can be taken as they stand.
	same bool
	// count is how many columns each version has, and ragged tells that some row
	// has another number of fields.
	count  [3]int
	ragged bool
}

// alignColumns finds which column is which. It fails where both sides changed
// the columns in a way that cannot be put together.
func alignColumns(v [3]*table) (c columns, ok bool) {
	names := c.readNames(v)
	if c.head == 0 && (c.count[1] != c.count[0] || c.count[2] != c.count[0] || !inPlace(v[0], v[1], c.count[0]) || !inPlace(v[0], v[2], c.count[0])) {
		return c, false
	}
	n := len(names[0])
	ours, vagueOurs := c.matchNames(names[0], names[1], v[0], v[1])
	theirs, vagueTheirs := c.matchNames(names[0], names[2], v[0], v[2])
	if touched(vagueOurs, theirs, names[0], names[2]) || touched(vagueTheirs, ours, names[0], names[1]) {
		return c, false
	}
	c.same = isAll(ours, n) && isAll(theirs, n)
	first, ok := align.Lead(n, ours, theirs)
	if !ok {
		return c, false
	}
	twins := map[int]int{}
	for o, b := range ours {
		for t, d := range theirs {
			if b < 0 && d < 0 && names[1][o] == names[2][t] {
				twins[o] = t
			}
		}
	}
	for _, it := range align.Weave(n, first, ours, theirs, twins) {
		switch {
		case it.Base < 0 || it.Ours >= 0 && it.Theirs >= 0:
			c.list = append(c.list, it)
		default:
			c.lost = append(c.lost, it)
		}
	}
	return c, true
}

// readNames finds the names of the columns, which are their numbers when not all
// versions have names in the same record.
func (c *columns) readNames(v [3]*table) (names [3][]string) {
	var rows [3]int
	named := true
	for i, t := range v {
		var ok bool
		rows[i], names[i], ok = header(t)
		named = named && ok && rows[i] == rows[0]
	}
	if named {
		c.head = rows[0] + 1
	}
	for i, t := range v {
		if c.count[i], _ = t.width(); named {
			c.count[i] = len(names[i])
		} else {
			names[i] = make([]string, c.count[i])
			for j := range names[i] {
				names[i][j] = strconv.Itoa(j + 1)
			}
		}
		for _, r := range t.recs[min(c.head, len(t.recs)):] {
			c.ragged = c.ragged || int(r.n) != c.count[i]
		}
	}
	return names
}

// inPlace tells whether n columns without names are those that they were, as far
// as it can be seen: none of them holds what another one held, but not what it
// held itself.
func inPlace(was, now *table, n int) bool {
	var other []int
	for i := range n {
		if alike(was, i, now, i, 0) == 0 {
			other = append(other, i)
		}
	}
	for _, b := range other {
		for _, i := range other {
			if b != i && alike(was, b, now, i, 0) > 0 {
				return false
			}
		}
	}
	return true
}

// touched tells whether a side did anything to columns of which it is not known
// what the other side did to them.
func touched(vague []int, s align.Sequence, base, side []string) bool {
	back := s.Back(len(base))
	for _, b := range vague {
		if at := back[b]; at < 0 || side[at] != base[b] {
			return true
		}
	}
	return false
}

// isAll tells whether a sequence is the base's own.
func isAll(s align.Sequence, n int) bool {
	for i, b := range s {
		if b != i {
			return false
		}
	}
	return len(s) == n
}

// matchNames finds the columns of a side in the base: by name, and a column with
// a new name that holds what one held whose name is gone. vague are those that
// are gone though they may have got a new name: there is nothing by which to tell.
func (c *columns) matchNames(base, side []string, was, now *table) (s align.Sequence, vague []int) {
	at := make(map[string]int, len(base))
	for i, name := range base {
		at[name] = i
	}
	s = make(align.Sequence, len(side))
	used := make([]bool, len(base))
	for i, name := range side {
		if b, ok := at[name]; ok {
			s[i], used[b] = b, true
		} else {
			s[i] = -1
		}
	}
	fresh := false
	for i := range s {
		if s[i] >= 0 {
			continue
		}
		best, most := -1, 0
		for b := range base {
			if used[b] {
				continue
			}
			n := 2 * alike(was, b, now, i, c.head)
			if b == i && n > 0 {
				n++ // one in the same place wins over another that is as much alike
			}
			if n > most {
				best, most = b, n
			}
		}
		if best >= 0 {
			s[i], used[best] = best, true
		} else {
			fresh = true
		}
	}
	for b := range base {
		if fresh && !used[b] && (len(now.recs) <= c.head || was.empty(b, c.head)) {
			vague = append(vague, b)
		}
	}
	return s, vague
}

// empty tells whether a column has nothing from a row on.
func (t *table) empty(column, from int) bool {
	for row := from; row < len(t.recs); row++ {
		if len(t.raw(row, column)) > 0 {
			return false
		}
	}
	return true
}

// alike counts the rows that hold in a column what they held in another one, in
// whatever order; it is 0 when these are fewer than half of those that hold
// something.
func alike(was *table, b int, now *table, i, head int) int {
	count := map[string]int{}
	filled, stands, same := 0, 0, 0
	for row := head; row < len(was.recs); row++ {
		if v := was.value(row, b); len(v) > 0 {
			count[string(v)]++
			filled++
		}
	}
	for row := head; row < len(now.recs); row++ {
		v := now.value(row, i)
		if len(v) == 0 {
			continue
		}
		if stands++; count[string(v)] > 0 {
			count[string(v)]--
			same++
		}
	}
	if 2*same < max(filled, stands) {
		return 0
	}
	return same
}
