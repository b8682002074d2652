package xlsx

import (
	"strings"

	"github.com/beevik/etree"

	"github.com/esync/esync/merge/formulas"
	"github.com/esync/esync/merge/ooxml"
)

// mapFormulas replaces every formula of a workbook: of cells, names,
// conditional formats, validations, tables, charts and controls. A formula
// that stays as it is leaves its part untouched. change gets the sheet in
// which references without a sheet lie, nil in charts and names.
func (b *book) mapFormulas(change func(s *sheet, formula string) string) error {
	for _, s := range b.sheets {
		if s.kind != "worksheet" {
			continue
		}
		for i := range s.rows {
			for j := range s.rows[i].cells {
				if c := &s.rows[i].cells[j]; c.f != nil && c.f.text != "" {
					if text := change(s, c.f.text); text != c.f.text {
						c.f.text = text
						s.touch(&s.rows[i], c)
					}
				}
			}
		}
		for si, m := range s.shared {
			m.text = change(s, m.text)
			s.shared[si] = m
		}
	}
	return b.mapOutside(change)
}

// mapOutside replaces the formulas that stand outside of cells.
func (b *book) mapOutside(change func(s *sheet, formula string) string) error {
	for _, s := range b.sheets {
		if s.kind == "worksheet" && mapElement(s.shell.Root(), s, change) {
			s.dirty = true
		}
	}
	if mapElement(b.root, nil, change) {
		b.dirty = true
	}
	for _, s := range b.sheets {
		if err := b.mapParts(s, s.part, change, map[string]bool{}); err != nil {
			return err
		}
	}
	b.newDeep()
	return nil
}

// mapParts replaces the formulas in the parts that a sheet leads to.
func (b *book) mapParts(s *sheet, part string, change func(*sheet, string) string, seen map[string]bool) error {
	rels, err := b.pkg.Rels(part)
	if err != nil {
		return err
	}
	for _, rel := range rels.List {
		if rel.Part == "" || seen[rel.Part] {
			continue
		}
		seen[rel.Part] = true
		switch rel.Kind() {
		case "table", "drawing", "chart", "chartEx", "chartUserShapes", "ctrlProp", "pivotTable", "queryTable":
			if b.pkg.IsXML(rel.Part) {
				doc, err := b.pkg.XML(rel.Part)
				if err != nil {
					return err
				}
				if mapElement(doc.Root(), s, change) {
					b.pkg.Set(rel.Part, ooxml.Encode(doc), "")
				}
			}
			if err := b.mapParts(s, rel.Part, change, seen); err != nil {
				return err
			}
		}
	}
	return nil
}

// mapElement replaces the formulas in an element and tells whether there was
// anything to replace.
func mapElement(e *etree.Element, s *sheet, change func(*sheet, string) string) bool {
	touched := false
	switch e.Tag {
	case "f", "formula", "formula1", "formula2", "calculatedColumnFormula", "totalsRowFormula", "definedName":
		if len(e.ChildElements()) == 0 {
			if text := e.Text(); text != "" {
				if to := change(s, text); to != text {
					e.SetText(to)
					touched = true
				}
			}
		}
	case "cfvo":
		if v := e.SelectAttr("val"); v != nil && (e.SelectAttrValue("type", "") == "formula" || strings.IndexByte(v.Value, '!') >= 0) {
			touched = mapAttr(v, s, change)
		}
	case "hyperlink":
		touched = mapAttr(e.SelectAttr("location"), s, change)
	case "sp", "cxnSp", "pic":
		touched = mapAttr(e.SelectAttr("textlink"), s, change)
	case "formControlPr":
		for _, name := range []string{"fmlaLink", "fmlaRange", "fmlaGroup", "fmlaTxbx"} {
			touched = mapAttr(e.SelectAttr(name), s, change) || touched
		}
	}
	for _, c := range e.ChildElements() {
		touched = mapElement(c, s, change) || touched
	}
	return touched
}

func mapAttr(a *etree.Attr, s *sheet, change func(*sheet, string) string) bool {
	if a == nil || a.Value == "" {
		return false
	}
	to := change(s, a.Value)
	if to == a.Value {
		return false
	}
	a.Value = to
	return true
}

// touch marks a cell that must be written anew.
func (s *sheet) touch(r *row, c *cell) {
	c.hi = 0
	r.dirty, s.dirty = true, true
}

// renameSheets gives sheets other names, by their old ones in lower case, and
// follows the names in all formulas.
func (b *book) renameSheets(to map[string]string) error {
	for _, s := range b.sheets {
		if name, ok := to[strings.ToLower(s.name)]; ok {
			s.name = name
			s.el.CreateAttr("name", name)
			b.dirty = true
		}
	}
	renamed := func(name string) string {
		if n, ok := to[strings.ToLower(name)]; ok && name != "" {
			return n
		}
		return name
	}
	err := b.mapFormulas(func(_ *sheet, formula string) string {
		if strings.IndexByte(formula, '!') < 0 {
			return formula
		}
		return formulas.Rewrite(formula, func(t *formulas.Token) string {
			if t.Prefix == "" || t.Book != "" {
				return t.Text
			}
			sheets := [2]string{renamed(t.Sheets[0]), renamed(t.Sheets[1])}
			if sheets == t.Sheets {
				return t.Text
			}
			return formulas.Prefix("", sheets) + t.Body
		})
	})
	if err != nil {
		return err
	}
	return b.renameSources(renamed)
}

// renameSources follows renamed sheets in the sources of pivot tables.
func (b *book) renameSources(renamed func(string) string) error {
	for _, rel := range b.rels.ByKind("pivotCacheDefinition") {
		if rel.Part == "" {
			continue
		}
		doc, err := b.pkg.XML(rel.Part)
		if err != nil {
			return err
		}
		for _, e := range doc.Root().FindElements(".//worksheetSource") {
			if a := e.SelectAttr("sheet"); a != nil && renamed(a.Value) != a.Value {
				a.Value = renamed(a.Value)
				b.pkg.Set(rel.Part, ooxml.Encode(doc), "")
			}
		}
	}
	return nil
}
