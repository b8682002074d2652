package ooxml

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Kind is what a Token is.
type Kind uint8

// The kinds of tokens.
const (
	Start Kind = iota + 1
	End
	Text
	Other // comment or processing instruction
)

// Token is one piece of a part. Its slices are those of the part's bytes and
// hold until the next one is read.
type Token struct {
	Kind Kind
	// Name is the element's name as written, with its prefix.
	Name []byte
	// Attrs of a Start, values as written.
	Attrs []Attr
	// Empty tells that a Start has no content and no End follows.
	Empty bool
	// Text as written; Raw tells that it stood in a CDATA section.
	Text []byte
	Raw  bool
	// Lo and Hi are where it stands.
	Lo, Hi int
}

// Attr is an attribute as written.
type Attr struct{ Name, Value []byte }

// String is a text token's text, references resolved and line ends as XML
// reads them.
func (t *Token) String() string {
	if t.Raw {
		return lineEnds(string(t.Text))
	}
	s, _ := Unescape(t.Text)
	return s
}

// Attr gives the value of an attribute, references resolved.
func (t *Token) Attr(name string) (string, bool) {
	for i := range t.Attrs {
		if string(t.Attrs[i].Name) == name {
			s, _ := Unescape(t.Attrs[i].Value)
			return s, true
		}
	}
	return "", false
}

// Scanner reads the tokens of an XML part. It is strict: what it reads to the
// end without an error is well formed, in UTF-8, has no document type, no
// entities but the five of XML, and no more depth than MaxDepth.
type Scanner struct {
	data  []byte
	pos   int
	stack [][]byte
	attrs []Attr
	root  bool // an element was seen at the top
}

// NewScanner reads a whole part, a byte order mark ahead of it skipped.
func NewScanner(part []byte) *Scanner {
	return &Scanner{data: part, pos: len(part) - len(TrimMark(part))}
}

// TrimMark is the part without a byte order mark.
func TrimMark(part []byte) []byte { return bytes.TrimPrefix(part, []byte("\xef\xbb\xbf")) }

// Depth is the number of open elements.
func (s *Scanner) Depth() int { return len(s.stack) }

var errEnd = errors.New("end of part")

// IsEnd tells whether Next ended because the part did.
func IsEnd(err error) bool { return err == errEnd }

func (s *Scanner) fail(what string) error {
	return fmt.Errorf("not well-formed XML at byte %d: %s", s.pos, what)
}

// Next gives the next token. At the end its error is the one IsEnd knows.
func (s *Scanner) Next() (Token, error) {
	if s.pos >= len(s.data) {
		switch {
		case len(s.stack) > 0:
			return Token{}, s.fail("elements left open")
		case !s.root:
			return Token{}, s.fail("no element")
		}
		return Token{}, errEnd
	}
	lo := s.pos
	if s.data[lo] != '<' {
		return s.text()
	}
	rest := s.data[lo:]
	switch {
	case bytes.HasPrefix(rest, []byte("</")):
		return s.end()
	case bytes.HasPrefix(rest, []byte("<?")):
		return s.instruction()
	case bytes.HasPrefix(rest, []byte("<!--")):
		end := bytes.Index(rest[4:], []byte("--"))
		if end < 0 || !bytes.HasPrefix(rest[4+end:], []byte("-->")) {
			return Token{}, s.fail("comment")
		}
		if !validText(rest[4 : 4+end]) {
			return Token{}, s.fail("character")
		}
		s.pos = lo + 4 + end + 3
		return Token{Kind: Other, Lo: lo, Hi: s.pos}, nil
	case bytes.HasPrefix(rest, []byte("<![CDATA[")):
		end := bytes.Index(rest, []byte("]]>"))
		if end < 0 || len(s.stack) == 0 || !validText(rest[9:end]) {
			return Token{}, s.fail("cdata section")
		}
		s.pos = lo + end + 3
		return Token{Kind: Text, Text: rest[9:end], Raw: true, Lo: lo, Hi: s.pos}, nil
	case bytes.HasPrefix(rest, []byte("<!")):
		return Token{}, s.fail("document type")
	}
	return s.start()
}

