package worktree

import (
	"context"

	"github.com/esync/esync/objects"
)

// RecordOptions narrow a record.
type RecordOptions struct {
	// Paths are the files and folders to record, with all below; none means
	// everything.
	Paths []string
	// Progress, if set, hears the files and bytes read so far. It is called
	// from one goroutine at a time.
	Progress func(files int, bytes int64)
}

// Recorded is a new state of the files in the store.
type Recorded struct {
	// Tree is the root of the new state; it is the base when nothing changed.
	Tree    objects.ID
	Changes []Change
	// Files and Bytes are what was read.
	Files int
	Bytes int64
	// Notes tell what was not recorded as it stands.
	Notes []Note

	cache *cache
}

// Record stores what changed since the base and returns the new tree. It
// changes no file. Once whoever called it has made the new tree durable, he
// calls Commit.
//
// Nothing torn is recorded: a file that moves while it is read is noted and
// stays what it was in the base. Names that some system cannot take are
// refused all at once, with *RefusedError, before anything is stored.
func (w *Worktree) Record(ctx context.Context, src objects.Source, sink objects.Sink, base objects.ID, opt RecordOptions) (*Recorded, error) {
	sel, err := newSelection(opt.Paths)
	if err != nil {
		return nil, err
	}
	c, err := w.base(src, base)
	if err != nil {
		return nil, err
	}
	root, k, err := w.walk(ctx, c, sel)
	if err != nil {
		return nil, err
	}
	if err := k.notes.refused(); err != nil {
		return nil, err
	}
	read := progress{tell: opt.Progress}
	jobs := root.jobs(true, func(*item) bool { return true })
	if err := k.readAll(ctx, jobs, sink, &read); err != nil {
		return nil, err
	}
	b := builder{walk: k, sink: sink}
	rec := &Recorded{Files: read.files, Bytes: read.bytes}
	if rec.cache, err = b.build(root); err != nil {
		return nil, err
	}
	rec.Tree = rec.cache.root
	if rec.Changes, err = k.changes(root, src); err != nil {
		return nil, err
	}
	rec.Notes = k.notes.sorted()
	return rec, nil
}

// Snapshot is Record of some paths, so that they can be replaced: its Tree is
// what Plan takes as from, and what stood there is in the store.
func (w *Worktree) Snapshot(ctx context.Context, src objects.Source, sink objects.Sink, base objects.ID, paths []string) (*Recorded, error) {
	return w.Record(ctx, src, sink, base, RecordOptions{Paths: paths})
}

// Commit remembers a recorded state as the base that the next scan compares
// with. It comes after whatever made the state durable: a crash before it
// leaves a cache of the old base, which is merely slower.
func (w *Worktree) Commit(rec *Recorded) error {
	if rec.cache == nil {
		return nil
	}
	w.sweep(w.stamp())
	return w.writeCache(rec.cache)
}

// refused gives all refusals as one error.
func (b *notebook) refused() error {
	var names []Note
	for _, n := range b.sorted() {
		if n.Refused() {
			names = append(names, n)
		}
	}
	if len(names) == 0 {
		return nil
	}
	return &RefusedError{Names: names}
}
