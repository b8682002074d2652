package docx

import (
	"strings"
	"testing"
)

// TestSettings changes what is in a part that is mostly noise: what people
// change in it comes over, and what programs write stays.
func TestSettings(t *testing.T) {
	t.Parallel()
	const settings, app = "word/settings.xml", "docProps/app.xml"
	base := richDoc(t)
	body := edit{"Organisation of the group", "Structure of the group", "Revenue recognition", "Revenue cut-off"}.apply(t, base)
	for _, c := range []struct {
		name         string
		ours, theirs edit
		there        []string // in the part
		conflict     string
	}{
		{"numbers of notes", edit{settings, `<w:footnotePr>`, `<w:footnotePr><w:numFmt w:val="lowerRoman"/>`}, nil, []string{`<w:numFmt w:val="lowerRoman"/><w:footnote w:id="-1"/><w:footnote w:id="0"/>`}, ""},
		{"numbers of notes in two ways", edit{settings, `<w:footnotePr>`, `<w:footnotePr><w:numFmt w:val="lowerRoman"/>`}, edit{settings, `<w:footnotePr>`, `<w:footnotePr><w:numFmt w:val="upperRoman"/>`},
			nil, "settings footnotePr"},
		{"version to be like", edit{settings, `<w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"/>`,
			`<w:spaceForUL/><w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="14"/>`}, nil, []string{`w:val="14"/></w:compat>`}, ""},
		{"company", edit{app, "Example LLP", "Other LLP", "Microsoft Office Word", "Another"}, nil, []string{"<Company>Other LLP</Company>", "Microsoft Office Word"}, ""},
		{"company in two ways", edit{app, "Example LLP", "Other LLP"}, edit{app, "Example LLP", "Third LLP"}, nil, "properties Company"},
	} {
		ours, theirs := c.ours.apply(t, base), body
		if c.theirs != nil {
			theirs = c.theirs.apply(t, base)
		}
		r, err := Merge(base, ours, theirs)
		if err != nil || wheres(r.Conflicts) != c.conflict {
			t.Errorf("%s: %v, conflicts %q", c.name, err, wheres(r.Conflicts))
			continue
		}
		mirrored(t, base, ours, theirs, r)
		if c.conflict != "" {
			decided(t, base, ours, theirs, c.conflict)
			continue
		}
		text := unzip(t, r.Bytes).text[c.ours[0]]
		for _, want := range c.there {
			if !strings.Contains(text, want) {
				t.Errorf("%s: no %s in %s", c.name, want, text)
			}
		}
		back, err := Merge(base, theirs, r.Bytes)
		if err != nil || len(back.Conflicts) > 0 {
			t.Errorf("%s: merged again: %v, conflicts %q", c.name, err, wheres(back.Conflicts))
		}
	}
}

// TestLabels gives a document labels of protection.
func TestLabels(t *testing.T) {
	t.Parallel()
	label := func(data []byte, id, date string) []byte {
		p := unzip(t, data)
		text := ""
		for i, name := range []string{"Enabled|true", "SetDate|" + date, "Name|" + id} {
			key, value, _ := strings.Cut(name, "|")
			text += `<property fmtid="{D5CDD505-2E9C-101B-9397-08002B2CF9AE}" pid="` + string(rune('2'+i)) + `" name="MSIP_Label_` + id + `_` + key + `"><vt:lpwstr>` + value + `</vt:lpwstr></property>`
		}
		p.add("docProps/custom.xml", xmlHead+`<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties" xmlns:vt="http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes">`+text+`</Properties>`)
		if !strings.Contains(p.text["[Content_Types].xml"], "custom.xml") {
			p.replace(t, "[Content_Types].xml", "</Types>", `<Override PartName="/docProps/custom.xml" ContentType="application/vnd.openxmlformats-officedocument.custom-properties+xml"/></Types>`)
			p.replace(t, "_rels/.rels", "</Relationships>", `<Relationship Id="rId9" Type="`+officeRel+`custom-properties" Target="docProps/custom.xml"/></Relationships>`)
		}
		return p.zip(t)
	}
	base := label(richDoc(t), "open", "1")
	body := edit{"Organisation of the group", "Structure of the group", "Revenue recognition", "Revenue cut-off"}.apply(t, base)
	r, err := Merge(base, label(base, "secret", "2"), label(body, "open", "3"))
	if err != nil || len(r.Conflicts) > 0 {
		t.Fatalf("%v, conflicts %+v", err, r.Conflicts)
	}
	if text := unzip(t, r.Bytes).text["docProps/custom.xml"]; strings.Count(text, "MSIP_Label_secret_") != 3 || strings.Contains(text, "MSIP_Label_open") {
		t.Error(text)
	}
	if r, err := Merge(base, label(base, "secret", "2"), label(body, "private", "3")); err == nil {
		t.Errorf("two labels are one, conflicts %+v", r.Conflicts)
	}
}

