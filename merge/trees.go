package merge

import (
	"fmt"

	"github.com/esync/esync/objects"
)

// Options of a merge. The zero value is what people want.
type Options struct {
	// NoRenames leaves renames alone: a file that one side renamed and the
	// other edited is a conflict.
	NoRenames bool
}

// Result is a merge.
type Result struct {
	// Tree is the merged tree; where there is a conflict it has our side.
	Tree objects.ID
	// Conflicts are ascending by path.
	Conflicts []Conflict
	// Merged lists the files whose text was merged by lines, in the order of
	// the tree.
	Merged []string
	// Notes are what a person may want to know of a clean merge.
	Notes []Note
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

// maxRounds bounds how often renames are followed one after the other: a file
// renamed by one side into a folder that the other renamed takes two.
const maxRounds = 4

// Trees merges two trees that both come from base; the zero ID is the empty
// tree. It reads only what differs, and writes to sink the trees and texts
// that it makes. The result depends on the three trees alone, and with the
// sides swapped it is the mirror image.
func Trees(src objects.Source, sink objects.Sink, base, ours, theirs objects.ID, o Options) (Result, error) {
	m := &merger{space: newSpace(src), sink: sink, options: o}
	return m.trees(base, ours, theirs)
}

func (m *merger) trees(base, ours, theirs objects.ID) (Result, error) {
	switch {
	case ours == theirs, base == theirs:
		return m.finish(Result{Tree: ours}, ours)
	case base == ours:
		return m.finish(Result{Tree: theirs}, ours)
	}
	f := &follower{merger: m, base: base, sides: [2]objects.ID{ours, theirs}}
	if !m.options.NoRenames {
		if err := f.follow(); err != nil {
			return Result{}, err
		}
	}
	p := &pass{merger: m, from: f.from, dropped: f.dropped}
	tree, err := p.run(f.base, f.sides)
	if err != nil {
		return Result{}, err
	}
	r := Result{Tree: tree, Conflicts: append(p.conflicts, f.conflicts...), Merged: p.merged, Notes: f.notes}
	sortConflicts(r.Conflicts)
	return m.finish(r, ours)
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
	return r, m.store(m.sink, r.Tree, ours)
}

// merger is what the passes of one merge share.
type merger struct {
	*space
	// sink is nil for a base made on the way, which no one else sees.
	sink    objects.Sink
	options Options
}

// keepsBase tells whether a conflict leaves the base in the tree rather than
// our side, which a base made on the way has not.
func (m *merger) keepsBase() bool { return m.sink == nil }
