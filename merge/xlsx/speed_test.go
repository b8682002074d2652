package xlsx

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

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

// largest is a sheet near the most cells that are merged, 100,000 rows of 20
// numbers, in which every 2,000th row has another number in a column.
func largest(t testing.TB, column int) []byte {
	var rows strings.Builder
	for r := 1; r <= 100_000; r++ {
		fmt.Fprintf(&rows, `<row r="%d">`, r)
		for c := 1; c <= 20; c++ {
			n := r * c % 9973
			if c == column && r%2000 == c {
				n = -1
			}
			fmt.Fprintf(&rows, `<c r="%s"><v>%d</v></c>`, spot{r, c}, n)
		}
		rows.WriteString("</row>")
	}
	empty := excelize.NewFile()
	defer empty.Close()
	p := unzip(t, bytesOf(t, empty))
	p.replace(t, "xl/worksheets/sheet1.xml", "<sheetData></sheetData>", "<sheetData>"+rows.String()+"</sheetData>")
	return p.zip(t)
}

// BenchmarkMergeLargest tells besides how much was in memory at the height.
func BenchmarkMergeLargest(b *testing.B) {
	base, ours, theirs := largest(b, 0), largest(b, 7), largest(b, 9)
	var peak uint64
	done := make(chan struct{})
	var watching sync.WaitGroup
	watching.Go(func() {
		for {
			select {
			case <-done:
				return
			case <-time.After(20 * time.Millisecond):
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				peak = max(peak, m.HeapAlloc)
			}
		}
	})
	b.ReportAllocs()
	for b.Loop() {
		if r, err := Merge(base, ours, theirs); err != nil || r.Bytes == nil {
			b.Fatal(err, wheres(r.Conflicts))
		}
	}
	close(done)
	watching.Wait()
	b.ReportMetric(float64(peak>>20), "peak-MB")
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
