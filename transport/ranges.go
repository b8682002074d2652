package transport

import (
	"cmp"
	"encoding/binary"
	"slices"
)

// span is the entries from, and not including to, of a manifest.
type span struct{ from, to int }

// maxSpans bounds the spans of one NEED.
const maxSpans = 32 << 10

// ranges are spans, ascending and apart.
type ranges []span

// add appends an entry that stands behind all others.
func (r ranges) add(i int) ranges {
	if n := len(r); n > 0 && r[n-1].to == i {
		r[n-1].to++
		return r
	}
	return append(r, span{i, i + 1})
}

// ordered makes ranges of spans in any order that don't overlap.
func (r ranges) ordered() ranges {
	slices.SortFunc(r, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	var out ranges
	for _, s := range r {
		if n := len(out); n > 0 && out[n-1].to == s.from {
			out[n-1].to = s.to
			continue
		}
		out = append(out, s)
	}
	return out
}

// len is the number of entries.
func (r ranges) len() int {
	n := 0
	for _, s := range r {
		n += s.to - s.from
	}
	return n
}

func appendRanges(b []byte, r ranges) []byte {
	b = binary.AppendUvarint(b, uint64(len(r)))
	last := 0
	for _, s := range r {
		b = binary.AppendUvarint(b, uint64(s.from-last))
		b = binary.AppendUvarint(b, uint64(s.to-s.from))
		last = s.to
	}
	return b
}

// ranges reads what appendRanges made, for a manifest of n entries.
func (d *decoder) ranges(n int) ranges {
	spans := d.Count(2, maxSpans)
	r := make(ranges, 0, min(spans, 1024))
	last := 0
	for i := range spans {
		gap, size := d.Number(uint64(n)), d.Number(uint64(n))
		switch {
		case d.Err() != nil:
			return nil
		case size == 0, gap == 0 && i > 0, uint64(last)+gap+size > uint64(n):
			d.Fail("bad range")
			return nil
		}
		from := last + int(gap)
		last = from + int(size)
		r = append(r, span{from, last})
	}
	return r
}
