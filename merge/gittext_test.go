package merge_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/esync/esync/merge"
)

// drawText draws a text: of few kinds of lines, so that much is ambiguous, or
// of many, as real ones are.
func drawText(r *rand.Rand, n, kinds int) [][]byte {
	var l [][]byte
	for range n {
		l = append(l, fmt.Appendf(nil, "%d\n", r.IntN(kinds)))
	}
	return l
}

// editText changes runs of lines: puts in, takes out, replaces, moves.
func editText(r *rand.Rand, l [][]byte, edits, kinds int) [][]byte {
	l = slices.Clone(l)
	for range edits {
		at, n := r.IntN(len(l)+1), r.IntN(5)
		n = min(n, len(l)-at)
		switch r.IntN(5) {
		case 0:
			l = slices.Insert(l, at, drawText(r, 1+r.IntN(4), kinds)...)
		case 1:
			l = slices.Delete(l, at, at+n)
		case 2:
			run := slices.Clone(l[at : at+n])
			l = slices.Delete(l, at, at+n)
			l = slices.Insert(l, r.IntN(len(l)+1), run...)
		default:
			l = slices.Replace(l, at, at+n, drawText(r, n, kinds)...)
		}
	}
	return l
}

// TestTextAgainstGit merges thousands of texts as git's own merge does: the
// same ones are clean, with the same text.
func TestTextAgainstGit(t *testing.T) {
	t.Parallel()
	g := newGit(t)
	const n = 2000
	var trees [3]map[string]gitFile
	for i := range trees {
		trees[i] = map[string]gitFile{}
	}
	for seed := range uint64(n) {
		r := rand.New(rand.NewPCG(seed, 7))
		kinds := []int{3, 8, 30, 1000}[seed%4]
		length := 60
		if seed%20 < 4 {
			length = 600 // so that lines are too common to be anchors
		}
		base := drawText(r, r.IntN(length), kinds)
		sides := [3][][]byte{base, editText(r, base, 1+r.IntN(3), kinds), editText(r, base, 1+r.IntN(3), kinds)}
		if r.IntN(4) == 0 { // both sides made some changes alike
			sides[0] = editText(r, base, 2, kinds)
		}
		for i := range sides {
			content := bytes.Join(sides[i], nil)
			if r.IntN(20) == 0 {
				content = bytes.TrimSuffix(content, []byte("\n"))
			}
			trees[i][fmt.Sprint(seed)] = gitFile{content: content}
		}
	}
	var stream bytes.Buffer
	base := g.commit(&stream, trees[0])
	ours, theirs := g.commit(&stream, trees[1], base), g.commit(&stream, trees[2], base)
	g.importAll(&stream)
	m, _ := g.merge(ours, theirs)
	merged := g.files(m.tree)
	clean, silent, missed, differ := 0, 0, 0, 0
	for seed := range n {
		path := fmt.Sprint(seed)
		base, ours, theirs := trees[0][path].content, trees[1][path].content, trees[2][path].content
		got, ok := merge.Text(base, ours, theirs)
		_, conflict := slices.BinarySearch(m.paths, path)
		show := func(what string) {
			t.Logf("seed %s: %s\nbase %q\nours %q\ntheirs %q\ngot %q\ngit %q", path, what, base, ours, theirs, got, merged[path].content)
		}
		switch {
		case ok && conflict:
			if silent++; silent < 3 {
				show("merged where git has a conflict")
			}
		case !ok && !conflict:
			if missed++; missed < 3 {
				show("a conflict where git merges")
			}
		case ok && !bytes.Equal(got, merged[path].content):
			if differ++; differ < 3 {
				show("another text than git's")
			}
		case ok:
			clean++
		}
	}
	t.Logf("of %d texts %d merge as git does and %d are conflicts of both; %d silent, %d missed, %d different",
		n, clean, n-clean-silent-missed-differ, silent, missed, differ)
	if silent+missed+differ > n/500 {
		t.Error("not as git merges")
	}
}
