package xlsx

import (
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// TestRemovedNames holds that a new formula which uses what the other side took
// away or called otherwise is told, and can only be let go.
func TestRemovedNames(t *testing.T) {
	t.Parallel()
	base := richBook(t)
	ok := must(t)
	formula := func(text string) []byte {
		return edited(t, base, func(f *excelize.File) { ok(f.SetCellFormula("Lead", "F9", text)) })
	}
	noName := edited(t, base, func(f *excelize.File) { ok(f.DeleteDefinedName(&excelize.DefinedName{Name: "Total"})) })
	const table = "xl/tables/table1.xml"
	otherTable := patched(t, base, table, `displayName="NoteList"`, `displayName="Remarks"`, table, `name="NoteList"`, `name="Remarks"`)
	otherColumn := edited(t, patched(t, base, table, `name="Done"`, `name="Finished"`), func(f *excelize.File) { ok(f.SetCellValue("Notes & more", "C1", "Finished")) })
	for name, c := range map[string]struct {
		theirs []byte
		text   string
	}{
		"name deleted": {noName, "Total*2"}, "table renamed": {otherTable, "ROWS(NoteList[Ref])"}, "table by its name": {otherTable, "ROWS(NoteList)"},
		"column renamed": {otherColumn, "COUNTA(NoteList[[#Data],[Done]])"},
	} {
		ours := formula(c.text)
		if r := check(t, base, ours, c.theirs); wheres(r.Conflicts) != "Lead!F9" {
			t.Errorf("%s: %q", name, wheres(r.Conflicts))
		}
		if r, err := MergeWith(base, ours, c.theirs, map[string]Side{"Lead!F9": Ours}); err != nil || r.Bytes != nil {
			t.Errorf("%s, kept: %v", name, err)
		}
		r, err := MergeWith(base, ours, c.theirs, map[string]Side{"Lead!F9": Theirs})
		if err != nil || r.Bytes == nil || shown(t, r.Bytes, "Lead!F9") != "" {
			t.Errorf("%s, let go: %v, %q", name, err, wheres(r.Conflicts))
		}
	}
	if r := check(t, base, formula("COUNTA(NoteList[Ref])"), otherColumn); r.Bytes == nil {
		t.Errorf("another column: %q", wheres(r.Conflicts))
	}
	sheet := edited(t, base, func(f *excelize.File) {
		_, err := f.NewSheet("New")
		ok(err)
		ok(f.SetCellFormula("New", "B2", "Total*2"))
	})
	if r := check(t, base, sheet, noName); wheres(r.Conflicts) != "New!B2" {
		t.Errorf("in a new sheet: %q", wheres(r.Conflicts))
	}
	name := edited(t, base, func(f *excelize.File) {
		ok(f.SetDefinedName(&excelize.DefinedName{Name: "Double", RefersTo: "Total*2"}))
	})
	if r := check(t, base, name, noName); wheres(r.Conflicts) != "formulas outside of cells" {
		t.Errorf("in another name: %q", wheres(r.Conflicts))
	}
}

// TestNewSheetsChosen holds that of two new sheets of one name, and of two names
// for one sheet, either can be chosen.
func TestNewSheetsChosen(t *testing.T) {
	t.Parallel()
	base := richBook(t)
	ok := must(t)
	with := func(text string) []byte {
		return edited(t, base, func(f *excelize.File) {
			_, err := f.NewSheet("WP1")
			ok(err)
			ok(f.SetCellValue("WP1", "A1", text))
		})
	}
	called := func(name string) []byte {
		return patched(t, base, partBook, `name="Notes &amp; more"`, `name="`+name+`"`)
	}
	for side, text := range map[Side]string{Ours: "one", Theirs: "two"} {
		r, err := MergeWith(base, with("one"), with("two"), map[string]Side{"sheet WP1": side})
		if err != nil || r.Bytes == nil || shown(t, r.Bytes, "WP1!A1") != text {
			t.Errorf("new sheet %s: %v, %q", text, err, wheres(r.Conflicts))
		}
		r, err = MergeWith(base, called("one"), called("two"), map[string]Side{"sheet Notes & more": side})
		if err != nil || r.Bytes == nil || !strings.Contains(unzip(t, r.Bytes).text[partBook], `name="`+text+`"`) {
			t.Errorf("sheet called %s: %v, %q", text, err, wheres(r.Conflicts))
		}
	}
}
