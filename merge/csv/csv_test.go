package csv_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/esync/esync/merge/csv"
)

const ledger = "Nr,Account,Amount,Note\n1,1000,10.00,a\n2,2000,20.00,b\n3,3000,30.00,c\n4,4000,40.00,d\n"

// edit replaces texts of the ledger, in pairs.
func edit(text string, pairs ...string) string {
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(text, pairs[i]) {
			panic(pairs[i])
		}
		text = strings.Replace(text, pairs[i], pairs[i+1], 1)
	}
	return text
}

func TestMerge(t *testing.T) {
	t.Parallel()
	windows := strings.ReplaceAll(ledger, "\n", "\r\n")
	semicolons := strings.ReplaceAll(strings.ReplaceAll(ledger, ".00", ",00"), ",", ";")
	plain := "10.00,a\n20.00,b\n30.00,c\n40.00,d\n"
	double := "City,Amount\nRome,1\nRome,1\nOslo,2\nRome,1\n"
	for _, c := range []struct {
		name, base, ours, theirs, want string
		conflicts                      []string
	}{
		{name: "cells of two rows", base: ledger, ours: edit(ledger, "10.00", "11.00"), theirs: edit(ledger, "30.00", "31.00"), want: edit(ledger, "10.00", "11.00", "30.00", "31.00")},
		{name: "rows that touch", base: ledger, ours: edit(ledger, "20.00", "21.00"), theirs: edit(ledger, "30.00", "31.00"), want: edit(ledger, "20.00", "21.00", "30.00", "31.00")},
		{name: "cells of one row", base: ledger, ours: edit(ledger, "20.00", "21.00"), theirs: edit(ledger, ",b", ",B"), want: edit(ledger, "20.00,b", "21.00,B")},
		{name: "one cell", base: ledger, ours: edit(ledger, "20.00", "21.00"), theirs: edit(ledger, "20.00", "22.00"), conflicts: []string{"2!Amount 20.00 21.00 22.00"}},
		{name: "one cell alike", base: ledger, ours: edit(ledger, "20.00", "21.00", ",a", ",A"), theirs: edit(ledger, "20.00", "21.00", ",d", ",D"), want: edit(ledger, "20.00", "21.00", ",a", ",A", ",d", ",D")},
		{name: "row deleted", base: ledger, ours: edit(ledger, "2,2000,20.00,b\n", ""), theirs: edit(ledger, "30.00", "31.00"), want: edit(ledger, "2,2000,20.00,b\n", "", "30.00", "31.00")},
		{name: "row deleted and changed", base: ledger, ours: edit(ledger, "2,2000,20.00,b\n", ""), theirs: edit(ledger, "20.00", "21.00"), conflicts: []string{"2 2,2000,20.00,b  2,2000,21.00,b"}},
		{name: "row deleted by both", base: ledger, ours: edit(ledger, "2,2000,20.00,b\n", ""), theirs: edit(ledger, "2,2000,20.00,b\n", "", ",d", ",D"), want: edit(ledger, "2,2000,20.00,b\n", "", ",d", ",D")},
		{name: "rows at the end", base: ledger, ours: ledger + "5,5000,50.00,e\n", theirs: ledger + "6,6000,60.00,f\n", want: ledger + "5,5000,50.00,e\n6,6000,60.00,f\n"},
		{name: "the same row at the end", base: ledger, ours: ledger + "5,5000,50.00,e\n", theirs: edit(ledger, ",a", ",A") + "5,5000,50.00,e\n", want: edit(ledger, ",a", ",A") + "5,5000,50.00,e\n"},
		{name: "one key twice", base: ledger, ours: ledger + "5,5000,50.00,e\n", theirs: ledger + "5,6000,60.00,f\n", conflicts: []string{"5  5,5000,50.00,e 5,6000,60.00,f"}},
		{name: "rows in between", base: ledger, ours: edit(ledger, "2,2000", "7,7000,7,g\n2,2000"), theirs: edit(ledger, "2,2000", "8,8000,8,h\n2,2000"), want: edit(ledger, "2,2000", "7,7000,7,g\n8,8000,8,h\n2,2000")},
		{name: "inserted before what the other deleted", base: ledger, ours: edit(ledger, "2,2000", "7,7000,7,g\n2,2000"), theirs: edit(ledger, "2,2000,20.00,b\n", ""), want: edit(ledger, "2,2000,20.00,b\n", "7,7000,7,g\n")},
		{name: "sorted", base: ledger, ours: "Nr,Account,Amount,Note\n4,4000,40.00,d\n3,3000,30.00,c\n2,2000,20.00,b\n1,1000,10.00,a\n", theirs: edit(ledger, "30.00", "31.00"),
			want: "Nr,Account,Amount,Note\n4,4000,40.00,d\n3,3000,31.00,c\n2,2000,20.00,b\n1,1000,10.00,a\n"},
		{name: "sorted twice", base: ledger, ours: "Nr,Account,Amount,Note\n4,4000,40.00,d\n3,3000,30.00,c\n2,2000,20.00,b\n1,1000,10.00,a\n",
			theirs: "Nr,Account,Amount,Note\n3,3000,30.00,c\n1,1000,10.00,a\n2,2000,20.00,b\n4,4000,40.00,d\n", conflicts: []string{"order of rows as it was put into another order put into another order"}},
		{name: "numbered anew", base: ledger, ours: "Nr,Account,Amount,Note\n1,1000,10.00,a\n2,1500,15.00,x\n3,2000,20.00,b\n4,3000,30.00,c\n5,4000,40.00,d\n", theirs: edit(ledger, "40.00", "41.00"),
			want: "Nr,Account,Amount,Note\n1,1000,10.00,a\n2,1500,15.00,x\n3,2000,20.00,b\n4,3000,30.00,c\n5,4000,41.00,d\n"},
		{name: "key corrected", base: ledger, ours: edit(ledger, "3,3000", "33,3000"), theirs: edit(ledger, "30.00", "31.00"), want: edit(ledger, "3,3000,30.00", "33,3000,31.00")},
		{name: "column added", base: ledger, ours: "Nr,Account,Check,Amount,Note\n1,1000,ok,10.00,a\n2,2000,,20.00,b\n3,3000,,30.00,c\n4,4000,ok,40.00,d\n", theirs: edit(ledger, "30.00", "31.00") + "5,5000,50.00,e\n",
			want: "Nr,Account,Check,Amount,Note\n1,1000,ok,10.00,a\n2,2000,,20.00,b\n3,3000,,31.00,c\n4,4000,ok,40.00,d\n5,5000,,50.00,e\n"},
		{name: "column deleted", base: ledger, ours: "Nr,Account,Amount\n1,1000,10.00\n2,2000,20.00\n3,3000,30.00\n4,4000,40.00\n", theirs: edit(ledger, "30.00", "31.00"),
			want: "Nr,Account,Amount\n1,1000,10.00\n2,2000,20.00\n3,3000,31.00\n4,4000,40.00\n"},
		{name: "column deleted and changed", base: ledger, ours: "Nr,Account,Amount\n1,1000,10.00\n2,2000,20.00\n3,3000,30.00\n4,4000,40.00\n", theirs: edit(ledger, ",c", ",C"), conflicts: []string{"column Note as it was deleted changed"}},
		{name: "column moved", base: ledger, ours: "Nr,Note,Account,Amount\n1,a,1000,10.00\n2,b,2000,20.00\n3,c,3000,30.00\n4,d,4000,40.00\n", theirs: edit(ledger, "30.00", "31.00"),
			want: "Nr,Note,Account,Amount\n1,a,1000,10.00\n2,b,2000,20.00\n3,c,3000,31.00\n4,d,4000,40.00\n"},
		{name: "column renamed", base: ledger, ours: edit(ledger, "Amount", "EUR"), theirs: edit(ledger, "30.00", "31.00"), want: edit(ledger, "Amount", "EUR", "30.00", "31.00")},
		{name: "columns added by both", base: ledger, ours: "Nr,A,Account,Amount,Note\n1,x,1000,10.00,a\n2,x,2000,20.00,b\n3,x,3000,30.00,c\n4,x,4000,40.00,d\n", theirs: "Nr,Account,Amount,Note,B\n1,1000,10.00,a,y\n2,2000,20.00,b,y\n3,3000,30.00,c,y\n4,4000,40.00,d,y\n",
			want: "Nr,A,Account,Amount,Note,B\n1,x,1000,10.00,a,y\n2,x,2000,20.00,b,y\n3,x,3000,30.00,c,y\n4,x,4000,40.00,d,y\n"},
		{name: "quoted by one side", base: ledger, ours: edit(ledger, "2,2000,20.00,b", `"2","2000","20.00","b"`), theirs: edit(ledger, "20.00", "21.00"), want: edit(ledger, "2,2000,20.00,b", `"2","2000",21.00,"b"`)},
		{name: "quotes, separators and lines in cells", base: edit(ledger, ",a", ",\"a, \"\"b\"\"\n c\""), ours: edit(ledger, ",a", ",\"a, \"\"b\"\"\n c\"", "20.00", "21.00"), theirs: edit(ledger, ",a", ",\"a, \"\"b\"\"\n d\""),
			want: edit(ledger, ",a", ",\"a, \"\"b\"\"\n d\"", "20.00", "21.00")},
		{name: "windows", base: windows, ours: edit(windows, "20.00", "21.00"), theirs: edit(windows, "30.00", "31.00"), want: edit(windows, "20.00", "21.00", "30.00", "31.00")},
		{name: "semicolons", base: semicolons, ours: edit(semicolons, "20;00", "21;00"), theirs: edit(semicolons, "30;00", "31;00"), want: edit(semicolons, "20;00", "21;00", "30;00", "31;00")},
		{name: "no last line end", base: strings.TrimSpace(ledger), ours: strings.TrimSpace(ledger) + "\n5,5000,50.00,e", theirs: strings.TrimSpace(edit(ledger, ",d", ",D")), want: strings.TrimSpace(edit(ledger, ",d", ",D")) + "\n5,5000,50.00,e"},
		{name: "last line end added", base: strings.TrimSpace(ledger), ours: ledger, theirs: strings.TrimSpace(ledger) + "\n5,5000,50.00,e", want: ledger + "5,5000,50.00,e\n"},
		{name: "without names", base: plain, ours: edit(plain, "20.00", "21.00"), theirs: edit(plain, "30.00", "31.00"), want: edit(plain, "20.00", "21.00", "30.00", "31.00")},
		{name: "without a key", base: double, ours: double + "Rome,1\n", theirs: edit(double, "Oslo,2", "Oslo,3"), want: edit(double, "Oslo,2", "Oslo,3") + "Rome,1\n"},
		{name: "without a key, a row gone", base: double, ours: edit(double, "Rome,1\nRome,1\n", "Rome,1\n"), theirs: edit(double, "Oslo,2", "Oslo,3"), want: edit(double, "Rome,1\nRome,1\n", "Rome,1\n", "Oslo,2", "Oslo,3")},
		{name: "title and total", base: "Trial balance,,\nAccount,Amount,\n1000,5,\n2000,6,\nTotal,11,\n", ours: "Trial balance,,\nAccount,Amount,\n1000,5,\n1500,1,\n2000,6,\nTotal,12,\n", theirs: "Trial balance,,\nAccount,Amount,\n1000,5,x\n2000,6,\nTotal,11,\n",
			want: "Trial balance,,\nAccount,Amount,\n1000,5,x\n1500,1,\n2000,6,\nTotal,12,\n"},
		{name: "all deleted", base: ledger, ours: "Nr,Account,Amount,Note\n", theirs: edit(ledger, "20.00", "21.00"), conflicts: []string{"2 2,2000,20.00,b  2,2000,21.00,b"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r, err := csv.Merge([]byte(c.base), []byte(c.ours), []byte(c.theirs), nil)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, p := range r.Conflicts {
				got = append(got, strings.Join([]string{p.Where, p.Base, p.Ours, p.Theirs}, " "))
			}
			if string(r.Text) != c.want || !slices.Equal(got, c.conflicts) {
				t.Errorf("merged to\n%s\nwant\n%s\nconflicts %q, want %q", r.Text, c.want, got, c.conflicts)
			}
		})
	}
}

