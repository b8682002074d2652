package xlsx

import (
	"strconv"
	"strings"
)

// The size of a sheet.
const (
	maxRow = 1 << 20
	maxCol = 1 << 14
)

// spot is a place of a sheet, both counted from 1.
type spot struct{ row, col int }

func (s spot) String() string { return colName(s.col) + strconv.Itoa(s.row) }

// colName is the letters of a column.
func colName(n int) string {
	var b [3]byte
	i := len(b)
	for ; n > 0 && i > 0; n = (n - 1) / 26 {
		i--
		b[i] = byte('A' + (n-1)%26)
	}
	return string(b[i:])
}

// parseCol reads letters from the start of s; 0 when there are none or they
// are past the sheet's edge. n is how many bytes they are.
func parseCol(s string) (col, n int) {
	for n < len(s) && n < 4 {
		c := s[n]
		if c >= 'a' && c <= 'z' {
			c -= 'a' - 'A'
		}
		if c < 'A' || c > 'Z' {
			break
		}
		col = col*26 + int(c-'A') + 1
		n++
	}
	if col > maxCol {
		return 0, n
	}
	return col, n
}

// parseRow reads digits from the start of s; 0 when they are no row.
func parseRow(s string) (row, n int) {
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		if row <= maxRow {
			row = row*10 + int(s[n]-'0')
		}
		n++
	}
	if row > maxRow || n > 0 && s[0] == '0' {
		return 0, n
	}
	return row, n
}

func parseSpot(s string) (spot, bool) {
	col, n := parseCol(s)
	row, m := parseRow(s[n:])
	return spot{row, col}, col > 0 && row > 0 && n+m == len(s)
}

// area is a rectangle; whole columns reach from row 1 to maxRow, whole rows
// from column 1 to maxCol.
type area struct{ lo, hi spot }

func (a area) String() string {
	switch {
	case a.lo == a.hi:
		return a.lo.String()
	case a.lo.row == 1 && a.hi.row == maxRow:
		return colName(a.lo.col) + ":" + colName(a.hi.col)
	case a.lo.col == 1 && a.hi.col == maxCol:
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
		c1, n1 := parseCol(from)
		c2, n2 := parseCol(to)
		r1, m1 := parseRow(from)
		r2, m2 := parseRow(to)
		switch {
		case c1 > 0 && c2 > 0 && n1 == len(from) && n2 == len(to):
			lo, hi = spot{1, c1}, spot{maxRow, c2}
		case r1 > 0 && r2 > 0 && m1 == len(from) && m2 == len(to):
			lo, hi = spot{r1, 1}, spot{r2, maxCol}
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
