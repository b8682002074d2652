package worktree

import (
	"encoding/binary"

	"github.com/esync/esync/internal/fsys"
	"github.com/esync/esync/objects"
)

// cacheWriter makes the bytes of a stat cache: a folder's block comes after
// the blocks of all folders below it, so that a whole branch can be copied.
type cacheWriter struct {
	buf []byte
}

func newCacheWriter(hint int) *cacheWriter {
	w := &cacheWriter{buf: make([]byte, headerLen, headerLen+hint+hint/16+4096)}
	copy(w.buf, cacheMagic)
	return w
}

// branch copies a folder of another cache with all below, and returns where
// its block stands now.
func (w *cacheWriter) branch(c *cache, at int) int {
	b := c.block(at)
	w.buf = append(w.buf, c.span(at)...)
	return len(w.buf) - blockLen - len(b.rest)
}

// line is one name of a folder about to be written.
type line struct {
	entry objects.Entry
	info  *fsys.Info // the stat data to remember, or nil for none
	rec   record     // a record to copy instead; entry is not looked at then
	pos   int        // of a folder: where its block stands
}

// folder writes a folder's block; start is len(w.buf) from before the folders
// below were written. It returns where the block stands.
func (w *cacheWriter) folder(start int, lines []line) int {
	at := len(w.buf)
	w.buf = append(w.buf, make([]byte, blockLen)...)
	for i := range lines {
		w.line(at, &lines[i])
	}
	head := w.buf[at:]
	binary.LittleEndian.PutUint32(head, uint32(len(lines)))
	binary.LittleEndian.PutUint32(head[4:], uint32(len(head)-blockLen))
	binary.LittleEndian.PutUint64(head[8:], uint64(at-start))
	return at
}

func (w *cacheWriter) line(at int, l *line) {
	le := binary.LittleEndian
	from := len(w.buf)
	if l.rec.ok() {
		w.buf = append(w.buf, l.rec.raw...)
		if l.rec.isFolder() {
			le.PutUint64(w.buf[from+4+objects.IDSize+8:], uint64(at-l.pos))
		}
		return
	}
	e := &l.entry
	flags := byte(0)
	if l.info != nil {
		flags = flagStat
	}
	w.buf = append(w.buf, byte(e.Mode), flags)
	w.buf = le.AppendUint16(w.buf, uint16(len(e.Name)))
	w.buf = append(w.buf, e.ID[:]...)
	w.buf = le.AppendUint64(w.buf, uint64(e.Size))
	if e.Mode.IsFolder() {
		w.buf = le.AppendUint64(w.buf, uint64(at-l.pos))
	} else {
		w.buf = le.AppendUint64(w.buf, uint64(e.ModTime))
		var i fsys.Info
		if l.info != nil {
			i = *l.info
		}
		w.buf = le.AppendUint64(w.buf, uint64(i.ModTime))
		w.buf = le.AppendUint64(w.buf, uint64(i.ChangeTime))
		w.buf = le.AppendUint64(w.buf, i.Inode)
	}
	w.buf = append(w.buf, e.Name...)
}

// finish closes the cache of that root tree, whose block stands at top.
func (w *cacheWriter) finish(root objects.ID, top int) *cache {
	copy(w.buf[len(cacheMagic):], root[:])
	binary.LittleEndian.PutUint64(w.buf[len(cacheMagic)+objects.IDSize:], uint64(top))
	return &cache{data: w.buf, root: root, top: top}
}

// emptyCache is that of a tree without entries.
func emptyCache() *cache {
	w := newCacheWriter(0)
	top := w.folder(len(w.buf), nil)
	return w.finish(objects.ID{}, top)
}
