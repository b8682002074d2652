package transport

import (
	"context"
	"fmt"
	"testing"

	"github.com/esync/esync/objects"
)

// tiny is an engagement of many small files, in folders of 100.
func tiny(b *testing.B, n int) *copyOf {
	b.Helper()
	c := newCopy(b, "eng")
	w, err := c.store.Begin()
	if err != nil {
		b.Fatal(err)
	}
	r := seeded(1)
	root := &objects.Tree{}
	for i := 0; i < n; i += 100 {
		t := &objects.Tree{}
		for j := range 100 {
			content := []byte(text(r, 2000))
			id, err := w.Put(objects.KindBlob, content, objects.ID{})
			if err != nil {
				b.Fatal(err)
			}
			t.Entries = append(t.Entries, objects.Entry{Name: fmt.Sprintf("%03d.txt", j), Mode: objects.ModeFile, ID: id, Size: int64(len(content))})
		}
		id, err := w.Put(objects.KindTree, t.Encode(), objects.ID{})
		if err != nil {
			b.Fatal(err)
		}
		root.Entries = append(root.Entries, objects.Entry{Name: fmt.Sprintf("%06d", i), Mode: objects.ModeFolder, ID: id})
	}
	tree, err := w.Put(objects.KindTree, root.Encode(), objects.ID{})
	if err != nil {
		b.Fatal(err)
	}
	commit := &objects.Commit{Tree: tree, Generation: 1}
	id, err := w.Put(objects.KindCommit, commit.Encode(), objects.ID{})
	if err != nil {
		b.Fatal(err)
	}
	if err := w.Commit(); err != nil {
		b.Fatal(err)
	}
	c.move(main, id)
	return c
}

func BenchmarkList(b *testing.B) {
	c := tiny(b, 200_000)
	for b.Loop() {
		w, err := walk(c.store, []objects.ID{c.tip(main)}, nil)
		if err != nil {
			b.Fatal(err)
		}
		m, err := list(c.store, w, anyBases)
		if err != nil {
			b.Fatal(err)
		}
		if len(m.items) < 200_000 {
			b.Fatal(len(m.items))
		}
	}
}

func BenchmarkCloneTiny(b *testing.B) { benchClone(b, tiny(b, 50_000)) }

func BenchmarkCloneLarge(b *testing.B) {
	c := newCopy(b, "eng")
	f := files{}
	r := seeded(2)
	for i := range 200 {
		f[fmt.Sprint("scan", i)] = noise(r, 600<<10)
		f[fmt.Sprint("ledger", i)] = text(r, 200<<10)
	}
	c.commit(f, nil)
	benchClone(b, c)
}

func benchClone(b *testing.B, server *copyOf) {
	for b.Loop() {
		b.StopTimer()
		client := newCopy(b, "eng")
		b.StartTimer()
		res, err := Fetch(context.Background(), newLink(server), FetchRequest{}, client.local())
		if err != nil {
			b.Fatal(err)
		}
		b.SetBytes(res.Traffic.Received)
	}
}

func BenchmarkPullOfNothing(b *testing.B) {
	c := tiny(b, 10_000)
	client := newCopy(b, "eng")
	if _, err := client.pull(newLink(c)); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := Fetch(context.Background(), newLink(c), FetchRequest{}, client.local()); err != nil {
			b.Fatal(err)
		}
	}
}
