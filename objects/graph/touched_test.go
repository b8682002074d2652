package graph_test

import (
	"strings"
	"testing"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/objects/graph"
)

// tree stores a tree of "path=content" files, one folder deep.
func (h *history) tree(t *testing.T, files string) objects.ID {
	t.Helper()
	put := func(entries []objects.Entry) objects.ID {
		tr := objects.Tree{Entries: entries}
		tr.Sort()
		id, err := h.store.Put(objects.KindTree, tr.Encode(), objects.ID{})
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	folders := map[string][]objects.Entry{}
	var root []objects.Entry
	for _, f := range strings.Fields(files) {
		path, content, _ := strings.Cut(f, "=")
		e := objects.Entry{Mode: objects.ModeFile, ID: objects.Sum(objects.KindBlob, []byte(content)), Size: int64(len(content))}
		folder, name, ok := strings.Cut(path, "/")
		if !ok {
			e.Name = folder
			root = append(root, e)
			continue
		}
		e.Name = name
		folders[folder] = append(folders[folder], e)
	}
	for name, entries := range folders {
		root = append(root, objects.Entry{Name: name, Mode: objects.ModeFolder, ID: put(entries)})
	}
	return put(root)
}

func TestTouched(t *testing.T) {
	t.Parallel()
	h := newHistory()
	a := h.add(h.tree(t, "x=1"))
	b := h.add(h.tree(t, "x=1 d/f=1"), a)
	c := h.add(h.tree(t, "x=2 d/f=1"), b)
	d := h.add(h.tree(t, "x=1 d/f=2"), b)
	m := h.add(h.tree(t, "x=2 d/f=2"), c, d) // takes one thing from each
	n := h.add(h.tree(t, "x=3 d/f=3"), m)
	e := h.add(h.tree(t, "x=3"), n)
	label := map[objects.ID]string{a: "a", b: "b", c: "c", d: "d", m: "m", n: "n", e: "e"}
	for path, want := range map[string]string{"x": "n c a", "d/f": "e n d b", "d": "e n d b", "d/g": "", "x/y": "", "": "e n m d c b a"} {
		var got []string
		for n, err := range graph.Touched(h, h.store, path, e) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, label[n.ID])
		}
		if s := strings.Join(got, " "); s != want && !(path == "" && s == "e n m c d b a") {
			t.Errorf("touched %q: %s, want %s", path, s, want)
		}
	}
}

func TestLookup(t *testing.T) {
	t.Parallel()
	h := newHistory()
	root := h.tree(t, "x=1 d/f=2")
	for path, want := range map[string]bool{"": true, ".": true, "x": true, "d": true, "d/f": true, "d/g": false, "x/f": false, "y": false} {
		e, ok, err := graph.Lookup(h.store, root, path)
		if err != nil || ok != want {
			t.Errorf("%q: %v %v", path, ok, err)
		}
		if path == "d/f" && e.ID != objects.Sum(objects.KindBlob, []byte("2")) {
			t.Errorf("%q is %s", path, e.ID)
		}
	}
	if _, ok, err := graph.Lookup(h.store, objects.ID{}, "x"); ok || err != nil {
		t.Errorf("in the empty tree: %v %v", ok, err)
	}
}
