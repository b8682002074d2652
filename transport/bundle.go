package transport

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/esync/esync/internal/codec"
	"github.com/esync/esync/objects"
	"github.com/esync/esync/objects/pack"
)

// The format of bundles; doc.go draws it.
const (
	bundleMagic   = "esyncbdl"
	bundleEnd     = "esyncbde"
	bundleVersion = 1
	// bundleStart is the length of what stands before the header, bundleFooter
	// of what stands at the end.
	bundleStart  = len(bundleMagic) + 4 + 4
	bundleFooter = len(bundleEnd) + 8 + 8 + objects.IDSize + objects.IDSize
	// offsetEvery is how many entries share one offset in memory.
	offsetEvery = 256
)

// BundleContent says what to put into a bundle.
type BundleContent struct {
	Engagement objects.ID
	Name       string
	// Tips are the names that travel, ascending, as TipsOf gives them.
	Tips Tips
	// Haves are commits that the receiver is known to have, at most 256, whose
	// history is left out. None makes a bundle that anybody can begin with.
	Haves []objects.ID
	// Receipt may be nil.
	Receipt []byte
	// Progress may be nil.
	Progress func(Progress)
}

// BundleResult says what a bundle holds.
type BundleResult struct {
	Commits, Objects int
	// Bytes is the length of the bundle.
	Bytes int64
	// Prerequisites are the commits that a receiver must have.
	Prerequisites []objects.ID
	// Seal stands for all that the bundle says: engagement, names, and the ID
	// of every object. Whoever vouches for a bundle signs it.
	Seal objects.ID
}

// bundleHeader is what a bundle says of itself.
type bundleHeader struct {
	about         About
	tips          Tips
	prerequisites []objects.ID
	commits       uint64
}

func (h *bundleHeader) encode() []byte {
	b := append([]byte(nil), h.about.ID[:]...)
	b = codec.AppendString(b, h.about.Name)
	b = appendTips(b, h.tips)
	b = appendIDs(b, h.prerequisites)
	b = binary.AppendUvarint(b, h.commits)
	return appendExtensions(b, extension{extReceipt, h.about.Receipt})
}

func decodeBundleHeader(b []byte) (*bundleHeader, error) {
	d := newDecoder(b)
	h := &bundleHeader{about: About{ID: d.ID(), Name: clean(d.Text(maxEngagement)), Level: LevelRead}}
	h.tips = d.tips()
	h.prerequisites = d.ids(maxHaves)
	h.commits = d.Number(maxEntries)
	h.about.Receipt = d.receipt()
	if d.Err() == nil && h.about.ID.IsZero() {
		d.Fail("engagement without id")
	}
	return h, d.End()
}

// Bundle is an open bundle. It is an Opener: what Fetch and Peek ask of a
// peer, a bundle answers, and it never writes. It may be used from many
// goroutines as long as the file stands.
type Bundle struct {
	r       io.ReaderAt
	header  *bundleHeader
	m       *manifest
	offsets []int64 // of every offsetEvery-th entry
	end     int64   // of the frames
	seal    objects.ID
	sum     objects.ID
	size    int64
}

// About is what the bundle says of its engagement.
func (b *Bundle) About() About { return b.header.about }

// Tips are the names that travel in it.
func (b *Bundle) Tips() Tips { return b.header.tips }

// Prerequisites are the commits that a receiver must have.
func (b *Bundle) Prerequisites() []objects.ID { return b.header.prerequisites }

// Commits is how many commits it holds.
func (b *Bundle) Commits() int { return int(b.header.commits) }

// Seal is BundleResult.Seal. OpenBundle has checked it.
func (b *Bundle) Seal() objects.ID { return b.seal }

// damagedBundle is an ErrBundle that says what is wrong.
func damagedBundle(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrBundle, fmt.Sprintf(format, args...))
}

// OpenBundle reads what a bundle of that length says of itself. Frames are
// checked when they are read, and what they decode to when they are fetched.
// It reads header and list only; Verify reads all.
func OpenBundle(r io.ReaderAt, size int64) (*Bundle, error) {
	b := &Bundle{r: r, size: size}
	header, err := b.readHeader()
	if err != nil {
		return nil, err
	}
	list, n, err := b.readFooter(int64(bundleStart + len(header)))
	if err != nil {
		return nil, err
	}
	if sealOf(header, list) != b.seal {
		return nil, damagedBundle("header or list has a wrong checksum")
	}
	if b.header, err = decodeBundleHeader(header); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBundle, err)
	}
	if err := b.index(list, n, int64(bundleStart+len(header))); err != nil {
		return nil, err
	}
	return b, nil
}

// at reads n bytes.
func (b *Bundle) at(off int64, n int) ([]byte, error) {
	buf, err := readGrowing(io.NewSectionReader(b.r, off, int64(n)), nil, n)
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return nil, damagedBundle("it is cut short")
	case err != nil:
		return nil, fmt.Errorf("read bundle: %w", err)
	}
	return buf, nil
}

