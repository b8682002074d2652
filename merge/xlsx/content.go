package xlsx

import (
	"fmt"
	"strconv"

	"github.com/esync/esync/merge/formulas"
)

// content is what a cell holds, without its format, so that == tells whether
// two cells of different workbooks hold the same. A formula's stored value is
// no part of it, and neither is that of a cell which an array fills.
type content struct {
	kind byte
	text string
}

// The kinds of content.
const (
	empty   byte = 0
	number  byte = 'n' // text: the number in the shortest form
	letters byte = 's' // text: key of a text
	boolean byte = 'b'
	failure byte = 'e' // an error as value
	date    byte = 'd'
	calc    byte = 'f' // text: the formula in the canonical form
	array   byte = 'a' // text: area, a bar, the formula
	table   byte = 'T' // a data table: everything
)

func (c content) isFormula() bool { return c.kind == calc || c.kind == array || c.kind == table }

// show is the content as a person reads it.
func (c content) show() string {
	switch c.kind {
	case empty:
		return ""
	case letters:
		return plainOf(c.text)
	case boolean:
		if c.text == "1" {
			return "TRUE"
		}
		return "FALSE"
	case calc:
		return "=" + c.text
	case array:
		for i := range len(c.text) {
			if c.text[i] == '|' {
				return "{=" + c.text[i+1:] + "}"
			}
		}
	case table:
		return "data table " + c.text
	}
	return c.text
}

// content reads a cell of a sheet of the book.
func (b *book) content(s *sheet, inRow int, c *cell) (content, error) {
	if c.f != nil {
		text, err := s.formulaText(inRow, c)
		if err != nil {
			return content{}, err
		}
		extra := ""
		if c.more != nil && c.more.cm != "" {
			extra = "\x00" + c.more.cm + b.metadata
		}
		switch c.f.kind {
		case arrayFormula:
			return content{array, c.f.ref + "|" + b.canonical(text) + extra}, nil
		case tableFormula:
			return content{table, c.f.ref + "|" + text + c.f.rest}, nil
		}
		return content{calc, b.canonical(text) + extra}, nil
	}
	value := content{}
	switch c.kind {
	case noValue:
		return value, nil
	case numberValue:
		n, ok := numberKey(c.value)
		if !ok {
			return value, fmt.Errorf("number %q", c.value)
		}
		value = content{number, n}
	case sharedValue:
		i, err := strconv.Atoi(c.value)
		if err != nil || i < 0 || i >= len(b.strings) {
			return value, fmt.Errorf("string %q of %d", c.value, len(b.strings))
		}
		value = content{letters, b.strings[i].key}
	case inlineValue:
		value = content{letters, c.value}
	case textValue:
		value = content{letters, "t" + c.value}
	case boolValue:
		value = content{boolean, c.value}
	case errorValue:
		value = content{failure, c.value}
	case dateValue:
		value = content{date, c.value}
	}
	if value.kind == letters && value.text == "t" {
		value = content{}
	}
	if len(s.arrays) > 0 {
		at := spot{inRow, c.col}
		for _, a := range s.arrays {
			if a.has(at) {
				return content{}, nil
			}
		}
	}
	if c.more != nil && c.more.vm != "" {
		value.text += "\x00" + c.more.vm + b.metadata
	}
	return value, nil
}

// formulaText is the formula of a cell, that of a shared one as it reads there.
func (s *sheet) formulaText(inRow int, c *cell) (string, error) {
	if c.f.kind != sharedFormula || c.f.master {
		return c.f.text, nil
	}
	m, ok := s.shared[c.f.si]
	if !ok {
		return "", fmt.Errorf("shared formula %q is missing", c.f.si)
	}
	text, ok := formulas.Slide(m.text, inRow-m.at.row, c.col-m.at.col)
	if !ok {
		return "", fmt.Errorf("shared formula %q leaves the sheet", c.f.si)
	}
	return text, nil
}

func (b *book) canonical(formula string) string { return formulas.Canonical(formula, b.link) }

// contentOf is content of a cell that may not be there.
func (b *book) contentOf(s *sheet, inRow int, c *cell) (content, error) {
	if c == nil {
		return content{}, nil
	}
	return b.content(s, inRow, c)
}
