package merge

import (
	"cmp"
	"slices"
	"strings"

	"github.com/esync/esync/objects"
)

// folders moves what one side put into a folder that the other renamed. Only a
// folder that is gone counts as renamed: to where most of its files went.
func (f *follower) folders(strays []stray) (err error) {
	homes := [2]map[string]string{} // by side: folders that it renamed
	split := [2]map[string]string{} // and those that it split evenly
	for side := range homes {
		homes[side], split[side] = f.homesOf(side, strays)
	}
	var moves []*folderMove
	for _, s := range strays {
		by, other := s.by, 1-s.by
		home, known := homes[other][s.home]
		to, torn := split[other][s.home]
		switch {
		case torn:
		case !known:
			continue
		default:
			if _, again := homes[by][home]; again {
				continue // the side that put it there took the new folder elsewhere
			}
			to = home
		}
		m := &folderMove{stray: s, to: join(to, s.path[len(s.home)+1:]), torn: torn}
		if m.files, err = f.filesBelow(s.path, s.entry); err != nil {
			return err
		}
		moves = append(moves, m)
	}
	return f.moveAll(moves)
}

// homesOf counts where the files of the folders went that one side removed and
// the other put something into.
func (f *follower) homesOf(side int, strays []stray) (homes, torn map[string]string) {
	votes := map[string]map[string]int{}
	for _, s := range strays {
		if s.by != side {
			votes[s.home] = map[string]int{}
		}
	}
	for from, to := range f.to[side] {
		// A file that kept its path inside a folder speaks for that one too.
		old, _ := split(from)
		new, _ := split(to)
		for {
			if v := votes[old]; v != nil {
				v[new]++
			}
			up, name := split(old)
			upNew, same := split(new)
			if old == "" || new == "" || name != same {
				break
			}
			old, new = up, upNew
		}
	}
	homes, torn = map[string]string{}, map[string]string{}
	for folder, v := range votes {
		if len(v) == 0 {
			continue
		}
		if to, alone := winner(v); alone {
			homes[folder] = to
		} else {
			torn[folder] = to
		}
	}
	return homes, torn
}

// folderMove takes something new along with its folder.
type folderMove struct {
	stray
	to    string
	files []found
	torn  bool // the folder's files went to several folders alike
}

// target is where one of the files goes.
func (m *folderMove) target(file found) string { return m.to + file.path[len(m.path):] }

// found is something at a path.
type found struct {
	path  string
	entry *objects.Entry
}

// filesBelow lists the files and the empty folders of what stands at a path.
func (f *follower) filesBelow(path string, e *objects.Entry) ([]found, error) {
	if !isFolder(e) {
		return []found{{path, e}}, nil
	}
	entries, err := f.entries(e, strings.Count(path, "/"))
	if err != nil || len(entries) == 0 {
		return []found{{path, e}}, err
	}
	var list []found
	for i := range entries {
		below, err := f.filesBelow(join(path, entries[i].Name), &entries[i])
		if err != nil {
			return nil, err
		}
		list = append(list, below...)
	}
	return list, nil
}

// moveAll makes the moves of which the target is clear. Else a file is a conflict,
// and a new folder stays where it was put, with all that is in it.
func (f *follower) moveAll(moves []*folderMove) error {
	slices.SortFunc(moves, func(a, b *folderMove) int {
		return cmp.Or(a.by-b.by, strings.Compare(a.path, b.path))
	})
	var going []*folderMove
	shared := targets(moves)
	for _, m := range moves {
		clear, err := f.isClear(m, shared)
		if err != nil {
			return err
		}
		if clear || !isFolder(m.entry) {
			going = append(going, m)
		}
	}
	shared = targets(going)
	for _, m := range going {
		clear, err := f.isClear(m, shared)
		switch {
		case err != nil:
			return err
		case clear:
			f.moveWhole(m)
		case !f.unclear[m.path]:
			f.misplaced(m.by, m.files[0], m.path, m.to, m.path)
		}
	}
	return nil
}

// targets counts, by side, how many files would go to a path.
func targets(moves []*folderMove) [2]map[string]int {
	count := [2]map[string]int{{}, {}}
	for _, m := range moves {
		for _, file := range m.files {
			count[m.by][m.target(file)]++
		}
	}
	return count
}

// isClear tells whether all files of a move can go, and where to: nothing of their
// own side stands in the way, and none shares a target with another one.
func (f *follower) isClear(m *folderMove, shared [2]map[string]int) (bool, error) {
	if m.torn {
		return false, nil
	}
	for _, file := range m.files {
		to := m.target(file)
		e, blocked, err := f.lookup(f.sides[m.by], to)
		if err != nil {
			return false, err
		}
		if blocked || e != nil || f.unclear[file.path] || shared[m.by][to] > 1 || objects.CheckPath(to) != nil {
			return false, nil
		}
	}
	return true, nil
}

// moveWhole takes all files of a move along.
func (f *follower) moveWhole(m *folderMove) {
	for _, file := range m.files {
		f.move(m.by, file, m.target(file))
	}
	if f.options.AskFolders {
		return // every file is a conflict instead
	}
	f.on[m.by][m.path] = nil // a folder that has moved does not stay behind empty
	f.notes = append(f.notes, Note{Kind: Moved, From: m.path, To: m.to})
}

// move takes a new file of one side to another path.
func (f *follower) move(by int, file found, to string) {
	f.on[by][file.path], f.on[by][to] = nil, file.entry
	for old, renamed := range f.to[by] {
		if renamed == file.path {
			f.to[by][old] = to
		}
	}
	if f.options.AskFolders {
		f.misplaced(by, file, file.path, to, to)
		return
	}
	f.from[by][to] = file.path
}

// misplaced notes that a person must say whether something new of one side
// belongs where it was put, or where its folder went. The tree has it at one of
// the two.
func (f *follower) misplaced(by int, file found, put, went, at string) {
	place := func(path string) (*objects.Entry, string) {
		e := *file.entry
		if _, e.Name = split(path); path == at {
			path = ""
		}
		return &e, path
	}
	c := Conflict{Kind: FolderRenamed, Path: at}
	c.Ours, c.OursPath = place(put)
	c.Theirs, c.TheirsPath = place(went)
	if by == theirSide {
		c = c.Mirror()
	}
	f.conflicts = append(f.conflicts, c)
}
