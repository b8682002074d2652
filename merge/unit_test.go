package merge_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/esync/esync/merge"
	"github.com/esync/esync/objects"
)

// memoTable writes a table of three records with a number, a text and a place in
// a memo file; text says what is in the texts.
func memoTable(texts string, places ...int) string {
	var head []byte
	head = append(head, make([]byte, 32)...)
	size := 1
	for _, f := range []struct {
		name   string
		kind   byte
		length byte
	}{{"NR", 'N', 4}, {"NAME", 'C', 6}, {"NOTE", 'M', 10}} {
		d := make([]byte, 32)
		copy(d, f.name)
		d[11], d[16] = f.kind, f.length
		head = append(head, d...)
		size += int(f.length)
	}
	head = append(head, 0x0d)
	list := strings.Fields(texts)
	head[0] = 0x83
	binary.LittleEndian.PutUint32(head[4:], uint32(len(list)))
	binary.LittleEndian.PutUint16(head[8:], uint16(len(head)))
	binary.LittleEndian.PutUint16(head[10:], uint16(size))
	for i, text := range list {
		place := ""
		if i < len(places) && places[i] > 0 {
			place = fmt.Sprint(places[i])
		}
		head = fmt.Appendf(head, " %4d%-6s%10s", i+1, text, place)
	}
	return string(append(head, 0x1a))
}

// memoTexts writes the memo file of such a table.
func memoTexts(texts ...string) string {
	memo := make([]byte, 512)
	memo[0] = byte(1 + len(texts))
	for _, text := range texts {
		memo = append(memo, text+"\x1a\x1a"...)
		memo = append(memo, make([]byte, -len(memo)&511)...)
	}
	return string(memo)
}

