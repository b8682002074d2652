package pack

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/esync/esync/internal/fsys"
	"github.com/esync/esync/objects"
)

const (
	// Frames are gathered to this length before they are written.
	writeBuffer = 1 << 20
	// Those of a transfer to this one: what is in the file outlives a process
	// that is killed.
	keepBuffer = 32 << 10
	// After this much the disk is told to begin, so that Commit does not wait
	// for all of it.
	syncEvery = 32 << 20
)

// Writer writes one pack. It implements objects.Sink and objects.Source: what
// it has stored can be read from it at once, and what its store holds too. Its
// methods may be called at once, except Commit and Close.
type Writer struct {
	s     *Store
	name  string // until it is committed
	keep  bool   // the file outlives Close: a transfer may go on later
	mend  bool   // what the store holds counts for nothing: it may be damaged
	named bool   // the name of such a file is durable
	lock  io.Closer

	mu      sync.Mutex
	file    fsys.File
	buf     []byte // written to the file up to here, the rest waits in buf
	off     int64  // of buf in the file
	records []record
	byID    map[objects.ID]int32
	err     error // of the file; nothing is written after it
	closed  bool
	flags   byte

	unsynced int64
	syncing  chan error // of a Sync that goes on beside us
}

// Begin starts a new pack. No file is made before the first object.
func (s *Store) Begin() (*Writer, error) {
	if err := errors.Join(s.Refresh(), s.sweep()); err != nil {
		return nil, err
	}
	name, err := s.newName()
	if err != nil {
		return nil, err
	}
	return &Writer{s: s, name: name + tempSuffix, byID: map[objects.ID]int32{}}, nil
}

// newName makes the name of a pack, without suffix.
func (s *Store) newName() (string, error) {
	var b [8]byte
	if _, err := io.ReadFull(s.opt.Rand, b[:]); err != nil {
		return "", fmt.Errorf("name a pack: %w", err)
	}
	return hex.EncodeToString(b[:]), nil
}

// add appends a sealed frame. When the object is already here, nothing
// happens.
func (w *Writer) add(b []byte, info FrameInfo) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.usable(); err != nil {
		return err
	}
	if _, ok := w.byID[info.ID]; ok {
		return nil
	}
	if w.file == nil {
		if err := w.create(); err != nil {
			return err
		}
	}
	at := w.off + int64(len(w.buf))
	if at+int64(len(b)) > maxOffset {
		return fmt.Errorf("pack %q: %w", w.name, ErrTooLarge)
	}
	info.Stored = len(b)
	w.byID[info.ID] = int32(len(w.records))
	w.records = append(w.records, recordOf(&info, at))
	w.buf = append(w.buf, b...)
	limit := writeBuffer
	if w.keep {
		limit = keepBuffer
	}
	if len(w.buf) >= limit {
		return w.write()
	}
	return nil
}

func (w *Writer) usable() error {
	if w.closed {
		return ErrClosed
	}
	return w.err
}

// failed remembers that the state of the file is unknown.
func (w *Writer) failed(err error) error {
	if w.err == nil {
		w.err = fmt.Errorf("write pack %q: %w", w.name, err)
	}
	return w.err
}

func (w *Writer) create() error {
	file, err := w.s.fs.OpenFile(w.name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return w.failed(err)
	}
	w.file = file
	w.buf = appendHeader(make([]byte, 0, 64<<10), w.flags)
	return nil
}

// write puts the gathered frames into the file.
func (w *Writer) write() error {
	if len(w.buf) == 0 || w.file == nil {
		return w.err
	}
	if n, err := w.file.Write(w.buf); err != nil {
		return w.failed(err)
	} else if n < len(w.buf) {
		return w.failed(io.ErrShortWrite)
	}
	w.off += int64(len(w.buf))
	w.unsynced += int64(len(w.buf))
	w.buf = w.buf[:0]
	if w.unsynced >= syncEvery && w.syncing == nil {
		w.unsynced = 0
		w.syncing = make(chan error, 1)
		go func(file fsys.File, done chan error) { done <- file.Sync() }(w.file, w.syncing)
	}
	if w.syncing != nil {
		select {
		case err := <-w.syncing:
			w.syncing = nil
			if err != nil {
				return w.failed(err)
			}
		default:
		}
	}
	return nil
}

// settle waits for a Sync that goes on.
func (w *Writer) settle() error {
	if w.syncing != nil {
		if err := <-w.syncing; err != nil {
			w.failed(err)
		}
		w.syncing = nil
	}
	return w.err
}

// Flush makes durable what has been stored so far. After a crash, Receive with
// the same key goes on from there; of Begin nothing stays.
func (w *Writer) Flush() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.usable(); err != nil {
		return err
	}
	return w.flush()
}

func (w *Writer) flush() error {
	if w.file == nil {
		return nil
	}
	if err := errors.Join(w.write(), w.settle()); err != nil {
		return err
	}
	if err := w.file.Sync(); err != nil {
		return w.failed(err)
	}
	w.unsynced = 0
	if w.keep && !w.named {
		if err := w.s.fs.SyncDir(incoming); err != nil {
			return w.failed(err)
		}
		w.named = true
	}
	return nil
}

