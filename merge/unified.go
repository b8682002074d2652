package merge

import (
	"bytes"
	"fmt"

	"github.com/esync/esync/merge/align"
)

// Unified gives the changes from one text to another as hunks of a unified
// diff in UTF-8, with that many lines of context; nothing when they are equal.
// The two lines that name the files are the caller's.
func Unified(old, new []byte, context int) []byte {
	a, b := splitLines(readable(old)), splitLines(readable(new))
	var n align.Numbers
	ids := n.All(a)
	other := n.All(b)
	hunks := align.Diff(ids, other)
	var out bytes.Buffer
	for len(hunks) > 0 {
		last := 0
		for last+1 < len(hunks) && hunks[last+1].ALo-hunks[last].AHi <= 2*context {
			last++
		}
		writeHunk(&out, a, b, hunks[:last+1], context)
		hunks = hunks[last+1:]
	}
	return out.Bytes()
}

func writeHunk(out *bytes.Buffer, a, b [][]byte, hunks []align.Hunk, context int) {
	first, last := hunks[0], hunks[len(hunks)-1]
	before := min(context, first.ALo)
	after := min(context, len(a)-last.AHi)
	fmt.Fprintf(out, "@@ -%s +%s @@\n", place(first.ALo-before, last.AHi+after), place(first.BLo-before, last.BHi+after))
	at := first.ALo - before
	for _, h := range hunks {
		writeLines(out, ' ', a[at:h.ALo])
		writeLines(out, '-', a[h.ALo:h.AHi])
		writeLines(out, '+', b[h.BLo:h.BHi])
		at = h.AHi
	}
	writeLines(out, ' ', a[at:last.AHi+after])
}

// place is lines lo to hi as a hunk's header counts them: from 1, and by the
// line before when there are none.
func place(lo, hi int) string {
	switch hi - lo {
	case 0:
		return fmt.Sprintf("%d,0", lo)
	case 1:
		return fmt.Sprint(lo + 1)
	}
	return fmt.Sprintf("%d,%d", lo+1, hi-lo)
}

func writeLines(out *bytes.Buffer, mark byte, l [][]byte) {
	for _, line := range l {
		out.WriteByte(mark)
		out.Write(line)
		if line[len(line)-1] != '\n' {
			out.WriteString("\n\\ No newline at end of file\n")
		}
	}
}

// readable gives a text of a wide encoding in UTF-8. A mark of UTF-8 stays: it
// may be what has changed.
func readable(content []byte) []byte {
	if text, e, ok := decode(content); ok && e > markedUTF8 {
		return text
	}
	return content
}
