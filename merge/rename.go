package merge

import (
	"cmp"

	"github.com/esync/esync/objects"
)

// Rename is a file, or a folder with all it holds, that has another path and
// the same content.
type Rename struct {
	From, To string
	Folder   bool
	// Entry is what stands at To.
	Entry *objects.Entry
}

// Renames compares two trees as Changes does and finds the files that were
// renamed and not edited; rest is the other changes. Where several files have
// the same content, one of the same name is taken first. A folder that is gone,
// all of whose files went to one new folder, is one Rename. Empty files are
// never taken for renamed.
func Renames(src objects.Source, a, b objects.ID) (list []Rename, rest []Change, err error) {
	s := newSpace(src)
	var all []Change
	for c, err := range changes(s, a, b) {
		if err != nil {
			return nil, nil, err
		}
		all = append(all, c)
	}
	d := newDetector(s, all, nil)
	d.exact()
	to := d.found()
	target := map[string]bool{}
	for _, t := range to {
		target[t] = true
	}
	for _, c := range all {
		switch {
		case c.Kind == Deleted && to[c.Path] != "":
			list = append(list, Rename{From: c.Path, To: to[c.Path]})
		case c.Kind != Added || !target[c.Path]:
			rest = append(rest, c)
		}
	}
	if list, err = s.foldRenames(a, b, list, rest); err != nil {
		return nil, nil, err
	}
	for i := range list {
		if list[i].Entry, _, err = s.lookup(b, list[i].To); err != nil {
			return nil, nil, err
		}
	}
	return list, rest, nil
}

// foldRenames joins the renames of files into those of their folders.
func (s *space) foldRenames(a, b objects.ID, list []Rename, rest []Change) ([]Rename, error) {
	mixed := map[string]bool{} // folders with changes that are no plain renames
	for _, c := range rest {
		markAbove(mixed, c.Path)
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
