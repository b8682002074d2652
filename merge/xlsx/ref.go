package xlsx

import (
	"strconv"
	"strings"

	"github.com/esync/esync/merge/formulas"
)

// spot is a place of a sheet, both counted from 1.
type spot struct{ row, col int }

func (s spot) String() string { return formulas.ColName(s.col) + strconv.Itoa(s.row) }

// cellName is a cell in words, which are made when they are asked for.
type cellName struct {
	sheet string
	at    spot
}

func (c cellName) String() string { return c.sheet + "!" + c.at.String() }

func parseSpot(s string) (spot, bool) {
	row, col, ok := formulas.ParseCell(s)
	return spot{row, col}, ok
}

// area is a rectangle; whole columns reach from row 1 to the last, whole rows
// from column 1.
type area struct{ lo, hi spot }

func (a area) String() string {
	switch {
	case a.lo == a.hi:
		return a.lo.String()
	case a.lo.row == 1 && a.hi.row == formulas.MaxRow:
		return formulas.ColName(a.lo.col) + ":" + formulas.ColName(a.hi.col)
	case a.lo.col == 1 && a.hi.col == formulas.MaxCol:
		return strconv.Itoa(a.lo.row) + ":" + strconv.Itoa(a.hi.row)
	}
	return a.lo.String() + ":" + a.hi.String()
}

func (a area) has(s spot) bool {
	return s.row >= a.lo.row && s.row <= a.hi.row && s.col >= a.lo.col && s.col <= a.hi.col
}

func (a area) meets(b area) bool {
	return a.lo.row <= b.hi.row && b.lo.row <= a.hi.row && a.lo.col <= b.hi.col && b.lo.col <= a.hi.col
}

func (a area) within(b area) bool { return b.has(a.lo) && b.has(a.hi) }

// parseArea reads "B2", "B2:C9", "B:C" or "2:9"; dollar signs are passed over.
func parseArea(s string) (area, bool) {
	if strings.IndexByte(s, '$') >= 0 {
		s = strings.ReplaceAll(s, "$", "")
	}
	from, to, two := strings.Cut(s, ":")
	if !two {
		to = from
	}
	lo, ok := parseSpot(from)
	hi, ok2 := parseSpot(to)
	if !ok || !ok2 {
		if !two {
			return area{}, false
		}
		c1, n1 := formulas.ParseCol(from)
		c2, n2 := formulas.ParseCol(to)
		r1, m1 := formulas.ParseRow(from)
		r2, m2 := formulas.ParseRow(to)
		switch {
		case c1 > 0 && c2 > 0 && n1 == len(from) && n2 == len(to):
			lo, hi = spot{1, c1}, spot{formulas.MaxRow, c2}
		case r1 > 0 && r2 > 0 && m1 == len(from) && m2 == len(to):
			lo, hi = spot{r1, 1}, spot{r2, formulas.MaxCol}
		default:
			return area{}, false
		}
	}
	if lo.row > hi.row {
		lo.row, hi.row = hi.row, lo.row
	}
	if lo.col > hi.col {
		lo.col, hi.col = hi.col, lo.col
	}
	return area{lo, hi}, true
}

// parseAreas reads the list of areas of an sqref attribute.
func parseAreas(s string) ([]area, bool) {
	var list []area
	for _, one := range strings.Fields(s) {
		a, ok := parseArea(one)
		if !ok {
			return nil, false
		}
		list = append(list, a)
	}
	return list, len(list) > 0
}

func areasText(list []area) string {
	text := make([]string, len(list))
	for i, a := range list {
		text[i] = a.String()
	}
	return strings.Join(text, " ")
}

func itoa(n int) string { return strconv.Itoa(n) }

// parseIndex reads a number that counts from 0; -1 when it is none.
func parseIndex(s string) (int, bool) {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		return -1, false
	}
	return n, true
}
