package csv

import (
	"github.com/esync/esync/merge/align"
)

// asOther is shown of a column that tells rows apart on each side alone.
const asOther = "all different, but some as on the other side"

// twice looks for rows that have come to have the same in a column which told rows
// apart: each side gave it to one. Where that may have been by chance, the first
// such column counts, and others for new rows that are much alike. It does not
// depend on what a person decided.
func (m *merger) twice(list []align.Item) {
	for n, c := range m.keys {
		if m.key != nil && *m.key == c { // rows with one key are one row
			continue
		}
		seen := map[string]align.Item{}
		for _, it := range list {
			v := m.agreed(it, c)
			if len(v) == 0 {
				continue
			}
			if other, ok := seen[string(v)]; ok && (n == 0 || !m.few || m.resemble(other, it)) {
				m.Decide(Place{Where: "column " + m.name(c), Base: "all different", Ours: asOther, Theirs: asOther})
				break
			}
			seen[string(v)] = it
		}
	}
}

// resemble tells whether two rows are new, one on either side, and have more than
// half of their cells alike.
func (m *merger) resemble(a, b align.Item) bool {
	if a.Ours < 0 {
		a, b = b, a
	}
	return a.Base < 0 && b.Base < 0 && a.Ours >= 0 && b.Theirs >= 0 && m.pairing(m.v, 1, 2).Half(a.Ours, b.Theirs) > 0
}

// agreed is what a row has in a column that all versions have, or nil where the
// sides are not agreed, or the row is gone.
func (m *merger) agreed(it, c align.Item) []byte {
	if m.dropped[1][it.Ours] || m.dropped[2][it.Theirs] {
		return nil
	}
	var v [3][]byte
	for i, t := range m.v {
		if row := it.In(i); row >= 0 && row >= m.head {
			v[i] = t.value(row, c.In(i))
		}
	}
	return it.Agreed(v[0], v[1], v[2])
}

// doubled looks for rows that both sides added, at two places: it may be one row,
// which would then be there twice.
func (m *merger) doubled() {
	for _, it := range m.doubles {
		p := m.place(it, nil)
		p.Where += ", added by both"
		switch m.Decide(p) {
		case Ours:
			m.drop(2, it.Theirs)
		case Theirs:
			m.drop(1, it.Ours)
		}
	}
}

// drop leaves a new row of a version out of the merge.
func (m *merger) drop(version, row int) {
	if m.dropped[version] == nil {
		m.dropped[version] = map[int]bool{}
	}
	m.dropped[version][row] = true
}
