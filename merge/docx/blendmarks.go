package docx

import (
	"slices"
	"strings"
)

type mixedMark struct {
	*mark
	from from
	at   int
}

// marks merges the ends of ranges, each for itself.
func (w *blender) marks() []*mixedMark {
	find := func(p *paragraph, key string) *mark {
		for _, m := range p.marks {
			if m.key == key {
				return m
			}
		}
		return nil
	}
	var list []*mixedMark
	comments := [2]int{}
	for _, m := range w.s.marks {
		b, o := find(w.b, m.key), find(w.o, m.key)
		if b != nil && o == nil {
			continue // the other side took it away
		}
		if b == nil && o == nil && strings.HasPrefix(m.key, "mark commentReference") {
			comments[0]++
		}
		list = append(list, &mixedMark{m, keep, w.atS[m.at]})
	}
	for _, m := range w.o.marks {
		b, s := find(w.b, m.key), find(w.s, m.key)
		if s != nil || b != nil {
			continue
		}
		if strings.HasPrefix(m.key, "mark commentReference") {
			comments[1]++
		}
		list = append(list, &mixedMark{m, take, w.atO[m.at]})
	}
	// Where both sides took a comment away and there is another one now, one of
	// them may have changed it.
	for _, m := range w.b.marks {
		if strings.HasPrefix(m.key, "mark commentReference") && find(w.s, m.key) == nil && find(w.o, m.key) == nil && comments[0]+comments[1] > 0 {
			w.why = "comments"
		}
	}
	slices.SortStableFunc(list, func(a, b *mixedMark) int {
		if a.at != b.at {
			return a.at - b.at
		}
		return strings.Compare(a.key, b.key)
	})
	return list
}
