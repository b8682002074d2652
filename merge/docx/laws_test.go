package docx

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// realDocs are real documents that can be merged.
func realDocs(t testing.TB) map[string][]byte {
	t.Helper()
	docs := map[string][]byte{"rich": richDoc(t)}
	for _, pattern := range []string{"../../testdata/papers/*.docx", "../../testdata/papers/*.docm"} {
		names, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if v, err := openAll(data); err == nil && v[0].verify(lenient) == nil {
				docs[filepath.Base(name)] = data
			}
		}
	}
	if len(docs) < 4 {
		t.Fatalf("only %d documents", len(docs))
	}
	return docs
}

// paragraphsOf are the paragraphs of the body that have a word in a run of
// their own, by their place, with that word.
func paragraphsOf(t testing.TB, data []byte) (places, words []string) {
	t.Helper()
	v, err := openAll(data)
	if err != nil {
		t.Fatal(err)
	}
	v[0].stories[0].node.leaves(func(n *node) {
		if n.kind != paraNode {
			return
		}
		for _, a := range n.paragraph().atoms {
			if a.isText() && len(a.chain) == 0 && len(strings.TrimSpace(a.text)) > 2 {
				places, words = append(places, n.where), append(words, a.text)
				return
			}
		}
	})
	return places, words
}

// rewrite puts a text in the place of the first word of the paragraph at a
// place, or takes the paragraph out.
func rewrite(t testing.TB, data []byte, place, text string) []byte {
	t.Helper()
	v, err := openAll(data)
	if err != nil {
		t.Fatal(err)
	}
	d := v[0]
	done := false
	d.stories[0].node.leaves(func(n *node) {
		if n.where != place || done {
			return
		}
		for _, a := range n.paragraph().atoms {
			if !a.isText() || len(a.chain) > 0 || len(strings.TrimSpace(a.text)) <= 2 {
				continue
			}
			for _, c := range a.run.ChildElements() {
				if is(c, "t") && strings.Contains(c.Text(), a.text) && !done {
					c.SetText(strings.Replace(c.Text(), a.text, text, 1))
					done = true
				}
			}
			return
		}
	})
	if !done {
		return nil
	}
	p := unzip(t, data)
	out, err := d.trees[d.main].WriteToString()
	if err != nil {
		t.Fatal(err)
	}
	p.text[d.main] = out
	return p.zip(t)
}

// TestEditsApart merges edits of different paragraphs: both are there, and
// nothing else differs from having made one after the other.
func TestEditsApart(t *testing.T) {
	t.Parallel()
	for name, base := range realDocs(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			places, _ := paragraphsOf(t, base)
			r := rand.New(rand.NewPCG(1, uint64(len(base))))
			rounds := 2
			if len(base) > 40_000 {
				rounds = 1
			}
			for range rounds {
				if len(places) < 2 {
					return
				}
				r.Shuffle(len(places), func(i, j int) { places[i], places[j] = places[j], places[i] })
				ours, theirs := rewrite(t, base, places[0], "ourswashere"), rewrite(t, base, places[1], "theirswashere")
				if ours == nil || theirs == nil {
					continue
				}
				m, err := Merge(base, ours, theirs)
				if err != nil || len(m.Conflicts) > 0 {
					t.Errorf("%s and %s: %v, conflicts %s", places[0], places[1], err, wheres(m.Conflicts))
					continue
				}
				mirrored(t, base, ours, theirs, m)
				want := rewrite(t, ours, places[1], "theirswashere")
				if left, err := Diff(want, m.Bytes); err != nil || len(left) > 0 {
					t.Errorf("%s and %s: %v, left %+v", places[0], places[1], err, left)
				}
				if c, err := Merge(base, ours, rewrite(t, base, places[0], "somethingelse")); err != nil || wheres(c.Conflicts) != places[0] {
					t.Errorf("%s in two ways: %v, conflicts %s", places[0], err, wheres(c.Conflicts))
				}
			}
		})
	}
}

// TestOneSide checks that with one side unchanged the result is the other, byte
// for byte, and that a save alone is no difference.
func TestOneSide(t *testing.T) {
	t.Parallel()
	for name, base := range realDocs(t) {
		places, _ := paragraphsOf(t, base)
		if len(places) == 0 {
			continue
		}
		side := rewrite(t, base, places[0], "changed")
		for _, pair := range [][2][]byte{{base, side}, {side, base}} {
			r, err := Merge(base, pair[0], pair[1])
			if err != nil || !bytes.Equal(r.Bytes, side) {
				t.Errorf("%s: %v", name, err)
			}
		}
		list, err := Diff(base, side)
		if err != nil || wheres(list) != places[0] {
			t.Errorf("%s: %v, %s", name, err, wheres(list))
		}
		if again := unzip(t, base).zip(t); true {
			if list, err := Diff(base, again); err != nil || len(list) > 0 {
				t.Errorf("%s packed anew: %v, %+v", name, err, list)
			}
		}
	}
}

