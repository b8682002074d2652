package merge

import "bytes"

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

// lineEnds merges when one side changed all line ends and nothing else, while
// the other kept them.
func lineEnds(base, ours, theirs []byte) ([]byte, bool) {
	old := ends(base)
	o, t := ends(ours), ends(theirs)
	if old == "" || o == "" || t == "" || (o == old) == (t == old) {
		return nil, false
	}
	plain := func(text []byte) []byte { return bytes.ReplaceAll(text, crlf, newline) }
	kept, changed, to := ours, theirs, t
	if t == old {
		kept, changed, to = theirs, ours, o
	}
	if !bytes.Equal(plain(base), plain(changed)) {
		return nil, false
	}
	return bytes.ReplaceAll(plain(kept), newline, []byte(to)), true
}
