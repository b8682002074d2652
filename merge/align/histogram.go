package align

// maxChain is the number of times a line may occur and still be an anchor, as
// in JGit and git: what is more common says little about where it belongs.
const maxChain = 64

// index finds where a line occurs in a stretch of a.
type index struct {
	first []int32 // by line number: 1 + the first place, 0 for none
	count []int32 // by line number: how many places
	next  []int32 // by place: 1 + the next place of the same line
}

func (x *index) fill(a []int32, lo, hi int) {
	for i := hi - 1; i >= lo; i-- {
		v := a[i]
		x.next[i] = x.first[v]
		x.first[v] = int32(i) + 1
		x.count[v]++
	}
}

func (x *index) clear(a []int32, lo, hi int) {
	for _, v := range a[lo:hi] {
		x.first[v], x.count[v] = 0, 0
	}
}

// stretch is a run of common lines, from a[a] and b[b] on.
type stretch struct{ a, b, n int }

// histogram compares a[aLo:aHi] with b[bLo:bHi]: it takes the run of common
// lines that holds the rarest line as fixed and goes on before and behind it.
// Where only common lines are left, Myers decides.
func (d *differ) histogram(aLo, aHi, bLo, bHi, count int) {
	if d.index == nil {
		d.index = &index{first: make([]int32, count), count: make([]int32, count), next: make([]int32, len(d.a))}
	}
	for aLo < aHi && bLo < bHi {
		best, common := d.anchor(aLo, aHi, bLo, bHi)
		switch {
		case best.n > 0:
			d.histogram(aLo, best.a, bLo, best.b, count)
			aLo, bLo = best.a+best.n, best.b+best.n
			continue
		case common:
			d.compare(aLo, aHi, bLo, bHi)
		default:
			d.all(aLo, aHi, bLo, bHi)
		}
		return
	}
	d.all(aLo, aHi, bLo, bHi)
}

// anchor gives the best run to hold fixed: the one with the rarest line, of
// those the longest; none when every common line is too common. common tells
// whether there is a common line at all.
func (d *differ) anchor(aLo, aHi, bLo, bHi int) (best stretch, common bool) {
	d.budget -= aHi - aLo + bHi - bLo
	if d.budget < 0 {
		return best, true
	}
	x := d.index
	x.fill(d.a, aLo, aHi)
	defer x.clear(d.a, aLo, aHi)
	rarest := int32(maxChain)
	for b := bLo; b < bHi; {
		after := b + 1
		n := x.count[d.b[b]]
		common = common || n > 0
		if n > 0 && n <= rarest {
			for place := x.first[d.b[b]]; place > 0; {
				s, least := d.extend(int(place)-1, b, aLo, aHi, bLo, bHi)
				after = max(after, s.b+s.n)
				if s.n > best.n || least < rarest {
					best, rarest = s, least
				}
				for place > 0 && int(place)-1 < s.a+s.n {
					place = x.next[place-1]
				}
			}
		}
		b = after
	}
	return best, common
}

// extend makes the run around an equal pair as long as it goes, and counts how
// often its rarest line occurs.
func (d *differ) extend(a, b, aLo, aHi, bLo, bHi int) (s stretch, least int32) {
	least = d.index.count[d.a[a]]
	end := a + 1
	for end < aHi && b+end-a < bHi && d.a[end] == d.b[b+end-a] {
		least = min(least, d.index.count[d.a[end]])
		end++
	}
	start := a
	for start > aLo && b-(a-start) > bLo && d.a[start-1] == d.b[b-(a-start)-1] {
		start--
		least = min(least, d.index.count[d.a[start]])
	}
	d.budget -= end - start
	return stretch{start, b - (a - start), end - start}, least
}
