package xlsx

import (
	"bytes"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

const (
	partTypes  = "[Content_Types].xml"
	partBook   = "xl/workbook.xml"
	partRels   = "xl/_rels/workbook.xml.rels"
	partTB     = "xl/worksheets/sheet1.xml"
	partTBRels = "xl/worksheets/_rels/sheet1.xml.rels"
	relBase    = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
)

// related adds a part to which another leads.
func (p *parts) related(t testing.TB, rels, id, kind, target, name, contentType, text string) {
	t.Helper()
	p.add(name, text)
	p.replace(t, partTypes, "</Types>", `<Override PartName="/`+name+`" ContentType="`+contentType+`"/></Types>`)
	if _, ok := p.text[rels]; !ok {
		p.add(rels, `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"></Relationships>`)
	}
	p.replace(t, rels, "</Relationships>", `<Relationship Id="`+id+`" Type="`+kind+`" Target="`+target+`"/></Relationships>`)
}

// built is a workbook changed in its parts.
func built(t testing.TB, data []byte, change func(*parts)) []byte {
	t.Helper()
	p := unzip(t, data)
	change(p)
	return p.zip(t)
}

func cellSet(t testing.TB, data []byte, sheet, cell string, v any) []byte {
	return edited(t, data, func(f *excelize.File) { must(t)(f.SetCellValue(sheet, cell, v)) })
}

// withProperties gives a workbook properties of its own: name, value and so on.
func withProperties(t testing.TB, data []byte, list ...string) []byte {
	t.Helper()
	return built(t, data, func(p *parts) {
		text := `<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties" xmlns:vt="http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes">`
		for i := 0; i < len(list); i += 2 {
			text += `<property fmtid="{D5CDD505-2E9C-101B-9397-08002B2CF9AE}" pid="` + itoa(i+2) + `" name="` + list[i] + `"><vt:lpwstr>` + list[i+1] + `</vt:lpwstr></property>`
		}
		p.related(t, "_rels/.rels", "rId79", relBase+"custom-properties", "docProps/custom.xml", "docProps/custom.xml", "application/vnd.openxmlformats-officedocument.custom-properties+xml", text+"</Properties>")
	})
}

func TestMacros(t *testing.T) {
	t.Parallel()
	plain := richBook(t)
	withMacros := func(data []byte, code string) []byte {
		return built(t, data, func(p *parts) {
			p.related(t, partRels, "rId77", "http://schemas.microsoft.com/office/2006/relationships/vbaProject", "vbaProject.bin", "xl/vbaProject.bin", "application/vnd.ms-office.vbaProject", code)
			p.replace(t, partTypes, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml", "application/vnd.ms-excel.sheet.macroEnabled.main+xml")
		})
	}
	base := withMacros(plain, "one")
	set := func(data []byte, cell string, v int) []byte {
		return patched(t, data, partTB, `<c r="`+cell+`" s="2"><v>`, `<c r="`+cell+`" s="2"><v>`+itoa(v))
	}
	code := func(data []byte) string { return unzip(t, data).text["xl/vbaProject.bin"] }
	r := check(t, base, set(base, "C3", 9), patched(t, base, "xl/vbaProject.bin", "one", "two"))
	if r.Bytes == nil || code(r.Bytes) != "two" || shown(t, r.Bytes, "TB!C3") != "915.25" {
		t.Errorf("macros of one side: %v", r.Conflicts)
	}
	r = check(t, base, patched(t, base, "xl/vbaProject.bin", "one", "three"), patched(t, base, "xl/vbaProject.bin", "one", "two"))
	if wheres(r.Conflicts) != "xl/vbaProject.bin" {
		t.Errorf("macros two ways: %q", wheres(r.Conflicts))
	}
	r = check(t, plain, set(plain, "C3", 9), withMacros(set(plain, "C9", 9), "new"))
	if r.Bytes == nil || code(r.Bytes) != "new" || shown(t, r.Bytes, "TB!C3") != "915.25" {
		t.Errorf("new macros: %v", r.Conflicts)
	}
	// Macros know sheets by names of their own.
	named := built(t, withMacros(plain, "new"), func(p *parts) {
		p.text[partTB] = strings.Replace(p.text[partTB], "<sheetPr", `<sheetPr codeName="Balance"`, 1)
		if !strings.Contains(p.text[partTB], "Balance") {
			p.text[partTB] = strings.Replace(p.text[partTB], "<dimension", `<sheetPr codeName="Balance"/><dimension`, 1)
		}
	})
	r = check(t, plain, named, set(plain, "C3", 9))
	if r.Bytes == nil || !strings.Contains(unzip(t, r.Bytes).text[partTB], `codeName="Balance"`) {
		t.Errorf("names of macros: %v", r.Conflicts)
	}
	r = check(t, base, set(base, "C3", 9), set(plain, "C9", 9))
	if r.Bytes == nil || code(r.Bytes) != "" || shown(t, r.Bytes, "TB!C3") != "915.25" {
		t.Errorf("macros taken out: %v", r.Conflicts)
	}
}

// stored counts the stored results of formulas.
func stored(t testing.TB, data []byte) int {
	t.Helper()
	b, err := openBook(data)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, s := range b.sheets {
		for i := range s.rows {
			for _, c := range s.rows[i].cells {
				if c.kind != noValue && (c.f != nil || s.inArray(spot{s.rows[i].r, c.col})) {
					n++
				}
			}
		}
	}
	return n
}

func TestStoredResultsGo(t *testing.T) {
	t.Parallel()
	base := built(t, richBook(t), func(p *parts) {
		p.text[partTB] = strings.ReplaceAll(p.text[partTB], `<f t="shared" si="0"></f>`, `<f t="shared" si="0"></f><v>5</v>`)
		p.replace(t, partTB, `<c r="A20" t="s">`, `<c r="G19"><f t="array" ref="G19:G20">C2:C3*2</f><v>10</v></c></row><row r="20"><c r="A20" t="s">`)
		p.replace(t, partTB, `<row r="20"><c r="G19">`, `<row r="19"><c r="G19">`)
		p.replace(t, partTB, `</c></row></sheetData>`, `</c><c r="G20"><v>30.5</v></c></row></sheetData>`)
		p.related(t, partRels, "rId78", relBase+"calcChain", "calcChain.xml", "xl/calcChain.xml", "application/vnd.openxmlformats-officedocument.spreadsheetml.calcChain+xml",
			`<calcChain xmlns="`+mainNS+`"><c r="E2" i="1"/></calcChain>`)
	})
	if err := Verify(base); err != nil {
		t.Fatal(err)
	}
	if stored(t, base) < 12 {
		t.Fatal("the workbook stores too little")
	}
	value := func(cell, old, v string) []byte {
		return patched(t, base, partTB, `<c r="`+cell+`" s="2"><v>`+old, `<c r="`+cell+`" s="2"><v>`+v)
	}
	r := check(t, base, value("C3", "15.25", "1"), value("C9", "507.25", "2"))
	if r.Bytes == nil {
		t.Fatal(wheres(r.Conflicts))
	}
	if n := stored(t, r.Bytes); n != 0 {
		t.Errorf("%d stored results", n)
	}
	p := unzip(t, r.Bytes)
	if p.text["xl/calcChain.xml"] != "" || strings.Contains(p.text[partTypes], "calcChain") || strings.Contains(p.text[partRels], "calcChain") {
		t.Error("the order of calculation is there")
	}
	if !strings.Contains(p.text[partBook], `fullCalcOnLoad="1"`) {
		t.Error("nothing asks for calculation")
	}
	if got := shown(t, r.Bytes, "TB!G19"); got != "{=C2:C3*2}" {
		t.Errorf("the array is %q", got)
	}
	// Where only formats come from the other side, results stay right.
	looks := built(t, base, func(p *parts) {
		p.replace(t, partTB, `<col customWidth="true" max="2" min="2" width="24">`, `<col customWidth="true" max="2" min="2" width="29">`)
	})
	r = check(t, base, value("C3", "15.25", "1"), looks)
	if r.Bytes == nil || stored(t, r.Bytes) != stored(t, base) {
		t.Errorf("%d of %d stored results", stored(t, r.Bytes), stored(t, base))
	}
	// An array two ways, and a value put into it.
	r = check(t, base, patched(t, base, partTB, "C2:C3*2", "C2:C3*3"), patched(t, base, partTB, "C2:C3*2", "C2:C3*4"))
	if wheres(r.Conflicts) != "TB!G19" {
		t.Errorf("array two ways: %q", wheres(r.Conflicts))
	}
}

// withLink adds a workbook that formulas read.
func withLink(t testing.TB, p *parts, n int, target string) {
	t.Helper()
	name := "externalLink" + itoa(n) + ".xml"
	p.related(t, partRels, "rId9"+itoa(n), relBase+"externalLink", "externalLinks/"+name, "xl/externalLinks/"+name,
		"application/vnd.openxmlformats-officedocument.spreadsheetml.externalLink+xml",
		`<externalLink xmlns="`+mainNS+`"><externalBook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" r:id="rId1"><sheetNames><sheetName val="S"/></sheetNames></externalBook></externalLink>`)
	p.add("xl/externalLinks/_rels/"+name+".rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="`+relBase+`externalLinkPath" Target="`+target+`" TargetMode="External"/></Relationships>`)
	if !strings.Contains(p.text[partBook], "<externalReferences>") {
		p.replace(t, partBook, "<definedNames>", "<externalReferences></externalReferences><definedNames>")
	}
	p.replace(t, partBook, "</externalReferences>", `<externalReference r:id="rId9`+itoa(n)+`"/></externalReferences>`)
}

func TestLinksToOtherWorkbooks(t *testing.T) {
	t.Parallel()
	base := richBook(t)
	with := func(target, formula, cell string) []byte {
		return built(t, base, func(p *parts) {
			withLink(t, p, 1, target)
			p.replace(t, partTB, `<row r="20">`, `<row r="19"><c r="`+cell+`19"><f>`+formula+`</f><v>3</v></c></row><row r="20">`)
		})
	}
	r := check(t, base, with("one.xlsx", "[1]S!A1*2", "F"), with("two.xlsx", "[1]S!B2+1", "G"))
	if r.Bytes == nil {
		t.Fatal(wheres(r.Conflicts))
	}
	b, err := openBook(r.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	if len(b.links) != 2 || b.links[0] == b.links[1] {
		t.Fatal(b.links)
	}
	want := map[string]string{"F19": "[" + itoa(1+bit(b.links[0] != "one.xlsx")) + "]S!A1*2", "G19": "[" + itoa(1+bit(b.links[0] == "one.xlsx")) + "]S!B2+1"}
	for cell, text := range want {
		at, _ := parseSpot(cell)
		if c := b.sheetNamed("TB").row(19).cell(at.col); c == nil || c.f.text != text || c.value != "3" {
			t.Errorf("%s is %+v, want %q", cell, c, text)
		}
	}
}

// TestStoredResultsOfLinks holds that results which cannot be computed here are
// kept where they are right, and only there.
func TestStoredResultsOfLinks(t *testing.T) {
	t.Parallel()
	base := built(t, richBook(t), func(p *parts) {
		withLink(t, p, 1, "one.xlsx")
		p.replace(t, partTB, `<row r="20">`, `<row r="19"><c r="F19"><f>[1]S!A1*2</f><v>3</v></c><c r="G19"><f>[1]S!A1+C3+C4</f><v>64.25</v></c></row><row r="20">`)
	})
	side := func(cell, old, v, link, mixed string) []byte {
		return patched(t, base, partTB, `<c r="`+cell+`" s="2"><v>`+old, `<c r="`+cell+`" s="2"><v>`+v, partTB, "A1*2</f><v>3</v>", "A1*2</f><v>"+link+"</v>", partTB, "<v>64.25</v>", "<v>"+mixed+"</v>")
	}
	for _, c := range []struct{ link, mixed, otherLink, otherMixed, wantLink, wantMixed string }{
		{"3", "50", "3", "64.25", "3", "50"},
		{"7", "54", "3", "64.25", "7", "54"},
		{"3", "50", "3", "20", "3", ""},
		{"7", "50", "8", "20", "", ""},
	} {
		r := check(t, base, side("C3", "15.25", "1", c.link, c.mixed), side("C4", "46", "1.75", c.otherLink, c.otherMixed))
		if r.Bytes == nil {
			t.Fatal(wheres(r.Conflicts))
		}
		b, err := openBook(r.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		row := b.sheetNamed("TB").row(19)
		if x, y := row.cell(6).value, row.cell(7).value; x != c.wantLink || y != c.wantMixed {
			t.Errorf("%+v: %q and %q", c, x, y)
		}
	}
}

func TestDiscussions(t *testing.T) {
	t.Parallel()
	const ns = "http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments"
	person := func(id string) string {
		return `<person displayName="P` + id + `" id="{` + id + `}" userId="u` + id + `" providerId="AD"/>`
	}
	thread := func(ref, id, who, text string) string {
		return `<threadedComment ref="` + ref + `" dT="2024-01-01T10:00:00.00" personId="{` + who + `}" id="{` + id + `}"><text>` + text + `</text></threadedComment>`
	}
	base := built(t, richBook(t), func(p *parts) {
		p.related(t, partRels, "rId91", "http://schemas.microsoft.com/office/2017/10/relationships/person", "persons/person.xml", "xl/persons/person.xml",
			"application/vnd.ms-excel.person+xml", `<personList xmlns="`+ns+`">`+person("A")+`</personList>`)
		p.related(t, partTBRels, "rId91", "http://schemas.microsoft.com/office/2017/10/relationships/threadedComment", "../threadedComments/threadedComment1.xml", "xl/threadedComments/threadedComment1.xml",
			"application/vnd.ms-excel.threadedcomments+xml", `<ThreadedComments xmlns="`+ns+`">`+thread("C3", "1", "A", "first")+`</ThreadedComments>`)
	})
	say := func(ref, id, who, text string) []byte {
		return built(t, base, func(p *parts) {
			p.replace(t, "xl/persons/person.xml", "</personList>", person(who)+"</personList>")
			p.replace(t, "xl/threadedComments/threadedComment1.xml", "</ThreadedComments>", thread(ref, id, who, text)+"</ThreadedComments>")
		})
	}
	r := check(t, base, say("C3", "2", "B", "second"), say("D4", "3", "C", "third"))
	if r.Bytes == nil {
		t.Fatal(wheres(r.Conflicts))
	}
	p := unzip(t, r.Bytes)
	for _, word := range []string{"first", "second", "third"} {
		if !strings.Contains(p.text["xl/threadedComments/threadedComment1.xml"], word) {
			t.Errorf("%q is missing", word)
		}
	}
	for _, who := range []string{"PA", "PB", "PC"} {
		if !strings.Contains(p.text["xl/persons/person.xml"], who) {
			t.Errorf("%q is missing", who)
		}
	}
}

func TestMoreParts(t *testing.T) {
	t.Parallel()
	base := richBook(t)
	ok := must(t)
	props := func(data []byte, list ...string) []byte { return withProperties(t, data, list...) }
	set := func(data []byte, cell string, v any) []byte { return cellSet(t, data, "TB", cell, v) }
	with := func(data []byte, part, text string) {
		t.Helper()
		if data == nil || !strings.Contains(unzip(t, data).text[part], text) {
			t.Errorf("part %s has no %q", part, text)
		}
	}
	r := check(t, base, props(base, "Client", "x", "MSIP_Label_1_SetDate", "1"), props(base, "Status", "draft", "MSIP_Label_1_SetDate", "2"))
	with(r.Bytes, "docProps/custom.xml", "Client")
	with(r.Bytes, "docProps/custom.xml", "Status")
	r = check(t, base, props(base, "Status", "final"), props(base, "Status", "draft"))
	if wheres(r.Conflicts) != "document properties: Status" {
		t.Errorf("property two ways: %q", wheres(r.Conflicts))
	}

	theme := func(data []byte, name string) []byte {
		return built(t, data, func(p *parts) { p.replace(t, "xl/theme/theme1.xml", `<a:latin typeface="`, `<a:latin typeface="`+name) })
	}
	r = check(t, base, theme(base, "My "), set(base, "C3", 1))
	with(r.Bytes, "xl/theme/theme1.xml", `typeface="My `)
	r = check(t, base, theme(base, "My "), theme(base, "Your "))
	if wheres(r.Conflicts) != "theme" {
		t.Errorf("theme two ways: %q", wheres(r.Conflicts))
	}

	dates := built(t, base, func(p *parts) { p.replace(t, partBook, "<workbookPr ", `<workbookPr date1904="1" `) })
	r = check(t, base, dates, set(base, "C3", 1))
	if wheres(r.Conflicts) != "date system" {
		t.Errorf("date system: %q", wheres(r.Conflicts))
	}

	// A whole new sheet with all that hangs on it.
	full := edited(t, base, func(f *excelize.File) {
		_, err := f.NewSheet("New")
		ok(err)
		ok(f.SetSheetRow("New", "A1", &[]any{"p", "q"}))
		ok(f.SetSheetRow("New", "A2", &[]any{1, 2}))
		ok(f.AddTable("New", &excelize.Table{Range: "A1:B3", Name: "NewTable"}))
		ok(f.AddChart("New", "D2", &excelize.Chart{Type: excelize.Col, Series: []excelize.ChartSeries{{Values: "New!$A$2:$A$3"}}}))
		ok(f.AddPictureFromBytes("New", "D20", &excelize.Picture{Extension: ".png", File: picture(t, 77)}))
		ok(f.AddComment("New", excelize.Comment{Cell: "A2", Author: "AB", Paragraph: []excelize.RichTextRun{{Text: "hi"}}}))
		ok(f.SetCellFormula("New", "B5", "SUM(TB!C2:C13)+Total"))
		ok(f.SetCellHyperLink("New", "A2", "https://example.com/new", "External"))
		ok(f.MergeCell("New", "A7", "B7"))
		id, err := f.NewConditionalStyle(&excelize.Style{Font: &excelize.Font{Color: "00AA00"}})
		ok(err)
		ok(f.SetConditionalFormat("New", "A2:B3", []excelize.ConditionalFormatOptions{{Type: "cell", Criteria: ">", Format: &id, Value: "1"}}))
		style, err := f.NewStyle(&excelize.Style{Font: &excelize.Font{Italic: true}, NumFmt: 10})
		ok(err)
		ok(f.SetCellStyle("New", "B2", "B2", style))
		ok(f.SetDefinedName(&excelize.DefinedName{Name: "Here", RefersTo: "New!$A$1", Scope: "New"}))
	})
	also := edited(t, base, func(f *excelize.File) {
		_, err := f.NewSheet("Also")
		ok(err)
		ok(f.SetSheetRow("Also", "A1", &[]any{"p", "q"}))
		ok(f.AddTable("Also", &excelize.Table{Range: "A1:B3", Name: "AlsoTable"}))
		ok(f.AddPictureFromBytes("Also", "D20", &excelize.Picture{Extension: ".png", File: picture(t, 78)}))
		ok(f.AddComment("Also", excelize.Comment{Cell: "A2", Author: "AB", Paragraph: []excelize.RichTextRun{{Text: "ho"}}}))
		ok(f.SetCellValue("TB", "C3", 5))
	})
	r = check(t, base, full, also)
	if r.Bytes == nil {
		t.Fatal(wheres(r.Conflicts))
	}
	f, err := excelize.OpenReader(bytes.NewReader(r.Bytes))
	ok(err)
	defer f.Close()
	for sheet, table := range map[string]string{"New": "NewTable", "Also": "AlsoTable"} {
		if l, err := f.GetTables(sheet); err != nil || len(l) != 1 || l[0].Name != table {
			t.Error(sheet, l, err)
		}
		if l, err := f.GetPictureCells(sheet); err != nil || len(l) != 1 {
			t.Error(sheet, l, err)
		}
		if l, err := f.GetComments(sheet); err != nil || len(l) != 1 {
			t.Error(sheet, l, err)
		}
	}
	if got := shown(t, r.Bytes, "New!B5"); got != "=SUM(TB!C2:C13)+Total" {
		t.Error(got)
	}
	if l, err := f.GetConditionalFormats("New"); err != nil || len(l) != 1 {
		t.Error(l, err)
	}
	if _, to, _ := f.GetCellHyperLink("New", "A2"); to != "https://example.com/new" {
		t.Error(to)
	}
	for _, n := range f.GetDefinedName() {
		if n.Name == "Here" && n.Scope != "New" {
			t.Error(n)
		}
	}
	left, err := Diff(full, r.Bytes)
	ok(err)
	for _, c := range left {
		if c.Sheet == "New" {
			t.Errorf("the new sheet differs: %+v", c)
		}
	}
}

func TestPivotTables(t *testing.T) {
	t.Parallel()
	ok := must(t)
	pivot := func(f *excelize.File, at string) {
		ok(f.AddPivotTable(&excelize.PivotTableOptions{
			DataRange: "Notes & more!A1:C6", PivotTableRange: "Lead!" + at,
			Rows: []excelize.PivotTableField{{Data: "Note"}}, Data: []excelize.PivotTableField{{Data: "Ref", Subtotal: "Sum"}},
		}))
	}
	base := richBook(t)
	withPivot := edited(t, base, func(f *excelize.File) { pivot(f, "M2:P20") })
	if err := Verify(withPivot); err != nil {
		t.Skip("the other program's pivot table is not sound: ", err)
	}
	r := check(t, withPivot, cellSet(t, withPivot, "TB", "C3", 1), cellSet(t, withPivot, "Notes & more", "B3", "x"))
	if r.Bytes == nil {
		t.Error(wheres(r.Conflicts))
	}
	r = check(t, base, cellSet(t, base, "TB", "C3", 1), cellSet(t, withPivot, "TB", "C9", 2))
	if r.Bytes == nil || shown(t, r.Bytes, "TB!C3") != "1" || shown(t, r.Bytes, "TB!C9") != "2" {
		t.Error(wheres(r.Conflicts))
	}
}