func (b *Bundle) readHeader() ([]byte, error) {
	if b.size < int64(len(bundleMagic)) {
		return nil, damagedBundle("it is no bundle of esync")
	}
	start, err := b.at(0, int(min(int64(bundleStart), b.size)))
	if err != nil {
		return nil, err
	}
	if string(start[:len(bundleMagic)]) != bundleMagic {
		return nil, damagedBundle("it is no bundle of esync")
	}
	if len(start) < bundleStart {
		return nil, damagedBundle("it is cut short")
	}
	if v := binary.LittleEndian.Uint32(start[8:]); v != bundleVersion {
		return nil, fmt.Errorf("%w: the bundle is of version %d, this program reads %d", ErrVersion, v, bundleVersion)
	}
	n := binary.LittleEndian.Uint32(start[12:])
	if n > maxControl {
		return nil, damagedBundle("header of %d bytes", n)
	}
	return b.at(int64(bundleStart), int(n))
}

// readFooter gives the list and its length in entries.
func (b *Bundle) readFooter(frames int64) (list []byte, n int, err error) {
	at := b.size - int64(bundleFooter)
	if at < frames {
		return nil, 0, damagedBundle("it is cut short")
	}
	f, err := b.at(at, bundleFooter)
	if err != nil {
		return nil, 0, err
	}
	if string(f[:8]) != bundleEnd {
		return nil, 0, damagedBundle("it is cut short, or its end is damaged")
	}
	end, entries := binary.LittleEndian.Uint64(f[8:]), binary.LittleEndian.Uint64(f[16:])
	b.seal, b.sum = objects.ID(f[24:56]), objects.ID(f[56:])
	if end < uint64(frames) || end > uint64(at) || entries > maxEntries || (uint64(at)-end)/minItem < entries || uint64(at)-end > maxEntries*(minItem+4) {
		return nil, 0, damagedBundle("its end points nowhere")
	}
	b.end = int64(end)
	list, err = b.at(b.end, int(at-b.end))
	return list, int(entries), err
}

// index reads the list. frames is where the first frame stands.
func (b *Bundle) index(list []byte, n int, frames int64) error {
	b.m = &manifest{}
	d := newDecoder(list)
	at := frames
	for i := range n {
		it := item{id: d.ID(), size: uint32(d.Number(math.MaxUint32))}
		if d.Err() == nil && it.id.IsZero() {
			d.Fail("id that names nothing")
		}
		if i%offsetEvery == 0 {
			b.offsets = append(b.offsets, at)
		}
		at += int64(it.size)
		b.m.items = append(b.m.items, it)
	}
	if err := d.End(); err != nil {
		return fmt.Errorf("%w: %w", ErrBundle, err)
	}
	if at != b.end {
		return damagedBundle("its list does not match its length")
	}
	b.m.seal()
	return nil
}

// sealOf is over what a bundle says; what its frames decode to follows from it.
func sealOf(header, list []byte) objects.ID {
	h := objects.NewHasher(objects.KindBlob)
	h.Write(binary.LittleEndian.AppendUint64([]byte(bundleMagic), uint64(len(header))))
	h.Write(header)
	h.Write(list)
	return h.ID()
}

// frame reads the frame of one entry.
func (b *Bundle) frame(i int, buf []byte) ([]byte, error) {
	at := b.offsets[i/offsetEvery]
	for j := i / offsetEvery * offsetEvery; j < i; j++ {
		at += int64(b.m.items[j].size)
	}
	it := &b.m.items[i]
	buf, err := readGrowing(io.NewSectionReader(b.r, at, int64(it.size)), buf[:0], int(it.size))
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, damagedBundle("it is cut short")
	}
	if err != nil {
		return nil, fmt.Errorf("read bundle: %w", err)
	}
	if info, err := pack.ParseFrame(buf); err != nil || info.ID != it.id {
		return nil, damagedBundle("object %s is not as it was written", it.id.Short())
	}
	return buf, nil
}

// Verify reads all of the bundle and compares it with the checksum at its end.
func (b *Bundle) Verify(ctx context.Context) error {
	h := objects.NewHasher(objects.KindBlob)
	left := b.size - objects.IDSize
	buf := make([]byte, writeSize)
	for at := int64(0); left > 0; {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		n, err := b.r.ReadAt(buf[:min(left, int64(len(buf)))], at)
		h.Write(buf[:n])
		at, left = at+int64(n), left-int64(n)
		switch {
		case left == 0:
		case errors.Is(err, io.EOF):
			return damagedBundle("it is cut short")
		case err != nil:
			return fmt.Errorf("read bundle: %w", err)
		}
	}
	if sum := h.ID(); !bytes.Equal(sum[:], b.sum[:]) {
		return damagedBundle("it has a wrong checksum")
	}
	return nil
}
