package align

// pairs is a comparison as the lines that stay: line a[j] of the one text is
// line b[j] of the other. Between two pairs lies, in each text, a group of
// lines that is gone or has come, often an empty one.
type pairs struct {
	textA, textB []int32
	a, b         []int
}

func (d *differ) pairs() *pairs {
	p := &pairs{textA: d.a, textB: d.b}
	i, j := 0, 0
	for {
		for i < len(d.a) && d.gone[i] {
			i++
		}
		for j < len(d.b) && d.come[j] {
			j++
		}
		if i == len(d.a) || j == len(d.b) {
			return p
		}
		p.a, p.b = append(p.a, i), append(p.b, j)
		i, j = i+1, j+1
	}
}

// slide moves every group as far to the end of its text as equal lines let it,
// joining those that meet, so that equal edits look alike. A group that could
// stand beside one of the other text does that instead: together they are one
// change. These are the rules by which git compacts a diff before a merge.
func (p *pairs) slide() {
	slideGroups(p.textA, p.a, p.b, len(p.textB))
	slideGroups(p.textB, p.b, p.a, len(p.textA))
}

// group gives the lines between pair j-1 and pair j.
func group(at []int, j, end int) (lo, hi int) {
	if j > 0 {
		lo = at[j-1] + 1
	}
	if j < len(at) {
		end = at[j]
	}
	return lo, end
}

// slideGroups moves the groups of text, whose pairs are at, along. other and
// its length n are the pairs of the other text, which stay. Sliding a group
// over a pair means that the pair takes the group's equal line at the far end.
func slideGroups(text []int32, at, other []int, n int) {
	beside := func(j int) bool {
		lo, hi := group(other, j, n)
		return lo < hi
	}
	for j := 0; j <= len(at); j++ {
		lo, hi := group(at, j, len(text))
		if lo == hi {
			continue
		}
		match, first := -1, j
		for size := 0; size != hi-lo; {
			size = hi - lo
			for j > 0 && text[lo-1] == text[hi-1] {
				j--
				at[j] = hi - 1
				lo, hi = group(at, j, len(text))
			}
			match, first = -1, j
			for {
				if beside(j) {
					match = j
				}
				if j == len(at) || text[lo] != text[hi] {
					break
				}
				at[j] = lo
				j++
				lo, hi = group(at, j, len(text))
			}
		}
		if match >= first && match < j {
			for ; j > match; j-- {
				_, hi = group(at, j, len(text))
				at[j-1] = hi - 1
			}
		}
	}
}

// hunks lists the groups.
func (p *pairs) hunks() []Hunk {
	var list []Hunk
	for j := 0; j <= len(p.a); j++ {
		aLo, aHi := group(p.a, j, len(p.textA))
		bLo, bHi := group(p.b, j, len(p.textB))
		if aLo < aHi || bLo < bHi {
			list = append(list, Hunk{aLo, aHi, bLo, bHi})
		}
	}
	return list
}
