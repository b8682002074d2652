package merge_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/esync/esync/merge"
	"github.com/esync/esync/objects"
	"github.com/esync/esync/objects/graph"
)

const (
	// historyVar lists git repositories whose merges are all made again; it is
	// written as a path for programs is.
	historyVar = "ESYNC_TEST_HISTORY"
	// drawnVar is how many further merges are drawn from each of them, of either
	// kind.
	drawnVar = "ESYNC_TEST_DRAWN"
	// stepsVar is the length of the history that is made up where there is no other.
	stepsVar = "ESYNC_TEST_STEPS"
	// seedVar draws others.
	seedVar = "ESYNC_TEST_SEED"
)

// TestHistoryAgainstGit makes merges of a history as git makes them: those that
// it has, those of lines that never met, and old changes made or taken back on
// much later commits. The histories are those that a variable names, else one
// that is made up.
func TestHistoryAgainstGit(t *testing.T) {
	t.Parallel()
	drawn, seed, steps := numberFrom(t, drawnVar, 20), numberFrom(t, seedVar, 1), numberFrom(t, stepsVar, 60)
	all := tally{}
	run := func(t *testing.T, g *git, dir string) {
		h := loadHistory(g, dir)
		r := rand.New(rand.NewPCG(uint64(seed), 5))
		counts := tally{}
		for _, m := range slices.Concat(h.recorded(), h.crossed(r, drawn), h.replayed(r, drawn)) {
			counts[h.check(m)]++
		}
		t.Logf("%s", counts)
		all.add(counts)
	}
	dirs := filepath.SplitList(os.Getenv(historyVar))
	for _, dir := range dirs {
		t.Run(filepath.Base(dir), func(t *testing.T) { run(t, newGit(t), dir) })
	}
	if len(dirs) == 0 {
		for name, things := range map[string]int{"sober": sober, "wild": wild} {
			t.Run(name, func(t *testing.T) {
				g := newGit(t)
				makeHistory(g, rand.New(rand.NewPCG(uint64(seed), 3)), steps, things)
				run(t, g, "")
			})
		}
	}
	t.Logf("in all %s", all)
	if other, same := all[otherPaths], all[sameConflicts]; other*99 > same {
		t.Errorf("%d of %d merges have conflicts at other paths than git's", other, other+same)
	}
}

