package pack

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"

	"github.com/esync/esync/internal/fsys"
	"github.com/esync/esync/objects"
)

// Receive starts a pack that outlives its process until it is committed, or
// goes on with the one of that key: frames that came through whole count as
// held, what follows them is cut off. ErrBusy means that another writer of the
// key is at work. A key is 1 to 100 letters, digits, "-" or "_".
func (s *Store) Receive(key string) (*Writer, error) {
	if !validKey(key) {
		return nil, fmt.Errorf("receive: bad key %q", key)
	}
	if err := s.Refresh(); err != nil {
		return nil, err
	}
	name := path.Join(incoming, key+partSuffix)
	lock, err := s.fs.Lock(path.Join(incoming, key+lockSuffix))
	if err != nil {
		if errors.Is(err, fsys.ErrLocked) {
			err = fmt.Errorf("receive %q: %w", key, ErrBusy)
		}
		return nil, err
	}
	w := &Writer{s: s, name: name, keep: true, lock: lock, byID: map[objects.ID]int32{}}
	if err := w.resume(); err != nil {
		lock.Close()
		return nil, err
	}
	return w, nil
}

// Mend is Receive for objects that the store holds already and cannot read:
// what is put is stored, whatever is there. Of two copies readers take the
// sound one.
func (s *Store) Mend(key string) (*Writer, error) {
	w, err := s.Receive(key)
	if err == nil {
		w.mend = true
	}
	return w, err
}

func validKey(key string) bool {
	for _, c := range key {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' && c != '_' {
			return false
		}
	}
	return len(key) > 0 && len(key) <= 100
}

