package repo

import (
	"context"
	"errors"
	"strings"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/worktree"
)

// RestoreOptions says which papers to bring back, and from where.
type RestoreOptions struct {
	// From is a commit; empty: the one that the files stand on.
	From string
	// Paths are the files and folders to bring back; "." is everything.
	Paths []string
}

// Restore makes papers what they were. What they hold now is recorded first,
// so that undo brings it back.
func (r *Repo) Restore(ctx context.Context, o RestoreOptions) (*FilesResult, error) {
	if r.tree == nil {
		return nil, ErrBare
	}
	lock, err := r.lock(ctx)
	if err != nil {
		return nil, err
	}
	defer lock.Close()
	target, err := r.treeOfSpec(o.From)
	if err != nil {
		return nil, err
	}
	for _, p := range o.Paths {
		if err := r.knownPath(ctx, target, p); err != nil {
			return nil, err
		}
	}
	base, err := r.treeOfSpec("")
	if err != nil {
		return nil, err
	}
	paths := cleanPaths(o.Paths)
	before, err := r.snapshot(ctx, base, paths)
	if err != nil {
		return nil, err
	}
	res, err := r.applyPlan(ctx, before, target, worktree.PlanOptions{Paths: paths, Base: base}, worktree.ApplyOptions{AllOrNothing: true})
	if err != nil {
		return nil, err
	}
	if len(res.Waiting) > 0 {
		return nil, waitingError(res.Waiting)
	}
	if res.Updated+res.Removed == 0 {
		return &res, nil
	}
	after, err := r.snapshot(ctx, base, paths)
	if err != nil {
		return nil, err
	}
	op := r.operation("restore " + strings.Join(o.Paths, " "))
	op.Work.Before, op.Work.After = before, after
	_, err = r.refs.Apply(ctx, op)
	return &res, err
}

// knownPath checks that a path is in the tree, or is a file at present.
func (r *Repo) knownPath(_ context.Context, tree objects.ID, path string) error {
	path = strings.Trim(path, "/")
	if path == "" || path == "." {
		return nil
	}
	_, ok, err := r.entryAt(tree, path)
	if err != nil || ok {
		return err
	}
	if there, err := exists(r.files, path); err != nil || there {
		return err
	}
	return &UnknownError{"paper", path}
}

// cleanPaths drops slashes at the ends; the root stands for everything, which
// is no path at all.
func cleanPaths(paths []string) []string {
	var clean []string
	for _, p := range paths {
		if p = strings.Trim(p, "/"); p == "" || p == "." {
			return nil
		}
		clean = append(clean, p)
	}
	return clean
}

// snapshot records the files as they are, those below paths, in the store and
// gives their tree: the base's tree with what changed below paths.
func (r *Repo) snapshot(ctx context.Context, base objects.ID, paths []string) (objects.ID, error) {
	w, err := r.store.Begin()
	if err != nil {
		return objects.ID{}, err
	}
	defer w.Close()
	rec, err := r.tree.Snapshot(ctx, r.store, w, base, paths)
	if errors.Is(err, worktree.ErrNoMatch) {
		return base, nil
	}
	if err != nil {
		return objects.ID{}, err
	}
	return rec.Tree, w.Commit()
}
