package pack

import (
	"encoding/binary"
	"fmt"
	"runtime"
	"sync"

	"github.com/klauspost/compress/zstd"

	"github.com/esync/esync/objects"
)

// When a form is worth having.
const (
	// A zstd frame must save 1/128 of the bytes, else they stay raw and are
	// read faster.
	zstdGain = 128
	// What the fastest level saves at least 1/256 of, but not half, is tried
	// at the default level too: Office files and PDFs that are compressed
	// inside gain 2 to 4 % more. Well-compressing text gains nothing and
	// noise costs nothing.
	retryGain  = 256
	retryRatio = 2
	// A delta must save 1/5 of the other form, as reading it costs more.
	deltaGain = 5
	// A delta of a quarter of the object's length is taken without looking at
	// any other form.
	deltaSure = 4
	// minDelta is the length below which a delta is not tried.
	minDelta = 200
)

// codec compresses, decompresses and compares. Its methods may be called at
// once.
type codec struct {
	fast, better *zstd.Encoder
	decoder      *zstd.Decoder
	seeds        sync.Pool // *seedTable
	buffers      bufferPool
}

// encoderWindow is the memory of an encoder; chunks are smaller, and trees
// gain nothing from more.
const encoderWindow = 512 << 10

func newCodec() (*codec, error) {
	c := &codec{seeds: sync.Pool{New: func() any { return new(seedTable) }}}
	workers := runtime.GOMAXPROCS(0)
	encoder := func(level zstd.EncoderLevel) (*zstd.Encoder, error) {
		// The window comes first: the fastest level would else halve its
		// blocks, and be slower by a tenth.
		return zstd.NewWriter(nil, zstd.WithWindowSize(encoderWindow), zstd.WithEncoderLevel(level), zstd.WithEncoderConcurrency(workers),
			zstd.WithEncoderCRC(false), zstd.WithLowerEncoderMem(true), zstd.WithSingleSegment(true))
	}
	var err error
	if c.fast, err = encoder(zstd.SpeedFastest); err != nil {
		return nil, err
	}
	if c.better, err = encoder(zstd.SpeedDefault); err != nil {
		return nil, err
	}
	c.decoder, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(workers),
		zstd.WithDecodeAllCapLimit(true), zstd.WithDecoderMaxMemory(MaxFrame), zstd.WithDecoderMaxWindow(MaxFrame))
	return c, err
}

// plain appends a frame of an object in a form without base and without list.
func (c *codec) plain(b []byte, kind objects.Kind, id objects.ID, content []byte) []byte {
	f := frame{FrameInfo: FrameInfo{ID: id, Kind: kind, Form: FormZstd}, plain: int64(len(content))}
	b = beginFrame(b, &f)
	head, n := len(b), len(content)
	if n > 32 {
		b = c.fast.EncodeAll(content, b)
		stored := len(b) - head
		if stored <= n-n/retryGain && stored > n/retryRatio {
			second := c.buffers.get(n + n/64 + 1024)
			second.b = c.better.EncodeAll(content, second.b)
			if len(second.b) < stored {
				b = append(b[:head], second.b...)
				stored = len(second.b)
			}
			c.buffers.put(second)
		}
		if stored < n-n/zstdGain {
			return endFrame(b)
		}
	}
	f.Form = FormRaw
	b = beginFrame(b[:0], &f)
	return endFrame(append(b, content...))
}

// difference appends a frame that holds content, or the encoding of a list, as
// a delta to base. It returns nil when that is longer than limit.
func (c *codec) difference(b []byte, f frame, content, base []byte, limit int) []byte {
	table := c.seeds.Get().(*seedTable)
	defer func() { table.base = nil; c.seeds.Put(table) }()
	table.index(base)
	ops, body := c.buffers.get(len(content)/4), c.buffers.get(len(content)+len(content)/4+64)
	defer func() { c.buffers.put(ops); c.buffers.put(body) }()
	lits := c.buffers.get(len(content))
	defer c.buffers.put(lits)
	ops.b, lits.b = table.diff(content, ops.b, lits.b)
	body.b = binary.AppendUvarint(body.b, uint64(len(ops.b)))
	body.b = append(append(body.b, ops.b...), lits.b...)
	f.plain = int64(len(content))
	b = beginFrame(b, &f)
	head := len(b)
	b = c.better.EncodeAll(body.b, b)
	if n := len(b) - head; n >= len(content) || n > limit || int64(len(body.b)) > maxBody(f.plain) {
		return nil
	}
	return endFrame(b)
}

// unzstd decodes a payload that makes at most cap(dst)-len(dst) bytes.
func (c *codec) unzstd(dst, payload []byte) ([]byte, error) {
	dst, err := c.decoder.DecodeAll(payload, dst)
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrFrame, err)
	}
	return dst, nil
}

// expand decodes a frame without base into dst, which has room for f.plain
// bytes. What dst has room for bounds what a bomb can make.
func (c *codec) expand(dst []byte, f *frame) ([]byte, error) {
	var err error
	switch f.Form {
	case FormRaw, FormList:
		dst = append(dst, f.payload...)
	case FormZstd:
		dst, err = c.unzstd(dst, f.payload)
	default:
		return nil, fmt.Errorf("%w: %v needs a base", ErrFrame, f.Form)
	}
	if err == nil && int64(len(dst)) != f.plain {
		err = fmt.Errorf("%w: decodes to %d bytes, not %d", ErrFrame, len(dst), f.plain)
	}
	return dst, err
}

// apply decodes a frame with a base into dst, which has room for f.plain
// bytes.
func (c *codec) apply(dst []byte, f *frame, base []byte) ([]byte, error) {
	var head zstd.Header
	if err := head.Decode(f.payload); err != nil || !head.HasFCS || head.FrameContentSize > uint64(maxBody(f.plain)) {
		return nil, fmt.Errorf("%w: delta has a bad length", ErrFrame)
	}
	body := c.buffers.get(int(head.FrameContentSize))
	defer c.buffers.put(body)
	b, err := c.unzstd(body.b[:0:head.FrameContentSize], f.payload)
	if err != nil {
		return nil, err
	}
	dst = dst[:f.plain]
	return dst, patch(dst, base, b)
}
