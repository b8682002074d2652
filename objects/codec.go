package objects

import (
	"encoding/binary"
	"fmt"
)

// MaxMeta is the greatest length of an encoded tree or commit: a folder of
// about 600,000 files. It bounds what a reader allocates for one object.
const MaxMeta = 64 << 20

// decoder reads the fields of one object and remembers the first thing that
// was wrong.
type decoder struct {
	rest []byte
	err  error
}

func (d *decoder) fail(format string, args ...any) {
	if d.err == nil {
		d.err = fmt.Errorf("%w: %s", ErrMalformed, fmt.Sprintf(format, args...))
		d.rest = nil
	}
}

func (d *decoder) byte() byte {
	if len(d.rest) == 0 {
		d.fail("cut short")
		return 0
	}
	b := d.rest[0]
	d.rest = d.rest[1:]
	return b
}

func (d *decoder) uvarint() uint64 {
	v, n := binary.Uvarint(d.rest)
	switch {
	case n <= 0:
		d.fail("bad number")
		return 0
	case n > 1 && d.rest[n-1] == 0:
		d.fail("number not in its shortest form")
		return 0
	}
	d.rest = d.rest[n:]
	return v
}

func (d *decoder) varint() int64 {
	v := d.uvarint()
	return int64(v>>1) ^ -int64(v&1)
}

// count reads a number of items that take at least size bytes each.
func (d *decoder) count(size int, limit uint64) int {
	n := d.uvarint()
	if n > limit || n > uint64(len(d.rest)/size) {
		d.fail("count %d is too great", n)
		return 0
	}
	return int(n)
}

func (d *decoder) bytes() []byte {
	n := d.uvarint()
	if n > uint64(len(d.rest)) {
		d.fail("string of %d bytes is cut short", n)
		return nil
	}
	b := d.rest[:n:n]
	d.rest = d.rest[n:]
	return b
}

func (d *decoder) id() (id ID) {
	if len(d.rest) < IDSize {
		d.fail("id is cut short")
		return id
	}
	copy(id[:], d.rest)
	d.rest = d.rest[IDSize:]
	return id
}

// end is the error of the whole, including bytes left over.
func (d *decoder) end() error {
	if d.err == nil && len(d.rest) > 0 {
		d.fail("%d bytes after the end", len(d.rest))
	}
	return d.err
}

func appendString(b []byte, s string) []byte {
	b = binary.AppendUvarint(b, uint64(len(s)))
	return append(b, s...)
}
