package pack

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"sync"
	"sync/atomic"

	"github.com/esync/esync/internal/fsys"
	"github.com/esync/esync/objects"
)

// packFile is one pack on disk. It is opened when first needed, and closed
// when it has been retired and nobody reads it any more.
type packFile struct {
	name    string
	modTime int64
	cache   *pageCache

	mu      sync.Mutex
	file    fsys.File
	size    int64
	layout  layout
	flags   byte
	users   int
	retired bool
	failed  error // damage found when it was opened
	direct  []uint64
	pages   []atomic.Pointer[[]byte]
}

// tailRead is how much of a pack's end is read at once when it is opened: for
// a small pack the whole index.
const tailRead = 8 << 10

// use opens the pack, if need be, and keeps it open until done. It fails with
// fs.ErrNotExist when the pack is gone.
func (p *packFile) use(dir fsys.FS) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.retired {
		return fmt.Errorf("pack %q: %w", p.name, fs.ErrNotExist)
	}
	if p.failed != nil {
		return p.failed
	}
	if p.file == nil {
		if err := p.open(dir); err != nil {
			err = fmt.Errorf("pack %q: %w", p.name, err)
			if errors.Is(err, ErrPack) || errors.Is(err, ErrVersion) {
				p.failed = err
			}
			return err
		}
	}
	p.users++
	return nil
}

func (p *packFile) done() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.users--
	p.closeIdle()
}

// retire closes the pack as soon as nobody uses it.
func (p *packFile) retire() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.retired = true
	p.closeIdle()
}

func (p *packFile) closeIdle() {
	if p.retired && p.users == 0 && p.file != nil {
		p.file.Close()
		p.file = nil
		p.forget()
	}
}

// open reads header, footer and directory.
func (p *packFile) open(dir fsys.FS) (err error) {
	file, err := dir.OpenFile(p.name, os.O_RDONLY, 0)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			file.Close()
		}
	}()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	p.size = info.Size
	if p.size < headerSize+footerSize {
		return fmt.Errorf("%w: %d bytes long", ErrPack, p.size)
	}
	var head [headerSize]byte
	if err := readAt(file, head[:], 0); err != nil {
		return err
	}
	if p.flags, err = parseHeaderOfPack(head[:]); err != nil {
		return err
	}
	tail := make([]byte, min(tailRead, p.size))
	if err := readAt(file, tail, p.size-int64(len(tail))); err != nil {
		return err
	}
	if p.layout, err = parseFooter(tail[len(tail)-footerSize:], p.size); err != nil {
		return err
	}
	if err := p.readDirectory(file, tail); err != nil {
		return err
	}
	p.file = file
	return nil
}

func (p *packFile) readDirectory(file fsys.File, tail []byte) error {
	n := p.layout.pageCount()
	at := p.layout.directoryAt()
	var b []byte
	if from := at - (p.size - int64(len(tail))); from >= 0 {
		b = tail[from : from+int64(n)*prefixSize]
	} else {
		b = make([]byte, n*prefixSize)
		if err := readAt(file, b, at); err != nil {
			return err
		}
	}
	if crc32.Checksum(b, castagnoli) != p.layout.sum {
		return fmt.Errorf("%w: index directory has a wrong checksum", ErrPack)
	}
	p.direct = make([]uint64, n)
	for i := range p.direct {
		p.direct[i] = binary.BigEndian.Uint64(b[i*prefixSize:])
	}
	p.pages = make([]atomic.Pointer[[]byte], n)
	return nil
}

// readAt reads all of b, and takes a file that ends early for a damaged one.
func readAt(file fsys.File, b []byte, off int64) error {
	n, err := file.ReadAt(b, off)
	if n == len(b) {
		return nil
	}
	if err == nil || errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: cut short", ErrPack)
	}
	return err
}

// find looks an ID up. The pack is in use.
func (p *packFile) find(id objects.ID) (record, bool, error) {
	for i := pageOf(p.direct, id); i >= 0; i-- {
		page, err := p.page(i)
		if err != nil {
			return record{}, false, fmt.Errorf("pack %q: %w", p.name, err)
		}
		if r, ok := findInPage(page, id); ok {
			return r, true, p.sane(&r)
		}
		if p.direct[i] != binary.BigEndian.Uint64(id[:]) {
			break // only with an equal prefix may it stand on the page before
		}
	}
	return record{}, false, nil
}

// sane checks what a record says before anything is allocated for it.
func (p *packFile) sane(r *record) error {
	if r.length < minFrame || r.length > MaxFrame || r.offset < headerSize || r.offset+int64(r.length) > p.layout.pages ||
		!r.kind.Valid() || r.form >= formEnd || r.depth > MaxDepth {
		return fmt.Errorf("pack %q: %w: index points nowhere", p.name, ErrPack)
	}
	return nil
}

func (p *packFile) page(i int) ([]byte, error) {
	if b := p.pages[i].Load(); b != nil {
		return *b, nil
	}
	off, n := p.layout.pageAt(i)
	b := make([]byte, n)
	if err := readAt(p.file, b, off); err != nil {
		return nil, err
	}
	b, err := checkPage(b)
	if err != nil {
		return nil, err
	}
	if p.cache.admit(p) && p.pages[i].Swap(&b) != nil {
		p.cache.count.Add(-1) // another reader was as fast
	}
	return b, nil
}

// forget drops the pages that are kept.
func (p *packFile) forget() {
	for i := range p.pages {
		if p.pages[i].Swap(nil) != nil {
			p.cache.count.Add(-1)
		}
	}
}

// read reads a record's frame into buf.
func (p *packFile) read(r *record, buf []byte) ([]byte, error) {
	if cap(buf) < r.length {
		buf = make([]byte, r.length)
	}
	buf = buf[:r.length]
	if err := readAt(p.file, buf, r.offset); err != nil {
		return nil, fmt.Errorf("pack %q: %w", p.name, err)
	}
	return buf, nil
}

// maxPages bounds the index pages kept in memory: 16 MiB, enough for 350,000
// objects. Past that each look-up reads one page.
const maxPages = 16 << 20 / pageSize

// pageCache counts the pages that all packs of a store keep.
type pageCache struct{ count atomic.Int64 }

// admit tells whether one more page may be kept. When there are too many, the
// asking pack's own go first: look-ups come in runs.
func (c *pageCache) admit(p *packFile) bool {
	if c.count.Load() >= maxPages {
		p.forget()
	}
	if c.count.Load() >= maxPages {
		return false
	}
	c.count.Add(1)
	return true
}
