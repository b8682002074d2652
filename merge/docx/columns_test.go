package docx

import (
	"strings"
	"testing"
)

// tableDoc is a document of one table; cells are separated by bars.
func tableDoc(t testing.TB, rows ...string) []byte {
	t.Helper()
	var b strings.Builder
	b.WriteString(`<w:tbl><w:tblPr><w:tblW w:w="0" w:type="auto"/></w:tblPr><w:tblGrid>`)
	b.WriteString(strings.Repeat(`<w:gridCol w:w="2000"/>`, 1+strings.Count(rows[0], "|")) + `</w:tblGrid>`)
	for _, row := range rows {
		b.WriteString(`<w:tr>`)
		for _, cell := range strings.Split(row, "|") {
			b.WriteString(`<w:tc><w:tcPr><w:tcW w:w="2000" w:type="dxa"/></w:tcPr><w:p>` + run("", cell) + `</w:p></w:tc>`)
		}
		b.WriteString(`</w:tr>`)
	}
	return edit{`<w:sectPr>`, b.String() + `</w:tbl>` + para("", "behind") + `<w:sectPr>`}.apply(t, plainDoc(t, "before"))
}

func TestColumns(t *testing.T) {
	t.Parallel()
	base := []string{"Step|Done|By", "cash||", "debtors|x|AB", "stock||"}
	for _, c := range []struct {
		name         string
		ours, theirs []string
		want         []string // nil for a conflict about the table
	}{
		{"a new column and a cell", []string{"Nr|Step|Done|By", "1|cash||", "2|debtors|x|AB", "3|stock||"}, []string{"Step|Done|By", "cash|x|", "debtors|x|AB", "stock||"},
			[]string{"Nr|Step|Done|By", "1|cash|x|", "2|debtors|x|AB", "3|stock||"}},
		{"a column taken out and a cell", []string{"Step|By", "cash|", "debtors|AB", "stock|"}, []string{"Step|Done|By", "cash||CD", "debtors|x|AB", "stock||"},
			[]string{"Step|By", "cash|CD", "debtors|AB", "stock|"}},
		{"a column taken out and a cell of it", []string{"Step|By", "cash|", "debtors|AB", "stock|"}, []string{"Step|Done|By", "cash|x|", "debtors|x|AB", "stock||"}, nil},
		{"columns swapped and a cell", []string{"Step|By|Done", "cash||", "debtors|AB|x", "stock||"}, []string{"Step|Done|By", "cash|x|", "debtors|x|AB", "stock||"}, nil},
		{"a column and a row", []string{"Step|Done|By|Ref", "cash|||", "debtors|x|AB|", "stock|||"}, []string{"Step|Done|By", "cash||", "debtors|x|AB", "stock||", "tax||"}, nil},
		{"columns of both", []string{"Step|Done|By|Ref", "cash|||", "debtors|x|AB|", "stock|||"}, []string{"Step|Done|By|Note", "cash|||", "debtors|x|AB|", "stock|||"}, nil},
		{"a checklist", []string{"Step|Done|By", "cash|x|", "debtors|x|AB", "stock||"}, []string{"Step|Done|By", "cash||", "debtors|x|AB", "stock|x|EF"},
			[]string{"Step|Done|By", "cash|x|", "debtors|x|AB", "stock|x|EF"}},
	} {
		b, ours, theirs := tableDoc(t, base...), tableDoc(t, c.ours...), tableDoc(t, c.theirs...)
		r, err := Merge(b, ours, theirs)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		mirrored(t, b, ours, theirs, r)
		if c.want == nil {
			if !strings.HasPrefix(wheres(r.Conflicts), "table 1") {
				t.Errorf("%s: conflicts %q", c.name, wheres(r.Conflicts))
			}
			continue
		}
		if len(r.Conflicts) > 0 {
			t.Errorf("%s: conflicts %+v", c.name, r.Conflicts)
			continue
		}
		if left, err := Diff(tableDoc(t, c.want...), r.Bytes); err != nil || len(left) > 0 {
			t.Errorf("%s: %v, %+v", c.name, err, left)
		}
	}
}

// TestMergedCells merges cells of a table on one side and writes into them on
// the other.
func TestMergedCells(t *testing.T) {
	t.Parallel()
	cell := func(format, text string) string {
		return `<w:tc><w:tcPr><w:tcW w:w="2000" w:type="dxa"/>` + format + `</w:tcPr><w:p>` + run("", text) + `</w:p></w:tc>`
	}
	base := tableDoc(t, "Step|Done|By", "a|b|c", "||", "stock||")
	across := edit{cell("", "") + cell("", ""), cell(`<w:gridSpan w:val="2"/>`, "")}.apply(t, base)
	down := edit{cell("", "b"), cell(`<w:vMerge w:val="restart"/>`, "b"), cell("", "") + cell("", "") + cell("", ""), cell("", "") + cell("<w:vMerge/>", "") + cell("", "")}.apply(t, base)
	for _, c := range []struct {
		name         string
		ours, theirs []byte
		conflict     string
	}{
		{"across, and a cell of it", across, tableDoc(t, "Step|Done|By", "a|b|c", "|x|", "stock||"), "table 1 row 3"},
		{"across, and another row", across, tableDoc(t, "Step|Done|By", "a|b|x", "||", "stock||"), ""},
		{"down, and a cell of it", down, tableDoc(t, "Step|Done|By", "a|b|c", "|x|", "stock||"), "table 1 B3"},
		{"down, and the cell that is seen", down, tableDoc(t, "Step|Done|By", "a|x|c", "||", "stock||"), ""},
		{"down, and a cell beside it", down, tableDoc(t, "Step|Done|By", "a|b|c", "||x", "stock||"), ""},
	} {
		r, err := Merge(base, c.ours, c.theirs)
		if err != nil || wheres(r.Conflicts) != c.conflict {
			t.Errorf("%s: %v, conflicts %q", c.name, err, wheres(r.Conflicts))
			continue
		}
		mirrored(t, base, c.ours, c.theirs, r)
		if c.conflict == "" {
			both(t, base, c.ours, c.theirs, r.Bytes)
		}
	}
	r, err := MergeWith(base, down, tableDoc(t, "Step|Done|By", "a|b|c", "|x|", "stock||"), map[string]Side{"table 1 B3": Ours})
	if err != nil || strings.Contains(wordsOf(t, r.Bytes), "x") {
		t.Errorf("the cell of ours chosen: %v, conflicts %+v", err, r.Conflicts)
	}
}

// TestHeaderOfNewSection edits a header while the other side puts in a section,
// whose headers are others: the edit is in the result or told.
func TestHeaderOfNewSection(t *testing.T) {
	t.Parallel()
	base := richDoc(t)
	ours := edit{`<w:p w14:paraId="10000008"`, `<w:p><w:pPr><w:sectPr><w:headerReference w:type="default" r:id="rId5"/><w:pgSz w:w="11906" w:h="16838"/></w:sectPr></w:pPr></w:p><w:p w14:paraId="10000008"`}.apply(t, base)
	theirs := edit{"word/header1.xml", "Engagement 2024", "Engagement 2025"}.apply(t, base)
	r, err := Merge(base, ours, theirs)
	if err != nil {
		t.Fatal(err)
	}
	mirrored(t, base, ours, theirs, r)
	if len(r.Conflicts) > 0 {
		return
	}
	p := unzip(t, r.Bytes)
	for _, rel := range []string{"header"} {
		for name, text := range p.text {
			if strings.HasPrefix(name, "word/"+rel) && strings.Contains(text, "2024") {
				t.Errorf("part %s has the text before the edit", name)
			}
		}
	}
}
