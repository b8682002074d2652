package objects

import (
	"errors"
	"strings"
	"testing"
)

func TestCheckName(t *testing.T) {
	t.Parallel()
	good := []string{
		"a", "TB", "tie-out.xlsx", ".esyncignore", ".hidden", "Ünterlagen 2026.docx", "auxiliary.txt", "com.txt", "comma", "LPT", "console.log",
		"COM10", "nullable", "esync", "esync.exe", "~$budget.xlsx", "a~1", "E1~2", " leading", "日本語.xlsx", strings.Repeat("x", 255), "con1", "Prn2.pdf",
	}
	for _, name := range good {
		if err := CheckName(name); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
	bad := []string{
		"", ".", "..", "a/b", `a\b`, "a\x00b", "a\nb", "a\x7fb", "a:b", "a<b", "a>b", `a"b`, "a|b", "a?b", "a*b", "name.", "name ", "dots...", "\xff\xfe",
		"CON", "con", "Con.txt", "con .txt", "prn", "AUX.xlsx", "nul", "NUL.tar.gz", "com1", "COM9.txt", "com0", "lpt1.pdf", "COM¹", "lpt³.txt", "CONIN$", "conout$",
		".esync", ".ESYNC", ".eSync", ".esync.", ".esync ", ".esync . .", "ESYNC~1", "esync~12", "ES3F2A~1", ".esy\u200bnc", "\u200c.esync", ".esync\ufeff", "\uff0eesync", ".ｅｓｙｎｃ",
		strings.Repeat("x", 256), strings.Repeat("ü", 128),
	}
	for _, name := range bad {
		err := CheckName(name)
		if !errors.Is(err, ErrBadName) {
			t.Errorf("%q is accepted (%v)", name, err)
			continue
		}
		var ne *NameError
		if errors.As(err, &ne) && ne.Fix != "" && CheckName(ne.Fix) != nil {
			t.Errorf("%q: the proposed %q is refused too", name, ne.Fix)
		}
	}
}

// TestMetaAlias puts every ignorable code point into every position.
func TestMetaAlias(t *testing.T) {
	t.Parallel()
	for r := rune(0); r <= 0xffff; r++ {
		if !ignorable(r) {
			continue
		}
		for i := range len(MetaDir) + 1 {
			name := MetaDir[:i] + string(r) + MetaDir[i:]
			if CheckName(name) == nil {
				t.Fatalf("%q is accepted", name)
			}
		}
	}
}

func TestClashes(t *testing.T) {
	t.Parallel()
	tree := func(names ...string) *Tree {
		t := &Tree{}
		for _, n := range names {
			t.Entries = append(t.Entries, Entry{Name: n, Mode: ModeFile})
		}
		t.Sort()
		return t
	}
	for _, pair := range [][2]string{{"Budget.xlsx", "budget.XLSX"}, {"caf\u00e9", "cafe\u0301"}, {"stra\u00dfe", "STRASSE"}} {
		if err := CheckClashes(tree(pair[0], pair[1])); !errors.Is(err, ErrBadName) {
			t.Errorf("%q and %q: %v", pair[0], pair[1], err)
		}
	}
	if err := CheckClashes(tree("a", "b", "A1", "café", "cafe")); err != nil {
		t.Error(err)
	}
}

func TestCheckPath(t *testing.T) {
	t.Parallel()
	if err := CheckPath("A/B/tie-out.xlsx"); err != nil {
		t.Error(err)
	}
	for _, p := range []string{"", "/a", "a/", "a//b", "a/../b", "a/.esync/b", strings.Repeat("abcdefgh/", 27) + "x"} {
		if err := CheckPath(p); !errors.Is(err, ErrBadName) {
			t.Errorf("%q: %v", p, err)
		}
	}
}

func FuzzCheckName(f *testing.F) {
	for _, s := range []string{"tie-out.xlsx", "con", ".esync", "a:b", "name."} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if plain(name) && badName(name) != "" {
			t.Fatalf("the quick way accepts %q, which %s", name, badName(name))
		}
		err := CheckName(name)
		var ne *NameError
		if errors.As(err, &ne) && ne.Fix != "" && CheckName(ne.Fix) != nil {
			t.Fatalf("%q: the proposed %q is refused too", name, ne.Fix)
		}
	})
}