func TestUnmergeable(t *testing.T) {
	t.Parallel()
	for name, c := range map[string][3]string{
		"no table":         {"a\nb\n", "a\nc\n", "d\nb\n"},
		"other separators": {ledger, strings.ReplaceAll(ledger, ",", ";"), edit(ledger, ",a", ",A")},
		"open quote":       {ledger, edit(ledger, ",a", `,"A`), edit(ledger, ",b", ",B")},
		"columns":          {"1,2,3\n4,5,6\n", "1,2\n4,5\n", "1,2,3\n4,5,7\n"},
		"columns two ways": {"a,b,c\n1,2,3\n", "c,b,a\n3,2,1\n", "b,a,c\n2,1,3\n"},
	} {
		if r, err := csv.Merge([]byte(c[0]), []byte(c[1]), []byte(c[2]), nil); !errors.Is(err, csv.ErrUnmergeable) {
			t.Errorf("%s: %+v %v", name, r, err)
		}
	}
}

func TestChoose(t *testing.T) {
	t.Parallel()
	ours := edit(ledger, "10.00", "11.00", "2,2000,20.00,b\n", "", ",d", ",x") + "5,5000,50.00,e\n"
	theirs := edit(ledger, "10.00", "12.00", ",b", ",B", "40.00", "44.00") + "5,6000,60.00,f\n"
	r, err := csv.Merge([]byte(ledger), []byte(ours), []byte(theirs), nil)
	if err != nil || len(r.Conflicts) != 3 {
		t.Fatalf("%+v %v", r, err)
	}
	all := func(side csv.Side) map[string]csv.Side {
		choose := map[string]csv.Side{}
		for _, p := range r.Conflicts {
			choose[p.Where] = side
		}
		return choose
	}
	for _, c := range []struct {
		choose map[string]csv.Side
		want   string
		left   int
	}{
		{all(csv.Ours), "Nr,Account,Amount,Note\n1,1000,11.00,a\n3,3000,30.00,c\n4,4000,44.00,x\n5,5000,50.00,e\n", 0},
		{all(csv.Theirs), "Nr,Account,Amount,Note\n1,1000,12.00,a\n2,2000,20.00,B\n3,3000,30.00,c\n4,4000,44.00,x\n5,6000,60.00,f\n", 0},
		{map[string]csv.Side{"1!Amount": csv.Theirs, "2": csv.Ours}, "", 1},
	} {
		r, err := csv.Merge([]byte(ledger), []byte(ours), []byte(theirs), c.choose)
		if err != nil || string(r.Text) != c.want || len(r.Conflicts) != c.left {
			t.Errorf("%v: %s %v %v", c.choose, r.Text, r.Conflicts, err)
		}
	}
}

