package csv

import (
	"slices"

	"github.com/esync/esync/merge/align"
	"github.com/esync/esync/merge/ruling"
)

// replaced looks for rows that both sides took out while they put in others: one
// that a side wrote anew is no other than one that it took out, and put another in
// the place of. It is a conflict where both sides put one in, and where one did
// unless a key says that it is another: not where it has what, in some column,
// only the other had.
func (m *merger) replaced() {
	n := len(m.v[0].recs)
	m.freshRows(n)
	ours, theirs := m.ours.Back(n), m.theirs.Back(n)
	for lo := 0; lo < n; lo++ {
		hi := lo
		var rows []int
		for ; hi < n && (ours[hi] < 0 || theirs[hi] < 0); hi++ {
			if ours[hi] < 0 && theirs[hi] < 0 {
				rows = append(rows, hi)
			}
		}
		if len(rows) > 0 {
			m.stretch(rows, [3][]int{1: slices.Concat(m.fresh[1][lo : hi+1]...), 2: slices.Concat(m.fresh[2][lo : hi+1]...)})
		}
		lo = hi
	}
}

// freshRows finds the new rows behind each of the base that the other side has
// not as well, and behind which row of the base those would stand that were put
// in the place of another.
func (m *merger) freshRows(n int) {
	twin := map[int]bool{}
	for _, t := range m.twins {
		twin[t] = true
	}
	for version, s := range [3]align.Sequence{1: m.ours, 2: m.theirs} {
		if version == 0 {
			continue
		}
		m.fresh[version] = s.NewBehind(n)
		m.slots[version] = make([]int, n)
		slot := 0
		for b, at := range s.Back(n) {
			if m.slots[version][b] = slot; at >= 0 {
				slot = b + 1
			}
		}
	}
	for slot := range n + 1 {
		m.fresh[1][slot] = slices.DeleteFunc(m.fresh[1][slot], func(row int) bool { _, ok := m.twins[row]; return ok })
		m.fresh[2][slot] = slices.DeleteFunc(m.fresh[2][slot], func(row int) bool { return twin[row] })
	}
}

// stretch asks about the rows which are gone from a stretch, and those that the
// sides put in there, one by one.
func (m *merger) stretch(gone []int, fresh [3][]int) {
	for _, b := range gone {
		it := align.Item{Base: b, Ours: -1, Theirs: -1}
		var row [3]int
		is := !m.keyed(0, b)
		for version := 1; version <= 2; version++ {
			var heir bool
			row[version], heir = m.successor(it, version, fresh[version])
			is = is || heir
			if i := slices.Index(fresh[version], row[version]); i >= 0 {
				fresh[version] = slices.Delete(fresh[version], i, i+1)
			}
		}
		if row[1] < 0 && row[2] < 0 || !is && (row[1] < 0 || row[2] < 0) {
			continue
		}
		p := m.place(it, nil)
		if row[1] >= 0 {
			p.Ours = ruling.Cut(string(m.v[1].line(row[1])))
		}
		if row[2] >= 0 {
			p.Theirs = ruling.Cut(string(m.v[2].line(row[2])))
		}
		switch side := m.Decide(p); {
		case side == Ours && row[2] >= 0:
			m.drop(2, row[2])
		case side == Theirs && row[1] >= 0:
			m.drop(1, row[1])
		}
	}
}

// successor gives the new row of a version that may be what became of a row which
// is gone, or -1, and tells whether it is its heir: else it is one of those that
// were put in there, without a key one that is related, or the first.
func (m *merger) successor(it align.Item, version int, fresh []int) (row int, heir bool) {
	if row, ok := m.heir(it.Base, version); ok {
		return row, true
	}
	if !m.keyed(0, it.Base) {
		for _, row := range fresh[:min(maxRelated, len(fresh))] {
			if m.related(it.Base, row, version) {
				return row, false
			}
		}
	}
	if len(fresh) > 0 {
		return fresh[0], false
	}
	return -1, false
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

// keyed tells whether a row of a version is known by its key for sure.
func (m *merger) keyed(version, row int) bool {
	return m.proven && len(m.v[version].value(row, m.key.In(version))) > 0
}

// goesOn tells whether a row that a side deleted may be one that it put in, there
// or elsewhere: it may have moved and edited it.
func (m *merger) goesOn(it align.Item, by Side) bool {
	rows, version := m.ours, 1
	if by == Theirs {
		rows, version = m.theirs, 2
	}
	if _, ok := m.heir(it.Base, version); ok || m.keyed(0, it.Base) {
		return ok
	}
	if len(m.fresh[version][m.slots[version][it.Base]]) > 0 {
		return true
	}
	looked := 0
	for row, b := range rows {
		if b >= 0 {
			continue
		}
		if looked++; looked > maxRelated {
			break
		}
		if m.related(it.Base, row, version) {
			return true
		}
	}
	return false
}

// maxRelated bounds the rows that are compared to tell whether some are related.
const maxRelated = 100

// related tells whether a new row of a version has something that a row had which
// is gone.
func (m *merger) related(b, row, version int) bool {
	p := m.pairs[version]
	for i := range p.ColA {
		v := p.A.Cell(b, p.ColA[i])
		if len(v) > 0 && string(v) == string(p.B.Cell(row, p.ColB[i])) {
			return true
		}
	}
	return false
}

// heir gives the new row of a version that has in some column what, in the base,
// only the given row had there, which is gone: whatever else tells rows apart,
// it may be that row.
func (m *merger) heir(b, version int) (row int, ok bool) {
	if m.heirs[version] == nil {
		m.heirs[version] = m.findHeirs(version)
	}
	row, ok = m.heirs[version][b]
	return row, ok
}

// findHeirs finds the heirs of all rows that a version has not.
func (m *merger) findHeirs(version int) map[int]int {
	s, p := [3]align.Sequence{1: m.ours, 2: m.theirs}[version], m.pairs[version]
	heirs := map[int]int{}
	back := s.Back(len(m.v[0].recs))
	if !slices.Contains(back, -1) || !slices.Contains(s, -1) {
		return heirs
	}
	for i := range p.ColA {
		only := map[string]int{} // the row that alone has a value, of those that are gone
		for b, at := range back {
			if v := p.A.Cell(b, p.ColA[i]); at < 0 && len(v) > 0 {
				only[string(v)] = b
			}
		}
		for b := range back {
			v := p.A.Cell(b, p.ColA[i])
			if row, ok := only[string(v)]; ok && row != b {
				delete(only, string(v))
			}
		}
		found := map[int]int{}
		for row, b := range s {
			v := string(p.B.Cell(row, p.ColB[i]))
			was, ok := only[v]
			if _, twice := found[was]; ok && (twice || b >= 0) {
				delete(found, was)
				delete(only, v)
			} else if ok {
				found[was] = row
			}
		}
		for b, row := range found {
			heirs[b] = row
		}
	}
	return heirs
}
