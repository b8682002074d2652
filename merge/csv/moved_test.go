package csv_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/esync/esync/merge/csv"
)

// Tables without a key: no row tells by a cell which one it is.
const (
	places = "City,Amount,Ok\nRome,1,x\nRome,2,x\nOslo,2,y\nBern,7,x\nBern,1,y\n"
	sorted = "City,Amount,Ok\nBern,1,y\nBern,7,x\nOslo,2,y\nRome,1,x\nRome,2,x\n"
)

// TestMovedRows: a row that was put elsewhere is neither doubled nor brought back,
// and has what the other side made of it.
func TestMovedRows(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, base, ours, theirs, want, conflict string }{
		{"sorted, and one deleted", places, sorted, edit(places, "Oslo,2,y\n", ""), edit(sorted, "Oslo,2,y\n", ""), ""},
		{"sorted, and one changed", places, sorted, edit(places, "Bern,1,y", "Bern,1,z"), edit(sorted, "Bern,1,y", "Bern,1,z"), ""},
		{"sorted by both", places, sorted, sorted, sorted, ""},
		{"sorted by both, and one changed", places, sorted, edit(sorted, "Bern,1,y", "Bern,1,z"), edit(sorted, "Bern,1,y", "Bern,1,z"), ""},
		{"one row to two places", places, "City,Amount,Ok\nBern,1,y\nRome,1,x\nRome,2,x\nOslo,2,y\nBern,7,x\n", "City,Amount,Ok\nRome,1,x\nRome,2,x\nBern,1,y\nOslo,2,y\nBern,7,x\n", "", "order of rows"},
		{"two rows", places, "City,Amount,Ok\nBern,1,y\nRome,1,x\nRome,2,x\nOslo,2,y\nBern,7,x\n", "City,Amount,Ok\nRome,2,x\nOslo,2,y\nRome,1,x\nBern,7,x\nBern,1,y\n", "City,Amount,Ok\nBern,1,y\nRome,2,x\nOslo,2,y\nRome,1,x\nBern,7,x\n", ""},
		{"sorted, and a column added", places, sorted, "City,Amount,Ok,New\nRome,1,x,a\nRome,2,x,b\nOslo,2,y,c\nBern,7,x,d\nBern,1,y,e\n",
			"City,Amount,Ok,New\nBern,1,y,e\nBern,7,x,d\nOslo,2,y,c\nRome,1,x,a\nRome,2,x,b\n", ""},
		{"replaced by both", places, edit(places, "Oslo,2,y", "Kiel,8,z"), edit(places, "Oslo,2,y", "Graz,9,u"), "", "row 4"},
		{"replaced by both, with a key", ledger, edit(ledger, "2,2000,20.00,b", "7,7000,70.00,g"), edit(ledger, "2,2000,20.00,b", "8,8000,80.00,h"), "", "2"},
		{"deleted, and little left of it", places, edit(places, "Oslo,2,y\n", ""), edit(places, "Oslo,2,y", "Kiel,8,y"), "", "row 4"},
		{"deleted by both, and another put in", places, edit(places, "Oslo,2,y\n", ""), edit(places, "Oslo,2,y", "Kiel,8,z"), "", "row 4"},
		{"column deleted, another in its place", places, "City,Amount,New\nRome,1,a\nRome,2,b\nOslo,2,c\nBern,7,d\nBern,1,e\n", edit(places, "Oslo,2,y", "Oslo,2,z"), "", "column Ok"},
		{"column renamed and moved", places, "Good,City,Amount\nx,Rome,1\nx,Rome,2\ny,Oslo,2\nx,Bern,7\ny,Bern,1\n", edit(places, "Oslo,2,y", "Oslo,2,z"), "Good,City,Amount\nx,Rome,1\nx,Rome,2\nz,Oslo,2\nx,Bern,7\ny,Bern,1\n", ""},
	} {
		for _, swapped := range []bool{false, true} {
			ours, theirs := c.ours, c.theirs
			if swapped {
				ours, theirs = theirs, ours
			}
			r, err := csv.Merge([]byte(c.base), []byte(ours), []byte(theirs), nil)
			if err != nil {
				t.Fatalf("%s: %v", c.name, err)
			}
			var want, got []string
			if c.conflict != "" {
				want = []string{c.conflict}
			}
			for _, p := range r.Conflicts {
				got = append(got, p.Where)
			}
			if string(r.Text) != c.want || !slices.Equal(got, want) {
				t.Errorf("%s, swapped %v: merged to\n%s\nwant\n%s\nconflicts %q, want %q", c.name, swapped, r.Text, c.want, got, want)
			}
		}
	}
}

// TestReplacedRows: a person decides which of two rows takes the place of one.
func TestReplacedRows(t *testing.T) {
	t.Parallel()
	ours, theirs := edit(places, "Oslo,2,y", "Kiel,8,z"), edit(places, "Oslo,2,y", "Graz,9,u")
	for side, want := range map[csv.Side]string{csv.Ours: ours, csv.Theirs: theirs} {
		r, err := csv.Merge([]byte(places), []byte(ours), []byte(theirs), map[string]csv.Side{"row 4": side})
		if err != nil || string(r.Text) != want {
			t.Errorf("%d: %s %v", side, r.Text, err)
		}
	}
	r, err := csv.Merge([]byte(places), []byte(ours), []byte(theirs), nil)
	if err != nil || len(r.Conflicts) != 1 || r.Conflicts[0] != (csv.Place{Where: "row 4", Base: "Oslo,2,y", Ours: "Kiel,8,z", Theirs: "Graz,9,u"}) {
		t.Errorf("%+v %v", r, err)
	}
}

// TestMovedAndEdited moves and edits a row on one side while the other side puts
// something beside it in a new column: nothing tells that it is the same row, so
// it is told; where a key does, it is followed.
func TestMovedAndEdited(t *testing.T) {
	t.Parallel()
	base := "Name,Amount\ncash,10\nland,20\nland,20\nstock,40\ncash,10\n"
	ours := "Name,Amount\ncash,10\nland,20\nland,20\ncash,10\nstock,45\n"
	theirs := "Name,Amount,By\ncash,10,\nland,20,\nland,20,\nstock,40,AB\ncash,10,\n"
	r, err := csv.Merge([]byte(base), []byte(ours), []byte(theirs), nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Conflicts) == 0 && !strings.Contains(string(r.Text), "AB") {
		t.Errorf("what was put beside the row is lost:\n%s", r.Text)
	}
	// A row that is only deleted goes, whatever the other side put beside it.
	r, err = csv.Merge([]byte(base), []byte("Name,Amount\ncash,10\nland,20\nland,20\ncash,10\n"), []byte(theirs), nil)
	if err != nil || len(r.Conflicts) > 0 {
		t.Errorf("%v, conflicts %+v", err, r.Conflicts)
	}
}