// TestUnits: a table, its memo file and its indexes stand or fall together.
func TestUnits(t *testing.T) {
	t.Parallel()
	base := map[string]string{"J.DBF": memoTable("a b c", 1, 2), "J.DBT": "memo", "other.dbt": "x"}
	texts := map[string]string{"J.DBF": memoTable("a b c", 1, 2), "J.DBT": memoTexts("1", "2")}
	indexed := map[string]string{"j.dbf": memoTable("a b c"), "j.cdx": "index"}
	set := func(from map[string]string, pairs ...string) map[string]string {
		out := map[string]string{}
		for k, v := range from {
			out[k] = v
		}
		for i := 0; i < len(pairs); i += 2 {
			if out[pairs[i]] = pairs[i+1]; pairs[i+1] == "" {
				delete(out, pairs[i])
			}
		}
		return out
	}
	for _, c := range []struct {
		name               string
		base, ours, theirs map[string]string
		want               map[string]string // nil: a conflict, with our side
		conflict           string
	}{
		{name: "table on both sides", base: base, ours: set(base, "J.DBF", memoTable("x b c", 1, 2)), theirs: set(base, "J.DBF", memoTable("a b y", 1, 2)), want: set(base, "J.DBF", memoTable("x b y", 1, 2))},
		{name: "memo on one side", base: base, ours: set(base, "J.DBF", memoTable("x b c", 3, 2), "J.DBT", "memo new"), theirs: set(base, "J.DBF", memoTable("a b y", 1, 2)), want: set(base, "J.DBF", memoTable("x b y", 3, 2), "J.DBT", "memo new")},
		{name: "memo alone on one side", base: base, ours: set(base, "J.DBT", "memo new"), theirs: set(base, "J.DBF", memoTable("a b y", 1, 2)), want: set(base, "J.DBF", memoTable("a b y", 1, 2), "J.DBT", "memo new")},
		{name: "memo on both sides", base: base, ours: set(base, "J.DBF", memoTable("x b c", 3, 2), "J.DBT", "memo 1"), theirs: set(base, "J.DBF", memoTable("a b y", 1, 3), "J.DBT", "memo 2"), conflict: "changed J.DBF [] both sides changed its file J.DBT [J.DBF J.DBT]"},
		{name: "texts on both sides", base: texts, ours: set(texts, "J.DBF", memoTable("x b c", 3, 2), "J.DBT", memoTexts("1", "2", "3")), theirs: set(texts, "J.DBT", memoTexts("1", "4")), want: set(texts, "J.DBF", memoTable("x b c", 3, 2), "J.DBT", memoTexts("1", "4", "3"))},
		{name: "one text on both sides", base: texts, ours: set(texts, "J.DBT", memoTexts("3", "2")), theirs: set(texts, "J.DBT", memoTexts("4", "2")), conflict: "changed J.DBF [record 1 NOTE]  [J.DBF J.DBT]"},
		{name: "a place in the memo that is not there", base: base, ours: set(base, "J.DBT", "memo new"), theirs: set(base, "J.DBF", memoTable("a b c", 1, 4)), conflict: "changed J.DBF [] table cannot be merged: a record of one side points to a memo that the other side's memo file has not [J.DBF J.DBT]"},
		{name: "a field", base: base, ours: set(base, "J.DBF", memoTable("x b c", 3, 2), "J.DBT", "memo new"), theirs: set(base, "J.DBF", memoTable("y b c", 1, 2)), conflict: "changed J.DBF [record 1 NAME]  [J.DBF J.DBT]"},
		{name: "index", base: indexed, ours: set(indexed, "j.dbf", memoTable("x b c")), theirs: set(indexed, "j.dbf", memoTable("a b y")), conflict: "changed j.dbf [] its index must be made anew when the records are joined, which the place '*' does [j.cdx j.dbf]"},
		{name: "index of one side", base: indexed, ours: set(indexed, "j.dbf", memoTable("x b c"), "j.cdx", "index new"), theirs: set(indexed, "j.dbf", memoTable("a b y")), conflict: "changed j.dbf [] its index must be made anew when the records are joined, which the place '*' does [j.cdx j.dbf]"},
		{name: "table and index of two sides", base: indexed, ours: set(indexed, "j.dbf", memoTable("x b c")), theirs: set(indexed, "j.cdx", "index new"), conflict: "changed j.dbf [] its index must be made anew when the records are joined, which the place '*' does [j.cdx j.dbf]"},
		{name: "index on both sides, and a field", base: indexed, ours: set(indexed, "j.dbf", memoTable("x b c"), "j.cdx", "index 1"), theirs: set(indexed, "j.dbf", memoTable("y b z"), "j.cdx", "index 2"), conflict: "changed j.dbf [record 1 NAME] its index must be made anew when the records are joined, which the place '*' does [j.cdx j.dbf]"},
		{name: "one side", base: indexed, ours: set(indexed, "j.dbf", memoTable("x b c"), "j.cdx", "index new"), theirs: set(indexed, "other", "new"), want: set(indexed, "j.dbf", memoTable("x b c"), "j.cdx", "index new", "other", "new")},
		{name: "both alike", base: indexed, ours: set(indexed, "j.dbf", memoTable("x b c"), "j.cdx", "index new"), theirs: set(indexed, "j.dbf", memoTable("x b c"), "j.cdx", "index new", "a", "1"), want: set(indexed, "j.dbf", memoTable("x b c"), "j.cdx", "index new", "a", "1")},
		{name: "deleted and its memo changed", base: base, ours: set(base, "J.DBF", "", "J.DBT", ""), theirs: set(base, "J.DBT", "memo new"), conflict: "deleted J.DBF [] one side deleted or added the table [J.DBF J.DBT]"},
		{name: "deleted", base: base, ours: set(base, "J.DBF", "", "J.DBT", ""), theirs: set(base, "a", "1"), want: map[string]string{"other.dbt": "x", "a": "1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			tree := func(files map[string]string) map[string]gitFile {
				out := map[string]gitFile{}
				for name, content := range files {
					out[name] = gitFile{content: []byte(content)}
				}
				return out
			}
			r, err := merge.Trees(w, w, w.files(tree(c.base)), w.files(tree(c.ours)), w.files(tree(c.theirs)), merge.Options{})
			if err != nil {
				t.Fatal(err)
			}
			want := c.want
			if want == nil {
				want = c.ours
			}
			if got := w.read(r.Tree); !sameFiles(got, tree(want)) {
				t.Errorf("differs from what was wanted: %s", differences(tree(want), got))
			}
			got := ""
			for _, conflict := range r.Conflicts {
				var places []string
				for _, p := range conflict.Places {
					places = append(places, p.Where)
				}
				got += fmt.Sprintf("%s %s %v %s %v", conflict.Kind, conflict.Path, places, conflict.Reason, conflict.Paths())
			}
			if got != c.conflict {
				t.Errorf("conflict %s\nwant     %s", got, c.conflict)
			}
			if _, err := merge.EncodeConflicts(r.Conflicts); err != nil {
				t.Error(err)
			}
			s, err := merge.Trees(w, w, w.files(tree(c.base)), w.files(tree(c.theirs)), w.files(tree(c.ours)), merge.Options{})
			if err != nil || len(s.Conflicts) != len(r.Conflicts) || len(r.Conflicts) == 0 && s.Tree != r.Tree {
				t.Errorf("swapped: %v %v", s.Conflicts, err)
			}
			if !slices.Equal(joinedPaths(r), joinedPaths(s)) {
				t.Errorf("joined %q, swapped %q", joinedPaths(r), joinedPaths(s))
			}
		})
	}
}

