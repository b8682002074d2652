package pack

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"runtime"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/esync/esync/objects"
)

// Damage is something that Verify found wrong.
type Damage struct {
	Pack string
	// Offset is where in the pack, and ID which object, if that is known.
	Offset int64
	ID     objects.ID
	Err    error
}

// Error describes the damage.
func (d Damage) Error() string {
	if d.ID.IsZero() {
		return fmt.Sprintf("pack %q at %d: %v", d.Pack, d.Offset, d.Err)
	}
	return fmt.Sprintf("pack %q at %d: object %s: %v", d.Pack, d.Offset, d.ID.Short(), d.Err)
}

// verifyBatch is how many frames one goroutine takes at a time.
const verifyBatch = 64

// Verify reads every byte of every pack, decodes every object and computes its
// ID, and calls report with whatever is wrong, one at a time. Its own error
// means that it could not go on.
func (s *Store) Verify(ctx context.Context, report func(Damage)) error {
	if err := s.Refresh(); err != nil {
		return fmt.Errorf("verify: %w", err)
	}
	v := &verifier{s: s, report: report}
	for _, p := range *s.packs.Load() {
		if err := v.pack(ctx, p); err != nil {
			return fmt.Errorf("verify: %w", err)
		}
	}
	return nil
}

type verifier struct {
	s      *Store
	mu     sync.Mutex
	report func(Damage)
}

func (v *verifier) damage(d Damage) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.report(d)
}

func (v *verifier) pack(ctx context.Context, p *packFile) error {
	// What was read before must not hide what the disk holds now.
	fresh := &packFile{name: p.name, modTime: p.modTime, cache: new(pageCache)}
	err := fresh.use(v.s.fs)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // merged away meanwhile; its objects stand in a pack that comes
	}
	if err != nil {
		v.damage(Damage{Pack: p.name, Err: err})
		return nil
	}
	defer func() { fresh.done(); fresh.retire() }()
	records := v.index(fresh)
	v.gaps(fresh, records)
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for batch := range slices.Chunk(records, verifyBatch) {
		if ctx.Err() != nil {
			break
		}
		group.Go(func() error {
			for i := range batch {
				if err := v.frame(fresh, &batch[i]); err != nil {
					v.damage(Damage{Pack: p.name, Offset: batch[i].offset, ID: batch[i].id, Err: err})
				}
			}
			return nil
		})
	}
	return errors.Join(group.Wait(), ctx.Err())
}

// index reads all records, checks their order, and returns them by offset.
func (v *verifier) index(p *packFile) []record {
	var records []record
	var last objects.ID
	for i := range p.direct {
		at, _ := p.layout.pageAt(i)
		page, err := p.page(i)
		if err != nil {
			v.damage(Damage{Pack: p.name, Offset: at, Err: err})
			continue
		}
		if binary.BigEndian.Uint64(page) != p.direct[i] {
			v.damage(Damage{Pack: p.name, Offset: at, Err: fmt.Errorf("%w: directory and page disagree", ErrPack)})
		}
		for ; len(page) > 0; page = page[recordSize:] {
			r := readRecord(page)
			err := p.sane(&r)
			if err == nil && r.id.Compare(last) <= 0 {
				err = fmt.Errorf("%w: index is out of order", ErrPack)
			}
			if last = r.id; err != nil {
				v.damage(Damage{Pack: p.name, Offset: at, ID: r.id, Err: err})
				continue
			}
			records = append(records, r)
		}
	}
	slices.SortFunc(records, func(a, b record) int { return cmp.Compare(a.offset, b.offset) })
	return records
}

// gaps checks that the frames stand one after the other up to the index.
func (v *verifier) gaps(p *packFile, records []record) {
	at := int64(headerSize)
	for i := range records {
		if records[i].offset != at {
			v.damage(Damage{Pack: p.name, Offset: at, Err: fmt.Errorf("%w: bytes up to %d belong to no object", ErrPack, records[i].offset)})
		}
		at = records[i].offset + int64(records[i].length)
	}
	if at != p.layout.pages {
		v.damage(Damage{Pack: p.name, Offset: at, Err: fmt.Errorf("%w: bytes before the index belong to no object", ErrPack)})
	}
}

// frame decodes the very frame that a record names.
func (v *verifier) frame(p *packFile, rec *record) error {
	b := v.s.codec.buffers.get(rec.length)
	defer v.s.codec.buffers.put(b)
	var err error
	if b.b, err = p.read(rec, b.b); err != nil {
		return err
	}
	f, err := parseFrame(b.b)
	if err != nil {
		return err
	}
	if !rec.matches(&f.FrameInfo) {
		return fmt.Errorf("%w: frame is not the one the index names", ErrPack)
	}
	r := v.s.resolver()
	if f.Form.IsList() {
		chunks, err := r.list(&f)
		if err != nil {
			return err
		}
		return r.sameBlob(f.ID, chunks, f.Depth)
	}
	c, err := r.decode(&f)
	if err != nil {
		return err
	}
	defer r.release(c)
	if objects.Sum(f.Kind, c.b) != f.ID {
		return errMismatch
	}
	return nil
}
