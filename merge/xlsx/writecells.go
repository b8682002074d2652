package xlsx

import (
	"fmt"
	"slices"

	"github.com/esync/esync/merge/ooxml"
)

// setCells puts cells and what rows say about themselves into the result.
func (w *writer) setCells() error {
	if err := w.unshare(); err != nil {
		return err
	}
	if err := w.makeRows(); err != nil {
		return err
	}
	for _, op := range w.m.rows {
		s, err := w.sheet(op.t)
		if err != nil {
			return err
		}
		if err := w.setRow(s, op); err != nil {
			return err
		}
	}
	for _, op := range w.m.cells {
		s, err := w.sheet(op.t)
		if err != nil {
			return err
		}
		if err := w.setCell(s, op); err != nil {
			return fmt.Errorf("cell %s!%s: %w", s.name, op.at, err)
		}
	}
	last := cellOp{}
	for _, op := range w.m.cells {
		if op.t == last.t && op.at.row == last.at.row {
			continue
		}
		last = op
		s, err := w.sheet(op.t)
		if err != nil {
			return err
		}
		s.prune(op.at.row)
	}
	return nil
}

// makeRows makes the rows that are missing, all of a sheet at once.
func (w *writer) makeRows() error {
	need := map[*sheet]map[int]bool{}
	want := func(t *trio, n int) error {
		s, err := w.sheet(t)
		if err != nil {
			return err
		}
		if s.row(n) == nil {
			if need[s] == nil {
				need[s] = map[int]bool{}
			}
			need[s][n] = true
		}
		return nil
	}
	for _, op := range w.m.rows {
		if err := want(op.t, op.r); err != nil {
			return err
		}
	}
	for _, op := range w.m.cells {
		if err := want(op.t, op.at.row); err != nil {
			return err
		}
	}
	for s, rows := range need {
		for n := range rows {
			s.rows = append(s.rows, row{r: n, dirty: true})
		}
		slices.SortFunc(s.rows, func(a, b row) int { return a.r - b.r })
		s.dirty = true
	}
	return nil
}

// unshare writes out the shared formulas whose first cell, which has their
// text, is about to go.
func (w *writer) unshare() error {
	hit := map[*sheet]map[string]bool{}
	for _, op := range w.m.cells {
		if !op.content {
			continue
		}
		s, err := w.sheet(op.t)
		if err != nil {
			return err
		}
		if r := s.row(op.at.row); r != nil {
			if c := r.cell(op.at.col); c != nil && c.f != nil && c.f.kind == sharedFormula && s.shared[c.f.si] != nil && s.shared[c.f.si].at == op.at {
				if hit[s] == nil {
					hit[s] = map[string]bool{}
				}
				hit[s][c.f.si] = true
			}
		}
	}
	for s, groups := range hit {
		if err := s.writeOut(func(si string) bool { return groups[si] }); err != nil {
			return err
		}
	}
	return nil
}

// writeOut gives the cells of shared formulas a text of their own.
func (s *sheet) writeOut(which func(si string) bool) error {
	for i := range s.rows {
		r := &s.rows[i]
		for j := range r.cells {
			c := &r.cells[j]
			if c.f == nil || c.f.kind != sharedFormula || !which(c.f.si) {
				continue
			}
			text, err := s.formulaText(r.r, c)
			if err != nil {
				return err
			}
			c.f = &formula{text: text, master: true, rest: c.f.rest}
			s.touch(r, c)
		}
	}
	for si := range s.shared {
		if which(si) {
			delete(s.shared, si)
		}
	}
	return nil
}

// rowFor is the row with the number; it is made when it is not there.
func (s *sheet) rowFor(n int) *row {
	i, ok := slices.BinarySearchFunc(s.rows, n, func(r row, n int) int { return r.r - n })
	if !ok {
		s.rows = slices.Insert(s.rows, i, row{r: n, dirty: true})
		s.dirty = true
	}
	return &s.rows[i]
}

func (w *writer) setRow(s *sheet, op rowOp) error {
	r := s.rowFor(op.r)
	r.dirty, s.dirty = true, true
	if op.what&tookSize != 0 {
		r.height, r.custom = op.attrs.height, op.attrs.custom
	}
	if op.what&tookHidden != 0 {
		r.hidden = op.attrs.hidden
	}
	if op.what&tookOutline != 0 {
		r.level, r.closed = op.attrs.level, op.attrs.closed
	}
	if op.what&tookStyle != 0 {
		// Cells that the row gives its format without saying so must go on
		// having the one that was decided for them; those are cells that exist.
		style, err := w.style(op.attrs.style)
		if err != nil {
			return err
		}
		r.style, r.styled = style, op.attrs.styled
		if !r.styled {
			r.style = 0
		}
	}
	return nil
}

