package dbf_test

import (
	"bytes"
	"testing"

	"github.com/esync/esync/merge/dbf"
)

// alike are records of which no field tells which one it is.
var alike = []string{"4|Stock|2", "6|Lease|4", "4|Stock|1", "6|Bank|4", "3|Bank|1"}

// TestWhichRecord: a record is known by its number where nothing was packed away
// or sorted, and by all of it where it was.
func TestWhichRecord(t *testing.T) {
	t.Parallel()
	sorted := []string{"6|Bank|4", "3|Bank|1", "6|Lease|4", "4|Stock|2", "4|Stock|1"}
	for _, c := range []struct {
		name               string
		base, ours, theirs []string
		want               []string
		conflict           string
	}{
		{name: "sorted, and one marked as deleted", base: alike, ours: sorted, theirs: []string{"*4|Stock|2", "6|Lease|4", "4|Stock|1", "6|Bank|4", "3|Bank|1"},
			want: []string{"6|Bank|4", "3|Bank|1", "6|Lease|4", "*4|Stock|2", "4|Stock|1"}},
		{name: "sorted by both, and one changed", base: alike, ours: []string{"6|Bank|4", "3|Bank|9", "6|Lease|4", "4|Stock|2", "4|Stock|1"}, theirs: append(sorted[:5:5], "1|Loan|7"),
			want: []string{"6|Bank|4", "3|Bank|9", "6|Lease|4", "4|Stock|2", "4|Stock|1", "1|Loan|7"}},
		{name: "another like it appended", base: alike[:1], ours: []string{"4|Stock|6"}, theirs: []string{"4|Stock|8", "4|Stock|2"}, conflict: "record 1 DEBIT"},
		{name: "appended with the key of another", base: rows, ours: with("+5|1|1"), theirs: with("+5|2|2"), conflict: "field NR"},
		{name: "packed, and what is left is alike", base: []string{"1|Rent|5", "1|Rent|5", "1|Rent|6", "1|Rent|7"}, ours: []string{"1|Rent|5", "1|Rent|8", "1|Rent|7"}, theirs: []string{"1|Rent|5", "2|Rent|5", "1|Rent|6", "1|Rent|7"}, conflict: "record 2"},
	} {
		base, ours, theirs := table(journal, c.base...), table(journal, c.ours...), table(journal, c.theirs...)
		r, err := dbf.Merge(base, ours, theirs, dbf.Options{})
		m, err2 := dbf.Merge(base, theirs, ours, dbf.Options{})
		if err != nil || err2 != nil || len(r.Conflicts) != len(m.Conflicts) {
			t.Errorf("%s: %v %v %v %v", c.name, err, err2, r.Conflicts, m.Conflicts)
			continue
		}
		if c.conflict != "" {
			if len(r.Conflicts) != 1 || r.Conflicts[0].Where != c.conflict {
				t.Errorf("%s: conflicts %v, want %q", c.name, r.Conflicts, c.conflict)
			}
		} else if want := table(journal, c.want...); !bytes.Equal(r.Table, want) || !bytes.Equal(m.Table, want) {
			t.Errorf("%s: merged to\n%q\nwant\n%q, conflicts %v", c.name, r.Table, want, r.Conflicts)
		}
	}
}

// TestDecidedOnce: what a person decided raises no new question.
func TestDecidedOnce(t *testing.T) {
	t.Parallel()
	ours, theirs := table(journal, with("1=7|1000|10.00")...), table(journal, with("1=8|1000|10.00", "2=7|2000|20.00")...)
	choose := map[string]dbf.Side{"record 1 NR": dbf.Ours}
	r, err := dbf.Merge(table(journal, rows...), ours, theirs, dbf.Options{Choose: choose})
	if err != nil || len(r.Conflicts) > 0 {
		t.Errorf("%v %v", r.Conflicts, err)
	}
}
