package docx

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// restyledDoc is a document of which all paragraphs have the format given, and
// one of them what is put behind it.
func restyledDoc(t testing.TB, format string, texts ...string) []byte {
	t.Helper()
	var b strings.Builder
	for _, text := range texts {
		text, behind, _ := strings.Cut(text, "|")
		b.WriteString(`<w:p>` + run(format, text) + behind + `</w:p>`)
	}
	return edit{`<w:sectPr>`, b.String() + `<w:sectPr>`}.apply(t, plainDoc(t, "The first paragraph."))
}

// TestRestyled deletes a paragraph on one side, of which the other changed the
// format as it did everywhere: that is no edit. A tracked change in it is one.
func TestRestyled(t *testing.T) {
	t.Parallel()
	texts := []string{"The second of them.", "The third of them.", "The fourth of them.", "The fifth of them."}
	base, theirs := restyledDoc(t, "", texts...), restyledDoc(t, "", texts[0], texts[1], texts[3])
	r, err := Merge(base, restyledDoc(t, `<w:sz w:val="24"/>`, texts...), theirs)
	if err != nil || len(r.Conflicts) > 0 {
		t.Errorf("%v, conflicts %+v", err, r.Conflicts)
	}
	for _, tag := range []string{"ins", "moveTo"} {
		texts[2] = `The fourth |<w:` + tag + ` w:id="1" w:author="AB" w:date="2024-01-05T10:00:00Z">` + run(`<w:sz w:val="24"/>`, "of them.") + `</w:` + tag + `>`
		r, err = Merge(base, restyledDoc(t, `<w:sz w:val="24"/>`, texts...), theirs)
		if err != nil || wheres(r.Conflicts) != "paragraph 4" {
			t.Errorf("%s: %v, conflicts %q", tag, err, wheres(r.Conflicts))
		}
	}
}

// TestBothRestyled tells of two other programs in one order.
func TestBothRestyled(t *testing.T) {
	t.Parallel()
	texts := []string{"The second of them.", "The third of them.", "The fourth of them.", "The fifth of them."}
	base := restyledDoc(t, "", texts...)
	bold := func(text string) []string { return []string{run("", text), run("<w:b/>", text)} }
	ours := edit(slices.Concat(bold(texts[0]), bold(texts[1]), bold(texts[2]))).apply(t, base)
	theirs := edit(slices.Concat(bold(texts[1]), bold(texts[2]), bold(texts[3]))).apply(t, base)
	first := ""
	for range 32 {
		r, err := Merge(base, ours, theirs)
		if err != nil {
			t.Fatal(err)
		}
		got := fmt.Sprint(r.Conflicts, r.Kept, r.Changes)
		if first == "" {
			mirrored(t, base, ours, theirs, r)
			first = got
		}
		if strings.Count(got, "other program") != 2 {
			t.Fatal(got)
		}
		if got != first {
			t.Fatalf("places %s, then %s", first, got)
		}
	}
}

// TestAlikeInTwoFormats has the same words in two formats in the base already:
// a side that leaves them alone is no other program, and a format an edit.
func TestAlikeInTwoFormats(t *testing.T) {
	t.Parallel()
	var yes string
	for range 3 {
		yes += `<w:p>` + run("<w:i/>", "yes") + `</w:p>`
	}
	base := edit{`<w:sectPr>`, yes + para("", "yes") + para("", "The last paragraph.") + `<w:sectPr>`}.apply(t, plainDoc(t, "The first paragraph."))
	last := para("", "The last paragraph.")
	ours, theirs := edit{last, `<w:p>` + run("<w:b/>", "The last paragraph.") + `</w:p>`}.apply(t, base), edit{last, ""}.apply(t, base)
	r, err := Merge(base, ours, theirs)
	if err != nil || wheres(r.Conflicts) != "paragraph 6" {
		t.Fatalf("%v, conflicts %q", err, wheres(r.Conflicts))
	}
	decided(t, base, ours, theirs, "paragraph 6")
}
