package csv

import (
	"strconv"

	"github.com/esync/esync/merge/align"
)

// columns is what became of the columns.
type columns struct {
	named bool
	// list has the columns of the merge, in order; a column that a side
	// deleted is not in it.
	list []align.Item
	// lost are the columns that one side deleted.
	lost []align.Item
	// same tells that all versions have the same columns in the same order, so
	// that rows can be taken as they stand.
	same bool
	// count is how many columns the first record of each version has, and
	// ragged tells that some record has another number.
	count  [3]int
	ragged bool
}

// header gives the names of the first record when they are names: there are
// some, all different, none empty and none a number.
func header(t *table) ([]string, bool) {
	if len(t.recs) == 0 {
		return nil, false
	}
	n := int(t.recs[0].n)
	names := make([]string, n)
	seen := make(map[string]bool, n)
	for i := range names {
		name := t.word(0, i)
		if _, err := strconv.ParseFloat(name, 64); err == nil || name == "" || seen[name] {
			return nil, false
		}
		names[i], seen[name] = name, true
	}
	return names, true
}

// alignColumns finds which column is which. It fails where both sides changed
// the columns in a way that cannot be put together.
func alignColumns(v [3]*table) (c columns, ok bool) {
	var names [3][]string
	c.named = true
	for i, t := range v {
		var named bool
		names[i], named = header(t)
		c.named = c.named && named
		if len(t.recs) > 0 {
			c.count[i] = int(t.recs[0].n)
		}
	}
	for i, t := range v {
		for _, r := range t.recs {
			c.ragged = c.ragged || int(r.n) != c.count[i]
		}
	}
	if !c.named {
		if c.count[1] != c.count[0] || c.count[2] != c.count[0] {
			return c, false
		}
		names = [3][]string{}
		for i := range names {
			names[i] = make([]string, c.count[0])
			for j := range names[i] {
				names[i][j] = strconv.Itoa(j + 1)
			}
		}
	}
	n := len(names[0])
	ours, theirs := matchNames(names[0], names[1], v[0], v[1]), matchNames(names[0], names[2], v[0], v[2])
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
// a new name that holds what one held whose name is gone.
func matchNames(base, side []string, was, now *table) align.Sequence {
	at := make(map[string]int, len(base))
	for i, name := range base {
		at[name] = i
	}
	s := make(align.Sequence, len(side))
	used := make([]bool, len(base))
	for i, name := range side {
		if b, ok := at[name]; ok {
			s[i], used[b] = b, true
		} else {
			s[i] = -1
		}
	}
	for i := range s {
		if s[i] >= 0 {
			continue
		}
		best, most := -1, 0
		for b := range base {
			if used[b] {
				continue
			}
			n := 2 * alike(was, b, now, i)
			if b == i && (n > 0 || len(base) == len(side) && len(was.recs) < 2) {
				n++ // one in the same place wins over another that is as much alike
			}
			if n > most {
				best, most = b, n
			}
		}
		if best >= 0 {
			s[i], used[best] = best, true
		}
	}
	return s
}

// alike counts the rows that hold in a column what they held in another one, in
// whatever order; it is 0 when these are fewer than half.
func alike(was *table, b int, now *table, i int) int {
	count := map[string]int{}
	for row := 1; row < len(was.recs); row++ {
		count[string(was.value(row, b))]++
	}
	same := 0
	for row := 1; row < len(now.recs); row++ {
		v := string(now.value(row, i))
		if count[v] > 0 {
			count[v]--
			same++
		}
	}
	if 2*same < min(len(was.recs), len(now.recs))-1 {
		return 0
	}
	return same
}
