package repo

import (
	"context"
	"fmt"
	"slices"

	"github.com/esync/esync/merge"
	"github.com/esync/esync/objects"
	"github.com/esync/esync/objects/pack"
	"github.com/esync/esync/refs"
	"github.com/esync/esync/worktree"
)

// ResolveOptions decides one conflict.
type ResolveOptions struct {
	// Path of the conflict, as Conflicts gives it, or another of its Paths.
	Path string
	// Take is "ours" (what the folder holds), "theirs", or "both" (theirs is
	// added beside, under a name of its own); empty when With is given.
	Take string
	// Places are what is decided of a paper with places, "ours" or "theirs";
	// merge.AllPlaces is all that is not decided yet. When every place is, the
	// paper has them and all else that either side changed.
	Places []string
	// With is a file that holds the decision.
	With string
}

// ResolveResult is what was decided.
type ResolveResult struct {
	CommitResult
	// Open is how many places of the paper are still to be decided.
	Open int
	// Left is how many places came from the other version alone, or from this
	// copy's, and are not in the paper because the other one was taken whole.
	Left int
	// Reindex are indexes of a joined table that its program must make anew.
	Reindex []string
}

// Resolve records the decision of one conflict as a commit. What the file held
// before can be had back by undo.
func (r *Repo) Resolve(ctx context.Context, o ResolveOptions) (*ResolveResult, error) {
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
	d := &decision{repo: r, o: o, state: state, base: idOf(state.Get(nameBase))}
	if err := d.find(); err != nil {
		return nil, err
	}
	w, err := r.store.Begin()
	if err != nil {
		return nil, err
	}
	defer w.Close()
	if err := d.edit(w); err != nil {
		return nil, err
	}
	c, err := r.newCommit(d.tree, d.message(), state, idOf(state.Get(nameSettings)), d.base)
	if err != nil {
		return nil, err
	}
	if err := setConflicts(c, d.open); err != nil {
		return nil, err
	}
	d.res.Commit, d.res.Files = c, len(d.edits)
	if d.res.ID, err = r.putCommit(w, c); err != nil {
		return nil, err
	}
	if err := w.Commit(); err != nil {
		return nil, err
	}
	return &d.res, d.finish(ctx)
}

// decision is one call of Resolve.
type decision struct {
	repo  *Repo
	o     ResolveOptions
	state refs.State
	base  objects.ID
	open  []merge.Conflict // as recorded
	at    int              // of the one that is decided
	seen  merge.Conflict   // that one, as this copy sees it
	edits []merge.Edit
	// tree is what is recorded, and stood and stands are what the files stand
	// on before and after.
	tree, stood, stands objects.ID
	res                 ResolveResult
}

func (d *decision) message() string {
	if len(d.edits) == 0 {
		return "Decide places of " + d.o.Path
	}
	return "Resolve " + d.o.Path
}

// find looks the conflict up.
func (d *decision) find() (err error) {
	if d.open, err = d.repo.conflictsOf(d.base); err != nil {
		return err
	}
	d.at = slices.IndexFunc(d.open, func(c merge.Conflict) bool { return c.Path == d.o.Path })
	if d.at < 0 { // a name that a side gave it, or a file that goes with it
		d.at = slices.IndexFunc(d.open, func(c merge.Conflict) bool { return slices.Contains(c.Paths(), d.o.Path) })
	}
	if d.at < 0 {
		return &UnknownError{"conflict at", d.o.Path}
	}
	d.o.Path = d.open[d.at].Path
	seen, err := d.repo.asSeen(d.state, d.open[d.at:d.at+1])
	if err != nil {
		return err
	}
	d.seen = seen[0]
	if d.tree, err = d.repo.treeOf(d.base); err != nil {
		return err
	}
	d.stood, err = d.repo.standing(d.state)
	return err
}

