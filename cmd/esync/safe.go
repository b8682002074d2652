package main

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// safe makes text from elsewhere (names, messages, words of a peer) fit for a terminal and for one line. What could move
// the cursor, hide or reorder text, or end the line is written as an escape; so are bytes that are no UTF-8.
func safe(text string) string {
	if plain(text) {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		switch {
		case r == utf8.RuneError && size <= 1:
			fmt.Fprintf(&b, `\x%02x`, text[i])
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case !hidden(r):
			b.WriteRune(r)
		case r <= 0xff:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r <= 0xffff:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
		i += size
	}
	return b.String()
}

func plain(text string) bool {
	for i := range len(text) {
		if text[i] < ' ' || text[i] >= 0x7f {
			return utf8.ValidString(text) && strings.IndexFunc(text, hidden) < 0
		}
	}
	return true
}

// hidden tells of runes that a terminal obeys instead of showing, and of those that change how others are shown. The two
// joiners stay: several scripts cannot be written without them.
func hidden(r rune) bool {
	switch r {
	case '\u200c', '\u200d':
		return false
	}
	return r < ' ' || r >= 0x7f && r < 0xa0 || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co)
}

// safeLines is safe for text of several lines, such as a commit's message: line ends and tabs stay.
func safeLines(text string) string {
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	for i, line := range lines {
		cells := strings.Split(line, "\t")
		for j := range cells {
			cells[j] = safe(cells[j])
		}
		lines[i] = strings.Join(cells, "\t")
	}
	return strings.Join(lines, "\n")
}

// safeJSON escapes in encoded JSON what encoding/json lets through: C1 controls and runes that hide or reorder. They can
// only stand in strings, where the escape means the same.
func safeJSON(text []byte) []byte {
	if plain(string(text)) {
		return text
	}
	var b []byte
	for _, r := range string(text) {
		switch {
		case r != '\n' && hidden(r) && r > 0xffff:
			high, low := utf16Pair(r)
			b = fmt.Appendf(b, `\u%04x\u%04x`, high, low)
		case r != '\n' && hidden(r):
			b = fmt.Appendf(b, `\u%04x`, r)
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	return b
}

func utf16Pair(r rune) (high, low rune) {
	r -= 0x10000
	return 0xd800 + r>>10, 0xdc00 + r&0x3ff
}
