package merge

import (
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
)

var kinds = []ConflictKind{BothChanged, BothAdded, DeletedChanged, FileFolder, ModeApart, RenamedApart, NameClash}

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
	// OursPath and TheirsPath are where a side has it when that is not Path.
	OursPath, TheirsPath string
}

// Mirror is the conflict as the other side sees it.
func (c Conflict) Mirror() Conflict {
	c.Ours, c.Theirs = c.Theirs, c.Ours
	c.OursPath, c.TheirsPath = c.TheirsPath, c.OursPath
	return c
}

func sortConflicts(list []Conflict) {
	slices.SortFunc(list, func(a, b Conflict) int {
		if d := strings.Compare(a.Path, b.Path); d != 0 {
			return d
		}
		return strings.Compare(string(a.Kind), string(b.Kind))
	})
}
