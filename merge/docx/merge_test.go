package docx

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

const mainPart = "word/document.xml"

// edit is a change of a part by pairs of old and new text.
type edit []string

// apply makes the change in the main part, or in the one named by the first of
// an odd number of texts.
func (e edit) apply(t testing.TB, data []byte) []byte {
	t.Helper()
	p := unzip(t, data)
	part := mainPart
	if len(e)%2 == 1 {
		part, e = e[0], e[1:]
	}
	for i := 0; i < len(e); i += 2 {
		p.replace(t, part, e[i], e[i+1])
	}
	return p.zip(t)
}

// words are the texts of a document, paragraph by paragraph.
func wordsOf(t testing.TB, data []byte) string {
	t.Helper()
	v, err := openAll(data)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, s := range v[0].stories {
		s.node.leaves(func(n *node) {
			if n.kind == paraNode {
				list = append(list, n.paragraph().text())
			}
		})
	}
	return strings.Join(list, "\n")
}

func wheres(list []Place) string {
	var names []string
	for _, p := range list {
		names = append(names, p.Where)
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// para0 is a paragraph without a style.
func para0(text string) string { return `<w:p><w:r><w:t>` + text + `</w:t></w:r></w:p>` }

const row3 = `<w:tr><w:tc><w:tcPr><w:tcW w:w="3000" w:type="dxa"/></w:tcPr><w:p><w:r><w:t>A</w:t></w:r></w:p></w:tc>` +
	`<w:tc><w:tcPr><w:tcW w:w="3000" w:type="dxa"/></w:tcPr><w:p><w:r><w:t>B</w:t></w:r></w:p></w:tc>` +
	`<w:tc><w:tcPr><w:tcW w:w="3000" w:type="dxa"/></w:tcPr><w:p><w:r><w:t>C</w:t></w:r></w:p></w:tc></w:tr>`

// triples are what two people do to the rich document, and what comes of it:
// texts that are there afterwards, and not there ("!"), or the place of a
// conflict.
var triples = []struct {
	name         string
	ours, theirs edit
	there        []string
	conflict     string
}{
	{name: "two paragraphs", ours: edit{"Revenue recognition", "Revenue cut-off"}, theirs: edit{"Organisation of the group", "Structure of the group"},
		there: []string{"Revenue cut-off", "Structure of the group"}},
	{name: "two words of a paragraph", ours: edit{"Overall materiality", "Total materiality"}, theirs: edit{" for the year", " for the period"},
		there: []string{"Total materiality is set at 120,000 for the period"}},
	{name: "words beside each other", ours: edit{"Inventory count in March", "Stock count in March"}, theirs: edit{"Inventory count in March", "Inventory check in March"},
		conflict: "paragraph 9"},
	{name: "the same word", ours: edit{"120,000", "130,000"}, theirs: edit{"120,000", "140,000"}, conflict: "paragraph 3"},
	{name: "the same change", ours: edit{"120,000", "130,000"}, theirs: edit{"120,000", "130,000", "confirmed", "agreed"}, there: []string{"130,000", "agreed"}},
	{name: "format and words", ours: edit{"<w:r><w:t>Management override</w:t></w:r>", "<w:r><w:rPr><w:b/></w:rPr><w:t>Management override</w:t></w:r>"},
		theirs: edit{"Management override", "Management override of controls"}, there: []string{"Management override of controls"}},
	{name: "format in two ways", ours: edit{"<w:b/><w:bCs/>", "<w:b/><w:bCs/><w:i/>"}, theirs: edit{"<w:b/><w:bCs/>", `<w:b/><w:bCs/><w:color w:val="FF0000"/>`},
		there: []string{"120,000"}},
	{name: "colour in two ways", ours: edit{"<w:b/><w:bCs/>", `<w:b/><w:bCs/><w:color w:val="00FF00"/>`}, theirs: edit{"<w:b/><w:bCs/>", `<w:b/><w:bCs/><w:color w:val="FF0000"/>`},
		conflict: "paragraph 3"},
	{name: "two cells", ours: edit{"450,000", "455,000"}, theirs: edit{"provided for", "written off"}, there: []string{"455,000", "written off"}},
	{name: "one cell", ours: edit{"450,000", "455,000"}, theirs: edit{"450,000", "460,000"}, conflict: "table 1 B2"},
	{name: "a row and a cell", ours: edit{"</w:tr></w:tbl>", "</w:tr>" + row3 + "</w:tbl>"}, theirs: edit{"30,000", "35,000"}, there: []string{"A\nB\nC", "35,000"}},
	{name: "two rows", ours: edit{"</w:tr></w:tbl>", "</w:tr>" + row3 + "</w:tbl>"}, theirs: edit{"</w:tr></w:tbl>", "</w:tr>" + strings.ReplaceAll(row3, ">A<", ">D<") + "</w:tbl>"},
		there: []string{"A\nB\nC", "D\nB\nC"}},
	{name: "new paragraphs", ours: edit{`<w:p w14:paraId="10000008"`, para0("Ours is new.") + `<w:p w14:paraId="10000008"`},
		theirs: edit{`<w:p w14:paraId="10000026"`, para0("Theirs is new.") + `<w:p w14:paraId="10000026"`}, there: []string{"Ours is new.\nRisks", "Theirs is new.\nAppendix"}},
	{name: "new paragraphs in one place", ours: edit{`<w:p w14:paraId="10000008"`, para0("Ours is new.") + `<w:p w14:paraId="10000008"`},
		theirs: edit{`<w:p w14:paraId="10000008"`, para0("Theirs stands here.") + `<w:p w14:paraId="10000008"`}, there: []string{"Ours is new.", "Theirs stands here."}},
	{name: "the same new paragraph", ours: edit{`<w:p w14:paraId="10000008"`, para0("It is new.") + `<w:p w14:paraId="10000008"`, "Risks", "Our risks"},
		theirs: edit{`<w:p w14:paraId="10000008"`, para0("It is new.") + `<w:p w14:paraId="10000008"`}, there: []string{"It is new.\nOur risks"}},
	{name: "deleted and edited", ours: edit{`<w:p w14:paraId="10000026" w14:textId="77777777"><w:pPr><w:pStyle w:val="Heading2"/></w:pPr><w:r><w:t>Appendix</w:t></w:r></w:p>`, ""},
		theirs: edit{"Appendix", "Appendix A"}, conflict: "paragraph 16"},
	{name: "deleted and left alone", ours: edit{`<w:p w14:paraId="10000026" w14:textId="77777777"><w:pPr><w:pStyle w:val="Heading2"/></w:pPr><w:r><w:t>Appendix</w:t></w:r></w:p>`, ""},
		theirs: edit{"Organisation", "Structure"}, there: []string{"!Appendix", "Structure of the group"}},
	{name: "rewritten in two ways", ours: edit{"The trivial threshold is 6,000</w:t></w:r><w:bookmarkEnd", "Nothing at all</w:t></w:r><w:bookmarkEnd"},
		theirs: edit{"The trivial threshold is 6,000</w:t></w:r><w:bookmarkEnd", "Something else entirely</w:t></w:r><w:bookmarkEnd"}, conflict: "paragraph 5"},
	{name: "header", ours: edit{"word/header1.xml", "Engagement 2024", "Engagement 2025"}, theirs: edit{"450,000", "455,000"}, there: []string{"Engagement 2025", "455,000"}},
	{name: "header in two ways", ours: edit{"word/header1.xml", "Engagement 2024", "Engagement 2025"}, theirs: edit{"word/header1.xml", "Engagement 2024", "Audit 2024"},
		conflict: "header 1 paragraph 1"},
	{name: "footnote", ours: edit{"word/footnotes.xml", "<w:t xml:space=\"preserve\"> ", "<w:t xml:space=\"preserve\"> Amended: "}, theirs: edit{"Overall materiality", "Total materiality"},
		there: []string{"[footnote: Amended: ", "Total materiality"}},
	{name: "comment and words", ours: edit{"word/comments.xml", "Why 75 percent?", "Why not 80 percent?"}, theirs: edit{"materiality is 75 percent of it.", "materiality is 75 percent of overall."},
		there: []string{"Why not 80 percent?", "percent of overall."}},
	{name: "comment in two ways", ours: edit{"word/comments.xml", "Why 75 percent?", "Why not 80 percent?"}, theirs: edit{"word/comments.xml", "Why 75 percent?", "Who said 75?"},
		conflict: "paragraph 4"},
	{name: "style and words", ours: edit{"word/styles.xml", `<w:name w:val="heading 1"/>`, `<w:name w:val="heading 1"/>`, `<w:sz w:val="32"/>`, `<w:sz w:val="40"/>`}, theirs: edit{"Risks", "Risks and responses"},
		there: []string{"Risks and responses"}},
	{name: "list and words", ours: edit{"word/numbering.xml", `w:val="%1."`, `w:val="%1)"`}, theirs: edit{"Risks", "Risks and responses"}, there: []string{"Risks and responses"}},
	{name: "list in two ways", ours: edit{"word/numbering.xml", `w:val="%1."`, `w:val="%1)"`}, theirs: edit{"word/numbering.xml", `w:val="%1."`, `w:val="(%1)"`}, conflict: "list 1"},
	{name: "link", ours: edit{"word/_rels/document.xml.rels", "https://example.com/standards", "https://example.org/standards"}, theirs: edit{"The trivial threshold is 6,000</w:t></w:r><w:bookmarkEnd", "The trivial limit is 6,000</w:t></w:r><w:bookmarkEnd"},
		there: []string{"The trivial limit is 6,000"}},
	{name: "computed field", ours: edit{"<w:r><w:t>1</w:t></w:r><w:r><w:fldChar w:fldCharType=\"end\"/></w:r></w:hyperlink>", "<w:r><w:t>2</w:t></w:r><w:r><w:fldChar w:fldCharType=\"end\"/></w:r></w:hyperlink>"},
		theirs: edit{"<w:r><w:t>1</w:t></w:r><w:r><w:fldChar w:fldCharType=\"end\"/></w:r></w:hyperlink>", "<w:r><w:t>3</w:t></w:r><w:r><w:fldChar w:fldCharType=\"end\"/></w:r></w:hyperlink>", "Risks", "Our risks"},
		there:  []string{"Our risks"}},
	{name: "tracked change and words", ours: edit{"<w:t>May</w:t>", "<w:t>June</w:t>"}, theirs: edit{" at the client.", " at the client's office."}, there: []string{"June at the client's office."}},
	{name: "content control", ours: edit{"Partner: C. Day", "Partner: D. Fox"}, theirs: edit{"moderate", "high"}, there: []string{"D. Fox", "Rating: high"}},
	{name: "section", ours: edit{`w:orient="landscape"`, `w:orient="portrait"`}, theirs: edit{`<w:cols w:space="708"/>`, `<w:cols w:num="2" w:space="708"/>`}, there: []string{"Appendix"}},
	{name: "section in two ways", ours: edit{`<w:cols w:space="708"/>`, `<w:cols w:num="3" w:space="708"/>`}, theirs: edit{`<w:cols w:space="708"/>`, `<w:cols w:num="2" w:space="708"/>`}, conflict: "section"},
	{name: "title", ours: edit{"docProps/core.xml", "<dc:title>Planning memorandum", "<dc:title>Plan"}, theirs: edit{"docProps/core.xml", "<dc:creator>AB", "<dc:creator>XY"}, there: []string{"Risks"}},
	{name: "title in two ways", ours: edit{"docProps/core.xml", "<dc:title>Planning memorandum", "<dc:title>Plan"}, theirs: edit{"docProps/core.xml", "<dc:title>Planning memorandum", "<dc:title>Scheme"},
		conflict: "properties dc:title"},
	{name: "every save's noise", ours: edit{"docProps/core.xml", "<cp:revision>2", "<cp:revision>3"}, theirs: edit{"docProps/core.xml", "<cp:revision>2", "<cp:revision>4"}, there: []string{"Risks"}},
}

func TestTriples(t *testing.T) {
	t.Parallel()
	base := richDoc(t)
	for _, c := range triples {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			ours, theirs := c.ours.apply(t, base), c.theirs.apply(t, base)
			r, err := Merge(base, ours, theirs)
			if err != nil {
				t.Fatal(err)
			}
			mirrored(t, base, ours, theirs, r)
			if c.conflict != "" {
				if wheres(r.Conflicts) != c.conflict || r.Bytes != nil {
					t.Fatalf("conflicts %q, want %q", wheres(r.Conflicts), c.conflict)
				}
				decided(t, base, ours, theirs, c.conflict)
				return
			}
			if len(r.Conflicts) > 0 {
				t.Fatalf("conflicts %+v", r.Conflicts)
			}
			if err := Verify(r.Bytes); err != nil {
				t.Error(err)
			}
			text := wordsOf(t, r.Bytes)
			for _, want := range c.there {
				bad, not := strings.CutPrefix(want, "!")
				if strings.Contains(text, bad) == not {
					t.Errorf("%q: there is %v\n%s", bad, !not, text)
				}
			}
			both(t, base, ours, theirs, r.Bytes)
		})
	}
}

