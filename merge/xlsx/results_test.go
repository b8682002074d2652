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

// TestBrokenChain holds that an order of calculation that names cells without
// formulas, as some programs leave behind, is no reason to refuse a merge, and
// is not handed on.
func TestBrokenChain(t *testing.T) {
	t.Parallel()
	base := built(t, ledger(t), func(p *parts) {
		p.related(t, partRels, "rId78", relBase+"calcChain", "calcChain.xml", "xl/calcChain.xml", "application/vnd.openxmlformats-officedocument.spreadsheetml.calcChain+xml",
			`<calcChain xmlns="`+mainNS+`"><c r="E2" i="1"/><c r="E3"/></calcChain>`)
	})
	if err := Verify(base); err != nil {
		t.Fatal(err)
	}
	broken := built(t, base, func(p *parts) {
		p.replace(t, partTB, "<f>C3-D3</f>", "<v>12</v>")
	})
	if Verify(broken) == nil {
		t.Fatal("nothing is broken")
	}
	bold := func(width float64) []byte { // it keeps the results, and so the order
		return edited(t, base, func(f *excelize.File) { must(t)(f.SetColWidth("TB", "H", "H", width)) })
	}
	for i := range 4 { // each side is what the result is made of now and then
		for _, theirs := range [][]byte{cellSet(t, base, "TB", "H9", i), bold(float64(20 + i))} {
			r := check(t, base, broken, theirs)
			if r.Bytes == nil {
				t.Fatal(wheres(r.Conflicts))
			}
			if got := shown(t, r.Bytes, "TB!E3"); got != "12" || unzip(t, r.Bytes).text["xl/calcChain.xml"] != "" {
				t.Errorf("%q, or the order is there", got)
			}
		}
	}
}
