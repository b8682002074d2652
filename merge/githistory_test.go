package merge_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/esync/esync/merge"
	"github.com/esync/esync/objects"
	"github.com/esync/esync/objects/graph"
)

// historyVar names a git repository whose merges are all made again.
const historyVar = "ESYNC_TEST_HISTORY"

// history is a git repository as commits of ours: all of its commits, and the
// trees of those that merges need.
type history struct {
	g       *git
	w       *world
	ids     map[string]objects.ID
	parents map[string][]string
	order   []string // parents first
	blobs   map[string]objects.Entry
	needed  map[string]bool
}

// TestHistoryAgainstGit makes every merge of a history again, as git does it: of
// the repository that the variable names, else of one that is made up.
func TestHistoryAgainstGit(t *testing.T) {
	t.Parallel()
	g := newGit(t)
	if dir := os.Getenv(historyVar); dir != "" {
		g.env = append(g.env, "GIT_DIR="+dir)
	} else {
		makeHistory(g, 60)
	}
	h := &history{g: g, w: newWorld(t), ids: map[string]objects.ID{}, parents: map[string][]string{}, blobs: map[string]objects.Entry{}, needed: map[string]bool{}}
	for line := range strings.Lines(g.run("", "rev-list", "--all", "--topo-order", "--reverse", "--parents")) {
		fields := strings.Fields(line)
		h.order, h.parents[fields[0]] = append(h.order, fields[0]), fields[1:]
	}
	var merges []string
	for _, id := range h.order {
		if p := h.parents[id]; len(p) == 2 {
			merges = append(merges, id)
			h.need(p[0], p[1], 0)
		}
	}
	h.load()
	counts := map[string]int{}
	for _, id := range merges {
		verdict := h.check(id)
		counts[verdict]++
	}
	t.Logf("of %d merges: %v", len(merges), counts)
}

// need marks what a merge reads: both sides and their bases, and what those need.
func (h *history) need(a, b string, depth int) {
	h.needed[a], h.needed[b] = true, true
	out, err := h.g.try("", "merge-base", "--all", a, b)
	if err != nil {
		return // nothing in common
	}
	bases := strings.Fields(out)
	for i, base := range bases {
		h.needed[base] = true
		for _, other := range bases[:i] {
			if depth < 4 {
				h.need(base, other, depth+1)
			}
		}
	}
}

// load makes the commits.
func (h *history) load() {
	for i, id := range h.order {
		c := &objects.Commit{Generation: 1, When: time.UnixMilli(int64(i))}
		if h.needed[id] {
			c.Tree = h.tree(id)
		}
		for _, p := range h.parents[id] {
			parent, err := objects.ReadCommit(h.w, h.ids[p])
			if err != nil {
				h.g.t.Fatal(err)
			}
			if len(c.Parents) < objects.MaxParents {
				c.Parents = append(c.Parents, h.ids[p])
			}
			c.Generation = max(c.Generation, parent.Generation+1)
		}
		h.ids[id] = h.w.put(objects.KindCommit, c.Encode())
	}
}

// tree makes the tree of a commit, of files alone.
func (h *history) tree(commit string) objects.ID {
	files := map[string]*objects.Entry{}
	var ask strings.Builder
	var missing []string
	of := map[string]string{}
	for line := range strings.SplitSeq(h.g.run("", "ls-tree", "-r", "-z", commit), "\x00") {
		info, path, ok := strings.Cut(line, "\t")
		var mode, kind, id string
		fmt.Sscan(info, &mode, &kind, &id)
		if !ok || kind != "blob" || objects.CheckPath(path) != nil {
			continue
		}
		of[path] = mode + " " + id
		if _, known := h.blobs[id]; !known {
			h.blobs[id] = objects.Entry{}
			missing = append(missing, id)
			fmt.Fprintln(&ask, id)
		}
	}
	rest := ""
	if len(missing) > 0 {
		rest = h.g.run(ask.String(), "cat-file", "--batch")
	}
	for _, id := range missing {
		head, body, _ := strings.Cut(rest, "\n")
		var name, kind string
		n := 0
		fmt.Sscan(head, &name, &kind, &n)
		h.blobs[id] = objects.Entry{ID: h.w.put(objects.KindBlob, []byte(body[:n])), Size: int64(n)}
		rest = body[n+1:]
	}
	for path, what := range of {
		mode, id, _ := strings.Cut(what, " ")
		e := h.blobs[id]
		e.Mode = objects.ModeFile
		if mode == "100755" {
			e.Mode = objects.ModeExecutable
		}
		files[path] = &e
	}
	return h.w.folder("", files).ID
}

