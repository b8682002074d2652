package xlsx

import (
	"slices"
)

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

// aligned is what was found out about the lines of two versions.
type aligned struct {
	axis axis // which lines were made and which are gone
	// crossed tells that some changed places besides, vague that lines were
	// taken for one that have nothing of their own in common.
	crossed, vague bool
}

// alignLines finds which lines were made and which are gone.
func alignLines(b, x *lines) aligned {
	var out aligned
	all := anchors(b, x)
	fixed := rising(all)
	out.crossed = len(fixed) < len(all)
	last := pair{0, 0}
	for _, p := range fixed {
		out.axis = append(out.axis, out.fillGap(b, x, last, p)...)
		last = p
	}
	out.axis = append(out.axis, out.fillTail(b, x, last)...).joined()
	return out
}

// fillGap explains the lines between two that are certain.
func (out *aligned) fillGap(b, x *lines, from, to pair) axis {
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
	return out.fitGap(b, x, from, n, m)
}

// maxFit bounds the time to fit lines that were made, taken away and changed
// in one place.
const maxFit = 1 << 18

// fitGap finds which of n lines of the base are which of m of the side: those
// with the most cells in common. What has none in common are other lines.
func (out *aligned) fitGap(b, x *lines, from pair, n, m int) axis {
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
		p, q := b.get(from.b+1+i), x.get(from.x+1+j)
		c := common(p, q)
		switch {
		case c > 0 && *at(i, j) == *at(i+1, j+1)+int32(c):
			out.vague = out.vague || alikeOnly(p, q)
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

// alikeOnly tells whether all that two lines have in common is what many have:
// that both say "yes" makes no two lines one.
func alikeOnly(b, x *line) bool {
	return b != nil && x != nil && b.sum != x.sum && !slices.ContainsFunc(b.own, func(s uint64) bool { return slices.Contains(x.sums, s) })
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
func (out *aligned) fillTail(b, x *lines, from pair) axis {
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
	a := out.fitGap(b, x, from, n, m)
	if k := len(a); to.b == b.last+1 && k > 0 && a[k-1].at+a[k-1].del == b.last+1 {
		// Nothing stands behind it.
		a = a[:k-1]
	}
	return a
}
