package repo

import (
	"context"
	"slices"
	"strings"

	"github.com/esync/esync/merge"
	"github.com/esync/esync/objects"
)

// Shown is what Show found: a commit with what it changed, a paper or a folder.
type Shown struct {
	Commit *LogEntry
	Diffs  []FileDiff
	// Joined are the papers that a merge joined, with what came from the second
	// of its parents.
	Joined []JoinedPaper
	// Conflicts are those that the commit was the first to leave open, as its first
	// parent sees them, and Decided those that it decided.
	Conflicts []Conflict
	Decided   []Decided
	Entry     *objects.Entry
	Tree      []objects.Entry
}

// Decided is a conflict that a commit decided: as a whole, or places of it.
type Decided struct {
	Path   string
	Places []string
}

// Show describes what spec means: a commit (against its first parent), or
// COMMIT:PATH.
func (r *Repo) Show(ctx context.Context, spec string) (*Shown, error) {
	if !strings.Contains(spec, ":") {
		id, err := r.Find(spec)
		if err == nil {
			return r.showCommit(ctx, id)
		}
		if _, perr := objects.ParseID(spec); perr != nil {
			return nil, err
		}
	}
	e, err := r.FindEntry(spec)
	if err != nil {
		return nil, err
	}
	s := &Shown{Entry: &e}
	if e.Mode.IsFolder() {
		s.Tree, err = r.List(ctx, e.ID)
	}
	return s, err
}

func (r *Repo) showCommit(ctx context.Context, id objects.ID) (*Shown, error) {
	c, err := r.graph.Commit(id)
	if err != nil {
		return nil, err
	}
	return r.Changed(ctx, LogEntry{ID: id, Commit: c, Names: r.namesByCommit()[id]}, DiffOptions{})
}

// Changed describes what a commit of a log changed against its first parent. Of
// the options, From and To are not looked at.
func (r *Repo) Changed(ctx context.Context, e LogEntry, o DiffOptions) (*Shown, error) {
	s := &Shown{Commit: &e}
	var parent objects.ID
	if len(e.Commit.Parents) > 0 {
		var err error
		if parent, err = r.treeOf(e.Commit.Parents[0]); err != nil {
			return nil, err
		}
	}
	text, _ := e.Commit.Header(headerJoined)
	joined, err := merge.DecodeJoined(text)
	if err != nil {
		r.env.warn(err.Error())
	}
	for _, j := range joined {
		if within(j.Path, o.Paths) {
			s.Joined = append(s.Joined, joinedPaper(j, e.Commit.Parents))
		}
	}
	if err := r.fillDecisions(s, e.Commit, parent, o.Paths); err != nil {
		return nil, err
	}
	s.Diffs, err = r.diffTrees(ctx, parent, e.Commit.Tree, o)
	return s, err
}

// fillDecisions adds what a commit left open and what it decided.
func (r *Repo) fillDecisions(s *Shown, c *objects.Commit, parent objects.ID, paths []string) error {
	own, err := merge.Open(c)
	if err != nil {
		return err
	}
	at := func(list []merge.Conflict, path string) int {
		return slices.IndexFunc(list, func(c merge.Conflict) bool { return c.Path == path })
	}
	known := map[string]bool{}
	for _, p := range c.Parents {
		before, err := r.conflictsOf(p)
		if err != nil {
			return err
		}
		for _, was := range before {
			if known[was.Path] || !within(was.Path, paths) {
				continue
			}
			known[was.Path] = true
			d := Decided{Path: was.Path}
			if now := at(own, was.Path); now >= 0 {
				if d.Places = newlyTaken(was, own[now]); len(d.Places) == 0 {
					continue
				}
			}
			s.Decided = append(s.Decided, d)
		}
	}
	for _, c := range own {
		if known[c.Path] || !within(c.Path, paths) {
			continue
		}
		if side, err := c.Had(r.store, parent); err != nil {
			return err
		} else if side == merge.Theirs {
			c = c.Mirror()
		}
		s.Conflicts = append(s.Conflicts, Conflict{c})
	}
	slices.SortFunc(s.Decided, func(a, b Decided) int { return strings.Compare(a.Path, b.Path) })
	return nil
}

// newlyTaken lists the places that were undecided and are not any more.
func newlyTaken(was, now merge.Conflict) []string {
	var list []string
	for _, p := range now.Places {
		undecided := slices.ContainsFunc(was.Places, func(q merge.Place) bool { return q.Where == p.Where && q.Take == merge.Undecided })
		if p.Take != merge.Undecided && undecided {
			list = append(list, p.Where)
		}
	}
	return list
}
