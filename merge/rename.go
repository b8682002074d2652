package merge

import (
	"cmp"
	"slices"
	"strings"

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

// maxPairs bounds the comparing of equal files with one another: many copies
// of one form that all moved are told apart by their names alone.
const maxPairs = 1 << 14

// Renames compares two trees as Changes does and finds the files that were
// renamed and not edited; rest is the other changes. Where several files have
// the same content, the one whose path looks most like the other is taken;
// where two look equally like, none. A folder that is gone, all of whose files
// went to one new folder, is one Rename. Empty files are never taken for
// renamed.
func Renames(src objects.Source, a, b objects.ID) (list []Rename, rest []Change, err error) {
	s := newSpace(src)
	var all []Change
	for c, err := range changes(s, a, b) {
		if err != nil {
			return nil, nil, err
		}
		all = append(all, c)
	}
	to := matchRenames(all)
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

func markAbove(set map[string]bool, path string) {
	for path, _ = split(path); path != ""; path, _ = split(path) {
		set[path] = true
	}
}

// matchRenames pairs deleted files with added ones of the same content.
func matchRenames(changes []Change) map[string]string {
	type group struct{ old, new []string }
	byID := map[objects.ID]*group{}
	for _, c := range changes {
		var e *objects.Entry
		switch c.Kind {
		case Added:
			e = c.New
		case Deleted:
			e = c.Old
		}
		if e == nil || e.Mode.IsFolder() || e.Size == 0 {
			continue
		}
		g := byID[e.ID]
		if g == nil {
			g = &group{}
			byID[e.ID] = g
		}
		if c.Kind == Added {
			g.new = append(g.new, c.Path)
		} else {
			g.old = append(g.old, c.Path)
		}
	}
	to := map[string]string{}
	for _, g := range byID {
		if len(g.old) > 0 && len(g.new) > 0 {
			matchGroup(to, g.old, g.new)
		}
	}
	return to
}

// matchGroup pairs paths of one content, the most alike first.
func matchGroup(to map[string]string, old, new []string) {
	if len(old) == 1 && len(new) == 1 {
		to[old[0]] = new[0]
		return
	}
	if len(old)*len(new) > maxPairs {
		return
	}
	type pair struct {
		old, new string
		score    int
	}
	var pairs []pair
	for _, o := range old {
		for _, n := range new {
			pairs = append(pairs, pair{o, n, likeness(o, n)})
		}
	}
	slices.SortFunc(pairs, func(a, b pair) int {
		return cmp.Or(b.score-a.score, strings.Compare(a.old, b.old), strings.Compare(a.new, b.new))
	})
	usedOld, usedNew := map[string]bool{}, map[string]bool{}
	for len(pairs) > 0 {
		// All pairs of one score: those that share a path with another of
		// them are not clear, and their paths are out.
		n := 1
		for n < len(pairs) && pairs[n].score == pairs[0].score {
			n++
		}
		times := map[string]int{}
		for _, p := range pairs[:n] {
			if !usedOld[p.old] && !usedNew[p.new] {
				times["-"+p.old]++
				times["+"+p.new]++
			}
		}
		for _, p := range pairs[:n] {
			if usedOld[p.old] || usedNew[p.new] {
				continue
			}
			if times["-"+p.old] == 1 && times["+"+p.new] == 1 {
				to[p.old] = p.new
			}
		}
		for _, p := range pairs[:n] {
			if times["-"+p.old] > 0 && times["+"+p.new] > 0 {
				usedOld[p.old], usedNew[p.new] = true, true
			}
		}
		pairs = pairs[n:]
	}
}

// likeness counts the components that two paths share at their ends, and, for
// a name changed in place, at their starts.
func likeness(a, b string) int {
	x, y := strings.Split(a, "/"), strings.Split(b, "/")
	tail := 0
	for tail < len(x) && tail < len(y) && x[len(x)-1-tail] == y[len(y)-1-tail] {
		tail++
	}
	head := 0
	for head < len(x)-tail && head < len(y)-tail && x[head] == y[head] {
		head++
	}
	return tail*2*maxDepth + head
}

// renames are what each side renamed, found when first asked for.
type renames struct {
	*space
	base  objects.ID
	sides [2]objects.ID
	to    [2]map[string]string
}

func (r *renames) of(side int) (map[string]string, error) {
	if r.to[side] == nil {
		var list []Change
		for c, err := range changes(r.space, r.base, r.sides[side]) {
			if err != nil {
				return nil, err
			}
			list = append(list, c)
		}
		r.to[side] = matchRenames(list)
	}
	return r.to[side], nil
}

// target is where a side took a file, or "".
func (r *renames) target(side int, path string) (string, error) {
	to, err := r.of(side)
	return to[path], err
}

// folder is where a side took a folder that it removed: where most of the
// files went that kept their path inside it. nil when they went nowhere, or to
// two places alike.
func (r *renames) folder(side int, path string) (*string, error) {
	to, err := r.of(side)
	if err != nil {
		return nil, err
	}
	votes := map[string]int{}
	for from, t := range to {
		inside, ok := strings.CutPrefix(from, path+"/")
		if !ok {
			continue
		}
		if t == inside {
			votes[""]++
		} else if home, ok := strings.CutSuffix(t, "/"+inside); ok {
			votes[home]++
		}
	}
	var best *string
	most := 0
	for home, n := range votes {
		switch {
		case n > most:
			best, most = &home, n
		case n == most:
			best = nil
		}
	}
	return best, nil
}
