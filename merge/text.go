package merge

import (
	"bytes"
	"unicode/utf8"
)

// MaxText is the greatest length of a file that is merged by lines; what is
// longer was not written by hand. It bounds the memory of one merge.
const MaxText = 16 << 20

// binaryMagic begins files that may look like text and are not made of lines.
var binaryMagic = []string{"%PDF-", `{\rtf`, "PK\x03\x04", "\xd0\xcf\x11\xe0"}

// IsText tells whether content is made of lines that a person may have typed:
// UTF-8 or an older 8-bit encoding, without control characters, and none of
// the formats in which a line moved or changed breaks the file.
func IsText(content []byte) bool {
	if len(content) > MaxText {
		return false
	}
	for _, magic := range binaryMagic {
		if bytes.HasPrefix(content, []byte(magic)) {
			return false
		}
	}
	high := false
	for _, c := range content {
		switch {
		case c >= utf8.RuneSelf:
			high = true
		case c >= ' ' && c != 0x7f, c >= '\t' && c <= '\r', c == 0x1a, c == 0x1b, c == '\b':
		default:
			return false
		}
	}
	if !high || utf8.Valid(content) {
		return true
	}
	// Latin text in an 8-bit encoding is mostly ASCII; packed numbers are not.
	n := 0
	for _, c := range content {
		if c >= utf8.RuneSelf {
			n++
		}
	}
	return n < len(content)/3
}

// Text merges two texts that both come from base, by lines: a change that one
// side made is taken, one that both made alike is taken once. It reports false
// where the sides changed the same lines, or lines that touch, in different
// ways. Line ends and a missing last newline are kept as they are; when a side
// changed nothing but line ends, its line ends and the other's text are taken.
func Text(base, ours, theirs []byte) ([]byte, bool) {
	switch {
	case bytes.Equal(ours, theirs), bytes.Equal(base, theirs):
		return ours, true
	case bytes.Equal(base, ours):
		return theirs, true
	}
	if merged, ok := lineEnds(base, ours, theirs); ok {
		return merged, true
	}
	return mergeLines(splitLines(base), splitLines(ours), splitLines(theirs))
}

// side is what one side did to the base, and how far that has been merged.
type side struct {
	lines lines
	ids   []int32
	hunks []hunk
	next  int // of hunks
	shift int // what a base line that is not changed adds to be this side's
}

// region is base lines lo to hi in this side. The side's changes in it are
// next and those behind, all taken.
func (s *side) take(lo, hi int) (from, to int) {
	from = lo + s.shift
	for s.next < len(s.hunks) && s.hunks[s.next].aHi <= hi && s.hunks[s.next].aLo >= lo {
		s.shift = s.hunks[s.next].bHi - s.hunks[s.next].aHi
		s.next++
	}
	return from, hi + s.shift
}

func (s *side) pending() (hunk, bool) {
	if s.next == len(s.hunks) {
		return hunk{}, false
	}
	return s.hunks[s.next], true
}

func mergeLines(base, ours, theirs lines) ([]byte, bool) {
	n := numbers{}
	ids := n.of(base)
	o := &side{lines: ours, ids: n.of(ours)}
	t := &side{lines: theirs, ids: n.of(theirs)}
	o.hunks, t.hunks = diff(ids, o.ids, len(n)), diff(ids, t.ids, len(n))
	var out []byte
	at := 0 // base lines merged so far
	for {
		ho, moreO := o.pending()
		ht, moreT := t.pending()
		if !moreO && !moreT {
			break
		}
		lo, hi, both := ho.aLo, ho.aHi, moreO && moreT
		switch {
		case !moreO, moreT && ht.aHi < ho.aLo:
			lo, hi, both = ht.aLo, ht.aHi, false
		case !moreT, ho.aHi < ht.aLo:
			both = false
		}
		if both {
			lo, hi = reach(o, t)
		}
		out = write(out, base[at:lo])
		oFrom, oTo := o.take(lo, hi)
		tFrom, tTo := t.take(lo, hi)
		at = hi
		switch {
		case both && !equal(o.ids[oFrom:oTo], t.ids[tFrom:tTo]):
			return nil, false
		case both || moreO && ho.aLo == lo && ho.aHi == hi:
			out = write(out, o.lines[oFrom:oTo])
		default:
			out = write(out, t.lines[tFrom:tTo])
		}
	}
	return write(out, base[at:]), true
}

// reach gives the base lines of all pending changes that touch each other,
// starting with the first of each side, which do.
func reach(o, t *side) (lo, hi int) {
	i, j := o.next, t.next
	lo = min(o.hunks[i].aLo, t.hunks[j].aLo)
	hi = max(o.hunks[i].aHi, t.hunks[j].aHi)
	for more := true; more; {
		more = false
		for ; i < len(o.hunks) && o.hunks[i].aLo <= hi; i++ {
			hi, more = max(hi, o.hunks[i].aHi), true
		}
		for ; j < len(t.hunks) && t.hunks[j].aLo <= hi; j++ {
			hi, more = max(hi, t.hunks[j].aHi), true
		}
	}
	return lo, hi
}

func equal(a, b []int32) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

func write(out []byte, l lines) []byte {
	for _, line := range l {
		out = append(out, line...)
	}
	return out
}
