package docx

import (
	"slices"
	"strings"

	"github.com/beevik/etree"

	"github.com/esync/esync/merge/align"
)

// blended is a paragraph that has something of both sides.
type blended struct {
	atoms []*mixed
	marks []*mixedMark
	props props
	take  []string // keys of properties of o
}

// mixed is an atom of the result: what it is comes from one side, its format
// and what it is wrapped in perhaps from the other.
type mixed struct {
	*atom
	from    from  // keep: of s, take: of o
	b, s, o *atom // those that it is; nil where a version has it not
	// looks is the format that it gets: that of a run of one side, with the
	// properties named by taken from a run of o.
	looks   string
	run     *etree.Element
	runOf   from
	taken   []string
	takenOf *etree.Element
	chain   []*etree.Element
	chainOf from
	links   string
}

// paragraph merges a paragraph that both sides changed. What it cannot is a
// conflict about the whole paragraph.
func (m *merger) paragraph(b, s, o *node) *outcome {
	r, what := m.blend(b.paragraph(), s.paragraph(), o.paragraph())
	switch {
	case what == "":
	case s.sum == b.sum:
		// Only what was computed cannot be had as well.
		m.noteNode(take, m.o, b, s, o)
		return taking(s, o)
	case o.sum == b.sum:
		m.noteNode(keep, m.s, b, s, o)
		return keeping(s, o)
	default:
		tb, ts, to := describe(b, s), describe(s, b), describe(o, b)
		if s.paragraph().text() == o.paragraph().text() {
			ts, to = describe(s, o), describe(o, s)
		}
		return whole(m.clash(b.where, tb, ts, to), s, o)
	}
	out := &outcome{from: blend, s: s, o: o, para: r, sum: r.sum(), touched: true}
	switch {
	case o.sum == b.sum:
		m.noteNode(keep, m.s, b, s, o)
		return out
	case s.sum == b.sum:
		m.noteNode(take, m.o, b, s, o)
		return out
	}
	where := m.where(b.where)
	m.taken = append(m.taken, m.place(where, describe(b, o), describe(s, b), describe(o, b)))
	m.kept = append(m.kept, m.place(where, describe(b, s), describe(s, b), describe(o, b)))
	return out
}

// sum is the paragraph's sum as it will be read again: words that have come to
// stand beside each other without a space are one.
func (p *blended) sum() string {
	s := beginSum(p.props.String())
	at := make([]int, 0, len(p.marks)) // where the marks stand then
	n, next := 0, 0
	for i := 0; i <= len(p.atoms); i++ {
		for ; next < len(p.marks) && p.marks[next].at == i; next++ {
			at = append(at, n)
		}
		if i == len(p.atoms) {
			break
		}
		a := p.atoms[i]
		if !a.isText() {
			s.atom(a.key, a.looks, a.links)
			n++
			continue
		}
		var text strings.Builder
		text.WriteString(a.text)
		for i+1 < len(p.atoms) && (next == len(p.marks) || p.marks[next].at > i+1) && a.joins(p.atoms[i+1]) {
			i++
			text.WriteString(p.atoms[i].text)
		}
		for _, word := range cut(text.String()) {
			s.atom(a.key[:1]+word, a.looks, a.links)
			n++
		}
	}
	for i, n := range at {
		s.mark(p.marks[i].key, n)
	}
	return s.String()
}

// joins tells whether two words stand in one run.
func (a *mixed) joins(b *mixed) bool {
	return b.isText() && a.key[0] == b.key[0] && a.looks == b.looks && a.links == b.links && sameChain(a.chain, b.chain)
}

// blender merges one paragraph.
type blender struct {
	m       *merger
	b, s, o *paragraph
	out     []*mixed
	// where each atom of s and o stands in out, -1 for nowhere
	atS, atO []int
	lost     []lost
	why      string
}

// blend merges a paragraph; what says why it is a conflict.
func (m *merger) blend(b, s, o *paragraph) (*blended, string) {
	merged, keys, clash := mergeProps(values(b.props), values(s.props), values(o.props))
	if len(clash) > 0 {
		return nil, "format"
	}
	w := &blender{m: m, b: b, s: s, o: o, atS: make([]int, len(s.atoms)+1), atO: make([]int, len(o.atoms)+1)}
	w.text()
	if w.why == "" {
		w.inherit()
	}
	r := &blended{atoms: w.out, props: merged, take: keys}
	if w.why == "" {
		r.marks = w.marks()
	}
	return r, w.why
}

func keysOf(n *align.Numbers, list []*atom) []int32 {
	out := make([]int32, len(list))
	for i, a := range list {
		out[i] = n.Of([]byte(a.key))
	}
	return out
}

