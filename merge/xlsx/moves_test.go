package xlsx

import (
	"bytes"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// ledger is a sheet of accounts with totals, and another sheet that reads it.
func ledger(t testing.TB) []byte {
	t.Helper()
	ok := must(t)
	f := excelize.NewFile()
	defer f.Close()
	ok(f.SetSheetName("Sheet1", "TB"))
	_, err := f.NewSheet("Lead")
	ok(err)
	ok(f.SetSheetRow("TB", "A1", &[]any{"Account", "Name", "Debit", "Credit", "Net"}))
	for i := range 12 {
		r := itoa(i + 2)
		ok(f.SetSheetRow("TB", "A"+r, &[]any{1000 + 10*i, "account " + r, float64(i*i)*10.25 + 5, float64(i) * 7.5}))
		ok(f.SetCellFormula("TB", "E"+r, "C"+r+"-D"+r))
	}
	ok(f.SetCellValue("TB", "B15", "Total"))
	ok(f.SetCellFormula("TB", "C15", "SUM(C2:C13)"))
	ok(f.SetCellFormula("TB", "D15", "SUM(D2:D13)"))
	ok(f.MergeCell("TB", "A17", "C17"))
	ok(f.SetCellValue("TB", "A17", "Prepared by AB"))
	ok(f.AddComment("TB", excelize.Comment{Cell: "C3", Author: "AB", Paragraph: []excelize.RichTextRun{{Text: "agreed"}}}))
	ok(f.SetDefinedName(&excelize.DefinedName{Name: "Total", RefersTo: "TB!$C$15"}))
	ok(f.SetColWidth("TB", "D", "D", 30))
	ok(f.SetCellValue("Lead", "A1", "Lead"))
	for i := range 5 {
		ok(f.SetCellFormula("Lead", "B"+itoa(i+2), "TB!E"+itoa(i+6)+"*2"))
	}
	ok(f.SetCellFormula("Lead", "B9", "SUM(TB!C2:C13)"))
	ok(f.SetCellFormula("Lead", "B10", "Total+TB!$C$15"))
	return bytesOf(t, f)
}

// shown is what a cell of a result holds.
func shown(t testing.TB, data []byte, where string) string {
	t.Helper()
	b, err := openBook(data)
	if err != nil {
		t.Fatal(err)
	}
	sheet, cell, _ := strings.Cut(where, "!")
	at, _ := parseSpot(cell)
	s := b.sheetNamed(sheet)
	if s == nil {
		t.Fatalf("no sheet %q", sheet)
	}
	r := s.row(at.row)
	if r == nil {
		return ""
	}
	c, err := b.contentOf(s, at.row, r.cell(at.col))
	if err != nil {
		t.Fatal(err)
	}
	return c.show()
}

func TestMovedRows(t *testing.T) {
	t.Parallel()
	base := ledger(t)
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
	insert := func(row, n int) change { return func(f *excelize.File) { ok(f.InsertRows("TB", row, n)) } }
	remove := func(row int) change { return func(f *excelize.File) { ok(f.RemoveRow("TB", row)) } }
	insertCol := func(col string) change { return func(f *excelize.File) { ok(f.InsertCols("TB", col, 1)) } }
	removeCol := func(col string) change { return func(f *excelize.File) { ok(f.RemoveCol("TB", col)) } }
	swap := func(a, b int) change {
		return func(f *excelize.File) {
			for _, col := range []string{"A", "B", "C", "D"} {
				x, err := f.GetCellValue("TB", col+itoa(a))
				ok(err)
				y, err := f.GetCellValue("TB", col+itoa(b))
				ok(err)
				typed := func(s string) any {
					if n, ok := parseIndex(s); ok {
						return n
					}
					return s
				}
				ok(f.SetCellValue("TB", col+itoa(a), typed(y)))
				ok(f.SetCellValue("TB", col+itoa(b), typed(x)))
			}
		}
	}
	for _, c := range []struct {
		name         string
		ours, theirs change
		conflicts    string
		want         map[string]string
	}{
		{"insert and edit below", all(insert(5, 2), set("TB", "A5", 1), set("TB", "B5", "new")), set("TB", "C9", 77), "",
			map[string]string{"TB!A5": "1", "TB!C11": "77", "TB!E11": "=C11-D11", "TB!C17": "=SUM(C2:C15)", "Lead!B9": "=SUM(TB!C2:C15)", "TB!A19": "Prepared by AB", "Lead!B2": "=TB!E8*2"}},
		{"insert and edit above", insert(9, 1), set("TB", "C3", 77), "", map[string]string{"TB!C3": "77", "TB!C16": "=SUM(C2:C14)"}},
		{"insert and new formula", insert(5, 1), calc("TB", "F9", "C9*2+$D$3"), "", map[string]string{"TB!F10": "=C10*2+$D$3"}},
		{"insert and new formula elsewhere", insert(5, 1), calc("Lead", "D4", "SUM(TB!C4:C9)+TB!A13"), "", map[string]string{"Lead!D4": "=SUM(TB!C4:C10)+TB!A14"}},
		{"insert and changed formula elsewhere", insert(5, 1), calc("Lead", "B2", "TB!E9*3"), "", map[string]string{"Lead!B2": "=TB!E10*3", "Lead!B3": "=TB!E8*2"}},
		{"insert beside the end of a sum that was deleted", all(insert(13, 1), set("TB", "C13", 9)), remove(13), "TB rows", nil},
		{"insert beside the start of a sum that was deleted", all(insert(3, 1), set("TB", "C3", 9)), all(remove(2), calc("TB", "C14", "SUM(C2:C12)")), "TB rows", nil},
		{"insert beside a row that was deleted", all(insert(6, 1), set("TB", "B6", "new")), remove(6), "", map[string]string{"TB!B6": "new", "TB!C15": "=SUM(C2:C13)", "Lead!B9": "=SUM(TB!C2:C13)"}},
		{"insert on both sides", all(insert(5, 1), set("TB", "B5", "ours")), all(insert(9, 1), set("TB", "B9", "theirs")), "",
			map[string]string{"TB!B5": "ours", "TB!B10": "theirs", "TB!C17": "=SUM(C2:C15)", "Lead!B9": "=SUM(TB!C2:C15)"}},
		{"insert same row on both sides", all(insert(5, 1), set("TB", "B5", "same")), all(insert(5, 1), set("TB", "B5", "same"), set("TB", "C9", 3)), "",
			map[string]string{"TB!B5": "same", "TB!B6": "account 5", "TB!C9": "3", "TB!C16": "=SUM(C2:C14)"}},
		{"delete and edit", remove(4), set("TB", "C9", 77), "", map[string]string{"TB!C8": "77", "TB!C14": "=SUM(C2:C12)", "TB!B4": "account 5"}},
		{"delete and edit there", remove(4), set("TB", "C4", 77), "TB!C4", nil},
		{"delete and format there", remove(4), func(f *excelize.File) {
			id, err := f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
			ok(err)
			ok(f.SetCellStyle("TB", "B4", "B4", id))
		}, "TB!B4", nil},
		{"delete and new formula that reads it", remove(4), calc("Lead", "D4", "TB!C4*2"), "Lead!D4", nil},
		{"delete and comment there", remove(10), func(f *excelize.File) {
			ok(f.AddComment("TB", excelize.Comment{Cell: "D10", Author: "AB", Paragraph: []excelize.RichTextRun{{Text: "new"}}}))
		}, "TB comment", nil},
		{"delete on both sides", remove(4), remove(9), "", map[string]string{"TB!C13": "=SUM(C2:C11)", "TB!B4": "account 5", "TB!B8": "account 10"}},
		{"delete same row on both sides", remove(4), all(remove(4), set("TB", "C5", 7)), "", map[string]string{"TB!C14": "=SUM(C2:C12)", "TB!C5": "7"}},
		{"insert and delete", all(insert(5, 1), set("TB", "B5", "ours")), remove(9), "", map[string]string{"TB!B5": "ours", "TB!C15": "=SUM(C2:C13)", "TB!B9": "account 8", "TB!B10": "account 10"}},
		{"insert column and edit", all(insertCol("B"), set("TB", "B1", "Type"), set("TB", "B3", "x")), set("TB", "C9", 77), "",
			map[string]string{"TB!B3": "x", "TB!D9": "77", "TB!F9": "=D9-E9", "TB!D15": "=SUM(D2:D13)", "Lead!B9": "=SUM(TB!D2:D13)"}},
		{"delete column and edit", removeCol("B"), set("TB", "C9", 77), "", map[string]string{"TB!B9": "77", "TB!D9": "=B9-C9"}},
		{"delete column and edit there", removeCol("B"), set("TB", "B9", "x"), "TB!B9", nil},
		{"row and column", all(insertCol("B"), insert(4, 1)), set("TB", "C9", 77), "", map[string]string{"TB!D10": "77", "TB!F10": "=D10-E10"}},
		{"full row and column", all(insertCol("B"), insert(4, 1), func(f *excelize.File) {
			for i := 1; i < 15; i++ {
				ok(f.SetCellValue("TB", "B"+itoa(i), "k"+itoa(i)))
			}
			ok(f.SetCellValue("TB", "C4", "n"))
		}), set("TB", "C9", 77), "", map[string]string{"TB!D10": "77", "TB!F10": "=D10-E10"}},
		{"sorted and edited", swap(4, 9), set("TB", "D4", 77), "", map[string]string{"TB!D9": "77", "TB!B9": "account 4", "TB!B4": "account 9", "TB!E9": "=C9-D9"}},
		{"sorted and read", swap(4, 9), calc("Lead", "D4", "TB!C4"), "Lead!D4", nil},
		{"sorted and summed", swap(4, 9), calc("Lead", "D4", "SUM(TB!C2:C13)"), "", map[string]string{"Lead!D4": "=SUM(TB!C2:C13)"}},
		{"sorted two ways", swap(4, 9), swap(5, 10), "TB rows", nil},
		{"insert, other sheet edited", insert(5, 1), set("Lead", "A5", "x"), "", map[string]string{"Lead!A5": "x", "Lead!B2": "=TB!E7*2", "TB!C16": "=SUM(C2:C14)"}},
		{"insert and comments", insert(5, 1), func(f *excelize.File) {
			ok(f.AddComment("TB", excelize.Comment{Cell: "D12", Author: "CD", Paragraph: []excelize.RichTextRun{{Text: "new"}}}))
		}, "", map[string]string{"TB!B13": "account 12"}},
		{"insert and merged cells", insert(5, 1), func(f *excelize.File) { ok(f.MergeCell("TB", "A20", "C20")) }, "", nil},
		{"insert and name", insert(5, 1), func(f *excelize.File) { ok(f.SetDefinedName(&excelize.DefinedName{Name: "Cash", RefersTo: "TB!$C$9"})) }, "", nil},
		{"insert and picture", insert(5, 1), func(f *excelize.File) {
			ok(f.AddPictureFromBytes("TB", "H9", &excelize.Picture{Extension: ".png", File: picture(t, 9)}))
		}, "", nil},
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
			for where, want := range c.want {
				if got := shown(t, r.Bytes, where); got != want {
					t.Errorf("%s is %q, want %q", where, got, want)
				}
			}
			f, err := excelize.OpenReader(bytes.NewReader(r.Bytes))
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			switch c.name {
			case "insert and comments":
				list, err := f.GetComments("TB")
				if err != nil || len(list) != 2 || list[0].Cell != "C3" || list[1].Cell != "D13" {
					t.Error(err, list)
				}
			case "insert and merged cells":
				list, err := f.GetMergeCells("TB")
				if err != nil || len(list) != 2 || list[1].GetStartAxis() != "A21" {
					t.Error(err, list)
				}
			case "insert and name":
				for _, n := range f.GetDefinedName() {
					if n.Name == "Cash" && n.RefersTo != "TB!$C$10" || n.Name == "Total" && n.RefersTo != "TB!$C$16" {
						t.Error(n)
					}
				}
			case "insert and picture":
				if cells, err := f.GetPictureCells("TB"); err != nil || len(cells) != 1 || cells[0] != "H10" {
					t.Error(err, cells)
				}
			case "insert column and edit":
				if w, _ := f.GetColWidth("TB", "E"); w != 30 {
					t.Error(w)
				}
			}
		})
	}
}
