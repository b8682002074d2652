package merge

import "bytes"

// splitLines cuts a text behind every line feed. A last line without one is a
// line of its own kind, so a missing final newline is kept like any content.
func splitLines(text []byte) [][]byte {
	l := make([][]byte, 0, bytes.Count(text, newline)+1)
	for len(text) > 0 {
		n := bytes.IndexByte(text, '\n') + 1
		if n == 0 {
			n = len(text)
		}
		l = append(l, text[:n])
		text = text[n:]
	}
	return l
}

var newline = []byte{'\n'}
