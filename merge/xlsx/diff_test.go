package xlsx

import (
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

func TestDiff(t *testing.T) {
	t.Parallel()
	base := richBook(t)
	ok := must(t)
	rows := ledger(t)
	for _, c := range []struct {
		name string
		base []byte
		edit change
		want string
	}{
		{"value", base, func(f *excelize.File) { ok(f.SetCellValue("TB", "C3", 7)) }, "value TB!C3 15.25>7"},
		{"text", base, func(f *excelize.File) { ok(f.SetCellValue("TB", "B3", "x")) }, "value TB!B3 Receivables>x"},
		{"formula", base, func(f *excelize.File) { ok(f.SetCellFormula("Lead", "B3", "1+1")) }, "formula Lead!B3 =TB!E3*2>=1+1"},
		{"format", base, func(f *excelize.File) {
			id, err := f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true, Family: "Arial", Size: 9}})
			ok(err)
			ok(f.SetCellStyle("TB", "B3", "B3", id))
		}, "format TB!B3 Calibri 11, colour theme 1>bold, Arial 9, colour automatic"},
		{"sheets", base, func(f *excelize.File) { _, err := f.NewSheet("X"); ok(err); ok(f.DeleteSheet("Notes & more")) }, "sheet deleted Notes & more Notes & more>; sheet added X >X"},
		{"name", base, func(f *excelize.File) { ok(f.SetDefinedName(&excelize.DefinedName{Name: "One", RefersTo: "TB!$A$1"})) }, "other names: One >TB!$A$1"},
		{"size", base, func(f *excelize.File) { ok(f.SetRowHeight("TB", 4, 40)); ok(f.SetColWidth("TB", "C", "D", 30)) }, "size TB row 4 >height 40; size TB columns C:D >width 30"},
		{"comment", base, func(f *excelize.File) {
			ok(f.AddComment("TB", excelize.Comment{Cell: "C5", Author: "x", Paragraph: []excelize.RichTextRun{{Text: "hello"}}}))
		}, "other TB comments C5 >hello"},
		{"picture", base, func(f *excelize.File) {
			ok(f.AddPictureFromBytes("TB", "H1", &excelize.Picture{Extension: ".png", File: picture(t, 3)}))
		}, "other TB pictures and charts Picture 2 >Picture 2"},
		{"rows", rows, func(f *excelize.File) {
			ok(f.InsertRows("TB", 5, 2))
			ok(f.RemoveRow("TB", 15))
			ok(f.SetCellValue("TB", "C12", 1))
		}, "inserted TB rows 5:6 >; deleted TB row 13 1110, account 13, 1245.25, 82.5, =C13-D13>; value TB!C12 661>1"},
		{"column", rows, func(f *excelize.File) { ok(f.InsertCols("TB", "B", 1)); ok(f.SetCellValue("TB", "B3", "x")) }, "inserted TB column B >; value TB!B3 >x; " +
			"other TB comments D3 agreed>; other TB comments C3 >agreed"}, // the other program leaves comments where they were,
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			changes, err := Diff(c.base, edited(t, c.base, c.edit))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, x := range changes {
				got = append(got, string(x.Kind)+" "+x.Place()+" "+x.Before+">"+x.After)
			}
			text := strings.Join(got, "; ")
			if text != c.want {
				t.Errorf("%s\nwant %s", text, c.want)
			}
		})
	}
}
