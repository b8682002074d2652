package xlsx

import (
	"slices"
	"strings"

	"github.com/esync/esync/merge/formulas"
)

// dangling looks for formulas that name a sheet which is not in the result.
func (m *merger) dangling() {
	if len(m.gone) == 0 {
		return
	}
	check := func(b *book, s *sheet, t *trio) {
		for i := range s.rows {
			for j := range s.rows[i].cells {
				c := &s.rows[i].cells[j]
				if c.f == nil || !m.namesGone(c.f.text) {
					continue
				}
				m.conflict(t.name+"!"+spot{s.rows[i].r, c.col}.String(), "", "="+c.f.text, "="+c.f.text)
			}
		}
	}
	for _, t := range m.sheets {
		for i, s := range t.side {
			if s == nil || s.kind != "worksheet" || t.side[1-i] == nil && t.base != nil {
				continue
			}
			if m.changedSince(t, i) {
				check(m.sides[i], s, t)
			}
		}
	}
}

// changedSince tells whether a side has formulas of its own in a sheet: those
// that name a deleted sheet and are as in the base were changed by the side
// that deleted it.
func (m *merger) changedSince(t *trio, side int) bool {
	s := t.side[side]
	changed := false
	_ = eachRow([]*sheet{t.base, s, t.side[1-side]}, func(r int, rows []*row) error {
		return eachCell(rows, func(_ int, cells []*cell) error {
			if cells[1] == nil || cells[1].f == nil || !m.namesGone(cells[1].f.text) {
				return nil
			}
			x, _ := m.plan.b.contentOf(t.base, r, cells[0])
			y, _ := m.sides[side].contentOf(s, r, cells[1])
			if x != y || t.base == nil {
				changed = true
				return errStop
			}
			return nil
		})
	})
	return changed
}

func (m *merger) namesGone(formula string) bool {
	for _, name := range m.gone {
		if formulas.NamesSheet(formula, name) {
			return true
		}
	}
	return false
}

// removed are names that a side took away, by deleting what had them or by
// giving it another: all in lower case.
type removed struct {
	names, tables map[string]bool
	columns       map[string][]string // by table, of those that are still there
}

// removedBy tells which names of the base a side no longer has.
func (p *plan) removedBy(side int) removed {
	r := removed{map[string]bool{}, map[string]bool{}, map[string][]string{}}
	was, now := p.b.bareNames(), p.sides[side].bareNames()
	for low, name := range was {
		// One that somebody chose to have after all is not gone.
		if _, there := now[low]; !there && p.choose["names: "+name] != Side(2-side) {
			r.names[low] = true
		}
	}
	tables := p.sides[side].tableColumns()
	for table, columns := range p.b.tableColumns() {
		have, there := tables[table]
		if !there {
			r.tables[table] = true
			continue
		}
		for _, c := range columns {
			if !slices.Contains(have, c) {
				r.columns[table] = append(r.columns[table], c)
			}
		}
	}
	return r
}

// bareNames are the defined names that people gave, whatever sheet they are for,
// by what they are in lower case.
func (b *book) bareNames() map[string]string {
	names := map[string]string{}
	if list := child(b.root, "definedNames"); list != nil {
		for _, e := range list.ChildElements() {
			if name := e.SelectAttrValue("name", ""); !strings.HasPrefix(name, "_xlnm.") {
				names[strings.ToLower(name)] = name
			}
		}
	}
	return names
}

// tableColumns are the columns of the tables of a workbook.
func (b *book) tableColumns() map[string][]string {
	tables := map[string][]string{}
	for _, s := range b.sheets {
		for _, rel := range s.rels.ByKind("table") {
			doc, err := b.pkg.XML(rel.Part)
			if err != nil {
				continue // told by the verifier
			}
			columns := []string{}
			if list := child(doc.Root(), "tableColumns"); list != nil {
				for _, c := range list.ChildElements() {
					columns = append(columns, strings.ToLower(columnText(c.SelectAttrValue("name", ""))))
				}
			}
			tables[strings.ToLower(doc.Root().SelectAttrValue("displayName", ""))] = columns
		}
	}
	return tables
}

// usedBy tells whether a formula uses one of the names.
func (r *removed) usedBy(formula string) bool {
	if len(r.names)+len(r.tables)+len(r.columns) == 0 {
		return false
	}
	for _, t := range formulas.Lex(formula) {
		if t.Book != "" {
			continue
		}
		switch t.Kind {
		case formulas.KindName:
			if low := strings.ToLower(t.Body); r.names[low] || r.tables[low] {
				return true
			}
		case formulas.KindTable:
			table, columns, _ := strings.Cut(strings.ToLower(t.Body), "[")
			if r.tables[table] {
				return true
			}
			for _, c := range r.columns[table] {
				if namesColumn(columns, c) {
					return true
				}
			}
		}
	}
	return false
}

// namesColumn tells whether what follows a table's name and its first bracket
// names a column.
func namesColumn(text, column string) bool {
	text = "[" + columnText(unescaped(text))
	return strings.Contains(text, "["+column+"]")
}

// unescaped is a text without the apostrophes by which it says that characters
// mean themselves.
func unescaped(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '\'' && i+1 < len(text) {
			i++
		}
		b.WriteByte(text[i])
	}
	return b.String()
}

// orphaned tells whether the formula that a cell would get reads what the other
// side, which knew nothing of it, took away.
func (m *merger) orphaned(t *trio, at spot, v verdict, where string, l [3]look) bool {
	from := 0
	switch {
	case v == keep, v == clashes && m.chosen(where) == m.s:
		from = 1
	case v == take, v == clashes && m.chosen(where) == m.o:
		from = 2
	}
	if from == 0 || !l[from].isFormula() {
		return false
	}
	side := bit(m.second) // of s
	if from == 2 {
		side = 1 - side
	}
	return m.lost[side][t.side[side]][at] || m.removed[1-side].usedBy(l[from].text)
}

// unread looks for formulas outside of the cells that both sides have which use
// names that the other side took away.
func (m *merger) unread() {
	for i, b := range m.sides {
		gone := &m.removed[1-i]
		for _, t := range m.sheets {
			s := t.side[i]
			if t.base != nil || s == nil || t.side[1-i] != nil {
				continue
			}
			for j := range s.rows {
				for k := range s.rows[j].cells {
					c := &s.rows[j].cells[k]
					if c.f != nil && gone.usedBy(c.f.text) {
						m.conflict(t.name+"!"+spot{s.rows[j].r, c.col}.String(), "", "="+c.f.text, "="+c.f.text)
					}
				}
			}
		}
		known := map[string]bool{}
		m.b.eachOutside(func(formula string) { known[formula] = true })
		told := false
		b.eachOutside(func(formula string) {
			if !told && !known[formula] && gone.usedBy(formula) {
				told = true
				m.conflict("formulas outside of cells", "", formula, formula)
			}
		})
	}
}

// eachOutside visits the formulas of names, and of what sheets have beside cells.
func (b *book) eachOutside(visit func(formula string)) {
	see := func(_ *sheet, formula string) string {
		visit(formula)
		return formula
	}
	mapElement(b.root, nil, see)
	for _, s := range b.sheets {
		if s.kind == "worksheet" {
			mapElement(s.shell.Root(), s, see)
		}
	}
}
