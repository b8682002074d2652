package transport

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"math"

	"github.com/esync/esync/objects"
)

// WriteBundle writes what a receiver with c.Haves lacks of c.Tips as one
// stream of bytes, which OpenBundle reads. Whatever w has got when it fails is
// no bundle.
func WriteBundle(ctx context.Context, w io.Writer, c BundleContent, src Frames) (BundleResult, error) {
	if len(c.Haves) > maxHaves || len(c.Tips) > maxTips || len(c.Name) > maxEngagement {
		return BundleResult{}, fmt.Errorf("%w: bundle of %d names that builds on %d commits", ErrTooLarge, len(c.Tips), len(c.Haves))
	}
	if err := checkReceipt(c.Receipt); err != nil {
		return BundleResult{}, err
	}
	b, err := walkTips(c.Tips, func(wants []objects.ID) (*between, error) { return walk(src, wants, c.Haves) })
	if err != nil {
		return BundleResult{}, fmt.Errorf("walk history: %w", err)
	}
	l := newLister(src, b.edge, anyBases)
	l.uncut = true // nobody can ask once more
	m, err := l.list(b)
	if err != nil {
		return BundleResult{}, fmt.Errorf("list objects: %w", err)
	}
	if len(m.items) > maxEntries {
		return BundleResult{}, fmt.Errorf("%w: %d objects", ErrTooLarge, len(m.items))
	}
	h := bundleHeader{
		about: About{ID: c.Engagement, Name: c.Name, Receipt: c.Receipt}, tips: c.Tips,
		prerequisites: b.common, commits: uint64(len(b.fresh)),
	}
	out := &bundleWriter{ctx: ctx, w: bufio.NewWriterSize(w, 256<<10), sum: objects.NewHasher(objects.KindBlob)}
	res, err := out.write(&h, m, src, c.Progress)
	if err != nil {
		return BundleResult{}, cause(ctx, fmt.Errorf("write bundle: %w", err))
	}
	res.Commits, res.Objects, res.Prerequisites = len(b.fresh), len(m.items), b.common
	return res, nil
}

// bundleWriter counts and hashes what it writes.
type bundleWriter struct {
	ctx context.Context
	w   *bufio.Writer
	sum *objects.Hasher
	n   int64
}

func (o *bundleWriter) put(b []byte) error {
	if o.ctx.Err() != nil {
		return context.Cause(o.ctx)
	}
	o.sum.Write(b)
	o.n += int64(len(b))
	_, err := o.w.Write(b)
	return err
}

func (o *bundleWriter) write(h *bundleHeader, m *manifest, src Frames, report func(Progress)) (res BundleResult, err error) {
	header := h.encode()
	if len(header) > maxControl {
		return res, fmt.Errorf("%w: header of %d bytes", ErrTooLarge, len(header))
	}
	start := binary.LittleEndian.AppendUint32([]byte(bundleMagic), bundleVersion)
	start = binary.LittleEndian.AppendUint32(start, uint32(len(header)))
	if err := o.put(append(start, header...)); err != nil {
		return res, err
	}
	done := Progress{TotalObjects: len(m.items), TotalBytes: int64(m.bytes)}
	var frame []byte
	for i := range m.items {
		it := &m.items[i]
		if frame, err = it.read(src, frame[:0]); err != nil {
			return res, err
		}
		if len(frame) > math.MaxUint32 {
			return res, fmt.Errorf("%w: frame of %d bytes", ErrTooLarge, len(frame))
		}
		it.size = uint32(len(frame)) // from now on exactly
		if err := o.put(frame); err != nil {
			return res, err
		}
		if done.Objects++; report != nil {
			done.Bytes += int64(len(frame))
			report(done)
		}
	}
	footer := binary.LittleEndian.AppendUint64([]byte(bundleEnd), uint64(o.n))
	footer = binary.LittleEndian.AppendUint64(footer, uint64(len(m.items)))
	list := make([]byte, 0, len(m.items)*(minItem+2))
	for i := range m.items {
		list = appendItem(list, &m.items[i])
	}
	res.Seal = sealOf(header, list)
	if err := o.put(append(list, append(footer, res.Seal[:]...)...)); err != nil {
		return res, err
	}
	sum := o.sum.ID()
	if err := o.put(sum[:]); err != nil {
		return res, err
	}
	res.Bytes = o.n
	return res, o.w.Flush()
}
