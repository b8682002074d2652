package merge

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/esync/esync/merge/align"
	"github.com/esync/esync/merge/ruling"
)

// MaxText is the greatest length of a file that is merged by lines; what is
// longer was not written by hand. It bounds the memory of one merge.
const MaxText = 16 << 20

// binaryMagic begins files that may look like text and are not made of lines.
var binaryMagic = []string{"%PDF-", `{\rtf`, "PK\x03\x04", "\xd0\xcf\x11\xe0"}

// IsText tells whether content is made of lines that a person may have typed:
// in UTF-8, UTF-16 or UTF-32, the latter two with a mark, or in an older
// encoding of 8 bits, and in none of the formats that a moved or changed line
// breaks.
func IsText(content []byte) bool {
	return len(content) <= MaxText && isText(content)
}

func isText(content []byte) bool {
	for _, magic := range binaryMagic {
		if bytes.HasPrefix(content, []byte(magic)) {
			return false
		}
	}
	text, _, ok := decode(content)
	if !ok || bytes.IndexByte(text, 0) >= 0 {
		return false
	}
	if utf8.Valid(text) {
		return true
	}
	// Words in an 8-bit encoding, whatever their letters, come without control
	// characters. Packed numbers do not.
	for _, c := range text {
		if c < ' ' && (c < '\b' || c > '\r') && c != 0x1a && c != 0x1b || c == 0x7f {
			return false
		}
	}
	return true
}

// Text merges two texts that both come from base, by lines: a change that one
// side made is taken, one that both made alike is taken once. It reports false
// where the sides changed the same lines, or lines that touch, in different
// ways. Line ends, marks and a missing last newline are kept as they are; when
// a side changed all line ends, or the encoding, that is taken as well.
func Text(base, ours, theirs []byte) ([]byte, bool) {
	m := mergeText(base, ours, theirs, nil)
	return m.Content, m.Clean
}

// mergeText merges by lines. choose decides conflicts by their place.
func mergeText(base, ours, theirs []byte, choose map[string]Side) FileResult {
	switch {
	case bytes.Equal(ours, theirs), bytes.Equal(base, theirs):
		return FileResult{Clean: true, Content: ours}
	case bytes.Equal(base, ours):
		return FileResult{Clean: true, Content: theirs}
	}
	texts := [3][]byte{base, ours, theirs}
	style, ok := plain(&texts)
	if !ok {
		return FileResult{Reason: "the encodings of the text differ"}
	}
	var lines [3][][]byte
	var ids [3][]int32
	var n align.Numbers
	for i, text := range texts {
		lines[i] = splitLines(text)
		ids[i] = n.All(lines[i])
	}
	f := FileResult{Clean: true}
	out := make([]byte, 0, max(len(texts[1]), len(texts[2])))
	for _, r := range align.Merge(ids[0], ids[1], ids[2]) {
		p := Place{Where: whereLines(r.Ours), Base: showLines(lines[0], r.Base), Ours: showLines(lines[1], r.Ours), Theirs: showLines(lines[2], r.Theirs)}
		switch {
		case r.Take == align.Ours:
			f.FromOurs = append(f.FromOurs, p)
		case r.Take == align.Theirs:
			f.FromTheirs = append(f.FromTheirs, p)
		case r.Take == align.Conflict && choose[p.Where] == Theirs:
			r.Take = align.Theirs
		case r.Take == align.Conflict && choose[p.Where] != Ours:
			f.Conflicts = append(f.Conflicts, p)
		}
		if r.Take == align.Theirs {
			out = appendLines(out, lines[2][r.Theirs.Lo:r.Theirs.Hi])
		} else {
			out = appendLines(out, lines[1][r.Ours.Lo:r.Ours.Hi])
		}
	}
	if len(f.Conflicts) > 0 {
		return FileResult{Conflicts: f.Conflicts}
	}
	f.Content = style.write(out)
	return f
}

// whereLines names lines, of our side, as editors count them.
func whereLines(s align.Span) string {
	switch s.Len() {
	case 0:
		return fmt.Sprintf("after line %d", s.Lo)
	case 1:
		return fmt.Sprintf("line %d", s.Lo+1)
	}
	return fmt.Sprintf("lines %d to %d", s.Lo+1, s.Hi)
}

func showLines(lines [][]byte, s align.Span) string {
	var b strings.Builder
	for _, line := range lines[s.Lo:s.Hi] {
		if b.Len() > ruling.MaxShown {
			break
		}
		b.Write(line)
	}
	return ruling.Cut(strings.ToValidUTF8(strings.TrimRight(b.String(), "\r\n"), "?"))
}

func appendLines(out []byte, lines [][]byte) []byte {
	for _, line := range lines {
		out = append(out, line...)
	}
	return out
}
