package docx

import (
	"slices"
	"strings"

	"github.com/esync/esync/merge/align"
)

// columnsOf tells which column of a table is which of the base, for a side that
// has more or fewer of them. It fails where the rows are not all of one length,
// or where two columns read the same, so that nothing tells them apart.
func columnsOf(b, side *node) (align.Sequence, bool) {
	was, is := columnNodes(b), columnNodes(side)
	if was == nil || is == nil || alikeAmong(was) || alikeAmong(is) {
		return nil, false
	}
	return match(was, is), true
}

// columnNodes are the columns of a table as nodes of their words; nil where the
// rows are not all of one length.
func columnNodes(n *node) []*node {
	var cols []*node
	for _, row := range n.kids {
		switch {
		case row.kind != rowNode:
			continue
		case cols == nil:
			for range row.kids {
				cols = append(cols, &node{kind: cellNode, els: n.els})
			}
		case len(row.kids) != len(cols):
			return nil
		}
		for i, cell := range row.kids {
			cols[i].words += cell.words + "\n"
		}
	}
	return cols
}

func alikeAmong(cols []*node) bool {
	seen := map[string]bool{}
	for _, c := range cols {
		if seen[c.words] {
			return true
		}
		seen[c.words] = true
	}
	return false
}

// reshaped tells whether the columns of a table were changed in a way that does
// not go together with what the other side did to it.
func reshaped(b, s, o *node) bool {
	sc, oc := recolumned(b, s), recolumned(b, o)
	switch {
	case sc && oc:
		return s.words != o.words
	case sc:
		return o.sum != b.sum && (!mappable(b, s) || newRows(b, o))
	case oc:
		return s.sum != b.sum && (!mappable(b, o) || newRows(b, s))
	}
	return false
}

// recolumned tells whether a side has other columns than the base: more, fewer,
// or the same titles in another place.
func recolumned(b, side *node) bool {
	if widest(b) != widest(side) {
		return true
	}
	was, is := firstRow(b), firstRow(side)
	if was == nil || is == nil || len(was.kids) != len(is.kids) {
		return false
	}
	for i, c := range is.kids {
		for j, title := range was.kids {
			if i != j && strings.TrimSpace(c.words) != "" && c.words == title.words && c.words != was.kids[i].words {
				return true
			}
		}
	}
	return false
}

// recelled tells whether a side joined or split cells of a row that the other
// side changed too: which cell is which is not known then.
func (m *merger) recelled(b, s, o *node) bool {
	other := func(side *node) bool { return len(side.kids) != len(b.kids) && m.columns[side] == nil }
	return other(s) && o.sum != b.sum || other(o) && s.sum != b.sum
}

// covered tells whether a side merged a cell into the one above or before it,
// where nothing of it is seen, and the other side wrote into it.
func covered(b, s, o *node) bool {
	wrote := func(side *node) bool {
		return !slices.EqualFunc(b.kids, side.kids, func(x, y *node) bool { return x.sum == y.sum })
	}
	return !b.goesOn() && (s.goesOn() && wrote(o) || o.goesOn() && wrote(s))
}

// goesOn tells whether a cell goes on from the one above or before it.
func (n *node) goesOn() bool {
	return slices.ContainsFunc(n.props, func(p prop) bool { return (p.key == "vMerge" || p.key == "hMerge") && val(p.el) != "restart" })
}

func mappable(b, side *node) bool {
	_, ok := columnsOf(b, side)
	return ok && widest(b) != widest(side)
}

// newRows tells whether a side put rows in.
func newRows(b, side *node) bool {
	for i, at := range match(b.kids, side.kids) {
		if at < 0 && side.kids[i].kind == rowNode {
			return true
		}
	}
	return false
}

func firstRow(n *node) *node {
	for _, k := range n.kids {
		if k.kind == rowNode {
			return k
		}
	}
	return nil
}

// widest is the number of cells in the longest row.
func widest(n *node) int {
	w := 0
	for _, k := range n.kids {
		if k.kind == rowNode {
			w = max(w, len(k.kids))
		}
	}
	return w
}