func (s *Scanner) text() (Token, error) {
	lo := s.pos
	n := bytes.IndexByte(s.data[lo:], '<')
	if n < 0 {
		n = len(s.data) - lo
	}
	text := s.data[lo : lo+n]
	if len(s.stack) == 0 {
		if len(bytes.Trim(text, " \t\r\n")) > 0 {
			return Token{}, s.fail("text outside of the element")
		}
	} else if !validText(text) || bytes.Contains(text, []byte("]]>")) {
		return Token{}, s.fail("character")
	} else if bytes.IndexByte(text, '&') >= 0 {
		if _, err := Unescape(text); err != nil {
			return Token{}, s.fail(err.Error())
		}
	}
	s.pos = lo + n
	return Token{Kind: Text, Text: text, Lo: lo, Hi: s.pos}, nil
}

func (s *Scanner) end() (Token, error) {
	lo := s.pos
	s.pos += 2
	name := s.name()
	s.space()
	if len(s.stack) == 0 || s.pos >= len(s.data) || s.data[s.pos] != '>' || !bytes.Equal(name, s.stack[len(s.stack)-1]) {
		return Token{}, s.fail("end of an element that is not open")
	}
	s.pos++
	s.stack = s.stack[:len(s.stack)-1]
	return Token{Kind: End, Name: name, Lo: lo, Hi: s.pos}, nil
}

func (s *Scanner) instruction() (Token, error) {
	lo := s.pos
	s.pos += 2
	target := s.name()
	end := bytes.Index(s.data[s.pos:], []byte("?>"))
	if end < 0 || len(target) == 0 || end > 0 && !isSpace(s.data[s.pos]) {
		return Token{}, s.fail("processing instruction")
	}
	end += s.pos - lo
	body := s.data[lo+2 : lo+end]
	if !validText(body) {
		return Token{}, s.fail("character")
	}
	if len(body) >= 3 && strings.EqualFold(string(body[:3]), "xml") && (len(body) == 3 || isSpace(body[3])) {
		if lo != len(s.data)-len(TrimMark(s.data)) {
			return Token{}, s.fail("declaration inside")
		}
		if i := bytes.Index(body, []byte("encoding")); i >= 0 {
			value := strings.Trim(string(body[i+len("encoding"):]), " \t\r\n=")
			if value == "" {
				return Token{}, s.fail("declaration")
			}
			value, _, _ = strings.Cut(value[1:], value[:1])
			if !strings.EqualFold(value, "utf-8") && !strings.EqualFold(value, "us-ascii") {
				return Token{}, s.fail("encoding " + strconv.Quote(value))
			}
		}
	}
	s.pos = lo + end + 2
	return Token{Kind: Other, Lo: lo, Hi: s.pos}, nil
}

func (s *Scanner) start() (Token, error) {
	lo := s.pos
	if len(s.stack) == 0 && s.root {
		return Token{}, s.fail("second element at the top")
	}
	s.pos++
	t := Token{Kind: Start, Lo: lo, Name: s.name()}
	if len(t.Name) == 0 {
		return Token{}, s.fail("name")
	}
	s.attrs = s.attrs[:0]
	for {
		spaced := s.space()
		if s.pos >= len(s.data) {
			return Token{}, s.fail("unfinished element")
		}
		switch c := s.data[s.pos]; {
		case c == '>':
			s.pos++
			if len(s.stack) >= MaxDepth {
				return Token{}, s.fail("too deep")
			}
			s.stack = append(s.stack, t.Name)
			s.root = true
			t.Attrs, t.Hi = s.attrs, s.pos
			return t, nil
		case c == '/':
			if s.pos+1 >= len(s.data) || s.data[s.pos+1] != '>' {
				return Token{}, s.fail("unfinished element")
			}
			s.pos += 2
			s.root = true
			t.Attrs, t.Hi, t.Empty = s.attrs, s.pos, true
			return t, nil
		case !spaced:
			return Token{}, s.fail("attribute")
		}
		if err := s.attr(); err != nil {
			return Token{}, err
		}
	}
}

