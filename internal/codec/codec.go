package codec

import (
	"encoding/binary"
	"fmt"
	"unicode/utf8"
)

// Decoder reads the fields of one record, one behind the other. It remembers
// the first thing that is wrong; from there on every field is zero, so a
// caller may read a whole record before it asks for the error.
type Decoder struct {
	rest []byte
	err  error
	is   error
}

// NewDecoder reads b, which it keeps; what is wrong wraps the error is.
func NewDecoder(b []byte, is error) Decoder { return Decoder{rest: b, is: is} }

// Fail says what is wrong, unless something was wrong before.
func (d *Decoder) Fail(format string, args ...any) {
	if d.err == nil {
		d.err = fmt.Errorf("%w: %s", d.is, fmt.Sprintf(format, args...))
		d.rest = nil
	}
}

// Err is the first thing that was wrong.
func (d *Decoder) Err() error { return d.err }

// End is the error of the whole, for which bytes left over are one.
func (d *Decoder) End() error {
	if d.err == nil && len(d.rest) > 0 {
		d.Fail("%d bytes after the end", len(d.rest))
	}
	return d.err
}

// Rest is what was not read yet.
func (d *Decoder) Rest() []byte { return d.rest }

// Take reads n bytes, which share the record's memory.
func (d *Decoder) Take(n int) []byte {
	if n > len(d.rest) {
		d.Fail("cut short")
		return nil
	}
	b := d.rest[:n:n]
	d.rest = d.rest[n:]
	return b
}

// Byte reads one.
func (d *Decoder) Byte() byte {
	if b := d.Take(1); b != nil {
		return b[0]
	}
	return 0
}

// ID reads the 32 bytes that name an object.
func (d *Decoder) ID() (id [32]byte) {
	copy(id[:], d.Take(len(id)))
	return id
}

// Uint64 reads eight bytes, little-endian.
func (d *Decoder) Uint64() uint64 {
	if b := d.Take(8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

// Uvarint reads a number in its shortest form.
func (d *Decoder) Uvarint() uint64 {
	v, n := binary.Uvarint(d.rest)
	switch {
	case n <= 0:
		d.Fail("bad number")
		return 0
	case n > 1 && d.rest[n-1] == 0:
		d.Fail("number not in its shortest form")
		return 0
	}
	d.rest = d.rest[n:]
	return v
}

// Varint reads a signed number: zigzag, then as Uvarint.
func (d *Decoder) Varint() int64 {
	v := d.Uvarint()
	return int64(v>>1) ^ -int64(v&1)
}

// Number reads a number of at most limit.
func (d *Decoder) Number(limit uint64) uint64 {
	v := d.Uvarint()
	if v > limit {
		d.Fail("number %d is over %d", v, limit)
		return 0
	}
	return v
}

// Count reads how many items follow: at most limit, and no more than there is
// room for when each takes size bytes at least. So it may be allocated for.
func (d *Decoder) Count(size int, limit uint64) int {
	n := d.Uvarint()
	if n > limit || n > uint64(len(d.rest)/size) {
		d.Fail("count %d is too great", n)
		return 0
	}
	return int(n)
}

// Bytes reads a string of at most limit bytes, which share the record's
// memory.
func (d *Decoder) Bytes(limit uint64) []byte {
	n := d.Number(limit)
	if n > uint64(len(d.rest)) {
		d.Fail("string of %d bytes is cut short", n)
		return nil
	}
	return d.Take(int(n))
}

// Text is Bytes that must be UTF-8.
func (d *Decoder) Text(limit uint64) string {
	s := string(d.Bytes(limit))
	if !utf8.ValidString(s) {
		d.Fail("text is not valid UTF-8")
		return ""
	}
	return s
}

// AppendString writes what Bytes and Text read.
func AppendString[T string | []byte](b []byte, s T) []byte {
	b = binary.AppendUvarint(b, uint64(len(s)))
	return append(b, s...)
}
