package dbf

import (
	"bytes"

	"github.com/esync/esync/merge/align"
)

// mergeHeader gives the header of the merge, without the number of records, and
// the fields that it has: one side's. Besides the date, both may not have
// changed it in two ways.
func mergeHeader(v [3]*table) (header []byte, fields []field, err error) {
	rest := func(t *table) []byte {
		h := bytes.Clone(t.header)
		clear(h[1:8])
		return h
	}
	b, o, t := rest(v[0]), rest(v[1]), rest(v[2])
	from := v[1]
	switch {
	case bytes.Equal(o, t), bytes.Equal(b, t):
	case bytes.Equal(b, o):
		from = v[2]
	default:
		return nil, nil, unmergeable("both sides changed its fields")
	}
	header = bytes.Clone(from.header)
	date := v[1].header[1:4]
	if bytes.Compare(v[2].header[1:4], date) > 0 {
		date = v[2].header[1:4]
	}
	copy(header[1:4], date)
	return header, from.fields, nil
}

// alignFields finds the fields of the merge in each version, and for the rest,
// which a side removed, tells whether the other has it still. Column 0 is the
// mark of deletion. It fails where a field has another kind than it had, or
// became shorter.
func alignFields(v [3]*table, fields []field) (list []align.Item, err error) {
	list = []align.Item{{}}
	for _, f := range fields {
		it := [3]int{-1, -1, -1}
		for i, t := range v {
			for j, g := range t.fields {
				if g.name != f.name {
					continue
				}
				it[i] = j + 1
				if g.kind != f.kind || g.decimals != f.decimals && f.kind != 'C' || g.flags != f.flags || g.length > f.length ||
					g.length < f.length && f.kind != 'C' && f.kind != 'N' {
					return nil, unmergeable("a field was made another kind of field")
				}
			}
		}
		list = append(list, align.Item{Base: it[0], Ours: it[1], Theirs: it[2]})
	}
	return list, nil
}

// removed lists the fields of the base that a side, whose fields the merge has,
// removed: as they stand in the base and in the other side.
func removed(v [3]*table, list []align.Item) []align.Item {
	var gone []align.Item
	for i := range v[0].fields {
		it := align.Item{Base: i + 1, Ours: -1, Theirs: -1}
		kept := false
		for _, other := range list {
			kept = kept || other.Base == it.Base
		}
		if kept {
			continue
		}
		for j, f := range v[1].fields {
			if f.name == v[0].fields[i].name {
				it.Ours = j + 1
			}
		}
		for j, f := range v[2].fields {
			if f.name == v[0].fields[i].name {
				it.Theirs = j + 1
			}
		}
		gone = append(gone, it)
	}
	return gone
}

// fit gives a field's bytes in the length of another: words to the left,
// numbers to the right.
func fit(raw []byte, to *field) []byte {
	if len(raw) == to.length {
		return raw
	}
	out := bytes.Repeat([]byte{' '}, to.length)
	if to.kind == 'N' {
		copy(out[to.length-len(raw):], raw)
	} else {
		copy(out, raw)
	}
	return out
}

// fieldChanges lists the fields that ours added and removed.
func (m *merger) fieldChanges() []Place {
	var list []Place
	for i, c := range m.columns {
		if c.Base < 0 {
			list = append(list, Place{Where: "field " + m.fields[i-1].name, Ours: "new"})
		} else if i > 0 && m.v[0].fields[c.Base-1].length != m.fields[i-1].length {
			list = append(list, Place{Where: "field " + m.fields[i-1].name, Base: "narrower", Ours: "wider"})
		}
	}
	for _, c := range removed(m.v, m.columns) {
		list = append(list, Place{Where: "field " + m.v[0].fields[c.Base-1].name, Base: "there", Ours: "removed"})
	}
	return list
}
