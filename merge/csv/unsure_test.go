package csv_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/esync/esync/merge/csv"
)

// Tables as they come out of programs: with titles, totals, and rows that are
// much alike.
const (
	titled = "Trial balance,,,\nAccount,Name,Debit,Credit\n1000,Cash,5,\n2000,Loan,,7\n"
	open   = "Customer;Invoice;Amount\nSmith;R1;10,50\nKim;R2;20,00\nSmith;R3;30,00\nTotal;;60,50\n"
	steps  = "Area,Step,Done,By\nTax,Plan,x,AB\nTax,Plan,,\nTax,Review,,\nStock,Test,,CD\nCash,Test,x,CD\n"
	lists  = "Nr,Request,Owner,Status\n1,Stock list,CD,here\n2,Stock list,CD,open\n3,Leases,EF,here\n4,Minutes,EF,open\n"
)

// eight is long enough that its first column is a key for sure.
const eight = "Nr,Name,By\n1,Cash,A\n2,Bank,B\n3,Stock,A\n4,Plant,B\n5,Loan,A\n6,Tax,B\n7,Rent,A\n8,Fees,B\n"

// TestWhichRow: what depends on which row or column is which is merged where that
// is known, and a conflict where it is not; with the sides swapped as well.
func TestWhichRow(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, base, ours, theirs, want string
		conflicts                      []string
	}{
		{name: "names below a title, columns put elsewhere", base: titled,
			ours:   "Trial balance,,,\nAccount,Name,Credit,Debit\n1000,Cash,,5\n2000,Loan,7,\n",
			theirs: titled + "3000,Rent,9,\n", want: "Trial balance,,,\nAccount,Name,Credit,Debit\n1000,Cash,,5\n2000,Loan,7,\n3000,Rent,,9\n"},
		{name: "names below a title, a column added", base: titled,
			ours:   "Trial balance,,,,\nAccount,Name,Debit,Credit,Checked\n1000,Cash,5,,x\n2000,Loan,,7,\n",
			theirs: edit(titled, "balance", "balance 2026", "Loan", "Bank loan"), want: "Trial balance 2026,,,,\nAccount,Name,Debit,Credit,Checked\n1000,Cash,5,,x\n2000,Bank loan,,7,\n"},
		{name: "years as names", base: "Account,Name,2026,2025\n1000,Cash,5,4\n", ours: "Account,Name,2026,Change,2025\n1000,Cash,5,1,4\n", theirs: "Account,Name,2026,2025\n1000,Cash,5,3\n",
			want: "Account,Name,2026,Change,2025\n1000,Cash,5,1,3\n"},
		{name: "numbers with commas", base: "Items, open, net\n" + open, ours: edit("Items, open, net\n"+open, "10,50", "11,50"), theirs: edit("Items, open, net\n"+open, "10,50", "10,75"), conflicts: []string{"R1!Amount"}},
		{name: "line ends", base: "A,B\n1,\"x\ny\"\n2,z\n", ours: "A,B\r\n1,\"x\ny\"\r\n2,z\r\n", theirs: "A,B\n1,\"x\ny\"\n2,z\n3,\"v\nw\"\n", want: "A,B\r\n1,\"x\ny\"\r\n2,z\r\n3,\"v\nw\"\r\n"},
		{name: "one key twice, with a total", base: open, ours: edit(open, "Total", "Kim;R4;1,00\nTotal"), theirs: edit(open, "Total", "Smith;R4;2,00\nTotal"), conflicts: []string{"R4"}},
		{name: "rows in front of a total", base: open, ours: edit(open, "Total", "Kim;R4;1,00\nTotal", "60,50", "61,50"), theirs: edit(open, "Total", "Smith;R5;2,00\nTotal"),
			want: edit(open, "Total", "Kim;R4;1,00\nSmith;R5;2,00\nTotal", "60,50", "61,50")},
		{name: "row put in beside one like it", base: steps, ours: edit(steps, "Review,,", "Review,,AB"), theirs: edit(steps, "Tax,Review,,", "Tax,Plan,,\nTax,Review,,AB"), conflicts: []string{"row 4"}},
		{name: "two rows changed to be like their neighbours", base: steps, ours: edit(steps, "Test,,CD", "Test,x,CD"), theirs: edit(steps, "Stock,Test,,CD", "Stock,Test,x,CD", "Cash,Test,x", "Stock,Test,"), want: edit(steps, "Stock,Test,,CD", "Stock,Test,x,CD", "Cash,Test,x", "Stock,Test,")},
		{name: "two rows sorted the other way round", base: "Date,Text,Amount\n01-05,Rent,1\n03-21,Fix,2\n03-21,Fix,3\n03-22,Fees,4\n", ours: "Date,Text,Amount\n01-05,Rent,1\n03-06,Fix,2\n03-21,Fix,3\n03-22,Fees,4\n",
			theirs: "Date,Text,Amount\n01-05,Rent,1\n03-21,Fix,3\n03-21,Fix,2\n03-22,Fees,4\n", want: "Date,Text,Amount\n01-05,Rent,1\n03-06,Fix,2\n03-21,Fix,3\n03-22,Fees,4\n"},
		{name: "two rows of many columns sorted the other way round", base: "Date,Doc,Account,Text,Debit,Credit\n05-10,K1,2000,Fix,,4\n05-10,K1,6100,Fix,,8\n07-28,S3,2000,Pay,,8\n", ours: "Date,Doc,Account,Text,Debit,Credit\n05-10,K1,2000,Fix,,4\n05-10,K1,6100,Pay,,8\n07-28,S3,2000,Pay,,8\n",
			theirs: "Date,Doc,Account,Text,Debit,Credit\n05-10,K1,6100,Fix,,8\n05-10,K1,2000,Fix,,4\n07-28,S3,2000,Pay,,8\n", conflicts: []string{"row 3"}},
		{name: "deleted, and the others numbered anew", base: lists, ours: "Nr,Request,Owner,Status\n1,Stock list,CD,open\n2,Leases,EF,here\n3,Minutes,EF,open\n", theirs: edit(lists, "CD,here", "GH,here"), conflicts: []string{"row 2"}},
		{name: "gone on both sides, and put in elsewhere", base: eight, ours: edit(eight, "3,Stock,A\n", "", "8,Fees", "9,Stock,C\n8,Fees"), theirs: edit(eight, "3,Stock,A\n", ""), conflicts: []string{"Stock"}},
		{name: "gone on both sides, and another put in", base: eight, ours: edit(eight, "3,Stock,A", "9,Interest,C"), theirs: edit(eight, "3,Stock,A\n", ""), want: edit(eight, "3,Stock,A", "9,Interest,C")},
		{name: "gone on both sides of a small table", base: "Nr,Name\n1,Cash\n2,Bank\n", ours: "Nr,Name\n1,Cash\n3,Loan\n", theirs: "Nr,Name\n1,Cash\n", conflicts: []string{"2"}},
		{name: "key corrected beside a new column", base: "Name,Nr\nb,2\na,1\nd,4\nc,3\n", ours: "Name,Nr,Note\na,1,\nb,2,\nc,3,\nd,4,paid\n", theirs: "Name,Nr\nb,2\na,1\nD,4\nc,3\n", want: "Name,Nr,Note\na,1,\nb,2,\nc,3,\nD,4,paid\n"},
		{name: "added at two places", base: steps, ours: edit(steps, "Tax,Plan,x", "Rent,Plan,,EF\nTax,Plan,x"), theirs: steps + "Rent,Plan,,EF\n", conflicts: []string{"row 2, added by both"}},
		{name: "added by both, and changed", base: "Name,Bill,Amount\nKim,R1,10\n", ours: "Name,Bill,Amount\nKim,R1,10\nLee,R2,20\n", theirs: "Name,Bill,Amount\nKim,R1,10\nLeo,R2,20\n", conflicts: []string{"column Bill", "column Amount"}},
		{name: "added, and moved by the other side", base: steps, ours: edit(steps, "Tax,Plan,x,AB\n", "") + "Tax,Plan,x,AB\n", theirs: steps + "Tax,Plan,x,AB\n", want: edit(steps, "Tax,Plan,x,AB\n", "") + "Tax,Plan,x,AB\nTax,Plan,x,AB\n"},
		{name: "column of nothing", base: "Nr,Name,Note\n1,a,\n2,b,\n3,c,x\n", ours: "Nr,Name,Mark\n1,a,\n2,b,\n3,c,\n", theirs: "Nr,Name,Note\n1,a,\n2,b,\n3,c,x\n4,d,y\n", conflicts: []string{"column Note"}},
		{name: "columns without names swapped", base: "1,5,\n2,,7\n3,6,\n", ours: "1,,5\n2,7,\n3,,6\n", theirs: "1,5,\n2,,7\n3,6,\n4,8,\n", conflicts: []string{"whole"}},
		{name: "column gone or renamed in a table without rows", base: "Nr,Name,Note\n", ours: "Nr,Name,Mark\n", theirs: "Nr,Name\n", conflicts: []string{"whole"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for _, sides := range [2][2]string{{c.ours, c.theirs}, {c.theirs, c.ours}} {
				r, err := csv.Merge([]byte(c.base), []byte(sides[0]), []byte(sides[1]), nil)
				got := []string(nil)
				for _, p := range r.Conflicts {
					got = append(got, p.Where)
				}
				if err != nil {
					got = []string{"whole"}
				}
				if sides[0] == c.ours && !slices.Equal(got, c.conflicts) || len(got) != len(c.conflicts) || sameLines(string(r.Text), c.want) != nil {
					t.Errorf("merged to\n%s\nwant\n%s\nconflicts %q, want %q", r.Text, c.want, got, c.conflicts)
				}
			}
		})
	}
}