func (w *writer) setCell(s *sheet, op cellOp) error {
	o := w.m.other(op.t)
	var theirs *cell
	or := o.row(op.at.row)
	if or != nil {
		theirs = or.cell(op.at.col)
	}
	r := s.rowFor(op.at.row)
	i, there := slices.BinarySearchFunc(r.cells, op.at.col, func(c cell, n int) int { return c.col - n })
	if !there {
		r.cells = slices.Insert(r.cells, i, cell{col: op.at.col, style: s.styleAt(r, op.at.col, nil)})
	}
	c := &r.cells[i]
	s.touch(r, c)
	if op.style {
		style, err := w.style(o.styleAt(or, op.at.col, theirs))
		if err != nil {
			return err
		}
		c.style = style
	}
	switch {
	case op.stored:
		if theirs != nil {
			c.kind, c.value = theirs.kind, theirs.value
			if c.kind == sharedValue || c.kind == inlineValue {
				c.kind, c.value = noValue, ""
			}
		}
	case op.content:
		old := c.style
		*c = cell{col: op.at.col, style: old}
		if theirs == nil {
			return nil
		}
		return w.fill(c, o, op.at.row, theirs)
	}
	return nil
}

// fill gives a cell the content of one of the other side.
func (w *writer) fill(c *cell, o *sheet, inRow int, theirs *cell) error {
	if o.inArray(spot{inRow, theirs.col}) && theirs.f == nil {
		return nil // a result of an array: it is computed anew
	}
	if theirs.more != nil {
		extra := more{cm: theirs.more.cm, vm: theirs.more.vm, ph: theirs.more.ph}
		if theirs.more.rest != "" {
			return fmt.Errorf("it has something that is not known")
		}
		if extra.cm+extra.vm+extra.ph != "" {
			c.more = &extra
		}
	}
	if theirs.f != nil {
		if theirs.f.kind == sharedFormula {
			text, err := o.formulaText(inRow, theirs)
			if err != nil {
				return err
			}
			c.f = &formula{text: text, master: true, rest: theirs.f.rest}
		} else {
			f := *theirs.f
			c.f = &f
		}
		var err error
		if c.f.text, err = w.formula(c.f.text); err != nil {
			return err
		}
		if readsOther(c.f.text) && theirs.kind != sharedValue && theirs.kind != inlineValue {
			c.kind, c.value = theirs.kind, theirs.value
		}
		return nil
	}
	switch theirs.kind {
	case sharedValue:
		n, ok := parseIndex(theirs.value)
		if !ok || n >= len(w.o.strings) {
			return fmt.Errorf("string %q", theirs.value)
		}
		return w.text(c, w.o.strings[n])
	case inlineValue:
		return w.text(c, theirs.more.inline)
	case textValue:
		return w.text(c, text{key: "t" + theirs.value})
	}
	c.kind, c.value = theirs.kind, theirs.value
	return nil
}

// prune takes cells away that say nothing: no content, and the format that
// would show anyway.
func (s *sheet) prune(n int) {
	r := s.row(n)
	if r == nil {
		return
	}
	r.cells = slices.DeleteFunc(r.cells, func(c cell) bool {
		return c.hi == 0 && c.f == nil && c.kind == noValue && c.more == nil && c.style == s.styleAt(r, c.col, nil)
	})
}

// style is the index in the result of a format of the other side.
func (w *writer) style(i int) (int, error) {
	if n, ok := w.styles[i]; ok {
		return n, nil
	}
	n, err := w.b.styles.adopt(w.o.styles, i)
	if err == nil {
		w.styles[i] = n
	}
	return n, err
}

// text gives a cell a text; it goes to the end of the shared strings unless
// they have it.
func (w *writer) text(c *cell, t text) error {
	n, ok := w.texts[t.key]
	if !ok {
		item, err := t.item(w.stringPrefix())
		if err != nil {
			return err
		}
		n = len(w.b.strings)
		w.b.strings = append(w.b.strings, t)
		w.texts[t.key] = n
		w.added = append(w.added, item)
	}
	c.kind, c.value = sharedValue, itoa(n)
	return nil
}