func numberFrom(t *testing.T, name string, unset int) int {
	text := os.Getenv(name)
	if text == "" {
		return unset
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

// verdict is how a merge compares with git's.
type verdict string

const (
	sameTree      verdict = "the same tree"
	sameConflicts verdict = "the same conflicts"
	otherPaths    verdict = "conflicts at other paths"
	moreConflicts verdict = "conflicts where git has none"
	silent        verdict = "clean where git has conflicts"
	pathless      verdict = "the same tree, with a folder that git says was split"
	otherTree     verdict = "another tree"
	takesAlong    verdict = "takes a new folder along"
	ordered       verdict = "in git a matter of the sides' order"
	ownBase       verdict = "as git on the base that we make"
	unclearBase   verdict = "on bases that are in conflict"
	gaveUp        verdict = "git gave up"
	cannotHold    verdict = "links or names that no tree of ours holds"
)

// tally counts verdicts.
type tally map[verdict]int

func (c tally) add(other tally) {
	for v, n := range other {
		c[v] += n
	}
}

func (c tally) String() string {
	total := 0
	var parts []string
	for _, v := range []verdict{sameTree, sameConflicts, otherPaths, moreConflicts, silent, pathless, otherTree, takesAlong, ordered, ownBase, unclearBase, gaveUp, cannotHold} {
		if total += c[v]; c[v] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", c[v], v))
		}
	}
	return fmt.Sprintf("%d merges: %s", total, strings.Join(parts, ", "))
}

// history is a git repository as commits of ours.
type history struct {
	g       *git
	w       *world
	read    *importer
	commits map[string]*gitCommit
	order   []string // parents first
}

type gitCommit struct {
	id      objects.ID
	tree    string
	parents []string
}

// loadHistory takes over a repository: that of g itself, or the one in dir.
func loadHistory(g *git, dir string) *history {
	g.t.Helper()
	args := []string{"rev-list", "--all", "--topo-order", "--reverse", "--parents"}
	if dir != "" {
		g.borrow(dir)
		args = append([]string{"--git-dir=" + dir}, args...)
	}
	w := newWorld(g.t)
	h := &history{g: g, w: w, read: newImporter(g, w), commits: map[string]*gitCommit{}}
	for line := range strings.Lines(g.run("", args...)) {
		fields := strings.Fields(line)
		h.load(fields[0], fields[1:])
	}
	if len(h.order) == 0 {
		g.t.Skip("the repository has no commits")
	}
	return h
}

func (h *history) load(id string, parents []string) {
	line, _, _ := strings.Cut(string(h.read.read(id)), "\n")
	c := &gitCommit{tree: strings.TrimPrefix(line, "tree "), parents: parents}
	own := &objects.Commit{Tree: h.read.tree(c.tree).id, Generation: 1, When: time.UnixMilli(int64(len(h.order)))}
	for _, p := range parents[:min(len(parents), objects.MaxParents)] {
		parent, err := objects.ReadCommit(h.w, h.commits[p].id)
		if err != nil {
			h.g.t.Fatal(err)
		}
		own.Parents = append(own.Parents, h.commits[p].id)
		own.Generation = max(own.Generation, parent.Generation+1)
	}
	c.id = h.w.put(objects.KindCommit, own.Encode())
	h.commits[id], h.order = c, append(h.order, id)
}

// trial is a merge to be made: of two commits of git, and the same of ours.
type trial struct {
	name  string
	git   [2]string
	sides [2]objects.ID
	// foreign is what no tree of ours holds of the sides and the base.
	foreign []string
}

func (h *history) trial(name, a, b string) trial {
	m := trial{name: name, git: [2]string{a, b}, sides: [2]objects.ID{h.commits[a].id, h.commits[b].id}}
	bases, _ := h.g.try("", "merge-base", "--all", a, b) // none of lines that have nothing in common
	for _, id := range append(strings.Fields(bases), a, b) {
		m.foreign = append(m.foreign, h.read.tree(h.commits[id].tree).foreign)
	}
	return m
}

// recorded are the merges that the history has.
func (h *history) recorded() []trial {
	var list []trial
	for _, id := range h.order {
		if p := h.commits[id].parents; len(p) == 2 {
			list = append(list, h.trial("recorded "+id, p[0], p[1]))
		}
	}
	return list
}

func (h *history) draw(r *rand.Rand) string { return h.order[r.IntN(len(h.order))] }

// maxDraws bounds how often something is drawn that a history has little of.
const maxDraws = 50

// crossed draws merges of commits neither of which contains the other.
func (h *history) crossed(r *rand.Rand, n int) []trial {
	var list []trial
	drawn := map[[2]string]bool{}
	commits := graph.NewCache(h.w)
	for range n * maxDraws {
		if len(list) == n {
			break
		}
		a, b := h.draw(r), h.draw(r)
		if drawn[[2]string{a, b}] {
			continue
		}
		drawn[[2]string{a, b}], drawn[[2]string{b, a}] = true, true
		apart := true
		for _, pair := range [2][2]string{{a, b}, {b, a}} {
			within, err := graph.IsAncestor(commits, h.commits[pair[0]].id, h.commits[pair[1]].id)
			if err != nil {
				h.g.t.Fatal(err)
			}
			apart = apart && !within
		}
		if apart {
			list = append(list, h.trial(fmt.Sprintf("crossed %s %s", a, b), a, b))
		}
	}
	return list
}

// replayed draws changes of single commits, and makes them on other commits, or
// takes them back there.
func (h *history) replayed(r *rand.Rand, n int) []trial {
	var stream bytes.Buffer
	var list []trial
	drawn := map[[3]string]bool{}
	for range n * maxDraws {
		if len(list) == n {
			break
		}
		change, onto := h.draw(r), h.draw(r)
		if len(h.commits[change].parents) != 1 {
			continue
		}
		before, after, name := h.commits[change].parents[0], change, "picked"
		if r.IntN(2) == 0 {
			before, after, name = after, before, "reverted"
		}
		three := [3]string{h.commits[before].tree, h.commits[after].tree, h.commits[onto].tree}
		if three[0] == three[1] || three[0] == three[2] || three[1] == three[2] || drawn[three] {
			continue
		}
		drawn[three] = true
		list = append(list, h.replay(&stream, fmt.Sprintf("%s %s on %s", name, change, onto), three))
	}
	h.g.importAll(&stream)
	return list
}

// replay is the merge of two trees that come from the first one.
func (h *history) replay(stream *bytes.Buffer, name string, three [3]string) trial {
	m := trial{name: name}
	base := h.g.commitTree(stream, three[0])
	root := h.w.record(h.read.tree(three[0]).id, nil)
	for i, tree := range three[1:] {
		m.git[i] = fmt.Sprintf("m%d", h.g.commitTree(stream, tree, base))
		m.sides[i] = h.w.record(h.read.tree(tree).id, nil, root)
	}
	for _, tree := range three {
		m.foreign = append(m.foreign, h.read.tree(tree).foreign)
	}
	return m
}

// check makes a merge as git does it.
func (h *history) check(m trial) verdict {
	t := h.g.t
	if len(slices.Compact(slices.Clone(m.foreign))) > 1 {
		return cannotHold
	}
	want, ok := h.g.mergeOf(m.git[0], m.git[1])
	if !ok {
		return gaveUp
	}
	got, err := merge.Commits(graph.NewCache(h.w), h.w, h.w, m.sides[0], m.sides[1], merge.Options{})
	if err != nil {
		t.Fatalf("%s: %v", m.name, err)
	}
	checkRecorded(t, h.w, got.Conflicts)
	h.checkLaws(m)
	v, how := h.compare(got, want)
	switch {
	case v == sameTree, v == sameConflicts, v == pathless:
	case h.movesFolder(m, got):
		return takesAlong
	case h.dependsOnOrder(m, want):
		return ordered
	case v != silent && h.baseUnclear(m):
		return unclearBase
	case h.asOnOwnBase(m, got):
		return ownBase
	case v == otherPaths:
		t.Logf("%s: %s", m.name, how)
	default:
		t.Errorf("%s: %s: %s", m.name, v, how)
	}
	return v
}

// compare tells how a merge compares with git's, and what is other.
func (h *history) compare(got merge.Result, want gitMerge) (verdict, string) {
	paths, gits := uncovered(gitPaths(got.Conflicts), got.Conflicts), uncovered(stagedPaths(want), got.Conflicts)
	switch {
	case want.clean && len(got.Conflicts) > 0:
		return moreConflicts, fmt.Sprintf("%.300q", h.w.describe(got.Conflicts))
	case !want.clean && len(got.Conflicts) == 0 && (len(want.paths) > 0 || h.read.tree(want.tree).id != got.Tree):
		return silent, fmt.Sprintf("with %q; git's at %q: %q", got.Notes, gits, want.messages)
	case !want.clean && len(got.Conflicts) == 0:
		return pathless, ""
	case !want.clean && !slices.Equal(paths, gits):
		return otherPaths, fmt.Sprintf("conflicts at %q, git's at %q", paths, gits)
	case !want.clean:
		return sameConflicts, ""
	case h.read.tree(want.tree).id == got.Tree:
		return sameTree, ""
	}
	if how := differences(h.g.files(want.tree), h.w.read(got.Tree)); how != "" {
		return otherTree, how
	}
	return sameTree, "" // but for an empty folder, which git does not have
}

// bases are those of a merge, and what their merge is when there are two.
func (h *history) bases(m trial) ([]objects.ID, merge.Result) {
	commits := graph.NewCache(h.w)
	bases, err := graph.MergeBases(commits, m.sides[0], m.sides[1])
	if err != nil {
		h.g.t.Fatal(err)
	}
	if len(bases) != 2 {
		return bases, merge.Result{}
	}
	r, err := merge.Commits(commits, h.w, h.w, bases[0], bases[1], merge.Options{})
	if err != nil {
		h.g.t.Fatal(err)
	}
	return bases, r
}

// baseUnclear tells whether the base of a merge has conflicts itself. Git has them
// in the base as text, and merges that.
func (h *history) baseUnclear(m trial) bool {
	bases, r := h.bases(m)
	return len(bases) > 2 || len(r.Conflicts) > 0
}

// asOnOwnBase tells whether git, too, makes of a merge with two bases what we do
// when it has our merge of the two. Its own lacks what goes along with a renamed
// folder.
func (h *history) asOnOwnBase(m trial, got merge.Result) bool {
	bases, r := h.bases(m)
	if len(bases) != 2 {
		return false
	}
	var stream bytes.Buffer
	base := h.g.commit(&stream, h.w.read(r.Tree))
	var sides [2]int
	for i, side := range m.sides {
		sides[i] = h.g.commit(&stream, h.w.read(mustTree(h.w, side)), base)
	}
	h.g.importAll(&stream)
	want, ok := h.g.merge(sides[0], sides[1])
	v, how := h.compare(got, want)
	h.g.t.Logf("%s: on our base %s %s", m.name, v, how)
	return ok && (v == sameTree || v == sameConflicts)
}

// dependsOnOrder tells whether git makes something else of a merge when the sides
// are swapped: it then takes what the first side has for the merge of both, where
// one side put the other's file under the name that the other gave it.
func (h *history) dependsOnOrder(m trial, want gitMerge) bool {
	swapped, ok := h.g.mergeOf(m.git[1], m.git[0])
	if !ok || !slices.Equal(stagedPaths(swapped), stagedPaths(want)) {
		return true
	}
	changed := h.g.run("", "diff-tree", "-r", "-z", "--name-only", want.tree, swapped.tree)
	return slices.ContainsFunc(strings.FieldsFunc(changed, func(c rune) bool { return c == 0 }), func(path string) bool {
		return !slices.Contains(want.paths, path) && !slices.Contains(swapped.paths, path)
	})
}

// checkLaws holds what is true of a merge whatever git makes of it: see
// TestTreeLaws.
func (h *history) checkLaws(m trial) {
	t := h.g.t
	bases, err := graph.MergeBases(graph.NewCache(h.w), m.sides[0], m.sides[1])
	if err != nil {
		t.Fatal(err)
	}
	if len(bases) != 1 {
		return // the base is a merge itself
	}
	base, ours, theirs := mustTree(h.w, bases[0]), mustTree(h.w, m.sides[0]), mustTree(h.w, m.sides[1])
	var both [2]merge.Result
	for i, sides := range [2][2]objects.ID{{ours, theirs}, {theirs, ours}} {
		if both[i], err = merge.Trees(h.w, h.w, base, sides[0], sides[1], merge.Options{}); err != nil {
			t.Fatalf("%s: %v", m.name, err)
		}
	}
	checkMirror(t, h.w, both[0], both[1])
	if lost := h.w.lost(base, ours, theirs, both[0]); len(lost) > 0 {
		t.Errorf("%s: lost: %q", m.name, lost)
	}
}

// movesFolder is newFolderMoved for two commits.
func (h *history) movesFolder(m trial, got merge.Result) bool {
	if !slices.ContainsFunc(got.Notes, func(n merge.Note) bool { return n.Kind == merge.Moved }) {
		return false
	}
	return newFolderMoved(got, h.w.read(mustTree(h.w, m.sides[0])), h.w.read(mustTree(h.w, m.sides[1])))
}

// makeHistory makes up a history in which a few people work side by side and
// merge each other's work, also crosswise. A merge with conflicts is recorded
// with what one side had.
func makeHistory(g *git, r *rand.Rand, steps, things int) {
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
		tips = append(tips, step(work(r, files[root], 1, things), root))
	}
	for range steps {
		i, j := r.IntN(3), r.IntN(3)
		if i == j || r.IntN(2) == 0 {
			tips[i] = step(work(r, files[tips[i]], 1, things), tips[i])
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
