package merge_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/esync/esync/merge"
)

// likePapers draws files of which many are alike, and some are copies, in folders
// that never empty.
func likePapers(r *rand.Rand) map[string]gitFile {
	files := map[string]gitFile{}
	for _, folder := range []string{"a", "a/s", "b", "c"} {
		files[folder+"/stays"] = gitFile{content: []byte(folder)}
	}
	var texts [][]byte
	for range 3 + r.IntN(12) {
		if len(texts) == 0 || r.IntN(3) > 0 {
			texts = append(texts, bytes.Join(drawText(r, 8+r.IntN(12), 14), []byte("a line of some length ")))
		}
		files[drawPath(r)] = gitFile{content: texts[r.IntN(len(texts))]}
	}
	return files
}

func drawPath(r *rand.Rand) string {
	return path.Join([]string{"", "a", "a/s", "b", "c"}[r.IntN(5)], fmt.Sprintf("f%d", r.IntN(9)))
}

// TestRenamesAgainstGit finds the renames among files that are much alike as git
// does, down to which of two equals it takes.
func TestRenamesAgainstGit(t *testing.T) {
	t.Parallel()
	g := newGit(t)
	const n = 300
	var stream bytes.Buffer
	var trees [n][2]map[string]gitFile
	for seed := range trees {
		r := rand.New(rand.NewPCG(uint64(seed), 17))
		old := likePapers(r)
		new := map[string]gitFile{}
		for _, p := range sortedPaths(old) {
			f := old[p]
			if path.Base(p) != "stays" && r.IntN(2) == 0 {
				lines := bytes.SplitAfter(f.content, []byte("\n"))
				p, f.content = drawPath(r), bytes.Join(editText(r, lines, r.IntN(3), 14), nil)
			}
			new[p] = f
		}
		trees[seed] = [2]map[string]gitFile{old, new}
		g.commit(&stream, new, g.commit(&stream, old))
	}
	g.importAll(&stream)
	total, wrong := 0, 0
	for seed, c := range trees {
		w := newWorld(t)
		list, _, err := merge.Renames(w, w.files(c[0]), w.files(c[1]))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range list {
			got = append(got, r.From+">"+r.To)
		}
		want := g.renames(fmt.Sprintf("m%d", 2*seed+1), fmt.Sprintf("m%d", 2*seed+2))
		if total += len(want); !slices.Equal(got, want) {
			if wrong++; wrong < 5 {
				t.Errorf("seed %d: renames %q, git's %q", seed, got, want)
			}
		}
	}
	t.Logf("of %d comparisons with %d renames %d are other than git's", n, total, wrong)
}

// renames lists the renames that git finds from one commit to another.
func (g *git) renames(a, b string) []string {
	var list []string
	fields := strings.Split(g.run("", "diff", "-M", "--name-status", "-z", "--diff-filter=R", a, b), "\x00")
	for ; len(fields) > 2; fields = fields[3:] {
		list = append(list, fields[1]+">"+fields[2])
	}
	slices.Sort(list)
	return list
}
