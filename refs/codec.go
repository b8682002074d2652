package refs

import (
	"encoding/binary"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/esync/esync/objects"
)

// errMalformed is the reason for which bytes with a right check are refused.
var errMalformed = errors.New("malformed")

// decoder reads fields and remembers the first thing that was wrong.
type decoder struct {
	rest []byte
	err  error
}

func (d *decoder) fail(format string, args ...any) {
	if d.err == nil {
		d.err = fmt.Errorf("%w: %s", errMalformed, fmt.Sprintf(format, args...))
		d.rest = nil
	}
}

func (d *decoder) take(n int) []byte {
	if n > len(d.rest) {
		d.fail("cut short")
		return nil
	}
	b := d.rest[:n]
	d.rest = d.rest[n:]
	return b
}

func (d *decoder) byte() byte {
	if b := d.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (d *decoder) uint64() uint64 {
	if b := d.take(8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
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

func (d *decoder) varint() int64 {
	v := d.uvarint()
	return int64(v>>1) ^ -int64(v&1)
}

// count reads a number of items of at least size bytes each.
func (d *decoder) count(size int) int {
	n := d.uvarint()
	if n > uint64(len(d.rest)/size) {
		d.fail("count %d is too great", n)
		return 0
	}
	return int(n)
}

func (d *decoder) text(limit int) string {
	n := d.uvarint()
	if n > uint64(limit) {
		d.fail("text of %d bytes", n)
		return ""
	}
	s := string(d.take(int(n)))
	if !utf8.ValidString(s) {
		d.fail("text is not valid UTF-8")
	}
	return s
}

// name reads a name that sorts behind last.
func (d *decoder) name(last string) Name {
	s := d.text(MaxName)
	if d.err != nil {
		return Name{}
	}
	n, err := ParseName(s)
	if err != nil {
		d.fail("%v", err)
	} else if s <= last {
		d.fail("%q stands behind %q", s, last)
	}
	return n
}

func (d *decoder) value() Value {
	v := Value(d.text(MaxValue))
	if err := v.check(); err != nil {
		d.fail("%v", err)
	}
	return v
}

func (d *decoder) id() (id objects.ID) {
	copy(id[:], d.take(objects.IDSize))
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
