package docx

import (
	"strings"

	"github.com/esync/esync/merge/align"
)

// Limits of looking for what belongs together.
const (
	// maxPairs bounds the comparing of every node of a stretch with every
	// other; larger stretches are paired by order where they are equally long.
	maxPairs = 40_000
	// maxWords bounds the words that are looked at by it.
	maxWords = 8_000_000
	// alike is the part of their words, in percent, that two nodes must have in
	// common to be one.
	alike = 45
	// minMoved is the length of the text by which something that stands
	// elsewhere is known again.
	minMoved = 24
)

// match tells which node of a side is which of the base: first those of equal
// words, in order; between them those that are most alike, and what is alone;
// then long texts that stand elsewhere.
func match(base, side []*node) align.Sequence {
	s := make(align.Sequence, len(side))
	var numbers align.Numbers
	ids := func(list []*node) []int32 {
		out := make([]int32, len(list))
		for i, n := range list {
			out[i] = numbers.Of([]byte(string(n.kind) + "\x00" + n.words))
		}
		return out
	}
	a, b := ids(base), ids(side)
	copy(s, inBase(a, b))
	for _, h := range align.Diff(a, b) {
		stretch(s, base, side, h)
	}
	moved(s, base, side)
	return s
}

// stretch pairs what is left of the base with what is new in one place.
func stretch(s align.Sequence, base, side []*node, h align.Hunk) {
	n, m := h.AHi-h.ALo, h.BHi-h.BLo
	switch {
	case n == 0 || m == 0:
		return
	case n*m > maxPairs || m*wordsOfAll(base[h.ALo:h.AHi])+n*wordsOfAll(side[h.BLo:h.BHi]) > maxWords:
		if n == m {
			for i := range n {
				if base[h.ALo+i].kind == side[h.BLo+i].kind {
					s[h.BLo+i] = h.ALo + i
				}
			}
		}
		return
	}
	// The pairs, in order, that have the most in common in all. What is the only
	// one of its kind here, or has the same place in a stretch of one length, is
	// a pair whatever is in it, when nothing better is found.
	before, behind := kinds(base[h.ALo:h.AHi]), kinds(side[h.BLo:h.BHi])
	best := make([][]int, n+1)
	best[n] = make([]int, m+1)
	score := make([][]int, n)
	for i := n - 1; i >= 0; i-- {
		best[i], score[i] = make([]int, m+1), make([]int, m)
		for j := m - 1; j >= 0; j-- {
			score[i][j] = likeness(base[h.ALo+i], side[h.BLo+j])
			if a, b := base[h.ALo+i].kind, side[h.BLo+j].kind; score[i][j] == 0 && a == b && (n == m && i == j || before[a] == 1 && behind[a] == 1) {
				score[i][j] = 1
			}
			best[i][j] = max(best[i+1][j], best[i][j+1])
			if score[i][j] > 0 {
				best[i][j] = max(best[i][j], best[i+1][j+1]+score[i][j])
			}
		}
	}
	for i, j := 0, 0; i < n && j < m; {
		switch {
		case score[i][j] > 0 && best[i][j] == best[i+1][j+1]+score[i][j]:
			s[h.BLo+j] = h.ALo + i
			i, j = i+1, j+1
		case best[i][j] == best[i+1][j]:
			i++
		default:
			j++
		}
	}
}

func wordsOfAll(list []*node) int {
	sum := 0
	for _, n := range list {
		sum += len(n.wordBag())
	}
	return sum
}

func kinds(list []*node) map[kind]int {
	count := map[kind]int{}
	for _, n := range list {
		count[n.kind]++
	}
	return count
}

// likeness is how much two nodes have in common, 0 when it is too little for
// them to be one.
func likeness(a, b *node) int {
	if a.kind != b.kind {
		return 0
	}
	same, all := 0, 0
	x, y := a.wordBag(), b.wordBag()
	for w, n := range x {
		same += min(n, y[w])
		all += n
	}
	for _, n := range y {
		all += n
	}
	p := 100
	if all > 0 {
		p = 200 * same / all
	}
	id := a.paraID()
	switch {
	case p >= alike:
		return 100 + p
	case id != "" && id == b.paraID():
		return 50 + p
	case a.kind == sectionNode:
		return 1
	}
	return 0
}

func (n *node) wordBag() map[string]int {
	if n.bag == nil {
		n.bag = map[string]int{}
		for _, w := range strings.Fields(n.words) {
			n.bag[w]++
		}
	}
	return n.bag
}

// paraID is the ID that newer programs give a paragraph, or a row.
func (n *node) paraID() string { return n.el().SelectAttrValue("w14:paraId", "") }

// moved pairs what is gone with what is new elsewhere and reads the same, when
// there is one of each.
func moved(s align.Sequence, base, side []*node) {
	type seen struct{ base, side, n, m int }
	by := map[string]*seen{}
	note := func(n *node) *seen {
		if len(n.words) < minMoved || n.kind != paraNode && n.kind != tableNode && n.kind != rowNode {
			return nil
		}
		key := string(n.kind) + n.words
		if by[key] == nil {
			by[key] = &seen{}
		}
		return by[key]
	}
	for i, at := range s.Back(len(base)) {
		if at < 0 {
			if e := note(base[i]); e != nil {
				e.base, e.n = i, e.n+1
			}
		}
	}
	for i, at := range s {
		if at < 0 {
			if e := note(side[i]); e != nil {
				e.side, e.m = i, e.m+1
			}
		}
	}
	for _, e := range by {
		if e.n == 1 && e.m == 1 {
			s[e.side] = e.base
		}
	}
}
