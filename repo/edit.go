package repo

import (
	"fmt"
	"path"
	"strings"

	"github.com/esync/esync/objects"
)

// edit puts an entry at a path of a tree, or removes what is there.
type edit struct {
	path  string
	entry *objects.Entry // nil: remove. Its Name does not matter.
}

// replaceEntries gives the tree with the edits made. Folders on the way are
// made when missing; one that becomes empty by a removal stays.
func replaceEntries(src objects.Source, sink objects.Sink, tree objects.ID, edits []edit) (objects.ID, error) {
	for _, e := range edits {
		next, _, err := replaceEntry(src, sink, tree, strings.Split(e.path, "/"), e.entry)
		if err != nil {
			return objects.ID{}, err
		}
		tree = next
		src = overlay{src, sink}
	}
	return tree, nil
}

// overlay reads what was just put into a sink that can be read.
type overlay struct {
	objects.Source
	sink objects.Sink
}

func (o overlay) Get(kind objects.Kind, id objects.ID) ([]byte, error) {
	if s, ok := o.sink.(interface {
		Get(objects.Kind, objects.ID) ([]byte, error)
	}); ok {
		return s.Get(kind, id)
	}
	return o.Source.Get(kind, id)
}

func replaceEntry(src objects.Source, sink objects.Sink, tree objects.ID, parts []string, entry *objects.Entry) (objects.ID, int64, error) {
	t, err := objects.ReadTree(src, tree)
	if err != nil {
		return objects.ID{}, 0, err
	}
	name := parts[0]
	old, there := t.Find(name)
	var next *objects.Entry
	if len(parts) == 1 {
		if entry != nil {
			e := *entry
			e.Name = name
			next = &e
		}
	} else {
		below := objects.ID{}
		if there && old.Mode.IsFolder() {
			below = old.ID
		}
		id, size, err := replaceEntry(src, sink, below, parts[1:], entry)
		if err != nil {
			return objects.ID{}, 0, err
		}
		next = &objects.Entry{Name: name, Mode: objects.ModeFolder, ID: id, Size: size}
	}
	kept := make([]objects.Entry, 0, len(t.Entries)+1)
	for _, e := range t.Entries {
		if e.Name != name {
			kept = append(kept, e)
		}
	}
	if next != nil {
		kept = append(kept, *next)
	}
	changed := &objects.Tree{Entries: kept}
	changed.Sort()
	if err := objects.CheckClashes(changed); err != nil {
		return objects.ID{}, 0, err
	}
	id, err := sink.Put(objects.KindTree, changed.Encode(), tree)
	return id, changed.Size(), err
}

// freePath finds a path beside the given one that the tree has not: the name
// with " (other version)" before its extension, and a number when needed.
func (r *Repo) freePath(tree objects.ID, taken string) (string, error) {
	dir, name := path.Split(taken)
	ext := path.Ext(name)
	stem := strings.TrimSuffix(name, ext)
	for n := 1; ; n++ {
		mark := " (other version)"
		if n > 1 {
			mark = fmt.Sprintf(" (other version %d)", n)
		}
		p := dir + stem + mark + ext
		if _, ok, err := r.entryAt(tree, p); err != nil || !ok {
			return p, err
		}
	}
}
