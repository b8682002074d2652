package sftp

import (
	"errors"
	"io"
	"io/fs"
	"path"
	"sync"
	"sync/atomic"

	"github.com/pkg/sftp"
)

// maxOpen is the number of files and folders one session may hold open; clients need one or two.
const maxOpen = 16

// handler answers the requests of one session. The library calls it from several goroutines, in which a panic would end the
// program.
type handler struct {
	view fs.FS
	open atomic.Int32
}

// code is the number, with its fixed words, by which an error crosses the wire.
func code(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, io.EOF):
		return io.EOF
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrInvalid):
		return sftp.ErrSSHFxNoSuchFile
	case errors.Is(err, fs.ErrPermission):
		return sftp.ErrSSHFxPermissionDenied
	}
	return sftp.ErrSSHFxFailure
}

// guard makes an error of a panic of the file system that is shown, and a code of an error.
func guard(err *error) {
	if p := recover(); p != nil {
		*err = sftp.ErrSSHFxFailure
		return
	}
	*err = code(*err)
}

// Filecmd implements sftp.FileCmder: whatever changes something.
func (h *handler) Filecmd(*sftp.Request) error { return sftp.ErrSSHFxPermissionDenied }

// Filewrite implements sftp.FileWriter.
func (h *handler) Filewrite(*sftp.Request) (io.WriterAt, error) {
	return nil, sftp.ErrSSHFxPermissionDenied
}

// Readlink implements sftp.ReadlinkFileLister: there are no links.
func (h *handler) Readlink(string) (string, error) { return "", sftp.ErrSSHFxNoSuchFile }

// RealPath implements sftp.RealPathFileLister.
func (h *handler) RealPath(name string) (string, error) { return path.Clean("/" + name), nil }

// LookupUserName implements sftp.NameLookupFileLister.
func (h *handler) LookupUserName(string) string { return "-" }

// LookupGroupName implements sftp.NameLookupFileLister.
func (h *handler) LookupGroupName(string) string { return "-" }

// take counts one open file or folder.
func (h *handler) take() error {
	if h.open.Add(1) > maxOpen {
		h.open.Add(-1)
		return sftp.ErrSSHFxFailure
	}
	return nil
}

// Fileread implements sftp.FileReader.
func (h *handler) Fileread(r *sftp.Request) (_ io.ReaderAt, err error) {
	defer guard(&err)
	name, err := resolve(h.view, r.Filepath)
	if err != nil {
		return nil, err
	}
	f, err := h.view.Open(name)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fs.ErrPermission
	}
	if err == nil {
		err = h.take()
	}
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return &openFile{file: f, handler: h}, nil
}

// openFile is a file that the peer reads.
type openFile struct {
	file    fs.File
	handler *handler
	close   sync.Once
	mu      sync.Mutex // of a file that has one position
}

// ReadAt implements io.ReaderAt.
func (f *openFile) ReadAt(p []byte, offset int64) (n int, err error) {
	defer guard(&err)
	if offset < 0 {
		return 0, fs.ErrInvalid
	}
	switch file := f.file.(type) {
	case io.ReaderAt:
		return file.ReadAt(p, offset)
	case io.ReadSeeker:
		f.mu.Lock()
		defer f.mu.Unlock()
		if _, err := file.Seek(offset, io.SeekStart); err != nil {
			return 0, err
		}
		n, err := io.ReadFull(file, p)
		if errors.Is(err, io.ErrUnexpectedEOF) {
			err = io.EOF
		}
		return n, err
	}
	return 0, errors.ErrUnsupported
}

// Close implements io.Closer.
func (f *openFile) Close() (err error) {
	defer guard(&err)
	f.close.Do(func() {
		f.handler.open.Add(-1)
		err = f.file.Close()
	})
	return err
}

// Filelist implements sftp.FileLister, for folders and for the attributes of one file.
func (h *handler) Filelist(r *sftp.Request) (_ sftp.ListerAt, err error) {
	defer guard(&err)
	name, err := resolve(h.view, r.Filepath)
	if err != nil {
		return nil, err
	}
	if r.Method != "List" {
		info, err := fs.Stat(h.view, name)
		if err != nil {
			return nil, err
		}
		if !shows(info.Mode()) {
			return nil, fs.ErrNotExist
		}
		return oneInfo{shownInfo{info}}, nil
	}
	entries, err := fs.ReadDir(h.view, name)
	if err != nil {
		return nil, err
	}
	if err := h.take(); err != nil {
		return nil, err
	}
	l := &listing{handler: h}
	for _, entry := range entries {
		if shows(entry.Type()) {
			l.entries = append(l.entries, entry)
		}
	}
	return l, nil
}

// shows reports whether a thing of this kind is shown at all.
func shows(mode fs.FileMode) bool { return mode.IsDir() || mode.IsRegular() }
