package docx

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/beevik/etree"

	"github.com/esync/esync/merge/ooxml"
)

var seedFlag = flag.Uint64("docx.seed", 0, "seed of one random pair of edits; 0 tries many")

// editor makes random edits of a document, each with a word that is nowhere
// else, and notes what must be there afterwards and what must not.
type editor struct {
	t     testing.TB
	r     *rand.Rand
	d     *document
	name  string
	n     int
	put   []string          // words that were put in
	taken map[string]string // paragraphs that were taken out, by their place
	at    map[string]string // what was done, by the place
}

func (e *editor) word() string {
	e.n++
	return fmt.Sprintf("%s%dzz", e.name, e.n)
}

// leaves are the paragraphs of the body that have a plain run.
func (e *editor) leaves() []*node {
	var list []*node
	e.d.stories[0].node.leaves(func(n *node) {
		if n.kind == paraNode && n.el().Parent() != nil && e.text(n) != nil && e.at[n.where] == "" {
			list = append(list, n)
		}
	})
	return list
}

// text is the first text of a paragraph in a run that stands in nothing else.
func (e *editor) text(n *node) *etree.Element {
	for _, r := range n.el().ChildElements() {
		if t := kid(r, "t"); is(r, "r") && t != nil && strings.TrimSpace(t.Text()) != "" {
			return t
		}
	}
	return nil
}

func (e *editor) edit() {
	list := e.leaves()
	n := list[e.r.IntN(len(list))]
	text := e.text(n)
	inBody := n.el().Parent() == e.d.body
	word := e.word() // of this edit
	switch kind := e.r.IntN(8); {
	case kind == 0 && inBody && len(n.paragraph().marks) == 0 && kid(kid(n.el(), "pPr"), "sectPr") == nil:
		e.taken[n.where] = strings.TrimSpace(text.Text())
		e.at[n.where] = "taken out"
		n.el().Parent().RemoveChild(n.el())
		return
	case kind == 1 && inBody:
		p := etree.NewElement("w:p")
		p.CreateElement("w:r").CreateElement("w:t").SetText("new " + word)
		n.el().Parent().InsertChildAt(n.el().Index()+1, p)
	case kind == 2:
		run := text.Parent()
		rPr := kid(run, "rPr")
		if rPr == nil {
			rPr = etree.NewElement("w:rPr")
			run.InsertChildAt(0, rPr)
		}
		if kid(rPr, "i") == nil {
			insertOrdered(rPr, etree.NewElement("w:i"), orderRPr)
		}
		e.at[n.where] = "italic"
		return
	case kind == 3 && is(n.el().Parent(), "tc"):
		row := n.el().Parent().Parent()
		one := row.Copy()
		each(one, func(c *etree.Element) bool {
			c.RemoveAttr("w14:paraId")
			c.RemoveAttr("w14:textId")
			if is(c, "t") {
				word := e.word()
				c.SetText(word)
				e.put = append(e.put, word)
			}
			return true
		})
		row.Parent().InsertChildAt(row.Index()+1, one)
		return
	case kind == 4:
		words := strings.Fields(text.Text())
		words[e.r.IntN(len(words))] = word
		text.CreateAttr("xml:space", "preserve")
		text.SetText(" " + strings.Join(words, " ") + " ")
		e.at[n.where] = "word"
	default:
		text.CreateAttr("xml:space", "preserve")
		text.SetText(text.Text() + " " + word + " ")
		e.at[n.where] = "word"
	}
	e.put = append(e.put, word)
}

// edited is a document after n random edits.
func edited(t testing.TB, data []byte, name string, r *rand.Rand, n int) (*editor, []byte) {
	t.Helper()
	v, err := openAll(data)
	if err != nil {
		t.Fatal(err)
	}
	e := &editor{t: t, r: r, d: v[0], name: name, taken: map[string]string{}, at: map[string]string{}}
	for range n {
		e.edit()
	}
	p := unzip(t, data)
	p.text[mainPart] = string(ooxml.Encode(e.d.trees[mainPart]))
	return e, p.zip(t)
}

// TestRandomEdits merges random edits of two sides. Whatever comes of it: no
// word that a side put in is lost, nothing that it took out is there, a place
// that both edited in ways that do not go together is told, and with the sides
// swapped it is the same.
func TestRandomEdits(t *testing.T) {
	t.Parallel()
	bases := [][]byte{longDoc(t, 25), richDoc(t)}
	merged := 0
	seeds := []uint64{*seedFlag}
	if *seedFlag == 0 {
		seeds = nil
		for seed := range uint64(24) {
			seeds = append(seeds, seed+1)
		}
	}
	for _, seed := range seeds {
		r, base := rand.New(rand.NewPCG(seed, 7)), bases[seed%2]
		x, ours := edited(t, base, "ours", r, 1+r.IntN(6))
		y, theirs := edited(t, base, "theirs", r, 1+r.IntN(6))
		m, err := Merge(base, ours, theirs)
		if err != nil {
			t.Errorf("seed %d: %v", seed, err)
			continue
		}
		mirrored(t, base, ours, theirs, m)
		told := wheres(m.Conflicts)
		for where, what := range x.at {
			if other := y.at[where]; (what == "taken out") != (other == "taken out") && other != "" && !strings.Contains(told, where) {
				t.Errorf("seed %d: %s was %s and %s, conflicts %q", seed, where, what, other, told)
			}
		}
		if m.Bytes == nil {
			continue
		}
		merged++
		text := wordsOf(t, m.Bytes)
		for _, word := range append(x.put, y.put...) {
			if !strings.Contains(text, word) {
				t.Errorf("seed %d: %q is lost", seed, word)
			}
		}
		for _, e := range []*editor{x, y} {
			for where, gone := range e.taken {
				if strings.Contains(text, gone) {
					t.Errorf("seed %d: %s, %q, is there again", seed, where, gone)
				}
			}
		}
		if len(x.taken)+len(y.taken) == 0 {
			// A new paragraph beside one that is gone reads as its other version.
			both(t, base, ours, theirs, m.Bytes)
		}
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
	if *seedFlag == 0 && merged < len(seeds)/3 {
		t.Errorf("only %d of %d merged", merged, len(seeds))
	}
	t.Logf("%d of %d merged", merged, len(seeds))
}
