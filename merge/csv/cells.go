package csv

import (
	"bytes"

	"github.com/esync/esync/merge/align"
	"github.com/esync/esync/merge/ruling"
)

// orderOfRows is a Place.
const orderOfRows = "order of rows"

// merger merges what has been aligned.
type merger struct {
	v [3]*table
	columns
	rows
	ruling.Book

	// dropped are the new rows of a side that a person decided against.
	dropped [3]map[int]bool
	heirs   [3]map[int]int // see heir
	fresh   [3][][]int     // the new rows of a side, see freshRows
	slots   [3][]int       // by row of the base, which of these stand there

	ends string // how all records are to end, if that is known
	out  []byte
	last []byte // line end of the record written last
}

func (m *merger) merge() Result {
	skeleton, ok := align.Lead(len(m.v[0].recs), m.ours, m.theirs)
	if !ok {
		switch m.Decide(Place{Where: orderOfRows, Base: "as it was", Ours: "put into another order", Theirs: "put into another order"}) {
		case Theirs:
			skeleton = m.theirs
		default:
			skeleton = m.ours
		}
	}
	if ok {
		m.noteOrder()
	}
	m.noteColumns()
	m.replaced()
	m.doubled()
	list := align.Weave(len(m.v[0].recs), skeleton, m.ours, m.theirs, m.twins)
	for _, it := range list {
		m.row(it)
	}
	m.finish()
	m.twice(list)
	if len(m.Conflicts) > 0 {
		return Result{Conflicts: m.Conflicts}
	}
	return Result{Text: m.out, FromOurs: m.FromOurs, FromTheirs: m.FromTheirs}
}

// noteOrder notes that a side put the rows into another order.
func (m *merger) noteOrder() {
	p := Place{Where: orderOfRows, Base: "as it was", Ours: "as it was", Theirs: "changed"}
	switch {
	case !m.theirs.InOrder():
		m.Take(Theirs, p)
	case !m.ours.InOrder():
		p.Ours, p.Theirs = p.Theirs, p.Ours
		m.Take(Ours, p)
	}
}

// noteColumns notes the columns that a side added or deleted. Where the other
// side changed something in one that was deleted, a person must say whether it
// goes.
func (m *merger) noteColumns() {
	for _, c := range m.list {
		switch {
		case c.Base >= 0:
		case c.Ours < 0:
			m.Take(Theirs, Place{Where: "column " + m.name(c), Theirs: "new"})
		case c.Theirs < 0:
			m.Take(Ours, Place{Where: "column " + m.name(c), Ours: "new"})
		}
	}
	for _, c := range m.lost {
		side, s, version := Ours, m.theirs, 2 // who deleted it, and the other
		if c.Ours >= 0 {
			side, s, version = Theirs, m.ours, 1
		}
		p := Place{Where: "column " + m.name(c), Base: "as it was", Ours: "deleted", Theirs: "as it was"}
		conflict := c.In(version) >= 0 && m.changed(c, s, version)
		if conflict {
			p.Theirs = "changed"
		}
		if side == Theirs {
			p.Ours, p.Theirs = p.Theirs, p.Ours
		}
		if !conflict {
			m.Take(side, p)
		} else if take := m.Decide(p); take != 0 && take != side {
			m.restore(c)
		}
	}
}

// changed tells whether a side changed anything in a column, or added to it.
func (m *merger) changed(c align.Item, s align.Sequence, version int) bool {
	for row, b := range s {
		v := m.v[version].value(row, c.In(version))
		if b < 0 && len(v) > 0 || b >= 0 && !bytes.Equal(v, m.v[0].value(b, c.Base)) {
			return true
		}
	}
	return false
}

// restore puts a deleted column back, behind the column that it stood behind.
func (m *merger) restore(c align.Item) {
	at := 0
	for i, other := range m.list {
		if other.Base >= 0 && other.Base < c.Base {
			at = i + 1
		}
	}
	m.list = append(m.list[:at:at], append([]align.Item{c}, m.list[at:]...)...)
	m.same = false
}

