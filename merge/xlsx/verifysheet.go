package xlsx

import (
	"slices"
	"strconv"

	"github.com/beevik/etree"

	"github.com/esync/esync/merge/formulas"
)

func (v *verifier) sheet(s *sheet) {
	root := s.shell.Root()
	v.inOrder(s.part, root, "conditionalFormatting", "cols")
	if child(root, "sheetData") == nil {
		v.add(s.part, "sheet-data", "no cells element")
	}
	v.cells(s)
	v.dxfs(s.part, root)
	for _, e := range root.ChildElements() {
		if len(e.Child) > maxItems {
			v.add(s.part, "too-many", "%d %s", len(e.Child), label(e.Tag))
			continue
		}
		switch e.Tag {
		case "dimension":
			if _, ok := parseArea(e.SelectAttrValue("ref", "")); !ok {
				v.add(s.part, "dimension", "dimension %q", e.SelectAttrValue("ref", ""))
			}
		case "mergeCells":
			v.merges(s, e)
		case "conditionalFormatting":
			v.conditional(s, e)
		case "dataValidations":
			v.validations(s, e)
		case "hyperlinks":
			v.links(s, e)
		case "rowBreaks", "colBreaks":
			v.count(s, e, len(e.ChildElements()))
		case "autoFilter", "sortState":
			if _, ok := parseArea(e.SelectAttrValue("ref", "")); !ok {
				v.add(s.part, "filter", "%s of %q", e.Tag, e.SelectAttrValue("ref", ""))
			}
		case "protectedRanges", "ignoredErrors":
			for _, c := range e.ChildElements() {
				if _, ok := parseAreas(c.SelectAttrValue("sqref", "")); !ok && c.Tag != "extLst" {
					v.add(s.part, "area", "%s of %q", c.Tag, c.SelectAttrValue("sqref", ""))
				}
			}
		case "tableParts":
			v.count(s, e, len(e.ChildElements()))
			for _, c := range e.ChildElements() {
				if rel, ok := s.rels.ByID(relID(c)); !ok || rel.Kind() != "table" {
					v.add(s.part, "table-part", "a table leads nowhere")
				}
			}
		case "drawing":
			v.wantRel(s, e, "drawing")
		case "legacyDrawing", "legacyDrawingHF":
			v.wantRel(s, e, "vmlDrawing")
		}
	}
	v.tablesOf(s)
	v.commentsOf(s)
	v.drawingsOf(s)
}

func (v *verifier) wantRel(s *sheet, e *etree.Element, kind string) {
	if rel, ok := s.rels.ByID(relID(e)); !ok || rel.Kind() != kind {
		v.add(s.part, "rel-kind", "%s leads nowhere, or to something else", e.Tag)
	}
}

// count checks a count that a list says it has.
func (v *verifier) count(s *sheet, e *etree.Element, n int) {
	if text := e.SelectAttrValue("count", ""); text != "" && text != itoa(n) {
		v.add(s.part, "count", "%s says %s and has %d", e.Tag, text, n)
	}
}

// cells checks what reading did not.
func (v *verifier) cells(s *sheet) {
	for i := range s.rows {
		r := &s.rows[i]
		for j := range r.cells {
			c := &r.cells[j]
			at := spot{r.r, c.col}
			where := cellName{s.name, at}
			switch c.kind {
			case boolValue:
				if c.value != "0" && c.value != "1" && c.value != "true" && c.value != "false" {
					v.add(s.part, "cell-value", "%s is the truth value %q", where, c.value)
				}
			case errorValue:
				if !slices.Contains(formulas.Errors[:], c.value) {
					v.add(s.part, "cell-value", "%s is the error %q", where, c.value)
				}
			case numberValue:
				if _, ok := parseNumber(c.value); !ok {
					v.add(s.part, "cell-value", "%s is the number %q", where, c.value)
				}
			case sharedValue:
				if n, ok := parseIndex(c.value); !ok || n >= len(v.b.strings) {
					v.add(s.part, "string-index", "%s is string %q of %d", where, c.value, len(v.b.strings))
				}
			}
			if c.f != nil {
				v.cellFormula(s, at, where.String(), c)
			}
		}
	}
	for _, m := range s.shared {
		if !m.ref.has(m.at) {
			v.add(s.part, "shared-formula", "shared formula of %s!%s is for %s", s.name, m.at, m.ref)
		}
	}
}

