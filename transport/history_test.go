package transport

import (
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/esync/esync/objects"
)

// TestBehind: what a peer has of old is nothing new, whether the copy has gone
// on from there or knows it by another name; and the way there is short.
func TestBehind(t *testing.T) {
	t.Parallel()
	server := newCopy(t, "eng")
	var ids []objects.ID
	f := files{"a": "0"}
	for i := range 300 {
		g := files{"a": fmt.Sprint(i)}
		var parents []objects.ID
		if i > 0 {
			parents = ids[i-1:]
		}
		ids = append(ids, server.commit(g, f, parents...))
		f = g
	}
	client := newCopy(t, "eng")
	if _, err := client.pull(newLink(server)); err != nil {
		t.Fatal(err)
	}
	server.move(main, ids[250])
	asked := client.inspected(nil)
	local := client.local()
	local.Tracking, local.Tips = nil, []objects.ID{ids[299]}
	res, err := Fetch(t.Context(), newLink(server), FetchRequest{}, local)
	if err != nil || res.Commits != 0 || len((*asked)[0].Fresh) != 0 {
		t.Errorf("%+v, %v, %d are new", res, err, len((*asked)[0].Fresh))
	}
	src := &countingSource{Source: client.store}
	b, err := walkBoth(src, []objects.ID{ids[250]}, []objects.ID{ids[299]}, client.store.Has)
	if err != nil || len(b.fresh) != 0 || src.n.Load() > 60 {
		t.Errorf("%d are new, %d were read: %v", len(b.fresh), src.n.Load(), err)
	}
	// What no name reaches is new, though it is in the store.
	side := client.record(files{"side": "1"}, nil, ids[280])
	b, err = walkBoth(client.store, []objects.ID{side}, []objects.ID{ids[299]}, client.store.Has)
	if err != nil || len(b.fresh) != 1 || b.fresh[0].id != side {
		t.Errorf("%v, %v", b, err)
	}
}

type countingSource struct {
	objects.Source
	n atomic.Int32
}

func (c *countingSource) Get(kind objects.Kind, id objects.ID) ([]byte, error) {
	c.n.Add(1)
	return c.Source.Get(kind, id)
}