// TestStyleGone deletes a style on one side that the other changed, and that
// nothing has: it is there.
func TestStyleGone(t *testing.T) {
	t.Parallel()
	const part = "word/styles.xml"
	style := func(size string) string {
		return styleXML("paragraph", "Box", "Box", `<w:rPr><w:sz w:val="`+size+`"/></w:rPr>`)
	}
	base := edit{part, "</w:styles>", style("20") + "</w:styles>"}.apply(t, richDoc(t))
	ours := edit{"Organisation of the group", "Structure of the group", "Revenue recognition", "Revenue cut-off"}.apply(t, edit{part, style("20"), ""}.apply(t, base))
	theirs := edit{part, style("20"), style("30")}.apply(t, base)
	r, err := Merge(base, ours, theirs)
	if err != nil || len(r.Conflicts) > 0 {
		t.Fatalf("%v, conflicts %+v", err, r.Conflicts)
	}
	mirrored(t, base, ours, theirs, r)
	if !strings.Contains(unzip(t, r.Bytes).text[part], `<w:sz w:val="30"/>`) {
		t.Error("the style is gone")
	}
}

// TestLineAboveNotes writes into what stands between text and notes.
func TestLineAboveNotes(t *testing.T) {
	t.Parallel()
	base := richDoc(t)
	ours := edit{"Organisation of the group", "Structure of the group", "Revenue recognition", "Revenue cut-off"}.apply(t, base)
	theirs := edit{"word/footnotes.xml", "<w:r><w:separator/></w:r>", run("", "Notes") + "<w:r><w:separator/></w:r>"}.apply(t, base)
	if r, err := Merge(base, ours, theirs); err == nil && !strings.Contains(unzip(t, r.Bytes).text["word/footnotes.xml"], "Notes") {
		t.Errorf("it is lost, conflicts %+v", r.Conflicts)
	}
}

// TestTemplate attaches another template: the setting names it by a relationship
// that is called the same.
func TestTemplate(t *testing.T) {
	t.Parallel()
	const rels = "word/_rels/settings.xml.rels"
	attach := func(data []byte, name string) []byte {
		p := unzip(t, data)
		p.add(rels, xmlHead+`<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">`+
			`<Relationship Id="rId1" Type="`+officeRel+`attachedTemplate" Target="file:///`+name+`.dotx" TargetMode="External"/></Relationships>`)
		return p.zip(t)
	}
	base := attach(edit{"word/settings.xml", "<w:defaultTabStop", `<w:attachedTemplate xmlns:r="` + strings.TrimSuffix(officeRel, "/") + `" r:id="rId1"/><w:defaultTabStop`}.apply(t, richDoc(t)), "letter")
	text := edit{"Organisation of the group", "Structure of the group", "Revenue recognition", "Revenue cut-off"}.apply(t, base)
	memo := attach(base, "memo")
	r, err := Merge(base, memo, text)
	if err != nil || len(r.Conflicts) > 0 {
		t.Fatalf("%v, conflicts %+v", err, r.Conflicts)
	}
	mirrored(t, base, memo, text, r)
	if got := unzip(t, r.Bytes).text[rels]; !strings.Contains(got, "memo.dotx") || strings.Contains(got, "letter.dotx") {
		t.Error(got)
	}
	if r, err = Merge(base, memo, attach(text, "report")); err != nil || wheres(r.Conflicts) != "settings attachedTemplate" {
		t.Errorf("%v, conflicts %s", err, wheres(r.Conflicts))
	}
}

// TestSettingTold shows a conflict about a setting that is no single value.
func TestSettingTold(t *testing.T) {
	t.Parallel()
	const part, at = "word/settings.xml", "<w:defaultTabStop"
	base := richDoc(t)
	side := func(value string) []byte {
		return edit{part, at, `<w:docVars><w:docVar w:name="Client" w:val="` + value + `"/></w:docVars>` + at}.apply(t, base)
	}
	r, err := Merge(base, side("North"), side("South"))
	if err != nil || len(r.Conflicts) != 1 || r.Conflicts[0].Ours != "Client North" || r.Conflicts[0].Theirs != "Client South" {
		t.Errorf("%v, conflicts %+v", err, r.Conflicts)
	}
}
