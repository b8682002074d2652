package merge_test

import (
	"fmt"
	"strings"
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
		{name: "one name in two places", path: "a.json", base: "{\n\"a\": 1,\n\"b\": 2,\n\"c\": 3\n}\n", ours: "{\n\"x\": 1,\n\"a\": 1,\n\"b\": 2,\n\"c\": 3\n}\n", theirs: "{\n\"a\": 1,\n\"b\": 2,\n\"x\": 2,\n\"c\": 3\n}\n", reason: "merged by lines, it would have one name twice"},
		{name: "one name in two objects", path: "a.json", base: "[{\n\"a\": 1\n},\n{\n\"a\": 2\n}]\n", ours: "[{\n\"x\": \"a\",\n\"a\": 1\n},\n{\n\"a\": 2\n}]\n", theirs: "[{\n\"a\": 1\n},\n{\n\"a\": 2,\n\"x\": 1\n}]\n", want: "[{\n\"x\": \"a\",\n\"a\": 1\n},\n{\n\"a\": 2,\n\"x\": 1\n}]\n"},
		{name: "one setting in two places", path: "a.ini", base: "; client\n[a]\nb=1\nc=2\nd=3\n[e]\nb=4\n", ours: "; client\n[a]\nx=1\nb=1\nc=2\nd=3\n[e]\nb=4\n", theirs: "; client\n[a]\nb=1\nc=2\nd=3\nX = 2\n[e]\nb=4\n", reason: "merged by lines, it would have one name twice"},
		{name: "letters of one side in another encoding", path: "a.txt", base: "M\xfcller\na\nb\n", ours: "M\u00fcller\na\nb\n", theirs: "M\xfcller\na\nb\nL\xf6w\n", reason: "merged, its letters would be in two encodings"},
		{name: "letters and a mark of one side", path: "a.csv", base: "Nr,Name\n1,M\xfcller\n2,a\n", ours: "\ufeffNr,Name\n1,M\u00fcller\n2,a\n", theirs: "Nr,Name\n1,M\xfcller\n2,L\xf6w\n", reason: "merged, its letters would be in two encodings"},
		{name: "letters of one side alone", path: "a.txt", base: "M\xfcller\na\nb\n", ours: "M\u00fcller\na\nb\n", theirs: "M\xfcller\na\nc\n", want: "M\u00fcller\na\nc\n"},
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

// TestDiff: a difference is told by the same places as a conflict.
func TestDiff(t *testing.T) {
	t.Parallel()
	book := sheet(t, nil, "A1", "x", "C3", "0")
	for _, c := range []struct {
		path          string
		before, after []byte
		want          string
	}{
		{"tb.csv", []byte("Nr,Amount\n1,10\n2,20\n"), []byte("Nr,Amount\r\n1,11\r\n3,30\r\n"), `1!Amount "10" "11", 3 "" "3,30", 2 "2,20" ""`},
		{"tb.csv", []byte("Nr,Amount\n1,10\n"), []byte("Nr,Amount,Note\n1,10,a\n"), `column Note "" "new"`},
		{"j.dbf", []byte(memoTable("a b c", 1, 2)), []byte(memoTable("a x c d", 1, 3)), `record 2 NAME "b" "x", record 2 NOTE "2" "3", record 4 "" "4 d"`},
		{"tb.xlsx", book, sheet(t, book, "C3", "1"), `Sheet1!C3 "0" "1"`},
		{"tb.xlsx", []byte("no book"), []byte("either"), "-"},
		{"a.txt", []byte("a"), []byte("b"), "-"},
		{"tb.csv", []byte("a,b\n"), []byte("a,\"b\n"), "-"},
	} {
		list, ok := merge.Diff(c.path, c.before, c.after, merge.Options{})
		var words []string
		for _, p := range list {
			words = append(words, fmt.Sprintf("%s %q %q", p.Where, p.Base, p.Ours))
		}
		got := strings.Join(words, ", ")
		if !ok {
			got = "-"
		}
		if got != c.want {
			t.Errorf("%s: %s\nwant %s", c.path, got, c.want)
		}
	}
}

// FuzzFile: whatever is in a file of whatever name, nothing fails but the merge;
// an unchanged side gives the other, byte for byte; swapped, the same merges are
// clean, and have as many conflicts or none.
func FuzzFile(f *testing.F) {
	f.Add("a.txt", []byte("a\nb\nc\n"), []byte("x\nb\nc\n"), []byte("a\nb\ny\n"))
	f.Add("a.csv", []byte("a,b\n1,2\n3,4\n"), []byte("a,b\n1,5\n3,4\n"), []byte("a,b\n1,2\n"))
	f.Add("a.dbf", []byte(memoTable("a b", 1)), []byte(memoTable("x b", 1)), []byte(memoTable("a b c", 1)))
	f.Add("a.xlsx", []byte("PK\x03\x04"), []byte("PK\x03\x04\x00"), []byte("PK"))
	f.Fuzz(func(t *testing.T, path string, base, ours, theirs []byte) {
		a, b := merge.File(path, base, ours, theirs, merge.Options{}), merge.File(path, base, theirs, ours, merge.Options{})
		if a.Clean != b.Clean || (len(a.Conflicts) == 0) != (len(b.Conflicts) == 0) {
			t.Fatalf("%+v, swapped %+v", a, b)
		}
		if strings.HasPrefix(a.Reason, "merging it failed") {
			t.Fatal(a.Reason)
		}
		if one := merge.File(path, base, ours, base, merge.Options{}); !one.Clean || string(one.Content) != string(ours) {
			t.Fatalf("one side: %+v", one)
		}
		merge.Diff(path, base, ours, merge.Options{})
	})
}
