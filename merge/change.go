package merge

import (
	"errors"
	"fmt"
	"iter"
	"strings"

	"github.com/esync/esync/objects"
)

// ErrTooDeep: folders lie in one another deeper than any path that esync
// accepts could name. Only a forged tree does that.
var ErrTooDeep = errors.New("tree is too deep")

// maxDepth is half of the greatest length of a path: a component and a slash.
const maxDepth = objects.MaxPath/2 + 1

// ChangeKind tells what happened to a path.
type ChangeKind uint8

const (
	Added ChangeKind = iota + 1
	Deleted
	Modified    // other content, perhaps another mode too
	ModeChanged // the same content, executable or no longer
)

// String names the kind for messages.
func (k ChangeKind) String() string {
	switch k {
	case Added:
		return "added"
	case Deleted:
		return "deleted"
	case Modified:
		return "modified"
	case ModeChanged:
		return "mode changed"
	}
	return fmt.Sprintf("change %d", uint8(k))
}

// Change is one file, or one empty folder, that differs between two trees.
type Change struct {
	Path string
	Kind ChangeKind
	// Old and New are nil where there was, or is, nothing.
	Old, New *objects.Entry
}

// Changes walks the differences from tree a to tree b in the order of the
// trees. Equal folders are not read, and a file whose time alone differs is no
// change. A folder is a change only when it is empty; a file that became a
// folder is deleted and its files added. It ends with an error where a tree
// cannot be read. The zero ID is the empty tree.
func Changes(src objects.Source, a, b objects.ID) iter.Seq2[Change, error] {
	return changes(newSpace(src), a, b)
}

func changes(s *space, a, b objects.ID) iter.Seq2[Change, error] {
	return func(yield func(Change, error) bool) {
		c := comparer{space: s, yield: yield}
		if a != b {
			c.folders("", &objects.Entry{Mode: objects.ModeFolder, ID: a}, &objects.Entry{Mode: objects.ModeFolder, ID: b}, 0)
		}
	}
}

type comparer struct {
	*space
	yield func(Change, error) bool
}

// folders compares two folders, of which one may be nil. It reports false when
// the walk is over.
func (c *comparer) folders(path string, a, b *objects.Entry, depth int) bool {
	ta, err := c.entries(a, depth)
	if err != nil {
		return c.yield(Change{Path: path}, err) && false
	}
	tb, err := c.entries(b, depth)
	if err != nil {
		return c.yield(Change{Path: path}, err) && false
	}
	if path != "" && len(ta) == 0 && len(tb) == 0 {
		switch {
		case a == nil:
			return c.yield(Change{Path: path, Kind: Added, New: b}, nil)
		case b == nil:
			return c.yield(Change{Path: path, Kind: Deleted, Old: a}, nil)
		}
	}
	for name, e := range union(ta, tb, nil) {
		if !c.entry(join(path, name), e[0], e[1], depth) {
			return false
		}
	}
	return true
}

func (c *comparer) entry(path string, a, b *objects.Entry, depth int) bool {
	switch {
	case same(a, b):
		return true
	case isFolder(a) && isFolder(b), isFolder(a) && b == nil, a == nil && isFolder(b):
		return c.folders(path, a, b, depth+1)
	case isFolder(a), isFolder(b):
		return c.entry(path, a, nil, depth) && c.entry(path, nil, b, depth)
	case a == nil:
		return c.yield(Change{Path: path, Kind: Added, New: b}, nil)
	case b == nil:
		return c.yield(Change{Path: path, Kind: Deleted, Old: a}, nil)
	case a.ID == b.ID:
		return c.yield(Change{Path: path, Kind: ModeChanged, Old: a, New: b}, nil)
	}
	return c.yield(Change{Path: path, Kind: Modified, Old: a, New: b}, nil)
}

func isFolder(e *objects.Entry) bool { return e != nil && e.Mode.IsFolder() }

// same tells whether two entries, either of which may be absent, hold the same
// content in the same mode.
func same(a, b *objects.Entry) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Same(*b)
}

// union walks the names of up to three folders in order, with the entry that
// each has, or nil.
func union(lists ...[]objects.Entry) iter.Seq2[string, [3]*objects.Entry] {
	return func(yield func(string, [3]*objects.Entry) bool) {
		var at [3]int
		for {
			name, any := "", false
			for i, l := range lists {
				if at[i] < len(l) && (!any || l[at[i]].Name < name) {
					name, any = l[at[i]].Name, true
				}
			}
			if !any {
				return
			}
			var e [3]*objects.Entry
			for i, l := range lists {
				if at[i] < len(l) && l[at[i]].Name == name {
					e[i] = &l[at[i]]
					at[i]++
				}
			}
			if !yield(name, e) {
				return
			}
		}
	}
}

func join(folder, name string) string {
	if folder == "" {
		return name
	}
	return folder + "/" + name
}

// split gives the folder and the last component of a path.
func split(path string) (folder, name string) {
	i := strings.LastIndexByte(path, '/')
	if i < 0 {
		return "", path
	}
	return path[:i], path[i+1:]
}
