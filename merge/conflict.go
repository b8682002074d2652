package merge

import (
	"cmp"
	"slices"
	"strings"

	"github.com/esync/esync/objects"
)

// ConflictKind tells why a path could not be merged.
type ConflictKind string

// The kinds. Their texts are part of the encoding.
const (
	// BothChanged: both sides changed the content, and it cannot be merged.
	BothChanged ConflictKind = "changed"
	// BothAdded: both sides added different files under one name.
	BothAdded ConflictKind = "added"
	// DeletedChanged: one side deleted what the other changed.
	DeletedChanged ConflictKind = "deleted"
	// FileFolder: one side has a file where the other has a folder.
	FileFolder ConflictKind = "folder"
	// ModeApart: the sides added one file, executable and not.
	ModeApart ConflictKind = "mode"
	// RenamedApart: the sides gave one file two names.
	RenamedApart ConflictKind = "renamed"
	// NameClash: each side added a name, and some systems hold the two for
	// the same.
	NameClash ConflictKind = "clash"
	// RenamedDeleted: one side renamed what the other deleted.
	RenamedDeleted ConflictKind = "renamed-deleted"
	// Collided: one side renamed a file, which the other changed, to a name
	// that the other gave to something else.
	Collided ConflictKind = "collided"
	// FolderRenamed: one side put something into a folder that the other
	// renamed, and where it belongs cannot be told.
	FolderRenamed ConflictKind = "folder-renamed"
)

var kinds = []ConflictKind{
	BothChanged, BothAdded, DeletedChanged, FileFolder, ModeApart, RenamedApart, NameClash, RenamedDeleted, Collided, FolderRenamed,
}

// Describe says for people what the two sides did.
func (k ConflictKind) Describe() string {
	switch k {
	case BothChanged:
		return "both sides changed it"
	case BothAdded:
		return "both sides added it, with different content"
	case DeletedChanged:
		return "one side deleted it, the other changed it"
	case FileFolder:
		return "a file on one side, a folder on the other"
	case ModeApart:
		return "executable on one side only"
	case RenamedApart:
		return "each side gave it another name"
	case NameClash:
		return "two names that some systems cannot keep apart"
	case RenamedDeleted:
		return "one side renamed it, the other deleted it"
	case Collided:
		return "each side has another file under this name, one of them by renaming"
	case FolderRenamed:
		return "new in a folder that the other side renamed"
	}
	return string(k)
}

// Conflict is a path at which a merge needs a person. The merged tree has our
// side there; all three sides stand in the Conflict. Whoever records it keeps
// their content until it is resolved.
type Conflict struct {
	Kind ConflictKind
	// Path is where the conflict is in the merged tree; of RenamedApart, the
	// path in the base; of NameClash, the first of the two names.
	Path string
	// Base, Ours and Theirs are nil where a side has nothing.
	Base, Ours, Theirs *objects.Entry
	// BasePath, OursPath and TheirsPath are where a side has it when that is
	// not Path.
	BasePath, OursPath, TheirsPath string
	// Also are further files that go with this one: what is decided of the
	// one is decided of them.
	Also []Member
	// Places are the parts of the file that the sides have apart; none where
	// the file can only be taken whole.
	Places []Place
	// Reason says why a file is not merged by its parts, or without being asked.
	Reason string
}

// Member is a further file of a conflict.
type Member struct {
	Path               string
	Base, Ours, Theirs *objects.Entry
}

// Mirror is the conflict as the other side sees it.
func (c Conflict) Mirror() Conflict {
	c.Ours, c.Theirs = c.Theirs, c.Ours
	c.OursPath, c.TheirsPath = c.TheirsPath, c.OursPath
	c.Also = slices.Clone(c.Also)
	for i := range c.Also {
		m := &c.Also[i]
		m.Ours, m.Theirs = m.Theirs, m.Ours
	}
	c.Places = slices.Clone(c.Places)
	for i := range c.Places {
		p := &c.Places[i]
		p.Ours, p.Theirs = p.Theirs, p.Ours
		p.Take = p.Take.mirror()
	}
	return c
}

// unlessPath is the path of a side as the conflict has it: "" for its own.
func (c Conflict) unlessPath(path string) string {
	if path == c.Path {
		return ""
	}
	return path
}

// Paths are all paths that the conflict is about, ascending.
func (c Conflict) Paths() []string {
	list := []string{c.Path}
	for _, p := range []string{c.BasePath, c.OursPath, c.TheirsPath} {
		if p != "" {
			list = append(list, p)
		}
	}
	for _, m := range c.Also {
		list = append(list, m.Path)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

func compareConflicts(a, b Conflict) int {
	return cmp.Or(strings.Compare(a.Path, b.Path), strings.Compare(string(a.Kind), string(b.Kind)))
}

// distinct sorts conflicts. Of two of one kind at one path, the one that was
// found later is the newer one.
func distinct(list []Conflict) []Conflict {
	slices.Reverse(list)
	slices.SortStableFunc(list, compareConflicts)
	return slices.CompactFunc(list, func(a, b Conflict) bool { return compareConflicts(a, b) == 0 })
}
