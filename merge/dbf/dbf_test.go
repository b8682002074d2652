package dbf_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/esync/esync/merge/dbf"
)

// layout describes fields as "NAME:kind:length", and what a table has besides.
type layout struct {
	fields string
	kind   byte
	date   [3]byte
	index  bool
	tail   int // what FoxPro keeps behind the fields
	open   bool
}

var journal = layout{fields: "NR:N:6 ACCOUNT:C:8 DEBIT:N:10", kind: 0x03, date: [3]byte{126, 11, 1}}

// table writes a table; a record is its fields with a bar between them, and a
// star in front when it is marked as deleted.
func table(l layout, records ...string) []byte {
	type field struct {
		kind   byte
		length int
	}
	var fields []field
	head := make([]byte, 32)
	size := 1
	for word := range strings.FieldsSeq(l.fields) {
		parts := strings.Split(word, ":")
		f := field{kind: parts[1][0]}
		fmt.Sscan(parts[2], &f.length)
		d := make([]byte, 32)
		copy(d, parts[0])
		d[11], d[16] = f.kind, byte(f.length)
		if len(parts) > 3 {
			fmt.Sscan(parts[3], &d[18])
		}
		head = append(head, d...)
		fields = append(fields, f)
		size += f.length
	}
	head = append(head, 0x0d)
	head = append(head, make([]byte, l.tail)...)
	head[0] = l.kind
	copy(head[1:], l.date[:])
	binary.LittleEndian.PutUint32(head[4:], uint32(len(records)))
	binary.LittleEndian.PutUint16(head[8:], uint16(len(head)))
	binary.LittleEndian.PutUint16(head[10:], uint16(size))
	if l.index {
		head[28] = 1
	}
	for _, r := range records {
		mark := byte(' ')
		if rest, ok := strings.CutPrefix(r, "*"); ok {
			mark, r = '*', rest
		}
		head = append(head, mark)
		values := strings.Split(r, "|")
		for i, f := range fields {
			v := ""
			if i < len(values) {
				v = values[i]
			}
			if f.kind == 'N' || f.kind == 'M' {
				head = fmt.Appendf(head, "%*s", f.length, v)
			} else {
				head = fmt.Appendf(head, "%-*s", f.length, v)
			}
		}
	}
	if !l.open {
		head = append(head, 0x1a)
	}
	return head
}

var rows = []string{"1|1000|10.00", "2|2000|20.00", "3|3000|30.00", "4|4000|40.00"}

// with changes records: "2=NEW" replaces the second, "-2" packs it away, "+NEW"
// appends.
func with(changes ...string) []string {
	list := slices.Clone(rows)
	for _, c := range changes {
		var n int
		switch {
		case c[0] == '+':
			list = append(list, c[1:])
		case c[0] == '-':
			fmt.Sscan(c[1:], &n)
			list = slices.Delete(list, n-1, n)
		default:
			fmt.Sscanf(c, "%d=", &n)
			_, list[n-1], _ = strings.Cut(c, "=")
		}
	}
	return list
}

