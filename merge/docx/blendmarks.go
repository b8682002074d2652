package docx

import (
	"cmp"
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
	inB, inS, inO := w.b.marksByKey(), w.s.marksByKey(), w.o.marksByKey()
	var list []*mixedMark
	comments := [2]int{}
	for _, m := range w.s.marks {
		b, o := inB[m.key], inO[m.key]
		if b != nil && o == nil {
			continue // the other side took it away
		}
		if b == nil && o == nil && strings.HasPrefix(m.key, "mark commentReference") {
			comments[0]++
		}
		list = append(list, &mixedMark{m, keep, w.atS[m.at]})
	}
	for _, m := range w.o.marks {
		b, s := inB[m.key], inS[m.key]
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
		if strings.HasPrefix(m.key, "mark commentReference") && inS[m.key] == nil && inO[m.key] == nil && comments[0]+comments[1] > 0 {
			w.why = "comments"
		}
	}
	slices.SortStableFunc(list, func(a, b *mixedMark) int { return cmp.Or(cmp.Compare(a.at, b.at), a.compare(b.mark)) })
	return list
}

func (p *paragraph) marksByKey() map[string]*mark {
	by := make(map[string]*mark, len(p.marks))
	for _, m := range p.marks {
		by[m.key] = m
	}
	return by
}

// compare is the order of marks in one place: ranges begin before they end.
func (m *mark) compare(other *mark) int {
	begins := func(m *mark) int {
		if strings.HasSuffix(m.el.Tag, "Start") {
			return 0
		}
		return 1
	}
	return cmp.Or(cmp.Compare(begins(m), begins(other)), cmp.Compare(m.key, other.key))
}
