package dbf_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/esync/esync/merge/dbf"
)

// notes describes a table with a memo file by the texts of its records: "" for
// none. The file has what stands in blocks, by number from the first on.
type notes struct {
	kind   byte
	names  string
	places []int
	blocks []string
}

// write writes the table and its memo file.
func (n notes) write() (table3, memo []byte) {
	l := layout{fields: "NAME:C:6 NOTE:M:10", kind: n.kind}
	if n.kind == 0x30 {
		l.fields = "NAME:C:6 NOTE:M:4"
	}
	var records []string
	for i, name := range strings.Fields(n.names) {
		place := ""
		if n.kind == 0x30 {
			place = string(binary.LittleEndian.AppendUint32(nil, uint32(n.places[i])))
		} else if n.places[i] > 0 {
			place = fmt.Sprint(n.places[i])
		}
		records = append(records, name+"|"+place)
	}
	memo = make([]byte, 512)
	for _, text := range n.blocks {
		switch n.kind {
		case 0x83:
			memo = append(memo, text+"\x1a\x1a"...)
		case 0x8b:
			memo = append(memo, 0xff, 0xff, 8, 0)
			memo = append(binary.LittleEndian.AppendUint32(memo, uint32(len(text)+8)), text...)
		default:
			memo = append(memo, 0, 0, 0, 1)
			memo = append(binary.BigEndian.AppendUint32(memo, uint32(len(text))), text...)
		}
		memo = append(memo, make([]byte, -len(memo)&511)...)
	}
	if next := uint32(len(memo) / 512); n.kind == 0x30 || n.kind == 0xf5 {
		binary.BigEndian.PutUint32(memo, next)
		binary.BigEndian.PutUint16(memo[6:], 512)
	} else {
		binary.LittleEndian.PutUint32(memo, next)
	}
	return table(l, records...), memo
}

// TestMemos merges memo files by their texts, of every kind of table that has them.
func TestMemos(t *testing.T) {
	t.Parallel()
	for _, kind := range []byte{0x83, 0x8b, 0xf5, 0x30} {
		of := func(names string, places []int, blocks ...string) notes { return notes{kind, names, places, blocks} }
		base := of("a b c", []int{1, 2, 0}, "one", "two")
		for _, c := range []struct {
			name               string
			ours, theirs, want notes
			conflict           string
		}{
			{name: "texts of both", ours: of("a b c", []int{3, 2, 0}, "one", "two", "ONE"), theirs: of("a b c", []int{1, 2, 3}, "one", "two", "three"), want: of("a b c", []int{3, 2, 4}, "one", "two", "ONE", "three")},
			{name: "written in place", ours: of("a b c", []int{1, 2, 0}, "ONE", "two"), theirs: of("a b c", []int{1, 2, 0}, "one", "TWO"), want: of("a b c", []int{1, 3, 0}, "ONE", "two", "TWO")},
			{name: "put elsewhere", ours: of("a b c", []int{2, 1, 0}, "two", "one"), theirs: of("a b c", []int{1, 2, 0}, "one", "TWO"), want: of("a b c", []int{1, 2, 0}, "one", "TWO")},
			{name: "taken out and left", ours: of("a b c", []int{0, 2, 0}, "one", "two"), theirs: of("A b c", []int{1, 2, 0}, "one", "two"), want: of("A b c", []int{0, 2, 0}, "one", "two")},
			{name: "one text two ways", ours: of("a b c", []int{1, 2, 0}, "ONE", "two"), theirs: of("a b c", []int{1, 2, 0}, "Eins", "two"), conflict: "record 1 NOTE: one, ONE, Eins"},
			{name: "record gone and its text written over", ours: of("a b c", []int{1, 2, 0}, "ONE", "two"), theirs: of("b c", []int{2, 0}, "one", "two"), conflict: "record 1: a one, a ONE, "},
		} {
			var tables, memos [3][]byte
			for i, n := range [3]notes{base, c.ours, c.theirs} {
				tables[i], memos[i] = n.write()
			}
			r, err := dbf.Merge(tables[0], tables[1], tables[2], dbf.Options{Memos: memos})
			m, err2 := dbf.Merge(tables[0], tables[2], tables[1], dbf.Options{Memos: [3][]byte{memos[0], memos[2], memos[1]}})
			if err != nil || err2 != nil {
				t.Fatalf("%x, %s: %v, %v", kind, c.name, err, err2)
			}
			if c.conflict != "" {
				got := ""
				for _, p := range r.Conflicts {
					got += fmt.Sprintf("%s: %s, %s, %s", p.Where, p.Base, p.Ours, p.Theirs)
				}
				if got != c.conflict || len(m.Conflicts) != 1 {
					t.Errorf("%x, %s: conflict %q, want %q", kind, c.name, got, c.conflict)
				}
				continue
			}
			c.want.kind = kind
			if want, memo := c.want.write(); len(r.Conflicts) > 0 || !sameNotes(t, r, want, memo) || !bytes.Equal(r.Table, m.Table) || !bytes.Equal(r.Memo, m.Memo) {
				t.Errorf("%x, %s: %v\n%q\n%q\nwant\n%q\n%q", kind, c.name, r.Conflicts, r.Table, r.Memo, want, memo)
			}
		}
	}
}

// sameNotes tells whether a merge has the records and texts that were wanted.
func sameNotes(t *testing.T, r dbf.Result, table, memo []byte) bool {
	t.Helper()
	same, err := dbf.Merge(table, r.Table, table, dbf.Options{Memos: [3][]byte{memo, r.Memo, memo}})
	return err == nil && len(same.FromOurs) == 0
}

// TestUnreadableMemo: what cannot be read is not put together, but one side's file
// is still taken.
func TestUnreadableMemo(t *testing.T) {
	t.Parallel()
	base, memo := notes{0x83, "a b", []int{1, 2}, []string{"one", "two"}}.write()
	ours, newer := notes{0x83, "A b", []int{3, 2}, []string{"one", "two", "ONE"}}.write()
	theirs, _ := notes{0x83, "a B", []int{1, 2}, []string{"one", "two"}}.write()
	for name, damaged := range map[string][]byte{"cut": newer[:700], "grown": append(bytes.Clone(newer), make([]byte, 2000)...), "stale": append([]byte{1}, newer[1:]...)} {
		if _, err := dbf.Merge(base, ours, theirs, dbf.Options{Memos: [3][]byte{memo, damaged, []byte("other")}}); !errors.Is(err, dbf.ErrMemo) {
			t.Errorf("%s: %v", name, err)
		}
		r, err := dbf.Merge(base, ours, theirs, dbf.Options{Memos: [3][]byte{memo, damaged, memo}, Memo: dbf.Ours})
		if err != nil || r.Memo != nil || len(r.Conflicts) > 0 {
			t.Errorf("%s, of one side: %+v %v", name, r, err)
		}
	}
}

// TestBlankMemoField: a record that had no such field names no text in it.
func TestBlankMemoField(t *testing.T) {
	t.Parallel()
	plain, more := layout{fields: "NAME:C:6", kind: 0x30}, layout{fields: "NAME:C:6 NOTE:M:4", kind: 0x30}
	r, err := dbf.Merge(table(plain, "a"), table(more, "a|\x00\x00\x00\x00"), table(plain, "a", "b"), dbf.Options{})
	if want := table(more, "a|\x00\x00\x00\x00", "b|\x00\x00\x00\x00"); err != nil || !bytes.Equal(r.Table, want) {
		t.Errorf("%q %v\nwant %q", r.Table, err, want)
	}
}
