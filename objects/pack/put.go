package pack

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/esync/esync/objects"
)

// Put implements objects.Sink.
func (w *Writer) Put(kind objects.Kind, content []byte, prev objects.ID) (objects.ID, error) {
	if !kind.Valid() {
		return objects.ID{}, fmt.Errorf("%w: %v", objects.ErrMalformed, kind)
	}
	if kind == objects.KindBlob && len(content) > MaxPiece {
		id, _, err := w.PutBlob(bytes.NewReader(content), int64(len(content)), prev)
		return id, err
	}
	if len(content) > objects.MaxMeta {
		return objects.ID{}, fmt.Errorf("%w: %v of %d bytes", ErrTooLarge, kind, len(content))
	}
	id := objects.Sum(kind, content)
	if w.held(id) {
		return id, w.check()
	}
	return id, w.putWhole(kind, id, content, prev)
}

// PutBlob implements objects.Sink. A blob above MaxPiece is cut into chunks
// while it is read, and other cores help to compress them; no more than a few
// chunks are in memory. Where prev is known and both are at most MaxWhole, it
// is read whole, to be stored as a difference if that is smaller.
func (w *Writer) PutBlob(r io.Reader, size int64, prev objects.ID) (objects.ID, int64, error) {
	if err := w.check(); err != nil {
		return objects.ID{}, 0, err
	}
	pool := &w.s.codec.buffers
	n := int64(MaxPiece)
	if size >= 0 && size < n {
		n = size
	}
	head := pool.get(int(n) + 1)
	defer pool.put(head)
	var err error
	if head.b, err = fill(r, head.b, int(n)+1); err != nil {
		return objects.ID{}, 0, err
	}
	if len(head.b) <= int(n) {
		id := objects.Sum(objects.KindBlob, head.b)
		if w.held(id) {
			return id, int64(len(head.b)), nil
		}
		return id, int64(len(head.b)), w.putWhole(objects.KindBlob, id, head.b, prev)
	}
	if n < MaxPiece { // longer than was said
		return w.PutBlob(io.MultiReader(bytes.NewReader(head.b), r), -1, prev)
	}
	if size <= MaxWhole && size > 0 && !prev.IsZero() {
		return w.putVersion(head.b, r, size, prev)
	}
	return w.putLarge(head.b, r, prev)
}

// check tells early whether anything can be written still.
func (w *Writer) check() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.usable()
}

// fill reads until b has n bytes or the reader ends.
func fill(r io.Reader, b []byte, n int) ([]byte, error) {
	at := len(b)
	m, err := io.ReadFull(r, b[at:n])
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		err = nil
	}
	return b[:at+m], err
}

// putWhole stores an object of one frame: a tree, a commit, or a blob of at
// most MaxPiece.
func (w *Writer) putWhole(kind objects.Kind, id objects.ID, content []byte, prev objects.ID) error {
	c := w.s.codec
	out := c.buffers.get(len(content) + maxHeader + 1024)
	defer c.buffers.put(out)
	var delta []byte
	depth := 0
	if !prev.IsZero() && prev != id && len(content) >= minDelta {
		second := c.buffers.get(len(content) + maxHeader + 1024)
		defer c.buffers.put(second)
		delta, depth = w.tryDelta(second.b, kind, id, content, prev)
	}
	if delta == nil || len(delta) > len(content)/deltaSure {
		out.b = c.plain(out.b, kind, id, content)
		if delta == nil || len(delta) > len(out.b)-len(out.b)/deltaGain {
			form := Form(out.b[4] >> 4)
			return w.add(out.b, FrameInfo{ID: id, Kind: kind, Form: form, Raw: int64(len(content))})
		}
	}
	return w.add(delta, FrameInfo{ID: id, Kind: kind, Form: FormDelta, Depth: depth, Raw: int64(len(content)), Base: prev})
}

// tryDelta makes a frame that holds content as a difference to prev, or nil
// when that is not possible, or longer than content.
func (w *Writer) tryDelta(b []byte, kind objects.Kind, id objects.ID, content []byte, prev objects.ID) ([]byte, int) {
	depth, ok := w.deltaDepth(kind, int64(len(content)), prev)
	if !ok {
		return nil, 0
	}
	r := w.resolver()
	base, err := r.base(kind, prev, depth)
	if err != nil {
		return nil, 0 // prev is only a hint
	}
	defer r.release(base)
	limit := len(content)
	if kind == objects.KindBlob {
		limit = min(limit, MaxPiece)
	}
	f := frame{FrameInfo: FrameInfo{ID: id, Kind: kind, Form: FormDelta, Depth: depth, Base: prev}}
	return w.s.codec.difference(b, f, content, base.b, limit), depth
}

