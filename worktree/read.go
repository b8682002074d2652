package worktree

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"sync"

	"github.com/esync/esync/internal/fsys"
	"github.com/esync/esync/objects"
)

// linkBits mark symbolic links and, on Windows, junctions and other names
// that lead elsewhere.
const linkBits = fs.ModeSymlink | fs.ModeIrregular

// smallFile is the longest file that is read whole before it is handed on, so
// that torn bytes don't even reach the store.
const smallFile = 256 << 10

// hashSink names content without keeping it.
type hashSink struct{}

func (hashSink) Put(k objects.Kind, content []byte, _ objects.ID) (objects.ID, error) {
	return objects.Sum(k, content), nil
}

func (hashSink) PutBlob(r io.Reader, _ int64, _ objects.ID) (objects.ID, int64, error) {
	h := objects.NewHasher(objects.KindBlob)
	buf := copyBuffers.Get().(*[]byte)
	defer copyBuffers.Put(buf)
	n, err := io.CopyBuffer(h, onlyReader{r}, *buf)
	return h.ID(), n, err
}

// onlyReader hides what else a file can do, so that the buffer is used.
type onlyReader struct{ io.Reader }

var copyBuffers = sync.Pool{New: func() any { b := make([]byte, smallFile); return &b }}

var errMoved = errors.New("file changes while it is read")

// reading is what came of reading one file at rest.
type reading struct {
	id   objects.ID
	size int64
	info fsys.Info
}

// readOnce reads a file and hands its content to the sink. errMoved when it
// was not the same thing from beginning to end.
func readOnce(dir fsys.FS, name string, seen *fsys.Info, sink objects.Sink, prev objects.ID, buf []byte) (reading, error) {
	var r reading
	f, err := dir.OpenFile(name, readOnly, 0)
	if err != nil {
		return r, err
	}
	defer f.Close()
	if r.info, err = f.Stat(); err != nil {
		return r, err
	}
	if !unchanged(&r.info, seen) {
		// Something else stands here than what was listed: perhaps a link.
		now, err := dir.Lstat(name)
		if err != nil {
			return r, err
		}
		if !now.Regular() || !unchanged(&r.info, &now) {
			return r, errMoved
		}
	}
	if r.info.Size <= smallFile && r.info.Size < int64(len(buf)) {
		var n int
		n, err = io.ReadFull(f, buf[:r.info.Size+1])
		if r.size = int64(n); err == io.ErrUnexpectedEOF || err == io.EOF {
			err = nil
		}
	} else {
		// A file that grows as fast as it is read must not be read for ever.
		r.id, r.size, err = sink.PutBlob(io.LimitReader(f, r.info.Size+1), r.info.Size, prev)
	}
	if err != nil {
		return r, err
	}
	after, err := f.Stat()
	if err != nil {
		return r, err
	}
	if r.size != r.info.Size || !unchanged(&r.info, &after) {
		return r, errMoved
	}
	if r.id.IsZero() {
		r.id, err = sink.Put(objects.KindBlob, buf[:r.size], prev)
	}
	return r, err
}

// unchanged tells whether two looks saw the same file in the same state.
func unchanged(a, b *fsys.Info) bool {
	return a.Mode == b.Mode && a.Size == b.Size && a.ModTime == b.ModTime &&
		(a.ChangeTime == b.ChangeTime || a.ChangeTime == 0 || b.ChangeTime == 0) &&
		(a.Inode == b.Inode || a.Inode == 0 || b.Inode == 0)
}

// held tells whether an error says that another program has the file, or that
// the system does not let us have it.
func held(err error) bool {
	for _, e := range heldErrors {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// readItem reads one file and completes its item. A file that does not come to
// rest, or cannot be read, is noted and its item skipped.
func (k *walk) readItem(ctx context.Context, dir fsys.FS, name string, f *folder, it *item, sink objects.Sink, buf []byte) error {
	var prev objects.ID
	if it.rec.ok() && !it.rec.isFolder() {
		prev = it.rec.id()
	}
	k.stamp()
	for try := 1; ; try++ {
		r, err := readOnce(dir, name, &it.info, sink, prev, buf)
		switch {
		case err == nil:
			it.take(r, k.system)
			return nil
		case held(err), errors.Is(err, errMoved), errors.Is(err, fs.ErrNotExist):
		case errors.Is(err, fs.ErrPermission):
			it.skip = true
			k.notes.add(join(f.path, it.name), NoteUnreadable, "cannot be read: the system denies access; what was recorded of it stays")
			return nil
		default:
			return fmt.Errorf("read %q: %w", join(f.path, it.name), err)
		}
		if try > retries {
			it.skip = true
			k.notes.add(join(f.path, it.name), NoteBusy, "is in use: it changes while it is read; save and close it, then try again")
			return nil
		}
		if err := k.pause(ctx, try); err != nil {
			return err
		}
	}
}

// take completes the item with what was read.
func (it *item) take(r reading, system System) {
	m := it.entry.Mode
	if system.hasModes() {
		m = objects.ModeFile
		if r.info.Mode&0o100 != 0 {
			m = objects.ModeExecutable
		}
	}
	it.entry = objects.Entry{Name: it.name, Mode: m, ID: r.id, Size: r.size, ModTime: r.info.Time().UnixMilli()}
	it.info, it.hashed, it.what = r.info, true, content
	if !it.rec.ok() || it.rec.isFolder() || it.rec.id() != r.id {
		return
	}
	it.entry.ModTime = it.rec.contentTime()
	it.what = learned
	if it.rec.mode() != m {
		it.what = mode
	}
}

// readAtMost reads the first bytes of a stream.
func readAtMost(r io.Reader, n int64) ([]byte, error) { return io.ReadAll(io.LimitReader(r, n)) }
