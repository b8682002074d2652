package transport

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/objects/pack"
)

// TestHostileTrees: objects that are sound one by one, and not together.
func TestHostileTrees(t *testing.T) {
	t.Parallel()
	blob := objects.Sum(objects.KindBlob, []byte("x"))
	file := func(name string) objects.Entry {
		return objects.Entry{Name: name, Mode: objects.ModeFile, ID: blob, Size: 1}
	}
	for _, c := range []struct {
		name string
		want error
		make func(w *pack.Writer) (tree objects.ID, generation uint64)
	}{
		{"names that clash", ErrBadData, func(w *pack.Writer) (objects.ID, uint64) {
			return put(t, w, &objects.Tree{Entries: []objects.Entry{file("A.txt"), file("a.txt")}}), 1
		}},
		{"path too long", ErrBadData, func(w *pack.Writer) (objects.ID, uint64) {
			id := put(t, w, &objects.Tree{Entries: []objects.Entry{file("f")}})
			for range 3 {
				id = put(t, w, &objects.Tree{Entries: []objects.Entry{{Name: strings.Repeat("n", 100), Mode: objects.ModeFolder, ID: id, Size: 1}}})
			}
			return id, 1
		}},
		{"folders in folders without end", ErrBadData, func(w *pack.Writer) (objects.ID, uint64) {
			id := put(t, w, &objects.Tree{Entries: []objects.Entry{file("f")}})
			for range 5000 {
				id = put(t, w, &objects.Tree{Entries: []objects.Entry{{Name: "d", Mode: objects.ModeFolder, ID: id, Size: 1}}})
			}
			return id, 1
		}},
		{"folder that doubles", nil, func(w *pack.Writer) (objects.ID, uint64) {
			id := put(t, w, &objects.Tree{Entries: []objects.Entry{file("f")}})
			for range 60 {
				id = put(t, w, &objects.Tree{Entries: []objects.Entry{
					{Name: "a", Mode: objects.ModeFolder, ID: id}, {Name: "b", Mode: objects.ModeFolder, ID: id},
				}})
			}
			return id, 1
		}},
		{"wrong generation", ErrBadData, func(w *pack.Writer) (objects.ID, uint64) {
			return put(t, w, &objects.Tree{Entries: []objects.Entry{file("f")}}), 3
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			server := newCopy(t, "eng")
			first := server.commit(files{"first": "x"}, nil)
			w, err := server.store.Begin()
			if err != nil {
				t.Fatal(err)
			}
			tree, generation := c.make(w)
			commit := &objects.Commit{Tree: tree, Parents: []objects.ID{first}, Generation: 1 + generation, When: time.UnixMilli(0)}
			id, err := w.Put(objects.KindCommit, commit.Encode(), objects.ID{})
			if err != nil {
				t.Fatal(err)
			}
			if err := w.Commit(); err != nil {
				t.Fatal(err)
			}
			server.move(main, id)
			// A server that looks less closely than ours.
			open := script(func(s Stream) {
				w := newWriter(s)
				begin(w, server)
				m := &manifest{}
				for info, err := range server.store.All() {
					if err != nil {
						t.Error(err)
					}
					m.items = append(m.items, item{id: info.ID, size: 1})
				}
				m.seal()
				w.send(msgTotal, total{len(m.items), m.bytes}.encode())
				m.sendAll(w, server.store)
				w.flush()
			})
			client := newCopy(t, "eng")
			_, err = Fetch(context.Background(), open, FetchRequest{}, client.local())
			if !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

func put(t *testing.T, w *pack.Writer, tree *objects.Tree) objects.ID {
	t.Helper()
	id, err := w.Put(objects.KindTree, tree.Encode(), objects.ID{})
	if err != nil {
		t.Fatal(err)
	}
	return id
}
