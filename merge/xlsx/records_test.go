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