func TestMerge(t *testing.T) {
	t.Parallel()
	later := journal
	later.date = [3]byte{126, 11, 20}
	wider, more, less := journal, journal, journal
	wider.fields = "NR:N:6 ACCOUNT:C:12 DEBIT:N:10"
	more.fields = "NR:N:6 ACCOUNT:C:8 CHECKED:C:1 DEBIT:N:10"
	less.fields = "NR:N:6 DEBIT:N:10"
	memo := layout{fields: "NR:N:6 TEXT:M:10", kind: 0x83}
	fox := layout{fields: "NR:N:6 ACCOUNT:C:8 DEBIT:N:10", kind: 0x30, tail: 263, open: true}
	numbered := fox
	numbered.fields = "NR:N:6:12 ACCOUNT:C:8 DEBIT:N:10"
	reversed := slices.Clone(rows)
	slices.Reverse(reversed)
	for _, c := range []struct {
		name               string
		base, ours, theirs []byte
		memo               dbf.Side
		want               []byte
		conflicts          string
		fails              string
	}{
		{name: "two records", base: table(journal, rows...), ours: table(later, with("1=1|1000|11.00")...), theirs: table(journal, with("3=3|3000|31.00")...), want: table(later, with("1=1|1000|11.00", "3=3|3000|31.00")...)},
		{name: "one record", base: table(journal, rows...), ours: table(journal, with("1=1|1000|11.00")...), theirs: table(later, with("1=1|1001|10.00")...), want: table(later, with("1=1|1001|11.00")...)},
		{name: "one field", base: table(journal, rows...), ours: table(journal, with("1=1|1000|11.00")...), theirs: table(journal, with("1=1|1000|12.00")...), conflicts: "[{record 1 DEBIT 10.00 11.00 12.00}]"},
		{name: "appended by both", base: table(journal, rows...), ours: table(journal, with("+5|5000|50.00")...), theirs: table(journal, with("+6|6000|60.00")...), want: table(journal, with("+5|5000|50.00", "+6|6000|60.00")...)},
		{name: "appended alike", base: table(journal, rows...), ours: table(journal, with("+5|5000|50.00")...), theirs: table(journal, with("+5|5000|50.00", "+6|6000|60.00")...), want: table(journal, with("+5|5000|50.00", "+6|6000|60.00")...)},
		{name: "one key twice", base: table(journal, rows...), ours: table(journal, with("+5|5000|50.00")...), theirs: table(journal, with("+5|6000|60.00")...), conflicts: "[{field NR all different all different, but some as on the other side all different, but some as on the other side}]"},
		{name: "marked as deleted", base: table(journal, rows...), ours: table(journal, with("2=*2|2000|20.00")...), theirs: table(journal, with("3=3|3000|31.00")...), want: table(journal, with("2=*2|2000|20.00", "3=3|3000|31.00")...)},
		{name: "marked and changed", base: table(journal, rows...), ours: table(journal, with("2=*2|2000|20.00")...), theirs: table(journal, with("2=2|2000|21.00")...), want: table(journal, with("2=*2|2000|21.00")...)},
		{name: "packed", base: table(journal, rows...), ours: table(journal, with("-2")...), theirs: table(journal, with("3=3|3000|31.00", "+5|5000|50.00")...), want: table(journal, with("3=3|3000|31.00", "+5|5000|50.00", "-2")...)},
		{name: "packed and changed", base: table(journal, rows...), ours: table(journal, with("-2")...), theirs: table(journal, with("2=2|2000|21.00")...), conflicts: "[{record 2 2 2000 20.00  2 2000 21.00}]"},
		{name: "packed and marked", base: table(journal, rows...), ours: table(journal, with("-2")...), theirs: table(journal, with("2=*2|2000|20.00", "4=4|4000|41.00")...), want: table(journal, with("4=4|4000|41.00", "-2")...)},
		{name: "packed by both", base: table(journal, rows...), ours: table(journal, with("-2")...), theirs: table(journal, with("-4", "-2")...), want: table(journal, with("-4", "-2")...)},
		{name: "sorted and changed", base: table(journal, rows...), ours: table(journal, reversed...), theirs: table(journal, with("2=2|2000|21.00")...), want: table(journal, rows[3], rows[2], "2|2000|21.00", rows[0])},
		{name: "record used anew", base: table(journal, rows...), ours: table(journal, with("2=9|9000|90.00")...), theirs: table(journal, with("2=2|2000|21.00")...), conflicts: "[{record 2 2 2000 20.00  2 2000 21.00}]"},
		{name: "packed and called back", base: table(journal, with("2=*2|2000|20.00")...), ours: table(journal, with("-2")...), theirs: table(journal, rows...), conflicts: "[{record 2 2 2000 20.00  2 2000 20.00}]"},
		{name: "field widened", base: table(journal, rows...), ours: table(wider, with("1=1|1000 and 1|10.00")...), theirs: table(journal, with("3=3|3000|31.00")...), want: table(wider, with("1=1|1000 and 1|10.00", "3=3|3000|31.00")...)},
		{name: "field added", base: table(journal, rows...), ours: table(more, "1|1000|y|10.00", "2|2000||20.00", "3|3000||30.00", "4|4000|y|40.00"), theirs: table(journal, with("3=3|3000|31.00", "+5|5000|50.00")...),
			want: table(more, "1|1000|y|10.00", "2|2000||20.00", "3|3000||31.00", "4|4000|y|40.00", "5|5000||50.00")},
		{name: "field removed", base: table(journal, rows...), ours: table(less, "1|10.00", "2|20.00", "3|30.00", "4|40.00"), theirs: table(journal, with("3=3|3000|31.00")...), want: table(less, "1|10.00", "2|20.00", "3|31.00", "4|40.00")},
		{name: "field removed and changed", base: table(journal, rows...), ours: table(less, "1|10.00", "2|20.00", "3|30.00", "4|40.00"), theirs: table(journal, with("3=3|3001|30.00")...), fails: "removed a field"},
		{name: "fields changed by both", base: table(journal, rows...), ours: table(less, "1|10.00"), theirs: table(more, "1|1000|y|10.00"), fails: "both sides changed its fields"},
		{name: "foxpro", base: table(fox, rows...), ours: table(fox, with("1=1|1000|11.00")...), theirs: table(fox, with("3=3|3000|31.00", "+5|5000|50.00")...), want: table(fox, with("1=1|1000|11.00", "3=3|3000|31.00", "+5|5000|50.00")...)},
		{name: "numbers of its own", base: table(numbered, rows...), ours: table(numbered, with("+5|5000|50.00")...), theirs: table(numbered, with("+6|6000|60.00")...), fails: "number themselves"},
		{name: "memo of ours", memo: dbf.Ours, base: table(memo, "1|1", "2|"), ours: table(memo, "1|3", "2|4"), theirs: table(memo, "7|1", "2|", "3|"), want: table(memo, "7|3", "2|4", "3|")},
		{name: "memo of the other side", memo: dbf.Ours, base: table(memo, "1|1", "2|"), ours: table(memo, "1|3", "2|"), theirs: table(memo, "1|1", "2|", "3|5"), fails: "points to a memo"},
		{name: "memo taken out", memo: dbf.Ours, base: table(memo, "1|1", "2|1"), ours: table(memo, "1|3", "2|1"), theirs: table(memo, "1|1", "2|"), want: table(memo, "1|3", "2|")},
		{name: "cut short", base: table(journal, rows...), ours: table(journal, rows...)[:100], theirs: table(journal, with("3=3|3000|31.00")...), fails: "header"},
		{name: "too long", base: table(journal, rows...), ours: append(table(journal, rows...), 0), theirs: table(journal, with("3=3|3000|31.00")...), fails: "length"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r, err := dbf.Merge(c.base, c.ours, c.theirs, dbf.Options{Memo: c.memo})
			if c.fails != "" {
				if !errors.Is(err, dbf.ErrUnmergeable) || !strings.Contains(err.Error(), c.fails) {
					t.Fatalf("%+v %v", r, err)
				}
				return
			}
			got := ""
			if len(r.Conflicts) > 0 {
				got = fmt.Sprint(r.Conflicts)
			}
			if err != nil || !bytes.Equal(r.Table, c.want) || got != c.conflicts {
				t.Errorf("%q\nwant %q\nconflicts %s, want %s, %v", r.Table, c.want, got, c.conflicts, err)
			}
		})
	}
}

