package dbf

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"

	"github.com/esync/esync/merge/align"
	"github.com/esync/esync/merge/ruling"
)

// merger merges what has been aligned.
type merger struct {
	v            [3]*table
	fields       []field
	columns      []align.Item // of the mark of deletion and the fields
	ours, theirs align.Sequence
	pairs        [3]*align.Pairing // of a side with the base, as they were paired
	memo         Side
	ruling.Book

	// from is the version whose memo file the merge has, and texts what becomes
	// of that; there is none when the memo files are not read.
	from  int
	texts *memoFile

	out    []byte
	count  int
	failed error
}

func (m *merger) merge() {
	twins := m.align()
	lead, ok := align.Lead(m.v[0].Rows(), m.ours, m.theirs)
	if !ok {
		m.failed = unmergeable("both sides put its records into another order")
		return
	}
	if m.ownNumbers() {
		m.failed = unmergeable("both sides added records that number themselves")
		return
	}
	m.lostFields()
	list := align.Weave(m.v[0].Rows(), lead, m.ours, m.theirs, twins)
	for _, it := range list {
		m.record(it)
	}
	m.twice(list)
}

// ownNumbers tells whether both sides added records to a table whose program
// numbers them.
func (m *merger) ownNumbers() bool {
	numbered := false
	for _, f := range m.fields {
		numbered = numbered || f.flags&numbersOwn == numbersOwn || f.kind == '+'
	}
	added := func(s align.Sequence) bool {
		for _, b := range s {
			if b < 0 {
				return true
			}
		}
		return false
	}
	return numbered && added(m.ours) && added(m.theirs)
}

// lostFields looks at the fields that one side removed: where the other side
// changed something in one, nothing can be merged.
func (m *merger) lostFields() {
	for _, c := range removed(m.v, m.columns) {
		for version, s := range [3]align.Sequence{1: m.ours, 2: m.theirs} {
			if version == 0 || c.In(version) < 0 {
				continue
			}
			for row, b := range s {
				v := m.v[version].Cell(row, c.In(version))
				if b >= 0 && !bytes.Equal(v, m.v[0].Cell(b, c.Base)) || b < 0 && len(bytes.Trim(v, " \x00")) > 0 {
					m.failed = unmergeable("one side removed a field that the other changed")
					return
				}
			}
		}
	}
}

// place names a record, and a field of it unless column is negative, and shows
// what they hold.
func (m *merger) place(it align.Item, column int) Place {
	where := ""
	for _, version := range [3]int{1, 2, 0} {
		if row := it.In(version); row >= 0 {
			where = fmt.Sprintf("record %d", row+1)
			break
		}
	}
	switch {
	case column == 0:
		where += " deleted"
	case column > 0:
		where += " " + m.fields[column-1].name
	}
	var shown [3]string
	for i, t := range m.v {
		row := it.In(i)
		switch {
		case row < 0:
		case column == 0:
			shown[i] = map[bool]string{true: "deleted", false: "not deleted"}[t.record(row)[0] == '*']
		case column > 0 && m.columns[column].In(i) >= 0:
			shown[i] = ruling.Cut(t.word(row, m.columns[column].In(i)))
		case column < 0:
			shown[i] = t.line(row)
		}
	}
	return Place{Where: where, Base: shown[0], Ours: shown[1], Theirs: shown[2]}
}

// line is a record as a person reads it.
func (t *table) line(row int) string {
	line := ""
	for i := range t.fields {
		if word := t.word(row, i+1); word != "" {
			line += " " + word
		}
		if len(line) > ruling.MaxShown {
			break
		}
	}
	if line == "" {
		return "a blank record"
	}
	return ruling.Cut(line[1:])
}

// record merges one record.
func (m *merger) record(it align.Item) {
	b, o, t := it.Base >= 0, it.Ours >= 0, it.Theirs >= 0
	switch {
	case !o && !t:
	case b && !o:
		m.gone(it, Ours, 2)
	case b && !t:
		m.gone(it, Theirs, 1)
	case !b && !t:
		m.Take(Ours, m.place(it, -1))
		m.write(it, 1)
	case !b && !o:
		m.Take(Theirs, m.place(it, -1))
		m.write(it, 2)
	default:
		m.both(it)
	}
}

