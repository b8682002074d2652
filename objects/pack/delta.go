package pack

import (
	"encoding/binary"
	"fmt"
	"math/bits"
)

// Matches of 8 bytes are looked up; a copy shorter than minCopy costs as much
// as the bytes themselves.
const (
	seedSize = 8
	minCopy  = 12
	// maxSeeds bounds the table, and so the memory, for a large base: seeds
	// are then taken from every second, fourth ... position.
	maxSeeds = 1 << 20
	// lazyBelow is the length of a match that is good enough not to look
	// whether the next byte begins a better one.
	lazyBelow = 64
)

// seedTable finds places in a base by the 8 bytes that stand there.
type seedTable struct {
	base   []byte
	places []uint32 // place + 1, by hash
	shift  int
}

func hashSeed(v uint64, shift int) uint64 { return v * 0x9e3779b185ebca87 >> shift }

// index fills the table with the places of a base. It reuses its memory.
func (t *seedTable) index(base []byte) {
	step := 1
	for len(base)/step > maxSeeds {
		step *= 2
	}
	width := max(8, bits.Len(uint(len(base)/step)))
	t.base, t.shift = base, 64-width
	if cap(t.places) < 1<<width {
		t.places = make([]uint32, 1<<width)
	}
	t.places = t.places[:1<<width]
	clear(t.places)
	for i := 0; i+seedSize <= len(base); i += step {
		t.places[hashSeed(binary.LittleEndian.Uint64(base[i:]), t.shift)] = uint32(i + 1)
	}
}

// match is target[at:at+n] == base[from:from+n].
type match struct{ at, from, n int }

// find looks for a match around target[i]. It may begin before i, but not
// before low. expect is where the base would go on after the last match.
func (t *seedTable) find(target []byte, i, low, expect int) match {
	seed := binary.LittleEndian.Uint64(target[i:])
	from := int(t.places[hashSeed(seed, t.shift)]) - 1
	if from < 0 || binary.LittleEndian.Uint64(t.base[from:]) != seed {
		from = expect
		if from < 0 || from+seedSize > len(t.base) || binary.LittleEndian.Uint64(t.base[from:]) != seed {
			return match{}
		}
	}
	m := match{at: i, from: from, n: seedSize}
	m.n += common(target[i+seedSize:], t.base[from+seedSize:])
	for m.at > low && m.from > 0 && target[m.at-1] == t.base[m.from-1] {
		m.at, m.from, m.n = m.at-1, m.from-1, m.n+1
	}
	return m
}

// common is the length of the longest common beginning.
func common(a, b []byte) int {
	limit := min(len(a), len(b))
	n := 0
	for n+8 <= limit {
		if x := binary.LittleEndian.Uint64(a[n:]) ^ binary.LittleEndian.Uint64(b[n:]); x != 0 {
			return n + bits.TrailingZeros64(x)/8
		}
		n += 8
	}
	for n < limit && a[n] == b[n] {
		n++
	}
	return n
}

// diff appends to ops and lits what makes target out of the indexed base: for
// each copy, how many literals come before it, its length, and its place
// relative to where the base would go on.
func (t *seedTable) diff(target, ops, lits []byte) ([]byte, []byte) {
	low, next := 0, 0 // end of the last match in target and in base
	for i := 0; i+seedSize <= len(target); {
		m := t.find(target, i, low, next+i-low)
		if m.n < minCopy {
			i++
			continue
		}
		if m.n < lazyBelow && i+1+seedSize <= len(target) {
			if m2 := t.find(target, i+1, low, next+i+1-low); m2.n > m.n+1 {
				m = m2
			}
		}
		ops = binary.AppendUvarint(ops, uint64(m.at-low))
		ops = binary.AppendUvarint(ops, uint64(m.n))
		ops = binary.AppendVarint(ops, int64(m.from-next-(m.at-low)))
		lits = append(lits, target[low:m.at]...)
		low, next = m.at+m.n, m.from+m.n
		i = low
	}
	return ops, append(lits, target[low:]...)
}

// maxBody is the longest body of a delta that makes n bytes.
func maxBody(n int64) int64 { return 2*n + 64 }

// patch makes target, of exactly that length, out of base and the body of a
// delta.
func patch(target, base, body []byte) error {
	bad := func(what string) error { return fmt.Errorf("%w: delta %s", ErrFrame, what) }
	n, size := binary.Uvarint(body)
	if size <= 0 || n > uint64(len(body)-size) {
		return bad("is cut short")
	}
	ops, lits := body[size:size+int(n)], body[size+int(n):]
	next := 0
	for len(ops) > 0 {
		lit, a := binary.Uvarint(ops)
		if a <= 0 {
			return bad("has a bad number")
		}
		length, b := binary.Uvarint(ops[a:])
		if b <= 0 {
			return bad("has a bad number")
		}
		jump, c := binary.Varint(ops[a+b:])
		if c <= 0 {
			return bad("has a bad number")
		}
		ops = ops[a+b+c:]
		if lit > uint64(len(lits)) || lit > uint64(len(target)) {
			return bad("has too few literals")
		}
		target = target[copy(target, lits[:lit]):]
		lits = lits[lit:]
		if jump > int64(len(base)) || jump < -int64(len(base))-int64(lit) {
			return bad("copies from outside its base")
		}
		from := int64(next) + int64(lit) + jump
		if from < 0 || from > int64(len(base)) || length > uint64(int64(len(base))-from) || length > uint64(len(target)) {
			return bad("copies from outside its base")
		}
		target = target[copy(target, base[from:from+int64(length)]):]
		next = int(from) + int(length)
	}
	if len(lits) != len(target) {
		return bad("makes another length")
	}
	copy(target, lits)
	return nil
}
