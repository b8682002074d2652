package docx

import (
	"slices"
	"strings"

	"github.com/esync/esync/merge/align"
)

// sequence merges what is in a container.
func (m *merger) sequence(b, s, o *node) []*outcome {
	ours, theirs := m.pairs(b, s), m.pairs(b, o)
	// New things stand in the order of the sides, whichever is written into.
	first, second := s, o
	if m.second {
		first, second, ours, theirs = o, s, theirs, ours
	}
	lead, ok := align.Lead(len(b.kids), ours, theirs)
	if !ok {
		if f := m.clash(strings.TrimSpace(b.where+" order"), "", "", ""); (f == take) != m.second {
			lead = theirs
		}
	}
	twins := twinsOf(b, first, second, ours, theirs)
	items := align.Weave(len(b.kids), lead, ours, theirs, twins)
	skip := m.replaced(b, first, second, ours, theirs, twins)
	m.amid(b, first, second, ours, theirs, skip)
	var out []*outcome
	last := "start"
	if b.where != "" {
		last = b.where + " start"
	}
	for _, it := range items {
		x, y := at(first, it.Ours), at(second, it.Theirs)
		if m.second {
			x, y = y, x
		}
		if it.Base >= 0 {
			n := b.kids[it.Base]
			last = "after " + n.where
			if r := m.known(n, x, y); r != nil {
				out = append(out, r)
			}
			continue
		}
		if x != nil && skip[x] || y != nil && skip[y] {
			continue
		}
		out = append(out, m.fresh(last, x, y))
	}
	return out
}

func at(n *node, i int) *node {
	if i < 0 {
		return nil
	}
	return n.kids[i]
}

// pairs is match, but cells are paired by the column that they stand in.
func (m *merger) pairs(b, side *node) align.Sequence {
	if b.kind != rowNode {
		return match(b.kids, side.kids)
	}
	if cols, ok := m.columns[side]; ok && len(cols) == len(side.kids) {
		return cols
	}
	if len(b.kids) != len(side.kids) {
		return match(b.kids, side.kids)
	}
	s := make(align.Sequence, len(side.kids))
	for i := range s {
		s[i] = i
	}
	return s
}

// follow notes which columns the rows of a side have, where these are others
// than in the base.
func (m *merger) follow(b, side *node) {
	if b.kind != tableNode || widest(b) == widest(side) {
		return
	}
	cols, ok := columnsOf(b, side)
	if !ok {
		return
	}
	for _, row := range side.kids {
		m.columns[row] = cols
	}
}

// known merges what the base has and a side may have deleted.
func (m *merger) known(b, s, o *node) *outcome {
	switch {
	case s == nil && o == nil:
		return nil
	case s != nil && o != nil:
		if s.kind != b.kind || o.kind != b.kind {
			return whole(m.clash(b.where, describe(b, b), describe(s, b), describe(o, b)), s, o)
		}
		return m.node(b, s, o)
	case o == nil:
		if m.untouched(m.s, b, s) {
			m.note(take, b.where, describe(b, b), describe(s, b), "")
			return nil
		}
		if m.clash(b.where, describe(b, s), describe(s, b), "") == take {
			return nil
		}
		return keeping(s, nil)
	}
	if m.untouched(m.o, b, o) {
		m.note(keep, b.where, describe(b, b), "", describe(o, b))
		return nil
	}
	if m.clash(b.where, describe(b, o), "", describe(o, b)) == take {
		return taking(nil, o)
	}
	return nil
}

// untouched tells whether a side left something as it was.
func (m *merger) untouched(d *document, b, n *node) bool {
	return n.sum == b.sum || m.restyled[d] && n.words == b.words && n.remarks() == b.remarks()
}

// remarks are what people noted in a node beside its words: comments and
// tracked changes.
func (n *node) remarks() string {
	var in, out, comments strings.Builder
	n.leaves(func(l *node) {
		if l.kind != paraNode {
			return
		}
		p := l.paragraph()
		for _, a := range p.atoms {
			for _, e := range a.chain {
				switch {
				case is(e, "ins", "moveTo"):
					in.WriteString(a.text)
				case is(e, "del", "moveFrom"):
					out.WriteString(a.text)
				}
			}
		}
		for _, m := range p.marks {
			comments.WriteString(m.text)
		}
	})
	return in.String() + "\x00" + out.String() + "\x00" + comments.String()
}

