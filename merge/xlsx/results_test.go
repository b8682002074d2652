package xlsx

import (
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// calculated is a workbook in which every formula stores a result.
func calculated(t testing.TB, data []byte) []byte {
	t.Helper()
	p := unzip(t, data)
	for name, text := range p.text {
		if strings.HasPrefix(name, "xl/worksheets/sheet") {
			p.text[name] = strings.ReplaceAll(text, "</f></c>", "</f><v>5</v></c>")
		}
	}
	return p.zip(t)
}

// TestNoStaleResults holds that no result is left where both sides changed
// something that results may stand on, whichever side the result is made of
// and whether or not it tells in which order to compute.
func TestNoStaleResults(t *testing.T) {
	t.Parallel()
	ok := must(t)
	base := calculated(t, edited(t, ledger(t), func(f *excelize.File) {
		ok(f.SetCellFormula("Lead", "D1", "SUBTOTAL(109,TB!C2:C13)"))
	}))
	for name, change := range map[string]change{
		"row deleted":  func(f *excelize.File) { ok(f.RemoveRow("TB", 12)) },
		"row put in":   func(f *excelize.File) { ok(f.InsertRows("TB", 5, 1)) },
		"row hidden":   func(f *excelize.File) { ok(f.SetRowVisible("TB", 4, false)) },
		"renamed":      func(f *excelize.File) { ok(f.SetSheetName("Lead", "Lead 2")) },
		"sheets moved": func(f *excelize.File) { ok(f.MoveSheet("Lead", "TB")) },
		"calculation":  func(f *excelize.File) { ok(f.SetCalcProps(&excelize.CalcPropsOptions{FullPrecision: new(bool)})) },
	} {
		theirs := calculated(t, edited(t, base, change))
		for i := range 6 { // each side is what the result is made of now and then
			ours := calculated(t, cellSet(t, base, "TB", "H3", i))
			r := check(t, base, ours, theirs)
			if r.Bytes == nil {
				t.Fatalf("%s: conflicts %q", name, wheres(r.Conflicts))
			}
			if n := stored(t, r.Bytes); n != 0 {
				t.Errorf("%s, %d: %d stored results", name, i, n)
			}
		}
	}
}
