package merge

import (
	"fmt"
	"slices"

	"github.com/esync/esync/objects"
)

// Options of a merge. The zero value is what people want.
type Options struct {
	// NoRenames leaves renames alone: a file that one side renamed and the
	// other edited is a conflict.
	NoRenames bool
	// AskFolders makes a conflict of what one side put into a folder that the
	// other renamed. Else it follows, with a Note.
	AskFolders bool
	// NoOffice takes Office files whole, as if they could not be merged.
	NoOffice bool
	// Choose decides conflicts inside a file, by place.
	Choose map[string]Side
}

// Result is a merge.
type Result struct {
	// Tree is the merged tree; where there is a conflict it has our side.
	Tree objects.ID
	// Conflicts are ascending by path.
	Conflicts []Conflict
	// Joined lists the files that have something of both sides, in the order
	// of the tree.
	Joined []Joined
	// Notes are what a person may want to know of a clean merge.
	Notes []Note
}

// Joined is a file that was merged by its parts.
type Joined struct {
	Path string
	// FromOurs and FromTheirs are the places that one side alone changed.
	FromOurs, FromTheirs []Place
}

// NoteKind tells what a Note is about.
type NoteKind uint8

const (
	// Followed: one side renamed a file that the other changed; the change is
	// at the new name.
	Followed NoteKind = iota + 1
	// Moved: one side renamed a folder into which the other put something
	// new; that is in the renamed folder.
	Moved
)

// Note is something that a merge did and that is not obvious.
type Note struct {
	Kind     NoteKind
	From, To string
}

// String says it in words.
func (n Note) String() string {
	if n.Kind == Moved {
		return fmt.Sprintf("new %q is at %q: its folder was renamed", n.From, n.To)
	}
	return fmt.Sprintf("changes to %q are at %q: it was renamed", n.From, n.To)
}

// Trees merges two trees that both come from base; the zero ID is the empty
// tree. It reads only what differs, and writes to sink the trees and texts
// that it makes. The result depends on the three trees alone, and with the
// sides swapped it is the mirror image.
func Trees(src objects.Source, sink objects.Sink, base, ours, theirs objects.ID, o Options) (Result, error) {
	m := &merger{space: newSpace(src), sink: sink, options: o}
	return m.merge(version{tree: base}, version{tree: ours}, version{tree: theirs})
}

func (m *merger) merge(base, ours, theirs version) (Result, error) {
	if len(base.open)+len(ours.open)+len(theirs.open) == 0 {
		switch {
		case ours.tree == theirs.tree, base.tree == theirs.tree:
			return m.finish(Result{Tree: ours.tree}, ours.tree)
		case base.tree == ours.tree:
			return m.finish(Result{Tree: theirs.tree}, ours.tree)
		}
	}
	f := &follower{merger: m, names: newNames(), base: base.tree, sides: [2]objects.ID{ours.tree, theirs.tree}, unclear: map[string]bool{}}
	f.first, f.in, f.on = f.sides, edits{}, [2]edits{{}, {}}
	for _, c := range base.open {
		for _, path := range c.Paths() {
			f.unclear[path] = true
		}
	}
	if err := f.decidedApart(base.open, ours, theirs); err != nil {
		return Result{}, err
	}
	if !m.options.NoRenames {
		if err := f.follow(); err != nil {
			return Result{}, err
		}
	}
	p := &pass{merger: m, names: f.names}
	if err := p.place([3][]Conflict{ourSide: ours.open, theirSide: theirs.open, inBase: base.open}, f.sides); err != nil {
		return Result{}, err
	}
	tree, err := p.run(f.base, f.sides)
	if err != nil {
		return Result{}, err
	}
	if err := p.carry(); err != nil {
		return Result{}, err
	}
	if err := p.renamedAlike(tree); err != nil {
		return Result{}, err
	}
	r := Result{Tree: tree, Conflicts: distinct(slices.Concat(p.conflicts, f.conflicts)), Joined: p.joined, Notes: f.notes}
	return m.finish(r, ours.tree)
}

func (m *merger) finish(r Result, ours objects.ID) (Result, error) {
	if r.Tree.IsZero() {
		root, err := m.add("", nil)
		if err != nil {
			return Result{}, err
		}
		r.Tree = root.ID
	}
	if m.sink == nil {
		return r, nil
	}
	for i := range r.Conflicts {
		if err := m.storeConflict(&r.Conflicts[i]); err != nil {
			return Result{}, err
		}
	}
	return r, m.store(m.sink, r.Tree, ours)
}

// storeConflict writes what of a conflict no commit has: a base that is itself a
// merge, or a folder into which something followed a rename.
func (m *merger) storeConflict(c *Conflict) error {
	for _, f := range append([]Member{{c.Path, c.Base, c.Ours, c.Theirs}}, c.Also...) {
		for _, e := range [3]*objects.Entry{f.Base, f.Ours, f.Theirs} {
			if err := m.storeEntry(m.sink, e, objects.ID{}); err != nil {
				return err
			}
		}
	}
	return nil
}

// merger is what the passes of one merge share.
type merger struct {
	*space
	// sink is nil for a base made on the way, which no one else sees.
	sink    objects.Sink
	options Options
}
