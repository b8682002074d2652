package xlsx

import (
	"strings"

	"github.com/beevik/etree"
)

// tablesOf checks the tables of a sheet.
func (v *verifier) tablesOf(s *sheet) {
	var areas []area
	listed := map[string]bool{}
	if e := child(s.shell.Root(), "tableParts"); e != nil {
		for _, c := range e.ChildElements() {
			listed[relID(c)] = true
		}
	}
	for _, rel := range s.rels.ByKind("table") {
		if !listed[rel.ID] {
			v.add(s.part, "table-part", "table %q is not in the sheet's list", rel.Part)
		}
		if rel.Part == "" {
			continue
		}
		doc, err := v.b.pkg.XML(rel.Part)
		if err != nil {
			continue // told already
		}
		if a, ok := v.table(s, rel.Part, doc.Root()); ok {
			areas = append(areas, a)
		}
	}
	if x, y, clash := overlap(areas); clash {
		v.add(s.part, "table-ref", "tables at %s and %s overlap", x, y)
	}
}

func (v *verifier) table(s *sheet, part string, e *etree.Element) (area, bool) {
	name := e.SelectAttrValue("displayName", "")
	low := strings.ToLower(name)
	if name == "" || v.tables[low] || v.names[low] {
		v.add(part, "table-name", "table name %q is there twice, or is none", name)
	}
	v.tables[low] = true
	id := e.SelectAttrValue("id", "")
	if id == "" || v.tableIDs[id] {
		v.add(part, "table-id", "table %q has number %q, which another has", name, id)
	}
	v.tableIDs[id] = true
	v.dxfs(part, e)
	a, ok := parseArea(e.SelectAttrValue("ref", ""))
	if !ok {
		v.add(part, "table-ref", "table %q is at %q", name, e.SelectAttrValue("ref", ""))
		return a, false
	}
	cols := child(e, "tableColumns")
	if cols == nil {
		v.add(part, "table-columns", "table %q has no columns", name)
		return a, true
	}
	list := cols.ChildElements()
	v.count(&sheet{part: part}, cols, len(list))
	if len(list) != a.hi.col-a.lo.col+1 {
		v.add(part, "table-columns", "table %q at %s has %d columns", name, a, len(list))
		return a, true
	}
	v.columns(s, part, e, a, list)
	if f := child(e, "autoFilter"); f != nil {
		if b, ok := parseArea(f.SelectAttrValue("ref", "")); !ok || !b.within(a) {
			v.add(part, "table-filter", "the filter of table %q is at %q", name, f.SelectAttrValue("ref", ""))
		}
	}
	return a, true
}

// columns checks the names and numbers of a table's columns: they are those
// of the cells in its first row.
func (v *verifier) columns(s *sheet, part string, e *etree.Element, a area, list []*etree.Element) {
	names, ids := map[string]bool{}, map[string]bool{}
	header := e.SelectAttrValue("headerRowCount", "1") != "0"
	for i, c := range list {
		name := c.SelectAttrValue("name", "")
		low := strings.ToLower(name)
		if name == "" || names[low] {
			v.add(part, "table-column", "column %q is there twice, or is none", name)
		}
		names[low] = true
		if id := c.SelectAttrValue("id", ""); id == "" || ids[id] {
			v.add(part, "table-column", "column %q has number %q, which another has", name, id)
		} else {
			ids[id] = true
		}
		if !header {
			continue
		}
		at := spot{a.lo.row, a.lo.col + i}
		if text := v.b.textAt(s, at); text != columnText(name) {
			v.add(part, "table-header", "column %q has %q in %s", name, text, at)
		}
	}
}

// columnText is a column's name as its cell has it.
func columnText(name string) string {
	for _, r := range []struct{ code, char string }{{"_x000a_", "\n"}, {"_x000A_", "\n"}, {"_x000d_", "\r"}, {"_x000D_", "\r"}, {"_x0009_", "\t"}} {
		name = strings.ReplaceAll(name, r.code, r.char)
	}
	return name
}

// textAt is what a cell shows, as text.
func (b *book) textAt(s *sheet, at spot) string {
	r := s.row(at.row)
	if r == nil {
		return ""
	}
	c := r.cell(at.col)
	if c == nil {
		return ""
	}
	if c.f != nil {
		return c.value
	}
	text, err := b.content(s, at.row, c)
	if err != nil {
		return ""
	}
	return columnText(text.show())
}
