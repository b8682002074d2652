package xlsx

import (
	"testing"

	"github.com/xuri/excelize/v2"
)

// TestOtherRecords holds that what one side wrote beside a record is not put
// beside another that took its place.
func TestOtherRecords(t *testing.T) {
	t.Parallel()
	base := ledger(t)
	ok := must(t)
	sets := func(cells map[string]any) []byte {
		return edited(t, base, func(f *excelize.File) {
			for cell, v := range cells {
				ok(f.SetCellValue("TB", cell, v))
			}
		})
	}
	note := sets(map[string]any{"H5": "agreed"})
	for _, c := range []struct {
		name      string
		ours      map[string]any
		conflicts string
	}{
		{"another record", map[string]any{"A5": 1, "B5": "other", "C5": 7, "D5": 8}, "TB!H5"},
		{"most of it", map[string]any{"A5": 1, "C5": 7, "D5": 8}, ""},
		{"emptied", map[string]any{"A5": nil, "B5": nil, "C5": nil, "D5": nil, "E5": nil}, "TB!H5"},
		{"another row", map[string]any{"A6": 1, "B6": "other", "C6": 7, "D6": 8}, ""},
	} {
		r := check(t, base, sets(c.ours), note)
		if got := wheres(r.Conflicts); got != c.conflicts {
			t.Errorf("%s: conflicts %q, want %q", c.name, got, c.conflicts)
		}
		if c.conflicts == "" {
			continue
		}
		for side, want := range map[Side]string{Ours: "", Theirs: "agreed"} {
			r, err := MergeWith(base, sets(c.ours), note, map[string]Side{"TB!H5": side})
			if err != nil || r.Bytes == nil {
				t.Errorf("%s, chosen: %v, %q", c.name, err, wheres(r.Conflicts))
			} else if got := shown(t, r.Bytes, "TB!H5"); got != want {
				t.Errorf("%s, chosen %d: %q", c.name, side, got)
			}
		}
	}
}

// TestMarksBesideOtherRecords holds that a mark put on a record is told when
// another took its place, and that a format for more than the record is not.
func TestMarksBesideOtherRecords(t *testing.T) {
	t.Parallel()
	base := ledger(t)
	ok := must(t)
	marked := func(from, to string) []byte {
		return edited(t, base, func(f *excelize.File) {
			style, err := f.NewStyle(&excelize.Style{Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"FFFF00"}}})
			ok(err)
			ok(f.SetCellStyle("TB", from, to, style))
		})
	}
	replaced := edited(t, base, func(f *excelize.File) {
		ok(f.SetSheetRow("TB", "A5", &[]any{1, "other", 7, 8}))
	})
	for _, c := range []struct{ from, to, conflicts string }{
		{"F5", "F5", "TB!F5"}, {"C5", "C5", "TB!C5"}, {"C6", "C6", ""}, {"C2", "C13", ""}, {"C4", "C6", ""},
	} {
		theirs := marked(c.from, c.to)
		if r := check(t, base, replaced, theirs); wheres(r.Conflicts) != c.conflicts {
			t.Errorf("%s:%s: %q", c.from, c.to, wheres(r.Conflicts))
		}
		if c.conflicts == "" {
			continue
		}
		for side, changes := range map[Side]int{Ours: 0, Theirs: 1} {
			r, err := MergeWith(base, replaced, theirs, map[string]Side{c.conflicts: side})
			if err != nil || r.Bytes == nil {
				t.Errorf("%s, chosen: %v, %q", c.from, err, wheres(r.Conflicts))
			} else if left, err := Diff(replaced, r.Bytes); err != nil || len(left) != changes {
				t.Errorf("%s, chosen %d: %v, %+v", c.from, side, err, left)
			}
		}
	}
}
