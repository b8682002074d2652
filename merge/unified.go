package merge

import (
	"bytes"
	"fmt"
)

// Unified gives the changes from one text to another as hunks of a unified
// diff, with that many lines of context; nothing when they are equal. The two
// lines that name the files are the caller's.
func Unified(old, new []byte, context int) []byte {
	a, b := splitLines(old), splitLines(new)
	n := numbers{}
	ids := n.of(a)
	other := n.of(b)
	hunks := diff(ids, other, len(n))
	var out bytes.Buffer
	for len(hunks) > 0 {
		last := 0
		for last+1 < len(hunks) && hunks[last+1].aLo-hunks[last].aHi <= 2*context {
			last++
		}
		writeHunk(&out, a, b, hunks[:last+1], context)
		hunks = hunks[last+1:]
	}
	return out.Bytes()
}

func writeHunk(out *bytes.Buffer, a, b lines, hunks []hunk, context int) {
	first, last := hunks[0], hunks[len(hunks)-1]
	before := min(context, first.aLo)
	after := min(context, len(a)-last.aHi)
	fmt.Fprintf(out, "@@ -%s +%s @@\n", place(first.aLo-before, last.aHi+after), place(first.bLo-before, last.bHi+after))
	at := first.aLo - before
	for _, h := range hunks {
		writeLines(out, ' ', a[at:h.aLo])
		writeLines(out, '-', a[h.aLo:h.aHi])
		writeLines(out, '+', b[h.bLo:h.bHi])
		at = h.aHi
	}
	writeLines(out, ' ', a[at:last.aHi+after])
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

func writeLines(out *bytes.Buffer, mark byte, l lines) {
	for _, line := range l {
		out.WriteByte(mark)
		out.Write(line)
		if line[len(line)-1] != '\n' {
			out.WriteString("\n\\ No newline at end of file\n")
		}
	}
}
