package worktree

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/esync/esync/objects"
)

// PlanOptions say what a plan is for.
type PlanOptions struct {
	// Paths are the files and folders to bring from one tree to the other;
	// none means everything.
	Paths []string
	// Fresh: the folder was made for this; files are written in place and not
	// synced one by one. What is there already is not overwritten.
	Fresh bool
	// Base is the tree that scans compare with afterwards. Zero means the
	// tree planned for, or with Paths the tree planned from.
	Base objects.ID
}

// Plan is what has to happen to files that stand on one tree so that they
// stand on another.
type Plan struct {
	From, To, Base objects.ID
	Fresh          bool
	// Files and Bytes are what has to be written.
	Files int
	Bytes int64

	root *planFolder
}

// planFolder is a folder in which something has to happen, or below which.
type planFolder struct {
	name, path string
	from, to   *objects.Entry // the folder in the two trees, if it is there
	steps      []step         // by name
	subs       []*planFolder  // by name

	// blocked: something else stands in its place, and nothing below happens.
	blocked bool
}

// step is one file that has to change. Both entries name files.
type step struct {
	name     string
	from, to *objects.Entry
	done     result
}

// oldName is the name the file has on disk before, which may differ in letter
// case.
func (s *step) oldName() string {
	if s.from != nil {
		return s.from.Name
	}
	return s.name
}

// Plan compares two trees and decides what has to be done. It looks at no
// file; the zero ID is the tree without entries.
func (w *Worktree) Plan(ctx context.Context, src objects.Source, from, to objects.ID, opt PlanOptions) (*Plan, error) {
	sel, err := newSelection(opt.Paths)
	if err != nil {
		return nil, err
	}
	p := &Plan{From: from, To: to, Base: opt.Base, Fresh: opt.Fresh}
	if p.Base.IsZero() {
		if p.Base = to; len(opt.Paths) > 0 {
			p.Base = from
		}
	}
	l := planner{ctx: ctx, src: src, plan: p, sel: sel}
	whole, _ := sel.wants("")
	p.root = &planFolder{from: folderEntry(from), to: folderEntry(to)}
	if err := l.folder(p.root, whole, maxDepth); err != nil {
		return nil, err
	}
	if err := sel.missed(); err != nil {
		return nil, err
	}
	return p, nil
}

func folderEntry(id objects.ID) *objects.Entry {
	return &objects.Entry{Mode: objects.ModeFolder, ID: id}
}

// Changes lists what the plan does to files, by path.
func (p *Plan) Changes() []Change {
	var list []Change
	var visit func(f *planFolder)
	visit = func(f *planFolder) {
		for i := range f.steps {
			s := &f.steps[i]
			c := Change{Path: join(f.path, s.name), Kind: Modified, Old: s.from, New: s.to}
			switch {
			case s.from == nil:
				c.Kind = Added
			case s.to == nil:
				c.Kind = Deleted
			case s.from.Same(*s.to) && s.from.Name == s.to.Name:
				continue // only the time differs
			case s.from.ID == s.to.ID && s.from.Name == s.to.Name:
				c.Kind = ModeChanged
			}
			list = append(list, c)
		}
		for _, sub := range f.subs {
			visit(sub)
		}
	}
	visit(p.root)
	slices.SortStableFunc(list, func(a, b Change) int { return strings.Compare(a.Path, b.Path) })
	return list
}

type planner struct {
	ctx  context.Context
	src  objects.Source
	plan *Plan
	sel  *selection
}

