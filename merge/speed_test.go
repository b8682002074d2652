package merge_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/esync/esync/merge"
	"github.com/esync/esync/objects"
)

// TestHardTexts: texts that make a plain comparison quadratic, or that leave
// everything to the second algorithm, come out right (the log says how soon).
func TestHardTexts(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 1))
	random := func(n, kinds int) []byte {
		var b bytes.Buffer
		for range n {
			fmt.Fprintf(&b, "%d\n", r.IntN(kinds))
		}
		return b.Bytes()
	}
	count := func(n, step int) []byte {
		var b bytes.Buffer
		for i := range n {
			fmt.Fprintf(&b, "%d\n", i*step)
		}
		return b.Bytes()
	}
	reversed := func(text []byte) []byte {
		l := bytes.SplitAfter(text, []byte("\n"))
		var b bytes.Buffer
		for i := len(l) - 1; i >= 0; i-- {
			b.Write(l[i])
		}
		return b.Bytes()
	}
	big := count(60_000, 1)
	for _, c := range []struct {
		name     string
		old, new []byte
	}{
		{"few kinds", random(400, 2), random(380, 2)},
		{"few kinds, long", random(30_000, 3), random(30_000, 3)},
		{"nothing alike", count(50_000, 2), bytes.ReplaceAll(count(50_000, 2), []byte("\n"), []byte("x\n"))},
		{"reversed", big, reversed(big)},
		{"one line, often", bytes.Repeat([]byte("a\n"), 50_000), bytes.Repeat([]byte("a\n"), 40_000)},
		{"shuffled", random(40_000, 40_000), random(40_000, 40_000)},
		{"chain of anchors", count(20_000, 1), reversed(count(20_000, 3))},
	} {
		began := time.Now()
		diff := merge.Unified(c.old, c.new, 0)
		took := time.Since(began)
		if got := patch(t, c.old, diff); !bytes.Equal(got, c.new) {
			t.Errorf("%s: the diff gives another text", c.name)
		}
		t.Logf("%s: %v, %d bytes of diff", c.name, took, len(diff))
	}
	edited := bytes.Replace(big, []byte("\n777\n"), []byte("\nours\n"), 1)
	other := append(bytes.Clone(big), "theirs\n"...)
	began := time.Now()
	if _, ok := merge.Text(big, edited, other); !ok {
		t.Error("60,000 lines don't merge")
	}
	t.Logf("60,000 lines merged in %v", time.Since(began))
}

// manyFiles makes an engagement of 10,000 papers in 100 folders of which each
// side changed 30, 15 of them both; one side renamed a folder besides.
func manyFiles() (base, ours, theirs map[string]gitFile) {
	r := rand.New(rand.NewPCG(4, 4))
	base, ours, theirs = map[string]gitFile{}, map[string]gitFile{}, map[string]gitFile{}
	for i := range 10_000 {
		text := paper(r)
		path := fmt.Sprintf("section %02d/paper %04d.txt", i/100, i)
		base[path] = gitFile{content: text}
		o, t := text, text
		switch i % 222 {
		case 0:
			o = append(bytes.Clone(text), "ours\n"...)
			fallthrough
		case 1:
			t = append([]byte("theirs\n"), text...)
		case 2:
			o = append(bytes.Clone(text), "ours\n"...)
		}
		ours[path] = gitFile{content: o}
		if rest, moved := strings.CutPrefix(path, "section 37/"); moved {
			path = "section 2024/" + rest
		}
		theirs[path] = gitFile{content: t}
	}
	return base, ours, theirs
}

// BenchmarkManyFiles merges them, and has git do the same. Git has the trees on
// its disk, we have them in memory.
func BenchmarkManyFiles(b *testing.B) {
	base, ours, theirs := manyFiles()
	w := newWorld(b)
	trees := [3]objects.ID{w.files(base), w.files(ours), w.files(theirs)}
	b.Run("esync", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			r, err := merge.Trees(w, w, trees[0], trees[1], trees[2], merge.Options{})
			if err != nil || len(r.Conflicts) > 0 || len(r.Joined) < 30 {
				b.Fatal(err, len(r.Joined), w.describe(r.Conflicts))
			}
		}
	})
	b.Run("git", func(b *testing.B) {
		g := newGit(b)
		var stream bytes.Buffer
		root := g.commit(&stream, base)
		x, y := g.commit(&stream, ours, root), g.commit(&stream, theirs, root)
		g.importAll(&stream)
		for b.Loop() {
			if m, ok := g.merge(x, y); !ok || !m.clean {
				b.Fatal("git does not merge them")
			}
		}
	})
}
