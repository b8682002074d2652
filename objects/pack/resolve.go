package pack

import (
	"errors"
	"fmt"

	"github.com/esync/esync/objects"
)

// loader is where frames come from: a store, or a writer with its store. Each
// method looks for a copy whose depth is less than below. Absence is
// objects.ErrNotFound. What load gives has the right checksum: of several
// copies it takes one that has.
type loader interface {
	lookup(id objects.ID, below int) (record, error)
	load(id objects.ID, below int) (frame, *buffer, error)
}

// resolver decodes objects, following bases and lists. Every step goes to a
// copy of lesser depth, or for a chunk of no greater one, so it ends whatever
// the packs hold.
type resolver struct {
	from  loader
	codec *codec
	bases *baseCache
}

// content is bytes, and the buffer to give back when they are done with.
type content struct {
	b    []byte
	hold *buffer
}

func (r *resolver) release(c content) { r.codec.buffers.put(c.hold) }

// damage says that an object is there but cannot be read, and why. Errors of
// the disk stay what they are.
func damage(id objects.ID, err error) error {
	for _, is := range []error{ErrFrame, ErrPack, ErrVersion, objects.ErrNotFound, objects.ErrCorrupt} {
		if errors.Is(err, is) {
			return &objects.ObjectError{ID: id, Err: fmt.Errorf("%w: %v", objects.ErrCorrupt, err)}
		}
	}
	return &objects.ObjectError{ID: id, Err: err}
}

// whole decodes an object into memory. The result is not verified.
func (r *resolver) whole(id objects.ID, below int) (content, frame, error) {
	f, b, err := r.from.load(id, below)
	if err != nil {
		return content{}, f, err
	}
	if f.Form == FormRaw {
		return content{f.payload, b}, f, nil
	}
	defer r.codec.buffers.put(b)
	c, err := r.decode(&f)
	return c, f, err
}

// decode makes an object out of its frame. The result is not verified.
func (r *resolver) decode(f *frame) (content, error) {
	if f.Form.IsList() {
		chunks, err := r.list(f)
		if err != nil {
			return content{}, err
		}
		return r.join(f, chunks)
	}
	out := r.codec.buffers.get(int(f.plain))
	var err error
	if f.Form == FormDelta {
		var base content
		if base, err = r.base(f.Kind, f.Base, f.Depth); err == nil {
			out.b, err = r.codec.apply(out.b, f, base.b)
			r.release(base)
		}
	} else {
		out.b, err = r.codec.expand(out.b, f)
	}
	if err != nil {
		r.codec.buffers.put(out)
		return content{}, err
	}
	return content{out.b, out}, nil
}

// join puts a blob of at most MaxWhole bytes together from its chunks.
func (r *resolver) join(f *frame, chunks []chunk) (content, error) {
	if f.Raw > objects.MaxWhole {
		return content{}, fmt.Errorf("%w: %d bytes are too long to read whole", ErrTooLarge, f.Raw)
	}
	out := r.codec.buffers.get(int(f.Raw))
	for i := range chunks {
		c, err := r.chunk(&chunks[i], f.Depth)
		if err != nil {
			r.codec.buffers.put(out)
			return content{}, err
		}
		out.b = append(out.b, c.b...)
		r.release(c)
	}
	return content{out.b, out}, nil
}

// chunk decodes one chunk of a list of the given depth.
func (r *resolver) chunk(c *chunk, depth int) (content, error) {
	got, f, err := r.whole(c.id, depth+1)
	if err != nil {
		return got, fmt.Errorf("chunk %s: %w", c.id.Short(), err)
	}
	if f.Kind != objects.KindBlob || len(got.b) != c.size {
		r.release(got)
		return content{}, fmt.Errorf("%w: chunk %s is not %d bytes of a blob", ErrFrame, c.id.Short(), c.size)
	}
	return got, nil
}

// base decodes the object that a delta of the given depth is against. What
// comes back is verified, shared and must not be changed.
func (r *resolver) base(kind objects.Kind, id objects.ID, depth int) (content, error) {
	if b := r.bases.get(id); b != nil {
		return content{b: b}, nil
	}
	c, f, err := r.whole(id, depth)
	if err != nil {
		return c, fmt.Errorf("base %s: %w", id.Short(), err)
	}
	if f.Kind != kind || objects.Sum(kind, c.b) != id {
		r.release(c)
		return content{}, fmt.Errorf("%w: base %s is damaged", ErrFrame, id.Short())
	}
	r.bases.put(id, c.b)
	return c, nil
}

// list decodes the list of a large blob.
func (r *resolver) list(f *frame) ([]chunk, error) {
	b, err := r.listBytes(f)
	if err != nil {
		return nil, err
	}
	return decodeList(b, f.Raw)
}

func (r *resolver) listBytes(f *frame) ([]byte, error) {
	if f.Form == FormList {
		return append([]byte(nil), f.payload...), nil
	}
	base, err := r.baseList(f.Base, f.Depth)
	if err != nil {
		return nil, err
	}
	return r.codec.apply(make([]byte, 0, f.plain), f, base)
}

// baseList gives the list of a base. Where the base is not stored as a list,
// it is cut now: cutting is the same everywhere and for ever.
func (r *resolver) baseList(id objects.ID, depth int) ([]byte, error) {
	f, b, err := r.from.load(id, depth)
	if err != nil {
		return nil, fmt.Errorf("base %s: %w", id.Short(), err)
	}
	defer r.codec.buffers.put(b)
	switch {
	case f.Kind != objects.KindBlob:
		return nil, fmt.Errorf("%w: base %s is a %v", ErrFrame, id.Short(), f.Kind)
	case f.Form.IsList():
		return r.listBytes(&f)
	}
	c, err := r.decode(&f)
	if err != nil {
		return nil, err
	}
	defer r.release(c)
	return encodeList(cutAll(c.b)), nil
}

// cutAll cuts and names the chunks of a blob in memory.
func cutAll(b []byte) []chunk {
	var chunks []chunk
	for len(b) > 0 {
		n := cut(b)
		chunks = append(chunks, chunk{objects.Sum(objects.KindBlob, b[:n]), n})
		b = b[n:]
	}
	return chunks
}
