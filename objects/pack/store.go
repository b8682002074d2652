package pack

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/esync/esync/internal/fsys"
	"github.com/esync/esync/objects"
)

const (
	packSuffix = ".pack"
	tempSuffix = ".tmp"
	partSuffix = ".part"
	lockSuffix = ".lock"
	incoming   = "incoming"
	mergeLock  = "merge.lock"
)

// Options of a store. The zero value is what a repository uses.
type Options struct {
	// Rand gives the names of packs; nil means crypto/rand.
	Rand io.Reader
	// Now is the clock that ages are measured by; nil means time.Now.
	Now func() time.Time
	// Manual leaves packs as they are after a Commit: Merge must be called.
	Manual bool
}

// Store is a folder of packs. It implements objects.Source. Many goroutines
// and many processes may use one folder at once.
type Store struct {
	fs    fsys.FS
	opt   Options
	codec *codec
	cache pageCache
	bases baseCache

	// helpers bounds the goroutines that compress chunks beside the callers
	// of PutBlob, and whole the bytes of blobs held whole for a comparison.
	helpers chan struct{}
	whole   *semaphore.Weighted

	mu     sync.Mutex // guards changes of packs, and stale
	stale  []string   // files of writers that died
	packs  atomic.Pointer[[]*packFile]
	listed atomic.Int64 // time of change of the folder when it was listed
}

// maxWholeBytes bounds the memory of all comparisons that go on at once.
const maxWholeBytes = 4 * MaxWhole

// Open opens the store in a folder and makes what is missing.
func Open(dir fsys.FS, opt Options) (*Store, error) {
	if opt.Rand == nil {
		opt.Rand = rand.Reader
	}
	if opt.Now == nil {
		opt.Now = time.Now
	}
	c, err := newCodec()
	if err != nil {
		return nil, err
	}
	s := &Store{
		fs: dir, opt: opt, codec: c,
		helpers: make(chan struct{}, runtime.GOMAXPROCS(0)),
		whole:   semaphore.NewWeighted(maxWholeBytes),
	}
	s.packs.Store(new([]*packFile))
	if err := errors.Join(s.makeFolders(), s.Refresh()); err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	return s, nil
}

func (s *Store) makeFolders() error {
	switch err := s.fs.Mkdir(incoming, 0o700); {
	case err == nil:
		return s.fs.SyncDir(".")
	case !errors.Is(err, fs.ErrExist):
		return err
	}
	return nil
}

// Close closes the packs' files. Nobody may use the store any more.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range *s.packs.Load() {
		p.retire()
	}
	s.packs.Store(new([]*packFile))
	return nil
}

// Refresh looks for packs that other processes wrote or removed. A look-up
// that finds nothing does so by itself.
func (s *Store) Refresh() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.refresh()
}

func (s *Store) refresh() error {
	folder, err := s.fs.Lstat(".")
	if err != nil {
		return err
	}
	infos, err := s.fs.ReadDir(".")
	if err != nil {
		return err
	}
	known := map[string]*packFile{}
	for _, p := range *s.packs.Load() {
		known[p.name] = p
	}
	var packs []*packFile
	s.stale = nil
	for _, info := range infos {
		if strings.HasSuffix(info.Name, tempSuffix) && s.opt.Now().Sub(info.Time()) > staleTemp {
			s.stale = append(s.stale, info.Name)
		}
		if !strings.HasSuffix(info.Name, packSuffix) || !info.Regular() {
			continue
		}
		p := known[info.Name]
		if p == nil {
			p = &packFile{name: info.Name, size: info.Size, modTime: info.ModTime, cache: &s.cache}
		}
		delete(known, info.Name)
		packs = append(packs, p)
	}
	s.setPacks(packs)
	for _, gone := range known {
		gone.retire()
	}
	s.listed.Store(folder.ModTime)
	return nil
}

// setPacks orders the packs newest first: what is asked for is most often new.
func (s *Store) setPacks(packs []*packFile) {
	slices.SortFunc(packs, func(a, b *packFile) int {
		if a.modTime != b.modTime {
			if a.modTime > b.modTime {
				return -1
			}
			return 1
		}
		return strings.Compare(a.name, b.name)
	})
	s.packs.Store(&packs)
}

// clockStep is longer than the steps in which file systems count time.
const clockStep = 50 * time.Millisecond

// changed tells whether the folder may hold other packs than when it was
// listed.
func (s *Store) changed() bool {
	folder, err := s.fs.Lstat(".")
	if err != nil || folder.ModTime != s.listed.Load() {
		return true
	}
	step := clockStep
	if folder.ModTime%int64(time.Second) == 0 {
		step = 2 * time.Second // FAT
	}
	// A change within the step in which we listed does not show in the time.
	age := time.Since(folder.Time())
	return age < step && age > -step
}

