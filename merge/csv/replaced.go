package csv

import (
	"github.com/esync/esync/merge/align"
	"github.com/esync/esync/merge/ruling"
)

// withoutReplaced gives the rows of the merge without those that a person decided
// against: where both sides took the same rows out, and each put others in, they
// may have made two things of one row, so it is a conflict; and where one did, with
// something of what went, unless rows are known by a key.
func (m *merger) withoutReplaced(list []align.Item) []align.Item {
	kept := list[:0:0]
	for len(list) > 0 {
		// Up to a row that both sides have.
		n := 0
		for n < len(list) && (list[n].Ours < 0 || list[n].Theirs < 0) {
			n++
		}
		kept = append(kept, m.stretch(list[:n])...)
		if n < len(list) {
			kept = append(kept, list[n])
			n++
		}
		list = list[n:]
	}
	return kept
}

// stretch is what is left of rows that stand together, none of which both sides
// have.
func (m *merger) stretch(list []align.Item) []align.Item {
	var gone, ours, theirs []align.Item
	for _, it := range list {
		switch {
		case it.Ours < 0 && it.Theirs < 0:
			gone = append(gone, it)
		case it.Base >= 0: // one side deleted it
		case it.Theirs < 0:
			ours = append(ours, it)
		default:
			theirs = append(theirs, it)
		}
	}
	switch {
	case len(gone) == 0 || len(ours)+len(theirs) == 0:
		return list
	case len(ours) > 0 && len(theirs) > 0:
	case m.key != nil || !m.related(gone, ours, 1) && !m.related(gone, theirs, 2):
		return list
	}
	p := m.place(gone[0], nil)
	if len(ours) > 0 {
		p.Ours = ruling.Cut(string(m.v[1].line(ours[0].Ours)))
	}
	if len(theirs) > 0 {
		p.Theirs = ruling.Cut(string(m.v[2].line(theirs[0].Theirs)))
	}
	side := m.Decide(p)
	var kept []align.Item
	for _, it := range list {
		if it.Base < 0 && (side == Ours && it.Ours < 0 || side == Theirs && it.Theirs < 0) {
			continue
		}
		kept = append(kept, it)
	}
	return kept
}

// extended tells whether a version has something in a row that stands in a
// column which is new there.
func (m *merger) extended(it align.Item, version int) bool {
	for _, c := range m.list {
		if c.Base < 0 && c.In(version) >= 0 && len(m.v[version].value(it.In(version), c.In(version))) > 0 {
			return true
		}
	}
	return false
}

// goesOn tells whether a row that a side deleted may be one that it put in
// elsewhere: it may have moved and edited it. Where a key tells rows apart it
// has not.
func (m *merger) goesOn(it align.Item, by Side) bool {
	if m.key != nil {
		return false
	}
	rows, version := m.ours, 1
	if by == Theirs {
		rows, version = m.theirs, 2
	}
	var fresh []align.Item
	for i, b := range rows {
		if b < 0 && len(fresh) < maxRelated {
			one := align.Item{Base: -1, Ours: -1, Theirs: -1}
			if version == 1 {
				one.Ours = i
			} else {
				one.Theirs = i
			}
			fresh = append(fresh, one)
		}
	}
	return m.related([]align.Item{it}, fresh, version)
}

// maxRelated bounds the rows that are compared to tell whether some are related.
const maxRelated = 100

// related tells whether a new row of a side has something that a row had which is
// gone.
func (m *merger) related(gone, fresh []align.Item, version int) bool {
	p := m.pairing(m.v, 0, version)
	for _, g := range gone[:min(maxRelated, len(gone))] {
		for _, f := range fresh[:min(maxRelated, len(fresh))] {
			for i := range p.ColA {
				v := p.A.Cell(g.Base, p.ColA[i])
				if len(v) > 0 && string(v) == string(p.B.Cell(f.In(version), p.ColB[i])) {
					return true
				}
			}
		}
	}
	return false
}
