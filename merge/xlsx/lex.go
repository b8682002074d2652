package xlsx

import (
	"strings"
	"unicode/utf8"
)

// tokenKind tells what a piece of a formula is.
type tokenKind uint8

const (
	tokenOther tokenKind = iota // operators, numbers, functions, errors, blanks
	tokenText                   // a string in double quotes
	tokenName                   // a defined name, or TRUE
	tokenTable                  // a table with its brackets
	tokenRef                    // cells, columns or rows
)

// token is a piece of a formula. A reference or a name may have a prefix that
// says in which sheet of which workbook.
type token struct {
	kind tokenKind
	text string // as written, prefix and all
	// prefix as written, with its exclamation mark.
	prefix string
	// book is what stands in the brackets of the prefix: the number of
	// another workbook.
	book string
	// sheets are the names in the prefix, the second one of a span of sheets.
	sheets [2]string
	body   string // what follows the prefix
	from   corner
	to     corner // of a single cell as from
	form   refForm
}

type refForm uint8

const (
	formCell refForm = iota
	formArea
	formCols
	formRows
)

// corner is one end of a reference; row or col is 0 in whole columns or rows.
type corner struct {
	row, col       int
	rowAbs, colAbs bool
}

// lex cuts a formula into tokens; joined they are the formula. What it does
// not know stays as it is.
func lex(formula string) []token {
	l := lexer{s: formula}
	for l.at < len(l.s) {
		l.next()
	}
	return l.out
}

type lexer struct {
	s   string
	at  int
	out []token
}

func (l *lexer) push(t token, end int) {
	t.text = l.s[l.at:end]
	l.at = end
	if t.kind == tokenOther && t.prefix == "" && len(l.out) > 0 {
		last := &l.out[len(l.out)-1]
		if last.kind == tokenOther && last.prefix == "" {
			last.text = l.s[l.at-len(t.text)-len(last.text) : end]
			return
		}
	}
	l.out = append(l.out, t)
}

func (l *lexer) next() {
	s, i := l.s, l.at
	switch c := s[i]; {
	case c == '"':
		l.push(token{kind: tokenText}, quoted(s, i, '"'))
	case c == '\'':
		end := quoted(s, i, '\'')
		if end < len(s) && s[end] == '!' && end > i+2 {
			l.prefixed(i, end)
			return
		}
		l.push(token{}, end)
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
		l.push(token{kind: tokenTable}, brackets(s, i))
	case c == '#':
		l.push(token{}, i+errorLen(s[i:]))
	case c >= '0' && c <= '9':
		if end, ok := l.tryRef(i, token{}); ok {
			_ = end
			return
		}
		l.push(token{}, numberEnd(s, i))
	case nameStart(c):
		l.word()
	default:
		l.push(token{}, i+1)
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
		l.push(token{}, i+1)
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
		if _, cell := parseSpot(strings.ReplaceAll(s[i:end], "$", "")); to < len(s) && s[to] == '!' && to > end+1 && !cell && strings.IndexByte(s[i:end], '$') < 0 {
			l.prefixed(i, to)
			return
		}
	}
	l.body(i, token{})
}

// prefixed reads the sheet names from l.at to the exclamation mark at bang,
// and what follows it. Another workbook may have its folder before the brackets.
func (l *lexer) prefixed(from, bang int) {
	s := l.s
	t := token{prefix: s[from : bang+1]}
	name := s[from:bang]
	if strings.HasPrefix(name, "'") {
		name = strings.ReplaceAll(name[1:len(name)-1], "''", "'")
	}
	if folder, rest, ok := strings.Cut(name, "["); ok {
		t.book, name, _ = strings.Cut(rest, "]")
		t.book = folder + t.book
	}
	t.sheets[0], t.sheets[1], _ = strings.Cut(name, ":")
	if name == "" && t.book == "" || strings.ContainsAny(t.sheets[0]+t.sheets[1], `[]:\/*?`) {
		l.push(token{}, bang+1) // no sheet can have that name
		return
	}
	l.body(bang+1, t)
}