// TestPlaces: what came from which side is listed.
func TestPlaces(t *testing.T) {
	t.Parallel()
	r, err := csv.Merge([]byte(ledger), []byte(edit(ledger, "10.00", "11.00", "2,2000,20.00,b\n", "")), []byte(edit(ledger, ",a", ",A")+"5,5000,50.00,e\n"), nil)
	if err != nil {
		t.Fatal(err)
	}
	want := "[{1!Amount 10.00 11.00 10.00} {2 2,2000,20.00,b  2,2000,20.00,b}] [{1!Note a a A} {5   5,5000,50.00,e}]"
	if got := fmt.Sprint(r.FromOurs, r.FromTheirs); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}

// TestEditsApart: edits of different places are all in the merge, whoever made
// them, with and without a key.
func TestEditsApart(t *testing.T) {
	t.Parallel()
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 1))
		keyed := seed%2 == 0
		var base [][]string
		for i := range 5 + r.IntN(40) {
			row := []string{fmt.Sprint("k", i), fmt.Sprint(r.IntN(50)), fmt.Sprint("text ", r.IntN(9)), fmt.Sprint(r.IntN(1000), ".5")}
			if !keyed {
				row[0] = "k"
				row[2] = fmt.Sprint("text ", i/2)
			}
			base = append(base, row)
		}
		ours, theirs, want := clone(base), clone(base), clone(base)
		rows := r.Perm(len(base))
		for i, row := range rows[:3+r.IntN(len(rows)-2)] {
			col := 1 + 2*r.IntN(2)
			value := fmt.Sprint("new", i)
			side := ours
			if i%2 == 0 {
				side = theirs
			}
			side[row][col], want[row][col] = value, value
			if other := 4 - col; r.IntN(3) == 0 { // the other side in the other cell
				side = theirs
				if i%2 == 0 {
					side = ours
				}
				side[row][other], want[row][other] = value+"b", value+"b"
			}
		}
		o, th, w := write(ours), write(theirs), write(want)
		res, err := csv.Merge(write(base), o, th, nil)
		if err != nil || string(res.Text) != string(w) {
			t.Fatalf("seed %d: %v %v\nbase\n%s\nours\n%s\ntheirs\n%s\ngot\n%s", seed, err, res.Conflicts, write(base), o, th, res.Text)
		}
		mirror, err := csv.Merge(write(base), th, o, nil)
		if err != nil || string(mirror.Text) != string(w) {
			t.Fatalf("seed %d: the sides swapped give\n%s", seed, mirror.Text)
		}
	}
}