// stringPrefix is what the table of shared strings calls its namespace by.
func (w *writer) stringPrefix() string {
	if len(w.b.strings) > 0 {
		return w.b.strings[0].prefix
	}
	return ""
}

// item writes a text as an item of the table of shared strings.
func (t text) item(prefix string) ([]byte, error) {
	p := ""
	if prefix != "" {
		p = prefix + ":"
	}
	if t.key[0] == 't' {
		chars := t.key[1:]
		return []byte("<" + p + "si><" + p + `t xml:space="preserve">` + ooxml.EscapeText(chars) + "</" + p + "t></" + p + "si>"), nil
	}
	if t.foreign {
		return nil, fmt.Errorf("its text has formats that are not known")
	}
	inner, err := reprefix(t.raw, t.prefix, p)
	if err != nil {
		return nil, err
	}
	return []byte("<" + p + "si>" + string(inner) + "</" + p + "si>"), nil
}

// reprefix writes elements with another prefix, without phonetic guides, which
// count fonts.
func reprefix(raw []byte, from, p string) ([]byte, error) {
	s := ooxml.NewScanner(append(append([]byte("<x>"), raw...), "</x>"...))
	var out []byte
	skip := 0
	for {
		tok, err := s.Next()
		if err != nil {
			if ooxml.IsEnd(err) {
				return out, nil
			}
			return nil, err
		}
		depth := s.Depth()
		switch tok.Kind {
		case ooxml.Start:
			if depth == 1 && !tok.Empty {
				continue
			}
			local, _ := localName(tok.Name, from)
			if skip == 0 && (local == "rPh" || local == "phoneticPr") && !tok.Empty {
				skip = depth
			}
			if skip > 0 || local == "rPh" || local == "phoneticPr" {
				continue
			}
			out = append(out, "<"+p+local...)
			for _, a := range tok.Attrs {
				v, _ := ooxml.Unescape(a.Value)
				out = append(out, " "+string(a.Name)+`="`+ooxml.Escape(v)+`"`...)
			}
			if tok.Empty {
				out = append(out, '/')
			}
			out = append(out, '>')
		case ooxml.End:
			if depth == 0 {
				continue
			}
			if skip > 0 {
				if depth < skip {
					skip = 0
				}
				continue
			}
			local, _ := localName(tok.Name, from)
			out = append(out, "</"+p+local+">"...)
		case ooxml.Text:
			if skip == 0 {
				out = append(out, ooxml.EscapeText(tok.String())...)
			}
		}
	}
}

// finishStrings puts the new texts at the end of the table.
func (w *writer) finishStrings() error {
	b := w.b
	var out []byte
	if b.sst == "" {
		part := b.pkg.FreeName("xl/sharedStrings.xml")
		if !b.pkg.Has("xl/sharedStrings.xml") {
			part = "xl/sharedStrings.xml"
		}
		b.rels.Add(ooxml.RelNS+"/sharedStrings", part)
		out = append(out, `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>`+"\n"+`<sst xmlns="`+mainNS+`" count="`+itoa(len(w.added))+`" uniqueCount="`+itoa(len(w.added))+`">`...)
		for _, item := range w.added {
			out = append(out, item...)
		}
		b.pkg.Set(part, append(out, "</sst>"...), sstType)
		return nil
	}
	data, err := b.pkg.Bytes(b.sst)
	if err != nil {
		return err
	}
	sc := ooxml.NewScanner(data)
	for {
		tok, err := sc.Next()
		if err != nil {
			return err
		}
		if tok.Kind != ooxml.Start {
			continue
		}
		out = append(out, data[:tok.Lo]...)
		name := string(tok.Name)
		out = append(out, "<"+name...)
		for _, a := range tok.Attrs {
			v, _ := ooxml.Unescape(a.Value)
			switch n, ok := parseIndex(v); {
			case string(a.Name) == "uniqueCount":
				v = itoa(len(b.strings))
			case string(a.Name) == "count" && ok:
				v = itoa(max(n+len(w.added), len(b.strings)))
			}
			out = append(out, " "+string(a.Name)+`="`+ooxml.Escape(v)+`"`...)
		}
		out = append(out, '>')
		end := len(data)
		if tok.Empty {
			end = tok.Hi
		} else {
			end = lastTag(data)
		}
		out = append(out, data[tok.Hi:end]...)
		for _, item := range w.added {
			out = append(out, item...)
		}
		b.pkg.Set(b.sst, append(out, "</"+name+">"...), "")
		return nil
	}
}

const sstType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
