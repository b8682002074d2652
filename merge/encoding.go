package merge

import (
	"bytes"
	"encoding/binary"
	"unicode/utf16"
	"unicode/utf8"
)

// style is how a text is written down: things that stand for no character of
// it, and that a side may change for all of it at once.
type style struct {
	encoding encoding
	// ends is how all lines end, "\n" or "\r\n"; "" when there are none, or
	// both kinds.
	ends string
}

// encoding is told by the mark that a text begins with.
type encoding uint8

const (
	unmarked encoding = iota // UTF-8, or an older encoding of 8 bits
	markedUTF8
	utf16LE
	utf16BE
	utf32LE
	utf32BE
)

type byteOrder interface {
	binary.ByteOrder
	binary.AppendByteOrder
}

// marks are in the order in which they must be looked for.
var marks = []struct {
	encoding encoding
	bytes    string
	wide     int
	order    byteOrder
}{
	{utf32LE, "\xff\xfe\x00\x00", 4, binary.LittleEndian},
	{utf32BE, "\x00\x00\xfe\xff", 4, binary.BigEndian},
	{utf16LE, "\xff\xfe", 2, binary.LittleEndian},
	{utf16BE, "\xfe\xff", 2, binary.BigEndian},
	{markedUTF8, "\xef\xbb\xbf", 1, nil},
}

// decode gives a text without its mark, in UTF-8 where there was one. It fails
// where writing it down again would not give the same bytes.
func decode(content []byte) (text []byte, e encoding, ok bool) {
	for _, m := range marks {
		rest, marked := bytes.CutPrefix(content, []byte(m.bytes))
		if !marked {
			continue
		}
		if m.wide == 1 {
			return rest, m.encoding, true
		}
		if len(rest)%m.wide != 0 {
			return nil, 0, false
		}
		text = narrow(rest, m.wide, m.order)
		return text, m.encoding, bytes.Equal(encode(text, m.encoding), content)
	}
	return content, unmarked, true
}

// narrow makes UTF-8 out of UTF-16 or UTF-32.
func narrow(wide []byte, width int, order byteOrder) []byte {
	out := make([]byte, 0, len(wide)/width*5/4)
	for i := 0; i < len(wide); i += width {
		if width == 4 {
			out = utf8.AppendRune(out, rune(order.Uint32(wide[i:])))
			continue
		}
		r := rune(order.Uint16(wide[i:]))
		if utf16.IsSurrogate(r) && i+4 <= len(wide) {
			if both := utf16.DecodeRune(r, rune(order.Uint16(wide[i+2:]))); both != utf8.RuneError {
				r, i = both, i+2
			}
		}
		out = utf8.AppendRune(out, r)
	}
	return out
}

// encode writes a text down, with the mark.
func encode(text []byte, e encoding) []byte {
	for _, m := range marks {
		if m.encoding != e {
			continue
		}
		out := append(make([]byte, 0, len(text)*m.wide+4), m.bytes...)
		if m.wide == 1 {
			return append(out, text...)
		}
		appendUnit := func(r rune) {
			if m.wide == 4 {
				out = m.order.AppendUint32(out, uint32(r))
			} else {
				out = m.order.AppendUint16(out, uint16(r))
			}
		}
		for len(text) > 0 {
			r, n := utf8.DecodeRune(text)
			text = text[n:]
			if hi, lo := utf16.EncodeRune(r); m.wide == 2 && hi != utf8.RuneError {
				appendUnit(hi)
				r = lo
			}
			appendUnit(r)
		}
		return out
	}
	return text
}

var crlf = []byte("\r\n")

// ends tells how the lines of a text end: "\n", "\r\n", or "" when there are
// none or both kinds.
func ends(text []byte) string {
	all, windows := bytes.Count(text, newline), bytes.Count(text, crlf)
	switch {
	case all == 0:
		return ""
	case windows == 0:
		return "\n"
	case windows == all:
		return "\r\n"
	}
	return ""
}

// plain makes the three texts of a merge alike in what stands for no
// character, and gives the style that the merged text is to have: one side's
// when it alone changed it. It fails when each has a style of its own.
func plain(texts *[3][]byte) (s style, ok bool) {
	if s.encoding, ok = decodeAll(texts); !ok {
		return s, false
	}
	b, o, t := ends(texts[0]), ends(texts[1]), ends(texts[2])
	if b != "" && o != "" && t != "" && (b != o || b != t) {
		s.ends, _ = either(b, o, t)
		for i := range texts {
			texts[i] = bytes.ReplaceAll(texts[i], crlf, newline)
		}
	}
	return s, true
}

// decodeAll decodes the three texts of a merge, and gives the encoding that the
// merged text is to have.
func decodeAll(texts *[3][]byte) (e encoding, ok bool) {
	var of [3]encoding
	for i := range texts {
		if texts[i], of[i], ok = decode(texts[i]); !ok {
			return e, false
		}
	}
	return either(of[0], of[1], of[2])
}

// either merges one value.
func either[T comparable](b, o, t T) (T, bool) {
	switch {
	case o == t, b == t:
		return o, true
	case b == o:
		return t, true
	}
	return o, false
}

// write gives a merged text its style.
func (s style) write(text []byte) []byte {
	if s.ends == "\r\n" {
		text = bytes.ReplaceAll(text, newline, crlf)
	}
	return encode(text, s.encoding)
}
