package merge_test

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/esync/esync/merge"
	"github.com/esync/esync/objects/graph"
)

// TestCrosswiseAgainstGit merges lines that were merged crosswise before, as
// git does it: with the merge of the bases as base.
func TestCrosswiseAgainstGit(t *testing.T) {
	t.Parallel()
	g := newGit(t)
	type line struct {
		base, x, y, m, n, ours, theirs map[string]gitFile
		marks                          [2]int
		unclear                        bool // git makes another base
	}
	const tries = 100
	var stream bytes.Buffer
	var list []line
	for seed := range uint64(tries) {
		r := rand.New(rand.NewPCG(seed, 21))
		w := newWorld(t)
		l := line{base: papers(r)}
		l.x, l.y = work(r, l.base, 2, sober), work(r, l.base, 2, sober)
		first, err := merge.Trees(w, w, w.files(l.base), w.files(l.x), w.files(l.y), merge.Options{})
		if err != nil {
			t.Fatal(err)
		}
		l.unclear = len(first.Conflicts) > 0 || slices.ContainsFunc(first.Notes, func(n merge.Note) bool { return n.Kind == merge.Moved })
		l.m = w.read(first.Tree)
		l.n = l.m
		l.ours, l.theirs = work(r, l.m, 2, sober), work(r, l.n, 2, sober)
		root := g.commit(&stream, l.base)
		x, y := g.commit(&stream, l.x, root), g.commit(&stream, l.y, root)
		m, n := g.commit(&stream, l.m, x, y), g.commit(&stream, l.n, y, x)
		l.marks = [2]int{g.commit(&stream, l.ours, m), g.commit(&stream, l.theirs, n)}
		list = append(list, l)
	}
	g.importAll(&stream)
	clean, conflicts, beyond, more, same := 0, 0, 0, 0, 0
	for seed, l := range list {
		want, _ := g.merge(l.marks[0], l.marks[1])
		w := newWorld(t)
		root := w.record(w.files(l.base), nil)
		x, y := w.record(w.files(l.x), nil, root), w.record(w.files(l.y), nil, root)
		m, n := w.record(w.files(l.m), nil, x, y), w.record(w.files(l.n), nil, y, x)
		ours, theirs := w.record(w.files(l.ours), nil, m), w.record(w.files(l.theirs), nil, n)
		got, err := merge.Commits(graph.NewCache(w), w, w, ours, theirs, merge.Options{})
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case newFolderMoved(got, l.ours, l.theirs):
			beyond++
		case l.unclear:
			// Where the bases are in conflict git writes that into the base, and
			// it does not follow renamed folders there. We have in the base what
			// the two merges recorded.
			if more++; want.clean && len(got.Conflicts) == 0 {
				same++
			}
		case want.clean && len(got.Conflicts) == 0:
			clean++
			if files, gitFiles := w.read(got.Tree), g.files(want.tree); !sameFiles(files, gitFiles) {
				t.Errorf("seed %d: another tree: %s", seed, differences(gitFiles, files))
			}
		case want.clean:
			t.Errorf("seed %d: conflicts %.400q where git has none", seed, w.describe(got.Conflicts))
		case len(got.Conflicts) == 0:
			t.Errorf("seed %d is clean; git has conflicts at %q: %q", seed, want.paths, want.messages)
		default:
			conflicts++
			if paths, gits := gitPaths(got.Conflicts), stagedPaths(want); !slices.Equal(paths, gits) {
				t.Errorf("seed %d: conflicts at %q, git's at %q", seed, paths, gits)
			}
		}
	}
	t.Logf("of %d merges %d are clean as git's, %d are conflicts of both, %d take a new folder along; of %d on another base than git's both merge %d",
		len(list), clean, conflicts, beyond, more, same)
}