// sameLines gives the lines that two texts have not in common, in whatever order
// they stand.
func sameLines(a, b string) []string {
	x, y := strings.SplitAfter(a, "\n"), strings.SplitAfter(b, "\n")
	slices.Sort(x)
	slices.Sort(y)
	if slices.Equal(x, y) {
		return nil
	}
	return append(x, y...)
}

// TestNumberedAndSorted: rows that are numbered anew and sorted have the key of
// others, so what the other side did to one is asked about.
func TestNumberedAndSorted(t *testing.T) {
	t.Parallel()
	base := "Nr,Request,By\n1,List,A\n2,Leases,B\n3,List,A\n4,Leases,A\n5,Mail,C\n6,List,B\n7,Mail,A\n8,List,C\n"
	ours := "Nr,Request,By\n1,Leases,B\n2,Leases,A\n3,List,A\n4,List,A\n5,List,B\n6,List,C\n7,Mail,C\n8,Mail,A\n"
	for _, change := range [][2]string{{"5,Mail,C", "5,Mail,B"}, {"8,List,C", "8,List,A"}} {
		r, err := csv.Merge([]byte(base), []byte(ours), []byte(edit(base, change[0], change[1])), nil)
		if err != nil || len(r.Conflicts) != 1 {
			t.Errorf("%s: %s %v %v", change, r.Text, r.Conflicts, err)
		}
	}
}

// TestDecidedOnce: what a person decided raises no new question.
func TestDecidedOnce(t *testing.T) {
	t.Parallel()
	base := "Date,Text\n01-05,Rent\n01-06,Fees\n01-06,Fees\n"
	ours, theirs := edit(base, "01-05,Rent", "01-07,Rent"), edit(base, "01-05,Rent\n", "")+"01-07,Rent\n"
	r, err := csv.Merge([]byte(base), []byte(ours), []byte(theirs), nil)
	if err != nil || len(r.Conflicts) == 0 {
		t.Fatalf("%s %v", r.Text, err)
	}
	for _, side := range []csv.Side{csv.Ours, csv.Theirs} {
		choose := map[string]csv.Side{}
		for _, p := range r.Conflicts {
			choose[p.Where] = side
		}
		if again, err := csv.Merge([]byte(base), []byte(ours), []byte(theirs), choose); err != nil || len(again.Conflicts) > 0 {
			t.Errorf("%d: %v %v", side, again.Conflicts, err)
		}
	}
}