// row merges one row.
func (m *merger) row(it align.Item) {
	b, o, t := it.Base >= 0, it.Ours >= 0, it.Theirs >= 0
	switch {
	case !o && !t, !b && !t && m.dropped[1][it.Ours], !b && !o && m.dropped[2][it.Theirs]:
	case b && !o:
		m.deleted(it, Ours, 2)
	case b && !t:
		m.deleted(it, Theirs, 1)
	case !b && !t:
		m.Take(Ours, m.place(it, nil))
		m.write(1, it.Ours)
	case !b && !o:
		m.Take(Theirs, m.place(it, nil))
		m.write(2, it.Theirs)
	default:
		m.both(it)
	}
}

// deleted merges a row that a side deleted and the other, a version, has.
func (m *merger) deleted(it align.Item, by Side, version int) {
	where := m.place(it, nil)
	if m.pairs[version].Alike(it.Base, it.In(version)) && !(m.extended(it, version) && m.goesOn(it, by)) {
		m.Take(by, where)
		return
	}
	if take := m.Decide(where); take != 0 && take != by {
		m.write(version, it.In(version))
	}
}

// both merges a row that both sides have.
func (m *merger) both(it align.Item) {
	if m.doubtful(it) && !m.pairing(m.v, 1, 2).Alike(it.Ours, it.Theirs) {
		m.oneOf(it)
		return
	}
	if !m.same && it.Base >= 0 && it.Base < m.head-1 {
		m.title(it)
		return
	}
	o, t := m.v[1].line(it.Ours), m.v[2].line(it.Theirs)
	if m.same {
		var b []byte
		if it.Base >= 0 {
			b = m.v[0].line(it.Base)
		}
		switch {
		case bytes.Equal(o, t):
			m.write(1, it.Ours)
			return
		case it.Base >= 0 && bytes.Equal(b, t):
			m.note(it, Ours, 1)
			m.write(1, it.Ours)
			return
		case it.Base >= 0 && bytes.Equal(b, o):
			m.note(it, Theirs, 2)
			m.write(2, it.Theirs)
			return
		}
		n := m.v[1].recs[it.Ours].n
		if it.Base < 0 || m.v[2].recs[it.Theirs].n != n || m.v[0].recs[it.Base].n != n {
			m.oneOf(it)
			return
		}
		m.cells(it, int(n))
		return
	}
	if p := m.pairing(m.v, 1, 2); it.Base < 0 && !p.Alike(it.Ours, it.Theirs) {
		m.oneOf(it)
		return
	}
	m.cells(it, len(m.list))
}

// doubtful tells whether a row of one side may be another one, and the other side
// did something to it.
func (m *merger) doubtful(it align.Item) bool {
	if it.Base < m.head {
		return false
	}
	for version := 1; version <= 2; version++ {
		other := 3 - version
		if m.unsure(it, version) && (!m.pairs[other].Alike(it.Base, it.In(other)) || m.extended(it, other)) {
			return true
		}
	}
	return false
}

// unsure tells whether a row of a version may be another one than it was paired
// with: the pairing says so, or there is no key for sure and the rows have little in
// common. What may be a key counts as one cell, and nothing where others speak
// against it.
func (m *merger) unsure(it align.Item, version int) bool {
	p := m.pairs[version]
	if p.Unsure(it.Base) || m.proven {
		return p.Unsure(it.Base)
	}
	half := p.Half(it.Base, it.In(version))
	known := m.few && m.key != nil && len(m.v[0].value(it.Base, m.key.Base)) > 0
	return half < 0 || half == 0 && !known
}

// oneOf takes a row whole: both sides added it under one key, or it is another
// number of fields that they gave it.
func (m *merger) oneOf(it align.Item) {
	if p := m.pairing(m.v, 1, 2); p.Alike(it.Ours, it.Theirs) || m.Decide(m.place(it, nil)) != Theirs {
		m.write(1, it.Ours)
		return
	}
	m.write(2, it.Theirs)
}

