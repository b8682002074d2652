package xlsx

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// check merges in both orders and looks at the laws that hold for every merge.
func check(t testing.TB, base, ours, theirs []byte) Result {
	t.Helper()
	r, err := Merge(base, ours, theirs)
	m, err2 := Merge(base, theirs, ours)
	if (err == nil) != (err2 == nil) || !bytes.Equal(r.Bytes, m.Bytes) || len(r.Conflicts) != len(m.Conflicts) {
		t.Fatalf("not the same both ways: %v, %v; %d and %d bytes; conflicts %v and %v", err, err2, len(r.Bytes), len(m.Bytes), r.Conflicts, m.Conflicts)
	}
	for i, c := range r.Conflicts {
		c.Ours, c.Theirs = c.Theirs, c.Ours
		if c != m.Conflicts[i] {
			t.Fatalf("conflicts are not mirrored: %v and %v", r.Conflicts, m.Conflicts)
		}
	}
	if err != nil {
		if !errors.Is(err, ErrUnmergeable) {
			t.Fatal(err)
		}
		t.Fatalf("unmergeable: %v", err)
	}
	if (r.Bytes == nil) != (len(r.Conflicts) > 0) {
		t.Fatalf("%d bytes and conflicts %v", len(r.Bytes), r.Conflicts)
	}
	if r.Bytes != nil {
		if err := Verify(r.Bytes); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

// wheres lists the places.
func wheres(list []Place) string {
	var w []string
	for _, p := range list {
		w = append(w, p.Where)
	}
	return strings.Join(w, "; ")
}

// change is an edit by excelize.
type change func(*excelize.File)

// TestMergeTriples merges edits of a workbook that has everything, and reads
// the result by another reader.
func TestMergeTriples(t *testing.T) {
	t.Parallel()
	base := richBook(t)
	ok := must(t)
	set := func(sheet, cell string, v any) change {
		return func(f *excelize.File) { ok(f.SetCellValue(sheet, cell, v)) }
	}
	calc := func(sheet, cell, v string) change {
		return func(f *excelize.File) { ok(f.SetCellFormula(sheet, cell, v)) }
	}
	all := func(list ...change) change {
		return func(f *excelize.File) {
			for _, c := range list {
				c(f)
			}
		}
	}
	style := func(sheet, cell string, s *excelize.Style) change {
		return func(f *excelize.File) {
			id, err := f.NewStyle(s)
			ok(err)
			ok(f.SetCellStyle(sheet, cell, cell, id))
		}
	}
	value := func(sheet, cell, want string) func(*testing.T, *excelize.File) {
		return func(t *testing.T, f *excelize.File) {
			t.Helper()
			got, err := f.GetCellValue(sheet, cell, excelize.Options{RawCellValue: true})
			if err != nil || got != want {
				t.Errorf("%s!%s is %q, want %q (%v)", sheet, cell, got, want, err)
			}
		}
	}
	formula := func(sheet, cell, want string) func(*testing.T, *excelize.File) {
		return func(t *testing.T, f *excelize.File) {
			t.Helper()
			got, err := f.GetCellFormula(sheet, cell)
			if err != nil || got != want {
				t.Errorf("%s!%s is %q, want %q (%v)", sheet, cell, got, want, err)
			}
		}
	}
	type looks []func(*testing.T, *excelize.File)
	bold := &excelize.Style{Font: &excelize.Font{Bold: true, Color: "FF0000"}}
	green := &excelize.Style{Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"00FF00"}}}
	pic := func(sheet, cell string, shade uint8) change {
		return func(f *excelize.File) {
			ok(f.AddPictureFromBytes(sheet, cell, &excelize.Picture{Extension: ".png", File: picture(t, shade)}))
		}
	}
	comment := func(sheet, cell, text string) change {
		return func(f *excelize.File) {
			ok(f.AddComment(sheet, excelize.Comment{Cell: cell, Author: "EF", Paragraph: []excelize.RichTextRun{{Text: text}}}))
		}
	}
	for _, c := range []struct {
		name         string
		ours, theirs change
		conflicts    string
		looks        looks
	}{
		{name: "different cells", ours: set("TB", "C3", 1), theirs: set("TB", "C9", 2), looks: looks{value("TB", "C3", "1"), value("TB", "C9", "2"), value("TB", "C4", "46")}},
		{name: "different sheets", ours: set("TB", "C3", 1), theirs: set("Notes & more", "B3", "other"), looks: looks{value("TB", "C3", "1"), value("Notes & more", "B3", "other")}},
		{name: "same cell", ours: set("TB", "C3", 1), theirs: set("TB", "C3", 2), conflicts: "TB!C3"},
		{name: "same cell, same value", ours: set("TB", "C3", 1), theirs: all(set("TB", "C3", 1), set("TB", "C4", 7)), looks: looks{value("TB", "C3", "1"), value("TB", "C4", "7")}},
		{name: "same cell deleted and changed", ours: set("TB", "C3", nil), theirs: set("TB", "C3", 2), conflicts: "TB!C3"},
		{name: "cell cleared", ours: set("TB", "C3", nil), theirs: set("TB", "C4", 2), looks: looks{value("TB", "C3", ""), value("TB", "C4", "2")}},
		{name: "new cells in new rows", ours: set("TB", "B30", "x"), theirs: set("TB", "H31", "y"), looks: looks{value("TB", "B30", "x"), value("TB", "H31", "y")}},
		{name: "new texts", ours: set("TB", "B3", "Debtors"), theirs: set("TB", "B4", " Stock <&> \n two"), looks: looks{value("TB", "B3", "Debtors"), value("TB", "B4", " Stock <&> \n two")}},
		{name: "same new text", ours: set("TB", "H3", "same"), theirs: set("TB", "H4", "same"), looks: looks{value("TB", "H3", "same"), value("TB", "H4", "same")}},
		{name: "value and format of one cell", ours: set("TB", "C3", 1), theirs: style("TB", "C3", bold), looks: looks{value("TB", "C3", "1")}},
		{name: "formats of different cells", ours: style("TB", "C3", green), theirs: style("TB", "C4", bold), looks: looks{value("TB", "C3", "15.25")}},
		{name: "format two ways", ours: style("TB", "C3", green), theirs: style("TB", "C3", bold), conflicts: "TB!C3"},
		{name: "formulas", ours: calc("Lead", "B3", "TB!E3*3"), theirs: calc("Lead", "B4", "TB!E4*4"), looks: looks{formula("Lead", "B3", "TB!E3*3"), formula("Lead", "B4", "TB!E4*4"), formula("Lead", "B5", "TB!E5*2")}},
		{name: "formula two ways", ours: calc("Lead", "B3", "TB!E3*3"), theirs: calc("Lead", "B3", "TB!E3*4"), conflicts: "Lead!B3"},
		{name: "sheet renamed and deleted", ours: func(f *excelize.File) { ok(f.SetSheetName("Notes & more", "Notes")) },
			theirs: func(f *excelize.File) { ok(f.DeleteSheet("Notes & more")) }, conflicts: "sheet Notes"},
		{name: "new sheets", ours: func(f *excelize.File) { _, err := f.NewSheet("A"); ok(err); ok(f.SetCellValue("A", "A1", "a")) },
			theirs: func(f *excelize.File) {
				_, err := f.NewSheet("B")
				ok(err)
				ok(f.SetCellFormula("B", "B2", "TB!C3+1"))
				ok(f.SetCellValue("B", "A1", "b"))
			},
			looks: looks{value("A", "A1", "a"), value("B", "A1", "b"), formula("B", "B2", "TB!C3+1")}},
		{name: "same new sheet", ours: func(f *excelize.File) { _, err := f.NewSheet("A"); ok(err); ok(f.SetCellValue("A", "A1", "a")) },
			theirs:    func(f *excelize.File) { _, err := f.NewSheet("A"); ok(err); ok(f.SetCellValue("A", "A1", "b")) },
			conflicts: "sheet A"},
		{name: "sheet deleted", ours: func(f *excelize.File) { ok(f.DeleteSheet("Notes & more")) }, theirs: set("TB", "C3", 1), looks: looks{value("TB", "C3", "1"), func(t *testing.T, f *excelize.File) {
			if len(f.GetSheetList()) != 2 {
				t.Error(f.GetSheetList())
			}
		}}},
		{name: "sheet deleted and edited", ours: func(f *excelize.File) { ok(f.DeleteSheet("Notes & more")) }, theirs: set("Notes & more", "C3", 1), conflicts: "Notes & more!C3; sheet Notes & more"},
		{name: "names", ours: func(f *excelize.File) { ok(f.SetDefinedName(&excelize.DefinedName{Name: "One", RefersTo: "TB!$A$1"})) },
			theirs: func(f *excelize.File) {
				ok(f.SetDefinedName(&excelize.DefinedName{Name: "Two", RefersTo: "Lead!$A$1", Scope: "Lead"}))
			},
			looks: looks{func(t *testing.T, f *excelize.File) {
				if n := len(f.GetDefinedName()); n != 4 {
					t.Error(f.GetDefinedName())
				}
			}}},
		{name: "name two ways", ours: func(f *excelize.File) { ok(f.SetDefinedName(&excelize.DefinedName{Name: "One", RefersTo: "TB!$A$1"})) },
			theirs:    func(f *excelize.File) { ok(f.SetDefinedName(&excelize.DefinedName{Name: "One", RefersTo: "TB!$A$2"})) },
			conflicts: "names: One"},
		{name: "comments", ours: comment("TB", "C5", "ours"), theirs: comment("TB", "C7", "theirs"), looks: looks{func(t *testing.T, f *excelize.File) {
			list, err := f.GetComments("TB")
			if err != nil || len(list) != 4 {
				t.Error(err, list)
			}
		}}},
		{name: "first comments", ours: comment("Lead", "C5", "ours"), theirs: set("Lead", "A2", "x"), looks: looks{value("Lead", "A2", "x"), func(t *testing.T, f *excelize.File) {
			list, err := f.GetComments("Lead")
			if err != nil || len(list) != 1 {
				t.Error(err, list)
			}
		}}},
		{name: "first comments of both", ours: comment("Lead", "C5", "ours"), theirs: comment("Lead", "C6", "theirs"), looks: looks{func(t *testing.T, f *excelize.File) {
			list, err := f.GetComments("Lead")
			if err != nil || len(list) != 2 {
				t.Error(err, list)
			}
		}}},
		{name: "comment two ways", ours: comment("TB", "C5", "ours"), theirs: comment("TB", "C5", "theirs"), conflicts: "TB comments C5"},
		{name: "pictures", ours: pic("TB", "H3", 1), theirs: pic("TB", "H9", 2), looks: looks{func(t *testing.T, f *excelize.File) {
			cells, err := f.GetPictureCells("TB")
			if err != nil || len(cells) != 2 {
				t.Error(err, cells)
			}
		}}},
		{name: "more pictures", ours: pic("Lead", "K3", 1), theirs: pic("Lead", "K9", 2), looks: looks{func(t *testing.T, f *excelize.File) {
			cells, err := f.GetPictureCells("Lead")
			if err != nil || len(cells) != 3 {
				t.Error(err, cells)
			}
			for _, c := range cells {
				if l, err := f.GetPictures("Lead", c); err != nil || len(l) != 1 || len(l[0].File) == 0 {
					t.Error(c, err)
				}
			}
		}}},
		{name: "charts", ours: func(f *excelize.File) {
			ok(f.AddChart("TB", "H2", &excelize.Chart{Type: excelize.Line, Series: []excelize.ChartSeries{{Values: "TB!$C$2:$C$7"}}}))
		}, theirs: func(f *excelize.File) {
			ok(f.AddChart("TB", "H22", &excelize.Chart{Type: excelize.Pie, Series: []excelize.ChartSeries{{Values: "TB!$D$2:$D$7"}}}))
		}, looks: looks{func(t *testing.T, f *excelize.File) {
			n := 0
			f.Pkg.Range(func(k, _ any) bool {
				if strings.HasPrefix(k.(string), "xl/charts/chart") {
					n++
				}
				return true
			})
			if n != 3 {
				t.Errorf("%d charts", n)
			}
		}}},
		{name: "widths and heights", ours: func(f *excelize.File) { ok(f.SetColWidth("TB", "C", "C", 30)); ok(f.SetRowHeight("TB", 4, 40)) },
			theirs: func(f *excelize.File) {
				ok(f.SetColWidth("TB", "D", "E", 35))
				ok(f.SetRowHeight("TB", 5, 50))
				ok(f.SetColVisible("TB", "A", false))
			},
			looks: looks{func(t *testing.T, f *excelize.File) {
				for _, c := range []struct {
					col  string
					want float64
				}{{"B", 24}, {"C", 30}, {"D", 35}, {"E", 35}} {
					if w, err := f.GetColWidth("TB", c.col); err != nil || w != c.want {
						t.Error(c, w, err)
					}
				}
				if h, _ := f.GetRowHeight("TB", 4); h != 40 {
					t.Error(h)
				}
				if h, _ := f.GetRowHeight("TB", 5); h != 50 {
					t.Error(h)
				}
				if v, _ := f.GetColVisible("TB", "A"); v {
					t.Error("A is visible")
				}
			}}},
		{name: "width two ways", ours: func(f *excelize.File) { ok(f.SetColWidth("TB", "C", "C", 30)) }, theirs: func(f *excelize.File) { ok(f.SetColWidth("TB", "C", "C", 31)) }, conflicts: "TB column C"},
		{name: "merged cells", ours: func(f *excelize.File) { ok(f.MergeCell("TB", "A22", "B22")) }, theirs: func(f *excelize.File) { ok(f.MergeCell("TB", "A23", "B23")) }, looks: looks{func(t *testing.T, f *excelize.File) {
			if l, err := f.GetMergeCells("TB"); err != nil || len(l) != 3 {
				t.Error(l, err)
			}
		}}},
		{name: "merged cells overlap", ours: func(f *excelize.File) { ok(f.MergeCell("TB", "A22", "B22")) }, theirs: func(f *excelize.File) { ok(f.MergeCell("TB", "B22", "C23")) }, conflicts: "TB merged cells "},
		{name: "merged over a new value", ours: func(f *excelize.File) { ok(f.MergeCell("TB", "A22", "B22")) }, theirs: set("TB", "B22", 5), conflicts: "TB merged cells A22:B22"},
		{name: "conditional formats", ours: func(f *excelize.File) {
			id, err := f.NewConditionalStyle(&excelize.Style{Font: &excelize.Font{Color: "00AA00"}})
			ok(err)
			ok(f.SetConditionalFormat("TB", "D2:D13", []excelize.ConditionalFormatOptions{{Type: "cell", Criteria: ">", Format: &id, Value: "5"}}))
		}, theirs: func(f *excelize.File) {
			id, err := f.NewConditionalStyle(&excelize.Style{Font: &excelize.Font{Color: "0000AA"}})
			ok(err)
			ok(f.SetConditionalFormat("TB", "E2:E13", []excelize.ConditionalFormatOptions{{Type: "cell", Criteria: "<", Format: &id, Value: "5"}}))
		}, looks: looks{func(t *testing.T, f *excelize.File) {
			l, err := f.GetConditionalFormats("TB")
			if err != nil || len(l) != 3 {
				t.Error(l, err)
			}
		}}},
		{name: "validations", ours: func(f *excelize.File) {
			dv := excelize.NewDataValidation(true)
			dv.Sqref = "F2:F9"
			ok(dv.SetDropList([]string{"a", "b"}))
			ok(f.AddDataValidation("TB", dv))
		}, theirs: func(f *excelize.File) {
			dv := excelize.NewDataValidation(true)
			dv.Sqref = "G2:G9"
			ok(dv.SetDropList([]string{"c", "d"}))
			ok(f.AddDataValidation("TB", dv))
		}, looks: looks{func(t *testing.T, f *excelize.File) {
			l, err := f.GetDataValidations("TB")
			if err != nil || len(l) != 3 {
				t.Error(l, err)
			}
		}}},
		{name: "links", ours: func(f *excelize.File) { ok(f.SetCellHyperLink("TB", "A2", "https://example.com/1", "External")) },
			theirs: func(f *excelize.File) { ok(f.SetCellHyperLink("TB", "A3", "https://example.com/2", "External")) },
			looks: looks{func(t *testing.T, f *excelize.File) {
				for cell, want := range map[string]string{"A2": "https://example.com/1", "A3": "https://example.com/2", "A17": "https://example.com/a"} {
					if there, to, err := f.GetCellHyperLink("TB", cell); !there || to != want || err != nil {
						t.Error(cell, there, to, err)
					}
				}
			}}},
		{name: "tables", ours: func(f *excelize.File) {
			ok(f.SetSheetRow("TB", "H30", &[]any{"p", "q"}))
			ok(f.AddTable("TB", &excelize.Table{Range: "H30:I33", Name: "P"}))
		}, theirs: func(f *excelize.File) {
			ok(f.SetSheetRow("Lead", "A30", &[]any{"p", "q"}))
			ok(f.AddTable("Lead", &excelize.Table{Range: "A30:B33", Name: "Q"}))
		}, looks: looks{func(t *testing.T, f *excelize.File) {
			n := 0
			for _, s := range f.GetSheetList() {
				l, err := f.GetTables(s)
				ok(err)
				n += len(l)
			}
			if n != 3 {
				t.Errorf("%d tables", n)
			}
		}}},
		{name: "frozen panes and a value", ours: func(f *excelize.File) {
			ok(f.SetPanes("Lead", &excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}))
		}, theirs: set("Lead", "A2", "x"), looks: looks{func(t *testing.T, f *excelize.File) {
			if p, err := f.GetPanes("Lead"); err != nil || !p.Freeze {
				t.Error(p, err)
			}
		}}},
		{name: "protection and a value", ours: func(f *excelize.File) {
			ok(f.ProtectSheet("Lead", &excelize.SheetProtectionOptions{EditScenarios: true}))
		}, theirs: set("Lead", "A2", "x"), looks: looks{value("Lead", "A2", "x")}},
		{name: "page setup and header", ours: func(f *excelize.File) {
			o := "landscape"
			ok(f.SetPageLayout("Lead", &excelize.PageLayoutOptions{Orientation: &o}))
		}, theirs: func(f *excelize.File) { ok(f.SetHeaderFooter("Lead", &excelize.HeaderFooterOptions{OddHeader: "&Lx"})) }, looks: looks{func(t *testing.T, f *excelize.File) {
			if o, err := f.GetPageLayout("Lead"); err != nil || *o.Orientation != "landscape" {
				t.Error(err)
			}
			if h, err := f.GetHeaderFooter("Lead"); err != nil || h.OddHeader != "&Lx" {
				t.Error(err, h)
			}
		}}},
		{name: "sheets reordered", ours: func(f *excelize.File) { ok(f.MoveSheet("Notes & more", "TB")) }, theirs: set("Lead", "A2", "x"), looks: looks{func(t *testing.T, f *excelize.File) {
			if fmt.Sprint(f.GetSheetList()) != "[Notes & more TB Lead]" {
				t.Error(f.GetSheetList())
			}
		}}},
		{name: "hidden sheet", ours: func(f *excelize.File) { ok(f.SetSheetVisible("Lead", false)) }, theirs: set("Lead", "A2", "x"), looks: looks{func(t *testing.T, f *excelize.File) {
			if v, _ := f.GetSheetVisible("Lead"); v {
				t.Error("visible")
			}
		}}},
		{name: "rich text", ours: func(f *excelize.File) {
			ok(f.SetCellRichText("TB", "H1", []excelize.RichTextRun{{Text: "a", Font: &excelize.Font{Italic: true}}, {Text: "b"}}))
		}, theirs: func(f *excelize.File) {
			ok(f.SetCellRichText("TB", "H2", []excelize.RichTextRun{{Text: "c", Font: &excelize.Font{Bold: true}}, {Text: "d"}}))
		}, looks: looks{value("TB", "H1", "ab"), value("TB", "H2", "cd"), value("Notes & more", "E2", "bold and plain")}},
		{name: "row and column formats", ours: func(f *excelize.File) {
			id, err := f.NewStyle(bold)
			ok(err)
			ok(f.SetRowStyle("TB", 25, 25, id))
		}, theirs: func(f *excelize.File) {
			id, err := f.NewStyle(green)
			ok(err)
			ok(f.SetColStyle("TB", "J", id))
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := check(t, base, edited(t, base, c.ours), edited(t, base, c.theirs))
			if got := wheres(r.Conflicts); !strings.HasPrefix(got, c.conflicts) || (got == "") != (c.conflicts == "") {
				t.Fatalf("conflicts %q, want %q", got, c.conflicts)
			}
			if r.Bytes == nil {
				return
			}
			f, err := excelize.OpenReader(bytes.NewReader(r.Bytes))
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			for _, look := range c.looks {
				look(t, f)
			}
		})
	}
}

