package transport

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/esync/esync/objects"
)

// TestManyClones: many clones of one engagement make its list once, and the
// server makes no frame anew.
func TestManyClones(t *testing.T) {
	t.Parallel()
	server := newCopy(t, "eng")
	r := seeded(60)
	f := files{}
	for i := range 400 {
		f[string(rune('a'+i%20))+"/"+noiseName(i)] = text(r, 300)
	}
	server.commit(f, nil)
	var clones sync.WaitGroup
	for range 8 {
		client := newCopy(t, "eng")
		local := client.local()
		clones.Go(func() {
			if _, err := Fetch(context.Background(), newLink(server), FetchRequest{}, local); err != nil {
				t.Error(err)
			}
		})
	}
	clones.Wait()
	if n := len(server.lists.lists); n != 1 {
		t.Errorf("%d lists are remembered", n)
	}
	if n := server.plain.Load(); n != 0 {
		t.Errorf("%d frames were made anew", n)
	}
}

func noiseName(i int) string { return "file" + string(rune('a'+i%26)) + string(rune('a'+i/26)) }

func TestListsMakeOnce(t *testing.T) {
	t.Parallel()
	l := NewLists()
	var made atomic.Int32
	start := make(chan struct{})
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			<-start
			m, err := l.get(objects.ID{1}, objects.ID{2}, func() (*manifest, error) {
				made.Add(1)
				return &manifest{items: make([]item, minKept), id: objects.ID{3}}, nil
			})
			if err != nil || m.id != (objects.ID{3}) {
				t.Errorf("got %v, %v", m, err)
			}
		})
	}
	close(start)
	all.Wait()
	if made.Load() != 1 {
		t.Errorf("made %d times", made.Load())
	}
	if l.find(objects.ID{1}, objects.ID{3}) == nil || l.find(objects.ID{9}, objects.ID{3}) != nil {
		t.Error("found wrongly")
	}
	for i := range 100 {
		if _, err := l.get(objects.ID{1}, objects.ID{4, byte(i)}, func() (*manifest, error) {
			return &manifest{items: make([]item, keepItems/4)}, nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	items := 0
	for _, k := range l.lists {
		items += len(k.m.items)
	}
	if items > keepItems {
		t.Errorf("%d entries are remembered", items)
	}
}