func TestChoose(t *testing.T) {
	t.Parallel()
	base, ours, theirs := table(journal, rows...), table(journal, with("1=1|1000|11.00", "-2")...), table(journal, with("1=1|1000|12.00", "2=2|2000|21.00")...)
	for _, c := range []struct {
		choose map[string]dbf.Side
		want   []byte
		left   int
	}{
		{nil, nil, 2},
		{map[string]dbf.Side{"record 1 DEBIT": dbf.Theirs}, nil, 1},
		{map[string]dbf.Side{"record 1 DEBIT": dbf.Theirs, "record 2": dbf.Ours}, table(journal, with("1=1|1000|12.00", "-2")...), 0},
		{map[string]dbf.Side{"record 1 DEBIT": dbf.Ours, "record 2": dbf.Theirs}, table(journal, with("1=1|1000|11.00", "2=2|2000|21.00")...), 0},
	} {
		r, err := dbf.Merge(base, ours, theirs, dbf.Options{Choose: c.choose})
		if err != nil || !bytes.Equal(r.Table, c.want) || len(r.Conflicts) != c.left {
			t.Errorf("%v: %q %v %v", c.choose, r.Table, r.Conflicts, err)
		}
	}
}

// TestEditsApart: edits of different places are all in the merge, whoever made
// them.
func TestEditsApart(t *testing.T) {
	t.Parallel()
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 1))
		cells := make([][3]string, 4+r.IntN(30))
		for i := range cells {
			cells[i] = [3]string{fmt.Sprint(i), fmt.Sprint(r.IntN(20)), fmt.Sprint(r.IntN(900))}
		}
		ours, theirs, want := slices.Clone(cells), slices.Clone(cells), slices.Clone(cells)
		for i, row := range r.Perm(len(cells))[:3] {
			side := [2][][3]string{ours, theirs}[i%2]
			col := 1 + r.IntN(2)
			side[row][col], want[row][col] = fmt.Sprint(990+i), fmt.Sprint(990+i)
		}
		write := func(cells [][3]string, more ...string) []byte {
			var list []string
			for _, c := range cells {
				list = append(list, strings.Join(c[:], "|"))
			}
			return table(journal, append(list, more...)...)
		}
		res, err := dbf.Merge(write(cells), write(ours, "901|1|1"), write(theirs, "902|2|2"), dbf.Options{})
		if err != nil || !bytes.Equal(res.Table, write(want, "901|1|1", "902|2|2")) {
			t.Fatalf("seed %d: %v %v\n%q", seed, err, res.Conflicts, res.Table)
		}
	}
}