// noise is what a save of Word changes without a person having changed a thing.
func noise(t testing.TB, data []byte) []byte {
	t.Helper()
	p := unzip(t, data)
	text := p.text[mainPart]
	swaps := []string{`w:rsidR="00A1B2C3"`, `w:rsidR="00FFFFFF" w:rsidRPr="00EEEEEE"`, `<w:proofErr w:type="spellStart"/>`, "", `<w:proofErr w:type="spellEnd"/>`, "",
		"Revenue recognition</w:t>", `Revenue recog</w:t></w:r><w:r w:rsidR="00FFFFFF"><w:t>nition</w:t>`}
	for i := 0; i < len(swaps); i += 2 {
		text = strings.ReplaceAll(text, swaps[i], swaps[i+1])
	}
	for i := range 0x40 {
		text = strings.ReplaceAll(text, fmt.Sprintf(`w14:paraId="100000%02X"`, i), fmt.Sprintf(`w14:paraId="5000%04X"`, 7*i))
	}
	p.text[mainPart] = strings.Replace(text, "<w:r><w:t>Risks", `<w:bookmarkStart w:id="77" w:name="_GoBack"/><w:bookmarkEnd w:id="77"/><w:r><w:lastRenderedPageBreak/><w:t>Risks`, 1)
	return p.zip(t)
}

// renumbered has the lists, comments, bookmarks, notes and pictures of the rich
// document under other numbers.
func renumbered(t testing.TB, data []byte) []byte {
	t.Helper()
	p := unzip(t, data)
	swap := func(part string, pairs ...string) {
		p.text[part] = strings.NewReplacer(pairs...).Replace(p.text[part])
	}
	swap(mainPart, `<w:numId w:val="1"/>`, `<w:numId w:val="2"/>`, `<w:numId w:val="2"/>`, `<w:numId w:val="1"/>`)
	swap("word/numbering.xml", `w:numId="1"`, `w:numId="2"`, `w:numId="2"`, `w:numId="1"`)
	for _, tag := range []string{"commentRangeStart", "commentRangeEnd", "commentReference"} {
		swap(mainPart, `<w:`+tag+` w:id="0"/>`, `<w:`+tag+` w:id="1"/>`, `<w:`+tag+` w:id="1"/>`, `<w:`+tag+` w:id="0"/>`)
	}
	swap("word/comments.xml", `<w:comment w:id="0"`, `<w:comment w:id="1"`, `<w:comment w:id="1"`, `<w:comment w:id="0"`)
	swap(mainPart, `<w:bookmarkStart w:id="0"`, `<w:bookmarkStart w:id="9"`, `<w:bookmarkEnd w:id="0"`, `<w:bookmarkEnd w:id="9"`, `<w:footnoteReference w:id="1"/>`, `<w:footnoteReference w:id="4"/>`,
		`r:embed="rId11"`, `r:embed="rId31"`)
	swap("word/footnotes.xml", `<w:footnote w:id="1"`, `<w:footnote w:id="4"`)
	swap("word/_rels/document.xml.rels", `Id="rId11"`, `Id="rId31"`, "media/image1.png", "media/picture9.png")
	i := slices.Index(p.names, "word/media/image1.png")
	p.add("word/media/picture9.png", p.text[p.names[i]])
	p.names = slices.Delete(p.names, i, i+1)
	return p.zip(t)
}

func TestNoiseIsNoChange(t *testing.T) {
	t.Parallel()
	base := richDoc(t)
	for name, other := range map[string][]byte{"a save": noise(t, base), "other numbers": renumbered(t, base)} {
		if err := Verify(other); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if list, err := Diff(base, other); err != nil || len(list) > 0 {
			t.Errorf("%s: %v, %+v", name, err, list)
		}
		for _, c := range triples {
			if c.conflict != "" || len(c.ours)%2 == 1 || len(c.theirs)%2 == 1 || strings.Contains(c.name, "new paragraph") {
				continue
			}
			ours := c.ours.apply(t, base)
			theirs := rewrite(t, other, "paragraph 17", "Theirs")
			r, err := Merge(base, ours, theirs)
			if err != nil || len(r.Conflicts) > 0 && wheres(r.Conflicts) != "paragraph 17" {
				t.Errorf("%s, %s: %v, conflicts %+v", name, c.name, err, r.Conflicts)
			}
		}
	}
}

func FuzzMerge(f *testing.F) {
	base := richDoc(f)
	text := unzip(f, base).text[mainPart]
	f.Add(100, 20, "x", 3000, 5, "y")
	f.Add(4000, 0, "<w:p/>", 4000, 0, "<w:p/>")
	f.Add(strings.Index(text, "<w:tbl>"), len(richTable), "", 9000, 1, " ")
	f.Fuzz(func(t *testing.T, at, n int, put string, at2, n2 int, put2 string) {
		side := func(at, n int, put string) []byte {
			at, n = max(at%len(text), 0), max(n%100, 0)
			p := unzip(t, base)
			p.text[mainPart] = text[:at] + put + text[min(at+n, len(text)):]
			return p.zip(t)
		}
		ours, theirs := side(at, n, put), side(at2, n2, put2)
		r, err := Merge(base, ours, theirs)
		if err != nil || r.Bytes == nil {
			return
		}
		if err := Verify(r.Bytes); err != nil && Verify(ours) == nil && Verify(theirs) == nil {
			t.Errorf("the result is not sound: %v", err)
		}
		m, err := Merge(base, theirs, ours)
		if err != nil || !bytes.Equal(r.Bytes, m.Bytes) {
			t.Errorf("the sides swapped give another document: %v", err)
		}
	})
}