func clone(rows [][]string) [][]string {
	out := make([][]string, len(rows))
	for i := range rows {
		out[i] = slices.Clone(rows[i])
	}
	return out
}

func write(rows [][]string) []byte {
	out := "Key,A,B,C\n"
	for _, r := range rows {
		out += strings.Join(r, ",") + "\n"
	}
	return []byte(out)
}

// FuzzMerge: a side that is unchanged gives the other, whatever the texts; both
// ways round the same merges are clean, with as many bytes; what one side alone
// did is the merge.
func FuzzMerge(f *testing.F) {
	f.Add([]byte(ledger), []byte(edit(ledger, "10.00", "11.00")), []byte(edit(ledger, "2,2000,20.00,b\n", "")))
	f.Add([]byte("a;b\r\n1;\"2\"\r\n"), []byte("a;b;c\r\n1;2;3\r\n"), []byte("a;b\r\n1;4\r\n\r\n"))
	f.Add([]byte("a\tb\n\n\"x\ny\"\t\n"), []byte("a\tb\n\n"), []byte("a\tb"))
	f.Fuzz(func(t *testing.T, base, ours, theirs []byte) {
		r, err := csv.Merge(base, ours, theirs, nil)
		m, err2 := csv.Merge(base, theirs, ours, nil)
		if (err == nil) != (err2 == nil) {
			t.Fatalf("swapped: %v and %v", err, err2)
		}
		if err == nil && len(r.Conflicts) == 0 && len(m.Conflicts) == 0 && len(r.Text) > 0 && len(r.Text) > len(base)+len(ours)+len(theirs)+16*(1+strings.Count(string(base)+string(ours)+string(theirs), "\n")) {
			t.Fatalf("%d bytes out of %d, %d and %d", len(r.Text), len(base), len(ours), len(theirs))
		}
		if r, err := csv.Merge(base, ours, base, nil); err != nil || string(r.Text) != string(ours) {
			t.Fatalf("one side: %q %v", r.Text, err)
		}
	})
}
