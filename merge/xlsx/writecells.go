package xlsx

import (
	"fmt"
	"slices"

	"github.com/esync/esync/merge/formulas"
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
	if op.stale {
		defer func() { c.kind, c.value = noValue, "" }()
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
		if formulas.ReadsOther(c.f.text) && theirs.kind != sharedValue && theirs.kind != inlineValue {
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