// TestReindex: a person may have a table with an index joined, and is told to
// make the index anew.
func TestReindex(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tree := func(table, index string) objects.ID {
		return w.files(map[string]gitFile{"j.dbf": {content: []byte(memoTable(table))}, "j.cdx": {content: []byte(index)}})
	}
	r, err := merge.Trees(w, w, tree("a b c", "0"), tree("x b c", "1"), tree("y b z", "2"), merge.Options{})
	if err != nil || len(r.Conflicts) != 1 || len(r.Conflicts[0].Places) != 1 {
		t.Fatalf("%+v %v", r.Conflicts, err)
	}
	c := r.Conflicts[0]
	if got := c.Reindex(); !slices.Equal(got, []string{"j.cdx"}) {
		t.Errorf("to make anew: %q", got)
	}
	if _, err := c.Settle(w, w, merge.Options{}); !errors.Is(err, merge.ErrNotSettled) {
		t.Errorf("undecided: %v", err)
	}
	c, _, err = c.Decide(merge.AllPlaces, merge.Theirs)
	if err != nil {
		t.Fatal(err)
	}
	edits, err := c.Settle(w, w, merge.Options{})
	if err != nil {
		t.Fatal(err)
	}
	settled, err := merge.Apply(w, w, r.Tree, edits)
	if err != nil {
		t.Fatal(err)
	}
	if got := w.read(settled); string(got["j.dbf"].content) != memoTable("y b z") || string(got["j.cdx"].content) != "1" {
		t.Errorf("settled: %s", differences(map[string]gitFile{"j.dbf": {content: []byte(memoTable("y b z"))}, "j.cdx": {content: []byte("1")}}, got))
	}
}

// TestSettleTexts: what a person decides of a text is in the memo file.
func TestSettleTexts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tree := func(texts ...string) objects.ID {
		return w.files(map[string]gitFile{"j.dbf": {content: []byte(memoTable("a b c", 1, 2))}, "j.dbt": {content: []byte(memoTexts(texts...))}})
	}
	r, err := merge.Trees(w, w, tree("1", "2"), tree("3", "2"), tree("4", "5"), merge.Options{})
	if err != nil || len(r.Conflicts) != 1 {
		t.Fatalf("%+v %v", r.Conflicts, err)
	}
	c, all, err := r.Conflicts[0].Decide("record 1 NOTE", merge.Theirs)
	if err != nil || !all {
		t.Fatal(all, err)
	}
	edits, err := c.Settle(w, w, merge.Options{})
	if err != nil {
		t.Fatal(err)
	}
	settled, err := merge.Apply(w, w, r.Tree, edits)
	if err != nil {
		t.Fatal(err)
	}
	got := w.read(settled)
	if memo := string(got["j.dbt"].content); !strings.Contains(memo, "4\x1a") || !strings.Contains(memo, "5\x1a") {
		t.Errorf("%q", memo)
	}
}
