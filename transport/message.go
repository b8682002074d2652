package transport

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/esync/esync/objects/pack"
)

// kind is the first byte of a message. Kinds with the high bit may be skipped
// by whoever does not know them.
type kind byte

// The messages; doc.go draws them. The numbers never change.
const (
	msgHello    kind = 1
	msgTips     kind = 2
	msgCommon   kind = 3
	msgTotal    kind = 4
	msgManifest kind = 5
	msgListed   kind = 6
	msgNeed     kind = 7
	msgData     kind = 8
	msgEnd      kind = 9
	msgResult   kind = 10
	msgError    kind = 11

	optional kind = 0x80
	msgAlive kind = optional | 1 // says nothing but that the peer is there
)

const (
	headerSize = 5
	// maxControl bounds every message but DATA: 16,000 names with their
	// commits, or a slice of a long list.
	maxControl = 4 << 20
	// maxFrame is the longest frame: a folder of 600,000 files that does not
	// compress, and what stands around it.
	maxFrame = pack.MaxFrame
	maxData  = maxFrame + 16
	// writeSize is the most that is handed to a stream at once.
	writeSize = 1 << 20
	// eagerAlloc is what is allocated on a peer's word; more only as it comes.
	eagerAlloc = 1 << 20
)

func (k kind) limit() int {
	if k == msgData {
		return maxData
	}
	return maxControl
}

func (k kind) known() bool { return k >= msgHello && k <= msgError }

// reader takes messages from a stream.
type reader struct {
	r   *bufio.Reader
	buf []byte // of control messages
	// began is when the last DATA message began to come.
	began time.Time
}

func newReader(r io.Reader) *reader { return &reader{r: bufio.NewReaderSize(r, 64<<10)} }

// next gives the next message that this version knows. The payload is valid
// until the next call, but for DATA, whose payload is the caller's own: grab
// supplies the memory. An ERROR message comes back as the error that it is.
// io.EOF means that the peer ended its side between two messages.
func (r *reader) next(grab func(n int) []byte) (kind, []byte, error) {
	for {
		var head [headerSize]byte
		if _, err := io.ReadFull(r.r, head[:1]); err != nil {
			return 0, nil, err
		}
		if _, err := io.ReadFull(r.r, head[1:]); err != nil {
			return 0, nil, unexpected(err)
		}
		k, n := kind(head[0]), int64(binary.LittleEndian.Uint32(head[1:]))
		if n > int64(k.limit()) {
			return 0, nil, fmt.Errorf("%w: message %d of %d bytes", ErrProtocol, k, n)
		}
		switch {
		case k&optional != 0:
			if _, err := io.CopyN(io.Discard, r.r, n); err != nil {
				return 0, nil, unexpected(err)
			}
			continue
		case !k.known():
			return 0, nil, fmt.Errorf("%w: unknown message %d", ErrProtocol, k)
		}
		buf := r.buf[:0]
		if k == msgData {
			r.began = time.Now()
		}
		if k == msgData && grab != nil {
			buf = grab(min(int(n), eagerAlloc))[:0]
		}
		payload, err := readGrowing(r.r, buf, int(n))
		if err != nil {
			return 0, nil, err
		}
		if k != msgData || grab == nil {
			r.buf = payload
		}
		if k == msgError {
			return 0, nil, decodeFault(payload)
		}
		return k, payload, nil
	}
}

// expect takes the next message, which must be of the kind.
func (r *reader) expect(want kind) ([]byte, error) {
	k, payload, err := r.next(nil)
	switch {
	case err != nil:
		return nil, unexpected(err)
	case k != want:
		return nil, unwanted(k)
	}
	return payload, nil
}

// readGrowing reads n bytes; memory grows with what arrives.
func readGrowing(r io.Reader, buf []byte, n int) ([]byte, error) {
	for len(buf) < n {
		step := min(n-len(buf), max(eagerAlloc, len(buf)))
		at := len(buf)
		buf = slices.Grow(buf, step)[:at+step]
		if _, err := io.ReadFull(r, buf[at:]); err != nil {
			return nil, unexpected(err)
		}
	}
	return buf, nil
}

// unexpected turns an end where more should have come into an error.
func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

func unwanted(k kind) error { return fmt.Errorf("%w: message %d out of turn", ErrProtocol, k) }

// writer puts messages on a stream. It holds them back until flush, or until
// it has enough for one write.
type writer struct {
	w   io.Writer
	buf []byte
	err error
}

const writeBuffer = 32 << 10

func newWriter(w io.Writer) *writer { return &writer{w: w} }

// send adds one message. payload may be reused at once.
func (w *writer) send(k kind, payload []byte) error {
	w.buf = append(w.buf, byte(k))
	w.buf = binary.LittleEndian.AppendUint32(w.buf, uint32(len(payload)))
	w.buf = append(w.buf, payload...)
	if len(w.buf) >= writeBuffer {
		return w.flush()
	}
	return w.err
}

// flush hands over all that was held back: whoever is about to wait for the
// peer calls it first.
func (w *writer) flush() error {
	w.write(w.buf)
	if w.buf = w.buf[:0]; cap(w.buf) > 4*writeBuffer {
		w.buf = nil
	}
	return w.err
}

// raw writes whole messages past the buffer.
func (w *writer) raw(messages []byte) error {
	if len(w.buf) > 0 {
		if err := w.flush(); err != nil {
			return err
		}
	}
	w.write(messages)
	return w.err
}

func (w *writer) write(b []byte) {
	for len(b) > 0 && w.err == nil {
		n := min(len(b), writeSize)
		_, w.err = w.w.Write(b[:n])
		b = b[n:]
	}
}