// fresh is what one side put in, or both alike.
func (m *merger) fresh(where string, s, o *node) *outcome {
	switch {
	case s != nil && o != nil:
		m.note(keep, where, "", describe(s, nil), describe(o, nil))
		return keeping(s, o)
	case s != nil:
		m.note(keep, where, "", describe(s, nil), "")
		return keeping(s, nil)
	}
	m.note(take, where, "", "", describe(o, nil))
	return taking(nil, o)
}

// twinsOf finds what both sides put in alike in one place.
func twinsOf(b, first, second *node, ours, theirs align.Sequence) map[int]int {
	twins := map[int]int{}
	news := theirs.NewBehind(len(b.kids))
	for slot, list := range ours.NewBehind(len(b.kids)) {
		others := slices.Clone(news[slot])
		for _, i := range list {
			for k, j := range others {
				if first.kids[i].sum == second.kids[j].sum {
					twins[i] = j
					others = others[k+1:]
					break
				}
			}
		}
	}
	return twins
}

// amid finds what one side put in amid what the other took out: between two
// nodes that are gone there, or in a list that is. It adds to skip what was not
// chosen.
func (m *merger) amid(b, first, second *node, ours, theirs align.Sequence, skip map[*node]bool) {
	n := len(b.kids)
	backOurs, backTheirs := ours.Back(n), theirs.Back(n)
	m.amidSide(b, first, ours, backOurs, backTheirs, skip, m.second)
	m.amidSide(b, second, theirs, backTheirs, backOurs, skip, !m.second)
}

// amidSide does it for what one side, which is o or not, put in.
func (m *merger) amidSide(b, side *node, mine align.Sequence, back, other []int, skip map[*node]bool, isO bool) {
	lost := func(k int) bool { return k >= 0 && k < len(back) && back[k] >= 0 && other[k] < 0 }
	lostListed := func(k int) bool { return lost(k) && b.kids[k].listed() }
	for slot, list := range mine.NewBehind(len(back)) {
		around := lost(slot-1) && lost(slot)
		listed := lostListed(slot-1) || lostListed(slot)
		if !around && !listed {
			continue
		}
		for _, k := range list {
			one := side.kids[k]
			if !around && !one.listed() {
				continue
			}
			// It has its name also where a decision left it out: the names of
			// those behind it stay.
			where := m.where("after " + b.kids[max(slot-1, 0)].where)
			if skip[one] {
				continue
			}
			f, s, o := keep, describe(one, nil), ""
			if isO {
				f, s, o = take, o, s
			}
			if m.clashAt(where, "", s, o) != f {
				skip[one] = true
			}
		}
	}
}

// listed tells whether a node is a paragraph of a list.
func (n *node) listed() bool {
	return n.kind == paraNode && slices.ContainsFunc(n.paragraph().props, func(p prop) bool { return p.key == "numPr" || p.key == "pStyle" && strings.Contains(p.value, "list") })
}

// replaced finds where both sides took the same out of the base and put
// different things in its place. It returns the new nodes that were not chosen.
func (m *merger) replaced(b, first, second *node, ours, theirs align.Sequence, twins map[int]int) map[*node]bool {
	skip := map[*node]bool{}
	backOurs, backTheirs := ours.Back(len(b.kids)), theirs.Back(len(b.kids))
	newOurs, newTheirs := ours.NewBehind(len(b.kids)), theirs.NewBehind(len(b.kids))
	twin := map[int]bool{}
	for _, j := range twins {
		twin[j] = true
	}
	slotOurs, slotTheirs, gone := 0, 0, false
	for i, n := range b.kids {
		inOurs, inTheirs := backOurs[i] >= 0, backTheirs[i] >= 0
		if inOurs {
			slotOurs = i + 1
		}
		if inTheirs {
			slotTheirs = i + 1
		}
		if inOurs || inTheirs || n.kind == markNode {
			gone = gone && !(inOurs && inTheirs)
			continue
		}
		if gone {
			continue // told for the first of them
		}
		gone = true
		var x, y []*node
		for _, k := range newOurs[slotOurs] {
			if _, both := twins[k]; !both {
				x = append(x, first.kids[k])
			}
		}
		for _, k := range newTheirs[slotTheirs] {
			if !twin[k] {
				y = append(y, second.kids[k])
			}
		}
		if len(x) == 0 && len(y) == 0 {
			continue
		}
		s, o := x, y
		if m.second {
			s, o = y, x
		}
		drop := o
		if m.clash(n.where, describe(n, n), describeAll(s), describeAll(o)) == take {
			drop = s
		}
		for _, one := range drop {
			skip[one] = true
		}
	}
	return skip
}
