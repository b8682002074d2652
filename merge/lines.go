package merge

import (
	"bytes"
)

// lines is a text cut behind every line feed. A last line without one is a
// line of its own kind, so a missing final newline is kept like any content.
type lines [][]byte

func splitLines(text []byte) lines {
	l := make(lines, 0, bytes.Count(text, newline)+1)
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

// numbers gives equal lines equal numbers, over all texts of one comparison.
type numbers map[string]int32

func (n numbers) of(l lines) []int32 {
	ids := make([]int32, len(l))
	for i, line := range l {
		id, ok := n[string(line)]
		if !ok {
			id = int32(len(n))
			n[string(line)] = id
		}
		ids[i] = id
	}
	return ids
}

// hunk is a stretch of lines a[aLo:aHi] that became b[bLo:bHi]; one of the two
// may be empty. Two hunks of one comparison have a common line between them.
type hunk struct{ aLo, aHi, bLo, bHi int }

// diff compares two texts whose lines are numbered below count.
func diff(a, b []int32, count int) []hunk {
	d := differ{a: a, b: b, gone: make([]bool, len(a)), come: make([]bool, len(b)), budget: 64*(len(a)+len(b)) + 1<<20}
	aLo, aHi, bLo, bHi := trim(a, b, 0, len(a), 0, len(b))
	d.histogram(aLo, aHi, bLo, bHi, count)
	p := d.pairs()
	p.slide()
	return p.hunks()
}

// trim takes common lines off both ends of a[aLo:aHi] and b[bLo:bHi].
func trim(a, b []int32, aLo, aHi, bLo, bHi int) (int, int, int, int) {
	for aLo < aHi && bLo < bHi && a[aLo] == b[bLo] {
		aLo, bLo = aLo+1, bLo+1
	}
	for aLo < aHi && bLo < bHi && a[aHi-1] == b[bHi-1] {
		aHi, bHi = aHi-1, bHi-1
	}
	return aLo, aHi, bLo, bHi
}

// differ marks the lines of a that are gone and those of b that have come.
type differ struct {
	a, b       []int32
	gone, come []bool
	// budget bounds the lines that the histogram looks at, which malicious
	// input could make quadratic. When it is used up Myers goes on.
	budget int
	index  *index
	myers  *myers
}

func (d *differ) all(aLo, aHi, bLo, bHi int) {
	for i := aLo; i < aHi; i++ {
		d.gone[i] = true
	}
	for i := bLo; i < bHi; i++ {
		d.come[i] = true
	}
}
