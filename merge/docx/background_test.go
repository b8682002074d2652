package docx

import (
	"strings"
	"testing"
)

// TestBackground changes the colour of the pages on one side, and on both.
func TestBackground(t *testing.T) {
	t.Parallel()
	base := richDoc(t)
	colour := func(value string) edit { return edit{"<w:body>", `<w:background w:color="` + value + `"/><w:body>`} }
	text := edit{"Overall", "In all"}
	blue, red := colour("0000FF").apply(t, base), colour("FF0000").apply(t, base)
	for _, side := range [][]byte{text.apply(t, base), edit{"Overall", "In all", "Fieldwork", "The fieldwork", "Risks", "Dangers"}.apply(t, base)} {
		r, err := Merge(base, blue, side)
		if err != nil || r.Bytes == nil || !strings.Contains(unzip(t, r.Bytes).text[mainPart], `<w:background w:color="0000FF"/><w:body>`) {
			t.Fatalf("%v, conflicts %s", err, wheres(r.Conflicts))
		}
		mirrored(t, base, blue, side, r)
	}
	r, err := Merge(base, blue, red)
	if err != nil || wheres(r.Conflicts) != "page background" {
		t.Fatalf("%v, conflicts %s", err, wheres(r.Conflicts))
	}
	decided(t, base, blue, red, "page background")
}
