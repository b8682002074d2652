package repo

import (
	"context"
	"time"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/objects/pack"
)

const (
	// DefaultGrace is how long objects that nothing reaches are kept: work of
	// processes that run right now, and second thoughts.
	DefaultGrace = 14 * 24 * time.Hour
	// undoKept is how far back operations keep alive what undo would need.
	undoKept = 90 * 24 * time.Hour
)

// GCOptions says what GC may drop.
type GCOptions struct {
	// Grace is the least age of an object that is dropped; 0: DefaultGrace,
	// negative: none.
	Grace time.Duration
}

// GCResult is what GC did.
type GCResult struct {
	PacksBefore, PacksAfter int
	BytesBefore, BytesAfter int64
	// SetAside are objects that nothing reaches and whose grace period began,
	// Dropped those whose grace period is over.
	SetAside, Dropped int
}

// GC merges packs and drops objects that no name, no operation of the last 90
// days and no conflict reaches, when they are older than the grace period.
func (r *Repo) GC(ctx context.Context, o GCOptions) (*GCResult, error) {
	grace := o.Grace
	switch {
	case grace == 0:
		grace = DefaultGrace
	case grace < 0:
		grace = 0
	}
	lock, err := r.lock(ctx)
	if err != nil {
		return nil, err
	}
	defer lock.Close()
	keep, err := r.reachable(ctx)
	if err != nil {
		return nil, err
	}
	before, err := r.store.Packs()
	if err != nil {
		return nil, err
	}
	res, err := r.store.GC(ctx, pack.GCOptions{
		Keep:  func(id objects.ID) bool { _, ok := keep[id]; return ok },
		Grace: grace, Full: o.Grace < 0,
	})
	if err != nil {
		return nil, err
	}
	r.env.progress(Progress{Phase: "tidying", Done: true})
	return &GCResult{
		PacksBefore: len(before), PacksAfter: res.Packs,
		BytesBefore: res.Before, BytesAfter: res.After, SetAside: res.SetAside, Dropped: res.Dropped,
	}, nil
}

// reachable is the set of all objects to keep.
func (r *Repo) reachable(ctx context.Context) (map[objects.ID]struct{}, error) {
	m := marker{repo: r, keep: map[objects.ID]struct{}{}}
	state, err := r.refs.State()
	if err != nil {
		return nil, err
	}
	for _, prefix := range []string{underHeads, underTags, underRemotes, underWork, underMeta} {
		for _, value := range state.List(prefix) {
			m.commits = append(m.commits, idOf(value))
		}
	}
	if err := m.tree(treeIn(state.Get(nameStand)), true); err != nil {
		return nil, err
	}
	since := r.env.Now().Add(-undoKept)
	for op, err := range r.refs.Operations() {
		if err != nil {
			return nil, err
		}
		if op.Time.Before(since) {
			break
		}
		for _, c := range op.Changes {
			m.commits = append(m.commits, idOf(c.Old), idOf(c.New))
		}
		for _, tree := range []objects.ID{op.Work.Before, op.Work.After} {
			if err := m.tree(tree, true); err != nil {
				return nil, err
			}
		}
	}
	return m.keep, m.run(ctx)
}

// marker collects what is reachable.
type marker struct {
	repo    *Repo
	keep    map[objects.ID]struct{}
	commits []objects.ID
}

// add tells whether the object is new to the set.
func (m *marker) add(id objects.ID) bool {
	if _, ok := m.keep[id]; ok || id.IsZero() {
		return false
	}
	m.keep[id] = struct{}{}
	return true
}

func (m *marker) run(ctx context.Context) error {
	for len(m.commits) > 0 {
		if err := ctx.Err(); err != nil {
			return err
		}
		id := m.commits[len(m.commits)-1]
		m.commits = m.commits[:len(m.commits)-1]
		if id.IsZero() {
			continue
		}
		if _, ok := m.keep[id]; ok {
			continue
		}
		has, err := m.repo.store.Has(id)
		if err != nil {
			return err
		}
		if !has {
			continue // an operation's old value that was dropped before
		}
		c, err := objects.ReadCommit(m.repo.store, id)
		if err != nil {
			return err
		}
		m.add(id)
		if err := m.tree(c.Tree, false); err != nil {
			return err
		}
		m.commits = append(m.commits, c.Parents...)
	}
	return nil
}

// tree marks a folder and all below. An optional one may be missing.
func (m *marker) tree(id objects.ID, optional bool) error {
	if _, ok := m.keep[id]; ok || id.IsZero() {
		return nil
	}
	if optional {
		if has, err := m.repo.store.Has(id); err != nil || !has {
			return err
		}
	}
	t, err := objects.ReadTree(m.repo.store, id)
	if err != nil {
		return err
	}
	m.add(id)
	for _, e := range t.Entries {
		if e.Mode.IsFolder() {
			if err := m.tree(e.ID, optional); err != nil {
				return err
			}
			continue
		}
		m.add(e.ID)
	}
	return nil
}
