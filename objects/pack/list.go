package pack

import (
	"encoding/binary"
	"fmt"

	"github.com/esync/esync/objects"
)

// chunk is one piece of a large blob.
type chunk struct {
	id   objects.ID
	size int
}

// minChunkCode is the least length of a chunk in a list's encoding.
const minChunkCode = objects.IDSize + 1

// encodeList gives the one encoding of a list.
func encodeList(chunks []chunk) []byte {
	b := make([]byte, 0, len(chunks)*(objects.IDSize+3))
	for i := range chunks {
		b = binary.AppendUvarint(b, uint64(chunks[i].size))
		b = append(b, chunks[i].id[:]...)
	}
	return b
}

// Chunks names the pieces that a frame with a list refers to. Of any other frame
// it is nil, and of a difference to another list too.
func Chunks(b []byte) ([]objects.ID, error) {
	f, err := parseFrame(b)
	if err != nil || f.Form != FormList {
		return nil, err
	}
	chunks, err := decodeList(f.payload, f.Raw)
	if err != nil {
		return nil, err
	}
	ids := make([]objects.ID, len(chunks))
	for i := range chunks {
		ids[i] = chunks[i].id
	}
	return ids, nil
}

// decodeList reads what encodeList made of a blob of the given size.
func decodeList(b []byte, size int64) ([]chunk, error) {
	chunks := make([]chunk, 0, len(b)/minChunkCode)
	for len(b) > 0 {
		v, n := binary.Uvarint(b)
		switch {
		case n <= 0 || n > 1 && b[n-1] == 0:
			return nil, fmt.Errorf("%w: list has a bad number", ErrFrame)
		case v == 0 || v > MaxPiece || int64(v) > size:
			return nil, fmt.Errorf("%w: list has a chunk of %d bytes", ErrFrame, v)
		case len(b)-n < objects.IDSize:
			return nil, fmt.Errorf("%w: list is cut short", ErrFrame)
		}
		c := chunk{size: int(v)}
		copy(c.id[:], b[n:])
		chunks = append(chunks, c)
		size -= int64(v)
		b = b[n+objects.IDSize:]
	}
	if size != 0 {
		return nil, fmt.Errorf("%w: list is for another length", ErrFrame)
	}
	return chunks, nil
}
