package xlsx

import (
	"fmt"
	"slices"

	"github.com/beevik/etree"

	"github.com/esync/esync/merge/ooxml"
)

// addSheet brings a new sheet of the other side into the result.
func (w *writer) addSheet(t *trio, o *sheet) error {
	if o.kind != "worksheet" {
		return fmt.Errorf("sheet %q is of a kind that cannot be carried over", o.name)
	}
	part := o.part
	if _, taken := w.b.pkg.Find(part); taken {
		part = w.b.pkg.FreeName(part)
	}
	s := &sheet{name: o.name, state: o.state, kind: o.kind, part: part, prefix: o.prefix, dirty: true, implicit: true, shared: o.shared, arrays: o.arrays}
	// The part is there before anything is put into it, so that its name is taken.
	w.b.pkg.Set(part, []byte("<x/>"), sheetType)
	var err error
	if s.rels, err = w.b.pkg.Rels(part); err != nil {
		return err
	}
	if err := w.copyRels(s, o); err != nil {
		return err
	}
	s.shell = o.shell.Copy()
	root := s.shell.Root()
	if err := w.renumber(root, nil); err != nil {
		return err
	}
	for _, v := range root.FindElements("./sheetViews/sheetView") {
		v.RemoveAttr("tabSelected")
	}
	if e := child(root, "sheetPr"); e != nil {
		e.RemoveAttr("codeName")
	}
	if err := w.copyRows(s, o); err != nil {
		return err
	}
	next := 1
	for _, x := range w.b.sheets {
		if n, ok := parseIndex(x.id); ok {
			next = max(next, n+1)
		}
	}
	s.id = itoa(next)
	s.rel = w.b.rels.Add(ooxml.RelNS+"/worksheet", part)
	list := child(w.b.root, "sheets")
	s.el = etree.NewElement(tagIn(w.b.root, "sheet"))
	s.el.CreateAttr("name", s.name)
	s.el.CreateAttr("sheetId", s.id)
	if s.state != "" {
		s.el.CreateAttr("state", s.state)
	}
	s.el.CreateAttr(w.relAttr(w.b.root), s.rel)
	list.AddChild(s.el)
	w.b.sheets = slices.Insert(w.b.sheets, w.placeFor(o), s)
	w.b.dirty = true
	return nil
}

// copyRels brings what a new sheet leads to, under the same IDs.
func (w *writer) copyRels(s, o *sheet) error {
	for _, rel := range o.rels.List {
		if rel.Part != "" {
			to, err := w.grafts.Part(rel.Part)
			if err != nil {
				return err
			}
			rel.Part = to
		}
		s.rels.Insert(rel)
	}
	return nil
}

// copyRows copies rows and columns with the numbers of the result.
func (w *writer) copyRows(s, o *sheet) error {
	for _, c := range o.columns {
		style, err := w.style(c.style)
		if err != nil {
			return err
		}
		c.style = style
		s.columns = append(s.columns, c)
	}
	if len(s.columns) > 0 {
		s.writeColumns()
	}
	for i := range o.rows {
		from := &o.rows[i]
		if from.rest != "" {
			return fmt.Errorf("row %d has something that is not known", from.r)
		}
		to := row{r: from.r, rowAttrs: from.rowAttrs, dirty: true}
		var err error
		if to.style, err = w.style(from.style); err != nil {
			return err
		}
		for j := range from.cells {
			theirs := &from.cells[j]
			c := cell{col: theirs.col}
			if c.style, err = w.style(theirs.style); err != nil {
				return err
			}
			if err := w.fill(&c, o, from.r, theirs); err != nil {
				return err
			}
			to.cells = append(to.cells, c)
		}
		s.rows = append(s.rows, to)
	}
	return nil
}

// placeFor is where a sheet of the other side stands in the result: behind the
// nearest sheet ahead of it that both have.
func (w *writer) placeFor(o *sheet) int {
	i := slices.Index(w.o.sheets, o)
	for i--; i >= 0; i-- {
		if s := w.b.sheetNamed(w.o.sheets[i].name); s != nil {
			return slices.Index(w.b.sheets, s) + 1
		}
	}
	return 0
}

// deleteSheet takes a sheet away; its parts go when nothing leads to them.
func (w *writer) deleteSheet(t *trio) error {
	s, err := w.sheet(t)
	if err != nil {
		return err
	}
	w.b.sheets = slices.DeleteFunc(w.b.sheets, func(x *sheet) bool { return x == s })
	w.b.rels.Drop(s.rel)
	w.b.dirty = true
	return nil
}

// replaceSheet puts a new sheet of the other side in the place of one that has
// its name.
func (w *writer) replaceSheet(t *trio, o *sheet) error {
	if err := w.deleteSheet(t); err != nil {
		return err
	}
	delete(w.have, t.name)
	return w.addSheet(t, o)
}

// orderSheets puts the sheets that all versions have into an order; the others
// stay behind the one that they stood behind.
func (w *writer) orderSheets(names []string) error {
	common := map[*sheet]bool{}
	var order []*sheet
	for _, name := range names {
		s := w.b.sheetNamed(name)
		if s == nil {
			return fmt.Errorf("sheet %q is missing", name)
		}
		common[s] = true
		order = append(order, s)
	}
	behind := map[*sheet][]*sheet{}
	var last *sheet
	for _, s := range w.b.sheets {
		if common[s] {
			last = s
		} else {
			behind[last] = append(behind[last], s)
		}
	}
	list := slices.Clone(behind[nil])
	for _, s := range order {
		list = append(append(list, s), behind[s]...)
	}
	w.b.sheets = list
	w.b.dirty = true
	return nil
}

// setColumns writes the columns of a sheet anew.
func (w *writer) setColumns(t *trio, spans []span) error {
	s, err := w.sheet(t)
	if err != nil {
		return err
	}
	var list []column
	for _, one := range spans {
		c := column{min: one.min, max: one.max, colAttrs: s.column(one.min)}
		if one.what&tookSize != 0 {
			c.width, c.custom, c.best = one.from.width, one.from.custom, one.from.best
		}
		if one.what&tookHidden != 0 {
			c.hidden = one.from.hidden
			if c.width == "" {
				c.width = one.from.width
			}
		}
		if one.what&tookOutline != 0 {
			c.level, c.closed = one.from.level, one.from.closed
		}
		if one.what&tookStyle != 0 {
			if c.style, err = w.style(one.from.style); err != nil {
				return err
			}
		}
		if c.colAttrs == (colAttrs{}) {
			continue
		}
		if n := len(list); n > 0 && list[n-1].max+1 == c.min && list[n-1].colAttrs == c.colAttrs {
			list[n-1].max = c.max
			continue
		}
		list = append(list, c)
	}
	s.columns = list
	s.dirty = true
	s.writeColumns()
	return nil
}