// text merges the words.
func (w *blender) text() {
	var n align.Numbers
	var last from
	seen, between, control := false, gap{}, ""
	side := func(f from, in string) {
		if seen && last != f && !between.apart() && in == control {
			w.why = "words beside each other"
		}
		last, seen, between, control = f, true, gap{}, in
	}
	base, mine := keysOf(&n, w.b.atoms), keysOf(&n, w.s.atoms)
	was := inBase(base, mine)
	for _, r := range align.Merge(base, mine, keysOf(&n, w.o.atoms)) {
		switch r.Take {
		case align.Equal:
			w.equal(r, was)
			for _, a := range w.s.atoms[r.Ours.Lo:r.Ours.Hi] {
				between.atom(a)
			}
		case align.Ours:
			side(keep, controlOf(w.s.atoms[r.Ours.Lo:r.Ours.Hi], w.b.atoms[r.Base.Lo:r.Base.Hi]))
			w.one(r, keep)
		case align.Theirs:
			side(take, controlOf(w.o.atoms[r.Theirs.Lo:r.Theirs.Hi], w.b.atoms[r.Base.Lo:r.Base.Hi]))
			w.one(r, take)
		case align.Conflict:
			w.why = "words"
		}
		if w.why != "" {
			return
		}
	}
	w.atS[len(w.s.atoms)], w.atO[len(w.o.atoms)] = len(w.out), len(w.out)
}

// controlOf is the content control that a change is in, "" for none: what is in
// it is a text of its own. The change is told by what it put in, else by what it
// took out.
func controlOf(in, out []*atom) string {
	list := append(slices.Clip(in), out...)
	if slices.ContainsFunc(list[0].chain, func(e *etree.Element) bool { return is(e, "sdt") }) {
		return list[0].links
	}
	return ""
}

// inBase gives for each element of a side its index in the base, or -1.
func inBase(base, side []int32) []int {
	was := make([]int, len(side))
	at, from := 0, 0
	for _, h := range append(align.Diff(base, side), align.Hunk{ALo: len(base), AHi: len(base), BLo: len(side), BHi: len(side)}) {
		for ; from < h.BLo; from++ {
			was[from] = at
			at++
		}
		for ; from < h.BHi; from++ {
			was[from] = -1
		}
		at = h.AHi
	}
	return was
}

// equal adds atoms that both sides have; the base has them too, or not.
func (w *blender) equal(r align.Region, was []int) {
	for i := range r.Ours.Len() {
		s, o := w.s.atoms[r.Ours.Lo+i], w.o.atoms[r.Theirs.Lo+i]
		at := was[r.Ours.Lo+i]
		if at < 0 {
			w.newOnBoth(r, i)
			continue
		}
		b := w.b.atoms[at]
		w.atS[r.Ours.Lo+i], w.atO[r.Theirs.Lo+i] = len(w.out), len(w.out)
		x := &mixed{atom: s, from: keep, b: b, s: s, o: o, run: s.run, chain: s.chain, links: s.links}
		if s.computed == b.computed && o.computed != b.computed {
			x.atom, x.from = o, take
		}
		format, keys, clash := mergeProps(values(b.format), values(s.format), values(o.format))
		x.looks = format.String()
		switch {
		case len(clash) > 0:
			w.why = "format"
			return
		case x.looks == s.looks:
		case x.looks == o.looks && o.run != nil:
			x.run, x.runOf = o.run, take
		default:
			x.taken, x.takenOf = keys, o.run
		}
		switch {
		case s.links == o.links, o.links == b.links:
		case s.links == b.links:
			x.chain, x.chainOf, x.links = o.chain, take, o.links
		default:
			w.why = "links"
			return
		}
		w.out = append(w.out, x)
	}
}

// one adds what one side alone changed.
func (w *blender) one(r align.Region, f from) {
	mine, span, at := w.s, r.Ours, w.atS
	other, gone, atOther := w.o, r.Theirs, w.atO
	if f == take {
		mine, span, at, other, gone, atOther = w.o, r.Theirs, w.atO, w.s, r.Ours, w.atS
	}
	restyled := w.m.restyled[w.m.s]
	if f == keep {
		restyled = w.m.restyled[w.m.o]
	}
	for i := range gone.Len() {
		x, b := other.atoms[gone.Lo+i], w.b.atoms[r.Base.Lo+i]
		switch {
		case x.links != b.links:
			w.why = "links of words that are gone"
			return
		case x.looks != b.looks && !restyled:
			w.lost = append(w.lost, lost{len(w.out), b.looks, x.looks, f})
		}
		atOther[gone.Lo+i] = len(w.out)
	}
	for i := range span.Len() {
		a := mine.atoms[span.Lo+i]
		at[span.Lo+i] = len(w.out)
		x := &mixed{atom: a, from: f, looks: a.looks, run: a.run, runOf: f, chain: a.chain, chainOf: f, links: a.links}
		if f == keep {
			x.s = a
		} else {
			x.o = a
		}
		w.out = append(w.out, x)
	}
}
