package merge_test

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/esync/esync/merge"
	"github.com/esync/esync/objects"
)

// book makes a container with one sheet of cells and some parts that never
// change, packed at a level that makes all its bytes other ones.
func book(t *testing.T, seed uint64, cells, level int) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, level) })
	r := rand.New(rand.NewPCG(1, 1))
	for part := range 4 {
		w, err := z.Create(fmt.Sprintf("part%d.xml", part))
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(w, "<x>")
		for i := range 400 {
			v := r.IntN(1_000_000)
			if part == 0 && i < cells {
				v += int(seed)
			}
			fmt.Fprintf(w, `<c r="A%d"><v>%d</v></c>`, i, v)
		}
		io.WriteString(w, "</x>")
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestRenamedContainer: a workbook that one side renamed and saved anew, and
// the other side changed, is recognized by what is in it; there the two are in
// conflict, since no parts of it are workbooks in truth.
func TestRenamedContainer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tree := func(name string, content []byte) objects.ID {
		return w.files(map[string]gitFile{name: {content: content}, "other": {content: []byte("x")}})
	}
	base := tree("2023/tb.xlsx", book(t, 0, 0, 9))
	renamed, edited := tree("2024/tb new.xlsx", book(t, 1, 300, 1)), tree("2023/tb.xlsx", book(t, 2, 10, 6))
	r, err := merge.Trees(w, w, base, renamed, edited, merge.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Conflicts) != 1 || r.Conflicts[0].Path != "2024/tb new.xlsx" || r.Conflicts[0].TheirsPath != "2023/tb.xlsx" || r.Conflicts[0].BasePath != "2023/tb.xlsx" {
		t.Errorf("%+v", r.Conflicts)
	}
	// The same in files that are no containers to look into.
	base = tree("2023/tb", book(t, 0, 0, 9))
	renamed, edited = tree("2024/tb new", book(t, 1, 1500, 1)[1:]), tree("2023/tb", book(t, 2, 10, 6))
	if r, err = merge.Trees(w, w, base, renamed, edited, merge.Options{}); err != nil || len(r.Conflicts) != 1 || r.Conflicts[0].Path != "2023/tb" {
		t.Errorf("%+v %v", r.Conflicts, err)
	}
}

// TestBomb: a small container that unpacks into a large one is not unpacked.
func TestBomb(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for i := range 2 {
		f, err := z.Create(fmt.Sprint(i))
		if err != nil {
			t.Fatal(err)
		}
		zero := make([]byte, 1<<20)
		for range 40 {
			if _, err := f.Write(zero); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	w := newWorld(t)
	bomb := out.Bytes()
	other := append(bytes.Clone(bomb), 0)
	tree := func(name string, content []byte) objects.ID {
		return w.files(map[string]gitFile{name: {content: content}})
	}
	r, err := merge.Trees(w, w, tree("a.zip", bomb), tree("b.zip", other), tree("a.zip", append(other, 0)), merge.Options{})
	if err != nil || len(r.Conflicts) != 1 {
		t.Errorf("%+v %v", r.Conflicts, err)
	}
}
