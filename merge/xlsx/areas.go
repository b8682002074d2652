package xlsx

import (
	"strings"

	"github.com/beevik/etree"

	"github.com/esync/esync/merge/formulas"
)

// eachArea visits the areas of a sheet that something in the workbook names:
// formulas everywhere, and what lies on the sheet beside cells. from is the
// cell that the formula is in, if it is in one of that sheet. It tells whether
// all visits did.
func (b *book) eachArea(s *sheet, visit func(a area, from spot) bool) bool {
	ok := true
	formula := func(in *sheet, text string, from spot) {
		if !ok || in != s && strings.IndexByte(text, '!') < 0 {
			return
		}
		for _, t := range formulas.Lex(text) {
			if t.Kind != formulas.KindRef || t.Book != "" && t.Book != "0" {
				continue
			}
			if t.Prefix == "" && in == s || strings.EqualFold(t.Sheets[0], s.name) || t.Sheets[1] != "" {
				ok = ok && visit(areaOf(&t), from)
			}
		}
	}
	for _, u := range b.sheets {
		for i := range u.rows {
			for j := range u.rows[i].cells {
				c := &u.rows[i].cells[j]
				if c.f == nil {
					continue
				}
				text, err := u.formulaText(u.rows[i].r, c)
				from := spot{}
				if u == s {
					from = spot{u.rows[i].r, c.col}
				}
				formula(u, text, from)
				ok = ok && err == nil
			}
		}
	}
	err := b.mapOutside(func(in *sheet, text string) string {
		formula(in, text, spot{})
		return text
	})
	element := func(e *etree.Element) {
		ok = ok && eachRef(e, func(a area) bool { return visit(a, spot{}) })
	}
	for _, e := range s.shell.Root().ChildElements() {
		switch e.Tag {
		case "dimension", "sheetViews", "ignoredErrors":
		default:
			element(e)
		}
	}
	for _, rel := range s.rels.ByKind("table") {
		if doc, err := b.pkg.XML(rel.Part); err == nil {
			element(doc.Root())
		}
	}
	for _, rel := range b.rels.ByKind("pivotCacheDefinition") {
		doc, err := b.pkg.XML(rel.Part)
		if err != nil {
			return false
		}
		for _, e := range doc.Root().FindElements(".//worksheetSource") {
			if strings.EqualFold(e.SelectAttrValue("sheet", ""), s.name) {
				element(e)
			}
		}
	}
	return ok && err == nil
}

// areaOf is what a reference is to.
func areaOf(t *formulas.Token) area {
	t.Order()
	a := area{spot{t.From.Row, t.From.Col}, spot{t.To.Row, t.To.Col}}
	switch t.Form {
	case formulas.FormColumns:
		a.lo.row, a.hi.row = 1, formulas.MaxRow
	case formulas.FormRows:
		a.lo.col, a.hi.col = 1, formulas.MaxCol
	}
	return a
}

// eachRef visits the areas that an element and those in it are for.
func eachRef(e *etree.Element, visit func(area) bool) bool {
	texts := []string{e.SelectAttrValue("ref", ""), e.SelectAttrValue("sqref", "")}
	if e.Tag == "sqref" {
		texts = append(texts, e.Text())
	}
	for _, text := range texts {
		areas, _ := parseAreas(text)
		for _, a := range areas {
			if !visit(a) {
				return false
			}
		}
	}
	for _, c := range e.ChildElements() {
		if !eachRef(c, visit) {
			return false
		}
	}
	return true
}
