package agent

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
)

// kind is what a frame is; doc.go has the table.
type kind byte

const (
	kindConnect kind = 1 + iota
	kindOpen
	kindRequest
	kindStop
	kindOpened
	kindFailed
	kindData
	kindEnd
	kindStatus
	kindState
)

const (
	greeting  = "esync-agent/" // of every version of the protocol; so are kindStop and its empty frame
	protocol  = greeting + "1 "
	maxLine   = 128
	frameHead = 5

	anyVersion = "\n" // no version has it

	maxJSON    = 64 << 10
	maxData    = 64 << 10
	maxRequest = 1 << 20 // of package ssh
)

// limit is the longest content of a frame, -1 for a kind that does not exist.
func (k kind) limit() int {
	switch k {
	case kindConnect, kindOpen, kindOpened, kindFailed, kindState:
		return maxJSON
	case kindRequest:
		return maxRequest
	case kindData:
		return maxData
	case kindStop, kindEnd, kindStatus:
		return 0
	}
	return -1
}

// writeFrame writes a frame by one call, so that those of several goroutines stay whole.
func writeFrame(w io.Writer, k kind, content []byte) error {
	if len(content) > k.limit() {
		return fmt.Errorf("%w: %d bytes for kind %d", ErrFrame, len(content), k)
	}
	frame := make([]byte, frameHead, frameHead+len(content))
	frame[0] = byte(k)
	binary.BigEndian.PutUint32(frame[1:], uint32(len(content)))
	_, err := w.Write(append(frame, content...))
	return err
}

func writeJSON(w io.Writer, k kind, value any) error {
	content, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrFrame, err)
	}
	return writeFrame(w, k, content)
}

// reader reads frames. The content of one is good until the next is read.
type reader struct {
	r      io.Reader
	buffer []byte
}

// next reads a frame of one of the kinds given. The end of the stream before a frame is io.EOF.
func (r *reader) next(kinds ...kind) (kind, []byte, error) {
	var head [frameHead]byte
	if _, err := io.ReadFull(r.r, head[:]); err != nil {
		return 0, nil, err
	}
	k, size := kind(head[0]), binary.BigEndian.Uint32(head[1:])
	expected := false
	for _, other := range kinds {
		expected = expected || k == other
	}
	if !expected || int64(size) > int64(k.limit()) {
		return 0, nil, fmt.Errorf("%w: kind %d with %d bytes", ErrFrame, k, size)
	}
	if cap(r.buffer) < int(size) {
		r.buffer = make([]byte, size)
	}
	content := r.buffer[:size]
	if _, err := io.ReadFull(r.r, content); err != nil {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return 0, nil, err
	}
	return k, content, nil
}
