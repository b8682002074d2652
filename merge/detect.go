package merge

import (
	"cmp"
	"slices"
	"strings"

	"github.com/esync/esync/objects"
)

// Scores from which a file is taken for another one renamed, as in git: half
// of it must be the same, and three quarters where only the name says so.
const (
	leastScore     = fullScore / 2
	leastNameScore = fullScore * 3 / 4
)

// maxPairs bounds the comparing of every file that is gone with every new one.
const maxPairs = 7000 * 7000

// maxBest is how many files a new one may have come from that are kept in mind.
const maxBest = 4

// oldFile is a file that is gone from its path.
type oldFile struct {
	path  string
	entry *objects.Entry
	to    string // where it went, or ""
}

// newFile is a file at a path that had none.
type newFile struct {
	path  string
	entry *objects.Entry
	taken bool // by a rename
}

// detector finds the renames between two trees: where files that are gone went.
// Content that has not changed comes first, then names of which there is one,
// and at last whatever is most alike.
type detector struct {
	*likeness
	old   []*oldFile // in the order in which they are looked at
	new   []*newFile
	pairs int // how many are compared with one another at most
}

// newDetector looks at the near files first, where several are as good, then in
// the order of the paths.
func newDetector(s *space, all []Change, near func(path string) bool) *detector {
	d := &detector{likeness: newLikeness(s), pairs: maxPairs}
	for _, c := range all {
		switch {
		case c.Kind == Deleted && !c.Old.Mode.IsFolder():
			d.old = append(d.old, &oldFile{path: c.Path, entry: c.Old})
		case c.Kind == Added && !c.New.Mode.IsFolder():
			d.new = append(d.new, &newFile{path: c.Path, entry: c.New})
		}
	}
	order := func(a, b string) int {
		if n := near(a); n != near(b) {
			if n {
				return -1
			}
			return 1
		}
		return strings.Compare(a, b)
	}
	slices.SortFunc(d.old, func(a, b *oldFile) int { return order(a.path, b.path) })
	slices.SortFunc(d.new, func(a, b *newFile) int { return order(a.path, b.path) })
	return d
}

// find gives the new path of every file that was renamed. relevant tells which
// files are worth reading; where there are several such, the files of the first
// find theirs before the others.
func (d *detector) find(relevant ...func(path string) bool) (map[string]string, error) {
	d.exact()
	for _, r := range relevant {
		if err := d.byName(r); err != nil {
			return nil, err
		}
		if err := d.byLikeness(r); err != nil {
			return nil, err
		}
	}
	return d.found(), nil
}

func (d *detector) found() map[string]string {
	to := map[string]string{}
	for _, o := range d.old {
		if o.to != "" {
			to[o.path] = o.to
		}
	}
	return to
}

func pair(o *oldFile, n *newFile) { o.to, n.taken = n.path, true }

func baseName(path string) string {
	_, name := split(path)
	return name
}

// exact pairs files of one content: with the one of the same name if there is
// one, else with the first. Empty files say nothing.
func (d *detector) exact() {
	byID := map[objects.ID][]*oldFile{}
	for _, o := range d.old {
		if o.entry.Size > 0 {
			byID[o.entry.ID] = append(byID[o.entry.ID], o)
		}
	}
	for _, n := range d.new {
		var best *oldFile
		for _, o := range byID[n.entry.ID] {
			if o.to != "" {
				continue
			}
			if best == nil {
				best = o
			}
			if baseName(o.path) == baseName(n.path) {
				best = o
				break
			}
		}
		if best != nil {
			pair(best, n)
		}
	}
}

// byName pairs files whose name in the folder says where they went: there is
// one such name on both sides, or the folder's other files went to a folder
// that has it.
func (d *detector) byName(relevant func(path string) bool) error {
	old, new := map[string]int{}, map[string][]*newFile{}
	at := map[string]*newFile{}
	for _, o := range d.old {
		if o.to == "" {
			old[baseName(o.path)]++
		}
	}
	for _, n := range d.new {
		if !n.taken {
			new[baseName(n.path)] = append(new[baseName(n.path)], n)
			at[n.path] = n
		}
	}
	homes := d.homes()
	for _, o := range d.old {
		name := baseName(o.path)
		if o.to != "" || len(new[name]) == 0 || !relevant(o.path) {
			continue
		}
		n := new[name][0]
		if old[name] > 1 || len(new[name]) > 1 {
			folder, _ := split(o.path)
			home, ok := homes[folder]
			if n = at[join(home, name)]; !ok || n == nil {
				continue
			}
		}
		if n.taken {
			continue
		}
		score, err := d.score(o.entry, n.entry, leastNameScore)
		if err != nil {
			return err
		}
		if score >= leastNameScore {
			pair(o, n)
		}
	}
	return nil
}

// homes guesses from the files found so far to which folder the files of a
// folder went.
func (d *detector) homes() map[string]string {
	votes := map[string]map[string]int{}
	for _, o := range d.old {
		if o.to != "" {
			from, _ := split(o.path)
			to, _ := split(o.to)
			if votes[from] == nil {
				votes[from] = map[string]int{}
			}
			votes[from][to]++
		}
	}
	homes := map[string]string{}
	for from, v := range votes {
		homes[from], _ = winner(v)
	}
	return homes
}

// winner is the one with the most votes, the first of those that have as many.
func winner(votes map[string]int) (best string, alone bool) {
	most := 0
	for to, n := range votes {
		switch {
		case n > most:
			best, most, alone = to, n, true
		case n == most:
			best, alone = min(best, to), false
		}
	}
	return best, alone
}

// candidate is a pair that is alike enough.
type candidate struct {
	old      *oldFile
	new      *newFile
	score    int64
	sameName int
}

// better is negative when a is to be tried before b.
func better(a, b candidate) int {
	return cmp.Or(cmp.Compare(b.score, a.score), b.sameName-a.sameName)
}

// keepBest adds a candidate to the best ones. When there are too many, it takes the
// place of the first of the worst, be it alike enough or not: which of two equals
// comes first is then the same as in git.
func keepBest(best []candidate, c candidate) []candidate {
	if len(best) < maxBest {
		return append(best, c)
	}
	worst := 0
	for i := range best {
		if better(best[i], best[worst]) > 0 {
			worst = i
		}
	}
	if better(c, best[worst]) < 0 {
		best[worst] = c
	}
	return best
}

// byLikeness compares what is left, every file that is gone with every new one.
func (d *detector) byLikeness(relevant func(path string) bool) error {
	var old []*oldFile
	for _, o := range d.old {
		if o.to == "" && relevant(o.path) {
			old = append(old, o)
		}
	}
	var all []candidate
	left := slices.DeleteFunc(slices.Clone(d.new), func(n *newFile) bool { return n.taken })
	if len(old)*len(left) > d.pairs {
		return nil
	}
	for _, n := range left {
		var best []candidate
		for _, o := range old {
			score, err := d.score(o.entry, n.entry, leastScore)
			if err != nil {
				return err
			}
			c := candidate{old: o, new: n, score: score}
			if baseName(o.path) == baseName(n.path) {
				c.sameName = 1
			}
			best = keepBest(best, c)
		}
		all = append(all, best...)
	}
	slices.SortStableFunc(all, better)
	for _, c := range all {
		if c.score >= leastScore && c.old.to == "" && !c.new.taken {
			pair(c.old, c.new)
		}
	}
	return nil
}