// folder compares the two trees of one folder and plans what lies below.
func (l *planner) folder(f *planFolder, whole bool, depth int) error {
	if err := l.ctx.Err(); err != nil {
		return err
	}
	if depth == 0 {
		return fmt.Errorf("plan %q: %w: too many folders below each other", f.path, objects.ErrMalformed)
	}
	from, err := l.tree(f.from)
	if err != nil {
		return fmt.Errorf("plan folder %q: %w", f.path, err)
	}
	to, err := l.tree(f.to)
	if err == nil {
		err = objects.CheckClashes(to)
	}
	if err != nil {
		return fmt.Errorf("plan folder %q: %w", f.path, err)
	}
	a, b := from.Entries, to.Entries
	for len(a) > 0 || len(b) > 0 {
		var old, now *objects.Entry
		switch {
		case len(b) == 0 || len(a) > 0 && a[0].Name < b[0].Name:
			old, a = &a[0], a[1:]
		case len(a) == 0 || b[0].Name < a[0].Name:
			now, b = &b[0], b[1:]
		default:
			old, now, a, b = &a[0], &b[0], a[1:], b[1:]
		}
		if old != nil && now != nil && *old == *now && whole {
			continue
		}
		if err := l.pair(f, old, now, whole, depth); err != nil {
			return err
		}
	}
	f.joinCases()
	for i := range f.steps {
		if to := f.steps[i].to; to != nil && !f.steps[i].sameContent() {
			l.plan.Files++
			l.plan.Bytes += to.Size
		}
	}
	kept := f.subs[:0]
	for _, sub := range f.subs {
		if err := l.folder(sub, sub.blocked, depth-1); err != nil {
			return err
		}
		// Until here blocked said that the whole folder is asked for.
		sub.blocked = false
		same := sub.from != nil && sub.to != nil && sub.from.Name == sub.to.Name
		if len(sub.steps) > 0 || len(sub.subs) > 0 || !same {
			kept = append(kept, sub)
		}
	}
	f.subs = kept
	return nil
}

func (s *step) sameContent() bool { return s.from != nil && s.to != nil && s.from.ID == s.to.ID }

// pair plans for one name of a folder: what it is before and after, or nil.
func (l *planner) pair(f *planFolder, old, now *objects.Entry, whole bool, depth int) error {
	some := now
	if some == nil {
		some = old
	}
	p := join(f.path, some.Name)
	if now != nil && len(p) > objects.MaxPath {
		if err := objects.CheckPath(p); err != nil {
			return err
		}
	}
	part := whole
	if !whole {
		if whole, part = l.sel.wants(p); !whole && !part {
			return nil
		}
		if old != nil && now != nil && *old == *now && whole {
			return nil // else it is looked into, for whether it has what is asked for
		}
	}
	s := step{name: some.Name}
	sub := &planFolder{name: some.Name, path: p, blocked: whole}
	for _, e := range []struct {
		e        *objects.Entry
		file, in **objects.Entry
	}{{old, &s.from, &sub.from}, {now, &s.to, &sub.to}} {
		switch {
		case e.e == nil:
		case e.e.Mode.IsFolder():
			*e.in = e.e
		case whole:
			*e.file = e.e
		}
	}
	if s.from != nil || s.to != nil {
		f.steps = append(f.steps, s)
	}
	if sub.from != nil || sub.to != nil {
		f.subs = append(f.subs, sub)
	}
	return nil
}

func (l *planner) tree(e *objects.Entry) (*objects.Tree, error) {
	if e == nil {
		return &objects.Tree{}, nil
	}
	return objects.ReadTree(l.src, e.ID)
}

// joinCases makes one step of a name that goes and one that comes, when the
// two differ only in letter case or accents: some systems hold both for the
// same file, so that removing the one would remove the other.
func (f *planFolder) joinCases() {
	goneSteps, goneSubs := map[string]int{}, map[string]int{}
	for i := range f.steps {
		if s := &f.steps[i]; s.to == nil {
			goneSteps[objects.FoldName(s.name)] = i
		}
	}
	for i, s := range f.subs {
		if s.to == nil {
			goneSubs[objects.FoldName(s.name)] = i
		}
	}
	if len(goneSteps) > 0 {
		for i := range f.steps {
			s := &f.steps[i]
			if n, ok := goneSteps[objects.FoldName(s.name)]; ok && s.from == nil {
				s.from, f.steps[n].from = f.steps[n].from, nil
			}
		}
		f.steps = slices.DeleteFunc(f.steps, func(s step) bool { return s.from == nil && s.to == nil })
	}
	if len(goneSubs) > 0 {
		for _, s := range f.subs {
			if n, ok := goneSubs[objects.FoldName(s.name)]; ok && s.from == nil {
				s.from, f.subs[n].from = f.subs[n].from, nil
			}
		}
		f.subs = slices.DeleteFunc(f.subs, func(s *planFolder) bool { return s.from == nil && s.to == nil })
	}
}