// deltaDepth tells how deep an object of this length would be with prev as its
// base, and whether the limits allow it.
func (w *Writer) deltaDepth(kind objects.Kind, size int64, prev objects.ID) (int, bool) {
	rec, err := w.lookup(prev, anyDepth)
	if err != nil || rec.kind != kind {
		return 0, false
	}
	depth := rec.depth + 1
	return depth, chainFits(depth, max(size, rec.raw))
}

// chainFits tells whether a delta is within what a reader is ready to decode.
func chainFits(depth int, size int64) bool {
	return depth <= MaxDepth && size <= MaxWhole && int64(depth)*size <= maxChain
}

// putVersion stores a blob of at most MaxWhole bytes that has an earlier
// version.
func (w *Writer) putVersion(head []byte, r io.Reader, size int64, prev objects.ID) (objects.ID, int64, error) {
	held := 3*size + 1
	if !w.s.whole.TryAcquire(held) {
		// Memory is short; chunks of their own need less of it.
		return w.putLarge(head, r, prev)
	}
	defer w.s.whole.Release(held)
	c := w.s.codec
	buf := c.buffers.get(int(size) + 1)
	defer c.buffers.put(buf)
	var err error
	if buf.b, err = fill(r, append(buf.b, head...), int(size)+1); err != nil {
		return objects.ID{}, 0, err
	}
	content := buf.b
	if int64(len(content)) > size {
		return w.putLarge(content[:MaxPiece+1], io.MultiReader(bytes.NewReader(content[MaxPiece+1:]), r), prev)
	}
	id := objects.Sum(objects.KindBlob, content)
	if w.held(id) {
		return id, int64(len(content)), nil
	}
	chunks := cutAll(content)
	missing := 0
	for i := range chunks {
		if !w.held(chunks[i].id) {
			missing += chunks[i].size
		}
	}
	// Where most chunks are here already, the few that are not cost little, and
	// the list is faster to read. Otherwise the whole is compared: a saved
	// Office file has changes all over.
	if missing > len(content)/8 {
		out := c.buffers.get(MaxPiece + maxHeader + 64)
		defer c.buffers.put(out)
		delta, depth := w.tryDelta(out.b, objects.KindBlob, id, content, prev)
		if delta != nil && len(delta) <= missing/2 {
			return id, int64(len(content)), w.add(delta, FrameInfo{ID: id, Kind: objects.KindBlob, Form: FormDelta, Depth: depth, Raw: int64(len(content)), Base: prev})
		}
	}
	p := w.newPieces(prev)
	defer p.wait()
	at := 0
	for i := range chunks {
		p.putKnown(chunks[i].id, content[at:at+chunks[i].size])
		at += chunks[i].size
	}
	return id, int64(len(content)), p.finish(id)
}

// putList stores the list of a blob whose chunks are stored.
func (w *Writer) putList(id objects.ID, size int64, chunks []chunk, prev objects.ID) error {
	if size > MaxBlob || len(chunks)*(objects.IDSize+3) > objects.MaxMeta {
		return fmt.Errorf("%w: blob of %d bytes", ErrTooLarge, size)
	}
	depth, err := w.listDepth(chunks)
	if err != nil {
		return err
	}
	b := encodeList(chunks)
	if f, ok := w.listDelta(id, size, depth, b, prev); ok {
		info, err := ParseFrame(f)
		if err != nil {
			return err
		}
		return w.add(f, info)
	}
	return w.add(listFrame(nil, id, size, depth, b), FrameInfo{ID: id, Kind: objects.KindBlob, Form: FormList, Depth: depth, Raw: size})
}

// listDepth is the depth of a list: no chunk may lie deeper.
func (w *Writer) listDepth(chunks []chunk) (int, error) {
	depth := 0
	for i := range chunks {
		rec, err := w.lookup(chunks[i].id, anyDepth)
		if err != nil {
			if errors.Is(err, objects.ErrNotFound) {
				err = fmt.Errorf("%w: chunk %s", ErrBase, chunks[i].id.Short())
			}
			return 0, err
		}
		depth = max(depth, rec.depth)
	}
	return depth, nil
}

// listDelta makes a frame that holds a list as a difference to that of prev,
// where prev is a list and the difference is smaller.
func (w *Writer) listDelta(id objects.ID, size int64, depth int, list []byte, prev objects.ID) ([]byte, bool) {
	if prev.IsZero() || prev == id {
		return nil, false
	}
	rec, err := w.lookup(prev, anyDepth)
	if err != nil || !rec.form.IsList() || !chainFits(rec.depth+1, int64(len(list))) {
		return nil, false
	}
	depth = max(depth, rec.depth+1)
	base, err := w.resolver().baseList(prev, depth)
	if err != nil {
		return nil, false
	}
	f := frame{FrameInfo: FrameInfo{ID: id, Kind: objects.KindBlob, Form: FormListDelta, Depth: depth, Raw: size, Base: prev}}
	b := w.s.codec.difference(nil, f, list, base, len(list)-len(list)/deltaGain)
	return b, b != nil
}
