package merge

import (
	"slices"

	"github.com/esync/esync/objects"
)

// clashes takes out of a merged folder the names of their side that some
// system holds for one of ours, and notes a conflict for each. waiting are
// names that a conflict keeps out of the folder: in the mirror image they are
// in it. Clashes within one side are not of the merge's making.
func (p *pass) clashes(path string, merged []objects.Entry, waiting []string, ours, theirs []objects.Entry) []objects.Entry {
	all := objects.Tree{Entries: slices.Clone(merged)}
	for _, name := range waiting {
		all.Entries = append(all.Entries, objects.Entry{Name: name})
	}
	all.Sort()
	o, t := &objects.Tree{Entries: ours}, &objects.Tree{Entries: theirs}
	for _, c := range objects.Clashes(&all) {
		mine, other, ok := whose(o, t, c.First, c.Second)
		if !ok {
			continue
		}
		conflict := Conflict{Kind: NameClash, Path: join(path, min(mine.Name, other.Name)), Ours: &mine, Theirs: &other}
		if mine.Name < other.Name {
			conflict.TheirsPath = join(path, other.Name)
		} else {
			conflict.OursPath = join(path, mine.Name)
		}
		p.conflicts = append(p.conflicts, conflict)
		merged = slices.DeleteFunc(merged, func(e objects.Entry) bool { return e.Name == other.Name })
	}
	return merged
}

// whose tells which of two names is ours alone and which theirs alone.
func whose(ours, theirs *objects.Tree, a, b string) (mine, other objects.Entry, ok bool) {
	for range 2 {
		var inOurs, inTheirs bool
		mine, inOurs = ours.Find(a)
		other, inTheirs = theirs.Find(b)
		_, both := ours.Find(b)
		_, also := theirs.Find(a)
		if inOurs && inTheirs && !both && !also {
			return mine, other, true
		}
		a, b = b, a
	}
	return mine, other, false
}