// Commit makes the pack part of the store: what was stored is durable, and
// other processes see it. Of a writer that stored nothing no file remains. The
// writer is closed, whatever comes out.
func (w *Writer) Commit() error {
	done, err := w.commit()
	if cerr := w.Close(); err == nil {
		err = cerr
	}
	if err != nil || !done || w.s.opt.Manual {
		return err
	}
	// The objects are safe. What keeps packs from being merged now keeps the
	// next Merge from it too, and Verify reports it if it is damage.
	_ = w.s.Merge()
	return nil
}

func (w *Writer) commit() (bool, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.usable(); err != nil {
		return false, err
	}
	if len(w.records) == 0 {
		w.keep = false
		return false, nil
	}
	if err := w.write(); err != nil {
		return false, err
	}
	// byID is of no use any more, and the records are sorted now.
	clear(w.byID)
	w.buf = appendIndex(w.buf, w.records, w.off)
	w.named = true // it gets another name now
	if err := w.flush(); err != nil {
		return false, err
	}
	size := w.off
	if err := w.file.Close(); err != nil {
		w.file = nil
		return false, w.failed(err)
	}
	w.file = nil
	name, err := w.s.newName()
	if err != nil {
		return false, err
	}
	name += packSuffix
	if err := w.s.fs.Rename(w.name, name); err != nil {
		return false, fmt.Errorf("pack %q: %w", name, err)
	}
	w.name = ""
	if err := w.s.fs.SyncDir("."); err != nil {
		return false, fmt.Errorf("pack %q: %w", name, err)
	}
	return true, w.s.adopt(name, size)
}

// adopt puts a pack just written into the list.
func (s *Store) adopt(name string, size int64) error {
	info, err := s.fs.Lstat(name)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	packs := *s.packs.Load()
	for _, p := range packs {
		if p.name == name {
			return nil // a look-up found it before us
		}
	}
	s.setPacks(append(packs[:len(packs):len(packs)], &packFile{name: name, size: size, modTime: info.ModTime, cache: &s.cache}))
	return nil
}

// Close gives up what was not committed, but what Receive holds stays for the
// next Receive of the same key. After Commit it does nothing.
func (w *Writer) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return nil
	}
	w.closed = true
	var errs []error
	if w.file != nil {
		if w.keep && w.err == nil {
			errs = append(errs, w.write())
		}
		w.settle()
		if err := w.file.Close(); w.keep {
			errs = append(errs, err)
		}
		w.file = nil
	}
	if !w.keep && w.name != "" && (w.off > 0 || len(w.buf) > 0) {
		errs = append(errs, w.s.fs.Remove(w.name))
	}
	if w.lock != nil {
		errs = append(errs, w.lock.Close())
	}
	w.buf, w.records, w.byID = nil, nil, nil
	return errors.Join(errs...)
}

// Bytes is the length of the pack so far; of a continued one all of it.
func (w *Writer) Bytes() int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.off + int64(len(w.buf))
}

// Count is the number of objects in the pack so far.
func (w *Writer) Count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.records)
}

// own finds an object that this writer holds.
func (w *Writer) own(id objects.ID, below int) (record, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	i, ok := w.byID[id]
	if !ok || w.records[i].depth >= below {
		return record{}, false
	}
	return w.records[i], true
}

// lookup implements loader.
func (w *Writer) lookup(id objects.ID, below int) (record, error) {
	if r, ok := w.own(id, below); ok {
		return r, nil
	}
	return w.s.lookup(id, below)
}

// load implements loader.
func (w *Writer) load(id objects.ID, below int) (frame, *buffer, error) {
	w.mu.Lock()
	i, ok := w.byID[id]
	if !ok || w.records[i].depth >= below {
		w.mu.Unlock()
		return w.s.load(id, below)
	}
	r, file, off := w.records[i], w.file, w.off
	b := w.s.codec.buffers.get(r.length)
	b.b = b.b[:r.length]
	var err error
	if r.offset >= off {
		copy(b.b, w.buf[r.offset-off:])
		w.mu.Unlock()
	} else {
		w.mu.Unlock()
		err = readAt(file, b.b, r.offset)
	}
	var f frame
	if err == nil {
		f, err = parseFrame(b.b)
	}
	if err == nil && !r.matches(&f.FrameInfo) {
		err = fmt.Errorf("%w: frame is not the one that was written", ErrPack)
	}
	if err != nil {
		w.s.codec.buffers.put(b)
		return frame{}, nil, fmt.Errorf("pack %q: %w", w.name, err)
	}
	return f, b, nil
}

func (w *Writer) resolver() *resolver {
	return &resolver{from: w, codec: w.s.codec, bases: &w.s.bases}
}

// Get implements objects.Source.
func (w *Writer) Get(kind objects.Kind, id objects.ID) ([]byte, error) {
	return w.resolver().get(kind, id)
}

// Blob implements objects.Source.
func (w *Writer) Blob(id objects.ID) (objects.BlobReader, error) { return w.resolver().blob(id) }

// Has tells whether this writer or its store holds the object, so that it need
// not be stored. What GC has set aside does not count.
func (w *Writer) Has(id objects.ID) (bool, error) { return w.held(id), nil }

// held never fails: what cannot be read is stored again.
func (w *Writer) held(id objects.ID) bool {
	if _, ok := w.own(id, anyDepth); ok {
		return true
	}
	if w.mend {
		return false
	}
	for _, p := range *w.s.packs.Load() {
		err := w.s.visitPack(p, id, anyDepth, func(p *packFile, _ *record) error {
			if p.flags&flagSetAside != 0 {
				return objects.ErrNotFound
			}
			return nil
		})
		if err == nil {
			return true
		}
	}
	return false
}
