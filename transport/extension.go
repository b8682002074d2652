package transport

import (
	"encoding/binary"
	"fmt"

	"github.com/esync/esync/internal/codec"
)

const (
	// maxExtensions, and the length of what they stand in, bound what later
	// versions add.
	maxExtensions = 64
	// maxPayload bounds what a join carries.
	maxPayload = 16 << 10
	// maxReceipt bounds a receipt.
	maxReceipt = 4 << 10
)

// Extensions of the request.
const (
	extPayload = 1 // of a join
	extProof   = 2 // who asks
)

// Extensions of HELLO and of RESULT.
const extReceipt = 1

// extension is a field that a reader skips when it does not know the number.
type extension struct {
	number  uint64
	content []byte
}

// appendExtensions writes those that have content.
func appendExtensions(b []byte, all ...extension) []byte {
	n := uint64(0)
	for _, e := range all {
		if len(e.content) > 0 {
			n++
		}
	}
	b = binary.AppendUvarint(b, n)
	for _, e := range all {
		if len(e.content) > 0 {
			b = codec.AppendString(binary.AppendUvarint(b, e.number), e.content)
		}
	}
	return b
}

// extensions reads them into fields by number; the others are skipped. What a
// field gets shares the message's memory.
func (d *decoder) extensions(known map[uint64]*[]byte, limit uint64) {
	last := uint64(0)
	for i := range d.Count(2, maxExtensions) {
		number, content := d.Uvarint(), d.Bytes(limit)
		if d.Err() == nil && i > 0 && number <= last {
			d.Fail("extension %d stands after %d", number, last)
		}
		last = number
		if field := known[number]; field != nil && d.Err() == nil {
			*field = content
		}
	}
}

// checkReceipt keeps a receipt that is too long from leaving this side.
func checkReceipt(b []byte) error {
	if len(b) > maxReceipt {
		return fmt.Errorf("%w: receipt of %d bytes", ErrTooLarge, len(b))
	}
	return nil
}