// locate calls visit with the packs that hold a copy of the object with a
// depth less than below, until visit takes one.
func (s *Store) locate(id objects.ID, below int, visit func(*packFile, *record) error) error {
	var trouble error
	for try := 0; ; try++ {
		trouble = nil
		gone := false
		for _, p := range *s.packs.Load() {
			err := s.visitPack(p, id, below, visit)
			switch {
			case err == nil:
				return nil
			case errors.Is(err, fs.ErrNotExist):
				gone = true
			case !errors.Is(err, objects.ErrNotFound) && trouble == nil:
				trouble = err
			}
		}
		if try > 2 || !gone && !s.changed() {
			break
		}
		if err := s.Refresh(); err != nil {
			return err
		}
	}
	if trouble != nil {
		return trouble
	}
	return objects.ErrNotFound
}

func (s *Store) visitPack(p *packFile, id objects.ID, below int, visit func(*packFile, *record) error) error {
	if err := p.use(s.fs); err != nil {
		return err
	}
	defer p.done()
	r, ok, err := p.find(id)
	if err != nil {
		return err
	}
	if !ok || r.depth >= below {
		return objects.ErrNotFound
	}
	return visit(p, &r)
}

// anyDepth is above every depth.
const anyDepth = MaxDepth + 1

// lookup implements loader.
func (s *Store) lookup(id objects.ID, below int) (found record, err error) {
	err = s.locate(id, below, func(_ *packFile, r *record) error {
		found = *r
		return nil
	})
	return found, err
}

// load implements loader.
func (s *Store) load(id objects.ID, below int) (f frame, b *buffer, err error) {
	err = s.locate(id, below, func(p *packFile, r *record) error {
		buf := s.codec.buffers.get(r.length)
		err := p.frame(r, buf, &f)
		if err != nil {
			s.codec.buffers.put(buf)
			return err
		}
		b = buf
		return nil
	})
	return f, b, err
}

// frame reads and parses the frame that a record names.
func (p *packFile) frame(r *record, b *buffer, f *frame) (err error) {
	if b.b, err = p.read(r, b.b); err != nil {
		return err
	}
	got, err := parseFrame(b.b)
	if err == nil && !r.matches(&got.FrameInfo) {
		err = fmt.Errorf("%w: frame is not the one the index names", ErrPack)
	}
	if err != nil {
		return fmt.Errorf("pack %q: %w", p.name, err)
	}
	*f = got
	return nil
}

// Has implements objects.Source.
func (s *Store) Has(id objects.ID) (bool, error) {
	_, err := s.lookup(id, anyDepth)
	switch {
	case err == nil:
		return true, nil
	case errors.Is(err, objects.ErrNotFound):
		return false, nil
	}
	return false, damage(id, err)
}

// PackInfo describes one pack.
type PackInfo struct {
	Name    string
	Bytes   int64
	Objects int
	// SetAside says that GC found nothing of it in use. Writers store such
	// objects anew.
	SetAside bool
}

// Packs describes the packs, newest first. Those that cannot be opened are left
// out, and the error then says why.
func (s *Store) Packs() ([]PackInfo, error) {
	if err := s.Refresh(); err != nil {
		return nil, err
	}
	var infos []PackInfo
	var failed []error
	for _, p := range *s.packs.Load() {
		err := p.use(s.fs)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			failed = append(failed, err)
			continue
		}
		infos = append(infos, PackInfo{Name: p.name, Bytes: p.size, Objects: p.layout.count, SetAside: p.flags&flagSetAside != 0})
		p.done()
	}
	return infos, errors.Join(failed...)
}

// All lists every object, in no particular order; one that stands in two packs
// comes twice. Base is not filled in.
func (s *Store) All() iter.Seq2[FrameInfo, error] {
	return func(yield func(FrameInfo, error) bool) {
		for _, p := range *s.packs.Load() {
			if !s.allOf(p, yield) {
				return
			}
		}
	}
}

func (s *Store) allOf(p *packFile, yield func(FrameInfo, error) bool) bool {
	if err := p.use(s.fs); err != nil {
		return errors.Is(err, fs.ErrNotExist) || yield(FrameInfo{}, err)
	}
	defer p.done()
	for r, err := range p.records() {
		if !yield(r.info(), err) {
			return false
		}
	}
	return true
}

// records goes through the index of a pack in use.
func (p *packFile) records() iter.Seq2[record, error] {
	return func(yield func(record, error) bool) {
		for i := range p.direct {
			page, err := p.page(i)
			if err != nil {
				if !yield(record{}, fmt.Errorf("pack %q: %w", p.name, err)) {
					return
				}
				continue
			}
			for ; len(page) > 0; page = page[recordSize:] {
				r := readRecord(page)
				if !yield(r, p.sane(&r)) {
					return
				}
			}
		}
	}
}
