package docx

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestCut(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		want []string
	}{
		{"It is set, at 1,200.50.", []string{"It", " ", "is", " ", "set", ",", " ", "at", " ", "1,200.50", "."}},
		{"1 250 000 at", []string{"1 250 000", " ", "at"}},
		{"EUR 12\u00a0250\u202f000.50; or", []string{"EUR", " ", "12\u00a0250\u202f000.50", ";", " ", "or"}},
		{"(1 250 000)", []string{"(1 250 000)"}},
		{"in 2024 100 of", []string{"in", " ", "2024", " ", "100", " ", "of"}},
		{"1  250 12", []string{"1", "  ", "250", " ", "12"}},
		{"5 2500", []string{"5", " ", "2500"}},
		{"5 ", []string{"5", " "}},
	} {
		if got := cut(c.text); !slices.Equal(got, c.want) {
			t.Errorf("%q: %q, want %q", c.text, got, c.want)
		}
	}
}

// TestOneWord changes both ends of what is read as one word.
func TestOneWord(t *testing.T) {
	t.Parallel()
	hyphen := `<w:p><w:r><w:t>It is non</w:t></w:r><w:r><w:noBreakHyphen/></w:r><w:r><w:t>material here</w:t></w:r></w:p>`
	gone := `<w:p>` + run("", "It is not") + `<w:del w:id="1" w:author="AB" w:date="2024-01-05T10:00:00Z"><w:r><w:delText xml:space="preserve"> in all</w:delText></w:r></w:del>` + run("", " material") + `</w:p>`
	for _, c := range []struct {
		text         string
		ours, theirs edit
	}{
		{para("", "A balance of 1 250 000 at the end."), edit{"1 250", "2 250"}, edit{"250 000", "250 500"}},
		{para("", "A balance of 1\u00a0250\u00a0000 at the end."), edit{"1\u00a0250", "2\u00a0250"}, edit{"250\u00a0000", "250\u00a0500"}},
		{hyphen, edit{"non<", "im<"}, edit{">material", ">audited"}},
		{gone, edit{"is not", "is hardly"}, edit{" material", " audited"}},
	} {
		base := edit{`<w:sectPr>`, c.text + `<w:sectPr>`}.apply(t, plainDoc(t, "The first paragraph."))
		ours, theirs := c.ours.apply(t, base), c.theirs.apply(t, base)
		r, err := Merge(base, ours, theirs)
		if err != nil || wheres(r.Conflicts) != "paragraph 2" {
			t.Errorf("%q: %v, conflicts %q", c.text, err, wheres(r.Conflicts))
			continue
		}
		decided(t, base, ours, theirs, "paragraph 2")
	}
}

// TestApart changes two words of a paragraph that stand near each other.
func TestApart(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, conflict string }{
		{run("", "One of us two is here"), ""},
		{run("", "One of two is here"), "paragraph 2"},
		{run("", "One of two, is here"), "paragraph 2"},
		{run("", "One of us. two is here"), ""},
		{run("", "One us. two is here"), ""},
		{run("", "One. two is here"), "paragraph 2"},
		{run("", "One") + `<w:r><w:tab/></w:r>` + run("", "two is here"), ""},
	} {
		base := edit{`<w:sectPr>`, `<w:p>` + c.text + `</w:p><w:sectPr>`}.apply(t, plainDoc(t, "The first paragraph."))
		ours, theirs := edit{"One", "First"}.apply(t, base), edit{"two", "second"}.apply(t, base)
		r, err := Merge(base, ours, theirs)
		if err != nil || wheres(r.Conflicts) != c.conflict {
			t.Errorf("%q: %v, conflicts %q", c.text, err, wheres(r.Conflicts))
		}
	}
}

// TestBookmarkOfNothing merges a paragraph with a bookmark that begins and ends
// in one place.
func TestBookmarkOfNothing(t *testing.T) {
	t.Parallel()
	base := edit{`<w:sectPr>`, `<w:p>` + run("", "One two three ") + `<w:bookmarkStart w:id="1" w:name="here"/><w:bookmarkEnd w:id="1"/>` + run("", "four five six.") + `</w:p><w:sectPr>`}.apply(t, plainDoc(t, "The first paragraph."))
	ours, theirs := edit{"One", "First"}.apply(t, base), edit{"six", "last"}.apply(t, base)
	r, err := Merge(base, ours, theirs)
	if err != nil || len(r.Conflicts) > 0 {
		t.Fatalf("%v, conflicts %+v", err, r.Conflicts)
	}
	mirrored(t, base, ours, theirs, r)
	both(t, base, ours, theirs, r.Bytes)
	if text := unzip(t, r.Bytes).text[mainPart]; !strings.Contains(text, `w:name="here"/><w:bookmarkEnd`) {
		t.Error("the bookmark is elsewhere")
	}
}

// TestLargeParagraphs would take minutes if the time grew faster than the text.
func TestLargeParagraphs(t *testing.T) {
	t.Parallel()
	var long, marked, other strings.Builder
	for i := range 50_000 {
		fmt.Fprintf(&long, "w%d ", i%5000*7+i/9)
	}
	for i := range 5000 {
		fmt.Fprintf(&marked, `<w:bookmarkStart w:id="%d" w:name="b%d"/><w:bookmarkEnd w:id="%d"/>`, i, i, i)
		fmt.Fprintf(&other, `<w:new w:n="%d"/>`, i)
	}
	text := `<w:p>` + run("", "first "+long.String()+" last") + `</w:p><w:p>` + marked.String() + run("", "first is not the last") + `</w:p><w:p><w:pPr>` + other.String() + `</w:pPr></w:p>`
	base := edit{`<w:sectPr>`, text + `<w:sectPr>`}.apply(t, plainDoc(t, "The first paragraph."))
	r, err := Merge(base, edit{"first w", "begin w", "first is", "begin is"}.apply(t, base), edit{" last<", " end<", "the last<", "the end<"}.apply(t, base))
	if err != nil || len(r.Conflicts) > 0 {
		t.Fatalf("%v, conflicts %+v", err, r.Conflicts)
	}
}
