package merge

import (
	"cmp"
	"slices"
	"strings"

	"github.com/esync/esync/objects"
)

// Rename is a file, or a folder with all it holds, that has another path. A
// folder holds the same as before; a file may have been edited besides.
type Rename struct {
	From, To string
	Folder   bool
	// Old is what stood at From, and Entry what stands at To.
	Old, Entry *objects.Entry
}

// Bounds of looking for files that were renamed and edited, where it is only
// for a person to read.
const (
	maxShownPairs    = 1_000_000
	maxShownCompared = 64 << 20
)

// Renames compares two trees as Changes does and finds the files that were
// renamed; rest is the other changes. A file that was edited as well counts when
// at least half of it is the same. Where several files have the same content,
// one of the same name is taken first. A folder that is gone, all of whose files
// went to one new folder as they were, is one Rename. Empty files are never taken
// for renamed.
func Renames(src objects.Source, a, b objects.ID) (list []Rename, rest []Change, err error) {
	s := newSpace(src)
	var all []Change
	for c, err := range changes(s, a, b) {
		if err != nil {
			return nil, nil, err
		}
		all = append(all, c)
	}
	every := func(string) bool { return true }
	d := newDetector(s, all, every)
	d.pairs, d.left = maxShownPairs, maxShownCompared
	to, err := d.find(every)
	if err != nil {
		return nil, nil, err
	}
	target := map[string]bool{}
	for _, t := range to {
		target[t] = true
	}
	new := map[string]*objects.Entry{}
	for _, c := range all {
		if c.Kind == Added {
			new[c.Path] = c.New
		}
	}
	var edited []Rename
	for _, c := range all {
		switch r := (Rename{From: c.Path, To: to[c.Path]}); {
		case c.Kind == Deleted && r.To != "" && same(c.Old, new[r.To]):
			list = append(list, r)
		case c.Kind == Deleted && r.To != "":
			edited = append(edited, r)
		case c.Kind != Added || !target[c.Path]:
			rest = append(rest, c)
		}
	}
	if list, err = s.foldRenames(a, b, list, edited, rest); err != nil {
		return nil, nil, err
	}
	list = append(list, edited...)
	slices.SortFunc(list, func(x, y Rename) int { return strings.Compare(x.From, y.From) })
	for i := range list {
		if list[i].Old, _, err = s.lookup(a, list[i].From); err != nil {
			return nil, nil, err
		}
		if list[i].Entry, _, err = s.lookup(b, list[i].To); err != nil {
			return nil, nil, err
		}
	}
	return list, rest, nil
}

// foldRenames joins the renames of files into those of their folders.
func (s *space) foldRenames(a, b objects.ID, list, edited []Rename, rest []Change) ([]Rename, error) {
	mixed := map[string]bool{} // folders with changes that are no plain renames
	for _, c := range rest {
		markAbove(mixed, c.Path)
	}
	for _, r := range edited {
		markAbove(mixed, r.From)
		markAbove(mixed, r.To)
	}
	targets := map[string]map[string]bool{} // by folder: where its files went
	for _, r := range list {
		from, to := commonTail(r.From, r.To, func(f, t string) bool {
			if targets[f] == nil {
				targets[f] = map[string]bool{}
			}
			targets[f][t] = true
			return true
		})
		markAbove(mixed, from)
		markAbove(mixed, to)
	}
	var folded []Rename
	done := map[string]bool{}
	for _, r := range list {
		var failed error
		from, to := commonTail(r.From, r.To, func(f, t string) bool {
			if len(targets[f]) != 1 || mixed[f] || mixed[t] {
				return false
			}
			stays, _, err := s.lookup(b, f)
			was, _, err2 := s.lookup(a, t)
			failed = cmp.Or(failed, err, err2)
			return stays == nil && was == nil
		})
		if failed != nil {
			return nil, failed
		}
		if !done[from] {
			done[from] = true
			folded = append(folded, Rename{From: from, To: to, Folder: from != r.From})
		}
	}
	return folded, nil
}

// commonTail goes up from two paths as long as they end alike and up agrees to
// the folders reached.
func commonTail(from, to string, up func(from, to string) bool) (string, string) {
	for {
		f, name := split(from)
		t, same := split(to)
		if f == "" || t == "" || name != same || !up(f, t) {
			return from, to
		}
		from, to = f, t
	}
}
