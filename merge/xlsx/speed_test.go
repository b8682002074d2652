package xlsx

import (
	"testing"

	"github.com/xuri/excelize/v2"
)

// large is one sheet of many rows, with numbers, texts, dates and formulas.
func large(t testing.TB, rows int) []byte {
	t.Helper()
	ok := must(t)
	f := excelize.NewFile()
	defer f.Close()
	money, err := f.NewStyle(&excelize.Style{NumFmt: 4})
	ok(err)
	ok(f.SetSheetRow("Sheet1", "A1", &[]any{"Account", "Name", "Text", "Debit", "Credit", "Net", "a", "b", "c", "d", "e", "f"}))
	for i := 2; i <= rows; i++ {
		r := itoa(i)
		ok(f.SetSheetRow("Sheet1", "A"+r, &[]any{100000 + i, "account " + r, "posting of the day", float64(i) * 1.25, float64(i%97) * 3.5, nil, i % 7, i % 11, "x", "yes", i * 3, "open"}))
		ok(f.SetCellFormula("Sheet1", "F"+r, "D"+r+"-E"+r))
	}
	ok(f.SetCellStyle("Sheet1", "D2", "F"+itoa(rows), money))
	ok(f.SetCellFormula("Sheet1", "D"+itoa(rows+2), "SUM(D2:D"+itoa(rows)+")"))
	return bytesOf(t, f)
}

func BenchmarkMerge(b *testing.B) {
	base := large(b, 3000)
	ours := edited(b, base, func(f *excelize.File) {
		for i := range 50 {
			must(b)(f.SetCellValue("Sheet1", "D"+itoa(20*i+5), i))
		}
	})
	theirs := edited(b, base, func(f *excelize.File) {
		for i := range 50 {
			must(b)(f.SetCellValue("Sheet1", "E"+itoa(20*i+9), i))
		}
	})
	inserted := edited(b, theirs, func(f *excelize.File) { must(b)(f.InsertRows("Sheet1", 1500, 2)) })
	for name, side := range map[string][]byte{"cells": theirs, "rows": inserted} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if r, err := Merge(base, ours, side); err != nil || r.Bytes == nil {
					b.Fatal(err, wheres(r.Conflicts))
				}
			}
		})
	}
	b.Run("diff", func(b *testing.B) {
		for b.Loop() {
			if c, err := Diff(base, ours); err != nil || len(c) != 50 {
				b.Fatal(err, len(c))
			}
		}
	})
}
