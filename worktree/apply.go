package worktree

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sync/atomic"

	"github.com/esync/esync/internal/fsys"
	"github.com/esync/esync/objects"
)

// ApplyOptions say how a plan is carried out.
type ApplyOptions struct {
	// Sink keeps the trees of a state in which files wait; see Applied.Tree.
	// Without one nothing may wait: files that do are a *WaitingError, and
	// those that got in the way after all was checked leave the plan pending.
	// A plan whose Base is not the tree planned for needs none.
	Sink objects.Sink
	// AllOrNothing touches nothing if any file would have to wait, and says so
	// with *WaitingError.
	AllOrNothing bool
	// Progress, if set, hears the files and bytes written so far. It is called
	// from one goroutine at a time.
	Progress func(files int, bytes int64)
}

// Applied is what became of a plan.
type Applied struct {
	// Updated and Removed count files.
	Updated, Removed int
	// Waiting are the files that were left alone, by path, and why. What the
	// plan has for them can be had by planning again from Tree.
	Waiting []Note
	// Tree is what scans compare with from now on: the plan's Base, but where
	// files wait with what they had before. A record taken from it holds none
	// of the waiting changes, so whoever commits one merges it with the tree
	// that was planned for.
	Tree objects.ID
}

// state is how far a step has come.
type state uint8

const (
	todo     state = iota
	ready          // checked: the file is what the plan expects
	prepared       // the new content is in a temporary file beside it
	finished       // the file is what the plan wants
	waits          // left alone
)

// result is what came of a step.
type result struct {
	state state
	seen  fsys.Info // what stood there when it was checked; no name if nothing
	now   fsys.Info // what stands there when finished
	moved bool      // it was found under the old name
}

// applier carries out one plan.
type applier struct {
	*Worktree
	ctx   context.Context
	src   objects.Source
	plan  *Plan
	opt   ApplyOptions
	base  *cache
	stamp int64
	notes notebook
	count progress
	// flusher is set when the system makes everything durable at once.
	flusher fsys.Flusher

	updated, removed atomic.Int64
}

// Apply carries out a plan. No file is replaced or removed but one that holds
// what the tree planned from has there: a file with other content, one that is
// open in an office program and one that the system holds are left alone and
// waiting. Nothing is read or written through a symbolic link.
//
// After an error or a crash the files stand on either tree, each of them
// whole, and Pending says so.
func (w *Worktree) Apply(ctx context.Context, src objects.Source, plan *Plan, opt ApplyOptions) (*Applied, error) {
	a := &applier{Worktree: w, ctx: ctx, src: src, plan: plan, opt: opt}
	a.count.tell = opt.Progress
	strict := opt.Sink == nil && plan.Base == plan.To
	a.opt.AllOrNothing = opt.AllOrNothing || strict
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	a.reset(plan.root)
	var err error
	if plan.Fresh {
		err = a.fresh()
	} else {
		err = a.update()
	}
	if err != nil {
		return nil, fmt.Errorf("change files: %w", err)
	}
	if strict && len(a.notes.notes) > 0 {
		return nil, &WaitingError{Waiting: a.notes.sorted()}
	}
	tree, err := a.settle()
	if err != nil {
		return nil, err
	}
	if err := w.end(); err != nil {
		return nil, err
	}
	return &Applied{
		Updated: int(a.updated.Load()), Removed: int(a.removed.Load()),
		Waiting: a.notes.sorted(), Tree: tree,
	}, nil
}

// reset lets a plan be carried out once more.
func (a *applier) reset(f *planFolder) {
	f.blocked = false
	for i := range f.steps {
		f.steps[i].done = result{}
	}
	for _, sub := range f.subs {
		a.reset(sub)
	}
}

// wait leaves a step undone.
func (a *applier) wait(f *planFolder, s *step, format string, args ...any) {
	s.done.state = waits
	a.notes.add(join(f.path, s.name), NoteWaiting, format, args...)
}

// block leaves a folder with all below undone.
func (a *applier) block(f *planFolder, why string) {
	f.blocked = true
	for i := range f.steps {
		if s := &f.steps[i]; s.done.state != waits && s.done.state != finished {
			a.wait(f, s, "%s", why)
		}
	}
	if len(f.steps)+len(f.subs) == 0 {
		a.notes.add(f.path, NoteWaiting, "%s", why)
	}
	for _, sub := range f.subs {
		a.block(sub, why)
	}
}

// finish marks a step as done.
func (a *applier) finish(s *step, now fsys.Info) {
	s.done.state, s.done.now = finished, now
}

// openFolder opens a folder by handle and makes sure that the name leads to it
// and not, by a symbolic link, somewhere else.
func openFolder(parent fsys.FS, name string) (fsys.FS, error) {
	sub, err := parent.Sub(name)
	if err != nil {
		if i, lerr := parent.Lstat(name); lerr == nil && !i.IsDir() {
			return nil, &PathError{Path: name, Err: ErrLink}
		}
		return nil, err
	}
	self, err := sub.Lstat(".")
	if err == nil {
		var i fsys.Info
		if i, err = parent.Lstat(name); err == nil && (!i.IsDir() || i.Inode != self.Inode) {
			err = &PathError{Path: name, Err: ErrLink}
		}
	}
	if err != nil {
		sub.Close()
		return nil, err
	}
	return sub, nil
}

// within opens the folder that a planned folder stands for and does something
// in it. A folder that is not there is nil to do.
func within(parent fsys.FS, name string, do func(dir fsys.FS) error) error {
	if parent == nil {
		return do(nil)
	}
	dir, err := openFolder(parent, name)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, ErrLink):
		return do(nil)
	case err != nil:
		return err
	}
	defer dir.Close()
	return do(dir)
}
