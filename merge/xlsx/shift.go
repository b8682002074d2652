package xlsx

import (
	"fmt"
	"slices"
	"strings"

	"github.com/beevik/etree"

	"github.com/esync/esync/merge/formulas"
	"github.com/esync/esync/merge/ooxml"
)

// shapes are what is done to sheets, by their names in lower case.
type shapes map[string]*shape

// formula is a formula as it reads after the sheets took their shapes; lost
// tells that something it read is gone.
func (m shapes) formula(s *sheet, text string) (out string, lost bool) {
	out = formulas.Rewrite(text, func(t *formulas.Token) string {
		if t.Kind != formulas.KindRef || t.Book != "" || t.Sheets[1] != "" {
			return t.Text
		}
		name := t.Sheets[0]
		if t.Prefix == "" {
			if s == nil {
				return t.Text
			}
			name = s.name
		}
		to := m[strings.ToLower(name)]
		if !to.moves() {
			return t.Text
		}
		if !follow(t, to) {
			lost = true
			return t.Prefix + "#REF!"
		}
		return t.Prefix + t.RefText()
	})
	return out, lost
}

// moves tells whether references follow; they do not when rows were sorted.
func (s *shape) moves() bool {
	return s != nil && (len(s.rows) > 0 || len(s.cols) > 0 || s.tail != nil)
}

// follow gives a reference its new place; false when there is none.
func follow(t *formulas.Token, to *shape) bool {
	t.Order()
	if t.Form == formulas.FormCell {
		at, ok := (&shape{rows: to.rows, cols: to.cols, tail: to.tail}).spot(spot{t.From.Row, t.From.Col})
		t.From.Row, t.From.Col = at.row, at.col
		t.To = t.From
		return ok
	}
	if t.Form == formulas.FormArea {
		a := to.tail.area(area{spot{t.From.Row, t.From.Col}, spot{t.To.Row, t.To.Col}})
		t.From.Row, t.To.Row = a.lo.row, a.hi.row
	}
	ok := true
	if t.Form != formulas.FormColumns {
		t.From.Row, t.To.Row, ok = to.rows.span(t.From.Row, t.To.Row, formulas.MaxRow)
	}
	if ok && t.Form != formulas.FormRows {
		t.From.Col, t.To.Col, ok = to.cols.span(t.From.Col, t.To.Col, formulas.MaxCol)
	}
	return ok
}

// reshape makes sheets take shapes, as a program does when rows and columns
// are put in or taken out: cells move, and everything that names them follows.
// lost are the cells with formulas of which something that they read is gone.
func (b *book) reshape(m shapes) (lost map[*sheet]map[spot]bool, err error) {
	lost = map[*sheet]map[spot]bool{}
	moved := shapes{}
	for _, s := range b.sheets {
		if to := m[strings.ToLower(s.name)]; !to.none() && s.kind == "worksheet" {
			if err := b.canMove(s); err != nil {
				return nil, fmt.Errorf("sheet %q: %w", s.name, err)
			}
			if to.moves() {
				moved[strings.ToLower(s.name)] = to
			}
		}
	}
	if len(moved) > 0 {
		if err := b.moveFormulas(moved, lost); err != nil {
			return nil, err
		}
	}
	for _, s := range b.sheets {
		to := m[strings.ToLower(s.name)]
		if to.none() || s.kind != "worksheet" {
			continue
		}
		if len(to.sorted) > 0 {
			if err := b.sort(s, to); err != nil {
				return nil, err
			}
		}
		s.moveTail(to.tail)
		s.moveCells(to, lost)
		s.moveColumns(to)
		if err := b.moveElements(s, to); err != nil {
			return nil, err
		}
		if err := b.moveParts(s, to); err != nil {
			return nil, err
		}
		s.dirty = true
		if err := s.readFormulas(); err != nil {
			return nil, err
		}
	}
	b.newDeep()
	return lost, nil
}

// canMove tells what stands in the way of moving rows and columns.
func (b *book) canMove(s *sheet) error {
	for i := range s.rows {
		for j := range s.rows[i].cells {
			if f := s.rows[i].cells[j].f; f != nil && f.kind == tableFormula {
				return fmt.Errorf("it has a data table")
			}
		}
	}
	for _, rel := range s.rels.List {
		switch rel.Kind() {
		case "pivotTable", "tableSingleCells", "queryTable", "slicer":
			return fmt.Errorf("it has a %s", rel.Kind())
		}
	}
	for _, e := range s.shell.Root().ChildElements() {
		switch e.Tag {
		case "scenarios", "oleObjects", "controls", "cellWatches", "AlternateContent", "dataConsolidate":
			return fmt.Errorf("it has %s", label(e.Tag))
		}
	}
	return nil
}

