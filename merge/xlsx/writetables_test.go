package xlsx

import (
	"strings"
	"testing"
)

// TestTableLooks holds that what a table has and how it looks are merged apart.
func TestTableLooks(t *testing.T) {
	t.Parallel()
	const part = "xl/tables/table1.xml"
	base := richBook(t)
	const old = `name="TableStyleMedium2"`
	if !strings.Contains(unzip(t, base).text[part], old) {
		t.Fatal(unzip(t, base).text[part])
	}
	longer := func(i int) []byte {
		return built(t, cellSet(t, base, "Notes & more", "B7", i), func(p *parts) { p.text[part] = strings.ReplaceAll(p.text[part], "A1:C6", "A1:C7") })
	}
	other := built(t, base, func(p *parts) { p.replace(t, part, old, `name="TableStyleDark1"`) })
	none := built(t, base, func(p *parts) {
		i := strings.Index(p.text[part], "<tableStyleInfo")
		p.text[part] = p.text[part][:i] + "</table>"
	})
	for i := range 4 { // each side is what the result is made of now and then
		for want, theirs := range map[string][]byte{"TableStyleDark1": other, "": none} {
			r := check(t, base, longer(i), theirs)
			if r.Bytes == nil {
				t.Fatal(wheres(r.Conflicts))
			}
			text := unzip(t, r.Bytes).text[part]
			if strings.Count(text, `"A1:C7"`) != 2 || want != "" && !strings.Contains(text, want) || want == "" && strings.Contains(text, "tableStyleInfo") {
				t.Error(text)
			}
		}
	}
	r := check(t, base, other, built(t, base, func(p *parts) { p.replace(t, part, old, `name="TableStyleDark3"`) }))
	if got := wheres(r.Conflicts); got != "Notes & more looks of tables NoteList" {
		t.Errorf("two looks: %q", got)
	}
}
