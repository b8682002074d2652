package formulas

// The size of a sheet.
const (
	MaxRow = 1 << 20
	MaxCol = 1 << 14
)

// ColName is the letters of a column.
func ColName(n int) string {
	var b [3]byte
	i := len(b)
	for ; n > 0 && i > 0; n = (n - 1) / 26 {
		i--
		b[i] = byte('A' + (n-1)%26)
	}
	return string(b[i:])
}

// ParseCol reads letters from the start of s; 0 when there are none or they
// are past the sheet's edge. n is how many bytes they are.
func ParseCol(s string) (col, n int) {
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
	if col > MaxCol {
		return 0, n
	}
	return col, n
}

// ParseRow reads digits from the start of s; 0 when they are no row.
func ParseRow(s string) (row, n int) {
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		if row <= MaxRow {
			row = row*10 + int(s[n]-'0')
		}
		n++
	}
	if row > MaxRow || n > 0 && s[0] == '0' {
		return 0, n
	}
	return row, n
}

// ParseCell reads "B2", without dollar signs and nothing behind it.
func ParseCell(s string) (row, col int, ok bool) {
	col, n := ParseCol(s)
	row, m := ParseRow(s[n:])
	return row, col, col > 0 && row > 0 && n+m == len(s)
}
