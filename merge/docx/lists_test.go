package docx

import (
	"regexp"
	"strings"
	"testing"
)

// definitions gives the definition of each list by its number.
func definitions(t testing.TB, data []byte) map[string]string {
	t.Helper()
	defs := map[string]string{}
	for _, m := range regexp.MustCompile(`<w:num w:numId="(\d+)"><w:abstractNumId w:val="(\d+)"/>`).FindAllStringSubmatch(unzip(t, data).text["word/numbering.xml"], -1) {
		defs[m[1]] = m[2]
	}
	return defs
}

// TestListsOfOneDefinition merges lists that count on from each other: they do
// so in the result.
func TestListsOfOneDefinition(t *testing.T) {
	t.Parallel()
	const numbering = "word/numbering.xml"
	base := edit{numbering, `</w:numbering>`, `<w:num w:numId="3"><w:abstractNumId w:val="0"/></w:num></w:numbering>`}.apply(t, richDoc(t))
	base = edit{`<w:p w14:paraId="10000020"`, `<w:p><w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="3"/></w:numPr></w:pPr>` + run("", "Counted on") + `</w:p><w:p w14:paraId="10000020"`}.apply(t, base)
	body := edit{"Organisation of the group", "Structure of the group", "Revenue recognition", "Revenue cut-off"}.apply(t, base)
	list := func(data []byte, nums string, ids ...string) []byte {
		text := ""
		for _, id := range ids {
			text += `<w:p><w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="` + id + `"/></w:numPr></w:pPr>` + run("", "New of "+id) + `</w:p>`
		}
		return edit{`<w:p w14:paraId="10000020"`, text + `<w:p w14:paraId="10000020"`}.apply(t, edit{numbering, `</w:numbering>`, nums + `</w:numbering>`}.apply(t, data))
	}
	num := func(id, def, rest string) string {
		return `<w:num w:numId="` + id + `"><w:abstractNumId w:val="` + def + `"/>` + rest + `</w:num>`
	}
	for _, c := range []struct {
		name   string
		theirs []byte
		one    string // numbers of lists of one definition
	}{
		{"another look", edit{numbering, `w:val="%1."`, `w:val="%1)"`}.apply(t, base), "1 3"},
		{"a new list that counts on", list(base, num("4", "0", ""), "4"), "1 3 4"},
		{"a new list that begins anew", list(base, num("4", "0", `<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride>`), "4"), "1 3 4"},
		{"begun anew", edit{numbering, `<w:num w:numId="3"><w:abstractNumId w:val="0"/>`, `<w:num w:numId="3"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride>`}.apply(t, base), "1 3"},
		{"two new lists of a new definition", list(edit{numbering, `<w:num w:numId="1">`, `<w:abstractNum w:abstractNumId="7"><w:lvl w:ilvl="0"><w:numFmt w:val="upperLetter"/><w:lvlText w:val="%1"/></w:lvl></w:abstractNum><w:num w:numId="1">`}.apply(t, base),
			num("4", "7", "")+num("5", "7", ""), "4", "5"), "4 5"},
	} {
		r, err := Merge(base, body, c.theirs)
		if err != nil || len(r.Conflicts) > 0 {
			t.Errorf("%s: %v, conflicts %+v", c.name, err, r.Conflicts)
			continue
		}
		mirrored(t, base, body, c.theirs, r)
		both(t, base, body, c.theirs, r.Bytes)
		defs := definitions(t, r.Bytes)
		ids := strings.Fields(c.one)
		for _, id := range ids {
			if defs[id] == "" || defs[id] != defs[ids[0]] {
				t.Errorf("%s: lists have definitions %v", c.name, defs)
			}
		}
	}
}

// TestPictureBullets brings a list over that has pictures before its points.
func TestPictureBullets(t *testing.T) {
	t.Parallel()
	const numbering = "word/numbering.xml"
	bullet := func(size, in string) []byte {
		data := edit{numbering, `<w:abstractNum w:abstractNumId="0">`, `<w:numPicBullet w:numPicBulletId="0"><w:pict w:size="` + size + `"/></w:numPicBullet><w:abstractNum w:abstractNumId="0">`,
			`<w:num w:numId="1">`, `<w:abstractNum w:abstractNumId="7"><w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/><w:lvlText w:val="*"/><w:lvlPicBulletId w:val="0"/></w:lvl></w:abstractNum><w:num w:numId="1">`,
			`</w:numbering>`, `<w:num w:numId="4"><w:abstractNumId w:val="7"/></w:num></w:numbering>`}.apply(t, richDoc(t))
		was := `<w:numId w:val="1"/></w:numPr></w:pPr><w:r><w:t>` + in
		return edit{was, strings.Replace(was, `w:val="1"`, `w:val="4"`, 1)}.apply(t, data)
	}
	base := richDoc(t)
	ours := bullet("1", "Revenue")
	if r, err := Merge(base, ours, bullet("2", "Management")); err == nil {
		t.Errorf("a list has the picture of another, conflicts %+v", r.Conflicts)
	}
	theirs := bullet("1", "Management")
	r, err := Merge(base, ours, theirs)
	if err != nil || len(r.Conflicts) > 0 {
		t.Fatalf("%v, conflicts %+v", err, r.Conflicts)
	}
	mirrored(t, base, ours, theirs, r)
}
