package xlsx

import (
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// TestRowsBehindAList merges rows that both sides put behind one list.
func TestRowsBehindAList(t *testing.T) {
	t.Parallel()
	ok := must(t)
	base := func() []byte {
		f := excelize.NewFile()
		defer f.Close()
		ok(f.SetSheetName("Sheet1", "Log"))
		_, err := f.NewSheet("Sum")
		ok(err)
		ok(f.SetSheetRow("Log", "B3", &[]any{"No", "Who", "Amount", "Half"}))
		for i := range 6 {
			r := itoa(i + 4)
			ok(f.SetSheetRow("Log", "B"+r, &[]any{i + 1, "AB", 10 * (i + 1)}))
			ok(f.SetCellFormula("Log", "E"+r, "D"+r+"/2"))
		}
		ok(f.SetCellValue("Log", "H11", "beside it"))
		ok(f.SetCellValue("Log", "B20", "Prepared by"))
		ok(f.SetCellFormula("Sum", "A1", "SUM(Log!D4:D9)"))
		ok(f.SetCellFormula("Sum", "A2", "SUM(Log!D:D)"))
		ok(f.SetCellFormula("Sum", "A3", "SUM(Log!D4:D100)"))
		dv := excelize.NewDataValidation(true)
		dv.Sqref = "C4:C50"
		ok(dv.SetDropList([]string{"AB", "CD"}))
		ok(f.AddDataValidation("Log", dv))
		return bytesOf(t, f)
	}()
	row := func(r int, no any, who string, amount int) change {
		n := itoa(r)
		return func(f *excelize.File) {
			ok(f.SetSheetRow("Log", "B"+n, &[]any{no, who, amount}))
			ok(f.SetCellFormula("Log", "E"+n, "D"+n+"/2"))
		}
	}
	set := func(where string, v any) change {
		return func(f *excelize.File) {
			sheet, cell, _ := strings.Cut(where, "!")
			if text, is := v.(string); is && strings.HasPrefix(text, "=") {
				ok(f.SetCellFormula(sheet, cell, text[1:]))
				return
			}
			ok(f.SetCellValue(sheet, cell, v))
		}
	}
	all := func(list ...change) change {
		return func(f *excelize.File) {
			for _, c := range list {
				c(f)
			}
		}
	}
	note := func(cell string) change {
		return func(f *excelize.File) {
			ok(f.AddComment("Log", excelize.Comment{Cell: cell, Author: "EF", Paragraph: []excelize.RichTextRun{{Text: "at " + cell}}}))
		}
	}
	for _, c := range []struct {
		name         string
		ours, theirs change
		conflicts    string
		want         string // places with what is there, in one of the two orders
	}{
		{name: "one row each", ours: row(10, 7, "AB", 70), theirs: row(10, 8, "CD", 80), want: "Log!D10 70|80, Log!D11 80|70, Log!E11 =D11/2, Log!H11 beside it, Log!B20 Prepared by, Sum!A2 =SUM(Log!D:D)"},
		{name: "two and one", ours: all(row(10, 7, "AB", 70), row(11, 9, "AB", 90)), theirs: row(10, 8, "CD", 80), want: "Log!D10 70|80, Log!D12 80|90, Log!E12 =D12/2, Log!D11 90|70"},
		{name: "same row and one more", ours: row(10, 7, "AB", 70), theirs: all(row(10, 7, "AB", 70), row(11, 8, "CD", 80)), want: "Log!D10 70, Log!D11 80, Log!D12 "},
		{name: "sums that follow", ours: all(row(10, 7, "AB", 70), set("Sum!A1", "=SUM(Log!D4:D10)")), theirs: all(row(10, 8, "CD", 80), set("Sum!A1", "=SUM(Log!D4:D10)")), want: "Sum!A1 =SUM(Log!D4:D11), Sum!A3 =SUM(Log!D4:D100)"},
		{name: "a sum that follows one side", ours: all(row(10, 7, "AB", 70), set("Sum!A1", "=SUM(Log!D4:D10)")), theirs: row(10, 8, "CD", 80), want: "Sum!A1 =SUM(Log!D4:D11)"},
		{name: "sums of other lengths", ours: all(row(10, 7, "AB", 70), row(11, 9, "AB", 90), set("Sum!A1", "=SUM(Log!D4:D11)")), theirs: all(row(10, 8, "CD", 80), set("Sum!A1", "=SUM(Log!D4:D10)")), want: "Sum!A1 =SUM(Log!D4:D12)"},
		{name: "formula elsewhere", ours: all(row(10, 7, "AB", 70), set("Sum!B1", "=Log!D10")), theirs: all(row(10, 8, "CD", 80), set("Sum!B2", "=Log!D10")), want: "Sum!B1 =Log!D10|=Log!D11, Sum!B2 =Log!D11|=Log!D10"},
		{name: "comments", ours: all(row(10, 7, "AB", 70), note("D10")), theirs: all(row(10, 8, "CD", 80), note("B10")), want: "Log!D11 80|70"},
		{name: "same number", ours: row(10, 7, "AB", 70), theirs: row(10, 7, "CD", 80), conflicts: "Log!C10; Log!D10"},
		{name: "a number that is there", ours: row(10, 7, "AB", 70), theirs: row(10, 3, "CD", 80), conflicts: "Log!B10; Log!C10; Log!D10"},
		{name: "one cell", ours: set("Log!D10", 1), theirs: set("Log!D10", 2), conflicts: "Log!D10"},
		{name: "another kind", ours: row(10, "Checked by", "AB", 70), theirs: row(10, "Reviewed by", "CD", 80), conflicts: "Log!B10; Log!C10; Log!D10"},
		{name: "running balance", ours: all(row(10, 7, "AB", 70), set("Log!E10", "=E9+D10")), theirs: all(row(10, 8, "CD", 80), set("Log!E10", "=E9+D10")), conflicts: "Log!B10; Log!C10; Log!D10"},
		{name: "no room", ours: all(row(10, 7, "AB", 70), set("Log!C12", "note")), theirs: all(row(10, 8, "CD", 80), row(11, 9, "CD", 90)), conflicts: "Log!B10; Log!C10; Log!D10"},
		{name: "end of the list read", ours: all(row(10, 7, "AB", 70), set("Sum!B1", "=SUM(Log!D8:D11)")), theirs: row(10, 8, "CD", 80), conflicts: "Log!B10; Log!C10; Log!D10"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := check(t, base, edited(t, base, c.ours), edited(t, base, c.theirs))
			if got := wheres(r.Conflicts); got != c.conflicts {
				t.Fatalf("conflicts %q, want %q", got, c.conflicts)
			}
			if r.Bytes == nil {
				return
			}
			ours := shown(t, r.Bytes, "Log!D10") == "70"
			for _, one := range strings.Split(c.want, ", ") {
				where, want, _ := strings.Cut(one, " ")
				if x, y, two := strings.Cut(want, "|"); two {
					want = x
					if !ours {
						want = y
					}
				}
				if got := shown(t, r.Bytes, where); got != want {
					t.Errorf("%s is %q, want %q", where, got, want)
				}
			}
			if c.name == "comments" {
				f, err := excelize.OpenReader(strings.NewReader(string(r.Bytes)))
				ok(err)
				defer f.Close()
				list, err := f.GetComments("Log")
				ok(err)
				at := map[string]string{}
				for _, one := range list {
					text := one.Text
					for _, run := range one.Paragraph {
						text += run.Text
					}
					at[text] = one.Cell
				}
				x, y := "D10", "B11"
				if !ours {
					x, y = "D11", "B10"
				}
				if at["at D10"] != x || at["at B10"] != y {
					t.Errorf("comments %v", at)
				}
			}
		})
	}
	// A table that both made longer.
	base = edited(t, base, func(f *excelize.File) {
		ok(f.AddTable("Log", &excelize.Table{Range: "B3:E9", Name: "Entries"}))
	})
	longer := func(no int) []byte {
		return built(t, edited(t, base, row(10, no, "AB", no)), func(p *parts) {
			p.text["xl/tables/table1.xml"] = strings.ReplaceAll(p.text["xl/tables/table1.xml"], "B3:E9", "B3:E10")
		})
	}
	r := check(t, base, longer(7), longer(8))
	if r.Bytes == nil {
		t.Fatal(wheres(r.Conflicts))
	}
	if text := unzip(t, r.Bytes).text["xl/tables/table1.xml"]; strings.Count(text, `"B3:E11"`) != 2 {
		t.Error(text)
	}
}
