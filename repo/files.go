package repo

import (
	"context"
	"errors"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/worktree"
)

// FilesResult says what a verb did to the files.
type FilesResult struct {
	Updated int
	Removed int
	// Waiting are files that the verb left alone, and why.
	Waiting []worktree.Note
}

// moveFiles brings the files from one tree to another, all or none: when a
// file would have to wait (changed and not recorded, open in Office) nothing
// is touched and Waiting says which.
func (r *Repo) moveFiles(ctx context.Context, from, to objects.ID) (FilesResult, error) {
	if r.tree == nil || from == to {
		return FilesResult{}, nil
	}
	return r.applyPlan(ctx, from, to, worktree.PlanOptions{}, worktree.ApplyOptions{AllOrNothing: true})
}

// applyPlan plans and applies. What waits is a result, never an error.
func (r *Repo) applyPlan(ctx context.Context, from, to objects.ID, po worktree.PlanOptions, ao worktree.ApplyOptions) (FilesResult, error) {
	plan, err := r.tree.Plan(ctx, r.store, from, to, po)
	if err != nil {
		return FilesResult{}, err
	}
	ao.Progress = func(files int, bytes int64) {
		r.env.progress(Progress{Phase: "writing files", Files: files, Bytes: bytes, TotalFiles: plan.Files, TotalBytes: plan.Bytes})
	}
	done, err := r.tree.Apply(ctx, r.store, plan, ao)
	r.env.progress(Progress{Phase: "writing files", Done: true})
	var waiting *worktree.WaitingError
	switch {
	case errors.As(err, &waiting):
		return FilesResult{Waiting: waiting.Waiting}, nil
	case err != nil:
		return FilesResult{}, err
	}
	return FilesResult{Updated: done.Updated, Removed: done.Removed, Waiting: done.Waiting}, nil
}

// waitingError is the refusal of a verb that cannot go on while files wait.
func waitingError(notes []worktree.Note) error {
	e := &LocalChangesError{}
	for _, n := range notes {
		e.Paths = append(e.Paths, n.Path)
		e.Reasons = append(e.Reasons, n.Text)
	}
	return e
}
