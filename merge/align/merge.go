package align

import "slices"

// Span is the elements Lo to Hi of a sequence, without Hi.
type Span struct{ Lo, Hi int }

// Len is how many there are.
func (s Span) Len() int { return s.Hi - s.Lo }

// Taken tells which side a Region is taken from.
type Taken uint8

const (
	// Equal: no side changed it, or both alike.
	Equal Taken = iota
	// Ours and Theirs: that side alone changed it.
	Ours
	Theirs
	// Conflict: both changed it, apart from each other.
	Conflict
)

// Region is a stretch of a merge. The regions of one merge, in order, cover
// the three sequences, but for the base inside a conflict that was split: the
// first of its parts has all of it and the others none.
type Region struct {
	Take               Taken
	Base, Ours, Theirs Span
}

// joined is how many equal elements between two conflicts make them one.
const joined = 3

// Merge finds what two sides did to base. Regions that are not Equal are
// changes; without a Conflict among them the merge is the elements of all
// regions from the side that each is taken from.
func Merge(base, ours, theirs []int32) []Region {
	list := overlaps(Diff(base, ours), Diff(base, theirs), base, ours, theirs)
	list = slices.DeleteFunc(join(refine(list, ours, theirs)), func(r Region) bool {
		return r.Take == Conflict && slices.Equal(ours[r.Ours.Lo:r.Ours.Hi], theirs[r.Theirs.Lo:r.Theirs.Hi])
	})
	return fill(list, len(base), len(ours), len(theirs))
}

// overlaps walks the changes of both sides. Changes that overlap or touch are
// a conflict unless they are the same; those that are stand in no region.
func overlaps(o, t []Hunk, base, ours, theirs []int32) []Region {
	var list []Region
	add := func(r Region) {
		if n := len(list); n > 0 {
			if last := &list[n-1]; r.Ours.Lo <= last.Ours.Hi || r.Theirs.Lo <= last.Theirs.Hi {
				if r.Take != last.Take {
					last.Take = Conflict
				}
				last.Base.Hi, last.Ours.Hi, last.Theirs.Hi = r.Base.Hi, r.Ours.Hi, r.Theirs.Hi
				return
			}
		}
		list = append(list, r)
	}
	// A base element that a side did not change is, in that side, as much
	// further on as the end of the side's last change was.
	shiftO, shiftT := 0, 0
	for len(o) > 0 || len(t) > 0 {
		switch {
		case len(t) == 0 || len(o) > 0 && o[0].AHi < t[0].ALo:
			h := o[0]
			add(Region{Ours, Span{h.ALo, h.AHi}, Span{h.BLo, h.BHi}, Span{h.ALo + shiftT, h.AHi + shiftT}})
			shiftO, o = h.BHi-h.AHi, o[1:]
			continue
		case len(o) == 0 || t[0].AHi < o[0].ALo:
			h := t[0]
			add(Region{Theirs, Span{h.ALo, h.AHi}, Span{h.ALo + shiftO, h.AHi + shiftO}, Span{h.BLo, h.BHi}})
			shiftT, t = h.BHi-h.AHi, t[1:]
			continue
		}
		x, y := o[0], t[0]
		if x.ALo != y.ALo || x.AHi != y.AHi || !slices.Equal(ours[x.BLo:x.BHi], theirs[y.BLo:y.BHi]) {
			lo, hi := min(x.ALo, y.ALo), max(x.AHi, y.AHi)
			add(Region{Conflict, Span{lo, hi},
				Span{x.BLo - (x.ALo - lo), x.BHi + (hi - x.AHi)}, Span{y.BLo - (y.ALo - lo), y.BHi + (hi - y.AHi)}})
		}
		if x.AHi <= y.AHi {
			shiftO, o = x.BHi-x.AHi, o[1:]
		}
		if y.AHi <= x.AHi {
			shiftT, t = y.BHi-y.AHi, t[1:]
		}
	}
	return list
}

// refine splits conflicts by what the two sides have in common.
func refine(list []Region, ours, theirs []int32) []Region {
	var out []Region
	for _, r := range list {
		if r.Take != Conflict || r.Ours.Len() == 0 || r.Theirs.Len() == 0 {
			out = append(out, r)
			continue
		}
		base := r.Base
		for _, h := range Diff(ours[r.Ours.Lo:r.Ours.Hi], theirs[r.Theirs.Lo:r.Theirs.Hi]) {
			out = append(out, Region{Conflict, base,
				Span{r.Ours.Lo + h.ALo, r.Ours.Lo + h.AHi}, Span{r.Theirs.Lo + h.BLo, r.Theirs.Lo + h.BHi}})
			base.Lo = base.Hi
		}
	}
	return out
}

// join makes one conflict of two that are only a few equal elements apart. Its
// sides may be alike, where what one had before those elements the other has
// behind them.
func join(list []Region) []Region {
	var out []Region
	for _, r := range list {
		if n := len(out); n > 0 && r.Take == Conflict && out[n-1].Take == Conflict && r.Ours.Lo-out[n-1].Ours.Hi <= joined {
			last := &out[n-1]
			last.Base.Hi, last.Ours.Hi, last.Theirs.Hi = r.Base.Hi, r.Ours.Hi, r.Theirs.Hi
			continue
		}
		out = append(out, r)
	}
	return out
}

// fill puts what is equal between the regions, before and behind them.
func fill(list []Region, base, ours, theirs int) []Region {
	var out []Region
	var at Region
	list = append(list, Region{Equal, Span{base, base}, Span{ours, ours}, Span{theirs, theirs}})
	for _, r := range list {
		gap := Region{Equal, Span{at.Base.Hi, r.Base.Lo}, Span{at.Ours.Hi, r.Ours.Lo}, Span{at.Theirs.Hi, r.Theirs.Lo}}
		if gap.Base.Len()+gap.Ours.Len()+gap.Theirs.Len() > 0 {
			out = append(out, gap)
		}
		if r.Take != Equal {
			out = append(out, r)
		}
		at = r
	}
	return out
}
