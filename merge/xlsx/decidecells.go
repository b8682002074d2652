package xlsx

import "github.com/esync/esync/merge/formulas"

// content compares the rows and cells of a sheet.
func (m *merger) content(t *trio, s, o *sheet) error {
	news := &fresh{}
	var line []three
	err := eachRow([]*sheet{t.base, s, o}, func(r int, rows []*row) error {
		m.row(t, r, rows)
		line = line[:0]
		err := eachCell(rows, func(col int, cells []*cell) error {
			var l [3]look
			var err error
			for i, x := range []struct {
				b *book
				s *sheet
			}{{m.b, t.base}, {m.s, s}, {m.o, o}} {
				if l[i], err = x.b.look(x.s, r, rows[i], col, cells[i]); err != nil {
					return unmergeable("%v", err)
				}
			}
			line = append(line, three{col, l, [3]*cell(cells)})
			return nil
		})
		if err != nil {
			return err
		}
		other := [2]bool{otherRecord(line, 1), otherRecord(line, 2)}
		for i := range line {
			x := &line[i]
			m.cell(t, spot{r, x.col}, x.look, x.cells[:], news, other)
		}
		return nil
	})
	if err != nil {
		return err
	}
	m.covered(t, news)
	return nil
}

// three is a cell in its three versions.
type three struct {
	col   int
	look  [3]look
	cells [3]*cell
}

// otherRecord tells whether a side put another record into a row, or emptied
// it: nothing of what stood there is left, but formulas. What the other side
// wrote beside it was about what is gone.
func otherRecord(line []three, side int) bool {
	had, has := 0, 0
	for i := range line {
		was, now := line[i].look[0].content, line[i].look[side].content
		has += bit(now.kind != empty)
		if was.kind == empty || was.isFormula() {
			continue
		}
		if had++; now == was {
			return false
		}
	}
	return had >= 3 || had == 2 && has == 0
}

// fresh are the cells of a sheet that one side filled or changed.
type fresh struct{ s, o []spot }

// cell decides about one cell. other tells of s and o whether they put another
// record into its row.
func (m *merger) cell(t *trio, at spot, l [3]look, cells []*cell, news *fresh, other [2]bool) {
	where := t.name + "!" + at.String()
	op := cellOp{t: t, at: at}
	v := compare(l[0].content, l[1].content, l[2].content)
	if v == keep && other[1] && l[1].kind != empty || v == take && other[0] && l[2].kind != empty {
		m.doubted[where] = true
		v = clashes
	}
	switch v {
	case keep:
		if l[1].kind != empty {
			news.s = append(news.s, at)
		}
	case take:
		if l[2].kind != empty {
			news.o = append(news.o, at)
		}
	}
	if m.orphaned(t, at, v, where, l) {
		if v == clashes || v == keep && m.chosen(where) != m.o || v == take && m.chosen(where) != m.s {
			// It can only be let go, by choosing the other side.
			m.conflict(where, l[0].show(), l[1].show(), l[2].show())
			return
		}
		m.doubted[where] = true
		v = clashes
	}
	if m.settle(v, m.place(where, l[0].show(), l[1].show(), l[2].show())) {
		op.content = true
		m.calc = true
	}
	y := compare(l[0].style, l[1].style, l[2].style)
	if y == keep && other[1] && m.aboutRecord(t, at, m.s, m.skel(t)) || y == take && other[0] && m.aboutRecord(t, at, m.o, m.other(t)) {
		m.doubtedFormat[where] = true
		y = clashes
	}
	if v != clashes || y != clashes {
		shows := [3]string{}
		if y != same {
			for i, b := range []*book{m.b, m.s, m.o} {
				shows[i] = "format " + b.styles.showKey(l[i].style)
			}
		}
		if v != same && y != clashes { // told already
			op.style = y == take || y == clashes && m.chosen(where) == m.o
		} else {
			op.style = m.settle(y, m.place(where, shows[0], shows[1], shows[2]))
		}
	} else {
		op.style = m.chosen(where) == m.o
	}
	m.results(&op, v, cells)
	m.calc = m.calc || op.stored || op.stale // others may read it
	if op.content || op.style || op.stored || op.stale {
		m.cells = append(m.cells, op)
	}
}

// aboutRecord tells whether a side gave a cell a format for what stands in its
// row, as a mark that it was checked, and not its column or a block: the cells
// above and below it have the format that they had.
func (m *merger) aboutRecord(t *trio, at spot, b *book, s *sheet) bool {
	styleIn := func(b *book, s *sheet, n int) string {
		r := s.row(n)
		var c *cell
		if r != nil {
			c = r.cell(at.col)
		}
		l, _ := b.look(s, n, r, at.col, c)
		return l.style
	}
	for _, n := range []int{at.row - 1, at.row + 1} {
		if n > 0 && styleIn(m.b, t.base, n) != styleIn(b, s, n) {
			return false
		}
	}
	return true
}

// results decides about the stored result of a formula that reads another
// workbook, which cannot be computed anew here. It is that of the side that
// changed it. Of one that reads this workbook too it is nobody's when both
// did, or when the formula itself was changed.
func (m *merger) results(op *cellOp, v verdict, cells []*cell) {
	from := cells[1]
	if op.content {
		from = cells[2]
	}
	if from == nil || from.f == nil || !formulas.ReadsOther(from.f.text) {
		return
	}
	if v != same || cells[0] == nil || cells[2] == nil {
		op.stale = formulas.ReadsHere(from.f.text)
		return
	}
	switch compare(cells[0].value, cells[1].value, cells[2].value) {
	case take:
		op.stored = true
	case clashes:
		op.stale = true
	}
}

// covered looks for new values below merged cells, and in the first row of
// tables, of the other side.
func (m *merger) covered(t *trio, news *fresh) {
	b, s, o := m.blocksOf(t)
	check := func(key, label string, mine, base []item, spots []spot, under func(area, spot) bool) {
		inBase := finder(base)
		for i := range mine {
			it := &mine[i]
			if was := inBase(it.key); was != nil && was.value == it.value || len(it.areas) == 0 {
				continue
			}
			for _, at := range spots {
				if under(it.areas[0], at) {
					m.conflict(t.name+" "+label+" "+it.label, "", "new value in "+at.String(), "new value in "+at.String())
					break
				}
			}
		}
	}
	inside := func(a area, at spot) bool { return a.has(at) && at != a.lo }
	check("mergeCells", label("mergeCells"), o.items("mergeCells"), b.items("mergeCells"), news.s, inside)
	check("mergeCells", label("mergeCells"), s.items("mergeCells"), b.items("mergeCells"), news.o, inside)
	header := func(a area, at spot) bool { return a.has(at) && at.row == a.lo.row }
	check("tables", "tables", o.items("tables"), b.items("tables"), news.s, header)
	check("tables", "tables", s.items("tables"), b.items("tables"), news.o, header)
}
