package docx

import (
	"strings"
	"testing"
)

// fieldXML is a field with what stands in its beginning, its code as runs, and
// its result.
func fieldXML(begin, code, result string) string {
	text := `<w:r><w:fldChar w:fldCharType="begin">` + begin + `</w:fldChar></w:r>` + code
	if result != "" {
		text += `<w:r><w:fldChar w:fldCharType="separate"/></w:r>` + run("", result)
	}
	return text + `<w:r><w:fldChar w:fldCharType="end"/></w:r>`
}

func codeXML(code string) string {
	return `<w:r><w:instrText xml:space="preserve"> ` + code + ` </w:instrText></w:r>`
}

// fieldDoc is a document with a field between two paragraphs.
func fieldDoc(t testing.TB, field string) []byte {
	t.Helper()
	return edit{`<w:sectPr>`, `<w:p>` + field + run("", " behind the field") + `</w:p>` + para("", "The last paragraph.") + `<w:sectPr>`}.apply(t, plainDoc(t, "The first paragraph.", "The second of them."))
}

// TestFieldEdits changes what is in a field but its result, and other
// paragraphs on the other side.
func TestFieldEdits(t *testing.T) {
	t.Parallel()
	box := func(state string) string {
		return fieldXML(`<w:ffData><w:name w:val="Done"/><w:enabled/><w:checkBox><w:sizeAuto/><w:default w:val="0"/>`+state+`</w:checkBox></w:ffData>`, codeXML("FORMCHECKBOX"), "")
	}
	list := func(n string) string {
		return fieldXML(`<w:ffData><w:ddList><w:result w:val="`+n+`"/><w:listEntry w:val="low"/><w:listEntry w:val="mid"/><w:listEntry w:val="high"/></w:ddList></w:ffData>`, codeXML("FORMDROPDOWN"), "")
	}
	nested := func(name string) string {
		return fieldXML("", codeXML("IF")+fieldXML("", codeXML("MERGEFIELD "+name), "")+codeXML(`= 1 "yes" "no"`), "no")
	}
	for _, c := range []struct{ name, base, ours, other, want string }{
		{"ticked", box(""), box("<w:checked/>"), box(`<w:checked w:val="0"/>`), "<w:checked/>"},
		{"chosen", list("0"), list("2"), list("1"), `<w:result w:val="2"/>`},
		{"code in a code", nested("Amount"), nested("Client"), nested("Partner"), "MERGEFIELD Client"},
	} {
		base, ours := fieldDoc(t, c.base), fieldDoc(t, c.ours)
		theirs := edit{"The first", "The only", "The second", "Another", "The last", "One more"}.apply(t, base)
		r, err := Merge(base, ours, theirs)
		if err != nil || len(r.Conflicts) > 0 {
			t.Errorf("%s: %v, conflicts %+v", c.name, err, r.Conflicts)
			continue
		}
		mirrored(t, base, ours, theirs, r)
		both(t, base, ours, theirs, r.Bytes)
		if text := unzip(t, r.Bytes).text[mainPart]; !strings.Contains(text, c.want) {
			t.Errorf("%s: it is lost", c.name)
		}
		r, err = Merge(base, ours, fieldDoc(t, c.other))
		if err != nil || wheres(r.Conflicts) != "paragraph 3" {
			t.Errorf("%s in two ways: %v, conflicts %+v", c.name, err, r.Conflicts)
			continue
		}
		decided(t, base, ours, fieldDoc(t, c.other), "paragraph 3")
	}
}

// TestDeepFields takes no time over fields that stand in each other.
func TestDeepFields(t *testing.T) {
	t.Parallel()
	const n = 20_000
	base := fieldDoc(t, strings.Repeat(`<w:r><w:fldChar w:fldCharType="begin"/></w:r>`, n)+strings.Repeat(`<w:r><w:fldChar w:fldCharType="end"/></w:r>`, n))
	if _, err := Merge(base, edit{"The first", "The only"}.apply(t, base), edit{"The last", "One more"}.apply(t, base)); err == nil {
		t.Error("fields in fields are merged")
	}
}
