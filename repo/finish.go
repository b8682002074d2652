package repo

import (
	"context"
	"io"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/refs"
	"github.com/esync/esync/worktree"
)

// lock makes this process the one that changes files and names. A clone that
// was interrupted while its files were written is finished first, so that
// every verb finds the files that it expects.
func (r *Repo) lock(ctx context.Context) (io.Closer, error) {
	lock, err := waitLock(ctx, r.meta, lockFile, lockWait)
	if err != nil {
		return nil, err
	}
	if err := r.finish(ctx); err != nil {
		lock.Close()
		return nil, err
	}
	return lock, nil
}

// finish ends what a crash interrupted.
func (r *Repo) finish(ctx context.Context) error {
	state, err := r.refs.State()
	if err != nil {
		return err
	}
	started, err := r.unfinished(state)
	if err != nil {
		return err
	}
	if started.Seq > 0 {
		_, err = r.firstFiles(ctx, state, started.Command)
		return err
	}
	return r.settle(ctx, state)
}

// unfinished gives the record with which a clone began whose files are not all
// written yet; its Seq is 0 when this is no such copy.
func (r *Repo) unfinished(state refs.State) (refs.Operation, error) {
	head := headName(DefaultLine)
	if r.tree == nil || state.Get(nameBase) != "" || state.Get(head) == "" {
		return refs.Operation{}, nil
	}
	var first refs.Operation
	for op, err := range r.refs.Operations() {
		if err != nil {
			return refs.Operation{}, err
		}
		first = op
	}
	for _, c := range first.Changes {
		if c.Name == head && c.New == state.Get(head) {
			return first, nil
		}
	}
	return refs.Operation{}, nil
}

// firstFiles writes the files of the current line into a folder that has none
// of them, or only what an earlier try has written, and records that they are
// there.
func (r *Repo) firstFiles(ctx context.Context, state refs.State, command string) (FilesResult, error) {
	tip := state.Get(headName(currentLine(state)))
	if r.tree == nil || tip == "" || state.Get(nameBase) != "" {
		return FilesResult{}, nil
	}
	tree, err := r.treeOf(idOf(tip))
	if err != nil {
		return FilesResult{}, err
	}
	res, err := r.applyPlan(ctx, objects.ID{}, tree, worktree.PlanOptions{Fresh: true}, worktree.ApplyOptions{})
	if err != nil {
		return res, err
	}
	_, err = r.refs.Apply(ctx, r.operation(command, change(state, nameBase, tip)))
	return res, err
}
