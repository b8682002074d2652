package merge_test

import (
	"errors"
	"flag"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/esync/esync/merge"
	"github.com/esync/esync/objects"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func sampleConflicts() []merge.Conflict {
	e := func(name string, mode objects.Mode, time int64) *objects.Entry {
		return &objects.Entry{Name: name, Mode: mode, ID: objects.Sum(objects.KindBlob, []byte(name)), Size: 12, ModTime: time}
	}
	return []merge.Conflict{
		{Kind: merge.BothChanged, Path: "a b/\u00e9.xlsx", Base: e("\u00e9.xlsx", 1, -5), Ours: e("\u00e9.xlsx", 2, 7), Theirs: e("\u00e9.xlsx", 1, 9)},
		{Kind: merge.DeletedChanged, Path: "f", Base: e("f", 1, 0), Theirs: e("g", 1, 3), TheirsPath: "d/g"},
		{Kind: merge.FileFolder, Path: "x", Ours: e("x", 3, 0), Theirs: e("x", 1, 1)},
	}
}

// newConflicts has all that version 1 cannot hold.
func newConflicts() []merge.Conflict {
	list := sampleConflicts()
	moved := *list[1].Theirs
	return append(list,
		merge.Conflict{Kind: merge.RenamedDeleted, Path: "f", Base: &moved, BasePath: "d/g", Theirs: &objects.Entry{Name: "f", Mode: 1}},
		merge.Conflict{
			Kind: merge.BothChanged, Path: "ledger.dbf", Ours: &objects.Entry{Name: "ledger.dbf", Mode: 1}, Reason: "its memo file has changed on \"both\" sides",
			Also: []merge.Member{{Path: "ledger.cdx", Ours: &objects.Entry{Name: "ledger.cdx", Mode: 1}}, {Path: "ledger.fpt", Base: &objects.Entry{Name: "ledger.fpt", Mode: 1}}},
		},
		merge.Conflict{
			Kind: merge.BothChanged, Path: "tb.xlsx", Ours: &objects.Entry{Name: "tb.xlsx", Mode: 1}, Theirs: &objects.Entry{Name: "tb.xlsx", Mode: 2},
			Places: []merge.Place{{Where: "TB!C3", Base: "1", Ours: "2", Theirs: "3\n4"}, {Where: "TB!C4", Take: merge.Theirs}},
		})
}

func TestGolden(t *testing.T) {
	t.Parallel()
	for file, list := range map[string][]merge.Conflict{
		"../testdata/golden/merge-conflicts.txt":    sampleConflicts(),
		"../testdata/golden/merge-conflicts-v2.txt": newConflicts(),
	} {
		got, err := merge.EncodeConflicts(list)
		if err != nil {
			t.Fatal(err)
		}
		if *update {
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("encoding has changed:\n%s", got)
		}
		again, err := merge.DecodeConflicts(got)
		if err != nil {
			t.Fatal(err)
		}
		if text, err := merge.EncodeConflicts(again); err != nil || text != got || len(again) != len(list) {
			t.Errorf("decodes to %+v, %v", again, err)
		}
	}
	list, err := merge.DecodeConflicts(mustEncode(t, sampleConflicts()))
	if err != nil || !reflect.DeepEqual(list, sampleConflicts()) {
		t.Errorf("decodes to %+v, %v", list, err)
	}
}

func mustEncode(t *testing.T, list []merge.Conflict) string {
	t.Helper()
	text, err := merge.EncodeConflicts(list)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestEncodeRefuses(t *testing.T) {
	t.Parallel()
	e := &objects.Entry{Name: "a", Mode: 1}
	for name, c := range map[string]merge.Conflict{
		"kind":     {Kind: "other", Path: "a", Ours: e},
		"path":     {Kind: merge.BothAdded, Path: "../a", Ours: e},
		"meta":     {Kind: merge.BothAdded, Path: ".esync/a", Ours: e},
		"no side":  {Kind: merge.BothAdded, Path: "a"},
		"name":     {Kind: merge.BothAdded, Path: "b", Ours: e},
		"mode":     {Kind: merge.BothAdded, Path: "a", Ours: &objects.Entry{Name: "a"}},
		"own path": {Kind: merge.BothAdded, Path: "a", Ours: e, OursPath: "a"},
		"order":    {Kind: merge.BothAdded, Path: "a", Ours: e, Also: []merge.Member{{Path: "c", Ours: e}, {Path: "b", Ours: e}}},
		"places":   {Kind: merge.BothAdded, Path: "a", Ours: e, Places: []merge.Place{{Where: "A1"}, {Where: "A1"}}},
	} {
		if _, err := merge.EncodeConflicts([]merge.Conflict{c}); !errors.Is(err, merge.ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	c := sampleConflicts()[:1]
	if _, err := merge.EncodeConflicts(append(c, c...)); !errors.Is(err, merge.ErrMalformed) {
		t.Errorf("twice: %v", err)
	}
	if s, err := merge.EncodeConflicts(nil); s != "" || err != nil {
		t.Errorf("none: %q %v", s, err)
	}
}

// FuzzConflicts: what decodes encodes to the same text.
func FuzzConflicts(f *testing.F) {
	text, err := merge.EncodeConflicts(sampleConflicts())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add(strings.Replace(text, "file", "folder", 1))
	if text, err = merge.EncodeConflicts(newConflicts()); err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Fuzz(func(t *testing.T, text string) {
		list, err := merge.DecodeConflicts(text)
		if err != nil {
			return
		}
		again, err := merge.EncodeConflicts(list)
		if err != nil || again != text {
			t.Errorf("decodes %q\nencodes %q %v", text, again, err)
		}
	})
}
