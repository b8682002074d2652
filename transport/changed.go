package transport

import (
	"fmt"
	"slices"

	"github.com/esync/esync/objects"
)

// change is one object that a commit has and none of its parents has at the
// same path.
type change struct {
	id     objects.ID
	size   int64
	folder bool
	// before are the objects of the same kind that stand at the path in the
	// parents. Without any the path is new.
	before []objects.ID
}

// changed is what one commit brought.
type changed struct {
	// paths of files and folders that some parent had as well, changed; the
	// root is among them. Folders stand behind what they hold.
	files, folders []change
	// added is at new paths; only the topmost folder of a new branch.
	added []change
	// removed is what stood at paths that are gone.
	removed []objects.Entry
	// seen are the folders compared: what one of them has over any parent is
	// noted once, however often it stands in the tree.
	seen map[objects.ID]bool
}

// maxDepth bounds how deep folders are nested: more than objects.MaxPath lets
// names of one letter be, and little enough for the stack.
const maxDepth = 128

var errDeep = fmt.Errorf("%w: folders nested more than %d deep", objects.ErrMalformed, maxDepth)

// differ compares trees. It keeps those that the next commit is likely to be
// compared with.
type differ struct {
	src   getter
	trees map[objects.ID]*objects.Tree
	kept  int // entries of trees
}

// keepEntries bounds the entries that a differ keeps: about 10 MB.
const keepEntries = 64 << 10

func newDiffer(src getter) *differ {
	return &differ{src: src, trees: map[objects.ID]*objects.Tree{}}
}

func (d *differ) tree(id objects.ID) (*objects.Tree, error) {
	if t := d.trees[id]; t != nil || id.IsZero() {
		if t == nil {
			t = &objects.Tree{}
		}
		return t, nil
	}
	b, err := d.src.Get(objects.KindTree, id)
	if err != nil {
		return nil, err
	}
	t, err := objects.DecodeTree(b)
	if err != nil {
		return nil, &objects.ObjectError{ID: id, Err: err}
	}
	if len(t.Entries) > keepEntries {
		return t, nil
	}
	if d.kept += len(t.Entries); d.kept > keepEntries {
		clear(d.trees)
		d.kept = len(t.Entries)
	}
	d.trees[id] = t
	return t, nil
}

// compare tells what a tree has that none of the others has at its place.
func (d *differ) compare(id objects.ID, before []objects.ID) (*changed, error) {
	out := &changed{seen: map[objects.ID]bool{}}
	if id.IsZero() || slices.Contains(before, id) {
		return out, nil
	}
	if len(before) == 0 {
		out.added = []change{{id: id, folder: true}}
		return out, nil
	}
	return out, d.folder(out, id, before, 0)
}

func (d *differ) folder(out *changed, id objects.ID, before []objects.ID, depth int) error {
	if out.seen[id] {
		return nil
	}
	if depth > maxDepth {
		return errDeep
	}
	out.seen[id] = true
	t, err := d.tree(id)
	if err != nil {
		return err
	}
	olds := make([][]objects.Entry, len(before))
	for i, b := range before {
		old, err := d.tree(b)
		if err != nil {
			return err
		}
		olds[i] = old.Entries
	}
	for i := range t.Entries {
		e := &t.Entries[i]
		c := change{id: e.ID, size: e.Size, folder: e.Mode.IsFolder()}
		same := false
		for j := range olds {
			olds[j] = out.skip(olds[j], e.Name)
			if len(olds[j]) == 0 || olds[j][0].Name != e.Name {
				continue
			}
			old := &olds[j][0]
			olds[j] = olds[j][1:]
			switch {
			case old.Mode.IsFolder() != c.folder:
				out.removed = append(out.removed, *old)
			case old.ID == e.ID:
				same = true
			case !slices.Contains(c.before, old.ID):
				c.before = append(c.before, old.ID)
			}
		}
		switch {
		case same || e.ID.IsZero():
		case len(c.before) == 0:
			out.added = append(out.added, c)
		case c.folder:
			if err := d.folder(out, c.id, c.before, depth+1); err != nil {
				return err
			}
		default:
			out.files = append(out.files, c)
		}
	}
	for _, rest := range olds {
		out.removed = append(out.removed, rest...)
	}
	out.folders = append(out.folders, change{id: id, folder: true, before: before})
	return nil
}

// skip passes over entries that stand before a name: they are gone.
func (c *changed) skip(old []objects.Entry, name string) []objects.Entry {
	for len(old) > 0 && old[0].Name < name {
		c.removed = append(c.removed, old[0])
		old = old[1:]
	}
	return old
}