// note lists the cells that a side changed in a row that the other left alone.
func (m *merger) note(it align.Item, side Side, version int) {
	if n := m.v[0].recs[it.Base].n; n != m.v[version].recs[it.In(version)].n {
		m.Take(side, m.place(it, nil))
		return
	}
	for i := range int(m.v[0].recs[it.Base].n) {
		if !bytes.Equal(m.v[0].value(it.Base, i), m.v[version].value(it.In(version), i)) {
			m.Take(side, m.place(it, &align.Item{Base: i, Ours: i, Theirs: i}))
		}
	}
}

// cells merges a row cell by cell, and writes it with n fields.
func (m *merger) cells(it align.Item, n int) {
	for i := range n {
		c := align.Item{Base: i, Ours: i, Theirs: i}
		if i < len(m.list) {
			c = m.list[i]
		}
		if i > 0 {
			m.out = append(m.out, m.v[0].sep)
		}
		m.out = append(m.out, m.cell(it, c)...)
	}
	m.end(m.v[1].eol(it.Ours))
}

// cell merges one cell, and gives its bytes.
func (m *merger) cell(it, c align.Item) []byte {
	var raw [3][]byte
	for i, t := range m.v {
		if it.In(i) >= 0 {
			raw[i] = t.raw(it.In(i), c.In(i))
		}
	}
	b, o, t := raw[0], raw[1], raw[2]
	switch {
	case c.Ours < 0:
		return t // a new column of theirs, or one that ours deleted and a person keeps
	case c.Theirs < 0:
		return o
	case bytes.Equal(o, t):
		return o
	case c.Base < 0:
		return m.choice(it, c, o, t)
	case bytes.Equal(b, t), bytes.Equal(meaning(b), meaning(t)) && !bytes.Equal(meaning(b), meaning(o)):
		m.noteCell(it, c, Ours, b, o)
		return o
	case bytes.Equal(b, o), bytes.Equal(meaning(b), meaning(o)):
		m.noteCell(it, c, Theirs, b, t)
		return t
	case bytes.Equal(meaning(o), meaning(t)):
		return o
	}
	return m.choice(it, c, o, t)
}

func (m *merger) noteCell(it, c align.Item, side Side, before, after []byte) {
	if !bytes.Equal(meaning(before), meaning(after)) {
		m.Take(side, m.place(it, &c))
	}
}

func (m *merger) choice(it, c align.Item, o, t []byte) []byte {
	if !bytes.Equal(meaning(o), meaning(t)) && m.Decide(m.place(it, &c)) == Theirs {
		return t
	}
	return o
}

// write writes a row of one version as it stands, or with the columns of the
// merge.
func (m *merger) write(version, row int) {
	t := m.v[version]
	if m.same {
		m.out = append(m.out, t.line(row)...)
	} else {
		for i, c := range m.list {
			if i > 0 {
				m.out = append(m.out, t.sep)
			}
			m.out = append(m.out, t.raw(row, c.In(version))...)
		}
	}
	m.end(t.eol(row))
}

// end ends a record as all of them are to end, or as it did; the last of its text
// may have no line end, and gets that of the others.
func (m *merger) end(eol []byte) {
	for _, t := range m.v {
		if len(eol) == 0 && len(t.recs) > 0 {
			eol = t.eol(0)
		}
	}
	switch {
	case m.ends != "":
		eol = []byte(m.ends)
	case len(eol) == 0:
		eol = []byte("\n")
	}
	m.out, m.last = append(m.out, eol...), eol
}

// finish takes the last line end off when the merge is to have none.
func (m *merger) finish() {
	var closed [3]bool
	for i, t := range m.v {
		n := len(t.recs)
		closed[i] = n == 0 || len(t.eol(n-1)) > 0
	}
	end := closed[1]
	if closed[0] == closed[1] {
		end = closed[2]
	}
	if !end && len(m.out) > 0 {
		m.out = m.out[:len(m.out)-len(m.last)]
	}
}
