package xlsx

import "github.com/esync/esync/merge/formulas"

// eachRow visits the rows of several sheets together, ascending. A sheet that
// lacks a row gives nil; a nil sheet has none.
func eachRow(sheets []*sheet, visit func(r int, rows []*row) error) error {
	at := make([]int, len(sheets))
	rows := make([]*row, len(sheets))
	for {
		next := formulas.MaxRow + 1
		for i, s := range sheets {
			if s != nil && at[i] < len(s.rows) {
				next = min(next, s.rows[at[i]].r)
			}
		}
		if next > formulas.MaxRow {
			return nil
		}
		for i, s := range sheets {
			rows[i] = nil
			if s != nil && at[i] < len(s.rows) && s.rows[at[i]].r == next {
				rows[i] = &s.rows[at[i]]
				at[i]++
			}
		}
		if err := visit(next, rows); err != nil {
			return err
		}
	}
}

// eachCell visits the cells of several rows together, ascending.
func eachCell(rows []*row, visit func(col int, cells []*cell) error) error {
	var at [4]int
	var buf [4]*cell
	cells := buf[:len(rows)]
	for {
		next := formulas.MaxCol + 1
		for i, r := range rows {
			if r != nil && at[i] < len(r.cells) {
				next = min(next, r.cells[at[i]].col)
			}
		}
		if next > formulas.MaxCol {
			return nil
		}
		for i, r := range rows {
			cells[i] = nil
			if r != nil && at[i] < len(r.cells) && r.cells[at[i]].col == next {
				cells[i] = &r.cells[at[i]]
				at[i]++
			}
		}
		if err := visit(next, cells); err != nil {
			return err
		}
	}
}

// styleAt is the index of the format that a cell has or would have.
func (s *sheet) styleAt(r *row, col int, c *cell) int {
	switch {
	case c != nil:
		return c.style
	case r != nil && r.styled:
		return r.style
	case s == nil:
		return 0
	}
	return s.column(col).style
}

// look is a cell as it is compared.
type look struct {
	content
	style string
}

// look reads a cell that may not be there.
func (b *book) look(s *sheet, inRow int, r *row, col int, c *cell) (look, error) {
	var l look
	var err error
	if l.style, err = b.styles.key(s.styleAt(r, col, c)); err != nil || c == nil {
		return l, err
	}
	l.content, err = b.content(s, inRow, c)
	return l, err
}
