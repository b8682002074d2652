package formulas

import "strings"

// Rewrite gives the formula with each token replaced.
func Rewrite(formula string, change func(*Token) string) string {
	list := Lex(formula)
	var b strings.Builder
	b.Grow(len(formula))
	for i := range list {
		b.WriteString(change(&list[i]))
	}
	return b.String()
}

// Slide is the formula as it reads when copied down by rows and to the right
// by cols; false when a reference would leave the sheet.
func Slide(formula string, rows, cols int) (string, bool) {
	if rows == 0 && cols == 0 {
		return formula, true
	}
	ok := true
	text := Rewrite(formula, func(t *Token) string {
		if t.Kind != KindRef {
			return t.Text
		}
		ok = t.From.slide(rows, cols) && ok
		if t.Form == FormCell {
			t.To = t.From
		} else {
			ok = t.To.slide(rows, cols) && ok
		}
		return t.Prefix + t.RefText()
	})
	return text, ok
}

func (c *Corner) slide(rows, cols int) bool {
	if c.Row > 0 && !c.RowAbs {
		c.Row += rows
		if c.Row < 1 || c.Row > MaxRow {
			return false
		}
	}
	if c.Col > 0 && !c.ColAbs {
		c.Col += cols
		if c.Col < 1 || c.Col > MaxCol {
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
	if _, _, cell := ParseCell(name); cell {
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

// Prefix writes the prefix of a reference.
func Prefix(book string, sheets [2]string) string {
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

// Order swaps what is needed for From to be the upper left corner.
func (t *Token) Order() {
	if t.From.Row > t.To.Row {
		t.From.Row, t.To.Row = t.To.Row, t.From.Row
		t.From.RowAbs, t.To.RowAbs = t.To.RowAbs, t.From.RowAbs
	}
	if t.From.Col > t.To.Col {
		t.From.Col, t.To.Col = t.To.Col, t.From.Col
		t.From.ColAbs, t.To.ColAbs = t.To.ColAbs, t.From.ColAbs
	}
}

// Canonical is the formula in the one way of writing by which formulas are
// compared: prefixes quoted where needed, other workbooks by what books says
// instead of by number, and no blanks but those that mean an intersection.
func Canonical(formula string, books func(string) string) string {
	list := Lex(formula)
	var b strings.Builder
	b.Grow(len(formula))
	for i := range list {
		t := &list[i]
		switch {
		case t.Kind == KindOther && t.Prefix == "":
			next := ""
			if i+1 < len(list) {
				next = list[i+1].Text
			}
			tighten(&b, t.Text, next)
			continue
		case t.Kind == KindRef:
			t.Order()
			t.Body = t.RefText()
		}
		if t.Prefix == "" {
			if t.Kind == KindRef {
				b.WriteString(t.Body)
			} else {
				b.WriteString(t.Text)
			}
			continue
		}
		book := t.Book
		if book == "0" {
			book = "" // this workbook itself
		}
		if book != "" && books != nil {
			book = books(book)
		}
		prefix := Prefix(book, t.Sheets)
		if before := b.String(); before != "" && nameByte(before[len(before)-1]) {
			prefix = t.Prefix // no operator stands between: without its quotes it would be one name with what is before
		}
		b.WriteString(prefix + t.Body)
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
		if !blank(text[i]) {
			b.WriteByte(text[i])
			continue
		}
		for i+1 < len(text) && blank(text[i+1]) {
			i++
		}
		after := text[i+1:] + next
		before := b.String()
		if before != "" && after != "" && strings.IndexByte(apart, before[len(before)-1]) < 0 && strings.IndexByte(apart, after[0]) < 0 {
			b.WriteByte(' ')
		}
	}
}

func blank(c byte) bool { return strings.IndexByte(" \t\r\n", c) >= 0 }

// ReadsOther tells whether a formula reads another workbook.
func ReadsOther(formula string) bool {
	if strings.IndexByte(formula, '[') < 0 {
		return false
	}
	for _, t := range Lex(formula) {
		if t.Book != "" {
			return true
		}
	}
	return false
}

// ReadsHere tells whether a formula reads anything of its own workbook.
func ReadsHere(formula string) bool {
	for _, t := range Lex(formula) {
		if t.Kind != KindOther && t.Kind != KindText && t.Book == "" {
			return true
		}
	}
	return false
}

// NamesSheet tells whether a formula names a sheet, spans of sheets included when
// it is one of the ends.
func NamesSheet(formula, sheet string) bool {
	if strings.IndexByte(formula, '!') < 0 {
		return false
	}
	for _, t := range Lex(formula) {
		if t.Prefix != "" && t.Book == "" && (strings.EqualFold(t.Sheets[0], sheet) || strings.EqualFold(t.Sheets[1], sheet)) {
			return true
		}
	}
	return false
}
