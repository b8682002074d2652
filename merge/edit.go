package merge

import (
	"sort"
	"strings"

	"github.com/esync/esync/objects"
)

// edits change a tree: by path, what stands there from now on, or nil. A path
// inside one that goes may be edited as well: it is made anew.
type edits map[string]*objects.Entry

// edit makes a tree that differs from another by edits. Folders that are
// missing are made; one that becomes empty stays when it was in the tree first.
func (s *space) edit(tree, first objects.ID, e edits) (objects.ID, error) {
	if len(e) == 0 {
		return tree, nil
	}
	paths := make([]string, 0, len(e))
	for p := range e {
		paths = append(paths, p)
	}
	sort.Strings(paths)
	root, err := s.editFolder(&objects.Entry{Mode: objects.ModeFolder, ID: tree}, first, "", paths, e)
	if err != nil {
		return objects.ID{}, err
	}
	return root.ID, nil
}

// editFolder edits the folder at prefix, which is "" or ends with a slash; all
// paths begin with it. The result is nil for a folder that goes.
func (s *space) editFolder(folder *objects.Entry, first objects.ID, prefix string, paths []string, e edits) (*objects.Entry, error) {
	old, err := s.entries(folder, strings.Count(prefix, "/"))
	if err != nil {
		return nil, err
	}
	now := make(map[string]*objects.Entry, len(old)+len(paths))
	for i := range old {
		now[old[i].Name] = &old[i]
	}
	below := map[string][]string{}
	for _, p := range paths {
		name, rest, deeper := strings.Cut(p[len(prefix):], "/")
		switch entry := e[p]; {
		case deeper && rest != "":
			below[name] = append(below[name], p)
		case entry == nil:
			delete(now, name)
		default:
			moved := *entry
			moved.Name = name
			now[name] = &moved
		}
	}
	for name, paths := range below {
		sub := now[name]
		if !isFolder(sub) {
			sub = nil
		}
		edited, err := s.editFolder(sub, first, prefix+name+"/", paths, e)
		if err != nil {
			return nil, err
		}
		if delete(now, name); edited != nil {
			edited.Name = name
			now[name] = edited
		}
	}
	if len(now) == 0 && prefix != "" {
		if entry, said := e[prefix[:len(prefix)-1]]; said && entry == nil {
			return nil, nil
		}
		was, _, err := s.lookup(first, prefix[:len(prefix)-1])
		if err != nil || !isFolder(was) {
			return nil, err
		}
	}
	entries := make([]objects.Entry, 0, len(now))
	for _, entry := range now {
		entries = append(entries, *entry)
	}
	t := objects.Tree{Entries: entries}
	t.Sort()
	return s.add("", t.Entries)
}