// resume reads what an earlier transfer left. Its frames were verified before
// they were written, so their checksums are enough.
func (w *Writer) resume() error {
	file, err := w.s.fs.OpenFile(w.name, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	end, err := w.scan(file)
	if err == nil {
		err = file.Truncate(end)
	}
	if err == nil {
		_, err = file.Seek(end, 0)
	}
	if err != nil {
		file.Close()
		return err
	}
	w.file, w.off = file, end
	if end == 0 {
		w.buf = appendHeader(nil, 0)
	}
	return nil
}

// scan finds the frames of a part and where the last whole one ends.
func (w *Writer) scan(file fsys.File) (int64, error) {
	var head [headerSize]byte
	if err := readAt(file, head[:], 0); err != nil {
		return 0, ignoreTorn(err)
	}
	if _, err := parseHeaderOfPack(head[:]); err != nil {
		if errors.Is(err, ErrVersion) {
			return 0, err
		}
		return 0, nil
	}
	end := int64(headerSize)
	var buf []byte
	for {
		var length [lengthSize]byte
		if err := readAt(file, length[:], end); err != nil {
			return end, ignoreTorn(err)
		}
		n, err := FrameLength(length)
		if err != nil {
			return end, nil
		}
		if cap(buf) < n {
			buf = make([]byte, n+n/4)
		}
		buf = buf[:n]
		if err := readAt(file, buf, end); err != nil {
			return end, ignoreTorn(err)
		}
		f, err := parseFrame(buf)
		if err != nil {
			return end, nil
		}
		if _, twice := w.byID[f.ID]; !twice {
			w.byID[f.ID] = int32(len(w.records))
			w.records = append(w.records, recordOf(&f.FrameInfo, end))
		}
		end += int64(n)
	}
}

func ignoreTorn(err error) error {
	if errors.Is(err, ErrPack) {
		return nil
	}
	return err
}

// PutFrame stores a received frame. It is the door for bytes from outside:
// what they decode to is verified against the ID before anything is kept. The
// frame may be stored in another form than it came in, as what its base is
// stored as here may differ from there; the result says how. ErrBase means
// that base or chunks are missing, ErrFrame that the bytes are wrong.
func (w *Writer) PutFrame(b []byte) (FrameInfo, error) {
	f, err := parseFrame(b)
	if err != nil {
		return FrameInfo{}, err
	}
	if err := w.check(); err != nil {
		return FrameInfo{}, err
	}
	if w.held(f.ID) {
		return w.heldAs(&f)
	}
	if f.Form.IsList() {
		return w.putReceivedList(&f, b)
	}
	r := w.resolver()
	depth, claimed, fits := 0, f.Depth, true
	if f.Form == FormDelta {
		if depth, fits, err = w.receivedDepth(&f); err != nil {
			return FrameInfo{}, err
		}
	}
	c, err := r.decode(&f)
	if err != nil {
		return FrameInfo{}, err
	}
	defer r.release(c)
	if objects.Sum(f.Kind, c.b) != f.ID {
		return FrameInfo{}, errMismatch
	}
	switch {
	case !fits, f.Kind == objects.KindBlob && f.Form != FormDelta && len(c.b) > MaxPiece:
		_, err = w.Put(f.Kind, c.b, objects.ID{})
		if err == nil {
			var rec record
			rec, err = w.lookup(f.ID, anyDepth)
			f.FrameInfo = rec.info()
		}
		return f.FrameInfo, err
	case depth != claimed:
		b = setDepth(bytes.Clone(b), depth)
	}
	f.Depth = depth
	return f.FrameInfo, w.add(b, f.FrameInfo)
}

// heldAs tells how the object of a frame is stored already. The frame is not
// looked into, but must not call it something else.
func (w *Writer) heldAs(f *frame) (FrameInfo, error) {
	rec, err := w.lookup(f.ID, anyDepth)
	if err != nil {
		return FrameInfo{}, err
	}
	if rec.kind != f.Kind {
		return FrameInfo{}, fmt.Errorf("%w: %v %s is a %v", ErrFrame, f.Kind, f.ID.Short(), rec.kind)
	}
	return rec.info(), nil
}

// receivedDepth tells the depth that a received delta has here, and whether
// that is within the limits.
func (w *Writer) receivedDepth(f *frame) (depth int, fits bool, err error) {
	rec, err := w.lookup(f.Base, anyDepth)
	switch {
	case errors.Is(err, objects.ErrNotFound):
		return 0, false, fmt.Errorf("%w: object %s wants %s", ErrBase, f.ID.Short(), f.Base.Short())
	case err != nil:
		return 0, false, err
	case rec.kind != f.Kind:
		return 0, false, fmt.Errorf("%w: base of a %v is a %v", ErrFrame, f.Kind, rec.kind)
	case rec.raw > MaxWhole:
		return 0, false, fmt.Errorf("%w: base of %d bytes", ErrFrame, rec.raw)
	}
	depth = rec.depth + 1
	// The claim of the sender does not matter any more; the base is found by
	// the depth it has here.
	f.Depth = anyDepth
	return depth, chainFits(depth, max(f.Raw, rec.raw)), nil
}

// putReceivedList verifies a list by reading all its chunks.
func (w *Writer) putReceivedList(f *frame, b []byte) (FrameInfo, error) {
	r := w.resolver()
	var base record
	if f.Form == FormListDelta {
		var err error
		if base, err = w.lookup(f.Base, anyDepth); err != nil {
			if errors.Is(err, objects.ErrNotFound) {
				err = fmt.Errorf("%w: object %s wants %s", ErrBase, f.ID.Short(), f.Base.Short())
			}
			return FrameInfo{}, err
		}
		if !base.form.IsList() && base.raw > MaxWhole {
			return FrameInfo{}, fmt.Errorf("%w: base of a list is not cut", ErrBase)
		}
	}
	claimed := f.Depth
	f.Depth = anyDepth
	list, err := r.listBytes(f)
	if err != nil {
		return FrameInfo{}, err
	}
	chunks, err := decodeList(list, f.Raw)
	if err != nil {
		return FrameInfo{}, err
	}
	depth, err := w.listDepth(chunks)
	if err != nil {
		return FrameInfo{}, err
	}
	if err := r.sameBlob(f.ID, chunks, depth); err != nil {
		return FrameInfo{}, err
	}
	asStored := f.Form == FormList
	if f.Form == FormListDelta && base.form.IsList() && chainFits(base.depth+1, f.plain) {
		depth, asStored = max(depth, base.depth+1), true
	}
	f.Depth = depth
	switch {
	case !asStored:
		f.Form, f.Base = FormList, objects.ID{}
		b = listFrame(nil, f.ID, f.Raw, depth, list)
	case depth != claimed:
		b = setDepth(bytes.Clone(b), depth)
	}
	f.Stored = len(b)
	return f.FrameInfo, w.add(b, f.FrameInfo)
}
