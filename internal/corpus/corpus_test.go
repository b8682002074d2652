package corpus_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/esync/esync/internal/corpus"
)

// small has every kind of file.
func small() corpus.Preset {
	return corpus.Preset{Name: "test", Files: 120, MeanKB: 8, CSV: 100 << 10, DBF: 50 << 10, Archive: 300 << 10}
}

func generate(t *testing.T, preset corpus.Preset, seed uint64) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "engagement")
	if err := corpus.Generate(dir, preset, seed); err != nil {
		t.Fatal(err)
	}
	return dir
}

func sum(t *testing.T, dir string) corpus.Total {
	t.Helper()
	total, err := corpus.Sum(dir)
	if err != nil {
		t.Fatal(err)
	}
	return total
}

// read returns every file by its name.
func read(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	root := os.DirFS(dir)
	err := fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		files[name], err = fs.ReadFile(root, name)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestGenerateIsDeterministic: figures measured on a corpus mean nothing once it is another one.
func TestGenerateIsDeterministic(t *testing.T) {
	t.Parallel()
	a, b, other := generate(t, small(), 1), generate(t, small(), 1), generate(t, small(), 2)
	if sum(t, a) != sum(t, b) {
		t.Error("the same seed gave another engagement")
	}
	if sum(t, a) == sum(t, other) {
		t.Error("another seed gave the same engagement")
	}
	for name := range read(t, a) {
		first, err1 := os.Stat(filepath.Join(a, name))
		second, err2 := os.Stat(filepath.Join(b, name))
		if err := errors.Join(err1, err2); err != nil {
			t.Fatal(err)
		}
		if !first.ModTime().Equal(second.ModTime()) {
			t.Errorf("%s: the times differ", name)
		}
	}
}

func TestMakeUp(t *testing.T) {
	t.Parallel()
	preset := small()
	files := read(t, generate(t, preset, 1))
	if want := preset.Files + 3; len(files) != want {
		t.Errorf("got %d files, want %d", len(files), want)
	}
	kinds, contents := map[string]int{}, map[string]int{}
	for name, data := range files {
		extension := strings.ToLower(filepath.Ext(name))
		kinds[extension]++
		contents[string(data)]++
		if extension == ".xlsx" || extension == ".docx" {
			if _, err := zip.NewReader(bytes.NewReader(data), int64(len(data))); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	if duplicates := len(files) - len(contents); duplicates < 1 || duplicates > preset.Files/8 {
		t.Errorf("got %d exact copies", duplicates)
	}
	for extension, percent := range map[string]int{".xlsx": 38, ".docx": 20, ".pdf": 26, ".msg": 10} {
		if got := kinds[extension] * 100 / preset.Files; got < percent-10 || got > percent+10 {
			t.Errorf("%s: got %d%% of the files, want about %d%%", extension, got, percent)
		}
	}
}

func TestTiny(t *testing.T) {
	t.Parallel()
	dir := generate(t, corpus.Preset{Name: "tiny", Files: 300, Tiny: true}, 1)
	before := read(t, dir)
	edit(t, dir, "tiny")
	changed := 0
	for name, data := range read(t, dir) {
		if len(data) > 8<<10 {
			t.Errorf("%s: %d bytes are not tiny", name, len(data))
		}
		if !bytes.Equal(before[name], data) {
			changed++
		}
	}
	if len(before) != 300 || changed < 60 || changed > 100 {
		t.Errorf("%d of %d files changed", changed, len(before))
	}
}

func TestParsePreset(t *testing.T) {
	t.Parallel()
	if p, err := corpus.ParsePreset("M"); err != nil || p.Files != 10000 {
		t.Errorf("M: got %+v, %v", p, err)
	}
	if _, err := corpus.ParsePreset("XXL"); !errors.Is(err, corpus.ErrUnknown) {
		t.Errorf("XXL: got %v", err)
	}
}

func edit(t *testing.T, dir, operation string) {
	t.Helper()
	if err := corpus.Edit(dir, operation, 7); err != nil {
		t.Fatal(err)
	}
}

// TestEdit runs every operation on an engagement of its own and looks at what is different afterwards.
func TestEdit(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		operation               string
		changed, added, removed int // exactly, or many, or maybe
		extension               string
	}{
		{"cell", 1, 0, 0, ".xlsx"},
		{"para", 1, 0, 0, ".docx"},
		{"csv", 1, 0, 0, ".csv"},
		{"dbf", 1, 0, 0, ".dbf"},
		{"insert10", 1, 0, 0, ".7z"},
		{"insert10blob", 1, 0, 0, ".7z"},
		{"rename", 0, many, many, ""},
		{"scans", 0, 200, 0, ".pdf"},
		{"first30", many, 0, 0, ".xlsx"},
		{"last30", many, 0, 0, ".xlsx"},
		{"mixed", many, many, many, ""},
		{"step", many, maybe, 0, ""},
		{"tiny", many, 0, 0, ".csv"},
	} {
		t.Run(c.operation, func(t *testing.T) {
			t.Parallel()
			dir, twin := generate(t, small(), 1), generate(t, small(), 1)
			before := read(t, dir)
			edit(t, dir, c.operation)
			after := read(t, dir)
			var changed, added, removed int
			for name, data := range after {
				old, had := before[name]
				switch {
				case !had:
					added++
				case !bytes.Equal(old, data):
					changed++
				default:
					continue
				}
				if c.extension != "" && strings.ToLower(filepath.Ext(name)) != c.extension {
					t.Errorf("changed %s", name)
				}
			}
			for name := range before {
				if _, has := after[name]; !has {
					removed++
				}
			}
			for _, n := range []struct {
				what      string
				got, want int
			}{{"changed", changed, c.changed}, {"added", added, c.added}, {"removed", removed, c.removed}} {
				if n.want == many && n.got == 0 || n.want >= 0 && n.got != n.want {
					t.Errorf("%d files %s, want %d", n.got, n.what, n.want)
				}
			}
			edit(t, twin, c.operation)
			if sum(t, dir) != sum(t, twin) {
				t.Error("the same edit gave another result")
			}
		})
	}
	if len(corpus.Operations()) != 13 {
		t.Errorf("operations without a test: %v", corpus.Operations())
	}
}

const (
	many  = -1 // one or more
	maybe = -2 // any number
)

func TestRenameKeepsContent(t *testing.T) {
	t.Parallel()
	dir := generate(t, small(), 1)
	count := func() map[string]int {
		n := map[string]int{}
		for _, data := range read(t, dir) {
			n[string(data)]++
		}
		return n
	}
	before := count()
	edit(t, dir, "rename")
	after := count()
	for data, n := range before {
		if after[data] != n {
			t.Fatal("a rename changed content")
		}
	}
}

func TestInsertMovesTheRest(t *testing.T) {
	t.Parallel()
	const name = "Q Data/Mailbox archive.7z"
	dir := generate(t, small(), 1)
	before := read(t, dir)[name]
	edit(t, dir, "insert10blob")
	after := read(t, dir)[name]
	if len(after) != len(before)+10 || !bytes.Equal(after[1010:], before[1000:]) {
		t.Error("not ten bytes more near the front")
	}
}

func TestRecordsAreCounted(t *testing.T) {
	t.Parallel()
	const name, head = "Q Data/JOURNAL.DBF", 32 + 32*6 + 1
	dir := generate(t, small(), 1)
	edit(t, dir, "dbf")
	data := read(t, dir)[name]
	if got, want := binary.LittleEndian.Uint32(data[4:]), uint32((len(data)-head)/96); got != want {
		t.Errorf("the header counts %d records, the file has %d", got, want)
	}
}

func TestEditErrors(t *testing.T) {
	t.Parallel()
	if err := corpus.Edit(t.TempDir(), "paint", 1); !errors.Is(err, corpus.ErrUnknown) {
		t.Errorf("unknown operation: got %v", err)
	}
	for _, operation := range []string{"cell", "para", "csv", "dbf", "insert10", "rename", "mixed", "tiny"} {
		if err := corpus.Edit(t.TempDir(), operation, 1); !errors.Is(err, corpus.ErrNothing) {
			t.Errorf("%s in an empty folder: got %v", operation, err)
		}
	}
}

func TestSumSkipsHiddenNames(t *testing.T) {
	t.Parallel()
	dir := generate(t, corpus.Preset{Name: "few", Files: 3, MeanKB: 20}, 1)
	before := sum(t, dir)
	if err := os.MkdirAll(filepath.Join(dir, ".esync", "objects"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{".esync/objects/x.pack", ".hidden"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("x"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if after := sum(t, dir); after != before || after.Files != 3 {
		t.Errorf("got %s, want %s", after, before)
	}
	if err := os.WriteFile(filepath.Join(dir, "seen"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if sum(t, dir) == before {
		t.Error("an empty file more is not seen")
	}
}
