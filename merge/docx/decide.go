package docx

import (
	"fmt"
	"slices"
	"strings"

	"github.com/esync/esync/merge/align"
)

// merger decides what the merge of three documents is: s is the side that
// becomes the result, o the other one.
type merger struct {
	b, s, o *document
	second  bool // s is theirs
	choose  map[string]Side

	stories   []*outcome
	conflicts []Place
	taken     []Place // from o
	kept      []Place // of s
	order     map[string]int
	used      map[string]int
	// restyled tells of s and o whether the side changed the format of most of
	// it, as other programs do when they save: then a format alone is no edit.
	restyled map[*document]bool
	columns  map[*node]align.Sequence // of rows in tables that got other columns
	formats  map[from]int             // nodes whose format alone such a side changed

	styles   []styleChange
	defaults []string // default formats taken
	lists    []listChange
	parts    []partChange
	// what the result must have, by the names of styles, lists and parts
	wantStyles, wantLists, wantParts map[string]string
}

// from tells whose version the result has.
type from uint8

const (
	keep   from = iota // of s
	take               // of o
	blend              // of both
	absent             // of nobody
)

// outcome is what becomes of a node.
type outcome struct {
	from   from
	s, o   *node
	kids   []*outcome
	props  []string // keys of properties taken from o
	merged props    // properties of a blend
	para   *blended
	sum    string // of the result
	// touched tells that the result is not s as it stands.
	touched bool
}

