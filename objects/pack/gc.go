package pack

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/esync/esync/internal/fsys"
	"github.com/esync/esync/objects"
)

// GCOptions say what a collection keeps.
type GCOptions struct {
	// Keep tells whether an object is needed: reachable from a name, or from
	// an operation that can be undone. Bases and chunks need not be named.
	Keep func(objects.ID) bool
	// Grace is how long an object that is not needed stays readable, set
	// aside. It must be longer than any commit or transfer takes: one that
	// goes on now may have found the object here and count on it. With 0 it
	// is gone at once, so nobody else may be writing.
	Grace time.Duration
	// Full rewrites every pack that holds anything not needed, and makes one
	// of all; otherwise a large pack stays until a twentieth of it can go.
	Full bool
}

// GCResult tells what a collection did.
type GCResult struct {
	Packs    int   // how many there are now
	SetAside int   // objects newly set aside
	Dropped  int   // objects that are gone
	Before   int64 // bytes of all packs
	After    int64
}

// smallPack is rewritten for the least garbage; a larger one when
// 1/wasteShare of it is garbage.
const (
	smallPack  = 16 << 20
	wasteShare = 20
)

// GC removes what is not needed and merges packs. What is found not needed is
// first set aside, in a pack of its own that writers do not count on; a later
// collection, after the grace, drops it, or takes it back if it is needed
// again. ErrBusy means another process merges or collects. Damage of any kind
// ends it and leaves all as it was.
func (s *Store) GC(ctx context.Context, opt GCOptions) (GCResult, error) {
	lock, err := s.fs.Lock(mergeLock)
	if errors.Is(err, fsys.ErrLocked) {
		return GCResult{}, fmt.Errorf("collect garbage: %w", ErrBusy)
	}
	if err != nil {
		return GCResult{}, fmt.Errorf("collect garbage: %w", err)
	}
	defer lock.Close()
	res, err := s.collect(ctx, opt)
	if err != nil {
		return res, fmt.Errorf("collect garbage: %w", err)
	}
	return res, nil
}

func (s *Store) collect(ctx context.Context, opt GCOptions) (res GCResult, err error) {
	if err := errors.Join(s.Refresh(), s.sweep(), s.sweepIncoming()); err != nil {
		return res, err
	}
	packs := *s.packs.Load()
	needed, err := s.needed(ctx, packs, opt.Keep)
	if err != nil {
		return res, err
	}
	var chosen, rest []*packFile
	var sizes []int64
	for _, p := range packs {
		if err := ctx.Err(); err != nil {
			return res, err
		}
		res.Before += p.size
		waste, err := p.waste(needed)
		if err != nil {
			return res, err
		}
		switch {
		case p.flags&flagSetAside != 0:
			if s.opt.Now().Sub(time.Unix(0, p.modTime)) >= opt.Grace {
				chosen = append(chosen, p)
			}
		case waste > 0 && (opt.Full || p.size < smallPack || waste > p.size/wasteShare):
			chosen = append(chosen, p)
		default:
			rest, sizes = append(rest, p), append(sizes, p.size)
		}
	}
	chosen = append(chosen, alsoMerge(chosen, rest, sizes, opt.Full)...)
	if len(chosen) > 0 {
		if err := s.replace(chosen, s.judge(chosen, needed, opt.Grace, &res)); err != nil {
			return res, err
		}
	}
	for _, p := range *s.packs.Load() {
		res.Packs++
		res.After += p.size
	}
	return res, nil
}

// alsoMerge picks packs without waste that are rewritten too.
func alsoMerge(chosen, rest []*packFile, sizes []int64, full bool) (more []*packFile) {
	if full {
		if len(chosen)+len(rest) > 1 {
			return rest
		}
		return nil
	}
	for _, i := range chooseMerge(sizes, math.MaxInt64) {
		more = append(more, rest[i])
	}
	return more
}

// judge decides what becomes of the objects of the packs that are rewritten.
func (s *Store) judge(chosen []*packFile, needed func(objects.ID) bool, grace time.Duration, res *GCResult) func(*record) fate {
	old := map[objects.ID]bool{} // has been set aside before
	for _, p := range chosen {
		if p.use(s.fs) != nil {
			continue // replace finds out
		}
		if p.flags&flagSetAside != 0 {
			for r := range p.records() {
				old[r.id] = true
			}
		}
		p.done()
	}
	return func(r *record) fate {
		switch {
		case needed(r.id):
			return keepIt
		case grace > 0 && !old[r.id]:
			res.SetAside++
			return setItAside
		}
		res.Dropped++
		return dropIt
	}
}

// waste is how many bytes of a pack's frames are not needed.
func (p *packFile) waste(needed func(objects.ID) bool) (n int64, err error) {
	for r, err := range p.records() {
		if err != nil {
			return 0, err
		}
		if !needed(r.id) {
			n += int64(r.length)
		}
	}
	return n, nil
}

// needed extends keep to the bases and chunks of what is kept. It opens all
// packs.
func (s *Store) needed(ctx context.Context, packs []*packFile, keep func(objects.ID) bool) (func(objects.ID) bool, error) {
	extra := map[objects.ID]bool{}
	var todo []objects.ID
	need := func(id objects.ID) {
		if !extra[id] && !keep(id) {
			extra[id] = true
			todo = append(todo, id)
		}
	}
	follow := func(p *packFile, r *record) error {
		if r.depth == 0 && !r.form.IsList() {
			return nil
		}
		return s.follow(p, r, need)
	}
	for _, p := range packs {
		if err := p.use(s.fs); err != nil {
			return nil, err
		}
		err := func() error {
			defer p.done()
			for r, err := range p.records() {
				if err == nil && keep(r.id) {
					err = follow(p, &r)
				}
				if err = errors.Join(err, ctx.Err()); err != nil {
					return err
				}
			}
			return nil
		}()
		if err != nil {
			return nil, err
		}
	}
	for len(todo) > 0 {
		id := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		// Every copy counts: which one stays is not decided yet.
		for _, p := range packs {
			if err := s.visitPack(p, id, anyDepth, follow); err != nil && !errors.Is(err, objects.ErrNotFound) {
				return nil, err
			}
		}
	}
	return func(id objects.ID) bool { return extra[id] || keep(id) }, nil
}

// follow calls need with what a frame refers to.
func (s *Store) follow(p *packFile, r *record, need func(objects.ID)) error {
	b := s.codec.buffers.get(r.length)
	defer s.codec.buffers.put(b)
	var err error
	if b.b, err = p.read(r, b.b); err != nil {
		return err
	}
	f, err := parseFrame(b.b)
	if err != nil {
		return damage(r.id, err)
	}
	if f.Form.HasBase() {
		need(f.Base)
	}
	if !f.Form.IsList() {
		return nil
	}
	chunks, err := s.resolver().list(&f)
	if err != nil {
		return damage(r.id, err)
	}
	for i := range chunks {
		need(chunks[i].id)
	}
	return nil
}
