package pack

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/esync/esync/objects"
)

func (s *Store) resolver() *resolver {
	return &resolver{from: s, codec: s.codec, bases: &s.bases}
}

// Get implements objects.Source.
func (s *Store) Get(kind objects.Kind, id objects.ID) ([]byte, error) {
	return s.resolver().get(kind, id)
}

// Blob implements objects.Source.
func (s *Store) Blob(id objects.ID) (objects.BlobReader, error) { return s.resolver().blob(id) }

// Stat describes how an object is stored, without decoding it.
func (s *Store) Stat(id objects.ID) (FrameInfo, error) {
	var info FrameInfo
	err := s.locate(id, anyDepth, func(p *packFile, r *record) error {
		info = r.info()
		if !r.form.HasBase() {
			return nil
		}
		// Only the header of the frame knows the base.
		head := make([]byte, min(r.length, maxHeader))
		if err := readAt(p.file, head, r.offset); err != nil {
			return err
		}
		f, _, err := parseHeader(head)
		if err == nil && (f.ID != id || f.Form != r.form) {
			err = fmt.Errorf("%w: frame is not the one the index names", ErrPack)
		}
		info.Base = f.Base
		return err
	})
	if err != nil {
		return FrameInfo{}, absence(id, err)
	}
	return info, nil
}

// Parts names the chunks of a blob that is stored as a list, in their order; a
// chunk that repeats is named each time. For other objects it is nil.
func (s *Store) Parts(id objects.ID) ([]objects.ID, error) {
	rec, err := s.lookup(id, anyDepth)
	if err != nil {
		return nil, absence(id, err)
	}
	if !rec.form.IsList() {
		return nil, nil
	}
	r := s.resolver()
	f, b, err := r.from.load(id, anyDepth)
	if err != nil {
		return nil, absence(id, err)
	}
	defer s.codec.buffers.put(b)
	if !f.Form.IsList() {
		return nil, nil // another copy, another form: what was asked is still true
	}
	chunks, err := r.list(&f)
	if err != nil {
		return nil, damage(id, err)
	}
	ids := make([]objects.ID, len(chunks))
	for i := range chunks {
		ids[i] = chunks[i].id
	}
	return ids, nil
}

// Frame reads the frame of an object as it is stored, appended to buf[:0]. It
// has been checked against its checksum, and holds the object asked for; what
// it decodes to is for the receiver to verify.
func (s *Store) Frame(id objects.ID, buf []byte) ([]byte, error) {
	r := s.resolver()
	_, b, err := r.from.load(id, anyDepth)
	if err != nil {
		return nil, absence(id, err)
	}
	defer s.codec.buffers.put(b)
	return append(buf[:0], b.b...), nil
}

// PlainFrame makes a frame of the object that needs no base, appended to
// buf[:0]: for a receiver that does not have the base. Of a list it is the
// plain list. A blob that was stored as a delta becomes one frame, which may
// be up to MaxWhole long; whoever receives it cuts it as usual.
func (s *Store) PlainFrame(id objects.ID, buf []byte) ([]byte, error) {
	r := s.resolver()
	f, b, err := r.from.load(id, anyDepth)
	if err != nil {
		return nil, absence(id, err)
	}
	defer s.codec.buffers.put(b)
	if !f.Form.HasBase() {
		return append(buf[:0], b.b...), nil
	}
	if f.Form == FormListDelta {
		list, err := r.listBytes(&f)
		if err != nil {
			return nil, damage(id, err)
		}
		return listFrame(buf[:0], id, f.Raw, f.Depth, list), nil
	}
	c, err := r.decode(&f)
	if err != nil {
		return nil, damage(id, err)
	}
	defer r.release(c)
	if objects.Sum(f.Kind, c.b) != id {
		return nil, damage(id, errMismatch)
	}
	return s.codec.plain(buf[:0], f.Kind, id, c.b), nil
}

// listFrame makes the plain frame of a list.
func listFrame(b []byte, id objects.ID, size int64, depth int, list []byte) []byte {
	f := frame{FrameInfo: FrameInfo{ID: id, Kind: objects.KindBlob, Form: FormList, Depth: depth, Raw: size}, plain: int64(len(list))}
	return endFrame(append(beginFrame(b, &f), list...))
}

// errMismatch is damage that no checksum of ours noticed.
var errMismatch = fmt.Errorf("%w: content does not hash to its id", ErrFrame)

// absence puts an object's name to an error of locate.
func absence(id objects.ID, err error) error {
	if errors.Is(err, objects.ErrNotFound) {
		return &objects.ObjectError{ID: id, Err: objects.ErrNotFound}
	}
	return damage(id, err)
}

func (r *resolver) get(kind objects.Kind, id objects.ID) ([]byte, error) {
	f, b, err := r.from.load(id, anyDepth)
	if err != nil {
		return nil, absence(id, err)
	}
	defer r.codec.buffers.put(b)
	if f.Kind != kind {
		return nil, absence(id, objects.ErrNotFound)
	}
	if f.Raw > objects.MaxWhole {
		return nil, &objects.ObjectError{ID: id, Err: fmt.Errorf("%w: %d bytes cannot be read whole", ErrTooLarge, f.Raw)}
	}
	c := content{b: f.payload}
	if f.Form != FormRaw {
		if c, err = r.decode(&f); err != nil {
			return nil, damage(id, err)
		}
		defer r.release(c)
	}
	if objects.Sum(kind, c.b) != id {
		return nil, damage(id, errMismatch)
	}
	return bytes.Clone(c.b), nil
}

// Check reads an object whole and compares it with its ID. It is the error of
// whoever reads it, ErrNotFound when it is not there.
func (s *Store) Check(id objects.ID) error {
	r := s.resolver()
	f, b, err := r.from.load(id, anyDepth)
	if err != nil {
		return absence(id, err)
	}
	s.codec.buffers.put(b)
	return r.check(id, f.Kind)
}

func (r *resolver) check(id objects.ID, kind objects.Kind) error {
	if kind != objects.KindBlob {
		_, err := r.get(kind, id)
		return err
	}
	blob, err := r.blob(id)
	if err != nil {
		return err
	}
	_, err = blob.WriteTo(io.Discard)
	return errors.Join(err, blob.Close())
}
