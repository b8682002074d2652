package repo

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/esync/esync/merge"
	"github.com/esync/esync/objects"
	"github.com/esync/esync/objects/graph"
	"github.com/esync/esync/objects/pack"
	"github.com/esync/esync/refs"
	"github.com/esync/esync/worktree"
)

// MergeOptions says how Merge records.
type MergeOptions struct {
	// Message of the merge commit; empty: one that names the line.
	Message string
}

// MergeResult is what a merge did.
type MergeResult struct {
	// ID is the commit that the line stands at afterwards.
	ID objects.ID
	// Already: there was nothing to merge. FastForward: no commit was made.
	Already     bool
	FastForward bool
	// Merged are the papers whose content was joined from both sides.
	Merged    []string
	Notes     []string
	Conflicts []Conflict
	Files     FilesResult
}

// Merge joins another line, tag, peer's line or commit into the current line.
// Conflicts are recorded in the merge commit; the result then has them.
func (r *Repo) Merge(ctx context.Context, name string, o MergeOptions) (*MergeResult, error) {
	theirs, err := r.Find(name)
	if err != nil {
		return nil, err
	}
	lock, err := r.lock(ctx)
	if err != nil {
		return nil, err
	}
	defer lock.Close()
	if o.Message == "" {
		o.Message = fmt.Sprintf("Merge %s", name)
	}
	return r.mergeLocked(ctx, theirs, o.Message, "merge "+name)
}

// mergeLocked joins theirs into what this copy has: the commit of its files
// and what has arrived in its line. extra moves names in the same record.
func (r *Repo) mergeLocked(ctx context.Context, theirs objects.ID, message, command string, extra ...refs.Change) (*MergeResult, error) {
	state, err := r.refs.State()
	if err != nil {
		return nil, err
	}
	head := headName(currentLine(state))
	tip := idOf(state.Get(head))
	base := idOf(state.Get(nameBase))
	res := &MergeResult{ID: r.at(base, tip)}
	settings := settingsAfter(state, extra)
	sides := [...]objects.ID{tip, theirs}
	for _, side := range sides {
		if err := r.join(ctx, res, side, message, state, settings); err != nil {
			return nil, err
		}
	}
	changes := append(changed(change(state, head, valueOf(res.ID))), changed(extra...)...)
	op := r.operation(command)
	if r.tree != nil && res.ID != base {
		from, err := r.treeOf(base)
		if err != nil {
			return nil, err
		}
		to, err := r.treeOf(res.ID)
		if err != nil {
			return nil, err
		}
		if res.Files, err = r.moveFiles(ctx, from, to); err != nil {
			return nil, err
		}
		if len(res.Files.Waiting) == 0 {
			changes = append(changes, change(state, nameBase, valueOf(res.ID)))
			op.Work.Before, op.Work.After = from, to
		} else if res.ID != theirs {
			// Without the files, work/base stays behind the merge, which is
			// fine: work recorded later is merged with it by the next pull.
			res.Notes = append(res.Notes, "the files follow when nothing stands in their way")
		}
	}
	conflicts, err := r.conflictsOf(res.ID)
	if err != nil {
		return nil, err
	}
	res.Conflicts = wrapConflicts(conflicts)
	if res.Already = len(changes) == 0; res.Already {
		return res, nil
	}
	op.Changes = changes
	_, err = r.refs.Apply(ctx, op)
	return res, err
}

// join merges one more commit into res.ID, in the store only.
func (r *Repo) join(ctx context.Context, res *MergeResult, side objects.ID, message string, state refs.State, settings objects.ID) error {
	if side.IsZero() || side == res.ID {
		return nil
	}
	if res.ID.IsZero() {
		res.ID, res.FastForward = side, true
		return nil
	}
	if older, err := graph.IsAncestor(r.graph, side, res.ID); err != nil || older {
		return err
	}
	if older, err := graph.IsAncestor(r.graph, res.ID, side); err != nil {
		return err
	} else if older {
		res.ID, res.FastForward = side, true
		return nil
	}
	id, err := r.mergeCommit(ctx, res, side, message, state, settings)
	if err != nil {
		return err
	}
	res.ID, res.FastForward = id, false
	return nil
}

