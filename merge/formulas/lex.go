package formulas

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Kind tells what a piece of a formula is.
type Kind uint8

const (
	KindOther Kind = iota // operators, numbers, functions, errors, blanks
	KindText              // a string in double quotes
	KindName              // a defined name, or TRUE
	KindTable             // a table with its brackets
	KindRef               // cells, columns or rows
)

// Token is a piece of a formula. A reference or a name may have a prefix that
// says in which sheet of which workbook.
type Token struct {
	Kind Kind
	Text string // as written, prefix and all
	// Prefix as written, with its exclamation mark.
	Prefix string
	// Book is what stands in the brackets of the prefix: the number of
	// another workbook.
	Book string
	// Sheets are the names in the prefix, the second one of a span of sheets.
	Sheets [2]string
	Body   string // what follows the prefix
	From   Corner
	To     Corner // of a single cell as From
	Form   Form
}

// Form is what a reference is to.
type Form uint8

const (
	FormCell Form = iota
	FormArea
	FormColumns
	FormRows
)

// Corner is one end of a reference, counted from 1; Row is 0 in whole columns,
// Col in whole rows. Abs is what has a dollar sign.
type Corner struct {
	Row, Col       int
	RowAbs, ColAbs bool
}

// Lex cuts a formula into tokens; joined they are the formula. What it does
// not know stays as it is.
func Lex(formula string) []Token {
	l := lexer{s: formula}
	for l.at < len(l.s) {
		l.next()
	}
	return l.out
}

type lexer struct {
	s   string
	at  int
	out []Token
}

func (l *lexer) push(t Token, end int) {
	t.Text = l.s[l.at:end]
	l.at = end
	if t.Kind == KindOther && t.Prefix == "" && len(l.out) > 0 {
		last := &l.out[len(l.out)-1]
		if last.Kind == KindOther && last.Prefix == "" {
			last.Text = l.s[l.at-len(t.Text)-len(last.Text) : end]
			return
		}
	}
	l.out = append(l.out, t)
}

func (l *lexer) next() {
	s, i := l.s, l.at
	switch c := s[i]; {
	case c == '"':
		l.push(Token{Kind: KindText}, quoted(s, i, '"'))
	case c == '\'':
		end := quoted(s, i, '\'')
		if end < len(s) && s[end] == '!' && end > i+2 {
			l.prefixed(i, end)
			return
		}
		l.push(Token{}, end)
	case c == '[':
		if end := strings.IndexByte(s[i:], ']'); end > 1 && digits(s[i+1:i+end]) {
			after := i + end + 1
			for after < len(s) && (nameByte(s[after]) || s[after] == ':') {
				after++
			}
			if after < len(s) && s[after] == '!' {
				l.prefixed(i, after)
				return
			}
		}
		l.push(Token{Kind: KindTable}, brackets(s, i))
	case c == '#':
		l.push(Token{}, i+errorLen(s[i:]))
	case c >= '0' && c <= '9':
		if end, ok := l.tryRef(i, Token{}); ok {
			_ = end
			return
		}
		l.push(Token{}, numberEnd(s, i))
	case nameStart(c):
		l.word()
	default:
		l.push(Token{}, i+1)
	}
}

// word reads a name: of a function, a table, a sheet, a cell, or a defined one.
func (l *lexer) word() {
	s, i := l.s, l.at
	end := i
	for end < len(s) && nameByte(s[end]) {
		end++
	}
	if end == i {
		l.push(Token{}, i+1)
		return
	}
	switch {
	case end < len(s) && s[end] == '!':
		l.prefixed(i, end)
		return
	case end < len(s) && s[end] == ':':
		// A span of sheets, unless it begins with a cell.
		to := end + 1
		for to < len(s) && nameByte(s[to]) {
			to++
		}
		if _, _, cell := ParseCell(strings.ReplaceAll(s[i:end], "$", "")); to < len(s) && s[to] == '!' && to > end+1 && !cell && strings.IndexByte(s[i:end], '$') < 0 {
			l.prefixed(i, to)
			return
		}
	}
	l.body(i, Token{})
}

// prefixed reads the sheet names from l.at to the exclamation mark at bang,
// and what follows it. Another workbook may have its folder before the brackets.
func (l *lexer) prefixed(from, bang int) {
	s := l.s
	t := Token{Prefix: s[from : bang+1]}
	name := s[from:bang]
	if strings.HasPrefix(name, "'") {
		name = strings.ReplaceAll(name[1:len(name)-1], "''", "'")
	}
	if folder, rest, ok := strings.Cut(name, "["); ok {
		t.Book, name, _ = strings.Cut(rest, "]")
		t.Book = folder + t.Book
	}
	t.Sheets[0], t.Sheets[1], _ = strings.Cut(name, ":")
	if name == "" && t.Book == "" || strings.ContainsAny(t.Sheets[0]+t.Sheets[1], `[]:\/*?`) {
		l.push(Token{}, bang+1) // no sheet can have that name
		return
	}
	l.body(bang+1, t)
}

