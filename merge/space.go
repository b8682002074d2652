package merge

import (
	"fmt"
	"strings"

	"github.com/esync/esync/objects"
)

// space is a store's objects and, over them, trees and texts that a merge has
// made on its way and that no one else may ever need. What is read is kept: a
// merge looks at the trees that changed more than once, and at no others.
type space struct {
	src   objects.Source
	trees map[objects.ID]*objects.Tree
	made  map[objects.ID]bool
	blobs map[objects.ID][]byte
}

func newSpace(src objects.Source) *space {
	return &space{src: src, trees: map[objects.ID]*objects.Tree{}, made: map[objects.ID]bool{}, blobs: map[objects.ID][]byte{}}
}

func (s *space) tree(id objects.ID) (*objects.Tree, error) {
	if t, ok := s.trees[id]; ok {
		return t, nil
	}
	t, err := objects.ReadTree(s.src, id)
	if err == nil {
		s.trees[id] = t
	}
	return t, err
}

// entries gives what is in a folder; nothing when it is nil.
func (s *space) entries(folder *objects.Entry, depth int) ([]objects.Entry, error) {
	if depth > maxDepth {
		return nil, ErrTooDeep
	}
	if folder == nil {
		return nil, nil
	}
	t, err := s.tree(folder.ID)
	if err != nil {
		return nil, err
	}
	return t.Entries, nil
}

// add makes a folder out of entries, which are in order.
func (s *space) add(name string, entries []objects.Entry) (*objects.Entry, error) {
	t := &objects.Tree{Entries: entries}
	content := t.Encode()
	if len(content) > objects.MaxMeta {
		return nil, fmt.Errorf("folder %q has too many entries for one tree", name)
	}
	id := objects.Sum(objects.KindTree, content)
	if _, ok := s.trees[id]; !ok {
		s.trees[id], s.made[id] = t, true
	}
	return &objects.Entry{Name: name, Mode: objects.ModeFolder, ID: id, Size: t.Size()}, nil
}

// store writes a tree that the merge has made, and what it made below, to a
// sink. prev is what the folder was before.
func (s *space) store(sink objects.Sink, id, prev objects.ID) error {
	if !s.made[id] {
		return nil
	}
	t := s.trees[id]
	var old *objects.Tree
	if o, ok := s.trees[prev]; ok {
		old = o
	}
	for i := range t.Entries {
		e := &t.Entries[i]
		var before objects.ID
		if old != nil {
			if o, ok := old.Find(e.Name); ok && o.Mode.IsFolder() == e.Mode.IsFolder() {
				before = o.ID
			}
		}
		if err := s.storeEntry(sink, e, before); err != nil {
			return err
		}
	}
	got, err := sink.Put(objects.KindTree, t.Encode(), prev)
	if err != nil {
		return err
	}
	if got != id {
		return fmt.Errorf("store tree %s: the store names it %s", id.Short(), got.Short())
	}
	delete(s.made, id)
	return nil
}

// storeEntry is store for what stands in a folder, or nil.
func (s *space) storeEntry(sink objects.Sink, e *objects.Entry, prev objects.ID) error {
	if e == nil {
		return nil
	}
	if e.Mode.IsFolder() {
		return s.store(sink, e.ID, prev)
	}
	content, made := s.blobs[e.ID]
	if !made {
		return nil
	}
	delete(s.blobs, e.ID)
	_, err := sink.Put(objects.KindBlob, content, prev)
	return err
}

func (s *space) blob(id objects.ID) ([]byte, error) {
	if b, ok := s.blobs[id]; ok {
		return b, nil
	}
	return s.src.Get(objects.KindBlob, id)
}

// lookup finds what stands at a path of a tree. blocked tells that a file
// stands where the path needs a folder.
func (s *space) lookup(tree objects.ID, path string) (e *objects.Entry, blocked bool, err error) {
	e = &objects.Entry{Mode: objects.ModeFolder, ID: tree}
	for name := range strings.SplitSeq(path, "/") {
		if !e.Mode.IsFolder() {
			return nil, true, nil
		}
		t, err := s.tree(e.ID)
		if err != nil {
			return nil, false, err
		}
		found, ok := t.Find(name)
		if !ok {
			return nil, false, nil
		}
		e = &found
	}
	return e, false, nil
}
