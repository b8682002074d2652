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
	// takeBackground tells that the background of the pages is o's.
	takeBackground bool
	// what the result must have, by the names of styles, lists and parts
	wantStyles, wantLists, wantParts map[string]string
	wantBackground                   string
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
	order := []from{keep, take}
	if m.second {
		slices.Reverse(order)
	}
	for _, f := range order {
		switch text := fmt.Sprintf("formats of %d paragraphs", m.formats[f]); {
		case m.formats[f] == 0:
		case f == take:
			m.note(take, "other program", "", "", text)
		default:
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
	words, sums := map[string]bool{}, map[string]bool{}
	for _, st := range base.stories {
		st.node.leaves(func(n *node) {
			if n.words != "" {
				words[n.words], sums[n.sum] = true, true
			}
		})
	}
	same, other := 0, 0
	for _, st := range side.stories {
		st.node.leaves(func(n *node) {
			switch {
			case sums[n.sum]:
				same++
			case words[n.words]:
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
func (m *merger) clash(where, b, s, o string) from { return m.clashAt(m.where(where), b, s, o) }

// clashAt is clash at a place that has its name.
func (m *merger) clashAt(where, b, s, o string) from {
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
	switch {
	case b.kind == tableNode && reshaped(b, s, o):
		return whole(m.clash(b.where, shape(b), shape(s), shape(o)), s, o)
	case s.sum == o.sum:
	case b.kind == rowNode && m.recelled(b, s, o), b.kind == cellNode && covered(b, s, o):
		return whole(m.clash(b.where, describe(b, b), describe(s, b), describe(o, b)), s, o)
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
