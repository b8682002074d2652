package transport

import (
	"encoding/binary"
	"fmt"
	"unicode/utf8"

	"github.com/esync/esync/objects"
)

// decoder reads the fields of one message and remembers the first thing that
// was wrong.
type decoder struct {
	rest []byte
	err  error
}

func (d *decoder) fail(format string, args ...any) {
	if d.err == nil {
		d.err = fmt.Errorf("%w: %s", ErrProtocol, fmt.Sprintf(format, args...))
		d.rest = nil
	}
}

func (d *decoder) byte() byte {
	if len(d.rest) == 0 {
		d.fail("message is cut short")
		return 0
	}
	b := d.rest[0]
	d.rest = d.rest[1:]
	return b
}

func (d *decoder) uvarint() uint64 {
	v, n := binary.Uvarint(d.rest)
	if n <= 0 || n > 1 && d.rest[n-1] == 0 {
		d.fail("bad number")
		return 0
	}
	d.rest = d.rest[n:]
	return v
}

// number reads a number of at most limit.
func (d *decoder) number(limit uint64) uint64 {
	v := d.uvarint()
	if v > limit {
		d.fail("number %d is over %d", v, limit)
		return 0
	}
	return v
}

// count reads a number of items that take at least size bytes each.
func (d *decoder) count(size int, limit uint64) int {
	n := d.number(limit)
	if n > uint64(len(d.rest)/size) {
		d.fail("count %d is too great", n)
		return 0
	}
	return int(n)
}

// bytes reads a length and that many bytes. They share the message's memory.
func (d *decoder) bytes(limit uint64) []byte {
	n := d.number(limit)
	if n > uint64(len(d.rest)) {
		d.fail("string of %d bytes is cut short", n)
		return nil
	}
	b := d.rest[:n:n]
	d.rest = d.rest[n:]
	return b
}

func (d *decoder) text(limit uint64) string {
	s := string(d.bytes(limit))
	if !utf8.ValidString(s) {
		d.fail("text is not valid UTF-8")
		return ""
	}
	return s
}

func (d *decoder) id() (id objects.ID) {
	if len(d.rest) < objects.IDSize {
		d.fail("id is cut short")
		return id
	}
	copy(id[:], d.rest)
	d.rest = d.rest[objects.IDSize:]
	return id
}

func (d *decoder) ids(limit uint64) []objects.ID {
	n := d.count(objects.IDSize, limit)
	if n == 0 {
		return nil
	}
	ids := make([]objects.ID, n)
	for i := range ids {
		if ids[i] = d.id(); ids[i].IsZero() {
			d.fail("id that names nothing")
		}
	}
	return ids
}

// end is the error of the whole, including bytes left over.
func (d *decoder) end() error {
	if d.err == nil && len(d.rest) > 0 {
		d.fail("%d bytes after the end", len(d.rest))
	}
	return d.err
}

func appendText[T string | []byte](b []byte, s T) []byte {
	b = binary.AppendUvarint(b, uint64(len(s)))
	return append(b, s...)
}

func appendIDs(b []byte, ids []objects.ID) []byte {
	b = binary.AppendUvarint(b, uint64(len(ids)))
	for i := range ids {
		b = append(b, ids[i][:]...)
	}
	return b
}
