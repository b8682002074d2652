package formulas

import (
	"strings"
	"testing"
)

func TestLexKnowsReferences(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ formula, want string }{
		{"SUM(A1:B2)", "ref A1:B2"},
		{"LOG10(5)+LOG10", "ref LOG10"},
		{"_xlfn.LOG10(A1)", "ref A1"},
		{"$A$1+A$2*$B3", "ref $A$1|ref A$2|ref $B3"},
		{"SUM(A:A,2:3,$B:$C,$4:5)", "ref A:A|ref 2:3|ref $B:$C|ref $4:5"},
		{"'My Sheet'!A1+Sheet1!B2:C3", "ref 'My Sheet'!A1|ref Sheet1!B2:C3"},
		{"'It''s'!A1", "ref 'It''s'!A1"},
		{"[1]Sheet1!A1+'[2]My S'!$B$2+[3]!Total", "ref [1]Sheet1!A1|ref '[2]My S'!$B$2|name [3]!Total"},
		{"SUM(Jan:Mar!A1)", "ref Jan:Mar!A1"},
		{"Table1[[#This Row],[a'] b]]+Table1[x]", "table Table1[[#This Row],[a'] b]]|table Table1[x]"},
		{`"A1 'x"&B1`, "ref B1"},
		{"Sheet1!#REF!+#REF!+#N/A", ""},
		{"Total*2+Tax_2024+x.y", "name Total|name Tax_2024|name x.y"},
		{"1E5+2.5e-3+E5", "ref E5"},
		{"XFD1+XFE1+A1048576+A1048577+A0", "ref XFD1|name XFE1|ref A1048576|name A1048577|name A0"},
		{"IF(TRUE,A1,{1,2;3,4})", "name TRUE|ref A1"},
		{"A1:INDEX(B:B,3)", "ref A1|ref B:B"},
		{"Sheet1!A1:Sheet1!B2", "ref Sheet1!A1|ref Sheet1!B2"},
		{"Größe!A1+Ä1", "ref Größe!A1|name Ä1"},
		{"A1B+A1_", "name A1B|name A1_"},
		{"'unclosed", ""},
		{`'C:\x\[b.xlsx]S'!A1`, `ref 'C:\x\[b.xlsx]S'!A1`},
		{"'no]sheet'!A1+'a/b'!A1", "ref A1|ref A1"},
		{"[", "table ["},
	} {
		var got []string
		whole := ""
		for _, x := range Lex(c.formula) {
			whole += x.Text
			switch x.Kind {
			case KindRef:
				got = append(got, "ref "+x.Text)
			case KindName:
				got = append(got, "name "+x.Text)
			case KindTable:
				got = append(got, "table "+x.Text)
			}
		}
		if text := strings.Join(got, "|"); text != c.want {
			t.Errorf("%s: %s, want %s", c.formula, text, c.want)
		}
		if whole != c.formula {
			t.Errorf("%s: the tokens make %s", c.formula, whole)
		}
	}
}

func TestSlide(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		formula    string
		rows, cols int
		want       string
		ok         bool
	}{
		{"A1+$A1+A$1+$A$1", 2, 3, "D3+$A3+D$1+$A$1", true},
		{"SUM(B2:B9)*'x y'!C3", 1, 0, "SUM(B3:B10)*'x y'!C4", true},
		{"SUM(A:B)+SUM(3:4)", 1, 1, "SUM(B:C)+SUM(4:5)", true},
		{"A1", -1, 0, "", false},
		{`"A1"&LOG10(2)`, 5, 5, `"A1"&LOG10(2)`, true},
	} {
		got, ok := Slide(c.formula, c.rows, c.cols)
		if ok != c.ok || ok && got != c.want {
			t.Errorf("%s: %q %v, want %q", c.formula, got, ok, c.want)
		}
	}
}

func TestPlainName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"Sheet1": true, "TB": true, "My Sheet": false, "A1": false, "R1C1": false, "RC": false, "C5": false, "R2": false, "2024": false,
		"Rent": true, "Cash": true, "R": false, "x-y": false, "TB_2024": true, "Q1": false, "XFE1": true,
	} {
		if plainName(name) != want {
			t.Errorf("%q: %v", name, !want)
		}
	}
}

func FuzzLex(f *testing.F) {
	for _, s := range []string{"SUM(A1:B2)", "'x'!A1", "[1]a!b", "T[[#All],[x]]", "1:2", "'", "\"", "$", "A$", "#"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		whole, stray := "", false
		for _, x := range Lex(s) {
			whole += x.Text
			stray = stray || x.Kind == KindOther && strings.Contains(x.Text, "'")
		}
		if whole != s {
			t.Fatalf("%q became %q", s, whole)
		}
		if stray {
			return // no formula: an apostrophe stands at a sheet's name or in brackets
		}
		once := Canonical(s, nil)
		if twice := Canonical(once, nil); twice != once {
			t.Fatalf("%q: canonical %q, then %q", s, once, twice)
		}
	})
}

func TestBlanksInFormulas(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b  string
		alike bool
	}{
		{"SUM( A1 , B2 )\n", "SUM(A1,B2)", true},
		{"IF (A1 > 2, \" a, b \", -1)", "IF(A1>2,\" a, b \",-1)", true},
		{"'My sheet'!A1 + 'My sheet'!B2", "'My sheet'!A1+'My sheet'!B2", true},
		{"A1:B4 B2:C9", "A1:B4B2:C9", false},
		{"\"a b\"&A1", "\"ab\"&A1", false},
		{"\"a, b\"", "\"a,b\"", false},
		{`'C:\x\[b.xlsx]S'!A1`, `'C:\y\[b.xlsx]S'!A1`, false},
		{"A'X'!B1", "AX!B1", false},
	} {
		if got := Canonical(c.a, nil) == Canonical(c.b, nil); got != c.alike {
			t.Errorf("%q and %q: %v", c.a, c.b, got)
		}
	}
}