// moveFormulas makes all formulas follow. Shared ones that read a moved sheet
// are written out first, since they need not stay alike.
func (b *book) moveFormulas(m shapes, lost map[*sheet]map[spot]bool) error {
	reads := func(s *sheet, text string) bool {
		if m[strings.ToLower(s.name)] != nil {
			return true
		}
		for name := range m {
			if formulas.NamesSheet(text, name) {
				return true
			}
		}
		return false
	}
	for _, s := range b.sheets {
		if s.kind != "worksheet" {
			continue
		}
		if err := s.writeOut(func(si string) bool { return s.shared[si] != nil && reads(s, s.shared[si].text) }); err != nil {
			return err
		}
		for i := range s.rows {
			for j := range s.rows[i].cells {
				c := &s.rows[i].cells[j]
				if c.f == nil || c.f.text == "" {
					continue
				}
				text, gone := m.formula(s, c.f.text)
				if gone {
					if lost[s] == nil {
						lost[s] = map[spot]bool{}
					}
					lost[s][spot{s.rows[i].r, c.col}] = true
				}
				if text != c.f.text {
					c.f.text = text
					s.touch(&s.rows[i], c)
				}
			}
		}
	}
	return b.mapOutside(func(s *sheet, text string) string {
		out, gone := m.formula(s, text)
		if gone && b.took != nil {
			b.took["formulas outside of cells\x00"+text]++
		}
		return out
	})
}

// gone notes that something was taken away with the cells that it was for.
func (b *book) gone(s *sheet, e *etree.Element) {
	if b.took == nil {
		return
	}
	c := &ooxml.Canon{Attr: func(_ *etree.Element, _, name, value string) (string, bool) {
		return value, name != "ref" && name != "sqref" && name != "authorId" && name != "shapeId" && name != "uid" && name != "priority" && name != "id"
	}}
	b.took[s.name+" "+label(e.Tag)+"\x00"+c.String(e)]++
}

// moveCells gives rows and cells their new numbers.
func (s *sheet) moveCells(to *shape, lost map[*sheet]map[spot]bool) {
	if len(to.rows) == 0 && len(to.cols) == 0 {
		return
	}
	was := lost[s]
	if was != nil {
		lost[s] = map[spot]bool{}
	}
	var rows []row
	for i := range s.rows {
		r := s.rows[i]
		n, ok := to.rows.pos(r.r)
		if !ok || n > formulas.MaxRow {
			continue
		}
		from := r.r
		cells := r.cells[:0]
		for _, c := range r.cells {
			col, ok := to.cols.pos(c.col)
			if !ok || col > formulas.MaxCol {
				continue
			}
			if was[spot{from, c.col}] {
				lost[s][spot{n, col}] = true
			}
			if n != r.r || col != c.col {
				c.hi = 0
				r.dirty = true
			}
			c.col = col
			if c.f != nil && c.f.ref != "" {
				if a, ok := parseArea(c.f.ref); ok {
					if a, ok = to.area(a); ok && a.String() != c.f.ref {
						c.f.ref = a.String()
						c.hi, r.dirty = 0, true
					}
				}
			}
			cells = append(cells, c)
		}
		if n != r.r || len(cells) != len(r.cells) {
			r.dirty = true
		}
		r.r, r.cells = n, cells
		rows = append(rows, r)
	}
	s.rows = rows
}

// sort puts rows into each other's places. Their formulas read as when copied.
func (b *book) sort(s *sheet, to *shape) error {
	if err := s.writeOut(func(string) bool { return true }); err != nil {
		return err
	}
	cells := map[int][]cell{}
	for i := range s.rows {
		r := &s.rows[i]
		n, ok := to.sorted[r.r]
		if !ok {
			continue
		}
		for j := range r.cells {
			c := &r.cells[j]
			if c.f != nil {
				if c.f.kind != plainFormula {
					return fmt.Errorf("an array is among rows that were sorted")
				}
				text, ok := formulas.Slide(c.f.text, n-r.r, 0)
				if !ok {
					return fmt.Errorf("a formula among rows that were sorted leaves the sheet")
				}
				f := *c.f
				f.text = text
				c.f = &f
			}
			c.hi = 0
		}
		cells[n] = r.cells
	}
	for from, n := range to.sorted {
		r := s.rowFor(n)
		r.dirty = true
		r.cells = cells[n]
		if _, filled := to.sorted[n]; !filled {
			return fmt.Errorf("row %d was sorted into row %d, which is not one of them", from, n)
		}
	}
	return nil
}

// moveColumns gives columns their new numbers.
func (s *sheet) moveColumns(to *shape) {
	if len(to.cols) == 0 || len(s.columns) == 0 {
		return
	}
	var list []column
	for _, c := range s.columns {
		// New columns in the midst of alike ones have no attributes yet.
		cuts := []int{c.min}
		for _, p := range to.cols {
			for _, n := range []int{p.at, p.at + p.del} {
				if n > c.min && n <= c.max {
					cuts = append(cuts, n)
				}
			}
		}
		cuts = append(cuts, c.max+1)
		slices.Sort(cuts)
		for i := 1; i < len(cuts); i++ {
			lo, hi, ok := to.cols.span(cuts[i-1], cuts[i]-1, formulas.MaxCol)
			if cuts[i-1] == cuts[i] || !ok {
				continue
			}
			one := c
			one.min, one.max = lo, hi
			list = append(list, one)
		}
	}
	s.columns = list
	s.writeColumns()
}