// TestMergeByText merges edits made in the parts themselves, the way Excel
// writes them.
func TestMergeByText(t *testing.T) {
	t.Parallel()
	base := richBook(t)
	const (
		tb   = "xl/worksheets/sheet1.xml"
		lead = "xl/worksheets/sheet2.xml"
		book = "xl/workbook.xml"
	)
	noFirst := patched(t, base,
		tb, `<f t="shared" ref="E2:E13" si="0">C2-D2</f>`, `<f>C2</f>`,
		tb, `<c r="E3" s="2"><f t="shared" si="0"></f>`, `<c r="E3" s="2"><f t="shared" ref="E3:E13" si="0">C3-D3</f>`)
	p := unzip(t, base)
	p.replace(t, book, `name="TB"`, `name="Trial Balance"`)
	for _, n := range p.names {
		if strings.HasSuffix(n, ".xml") {
			p.text[n] = strings.ReplaceAll(p.text[n], "TB!", "'Trial Balance'!")
		}
	}
	renamed := p.zip(t)
	p = unzip(t, base)
	p.replace(t, book, `<sheet name="TB" sheetId="1" r:id="rId1"></sheet><sheet name="Lead" sheetId="2" r:id="rId4"></sheet>`,
		`<sheet name="Lead" sheetId="2" r:id="rId4"></sheet><sheet name="TB" sheetId="1" r:id="rId1"></sheet>`)
	p.replace(t, book, `localSheetId="1"`, `localSheetId="0"`)
	reordered := p.zip(t)
	set := func(sheet, cell string, v any) []byte {
		return edited(t, base, func(f *excelize.File) { must(t)(f.SetCellValue(sheet, cell, v)) })
	}
	formula := func(sheet, cell, text string) []byte {
		return edited(t, base, func(f *excelize.File) { must(t)(f.SetCellFormula(sheet, cell, text)) })
	}
	for _, c := range []struct {
		name         string
		ours, theirs []byte
		conflicts    string
		want         map[string]string // formulas and values
	}{
		{"first cell of a shared formula", noFirst, set("TB", "A5", 7), "", map[string]string{"TB!E2": "=C2", "TB!E3": "=C3-D3", "TB!E13": "=C13-D13", "TB!A5": "7"}},
		{"shared formula on both sides", noFirst, patched(t, base, tb, `<c r="E7" s="2"><f t="shared" si="0"></f>`, `<c r="E7" s="2"><f>C7</f>`), "",
			map[string]string{"TB!E2": "=C2", "TB!E7": "=C7", "TB!E13": "=C13-D13"}},
		{"first cell two ways", noFirst, patched(t, noFirst, tb, "<f>C2</f>", "<f>D2</f>"), "TB!E2", nil},
		{"sheet renamed, cell changed", renamed, set("TB", "C3", 1), "", map[string]string{"Trial Balance!C3": "1", "Lead!B3": "='Trial Balance'!E3*2", "Lead!B9": "=SUM('Trial Balance'!C2:C13)"}},
		{"sheet renamed, formula added", renamed, formula("Lead", "C3", "SUM(TB!C3:C4)+Total"), "", map[string]string{"Lead!C3": "=SUM('Trial Balance'!C3:C4)+Total"}},
		{"sheet renamed, formula changed", renamed, formula("Lead", "B3", "TB!C9"), "", map[string]string{"Lead!B3": "='Trial Balance'!C9", "Lead!B4": "='Trial Balance'!E4*2"}},
		{"sheets reordered", reordered, set("TB", "C3", 1), "", map[string]string{"TB!C3": "1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := check(t, base, c.ours, c.theirs)
			if got := wheres(r.Conflicts); got != c.conflicts {
				t.Fatalf("conflicts %q, want %q", got, c.conflicts)
			}
			if r.Bytes == nil {
				return
			}
			b, err := openBook(r.Bytes)
			if err != nil {
				t.Fatal(err)
			}
			for where, want := range c.want {
				sheet, cell, _ := strings.Cut(where, "!")
				at, _ := parseSpot(cell)
				s := b.sheetNamed(sheet)
				if s == nil {
					t.Fatalf("no sheet %q", sheet)
				}
				got := ""
				if r := s.row(at.row); r != nil {
					x, err := b.contentOf(s, at.row, r.cell(at.col))
					if err != nil {
						t.Fatal(err)
					}
					got = x.show()
				}
				if got != want {
					t.Errorf("%s is %q, want %q", where, got, want)
				}
			}
		})
	}
}