// mergeCommit makes the commit that joins two histories.
func (r *Repo) mergeCommit(_ context.Context, res *MergeResult, theirs objects.ID, message string, state refs.State, settings objects.ID) (objects.ID, error) {
	ours := res.ID
	w, err := r.store.Begin()
	if err != nil {
		return objects.ID{}, err
	}
	defer w.Close()
	options, err := r.mergeOptions(settings)
	if err != nil {
		return objects.ID{}, err
	}
	m, err := merge.Commits(r.graph, w, w, ours, theirs, options)
	if err != nil {
		return objects.ID{}, err
	}
	tree, conflicts, err := r.keepOurs(w, m, ours, theirs)
	if err != nil {
		return objects.ID{}, err
	}
	c, err := r.newCommit(tree, message, state, settings, ours, theirs)
	if err != nil {
		return objects.ID{}, err
	}
	if err := setConflicts(c, conflicts); err != nil {
		return objects.ID{}, err
	}
	id, err := r.putCommit(w, c)
	if err != nil {
		return objects.ID{}, err
	}
	for _, j := range m.Joined {
		res.Merged = append(res.Merged, j.Path)
	}
	for _, n := range m.Notes {
		res.Notes = append(res.Notes, n.String())
	}
	return id, w.Commit()
}

// keepOurs gives a merge as this copy records it: where it has new conflicts,
// with what this copy had.
func (r *Repo) keepOurs(w *pack.Writer, m merge.Result, ours, theirs objects.ID) (objects.ID, []merge.Conflict, error) {
	if ours.Compare(theirs) < 0 {
		return m.Tree, m.Conflicts, nil
	}
	a, err := r.conflictsOf(ours)
	if err != nil {
		return objects.ID{}, nil, err
	}
	b, err := r.conflictsOf(theirs)
	if err != nil {
		return objects.ID{}, nil, err
	}
	var all, fresh []merge.Conflict
	for _, c := range m.Conflicts {
		if !hasConflict(a, c.Path) && !hasConflict(b, c.Path) {
			fresh = append(fresh, c)
		}
		all = append(all, c.Mirror())
	}
	tree, err := merge.TakeAll(w, w, m.Tree, fresh, merge.Theirs)
	return tree, all, err
}

func hasConflict(cs []merge.Conflict, path string) bool {
	for _, c := range cs {
		if c.Path == path {
			return true
		}
	}
	return false
}

// Conflicts lists what is left to decide.
func (r *Repo) Conflicts(context.Context) ([]Conflict, error) {
	id, err := r.Find("HEAD")
	if errors.Is(err, ErrUnknown) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	cs, err := r.conflictsOf(id)
	return wrapConflicts(cs), err
}

// ResolveOptions decides one conflict.
type ResolveOptions struct {
	// Path of the conflict, as Conflicts gives it.
	Path string
	// Take is "ours" (what the merging copy had and the folder holds),
	// "theirs", or "both" (theirs is added beside, under a name of its own);
	// empty when With is given.
	Take string
	// With is a file that holds the decision.
	With string
}

