package repo

import (
	"io"
	"io/fs"
	"sync"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/transport"
)

// viewWindow is how much of what was read last an open file of a view keeps:
// programs that fetch a file in many pieces at once ask a little out of order.
const viewWindow = 4 << 20

// viewFile is an open paper of a view. Content comes as a stream, so reading
// goes forward; a reader that goes further back than the window starts over.
type viewFile struct {
	info viewInfo
	src  transport.Frames

	mu   sync.Mutex
	blob objects.BlobReader
	end  int64  // of what was read
	kept []byte // what was read last, up to end
	at   int64  // of Read
}

// rewind opens the content anew.
func (f *viewFile) rewind() error {
	if f.blob != nil {
		f.blob.Close()
		f.blob = nil
	}
	blob, err := f.src.Blob(f.info.entry.ID)
	if err != nil {
		return err
	}
	f.blob, f.end, f.kept = blob, 0, f.kept[:0]
	return nil
}

// Stat implements fs.File.
func (f *viewFile) Stat() (fs.FileInfo, error) { return f.info, nil }

// Close implements fs.File.
func (f *viewFile) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.blob == nil {
		return nil
	}
	err := f.blob.Close()
	f.blob, f.kept = nil, nil
	return err
}

// Read implements fs.File.
func (f *viewFile) Read(p []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	n, err := f.readAt(p, f.at)
	f.at += int64(n)
	if n > 0 && err == io.EOF {
		err = nil
	}
	return n, err
}

// ReadAt implements io.ReaderAt.
func (f *viewFile) ReadAt(p []byte, off int64) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.readAt(p, off)
}

func (f *viewFile) readAt(p []byte, off int64) (int, error) {
	switch size := f.info.Size(); {
	case f.blob == nil:
		return 0, fs.ErrClosed
	case off < 0:
		return 0, fs.ErrInvalid
	case off >= size:
		return 0, io.EOF
	}
	if off < f.end-int64(len(f.kept)) {
		if err := f.rewind(); err != nil {
			return 0, err
		}
	}
	done := 0
	for done < len(p) {
		if start := f.end - int64(len(f.kept)); off < f.end {
			n := copy(p[done:], f.kept[off-start:])
			done, off = done+n, off+int64(n)
			continue
		}
		if err := f.forward(); err != nil {
			return done, err
		}
	}
	return done, nil
}

// forward reads some more into the window. Half of the window is dropped at a
// time, so that most of it stands at any moment.
func (f *viewFile) forward() error {
	const step = 64 << 10
	if len(f.kept)+step > viewWindow {
		f.kept = f.kept[:copy(f.kept, f.kept[len(f.kept)-viewWindow/2:])]
	}
	n := len(f.kept)
	if cap(f.kept) < n+step {
		f.kept = append(make([]byte, 0, min(viewWindow, 2*(n+step))), f.kept...)
	}
	read, err := f.blob.Read(f.kept[n : n+step])
	f.kept, f.end = f.kept[:n+read], f.end+int64(read)
	if read > 0 {
		return nil
	}
	return err
}
