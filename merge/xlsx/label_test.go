package xlsx

import (
	"strings"
	"testing"
)

// TestLabels holds that a label of protection is taken whole, wherever a program
// keeps it, and that two labels are told.
func TestLabels(t *testing.T) {
	t.Parallel()
	base := richBook(t)
	properties := func(id, date string, more ...string) []byte {
		list := []string{"MSIP_Label_" + id + "_Name", id, "MSIP_Label_" + id + "_SetDate", date}
		return withProperties(t, base, append(list, more...)...)
	}
	part := func(id string) []byte {
		return built(t, base, func(p *parts) {
			p.related(t, "_rels/.rels", "rId80", "http://schemas.microsoft.com/office/2020/02/relationships/classificationlabels", "docMetadata/LabelInfo.xml", "docMetadata/LabelInfo.xml",
				"application/vnd.ms-office.classificationlabels+xml", `<clbl:labelList xmlns:clbl="http://schemas.microsoft.com/office/2020/mipLabelMetadata"><clbl:label id="{`+id+`}" enabled="1"/></clbl:labelList>`)
		})
	}
	const custom, info = "docProps/custom.xml", "docMetadata/LabelInfo.xml"
	for name, c := range map[string]struct {
		ours, theirs []byte
		part         string
	}{
		"properties": {properties("public", "1"), properties("secret", "2"), custom},
		"parts":      {part("public"), part("secret"), info},
		"both":       {part("public"), properties("secret", "2"), ""},
	} {
		if r := check(t, base, c.ours, c.theirs); wheres(r.Conflicts) != "sensitivity label" {
			t.Errorf("%s: %q", name, wheres(r.Conflicts))
		}
		if c.part == "" {
			continue
		}
		for side, id := range map[Side]string{Ours: "public", Theirs: "secret"} {
			r, err := MergeWith(base, c.ours, c.theirs, map[string]Side{"sensitivity label": side})
			if err != nil || r.Bytes == nil {
				t.Errorf("%s, %s chosen: %v, %q", name, id, err, wheres(r.Conflicts))
				continue
			}
			if text := unzip(t, r.Bytes).text[c.part]; !strings.Contains(text, id) || strings.Contains(text, "public") == strings.Contains(text, "secret") {
				t.Errorf("%s, %s chosen: %s", name, id, text)
			}
		}
	}
	r := check(t, base, properties("public", "1", "Client", "x"), properties("public", "2", "Status", "draft"))
	if r.Bytes == nil {
		t.Fatalf("the same label: %q", wheres(r.Conflicts))
	}
	if text := unzip(t, r.Bytes).text[custom]; strings.Count(text, "_SetDate") != 1 || !strings.Contains(text, "Client") || !strings.Contains(text, "Status") {
		t.Error(text)
	}
	r = check(t, base, cellSet(t, base, "TB", "C3", 1), part("public"))
	if r.Bytes == nil || !strings.Contains(unzip(t, r.Bytes).text[info], "public") {
		t.Errorf("a new label: %q", wheres(r.Conflicts))
	}
}
