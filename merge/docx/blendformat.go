package docx

import (
	"slices"

	"github.com/esync/esync/merge/align"
)

// lost is the format that a side gave to a word which the other side took away.
type lost struct {
	at       int // in out
	was, got string
	by       from // who took it away
}

// newOnBoth adds an atom that both sides put in alike.
func (w *blender) newOnBoth(r align.Region, i int) {
	s, o := w.s.atoms[r.Ours.Lo+i], w.o.atoms[r.Theirs.Lo+i]
	w.atS[r.Ours.Lo+i], w.atO[r.Theirs.Lo+i] = len(w.out), len(w.out)
	if s.links != o.links {
		w.why = "links of new words"
	}
	w.out = append(w.out, &mixed{atom: s, from: keep, s: s, o: o, looks: s.looks, run: s.run, chain: s.chain, links: s.links})
}

// inherit gives new words the format, and what they are wrapped in, that the
// other side gave to the words that they were written among.
func (w *blender) inherit() {
	before := make([]*mixed, len(w.out))
	behind := make([]*mixed, len(w.out))
	var last *mixed
	for i, a := range w.out {
		if before[i] = last; a.b != nil {
			last = a
		}
	}
	last = nil
	for i, a := range slices.Backward(w.out) {
		if behind[i] = last; a.b != nil {
			last = a
		}
	}
	for i, a := range w.out {
		switch {
		case a.b != nil:
		case a.s == nil || a.o == nil:
			a.inherit(before[i], behind[i])
		case a.s.looks != a.o.looks && !a.follow(before[i]) && !a.follow(behind[i]):
			w.why = "format of new words"
		}
	}
	// No format is lost where the words around got it as well.
	for _, l := range w.lost {
		if n := nearest(before, w.out, l.at); !l.around(n) && !l.around(nearest(behind, w.out, l.at)) {
			w.why = "format of words that are gone"
		}
	}
}

// nearest is the word that both sides have next to a place between words.
func nearest(side, out []*mixed, at int) *mixed {
	if at < len(out) {
		if a := out[at]; a.b != nil {
			return a
		}
		return side[at]
	}
	if at == 0 {
		return nil
	}
	if a := out[at-1]; a.b != nil {
		return a
	}
	return side[at-1]
}

// around tells whether a word got the format that was lost.
func (l lost) around(n *mixed) bool {
	if n == nil || n.b == nil {
		return false
	}
	other := n.o
	if l.by == take {
		other = n.s
	}
	return n.b.looks == l.was && other.looks == l.got
}

// follow gives a word that both sides put in the format of one beside it, which
// it has on either side.
func (a *mixed) follow(n *mixed) bool {
	if n == nil || n.s.looks != a.s.looks || n.o.looks != a.o.looks {
		return false
	}
	a.looks, a.run, a.runOf, a.taken, a.takenOf = n.looks, n.run, n.runOf, n.taken, n.takenOf
	return true
}

func (a *mixed) inherit(before, behind *mixed) {
	was := func(n *mixed) *atom {
		if a.from == take {
			return n.o
		}
		return n.s
	}
	var around []*mixed
	for _, n := range []*mixed{before, behind} {
		if n != nil {
			around = append(around, n)
		}
	}
	for _, n := range around {
		if a.isText() && n.isText() && was(n).looks == a.looks {
			a.looks, a.run, a.runOf, a.taken, a.takenOf = n.looks, n.run, n.runOf, n.taken, n.takenOf
			break
		}
	}
	inside := len(around) == 2 && slices.Equal(before.chain, behind.chain)
	for _, n := range around {
		if slices.Equal(was(n).chain, a.chain) && (len(a.chain) > 0 || inside) {
			a.chain, a.chainOf, a.links = n.chain, n.chainOf, n.links
			break
		}
	}
}
