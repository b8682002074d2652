package pack

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"

	"github.com/esync/esync/objects"
)

// Form is the way a frame holds its object.
type Form uint8

// The forms. Their numbers are part of the format.
const (
	FormRaw       Form = 0 // the bytes themselves
	FormZstd      Form = 1 // one zstd frame
	FormDelta     Form = 2 // difference to the base object's bytes
	FormList      Form = 3 // list of the chunks of a large blob
	FormListDelta Form = 4 // difference to the base blob's list
	formEnd       Form = 5
)

// String names the form for messages.
func (f Form) String() string {
	names := [...]string{"raw", "zstd", "delta", "list", "list delta"}
	if f < formEnd {
		return names[f]
	}
	return fmt.Sprintf("form %d", uint8(f))
}

// HasBase tells whether a frame of this form can be read only together with
// another object.
func (f Form) HasBase() bool { return f == FormDelta || f == FormListDelta }

// IsList tells whether the blob is cut into chunks, which have frames of their
// own.
func (f Form) IsList() bool { return f == FormList || f == FormListDelta }

// Limits of the format. They bound what a reader allocates for bytes it has
// not verified yet.
const (
	// MaxPiece is the most that a blob's frame holds as written by a store: a
	// transfer that breaks loses no more than one frame. It is also the size
	// up to which a blob is one frame and not a list.
	MaxPiece = 256 << 10
	// MaxWhole is the largest blob that one frame may stand for: as a delta,
	// or received in a form without base (PlainFrame).
	MaxWhole = 16 << 20
	// MaxDepth is the longest chain of bases below an object.
	MaxDepth = 32
	// maxChain bounds depth times length: what reading one object decodes.
	maxChain = 64 << 20
	// MaxBlob is the largest blob: what the index has room for.
	MaxBlob = 1<<40 - 1
	// MaxFrame is the longest frame of any kind.
	MaxFrame = objects.MaxMeta + maxHeader + crcSize

	lengthSize = 4
	crcSize    = 4
	maxHeader  = lengthSize + 2 + 2*binary.MaxVarintLen64 + 2*objects.IDSize
	minFrame   = lengthSize + 2 + 1 + objects.IDSize + crcSize
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// FrameInfo is what a frame says about itself.
type FrameInfo struct {
	ID    objects.ID
	Kind  objects.Kind
	Form  Form
	Depth int
	// Stored is the length of the whole frame, on disk and on the wire.
	Stored int
	// Raw is the length of the object.
	Raw int64
	// Base is the object that a form with a base needs, else zero.
	Base objects.ID
}

// frame is a parsed frame. payload points into the bytes it was parsed from.
type frame struct {
	FrameInfo
	plain   int64 // length of the payload when decoded
	payload []byte
}

// FrameLength tells how long the frame is that begins with these four bytes.
func FrameLength(head [lengthSize]byte) (int, error) {
	n := int64(binary.LittleEndian.Uint32(head[:])) + lengthSize
	if n < minFrame || n > MaxFrame {
		return 0, fmt.Errorf("%w: %d bytes long", ErrFrame, n)
	}
	return int(n), nil
}

// growStep is how much is allocated for a frame before its bytes have come.
const growStep = 1 << 20

// ReadFrame reads one frame from a stream into buf, which grows as needed, and
// returns its bytes. At the end of the stream it is io.EOF; a frame that is
// cut short is io.ErrUnexpectedEOF. The frame is not checked yet.
func ReadFrame(r io.Reader, buf []byte) ([]byte, error) {
	var head [lengthSize]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	n, err := FrameLength(head)
	if err != nil {
		return nil, err
	}
	buf = append(buf[:0], head[:]...)
	for len(buf) < n {
		// A stream that lies about lengths costs no more than it sends.
		step := min(n-len(buf), max(growStep, len(buf)))
		at := len(buf)
		buf = append(buf, make([]byte, step)...)
		if _, err := io.ReadFull(r, buf[at:]); err != nil {
			if err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			return nil, err
		}
	}
	return buf, nil
}

// ParseFrame checks the bytes of one frame, but not what it decodes to, and
// says what it is.
func ParseFrame(b []byte) (FrameInfo, error) {
	f, err := parseFrame(b)
	return f.FrameInfo, err
}

func parseFrame(b []byte) (frame, error) {
	if len(b) < minFrame {
		return frame{}, fmt.Errorf("%w: cut short", ErrFrame)
	}
	n, err := FrameLength([lengthSize]byte(b))
	if err != nil {
		return frame{}, err
	}
	if n != len(b) {
		return frame{}, fmt.Errorf("%w: %d bytes long, not %d", ErrFrame, len(b), n)
	}
	sum := binary.LittleEndian.Uint32(b[len(b)-crcSize:])
	if crc32.Checksum(b[:len(b)-crcSize], castagnoli) != sum {
		return frame{}, fmt.Errorf("%w: wrong checksum", ErrFrame)
	}
	f, head, err := parseHeader(b[:len(b)-crcSize])
	if err != nil {
		return frame{}, err
	}
	f.Stored = n
	f.payload = b[head : len(b)-crcSize]
	return f, f.check()
}

// parseHeader reads the fields before the payload and tells how long they are.
// b may end anywhere after them.
func parseHeader(b []byte) (f frame, n int, err error) {
	short := fmt.Errorf("%w: header is cut short", ErrFrame)
	if len(b) < lengthSize+2 {
		return f, 0, short
	}
	f.Kind, f.Form = objects.Kind(b[4]&0x0f), Form(b[4]>>4)
	f.Depth = int(b[5])
	n = lengthSize + 2
	number := func() int64 {
		v, size := binary.Uvarint(b[n:])
		if size <= 0 || size > 1 && b[n+size-1] == 0 || v > MaxBlob {
			err = fmt.Errorf("%w: bad length", ErrFrame)
			return 0
		}
		n += size
		return int64(v)
	}
	f.plain = number()
	f.Raw = f.plain
	if err == nil && f.Form.IsList() {
		f.Raw = number()
	}
	if err != nil {
		return f, 0, err
	}
	ids := []*objects.ID{&f.ID, &f.Base}
	if !f.Form.HasBase() {
		ids = ids[:1]
	}
	for _, id := range ids {
		if len(b)-n < objects.IDSize {
			return f, 0, short
		}
		n += copy(id[:], b[n:])
	}
	return f, n, nil
}

// check holds the fields against each other and the limits.
func (f *frame) check() error {
	payload, limit := int64(len(f.payload)), int64(objects.MaxMeta)
	if f.Kind == objects.KindBlob && !f.Form.IsList() {
		limit = MaxWhole
	}
	bad := func(what string) error {
		return fmt.Errorf("%w: %v %v has %s", ErrFrame, f.Kind, f.Form, what)
	}
	switch {
	case !f.Kind.Valid() || f.Form >= formEnd || f.Form.IsList() && f.Kind != objects.KindBlob:
		return bad("no meaning")
	case f.plain > limit:
		return bad("too great a length")
	case f.Form == FormRaw && payload != f.plain, f.Form == FormList && payload != f.plain:
		return bad("a wrong length")
	case f.Form != FormRaw && f.Form != FormList && payload >= f.plain:
		return bad("a payload longer than what it stands for")
	case f.Kind == objects.KindBlob && f.Form == FormDelta && payload > MaxPiece:
		return bad("too long a payload")
	case f.Form.HasBase() && (f.Depth < 1 || f.Base.IsZero() || f.Base == f.ID):
		return bad("no base")
	case (f.Form == FormRaw || f.Form == FormZstd) && f.Depth != 0:
		return bad("a depth")
	case f.Depth > MaxDepth:
		return bad("too long a chain")
	case f.Form.IsList() && f.Raw <= MaxPiece:
		return bad("too little to be cut")
	}
	return nil
}

// beginFrame appends the fields before the payload. The payload follows, then
// endFrame.
func beginFrame(b []byte, f *frame) []byte {
	b = append(b, 0, 0, 0, 0, byte(f.Kind)|byte(f.Form)<<4, byte(f.Depth))
	b = binary.AppendUvarint(b, uint64(f.plain))
	if f.Form.IsList() {
		b = binary.AppendUvarint(b, uint64(f.Raw))
	}
	b = append(b, f.ID[:]...)
	if f.Form.HasBase() {
		b = append(b, f.Base[:]...)
	}
	return b
}

// endFrame fills in the length of a frame that begins at b[0] and seals it.
func endFrame(b []byte) []byte {
	binary.LittleEndian.PutUint32(b, uint32(len(b)+crcSize-lengthSize))
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
}

// setDepth changes the depth that a sealed frame claims.
func setDepth(b []byte, depth int) []byte {
	b[5] = byte(depth)
	b = b[:len(b)-crcSize]
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
}