func (m *merger) decide() error {
	m.order, m.used, m.formats, m.columns = map[string]int{}, map[string]int{}, map[from]int{}, map[*node]align.Sequence{}
	m.restyled = map[*document]bool{m.s: restyled(m.b, m.s), m.o: restyled(m.b, m.o)}
	for _, b := range m.b.stories {
		m.stories = append(m.stories, m.container(b.node, m.s.story(b.name).node, m.o.story(b.name).node))
	}
	for f, n := range m.formats {
		text := fmt.Sprintf("formats of %d paragraphs", n)
		if f == take {
			m.note(take, "other program", "", "", text)
		} else {
			m.note(keep, "other program", "", text, "")
		}
	}
	for _, step := range []func() error{m.decideLists, m.decideStyles, m.decideParts} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// restyled tells whether most of the paragraphs that a side left alone have
// another format.
func restyled(base, side *document) bool {
	was := map[string]string{}
	for _, st := range base.stories {
		st.node.leaves(func(n *node) {
			if n.words != "" {
				was[n.words] = n.sum
			}
		})
	}
	same, other := 0, 0
	for _, st := range side.stories {
		st.node.leaves(func(n *node) {
			if sum, ok := was[n.words]; ok && sum == n.sum {
				same++
			} else if ok {
				other++
			}
		})
	}
	return other > same
}

// where gives a place its name, which no other place has.
func (m *merger) where(name string) string {
	if name == "" {
		name = "document"
	}
	m.used[name]++
	if n := m.used[name]; n > 1 {
		name = fmt.Sprintf("%s (%d)", name, n)
	}
	m.order[name] = len(m.order)
	return name
}

// place is a Place of the texts of b, s and o.
func (m *merger) place(where, b, s, o string) Place {
	t := excerpts(b, s, o)
	p := Place{Where: where, Base: t[0], Ours: t[1], Theirs: t[2]}
	if m.second {
		p.Ours, p.Theirs = p.Theirs, p.Ours
	}
	return p
}

func (m *merger) note(f from, where, b, s, o string) {
	p := m.place(m.where(where), b, s, o)
	if f == take {
		m.taken = append(m.taken, p)
	} else {
		m.kept = append(m.kept, p)
	}
}

// clash tells of a conflict, or gives whose version was chosen.
func (m *merger) clash(where, b, s, o string) from {
	where = m.where(where)
	switch side := m.choose[where]; {
	case side == Ours && !m.second, side == Theirs && m.second:
		m.kept = append(m.kept, m.place(where, b, s, o))
		return keep
	case side != 0:
		m.taken = append(m.taken, m.place(where, b, s, o))
		return take
	}
	m.conflicts = append(m.conflicts, m.place(where, b, s, o))
	return keep
}

// keeping is the outcome of s alone, taking that of o alone.
func keeping(s, o *node) *outcome { return &outcome{from: keep, s: s, o: o, sum: s.sum} }
func taking(s, o *node) *outcome {
	return &outcome{from: take, s: s, o: o, sum: o.sum, touched: true}
}

// whole is the outcome of a choice between the two.
func whole(f from, s, o *node) *outcome {
	if f == take {
		return taking(s, o)
	}
	return keeping(s, o)
}

// node merges something that all three have.
func (m *merger) node(b, s, o *node) *outcome {
	switch {
	case b.container():
		return m.container(b, s, o)
	case s.sum == o.sum:
		if s.sum != b.sum {
			m.note(keep, b.where, describe(b, b), describe(s, b), describe(o, b))
		}
		// What was computed is of no account, but newer on a side that has it
		// otherwise.
		if s.exact == b.exact && o.exact != b.exact {
			return taking(s, o)
		}
		return keeping(s, o)
	case b.kind == paraNode && (s.exact != b.exact && o.exact != b.exact):
		return m.paragraph(b, s, o)
	case o.sum == b.sum:
		m.noteNode(keep, m.s, b, s, o)
		return keeping(s, o)
	case s.sum == b.sum:
		m.noteNode(take, m.o, b, s, o)
		return taking(s, o)
	case b.kind == sectionNode:
		merged, keys, clash := mergeProps(values(b.props), values(s.props), values(o.props))
		if len(clash) > 0 {
			return whole(m.clash(b.where, "", showProps(s.props, clash), showProps(o.props, clash)), s, o)
		}
		m.note(take, b.where, "", "", showProps(o.props, keys))
		return &outcome{from: blend, s: s, o: o, props: keys, merged: merged, sum: sumOf(b.kind, merged, nil), touched: true}
	}
	return whole(m.clash(b.where, describe(b, b), describe(s, b), describe(o, b)), s, o)
}

// noteNode notes what side d alone changed in a node. The formats that another
// program wrote anew are counted.
func (m *merger) noteNode(f from, d *document, b, s, o *node) {
	mine, other := s, o
	if f == take {
		mine, other = o, s
	}
	if m.restyled[d] && mine.words == b.words {
		m.formats[f]++
		return
	}
	tb, tm, tt := describe(b, mine), describe(mine, b), describe(other, mine)
	if f == take {
		tm, tt = tt, tm
	}
	m.note(f, b.where, tb, tm, tt)
}

// container merges a container's properties and what is in it.
func (m *merger) container(b, s, o *node) *outcome {
	if s.exact == o.exact && s.exact == b.exact {
		return keeping(s, o)
	}
	r := &outcome{from: blend, s: s, o: o}
	if b.kind == tableNode && reshaped(b, s, o) {
		return whole(m.clash(b.where, shape(b), shape(s), shape(o)), s, o)
	}
	var clash []string
	r.merged, r.props, clash = mergeProps(values(b.props), values(s.props), values(o.props))
	if len(clash) > 0 && m.clash(strings.TrimSpace(b.where+" layout"), showProps(b.props, clash), showProps(s.props, clash), showProps(o.props, clash)) == take {
		r.props = append(r.props, clash...)
		for _, key := range clash {
			if v := values(o.props)[key]; v != "" {
				r.merged[key] = v
			} else {
				delete(r.merged, key)
			}
		}
	}
	m.noteProps(b.where+" layout", b.props, s.props, o.props, r.props, clash)
	m.follow(b, s)
	m.follow(b, o)
	r.kids = m.sequence(b, s, o)
	sums := make([]string, 0, len(r.kids))
	r.touched = len(r.props) > 0 || len(r.kids) != len(s.kids)
	for i, k := range r.kids {
		sums = append(sums, k.sum)
		r.touched = r.touched || k.touched || k.s != s.kids[i]
	}
	r.sum = sumOf(b.kind, r.merged, sums)
	return r
}

// noteProps notes the properties that were taken, and those that s changed, but
// for those that a conflict told of.
func (m *merger) noteProps(where string, b, s, o []prop, taken, clash []string) {
	told := func(key string) bool { return slices.Contains(clash, key) }
	if keys := slices.DeleteFunc(slices.Clone(taken), told); len(keys) > 0 && !m.restyled[m.o] {
		m.note(take, where, showProps(b, keys), showProps(s, keys), showProps(o, keys))
	}
	_, keys, _ := mergeProps(values(b), values(b), values(s))
	if keys = slices.DeleteFunc(keys, told); len(keys) > 0 && !m.restyled[m.s] {
		m.note(keep, where, showProps(b, keys), showProps(s, keys), showProps(o, keys))
	}
}

// shape tells how large a table is.
func shape(n *node) string {
	rows := 0
	for _, k := range n.kids {
		if k.kind == rowNode {
			rows++
		}
	}
	return fmt.Sprintf("%d rows, %d columns", rows, widest(n))
}

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
	return n.sum == b.sum || m.restyled[d] && n.words == b.words
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
	news := newBehind(len(b.kids), theirs)
	for slot, list := range newBehind(len(b.kids), ours) {
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

// newBehind lists what is new behind each node of the base; the first list is
// what stands in front of all.
func newBehind(n int, s align.Sequence) [][]int {
	list, slot := make([][]int, n+1), 0
	for i, b := range s {
		if b >= 0 {
			slot = b + 1
		} else {
			list[slot] = append(list[slot], i)
		}
	}
	return list
}

// amid finds what one side put in amid what the other took out: between two
// nodes that are gone there, or in a list that is. It adds to skip what was not
// chosen.
func (m *merger) amid(b, first, second *node, ours, theirs align.Sequence, skip map[*node]bool) {
	n := len(b.kids)
	for i, side := range []*node{first, second} {
		mine, other := ours, theirs.Back(n)
		if i == 1 {
			mine, other = theirs, ours.Back(n)
		}
		back := mine.Back(n)
		lost := func(k int) bool { return k >= 0 && k < n && back[k] >= 0 && other[k] < 0 }
		for slot, list := range newBehind(n, mine) {
			for _, k := range list {
				one := side.kids[k]
				around := lost(slot-1) && lost(slot)
				listed := one.listed() && (lost(slot-1) && b.kids[slot-1].listed() || lost(slot) && b.kids[slot].listed())
				if !around && !listed || skip[one] {
					continue
				}
				s, o := "", describe(one, nil)
				if (side == first) != m.second {
					s, o = o, s
				}
				if f := m.clash("after "+b.kids[max(slot-1, 0)].where, "", s, o); (f == keep) == (s == "") {
					skip[one] = true
				}
			}
		}
	}
}

// listed tells whether a node is a paragraph of a list.
func (n *node) listed() bool {
	return n.para != nil && slices.ContainsFunc(n.para.props, func(p prop) bool { return p.key == "numPr" || p.key == "pStyle" && strings.Contains(p.value, "list") })
}

// replaced finds where both sides took the same out of the base and put
// different things in its place. It returns the new nodes that were not chosen.
func (m *merger) replaced(b, first, second *node, ours, theirs align.Sequence, twins map[int]int) map[*node]bool {
	skip := map[*node]bool{}
	backOurs, backTheirs := ours.Back(len(b.kids)), theirs.Back(len(b.kids))
	newOurs, newTheirs := newBehind(len(b.kids), ours), newBehind(len(b.kids), theirs)
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