// mirrored checks that the sides swapped give the same.
func mirrored(t *testing.T, base, ours, theirs []byte, r Result) {
	t.Helper()
	m, err := Merge(base, theirs, ours)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(r.Bytes, m.Bytes) {
		t.Error("the sides swapped give another document")
	}
	m = m.Mirror()
	if !slices.Equal(r.Conflicts, m.Conflicts) || !slices.Equal(r.Changes, m.Changes) || !slices.Equal(r.Kept, m.Kept) {
		t.Errorf("the sides swapped give other places:\n%+v\n%+v", r, m)
	}
}

// decided checks that either side can be chosen at a conflict, and holds then.
func decided(t *testing.T, base, ours, theirs []byte, where string) {
	t.Helper()
	for side, want := range map[Side][]byte{Ours: ours, Theirs: theirs} {
		r, err := MergeWith(base, ours, theirs, map[string]Side{where: side})
		if err != nil || len(r.Conflicts) > 0 {
			t.Fatalf("%d chosen: %v, conflicts %+v", side, err, r.Conflicts)
		}
		left, err := Diff(want, r.Bytes)
		if err != nil || len(left) > 0 {
			t.Errorf("%d chosen: %v, %+v", side, err, left)
		}
	}
}

// both checks that a result has from each side what that side changed: merged
// again with either side, nothing comes of it.
func both(t *testing.T, base, ours, theirs, merged []byte) {
	t.Helper()
	for _, side := range [][]byte{ours, theirs} {
		r, err := Merge(base, merged, side)
		if err != nil || len(r.Conflicts) > 0 {
			t.Errorf("merged again: %v, conflicts %+v", err, r.Conflicts)
			continue
		}
		if left, err := Diff(merged, r.Bytes); err != nil || len(left) > 0 {
			t.Errorf("merged again: %v, %+v", err, left)
		}
	}
}