// check makes one merge again.
func (h *history) check(id string) string {
	p := h.parents[id]
	want, ok := h.g.mergeOf(p[0], p[1])
	if !ok {
		return "git gave up"
	}
	got, err := merge.Commits(graph.NewCache(h.w), h.w, h.w, h.ids[p[0]], h.ids[p[1]], merge.Options{})
	if err != nil {
		h.g.t.Fatal(err)
	}
	paths, gits := gitPaths(got.Conflicts), stagedPaths(want)
	switch {
	case newFolderMoved(got, h.w.read(mustTree(h.w, h.ids[p[0]])), h.w.read(mustTree(h.w, h.ids[p[1]]))):
		return "takes a new folder along"
	case want.clean && len(got.Conflicts) > 0:
		h.g.t.Errorf("%s: conflicts %.300q where git has none", id, h.w.describe(got.Conflicts))
		return "more conflicts"
	case !want.clean && len(got.Conflicts) == 0:
		h.g.t.Errorf("%s: clean, with %q; git has conflicts at %q: %q", id, got.Notes, gits, want.messages)
		return "silent"
	case !want.clean && !slices.Equal(paths, gits):
		h.g.t.Logf("%s: conflicts at %q, git's at %q", id, paths, gits)
		return "conflicts at other paths"
	case !want.clean:
		return "the same conflicts"
	}
	if tree := h.w.words(h.tree(want.tree)); tree != h.w.words(got.Tree) {
		h.g.t.Errorf("%s: another tree than git's", id)
		return "another tree"
	}
	return "the same tree"
}

// makeHistory makes up a history in which a few people work side by side and
// merge each other's work, also crosswise. A merge with conflicts is recorded
// with what one side had.
func makeHistory(g *git, steps int) {
	r := rand.New(rand.NewPCG(3, 3))
	files := map[int]map[string]gitFile{}
	var tips []int
	step := func(tree map[string]gitFile, parents ...int) int {
		var stream bytes.Buffer
		mark := g.commit(&stream, tree, parents...)
		// Marks of earlier runs are names by now.
		text := stream.String()
		for _, p := range parents {
			text = strings.Replace(text, fmt.Sprintf(" :%d\n", p), fmt.Sprintf(" refs/heads/m%d\n", p), 1)
		}
		g.run(text, "fast-import", "--quiet", "--force")
		files[mark] = tree
		return mark
	}
	root := step(papers(r))
	for range 3 {
		tips = append(tips, step(work(r, files[root], 1, sober), root))
	}
	for range steps {
		i, j := r.IntN(3), r.IntN(3)
		if i == j || r.IntN(2) == 0 {
			tips[i] = step(work(r, files[tips[i]], 1, sober), tips[i])
			continue
		}
		m, ok := g.merge(tips[i], tips[j])
		if !ok || strings.TrimSpace(g.run("", "merge-base", fmt.Sprint("m", tips[i]), fmt.Sprint("m", tips[j]))) == strings.TrimSpace(g.run("", "rev-parse", fmt.Sprint("m", tips[j]))) {
			continue
		}
		tree := files[tips[i]]
		if m.clean {
			tree = g.files(m.tree)
		}
		tips[i] = step(tree, tips[i], tips[j])
	}
}
