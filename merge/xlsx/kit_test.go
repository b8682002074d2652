package xlsx

import (
	"archive/zip"
	"bytes"
	"image"
	"image/color"
	"image/png"
	"io"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// parts is a package unpacked for tests, in order.
type parts struct {
	names []string
	text  map[string]string
}

func unzip(t testing.TB, data []byte) *parts {
	t.Helper()
	zr, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	p := &parts{text: map[string]string{}}
	for _, f := range zr.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		p.names = append(p.names, f.Name)
		p.text[f.Name] = string(b)
	}
	return p
}

func (p *parts) zip(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, n := range p.names {
		text, ok := p.text[n]
		if !ok {
			continue
		}
		f, err := w.Create(n)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// replace changes the first occurrence of a text in a part, which must be there.
func (p *parts) replace(t testing.TB, part, old, with string) {
	t.Helper()
	if !strings.Contains(p.text[part], old) {
		t.Errorf("part %s has no %q", part, old)
	}
	p.text[part] = strings.Replace(p.text[part], old, with, 1)
}

func (p *parts) add(name, text string) {
	p.names = append(p.names, name)
	p.text[name] = text
}

// patched is a workbook with texts of parts replaced: part, old, new and so on.
func patched(t testing.TB, data []byte, edits ...string) []byte {
	t.Helper()
	p := unzip(t, data)
	for i := 0; i < len(edits); i += 3 {
		p.replace(t, edits[i], edits[i+1], edits[i+2])
	}
	return p.zip(t)
}

// picture is a small image of one colour.
func picture(t testing.TB, shade uint8) []byte {
	t.Helper()
	m := image.NewGray(image.Rect(0, 0, 8, 8))
	for i := range m.Pix {
		m.Pix[i] = shade
	}
	m.Set(3, 3, color.White)
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// must gives a function that stops the test at an error.
func must(t testing.TB) func(error) {
	return func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
}

// bytesOf saves a workbook of excelize.
func bytesOf(t testing.TB, f *excelize.File) []byte {
	t.Helper()
	b, err := f.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// edited opens a workbook by excelize, changes it and saves it.
func edited(t testing.TB, data []byte, change func(*excelize.File)) []byte {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	change(f)
	return bytesOf(t, f)
}

// richBook has something of everything: a trial balance, a lead sheet with
// formulas over it, notes with a table, pictures, a chart, comments.
func richBook(t testing.TB) []byte {
	t.Helper()
	ok := must(t)
	f := excelize.NewFile()
	defer f.Close()
	ok(f.SetSheetName("Sheet1", "TB"))
	_, err := f.NewSheet("Lead")
	ok(err)
	_, err = f.NewSheet("Notes & more")
	ok(err)
	bold, err := f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true, Family: "Arial", Size: 12}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"DDEEFF"}}})
	ok(err)
	money, err := f.NewStyle(&excelize.Style{NumFmt: 4, Border: []excelize.Border{{Type: "bottom", Style: 1, Color: "000000"}}})
	ok(err)
	custom := "#,##0.00;[Red](#,##0.00)"
	red, err := f.NewStyle(&excelize.Style{CustomNumFmt: &custom, Protection: &excelize.Protection{Locked: false}, Alignment: &excelize.Alignment{WrapText: true}})
	ok(err)
	ok(f.SetSheetRow("TB", "A1", &[]any{"Account", "Name", "Debit", "Credit", "Net"}))
	ok(f.SetCellStyle("TB", "A1", "E1", bold))
	names := []string{"Cash", "Receivables", "Inventory", "Land", "Payables", "Loans", "Equity", "Revenue", "Cost of sales", "Salaries", "Rent", "Tax"}
	for i, n := range names {
		r := i + 2
		ok(f.SetSheetRow("TB", spot{r, 1}.String(), &[]any{1000 + 10*i, n, float64(i*i)*10.25 + 5, float64(i) * 7.5}))
	}
	shared := excelize.STCellFormulaTypeShared
	ref := "E2:E13"
	ok(f.SetCellFormula("TB", "E2", "C2-D2", excelize.FormulaOpts{Type: &shared, Ref: &ref}))
	ok(f.SetCellStyle("TB", "C2", "E13", money))
	ok(f.SetCellStyle("TB", "D5", "D5", red))
	ok(f.SetCellFormula("TB", "C15", "SUM(C2:C13)"))
	ok(f.SetCellFormula("TB", "D15", "SUM(D2:D13)"))
	ok(f.SetCellValue("TB", "B15", "Total"))
	ok(f.MergeCell("TB", "A17", "C17"))
	ok(f.SetCellValue("TB", "A17", "Prepared by AB"))
	ok(f.SetColWidth("TB", "B", "B", 24))
	ok(f.SetRowHeight("TB", 1, 28))
	ok(f.SetCellHyperLink("TB", "B17", "https://example.com/a", "External"))
	ok(f.SetCellHyperLink("TB", "A20", "Lead!A1", "Location"))
	ok(f.SetCellValue("TB", "A20", "to the lead sheet"))
	ok(f.AddComment("TB", excelize.Comment{Cell: "C3", Author: "AB", Paragraph: []excelize.RichTextRun{{Text: "agreed to ledger"}}}))
	ok(f.AddComment("TB", excelize.Comment{Cell: "D4", Author: "CD", Paragraph: []excelize.RichTextRun{{Text: "see note 3"}}}))
	dxf, err := f.NewConditionalStyle(&excelize.Style{Font: &excelize.Font{Color: "9A0511"}})
	ok(err)
	ok(f.SetConditionalFormat("TB", "C2:C13", []excelize.ConditionalFormatOptions{{Type: "cell", Criteria: ">", Format: &dxf, Value: "500"}}))
	dv := excelize.NewDataValidation(true)
	dv.Sqref = "A2:A13"
	ok(dv.SetRange(1000, 9999, excelize.DataValidationTypeWhole, excelize.DataValidationOperatorBetween))
	ok(f.AddDataValidation("TB", dv))
	ok(f.SetPanes("TB", &excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}))

	ok(f.SetSheetRow("Lead", "A1", &[]any{"Lead", "Amount"}))
	for i, n := range names[:6] {
		r := i + 2
		ok(f.SetCellValue("Lead", spot{r, 1}.String(), n))
		ok(f.SetCellFormula("Lead", spot{r, 2}.String(), "TB!E"+itoa(r)+"*2"))
	}
	ok(f.SetCellFormula("Lead", "B9", "SUM(TB!C2:C13)"))
	ok(f.AddChart("Lead", "D2", &excelize.Chart{Type: excelize.Col, Series: []excelize.ChartSeries{{Name: "Lead!$B$1", Categories: "Lead!$A$2:$A$7", Values: "Lead!$B$2:$B$7"}}}))
	ok(f.AddPictureFromBytes("Lead", "D20", &excelize.Picture{Extension: ".png", File: picture(t, 40)}))

	ok(f.SetSheetRow("Notes & more", "A1", &[]any{"Ref", "Note", "Done"}))
	for i := range 5 {
		ok(f.SetSheetRow("Notes & more", spot{i + 2, 1}.String(), &[]any{i + 1, "note " + itoa(i), i%2 == 0}))
	}
	ok(f.AddTable("Notes & more", &excelize.Table{Range: "A1:C6", Name: "NoteList", StyleName: "TableStyleMedium2"}))
	ok(f.SetCellRichText("Notes & more", "E2", []excelize.RichTextRun{{Text: "bold", Font: &excelize.Font{Bold: true}}, {Text: " and plain"}}))
	ok(f.SetDefinedName(&excelize.DefinedName{Name: "Total", RefersTo: "TB!$C$15"}))
	ok(f.SetDefinedName(&excelize.DefinedName{Name: "Local", RefersTo: "Lead!$A$1:$B$7", Scope: "Lead"}))
	return bytesOf(t, f)
}
