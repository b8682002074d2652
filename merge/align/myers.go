package align

import "math"

// myers has the memory of the search: by diagonal, how far it got from either
// end.
type myers struct {
	forward, backward []int32
	limit             int
}

const (
	notYet  = math.MinInt32 / 2
	notBack = math.MaxInt32 / 2
	// leastLimit is the number of differences up to which the answer is
	// always the shortest one. Far beyond it a good split is as good.
	leastLimit = 256
)

// compare is Myers' algorithm in linear space: find a point in the middle of
// a shortest way from one corner to the other, and go on on both sides of it.
func (d *differ) compare(aLo, aHi, bLo, bHi int) {
	if d.myers == nil {
		n := len(d.a) + len(d.b) + 5
		d.myers = &myers{forward: make([]int32, n), backward: make([]int32, n), limit: leastLimit}
		for d.myers.limit*d.myers.limit < n {
			d.myers.limit *= 2
		}
	}
	for {
		aLo, aHi, bLo, bHi = trim(d.a, d.b, aLo, aHi, bLo, bHi)
		if aLo == aHi || bLo == bHi {
			d.all(aLo, aHi, bLo, bHi)
			return
		}
		x, y := d.myers.middle(d.a[aLo:aHi], d.b[bLo:bHi])
		d.compare(aLo, aLo+x, bLo, bLo+y)
		aLo, bLo = aLo+x, bLo+y
	}
}

// middle gives a point other than both corners. a and b are not empty and
// differ in their first and in their last lines. Diagonal k is x-y.
func (m *myers) middle(a, b []int32) (x, y int) {
	n, width := len(a), len(b)
	off := width + 2 // of diagonal 0
	delta := n - width
	f, r := m.forward, m.backward
	f[off-1], f[off], f[off+1] = notYet, 0, notYet
	r[off+delta-1], r[off+delta], r[off+delta+1] = notBack, int32(n), notBack
	for cost := 1; ; cost++ {
		lo, hi := max(-cost, -width), min(cost, n)
		grow(f, off+lo-1, off+hi+1, off-cost, off+cost, notYet)
		for k := hi - (hi+cost)&1; k >= lo; k -= 2 {
			at := notYet
			if v := int(f[off+k+1]); v >= 0 && v-(k+1) < width {
				at = v
			}
			if v := int(f[off+k-1]); v >= 0 && v < n {
				at = max(at, v+1)
			}
			if at >= 0 {
				for at < n && at-k < width && a[at] == b[at-k] {
					at++
				}
			}
			f[off+k] = int32(at)
			if back := k - delta; delta&1 != 0 && back > -cost && back < cost && at >= 0 && int32(at) >= r[off+k] {
				return at, at - k
			}
		}
		lo, hi = max(delta-cost, -width), min(delta+cost, n)
		grow(r, off+lo-1, off+hi+1, off+delta-cost, off+delta+cost, notBack)
		for k := hi - (hi-delta+cost)&1; k >= lo; k -= 2 {
			at := notBack
			if v := int(r[off+k-1]); v <= n && v-(k-1) > 0 {
				at = v
			}
			if v := int(r[off+k+1]); v <= n && v > 0 {
				at = min(at, v-1)
			}
			if at <= n {
				for at > 0 && at-k > 0 && a[at-1] == b[at-k-1] {
					at--
				}
			}
			r[off+k] = int32(at)
			if delta&1 == 0 && k >= -cost && k <= cost && at <= n && f[off+k] >= int32(at) {
				return at, at - k
			}
		}
		if cost >= m.limit {
			return m.furthest(off, max(-cost, -width), min(cost, n))
		}
	}
}

// grow marks the diagonals next to those in use, which earlier searches may
// have left something in.
func grow(v []int32, below, above, first, last int, mark int32) {
	if below < first {
		v[below] = mark
	}
	if above > last {
		v[above] = mark
	}
}

// furthest gives the point that the search from the start got furthest to.
func (m *myers) furthest(off, lo, hi int) (x, y int) {
	for k := lo; k <= hi; k++ {
		if v := int(m.forward[off+k]); v >= 0 && 2*v-k > x+y {
			x, y = v, v-k
		}
	}
	return x, y
}