// Resolve records the decision of one conflict as a commit. What the file held
// before can be had back by undo.
func (r *Repo) Resolve(ctx context.Context, o ResolveOptions) (*CommitResult, error) {
	if r.tree == nil {
		return nil, ErrBare
	}
	lock, err := r.lock(ctx)
	if err != nil {
		return nil, err
	}
	defer lock.Close()
	state, err := r.refs.State()
	if err != nil {
		return nil, err
	}
	base := idOf(state.Get(nameBase))
	conflicts, err := r.conflictsOf(base)
	if err != nil {
		return nil, err
	}
	var found *merge.Conflict
	var rest []merge.Conflict
	for i := range conflicts {
		if conflicts[i].Path == o.Path {
			found = &conflicts[i]
		} else {
			rest = append(rest, conflicts[i])
		}
	}
	if found == nil {
		return nil, &UnknownError{"conflict at", o.Path}
	}
	w, err := r.store.Begin()
	if err != nil {
		return nil, err
	}
	defer w.Close()
	baseTree, err := r.treeOf(base)
	if err != nil {
		return nil, err
	}
	edits, err := r.decide(w, baseTree, found, o)
	if err != nil {
		return nil, err
	}
	tree, err := replaceEntries(r.store, w, baseTree, edits)
	if err != nil {
		return nil, err
	}
	c, err := r.newCommit(tree, "Resolve "+o.Path, state, idOf(state.Get(nameSettings)), base)
	if err != nil {
		return nil, err
	}
	if err := setConflicts(c, rest); err != nil {
		return nil, err
	}
	res := &CommitResult{Commit: c, Files: len(edits)}
	if res.ID, err = r.putCommit(w, c); err != nil {
		return nil, err
	}
	if err := w.Commit(); err != nil {
		return nil, err
	}
	return res, r.finishResolve(ctx, state, base, baseTree, tree, res.ID, o, edits)
}

func (r *Repo) finishResolve(ctx context.Context, state refs.State, base, baseTree, tree, commit objects.ID, o ResolveOptions, edits []edit) error {
	var paths []string
	for _, e := range edits {
		paths = append(paths, e.path)
	}
	before, err := r.snapshot(ctx, baseTree, paths)
	if err != nil {
		return err
	}
	if o.Take == "ours" {
		// The folder's file stays as it is, also with further edits.
		before = baseTree
	}
	files, err := r.applyPlan(ctx, before, tree, worktree.PlanOptions{Paths: paths, Base: tree}, worktree.ApplyOptions{AllOrNothing: true})
	if err != nil {
		return err
	}
	if len(files.Waiting) > 0 {
		return waitingError(files.Waiting)
	}
	changes := []refs.Change{change(state, nameBase, valueOf(commit))}
	if head := headName(currentLine(state)); idOf(state.Get(head)) == base {
		changes = append(changes, change(state, head, valueOf(commit)))
	}
	op := r.operation("resolve "+o.Path, changes...)
	op.Work.Before, op.Work.After = before, tree
	_, err = r.refs.Apply(ctx, op)
	return err
}

// decide turns a decision into edits of the tree.
func (r *Repo) decide(w objects.Sink, tree objects.ID, c *merge.Conflict, o ResolveOptions) ([]edit, error) {
	switch {
	case o.With != "":
		f, err := os.Open(o.With)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		fi, err := f.Stat()
		if err != nil {
			return nil, err
		}
		id, n, err := w.PutBlob(f, fi.Size(), objects.ID{})
		if err != nil {
			return nil, err
		}
		e := objects.Entry{Mode: objects.ModeFile, ID: id, Size: n, ModTime: fi.ModTime().UnixMilli()}
		return []edit{{c.Path, &e}}, nil
	case o.Take == "ours":
		return []edit{{c.Path, c.Ours}}, nil
	case o.Take == "theirs":
		return []edit{{c.Path, c.Theirs}}, nil
	case o.Take == "both":
		if c.Theirs == nil || c.Ours == nil {
			return nil, fmt.Errorf("%w: %q: one side deleted the paper, so there are no two to keep; use --ours or --theirs", ErrUsage, c.Path)
		}
		path, err := r.freePath(tree, c.Path)
		if err != nil {
			return nil, err
		}
		return []edit{{c.Path, c.Ours}, {path, c.Theirs}}, nil
	}
	return nil, fmt.Errorf("%w: say which side to take", ErrUsage)
}