// large makes a table of so many records.
func large(n int, change func(i int, record *string)) []byte {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf("%d|%d|%d.00", i, 1000+i%300, i*37%9000)
		if change != nil {
			change(i, &list[i])
		}
	}
	return table(journal, list...)
}

func largeTriple(n int) (base, ours, theirs []byte) {
	return large(n, nil), large(n, func(i int, r *string) {
			if i%100 == 3 {
				*r = fmt.Sprintf("%d|%d|1.11", i, 1000+i%300)
			}
		}), large(n, func(i int, r *string) {
			if i%100 == 7 {
				*r = "*" + *r
			}
		})
}

// TestLarge: 20,000 records merge; how fast is BenchmarkMerge20000's question.
func TestLarge(t *testing.T) {
	t.Parallel()
	base, ours, theirs := largeTriple(20_000)
	began := time.Now()
	r, err := dbf.Merge(base, ours, theirs, dbf.Options{})
	took := time.Since(began)
	if err != nil || len(r.Conflicts) > 0 || len(r.FromOurs) != 200 || len(r.FromTheirs) != 200 {
		t.Errorf("%v %d %d %v", r.Conflicts, len(r.FromOurs), len(r.FromTheirs), err)
	}
	t.Logf("%d bytes in %v", len(base), took)
}

func BenchmarkMerge20000(b *testing.B) {
	base, ours, theirs := largeTriple(20_000)
	b.SetBytes(int64(len(base)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := dbf.Merge(base, ours, theirs, dbf.Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

// FuzzMerge: whatever the bytes, a merge with an unchanged side is the other
// side or fails; a clean merge is a sound table; swapped, the same merges are
// clean.
func FuzzMerge(f *testing.F) {
	f.Add(table(journal, rows...), table(journal, with("1=1|1000|11.00")...), table(journal, with("-2", "+5|5000|50.00")...))
	f.Add(table(layout{fields: "NR:N:6 TEXT:M:10", kind: 0x83}, "1|1"), table(layout{fields: "NR:N:6 TEXT:M:10", kind: 0x83}, "2|1"), table(layout{fields: "NR:N:6", kind: 3}, "1"))
	f.Fuzz(func(t *testing.T, base, ours, theirs []byte) {
		r, err := dbf.Merge(base, ours, theirs, dbf.Options{})
		if err == nil && len(r.Conflicts) == 0 {
			if again, err := dbf.Merge(r.Table, r.Table, r.Table, dbf.Options{}); err != nil || !bytes.Equal(again.Table, r.Table) {
				t.Fatalf("the merge is no sound table: %v", err)
			}
		}
		m, err2 := dbf.Merge(base, theirs, ours, dbf.Options{})
		if (err == nil) != (err2 == nil) || err == nil && len(r.Conflicts) != len(m.Conflicts) {
			t.Fatalf("swapped: %v %v, %v %v", r.Conflicts, err, m.Conflicts, err2)
		}
		if one, err := dbf.Merge(base, ours, base, dbf.Options{}); err == nil && len(one.Conflicts) > 0 {
			t.Fatalf("one side: %v", one.Conflicts)
		}
	})
}
