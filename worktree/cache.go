package worktree

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"

	"github.com/esync/esync/internal/fsys"
	"github.com/esync/esync/objects"
)

// The sizes in the stat cache; doc.go draws it.
const (
	cacheMagic   = "ESYNCWC\x01"
	headerLen    = 8 + objects.IDSize + 8
	blockLen     = 16
	folderLen    = 4 + objects.IDSize + 16
	fileLen      = 4 + objects.IDSize + 40
	trailerLen   = 4
	maxDepth     = 256     // more folders below each other than a path has room for
	maxCacheSize = 4 << 30 // 40 million files; what lies above is no cache
)

// Flags of a file's record.
const (
	flagStat = 1 // the stat data stands for the content named by the ID
)

var errCache = errors.New("stat cache is damaged")

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// cache is the base tree with the stat data of the files that held its content
// when they were last looked at. It is read in place: the bytes are the value.
type cache struct {
	data []byte
	root objects.ID
	top  int // where the root folder's block stands
}

// record is one name in a block, in place.
type record struct {
	raw []byte
}

func (r record) ok() bool           { return r.raw != nil }
func (r record) mode() objects.Mode { return objects.Mode(r.raw[0]) }
func (r record) isFolder() bool     { return r.mode().IsFolder() }
func (r record) hasStat() bool      { return r.raw[1]&flagStat != 0 }
func (r record) id() objects.ID     { return objects.ID(r.raw[4:]) }
func (r record) u64(n int) uint64   { return binary.LittleEndian.Uint64(r.raw[4+objects.IDSize+8*n:]) }
func (r record) size() int64        { return int64(r.u64(0)) }
func (r record) contentTime() int64 { return int64(r.u64(1)) }
func (r record) back() int          { return int(r.u64(1)) }
func (r record) modTime() int64     { return int64(r.u64(2)) }
func (r record) changeTime() int64  { return int64(r.u64(3)) }
func (r record) inode() uint64      { return r.u64(4) }
func (r record) name() []byte       { return r.raw[r.head():] }
func (r record) head() int {
	if r.isFolder() {
		return folderLen
	}
	return fileLen
}

// entry gives the record as the tree has it.
func (r record) entry() objects.Entry {
	e := objects.Entry{Name: string(r.name()), Mode: r.mode(), ID: r.id(), Size: r.size()}
	if !r.isFolder() {
		e.ModTime = r.contentTime()
	}
	return e
}

// unmoved tells whether the file is still the one whose content the ID names,
// as far as the file system can tell.
func (r record) unmoved(i *fsys.Info) bool {
	if !r.hasStat() || i.Size != r.size() || i.ModTime != r.modTime() {
		return false
	}
	c, n := r.changeTime(), r.inode()
	return (c == i.ChangeTime || c == 0 || i.ChangeTime == 0) && (n == i.Inode || n == 0 || i.Inode == 0)
}

// block reads the records of one folder, in the order of their names.
type block struct {
	rest  []byte
	at    int
	left  int
	start int // where the blocks of the folders below begin
}

// block opens the folder whose block stands at that place; -1 is an empty one.
func (c *cache) block(at int) block {
	if at < 0 {
		return block{at: at}
	}
	d := c.data[at:]
	n := int(binary.LittleEndian.Uint32(d[4:]))
	return block{
		rest: d[blockLen : blockLen+n], at: at, left: int(binary.LittleEndian.Uint32(d)),
		start: at - int(binary.LittleEndian.Uint64(d[8:])),
	}
}

// next takes the next record; the record is not ok at the end.
func (b *block) next() record {
	if b.left == 0 {
		return record{}
	}
	b.left--
	head := fileLen
	if objects.Mode(b.rest[0]).IsFolder() {
		head = folderLen
	}
	n := head + int(binary.LittleEndian.Uint16(b.rest[2:]))
	r := record{b.rest[:n:n]}
	b.rest = b.rest[n:]
	return r
}

// child gives the place of a folder's block.
func (b *block) child(r record) int { return b.at - r.back() }

// span gives the bytes of a folder and all below.
func (c *cache) span(at int) []byte {
	b := c.block(at)
	return c.data[b.start : at+blockLen+len(b.rest)]
}

// parseCache checks all of the bytes, so that reading needs no more checks.
func parseCache(data []byte) (*cache, error) {
	if len(data) < headerLen+blockLen+trailerLen || string(data[:len(cacheMagic)]) != cacheMagic {
		return nil, fmt.Errorf("%w: no header", errCache)
	}
	body := data[:len(data)-trailerLen]
	if crc32.Checksum(body, castagnoli) != binary.LittleEndian.Uint32(data[len(body):]) {
		return nil, fmt.Errorf("%w: checksum", errCache)
	}
	c := &cache{data: body, root: objects.ID(data[len(cacheMagic):])}
	top := binary.LittleEndian.Uint64(data[len(cacheMagic)+objects.IDSize:])
	if top > uint64(len(body)-blockLen) {
		return nil, fmt.Errorf("%w: root at %d", errCache, top)
	}
	c.top = int(top)
	start, end, err := c.check(c.top, headerLen, maxDepth)
	if err == nil && (start != headerLen || end != len(body)) {
		err = fmt.Errorf("%w: folders from %d to %d of %d bytes", errCache, start, end, len(body))
	}
	if err != nil {
		return nil, err
	}
	return c, nil
}

// check verifies a folder and what lies below: the blocks of the folders below
// stand one after the other, without gaps, directly before it. It returns
// where they begin and where the folder's own block ends.
func (c *cache) check(at, low, depth int) (start, end int, err error) {
	bad := func(what string) (int, int, error) {
		return 0, 0, fmt.Errorf("%w: %s in the block at %d", errCache, what, at)
	}
	if depth == 0 || at < low || at > len(c.data)-blockLen {
		return bad("place")
	}
	d := c.data[at:]
	length, span := binary.LittleEndian.Uint32(d[4:]), binary.LittleEndian.Uint64(d[8:])
	if uint64(length) > uint64(len(d)-blockLen) || span > uint64(at-low) {
		return bad("length")
	}
	b := c.block(at)
	want := b.start
	last := ""
	for range b.left {
		if len(b.rest) < folderLen {
			return bad("record")
		}
		mode := objects.Mode(b.rest[0])
		n := int(binary.LittleEndian.Uint16(b.rest[2:]))
		head := fileLen
		if mode.IsFolder() {
			head = folderLen
		}
		if mode < objects.ModeFile || mode > objects.ModeFolder || n == 0 || n > objects.MaxName || len(b.rest) < head+n {
			return bad("record")
		}
		r := b.next()
		if name := r.name(); string(name) <= last || r.size() < 0 {
			return bad("order")
		} else {
			last = string(name)
		}
		if !mode.IsFolder() {
			continue
		}
		if r.u64(1) > math.MaxInt32*64 || r.back() > at-want {
			return bad("place of a folder")
		}
		s, e, err := c.check(b.child(r), want, depth-1)
		if err != nil {
			return 0, 0, err
		}
		if s != want {
			return bad("gap")
		}
		want = e
	}
	if want != at || len(b.rest) != 0 {
		return bad("rest")
	}
	return b.start, at + blockLen + int(length), nil
}
