package repo

import (
	"context"
	"errors"
	"fmt"

	"github.com/esync/esync/merge"
	"github.com/esync/esync/objects"
	"github.com/esync/esync/objects/graph"
	"github.com/esync/esync/refs"
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
	Merged []string
	// Joined says what came into each of them from the other side.
	Joined    []JoinedPaper
	Notes     []string
	Conflicts []Conflict
	Files     FilesResult
}

// JoinedPaper is a paper that was joined from both sides.
type JoinedPaper struct {
	Path string
	// Places came from the other side: Base of each is what it was, Theirs what
	// it is now. There are none where a paper is not compared by places.
	Places []merge.Place
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
		from, err := r.standing(state)
		if err != nil {
			return nil, err
		}
		to, err := r.stand(from, res.ID)
		if err != nil {
			return nil, err
		}
		if res.Files, err = r.moveFiles(ctx, from, to); err != nil {
			return nil, err
		}
		if len(res.Files.Waiting) == 0 {
			files, err := r.moved(state, res.ID, to)
			if err != nil {
				return nil, err
			}
			changes = append(changes, changed(files...)...)
			op.Work.Before, op.Work.After = from, to
		} else if res.ID != theirs {
			// Without the files, work/base stays behind the merge, which is
			// fine: work recorded later is merged with it by the next pull.
			res.Notes = append(res.Notes, "the files follow when nothing stands in their way")
		}
	}
	if res.Already = len(changes) == 0; !res.Already {
		op.Changes = changes
		if _, err = r.refs.Apply(ctx, op); err != nil {
			return res, err
		}
	}
	res.Conflicts, err = r.conflictsAt(res.ID)
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
	c, err := r.newCommit(m.Tree, message, state, settings, ours, theirs)
	if err != nil {
		return objects.ID{}, err
	}
	if err := setConflicts(c, m.Conflicts); err != nil {
		return objects.ID{}, err
	}
	setHeader(c, headerJoined, merge.EncodeJoined(m.Joined))
	id, err := r.putCommit(w, c)
	if err != nil {
		return objects.ID{}, err
	}
	for _, j := range m.Joined {
		res.Merged = append(res.Merged, j.Path)
		res.Joined = append(res.Joined, joinedPaper(j, c.Parents))
	}
	for _, n := range m.Notes {
		res.Notes = append(res.Notes, n.String())
	}
	return id, w.Commit()
}

// joinedPaper tells what came into a paper from the second parent of a merge. In
// the merge, the sides stand in the order of their IDs.
func joinedPaper(j merge.Joined, parents []objects.ID) JoinedPaper {
	if len(parents) == 2 && parents[1].Compare(parents[0]) < 0 {
		j = j.Mirror()
	}
	return JoinedPaper{Path: j.Path, Places: j.FromTheirs}
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
	return r.conflictsAt(id)
}

// conflictsAt lists what a commit leaves to decide, as this copy sees it.
func (r *Repo) conflictsAt(commit objects.ID) ([]Conflict, error) {
	list, err := r.conflictsOf(commit)
	if err != nil {
		return nil, err
	}
	state, err := r.refs.State()
	if err != nil {
		return nil, err
	}
	list, err = r.asSeen(state, list)
	return wrapConflicts(list), err
}
