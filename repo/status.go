package repo

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/esync/esync/merge"
	"github.com/esync/esync/objects"
	"github.com/esync/esync/objects/graph"
	"github.com/esync/esync/refs"
	"github.com/esync/esync/transport"
	"github.com/esync/esync/worktree"
)

// StatusOptions restricts Status to files and folders.
type StatusOptions struct {
	Paths []string
}

// Status is how a copy stands.
type Status struct {
	Engagement string
	ID         objects.ID
	Line       string
	// Base is the commit that the files stand on, Tip the newest of the line.
	Base, Tip objects.ID
	// Clean: no file is changed and no conflict remains.
	Clean     bool
	Changes   []worktree.Change
	Notes     []worktree.Note
	Conflicts []Conflict
	// Parent is the parent's name, or empty; ParentSeen when it was last
	// reached, or zero.
	Parent     string
	ParentSeen time.Time
	// ParentMissed is when the parent did not answer, if it has not answered
	// since; else zero.
	ParentMissed time.Time
	// Ahead and Behind count commits against the parent as last seen.
	Ahead, Behind int
	// Incoming counts commits that arrived in the line and that the files do
	// not have yet.
	Incoming int
	// Top: this copy is the top-level parent. Arrived says what of this copy's
	// commits that one has, nil when it was never heard of, or is this copy.
	Top     bool
	Arrived *Arrival
	// Copies are the other copies that were heard of, the last one first.
	Copies []KnownCopy
}

// KnownCopy is another copy as it was when last heard of.
type KnownCopy struct {
	Name string
	// Ahead and Behind count the commits that only this copy has, and those
	// that only the other one has.
	Ahead, Behind int
	// Heard is when it last answered, zero when that was never.
	Heard time.Time
	Route Route
	// ReadOnly: it took no pushes.
	ReadOnly bool
}

// Conflict is a place where two people's work could not be joined by itself.
type Conflict struct {
	merge.Conflict
}

func wrapConflicts(cs []merge.Conflict) []Conflict {
	var out []Conflict
	for _, c := range cs {
		out = append(out, Conflict{c})
	}
	return out
}

// Status compares the files with the commit that they stand on, and this copy
// with its parent as last seen. It changes nothing but the stat cache.
func (r *Repo) Status(ctx context.Context, o StatusOptions) (*Status, error) {
	state, err := r.refs.State()
	if err != nil {
		return nil, err
	}
	if started, err := r.unfinished(state); err != nil {
		return nil, err
	} else if started.Seq > 0 {
		r.env.warn("this clone was interrupted; the next pull, or the same clone again, writes the files that are missing")
	}
	line := currentLine(state)
	s := &Status{
		Engagement: string(state.Get(nameName)), ID: idOf(state.Get(nameEngagement)), Line: line,
		Base: idOf(state.Get(nameBase)), Tip: idOf(state.Get(headName(line))), Parent: string(state.Get(nameParent)),
	}
	if r.tree != nil {
		baseTree, err := r.standing(state)
		if err != nil {
			return nil, err
		}
		scan, err := r.tree.Scan(ctx, r.store, baseTree, worktree.ScanOptions{Paths: o.Paths})
		if err != nil {
			return nil, err
		}
		s.Changes, s.Notes = scan.Changes, scan.Notes
	}
	conflicts, err := r.conflictsOf(r.at(s.Base, s.Tip))
	if err != nil {
		return nil, err
	}
	if conflicts, err = r.asSeen(state, conflicts); err != nil {
		return nil, err
	}
	s.Conflicts = wrapConflicts(conflicts)
	s.Clean = len(s.Changes) == 0 && len(s.Conflicts) == 0
	if s.Incoming, err = r.incoming(state, s.Base); err != nil {
		return nil, err
	}
	if s.Parent != "" {
		s.ParentSeen = r.seen(s.Parent)
		if page := r.readBook().page(s.Parent); page.Missed.After(page.Heard) {
			s.ParentMissed = page.Missed
		}
		if s.Ahead, s.Behind, err = r.aheadBehind(r.at(s.Base, s.Tip), idOf(state.Get(trackingName(s.Parent, line)))); err != nil {
			return nil, err
		}
	}
	if s.Top = r.isTop(state); !s.Top {
		if s.Arrived, err = r.arrival(state, r.at(s.Base, s.Tip)); err != nil {
			return nil, err
		}
	}
	s.Copies, err = r.knownCopies(state, r.at(s.Base, s.Tip))
	return s, err
}

// knownCopies lists the copies whose current line is tracked here.
func (r *Repo) knownCopies(state refs.State, ours objects.ID) ([]KnownCopy, error) {
	book, line := r.readBook(), currentLine(state)
	var out []KnownCopy
	for name, value := range state.List(underRemotes) {
		short, _ := name.Under(underRemotes)
		peer, ok := strings.CutSuffix(short, "/"+line)
		if !ok || name != trackingName(peer, line) {
			continue
		}
		page := book.page(peer)
		c := KnownCopy{Name: peer, Heard: page.Heard, Route: page.Route, ReadOnly: page.Level == transport.LevelRead.String()}
		var err error
		if c.Ahead, c.Behind, err = r.aheadBehind(ours, idOf(value)); err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	slices.SortStableFunc(out, func(a, b KnownCopy) int { return b.Heard.Compare(a.Heard) })
	return out, nil
}

// at is the commit that stands for this copy: that of its files, or the line's
// where it keeps no files.
func (r *Repo) at(base, tip objects.ID) objects.ID {
	if r.tree == nil || base.IsZero() {
		return tip
	}
	return base
}

// aheadBehind counts commits that only one side has; a zero side has none.
func (r *Repo) aheadBehind(ours, theirs objects.ID) (ahead, behind int, err error) {
	if ours == theirs {
		return 0, 0, nil
	}
	return graph.AheadBehind(r.graph, ours, theirs)
}
