package xlsx

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/esync/esync/merge/ooxml"
)

// realBooks are the workbooks of the project's own test data, and those of the
// folder in ESYNC_TEST_PAPERS.
func realBooks(t testing.TB) []string {
	t.Helper()
	var list []string
	for _, pattern := range []string{"../../testdata/papers/*.xls[xm]", "../../testdata/saves/*.xlsx", filepath.Join(os.Getenv("ESYNC_TEST_PAPERS"), "*.xls[xm]")} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, found...)
	}
	if len(list) < 20 {
		t.Fatalf("%d real workbooks", len(list))
	}
	return list
}

func read(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestRealBooksOpen(t *testing.T) {
	t.Parallel()
	for _, name := range realBooks(t) {
		data := read(t, name)
		_, err := openBook(data)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, l := range func() ooxml.Problems { b, _ := openBook(data); return b.problems() }() {
			t.Errorf("%s: %s: %s", name, l.Rule, l)
		}
		if strings.Contains(name, "shared") {
			continue
		}
		changes, err := Diff(data, data)
		if err != nil || len(changes) > 0 {
			t.Errorf("%s against itself: %v, %d changes", name, err, len(changes))
		}
	}
}

func TestDiffOfSaves(t *testing.T) {
	t.Parallel()
	list, _ := filepath.Glob("../../testdata/saves/*.xlsx")
	for i := 1; i < len(list); i++ {
		changes, err := Diff(read(t, list[i-1]), read(t, list[i]))
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %d changes", filepath.Base(list[i]), len(changes))
		for j, c := range changes {
			if j == 12 {
				t.Log("...")
				break
			}
			t.Logf("   %s %s: %.40q -> %.40q", c.Kind, c.Place(), c.Before, c.After)
		}
	}
}
