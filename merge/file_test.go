package merge_test

import (
	"testing"

	"github.com/esync/esync/merge"
)

// TestFile: the ending of the name says how content is merged.
func TestFile(t *testing.T) {
	t.Parallel()
	const table = "Nr,Amount\n1,10\n2,20\n"
	for _, c := range []struct {
		name, path, base, ours, theirs string
		want                           string
		places, reason                 string
	}{
		{name: "rows that touch", path: "d/TB.CSV", base: table, ours: "Nr,Amount\n1,11\n2,20\n", theirs: "Nr,Amount\n1,10\n2,21\n", want: "Nr,Amount\n1,11\n2,21\n"},
		{name: "the same as text", path: "d/tb.txt", base: table, ours: "Nr,Amount\n1,11\n2,20\n", theirs: "Nr,Amount\n1,10\n2,21\n", places: "lines 2 to 3"},
		{name: "a cell", path: "tb.csv", base: table, ours: "Nr,Amount\n1,11\n2,20\n", theirs: "Nr,Amount\n1,12\n2,20\n", places: "1!Amount"},
		{name: "wide", path: "tb.csv", base: wide("Nr\tAmount\n1\t10\n2\t20\n"), ours: wide("Nr\tAmount\n1\t11\n2\t20\n"), theirs: wide("Nr\tAmount\n1\t10\n2\t21\n"), want: wide("Nr\tAmount\n1\t11\n2\t21\n")},
		{name: "ends of lines", path: "tb.csv", base: table, ours: "Nr,Amount\r\n1,11\r\n2,20\r\n", theirs: "Nr,Amount\n1,10\n2,21\n", want: "Nr,Amount\r\n1,11\r\n2,21\r\n"},
		{name: "no table", path: "list.csv", base: "a\nb\nc\n", ours: "x\nb\nc\n", theirs: "a\nb\ny\n", want: "x\nb\ny\n"},
		{name: "no table any more", path: "tb.csv", base: table, ours: "Nr,Amount\n1,\"11\n2,20\n", theirs: "Nr,Amount\n1,10\n2,21\n", reason: "cannot be merged as a table: a quote is not closed"},
		{name: "no text", path: "tb.csv", base: table + "\x00", ours: table + "a\x00", theirs: table + "b\x00", reason: "can only be taken whole"},
		{name: "damaged by lines", path: "a.json", base: "[\n1\n\n\n\n]", ours: "[\n\n\n\n\n]", theirs: "[\n1\n\n\n,3\n]", reason: "merged by lines, its program could not read it"},
	} {
		f := merge.File(c.path, []byte(c.base), []byte(c.ours), []byte(c.theirs), merge.Options{})
		places := ""
		for _, p := range f.Conflicts {
			places += p.Where
		}
		if f.Clean != (c.want != "") || string(f.Content) != c.want || places != c.places || f.Reason != c.reason {
			t.Errorf("%s: %+v", c.name, f)
		}
	}
}
