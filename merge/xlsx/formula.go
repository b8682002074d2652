package xlsx

import (
	"strconv"
	"strings"
)

func itoa(n int) string { return strconv.Itoa(n) }

// parseIndex reads a number that counts from 0; -1 when it is none.
func parseIndex(s string) (int, bool) {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		return -1, false
	}
	return n, true
}

// rewrite gives the formula with each token replaced.
func rewrite(formula string, change func(*token) string) string {
	list := lex(formula)
	var b strings.Builder
	b.Grow(len(formula))
	for i := range list {
		b.WriteString(change(&list[i]))
	}
	return b.String()
}

// slide is the formula as it reads when copied down by rows and to the right
// by cols; false when a reference would leave the sheet.
func slide(formula string, rows, cols int) (string, bool) {
	if rows == 0 && cols == 0 {
		return formula, true
	}
	ok := true
	text := rewrite(formula, func(t *token) string {
		if t.kind != tokenRef {
			return t.text
		}
		ok = t.from.slide(rows, cols) && ok
		if t.form == formCell {
			t.to = t.from
		} else {
			ok = t.to.slide(rows, cols) && ok
		}
		return t.prefix + t.refText()
	})
	return text, ok
}

func (c *corner) slide(rows, cols int) bool {
	if c.row > 0 && !c.rowAbs {
		c.row += rows
		if c.row < 1 || c.row > maxRow {
			return false
		}
	}
	if c.col > 0 && !c.colAbs {
		c.col += cols
		if c.col < 1 || c.col > maxCol {
			return false
		}
	}
	return true
}

// plainName tells whether a sheet's name needs no quotes in a formula.
func plainName(name string) bool {
	if name == "" || !nameStart(name[0]) || name[0] == '$' || name[0] == '\\' {
		return false
	}
	for i := range len(name) {
		if c := name[i]; !nameByte(c) || c == '$' || c == '?' || c == '\\' || c >= 0x80 {
			return false
		}
	}
	if _, cell := parseSpot(name); cell {
		return false
	}
	upper := strings.ToUpper(name)
	if upper == "R" || upper == "C" || upper == "RC" || upper == "TRUE" || upper == "FALSE" {
		return false
	}
	// R1C1 and its like.
	rest := strings.TrimLeft(strings.TrimPrefix(upper, "R"), "0123456789")
	return upper[0] != 'R' && upper[0] != 'C' || rest != "" && strings.Trim(strings.TrimPrefix(rest, "C"), "0123456789") != ""
}

// prefixText writes the prefix of a reference.
func prefixText(book string, sheets [2]string) string {
	name := sheets[0]
	if sheets[1] != "" {
		name += ":" + sheets[1]
	}
	if book == "" && name == "" {
		return ""
	}
	plain := name == "" || plainName(sheets[0]) && (sheets[1] == "" || plainName(sheets[1]))
	if book != "" {
		name = "[" + book + "]" + name
	}
	if plain {
		return name + "!"
	}
	return "'" + strings.ReplaceAll(name, "'", "''") + "'!"
}

// ordered swaps what is needed for from to be the upper left corner.
func (t *token) ordered() {
	if t.from.row > t.to.row {
		t.from.row, t.to.row = t.to.row, t.from.row
		t.from.rowAbs, t.to.rowAbs = t.to.rowAbs, t.from.rowAbs
	}
	if t.from.col > t.to.col {
		t.from.col, t.to.col = t.to.col, t.from.col
		t.from.colAbs, t.to.colAbs = t.to.colAbs, t.from.colAbs
	}
}

// canonical is the formula in the one way of writing by which formulas are
// compared: prefixes quoted where needed, other workbooks by what books says
// instead of by number, and no blanks but those that mean an intersection.
func canonical(formula string, books func(string) string) string {
	list := lex(formula)
	var b strings.Builder
	b.Grow(len(formula))
	for i := range list {
		t := &list[i]
		switch {
		case t.kind == tokenOther && t.prefix == "":
			next := ""
			if i+1 < len(list) {
				next = list[i+1].text
			}
			tighten(&b, t.text, next)
			continue
		case t.kind == tokenRef:
			t.ordered()
			t.body = t.refText()
		}
		if t.prefix == "" {
			if t.kind == tokenRef {
				b.WriteString(t.body)
			} else {
				b.WriteString(t.text)
			}
			continue
		}
		book := t.book
		if book == "0" {
			book = "" // this workbook itself
		}
		if book != "" && books != nil {
			book = books(book)
		}
		prefix := prefixText(book, t.sheets)
		if before := b.String(); before != "" && nameByte(before[len(before)-1]) {
			prefix = t.prefix // no operator stands between: without its quotes it would be one name with what is before
		}
		b.WriteString(prefix + t.body)
	}
	return b.String()
}

// tighten writes a piece of a formula without the blanks beside operators,
// separators and parentheses; next is what follows it.
func tighten(b *strings.Builder, text, next string) {
	const apart = ",;(){}+-*/^&=<>"
	if !strings.ContainsAny(text, " \t\r\n") {
		b.WriteString(text)
		return
	}
	for i := 0; i < len(text); i++ {
		if !blank([]byte{text[i]}) {
			b.WriteByte(text[i])
			continue
		}
		for i+1 < len(text) && blank([]byte{text[i+1]}) {
			i++
		}
		after := text[i+1:] + next
		before := b.String()
		if before != "" && after != "" && strings.IndexByte(apart, before[len(before)-1]) < 0 && strings.IndexByte(apart, after[0]) < 0 {
			b.WriteByte(' ')
		}
	}
}

// readsOther tells whether a formula reads another workbook.
func readsOther(formula string) bool {
	if strings.IndexByte(formula, '[') < 0 {
		return false
	}
	for _, t := range lex(formula) {
		if t.book != "" {
			return true
		}
	}
	return false
}

// readsHere tells whether a formula reads anything of its own workbook.
func readsHere(formula string) bool {
	for _, t := range lex(formula) {
		if t.kind != tokenOther && t.kind != tokenText && t.book == "" {
			return true
		}
	}
	return false
}

// namesSheet tells whether a formula names a sheet, spans of sheets included when
// it is one of the ends.
func namesSheet(formula, sheet string) bool {
	if strings.IndexByte(formula, '!') < 0 {
		return false
	}
	for _, t := range lex(formula) {
		if t.prefix != "" && t.book == "" && (strings.EqualFold(t.sheets[0], sheet) || strings.EqualFold(t.sheets[1], sheet)) {
			return true
		}
	}
	return false
}
