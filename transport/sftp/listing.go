package sftp

import (
	"io"
	"io/fs"
	"os"
	"sync"
)

// listing is an open folder.
type listing struct {
	handler *handler
	entries []fs.DirEntry
	close   sync.Once
}

// ListAt implements sftp.ListerAt.
func (l *listing) ListAt(infos []os.FileInfo, offset int64) (n int, err error) {
	defer guard(&err)
	if offset < 0 || offset > int64(len(l.entries)) {
		return 0, io.EOF
	}
	for _, entry := range l.entries[offset:] {
		if n == len(infos) {
			return n, nil
		}
		info, err := entry.Info()
		if err != nil {
			return 0, err
		}
		infos[n] = shownInfo{info}
		n++
	}
	return n, io.EOF
}

// Close implements io.Closer.
func (l *listing) Close() error {
	l.close.Do(func() { l.handler.open.Add(-1) })
	return nil
}

// oneInfo lists one file.
type oneInfo struct{ info fs.FileInfo }

// ListAt implements sftp.ListerAt.
func (o oneInfo) ListAt(infos []os.FileInfo, offset int64) (int, error) {
	if offset > 0 || len(infos) == 0 {
		return 0, io.EOF
	}
	infos[0] = o.info
	return 1, io.EOF
}

// shownInfo is what the peer learns of a file.
type shownInfo struct{ fs.FileInfo }

// Name implements fs.FileInfo.
func (i shownInfo) Name() string { return safeName(i.FileInfo.Name()) }

// Mode implements fs.FileInfo: nothing may be written.
func (i shownInfo) Mode() fs.FileMode {
	return i.FileInfo.Mode() & (fs.ModeDir | 0o555)
}

// Sys implements fs.FileInfo: no owners.
func (i shownInfo) Sys() any { return nil }
