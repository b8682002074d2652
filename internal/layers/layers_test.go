package layers_test

import (
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/esync/esync/internal/layers"
)

// root is the module as seen from this folder.
const root = "../.."

// TestModule is the rule itself: the sources of esync against the list.
func TestModule(t *testing.T) {
	t.Parallel()
	packages, err := layers.Read(os.DirFS(root))
	if err != nil {
		t.Fatal(err)
	}
	found := func(dir string) bool {
		return slices.ContainsFunc(packages, func(p layers.Package) bool { return p.Dir == dir })
	}
	for _, dir := range []string{"objects", "internal/fsys", "internal/layers"} {
		if !found(dir) {
			t.Errorf("%s was not read", dir)
		}
	}
	for _, wrong := range layers.Check(packages, layers.Module()) {
		t.Error(wrong)
	}
}

// TestRulesPointDown holds that the list itself has no circle, which would make it a list of nothing.
func TestRulesPointDown(t *testing.T) {
	t.Parallel()
	rules := layers.Module()
	var visit func(dir string, path []string)
	visit = func(dir string, path []string) {
		if slices.Contains(path, dir) {
			t.Fatalf("the rules go in a circle: %s", strings.Join(append(path, dir), " > "))
		}
		for _, below := range rules.Allowed[dir] {
			if _, ok := rules.Allowed[below]; !ok {
				t.Errorf("%s may import %s, which is not in the list", dir, below)
			}
			visit(below, append(slices.Clone(path), dir))
		}
	}
	for dir := range rules.Allowed {
		visit(dir, nil)
	}
}

// TestDrawing holds that both drawings show every package of the layers.
func TestDrawing(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"doc.go", root + "/CONTRIBUTING.md"} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for dir := range layers.Module().Allowed {
			word := strings.TrimPrefix(dir, "objects/")
			if !strings.Contains(string(text), word) {
				t.Errorf("%s does not show %s", name, dir)
			}
		}
	}
}

func TestCheckFindsEachFault(t *testing.T) {
	t.Parallel()
	rules := layers.Rules{
		Path: "x.org/m",
		Allowed: map[string][]string{
			"low": {}, "high": {"low"}, "fake": {"low"}, "suite": {"low"}, "pure": {}, "util": {}, "a/b/c": {}, "undocumented": {},
		},
		Tests: []string{"fake"}, Suites: []string{"suite"}, Pure: []string{"pure"}, Names: []string{"util"},
		Homes:       map[string][]string{"y.org/zip": {"low"}},
		TestModules: []string{"y.org/rapid"},
	}
	for _, c := range []struct {
		name, file, source string
		want               string // part of the only complaint; "" is none
	}{
		{"down", "high/a.go", `import "x.org/m/low"`, ""},
		{"up", "low/a.go", `import "x.org/m/high"`, "low imports x.org/m/high: it is not below"},
		{"sideways", "low/a.go", `import "x.org/m/pure"`, "low imports x.org/m/pure: it is not below"},
		{"up in a test", "low/a_test.go", `import "x.org/m/high"`, "it is not below"},
		{"own package in an outer test", "low/a_test.go", `import "x.org/m/low"`, ""},
		{"fake in a test", "high/a_test.go", `import "x.org/m/fake"`, ""},
		{"fake in a suite", "suite/a.go", `import "x.org/m/fake"`, ""},
		{"fake in the program", "high/a.go", `import "x.org/m/fake"`, "only tests may import it"},
		{"other system", "low/a_plan9.go", `import "x.org/m/high"`, "it is not below"},
		{"at home", "low/a.go", `import "y.org/zip/deflate"`, ""},
		{"away from home", "high/a.go", `import "y.org/zip/deflate"`, "high imports y.org/zip/deflate: its home is low"},
		{"away from home in a test", "high/a_test.go", `import "y.org/zip"`, "its home is low"},
		{"a name that only begins alike", "low/a.go", `import "y.org/zipper"`, "no home"},
		{"without a home", "low/a.go", `import "y.org/new"`, "no home"},
		{"test module in a test", "low/a_test.go", `import "y.org/rapid"`, ""},
		{"test module in the program", "low/a.go", `import "y.org/rapid"`, "only tests"},
		{"testing in the program", "low/a.go", `import "testing"`, "does not ship test code"},
		{"testing in a suite", "suite/a.go", `import "testing"`, ""},
		{"pure", "pure/a.go", `import "io"`, ""},
		{"impure", "pure/a.go", `import "os"`, "the package is pure"},
		{"impure in a test", "pure/a_test.go", `import "os"`, ""},
		{"empty name", "util/a.go", ``, `the name "util"`},
		{"too deep", "a/b/c/a.go", ``, "3 deep"},
		{"not listed", "new/a.go", ``, "not in the list of layers"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := c.file[:strings.LastIndex(c.file, "/")]
			module := fstest.MapFS{
				c.file:            {Data: []byte("package p\n" + c.source)},
				dir + "/doc.go":   {Data: []byte("package p")},
				"testdata/bad.go": {Data: []byte("package util")},
			}
			expect(t, module, rules, c.want)
		})
	}
	t.Run("no doc.go", func(t *testing.T) {
		t.Parallel()
		expect(t, fstest.MapFS{"undocumented/a.go": {Data: []byte("package p")}}, rules, "has no doc.go")
	})
}

func expect(t *testing.T, module fstest.MapFS, rules layers.Rules, want string) {
	t.Helper()
	packages, err := layers.Read(module)
	if err != nil {
		t.Fatal(err)
	}
	got := layers.Check(packages, rules)
	switch {
	case want == "" && len(got) > 0:
		t.Errorf("complains without reason: %q", got)
	case want != "" && (len(got) != 1 || !strings.Contains(got[0], want)):
		t.Errorf("got %q, want one complaint with %q", got, want)
	}
}
