package xlsx

import (
	"testing"

	"github.com/xuri/excelize/v2"
)

// TestVagueRows holds that rows which nothing tells from others are not taken
// for one because they say the same as many.
func TestVagueRows(t *testing.T) {
	t.Parallel()
	ok := must(t)
	build := func(rows ...[]any) []byte {
		f := excelize.NewFile()
		defer f.Close()
		for i, r := range append([][]any{{"Key", "Kind", "State", "Amount"}}, rows...) {
			ok(f.SetSheetRow("Sheet1", "A"+itoa(i+1), &r))
		}
		return bytesOf(t, f)
	}
	some := func(list ...int) (rows [][]any) {
		for _, n := range list {
			rows = append(rows, []any{"K" + itoa(n), []any{"x", "y"}[n%2], []any{"Yes", "No"}[n/2%2], n % 3})
		}
		return rows
	}
	base := build(some(1, 2, 3, 4, 5, 6, 7, 8, 9)...)
	fresh := append(append(some(1, 2), []any{"new", "x", "Yes", 1}), some(5, 6, 7, 8, 9)...)
	// Two records became one: whichever it is, it is not the one edited.
	r := check(t, base, build(fresh...), cellSet(t, base, "Sheet1", "E5", "checked"))
	if r.Bytes != nil {
		t.Errorf("two became one, and %q", shown(t, r.Bytes, "Sheet1!E4"))
	}
	// One put in, the next but one taken out, in a list of which each record
	// is there twice, and a new column.
	twice := build(some(1, 1, 2, 2, 3, 3, 4, 4, 5, 5)...)
	slid := some(1, 1, 2, 2, 3, 4, 4, 5, 5)
	slid = append(slid[:2:2], append([][]any{{"new", "x", "Yes", 1}}, slid[2:]...)...)
	for _, column := range []bool{false, true} {
		ours := edited(t, build(slid...), func(f *excelize.File) {
			if column {
				ok(f.InsertCols("Sheet1", "C", 1))
				ok(f.SetCellValue("Sheet1", "C1", "Column"))
				for i := range 10 {
					ok(f.SetCellValue("Sheet1", "C"+itoa(i+2), "v"+itoa(i)))
				}
			}
		})
		r := check(t, twice, ours, cellSet(t, twice, "Sheet1", "F4", "checked"))
		if r.Bytes == nil {
			continue
		}
		at := "Sheet1!" + map[bool]string{false: "F5", true: "G5"}[column]
		if got := shown(t, r.Bytes, at); got != "checked" {
			t.Errorf("column %v: %s is %q", column, at, got)
		}
	}
}