// body reads a reference or a name at i; the token began at l.at.
func (l *lexer) body(i int, t token) {
	s := l.s
	if _, ok := l.tryRef(i, t); ok {
		return
	}
	end := i
	if end < len(s) && s[end] == '#' {
		end += errorLen(s[end:])
		t.body = s[i:end]
		l.push(t, end)
		return
	}
	for end < len(s) && nameByte(s[end]) {
		end++
	}
	t.body = s[i:end]
	switch {
	case end < len(s) && s[end] == '(':
		t.kind = tokenOther
	case end < len(s) && s[end] == '[':
		end = brackets(s, end)
		t.kind, t.body = tokenTable, s[i:end]
	default:
		t.kind = tokenName
	}
	if end == l.at {
		end++
	}
	l.push(t, end)
}

// tryRef reads cells, whole columns or whole rows at i.
func (l *lexer) tryRef(i int, t token) (int, bool) {
	s := l.s
	from, n := parseCorner(s[i:])
	if n == 0 {
		return 0, false
	}
	end := i + n
	t.from, t.to = from, from
	single := from.row > 0 && from.col > 0
	if end < len(s) && s[end] == ':' {
		to, m := parseCorner(s[end+1:])
		if m > 0 && (to.row > 0) == (from.row > 0) && (to.col > 0) == (from.col > 0) && ends(s, end+1+m) {
			t.to = to
			end += 1 + m
			switch {
			case single:
				t.form = formArea
			case from.row == 0:
				t.form = formCols
			default:
				t.form = formRows
			}
			t.kind, t.body = tokenRef, s[i:end]
			l.push(t, end)
			return end, true
		}
	}
	if !single || !ends(s, end) {
		return 0, false
	}
	t.kind, t.body, t.form = tokenRef, s[i:end], formCell
	l.push(t, end)
	return end, true
}

// ends tells whether a reference may end before s[i].
func ends(s string, i int) bool {
	return i >= len(s) || !nameByte(s[i]) && s[i] != '(' && s[i] != '!' && s[i] != '['
}

// parseCorner reads "A1", "$A$1", "A", "$1": n is 0 when there is none.
func parseCorner(s string) (c corner, n int) {
	i := 0
	if i < len(s) && s[i] == '$' {
		c.colAbs = true
		i++
	}
	col, m := parseCol(s[i:])
	if m > 0 {
		if col == 0 {
			return corner{}, 0
		}
		c.col = col
		i += m
		if i < len(s) && s[i] == '$' {
			c.rowAbs = true
			i++
		}
	} else {
		c.rowAbs, c.colAbs = c.colAbs, false
	}
	row, m := parseRow(s[i:])
	switch {
	case m > 0 && row == 0, m == 0 && c.rowAbs:
		return corner{}, 0
	case m > 0:
		c.row = row
		i += m
	}
	if c.row == 0 && c.col == 0 {
		return corner{}, 0
	}
	return c, i
}

func (c corner) String() string {
	var b strings.Builder
	if c.col > 0 {
		if c.colAbs {
			b.WriteByte('$')
		}
		b.WriteString(colName(c.col))
	}
	if c.row > 0 {
		if c.rowAbs {
			b.WriteByte('$')
		}
		b.WriteString(itoa(c.row))
	}
	return b.String()
}

// refText writes the body of a reference.
func (t *token) refText() string {
	if t.form == formCell {
		return t.from.String()
	}
	return t.from.String() + ":" + t.to.String()
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

// errorWords are the errors that a formula or a cell may hold.
var errorWords = [...]string{
	"#REF!", "#N/A", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#GETTING_DATA", "#SPILL!", "#CALC!", "#FIELD!",
	"#BLOCKED!", "#CONNECT!", "#UNKNOWN!", "#BUSY!", "#PYTHON!",
}

func errorLen(s string) int {
	for _, w := range errorWords {
		if strings.HasPrefix(s, w) {
			return len(w)
		}
	}
	return 1
}
