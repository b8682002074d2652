package transport

import (
	"encoding/binary"

	"github.com/esync/esync/internal/codec"
	"github.com/esync/esync/objects"
)

// decoder reads the fields of one message.
type decoder struct{ codec.Decoder }

func newDecoder(b []byte) decoder { return decoder{codec.NewDecoder(b, ErrProtocol)} }

func (d *decoder) ids(limit uint64) []objects.ID {
	n := d.Count(objects.IDSize, limit)
	if n == 0 {
		return nil
	}
	ids := make([]objects.ID, n)
	for i := range ids {
		if ids[i] = d.ID(); ids[i].IsZero() {
			d.Fail("id that names nothing")
		}
	}
	return ids
}

func appendIDs(b []byte, ids []objects.ID) []byte {
	b = binary.AppendUvarint(b, uint64(len(ids)))
	for i := range ids {
		b = append(b, ids[i][:]...)
	}
	return b
}
