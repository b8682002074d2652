package dbf

import (
	"maps"
	"slices"

	"github.com/esync/esync/merge/align"
)

// maxKeys is how many fields are tried as keys.
const maxKeys = 32

// align finds which record is which, and which that both sides added are the
// same.
func (m *merger) align() (twins map[int]int) {
	m.ours, m.pairs[1] = m.known(1)
	m.theirs, m.pairs[2] = m.known(2)
	movedOurs, movedTheirs := align.Moved(m.pairs[1], m.pairs[2], m.ours, m.theirs, true)
	twins = m.pairing(1, 2, 0).Twins(m.v[0].Rows(), m.ours, m.theirs)
	maps.DeleteFunc(twins, func(o, t int) bool { return movedOurs[o] || movedTheirs[t] })
	return twins
}

// pairing compares two versions by the columns from first on.
func (m *merger) pairing(a, b, first int) *align.Pairing {
	p := &align.Pairing{A: m.v[a], B: m.v[b]}
	for _, it := range m.columns[first:] {
		if x, y := it.In(a), it.In(b); x >= 0 && y >= 0 {
			p.ColA, p.ColB = append(p.ColA, x), append(p.ColB, y)
		}
	}
	return p
}

// known pairs the records of a side with those of the base: by number, unless a key
// or their order makes more of the fields alike; by as many as a record has, when
// all are known by their numbers, or for the order when none can have been packed
// away. A record of which less than half is as it was is another one that took its
// number.
func (m *merger) known(side int) (best align.Sequence, p *align.Pairing) {
	p = m.pairing(0, side, 1)
	best = p.ByNumber()
	score := p.Cells(best)
	if score == p.A.Rows()*len(p.ColA) {
		return best, p
	}
	forKey, forOrder := 0, 0
	if !slices.Contains(best.Back(p.A.Rows()), -1) {
		forKey = len(p.ColA)
	}
	if p.B.Rows() >= p.A.Rows() {
		forOrder = len(p.ColA)
	}
	try := func(q *align.Pairing, s align.Sequence, margin int) {
		if n := q.Cells(s); n > score+margin {
			best, score, p = s, n, q
		}
	}
	for i := range p.ColA[:min(maxKeys, len(p.ColA))] {
		if align.IsKey(p.A, p.ColA[i], 0) && align.IsKey(p.B, p.ColB[i], 0) {
			q := m.pairing(0, side, 1)
			try(q, q.ByKey(q.ColA[i], q.ColB[i]), forKey)
		}
	}
	q := m.pairing(0, side, 1)
	try(q, q.ByOrder(), forOrder)
	return best, p
}

// doubtful tells whether a record of one side may be another one, and the other
// side changed it.
func (m *merger) doubtful(it align.Item) bool {
	return it.Base >= 0 && (m.pairs[1].Unsure(it.Base) && !m.pairing(0, 2, 0).Alike(it.Base, it.Theirs) ||
		m.pairs[2].Unsure(it.Base) && !m.pairing(0, 1, 0).Alike(it.Base, it.Ours))
}

// asOther is shown of a field that tells records apart on each side alone.
const asOther = "all different, but some as on the other side"

// twice looks for records that have come to have one key, in the first field that
// was a key in all versions. It does not depend on what a person decided.
func (m *merger) twice(list []align.Item) {
	for i, c := range m.columns {
		key := i > 0 && !m.fields[i-1].memo()
		for version := range m.v {
			key = key && c.In(version) >= 0 && align.IsKey(m.v[version], c.In(version), 0)
		}
		if !key {
			continue
		}
		seen := map[string]bool{}
		for _, it := range list {
			v := m.agreed(it, c)
			if seen[string(v)] {
				m.Decide(Place{Where: "field " + m.fields[i-1].name, Base: "all different", Ours: asOther, Theirs: asOther})
				return
			}
			if len(v) > 0 {
				seen[string(v)] = true
			}
		}
		return
	}
}

// agreed is what a record has in a field, or nil where the sides are not agreed or
// the record is gone.
func (m *merger) agreed(it, c align.Item) []byte {
	var v [3][]byte
	for i, t := range m.v {
		if row := it.In(i); row >= 0 {
			v[i] = t.Cell(row, c.In(i))
		}
	}
	return it.Agreed(v[0], v[1], v[2])
}