func (v *verifier) cellFormula(s *sheet, at spot, where string, c *cell) {
	switch c.f.kind {
	case sharedFormula:
		if c.f.si == "" {
			v.add(s.part, "shared-formula", "%s has a shared formula without a number", where)
		}
		if m := s.shared[c.f.si]; m == nil {
			v.add(s.part, "shared-formula", "%s has shared formula %q, which is missing", where, c.f.si)
		} else if !m.ref.has(at) {
			v.add(s.part, "shared-formula", "%s has shared formula %q, which is for %s", where, c.f.si, m.ref)
		}
	case plainFormula:
		if c.f.text == "" && c.kind == noValue {
			v.add(s.part, "formula-empty", "%s has a formula without text", where)
		}
	}
	if !balanced(c.f.text) {
		v.add(s.part, "formula", "%s has a formula with brackets or quotes left open", where)
	}
	v.formula(s.part, where, c.f.text)
}

// balanced tells whether the parentheses of a formula close.
func balanced(formula string) bool {
	depth := 0
	for _, t := range formulas.Lex(formula) {
		switch t.Kind {
		case formulas.KindText:
			if len(t.Text) < 2 || t.Text[len(t.Text)-1] != '"' {
				return false
			}
		case formulas.KindOther:
			for i := range len(t.Text) {
				switch t.Text[i] {
				case '(':
					depth++
				case ')':
					if depth--; depth < 0 {
						return false
					}
				}
			}
		}
	}
	return depth == 0
}

func (v *verifier) merges(s *sheet, e *etree.Element) {
	v.count(s, e, len(e.ChildElements()))
	var list []area
	for _, c := range e.ChildElements() {
		a, ok := parseArea(c.SelectAttrValue("ref", ""))
		if !ok {
			v.add(s.part, "merge", "merged cells %q", c.SelectAttrValue("ref", ""))
			continue
		}
		list = append(list, a)
	}
	if x, y, clash := overlap(list); clash {
		v.add(s.part, "merge", "merged cells %s and %s overlap", x, y)
	}
}

// overlap finds two areas that meet. It sweeps down the rows, so that many
// areas take little time as long as they do not meet.
func overlap(list []area) (x, y area, clash bool) {
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b area) int {
		if a.lo.row != b.lo.row {
			return a.lo.row - b.lo.row
		}
		return a.lo.col - b.lo.col
	})
	var open []area // by column, none of which meet
	for _, a := range list {
		open = slices.DeleteFunc(open, func(o area) bool { return o.hi.row < a.lo.row })
		for _, o := range open {
			if o.meets(a) {
				return o, a, true
			}
		}
		open = append(open, a)
	}
	return area{}, area{}, false
}

func (v *verifier) conditional(s *sheet, e *etree.Element) {
	if _, ok := parseAreas(e.SelectAttrValue("sqref", "")); !ok {
		v.add(s.part, "area", "conditional format for %q", e.SelectAttrValue("sqref", ""))
	}
	for _, c := range e.ChildElements() {
		if c.Tag != "cfRule" {
			continue
		}
		if n, err := strconv.Atoi(c.SelectAttrValue("priority", "")); err != nil || n < 1 {
			v.add(s.part, "rule", "conditional format for %s has rank %q", e.SelectAttrValue("sqref", ""), c.SelectAttrValue("priority", ""))
		}
		if c.SelectAttrValue("type", "") == "" {
			v.add(s.part, "rule", "conditional format for %s has no type", e.SelectAttrValue("sqref", ""))
		}
		for _, f := range c.ChildElements() {
			if f.Tag == "formula" {
				v.formula(s.part, "a conditional format", f.Text())
			}
		}
	}
}

func (v *verifier) validations(s *sheet, e *etree.Element) {
	v.count(s, e, len(e.ChildElements()))
	for _, c := range e.ChildElements() {
		if _, ok := parseAreas(c.SelectAttrValue("sqref", "")); !ok {
			v.add(s.part, "area", "validation for %q", c.SelectAttrValue("sqref", ""))
		}
		for _, f := range c.ChildElements() {
			v.formula(s.part, "a validation", f.Text())
		}
	}
}

func (v *verifier) links(s *sheet, e *etree.Element) {
	seen := map[string]bool{}
	for _, c := range e.ChildElements() {
		ref := c.SelectAttrValue("ref", "")
		if _, ok := parseArea(ref); !ok || seen[ref] {
			v.add(s.part, "hyperlink", "link at %q", ref)
		}
		seen[ref] = true
		if id := relID(c); id != "" {
			if rel, ok := s.rels.ByID(id); !ok || rel.Kind() != "hyperlink" {
				v.add(s.part, "hyperlink", "the link at %s leads nowhere", ref)
			}
		}
	}
}

func (s *sheet) row(n int) *row {
	i, ok := slices.BinarySearchFunc(s.rows, n, func(r row, n int) int { return r.r - n })
	if !ok {
		return nil
	}
	return &s.rows[i]
}

func (r *row) cell(col int) *cell {
	i, ok := slices.BinarySearchFunc(r.cells, col, func(c cell, n int) int { return c.col - n })
	if !ok {
		return nil
	}
	return &r.cells[i]
}