func (s *Scanner) attr() error {
	name := s.name()
	s.space()
	if len(name) == 0 || s.pos >= len(s.data) || s.data[s.pos] != '=' {
		return s.fail("attribute")
	}
	s.pos++
	s.space()
	if s.pos >= len(s.data) || s.data[s.pos] != '"' && s.data[s.pos] != '\'' {
		return s.fail("attribute")
	}
	n := bytes.IndexByte(s.data[s.pos+1:], s.data[s.pos])
	if n < 0 {
		return s.fail("attribute")
	}
	value := s.data[s.pos+1 : s.pos+1+n]
	if !validText(value) || bytes.IndexByte(value, '<') >= 0 {
		return s.fail("attribute")
	}
	if bytes.IndexByte(value, '&') >= 0 {
		if _, err := Unescape(value); err != nil {
			return s.fail(err.Error())
		}
	}
	for i := range s.attrs {
		if bytes.Equal(s.attrs[i].Name, name) {
			return s.fail("attribute given twice")
		}
	}
	if len(s.attrs) >= MaxAttrs {
		return s.fail("too many attributes")
	}
	s.attrs = append(s.attrs, Attr{name, value})
	s.pos += n + 2
	return nil
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

func (s *Scanner) space() bool {
	from := s.pos
	for s.pos < len(s.data) && isSpace(s.data[s.pos]) {
		s.pos++
	}
	return s.pos > from
}

// name reads a name with at most one colon. Names beyond ASCII are taken as
// they are: the schemas have none, and a reader that knows more may refuse them.
func (s *Scanner) name() []byte {
	lo, colons := s.pos, 0
	for s.pos < len(s.data) {
		c := s.data[s.pos]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c >= utf8.RuneSelf
		switch {
		case letter:
		case s.pos > lo && (c >= '0' && c <= '9' || c == '-' || c == '.'):
		case c == ':' && s.pos > lo && colons == 0:
			colons++
		default:
			goto done
		}
		s.pos++
	}
done:
	name := s.data[lo:s.pos]
	if len(name) > maxName || len(name) > 0 && name[len(name)-1] == ':' || !utf8.Valid(name) {
		s.pos = lo
		return nil
	}
	return name
}

// validText tells whether XML allows the characters.
func validText(text []byte) bool {
	high := false
	for _, c := range text {
		if c < ' ' && c != '\t' && c != '\n' && c != '\r' {
			return false
		}
		high = high || c >= 0xED
	}
	if !utf8.Valid(text) {
		return false
	}
	return !high || !bytes.Contains(text, []byte("\uFFFE")) && !bytes.Contains(text, []byte("\uFFFF"))
}

// Unescape resolves the references of a text or an attribute.
func Unescape(text []byte) (string, error) {
	if bytes.IndexByte(text, '&') < 0 {
		return lineEnds(string(text)), nil
	}
	var b strings.Builder
	rest := text
	for {
		i := bytes.IndexByte(rest, '&')
		if i < 0 {
			b.WriteString(lineEnds(string(rest)))
			return b.String(), nil
		}
		b.WriteString(lineEnds(string(rest[:i])))
		n := bytes.IndexByte(rest[i:], ';')
		if n < 0 || n > 12 {
			return "", errors.New("reference")
		}
		r, ok := reference(string(rest[i+1 : i+n]))
		if !ok {
			return "", fmt.Errorf("reference %q", rest[i:i+n+1])
		}
		b.WriteRune(r)
		rest = rest[i+n+1:]
	}
}

func lineEnds(s string) string {
	if strings.IndexByte(s, '\r') < 0 {
		return s
	}
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
}

func reference(name string) (rune, bool) {
	switch name {
	case "amp":
		return '&', true
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "quot":
		return '"', true
	case "apos":
		return '\'', true
	}
	digits, base := strings.TrimPrefix(name, "#"), 10
	if digits == name {
		return 0, false
	}
	if strings.HasPrefix(digits, "x") {
		digits, base = digits[1:], 16
	}
	n, err := strconv.ParseUint(digits, base, 32)
	r := rune(n)
	if err != nil || !utf8.ValidRune(r) || r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF {
		return 0, false
	}
	return r, true
}

// Escape writes a text so that Unescape gives it back, in texts and in
// attributes in double quotes.
func Escape(s string) string {
	if !strings.ContainsAny(s, "&<>\"\r\n\t") {
		return s
	}
	return escaper.Replace(s)
}

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "\r", "&#xD;", "\n", "&#xA;", "\t", "&#x9;")

// EscapeText is Escape for texts, where newlines and quotes stay as they are.
func EscapeText(s string) string {
	if !strings.ContainsAny(s, "&<>\r") {
		return s
	}
	return textEscaper.Replace(s)
}

var textEscaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "\r", "&#xD;")

// CheckXML reads a whole part and tells what is wrong with it.
func CheckXML(part []byte) error {
	s := NewScanner(part)
	for {
		if _, err := s.Next(); err != nil {
			if IsEnd(err) {
				return nil
			}
			return err
		}
	}
}