// edit turns the decision into edits of the trees, and takes the conflict off
// the list.
func (d *decision) edit(w *pack.Writer) (err error) {
	d.stands = d.stood
	if len(d.o.Places) > 0 {
		done, err := d.places(w)
		if err != nil || !done {
			return err
		}
	} else if d.edits, err = d.whole(w); err != nil {
		return err
	}
	d.open = slices.Delete(slices.Clone(d.open), d.at, d.at+1)
	if d.tree, err = merge.Apply(w, w, d.tree, d.edits); err != nil {
		return err
	}
	d.stands, err = merge.Apply(w, w, d.stood, d.edits)
	return err
}

// places decides places. It reports false while others are open.
func (d *decision) places(w *pack.Writer) (done bool, err error) {
	side, ok := map[string]merge.Side{"ours": merge.Ours, "theirs": merge.Theirs}[d.o.Take]
	if !ok {
		return false, fmt.Errorf("%w: a place is decided by --ours or --theirs", ErrUsage)
	}
	c := d.seen
	for _, where := range d.o.Places {
		if len(c.Places) == 0 && where == merge.AllPlaces {
			continue // nothing differs any more, and the rest can be put together
		}
		if c, _, err = c.Decide(where, side); err != nil {
			return false, err
		}
	}
	d.res.Open = 0
	for _, p := range c.Places {
		if p.Take == merge.Undecided {
			d.res.Open++
		}
	}
	if d.res.Open == 0 {
		options, err := d.repo.mergeOptions(idOf(d.state.Get(nameSettings)))
		if err != nil {
			return false, err
		}
		d.res.Reindex = c.Reindex()
		d.edits, err = c.Settle(w, w, options)
		return true, err
	}
	if recorded := d.open[d.at]; !sameSides(c, recorded) {
		c = c.Mirror()
	}
	d.open = slices.Clone(d.open)
	d.open[d.at] = c
	return false, nil
}

// sameSides tells whether two forms of one conflict have the sides in one order.
func sameSides(a, b merge.Conflict) bool {
	same := func(x, y *objects.Entry) bool { return x == y || x != nil && y != nil && x.Same(*y) }
	return same(a.Ours, b.Ours) && same(a.Theirs, b.Theirs) && a.OursPath == b.OursPath
}

// finish brings the files to what was decided, and moves the names.
func (d *decision) finish(ctx context.Context) error {
	r := d.repo
	paths, err := d.paths()
	if err != nil {
		return err
	}
	op := r.operation("resolve " + d.o.Path)
	if len(paths) > 0 {
		before, err := r.snapshot(ctx, d.stood, paths)
		if err != nil {
			return err
		}
		if d.o.Take == "ours" && len(d.o.Places) == 0 {
			// The folder's file stays as it is, also with further edits.
			before = d.stood
		}
		files, err := r.applyPlan(ctx, before, d.stands, worktree.PlanOptions{Paths: paths, Base: d.stands}, worktree.ApplyOptions{AllOrNothing: true})
		if err != nil {
			return err
		}
		if len(files.Waiting) > 0 {
			return waitingError(files.Waiting)
		}
		op.Work.Before, op.Work.After = before, d.stands
	}
	changes, err := r.moved(d.state, d.res.ID, d.stands)
	if err != nil {
		return err
	}
	if head := headName(currentLine(d.state)); idOf(d.state.Get(head)) == d.base {
		changes = append(changes, change(d.state, head, valueOf(d.res.ID)))
	}
	op.Changes = changed(changes...)
	_, err = r.refs.Apply(ctx, op)
	return err
}

// paths are those of the edits at which the files have something, before or after.
func (d *decision) paths() ([]string, error) {
	var paths []string
	for _, e := range d.edits {
		_, was, err := d.repo.entryAt(d.stood, e.Path)
		if err != nil {
			return nil, err
		}
		if was || e.Entry != nil {
			paths = append(paths, e.Path)
		}
	}
	return paths, nil
}