// body reads a reference or a name at i; the token began at l.at.
func (l *lexer) body(i int, t Token) {
	s := l.s
	if _, ok := l.tryRef(i, t); ok {
		return
	}
	end := i
	if end < len(s) && s[end] == '#' {
		end += errorLen(s[end:])
		t.Body = s[i:end]
		l.push(t, end)
		return
	}
	for end < len(s) && nameByte(s[end]) {
		end++
	}
	t.Body = s[i:end]
	switch {
	case end < len(s) && s[end] == '(':
		t.Kind = KindOther
	case end < len(s) && s[end] == '[':
		end = brackets(s, end)
		t.Kind, t.Body = KindTable, s[i:end]
	default:
		t.Kind = KindName
	}
	if end == l.at {
		end++
	}
	l.push(t, end)
}

// tryRef reads cells, whole columns or whole rows at i.
func (l *lexer) tryRef(i int, t Token) (int, bool) {
	s := l.s
	from, n := parseCorner(s[i:])
	if n == 0 {
		return 0, false
	}
	end := i + n
	t.From, t.To = from, from
	single := from.Row > 0 && from.Col > 0
	if end < len(s) && s[end] == ':' {
		to, m := parseCorner(s[end+1:])
		if m > 0 && (to.Row > 0) == (from.Row > 0) && (to.Col > 0) == (from.Col > 0) && ends(s, end+1+m) {
			t.To = to
			end += 1 + m
			switch {
			case single:
				t.Form = FormArea
			case from.Row == 0:
				t.Form = FormColumns
			default:
				t.Form = FormRows
			}
			t.Kind, t.Body = KindRef, s[i:end]
			l.push(t, end)
			return end, true
		}
	}
	if !single || !ends(s, end) {
		return 0, false
	}
	t.Kind, t.Body, t.Form = KindRef, s[i:end], FormCell
	l.push(t, end)
	return end, true
}

// ends tells whether a reference may end before s[i].
func ends(s string, i int) bool {
	return i >= len(s) || !nameByte(s[i]) && s[i] != '(' && s[i] != '!' && s[i] != '['
}

// parseCorner reads "A1", "$A$1", "A", "$1": n is 0 when there is none.
func parseCorner(s string) (c Corner, n int) {
	i := 0
	if i < len(s) && s[i] == '$' {
		c.ColAbs = true
		i++
	}
	col, m := ParseCol(s[i:])
	if m > 0 {
		if col == 0 {
			return Corner{}, 0
		}
		c.Col = col
		i += m
		if i < len(s) && s[i] == '$' {
			c.RowAbs = true
			i++
		}
	} else {
		c.RowAbs, c.ColAbs = c.ColAbs, false
	}
	row, m := ParseRow(s[i:])
	switch {
	case m > 0 && row == 0, m == 0 && c.RowAbs:
		return Corner{}, 0
	case m > 0:
		c.Row = row
		i += m
	}
	if c.Row == 0 && c.Col == 0 {
		return Corner{}, 0
	}
	return c, i
}

func (c Corner) String() string {
	var b strings.Builder
	if c.Col > 0 {
		if c.ColAbs {
			b.WriteByte('$')
		}
		b.WriteString(ColName(c.Col))
	}
	if c.Row > 0 {
		if c.RowAbs {
			b.WriteByte('$')
		}
		b.WriteString(strconv.Itoa(c.Row))
	}
	return b.String()
}

// RefText writes the body of a reference.
func (t *Token) RefText() string {
	if t.Form == FormCell {
		return t.From.String()
	}
	return t.From.String() + ":" + t.To.String()
}

func nameStart(c byte) bool {
	return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c == '_' || c == '\\' || c == '$' || c >= utf8.RuneSelf
}

func nameByte(c byte) bool {
	return nameStart(c) || c >= '0' && c <= '9' || c == '.' || c == '?'
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// quoted is where the quotation at i ends; a doubled mark is one inside.
func quoted(s string, i int, mark byte) int {
	for j := i + 1; j < len(s); j++ {
		if s[j] != mark {
			continue
		}
		if j+1 < len(s) && s[j+1] == mark {
			j++
			continue
		}
		return j + 1
	}
	return len(s)
}

// brackets is where the brackets that open at i close; in them an apostrophe
// takes the next character as it is.
func brackets(s string, i int) int {
	depth := 0
	for j := i; j < len(s); j++ {
		switch s[j] {
		case '\'':
			j++
		case '[':
			depth++
		case ']':
			if depth--; depth == 0 {
				return j + 1
			}
		}
	}
	return len(s)
}

func numberEnd(s string, i int) int {
	j := i
	for j < len(s) && (s[j] >= '0' && s[j] <= '9' || s[j] == '.') {
		j++
	}
	if j < len(s) && (s[j] == 'E' || s[j] == 'e') {
		k := j + 1
		if k < len(s) && (s[k] == '+' || s[k] == '-') {
			k++
		}
		if k < len(s) && s[k] >= '0' && s[k] <= '9' {
			for k < len(s) && s[k] >= '0' && s[k] <= '9' {
				k++
			}
			j = k
		}
	}
	return j
}

// Errors are the errors that a formula or a cell may hold.
var Errors = [...]string{
	"#REF!", "#N/A", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#GETTING_DATA", "#SPILL!", "#CALC!", "#FIELD!",
	"#BLOCKED!", "#CONNECT!", "#UNKNOWN!", "#BUSY!", "#PYTHON!",
}

func errorLen(s string) int {
	for _, w := range Errors {
		if strings.HasPrefix(s, w) {
			return len(w)
		}
	}
	return 1
}