// gone merges a record that one side packed away and the other has.
func (m *merger) gone(it align.Item, by Side, version int) {
	// A record that is marked as deleted may go whatever else was done to it.
	if m.v[version].record(it.In(version))[0] == '*' || m.pairing(0, version, 0).Alike(it.Base, it.In(version)) {
		m.Take(by, m.place(it, -1))
		return
	}
	if take := m.Decide(m.place(it, -1)); take != 0 && take != by {
		m.write(it, version)
	}
}

// both merges a record that both sides have, field by field; or whole, when a side
// may have another one there, and the other side changed it.
func (m *merger) both(it align.Item) {
	if m.doubtful(it) && !m.pairing(1, 2, 0).Alike(it.Ours, it.Theirs) {
		version := 1
		if m.Decide(m.place(it, -1)) == Theirs {
			version = 2
		}
		m.write(it, version)
		return
	}
	for i := range m.columns {
		m.out = append(m.out, m.cell(it, i)...)
	}
	m.count++
}

// cell merges one field, and gives its bytes.
func (m *merger) cell(it align.Item, i int) []byte {
	c := m.columns[i]
	if c.Ours < 0 {
		return m.bytes(it, 2, i)
	}
	if c.Theirs < 0 {
		return m.bytes(it, 1, i)
	}
	o, t := m.v[1].Cell(it.Ours, c.Ours), m.v[2].Cell(it.Theirs, c.Theirs)
	var b []byte
	if it.Base >= 0 && c.Base >= 0 {
		b = m.v[0].Cell(it.Base, c.Base)
	}
	switch {
	case bytes.Equal(o, t):
		return m.bytes(it, 1, i)
	case it.Base < 0: // twins differ in nothing but fields of one side alone
	case bytes.Equal(b, t):
		m.Take(Ours, m.place(it, i))
		return m.bytes(it, 1, i)
	case bytes.Equal(b, o):
		m.Take(Theirs, m.place(it, i))
		return m.bytes(it, 2, i)
	}
	if m.Decide(m.place(it, i)) == Theirs {
		return m.bytes(it, 2, i)
	}
	return m.bytes(it, 1, i)
}

// write writes a record of one version.
func (m *merger) write(it align.Item, version int) {
	for i := range m.columns {
		m.out = append(m.out, m.bytes(it, version, i)...)
	}
	m.count++
}

// bytes gives a field of a version as it is written.
func (m *merger) bytes(it align.Item, version, i int) []byte {
	row, column := it.In(version), m.columns[i].In(version)
	if i == 0 {
		return m.v[version].raw(row, 0)
	}
	f := &m.fields[i-1]
	if row < 0 || column < 0 {
		return f.blank()
	}
	raw := m.v[version].raw(row, column)
	switch {
	case f.memo() && m.texts != nil:
		return m.memoField(it, version, i)
	case f.memo():
		m.checkMemo(it, version, i, raw)
	}
	return fit(raw, f)
}

// checkMemo holds that a record does not point into a memo file other than its
// own: that of the side which changed it is taken.
func (m *merger) checkMemo(it align.Item, version, i int, raw []byte) {
	if m.memo == 0 || m.memo == Side(version) || len(bytes.Trim(raw, " \x000")) == 0 {
		return
	}
	if c := m.columns[i].Base; it.Base >= 0 && c >= 0 && bytes.Equal(raw, m.v[0].raw(it.Base, c)) {
		return
	}
	m.failed = unmergeable("a record of one side points to a memo that the other side's memo file has not")
}

// file puts header, records and end together.
func (m *merger) file(header []byte) ([]byte, error) {
	if int64(m.count) > math.MaxUint32 {
		return nil, unmergeable("too many records")
	}
	out := make([]byte, 0, len(header)+len(m.out)+1)
	out = append(append(out, header...), m.out...)
	binary.LittleEndian.PutUint32(out[4:], uint32(m.count))
	end := m.v[1].end
	if m.v[0].end == m.v[1].end {
		end = m.v[2].end
	}
	if end {
		out = append(out, fileEnd)
	}
	return out, nil
}
