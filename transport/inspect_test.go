package transport

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/refs"
)

var settings = refs.MustName("meta/settings")

// inspected records what was asked about, and refuses with err.
func (c *copyOf) inspected(err error) *[]Arrived {
	var asked []Arrived
	c.inspect = func(_ context.Context, a Arrived) error {
		for _, id := range a.Fresh { // all of it can be read, and the store has nothing of it
			if _, err := objects.ReadCommit(a.Source, id); err != nil {
				c.t.Error(err)
			}
			if ok, _ := c.store.Has(id); ok {
				c.t.Errorf("commit %s is in the store already", id.Short())
			}
		}
		asked = append(asked, a)
		return err
	}
	return &asked
}

// TestInspectFetch: the copy is asked about everything that comes, at once and
// by list, and about names alone.
func TestInspectFetch(t *testing.T) {
	t.Parallel()
	for _, budget := range []int64{0, -1} {
		server, client := newCopy(t, "eng"), newCopy(t, "eng")
		first := server.commit(files{"a": "1"}, nil)
		second := server.commit(files{"a": "2"}, files{"a": "1"}, first)
		meta := server.record(files{"settings.json": "{}"}, nil)
		server.move(settings, meta)
		for _, refuse := range []error{fmt.Errorf("%w: %q", ErrForged, "x"), nil} {
			asked := client.inspected(refuse)
			res, err := Fetch(context.Background(), newLink(server), FetchRequest{Budget: budget}, client.local())
			if !errors.Is(err, refuse) {
				t.Fatalf("got %v, want %v", err, refuse)
			}
			a := (*asked)[0]
			if len(a.Fresh) != 3 || a.Tips.Get(main) != second || a.Tips.Get(settings) != meta || len(*asked) != 1 {
				t.Errorf("asked about %+v", a)
			}
			before := map[objects.ID]bool{}
			for _, id := range a.Fresh {
				if id == second && !before[first] {
					t.Error("a child comes before its parent")
				}
				before[id] = true
			}
			if ok, _ := client.store.Has(second); ok != (refuse == nil) {
				t.Errorf("stored: %v, refused: %v", ok, refuse)
			}
			if refuse == nil && budget < 0 && res.Resumed == 0 {
				t.Error("what was refused did not stay")
			}
		}
		client.move(main, second)
		client.move(settings, meta)
		server.move(refs.MustName("tags/final"), first)
		asked := client.inspected(nil)
		if _, err := client.pull(newLink(server)); err != nil {
			t.Fatal(err)
		}
		if len(*asked) != 1 || len((*asked)[0].Fresh) != 0 || (*asked)[0].Tips.Get(refs.MustName("tags/final")) != first {
			t.Errorf("of a name alone, asked about %+v", *asked)
		}
	}
}

// TestInspectPush: a push that the copy refuses leaves nothing in its store,
// moves no name, and the peer hears why.
func TestInspectPush(t *testing.T) {
	t.Parallel()
	for _, refuse := range []error{ErrForged, ErrNotMember} {
		server, client, f := pair(t, 70)
		at := server.tip(main)
		g := f.clone()
		g["new"] = "new"
		tip := client.commit(g, f, at)
		asked := server.inspected(fmt.Errorf("commit by somebody: %w", refuse))
		if _, err := client.push(newLink(server)); !errors.Is(err, refuse) {
			t.Fatalf("got %v, want %v", err, refuse)
		}
		if a := (*asked)[0]; len(a.Fresh) != 1 || a.Fresh[0] != tip || a.Tips.Get(main) != tip {
			t.Errorf("asked about %+v", a)
		}
		if ok, _ := server.store.Has(tip); ok || server.tip(main) != at || server.updates.Load() != 0 {
			t.Error("something was taken over")
		}
		server.inspected(nil)
		if _, err := client.push(newLink(server)); err != nil {
			t.Fatal(err)
		}
		server.check()
		// Names alone are asked about as well.
		asked = server.inspected(refuse)
		change := refs.Change{Name: settings, New: refs.IDValue(tip)}
		if _, err := Push(context.Background(), newLink(server), PushRequest{Changes: []refs.Change{change}}, client.local()); !errors.Is(err, refuse) {
			t.Errorf("got %v, want %v", err, refuse)
		}
		if len(*asked) != 1 || len((*asked)[0].Fresh) != 0 || (*asked)[0].Tips.Get(settings) != tip || !server.tip(settings).IsZero() {
			t.Errorf("of a name alone, asked about %+v", *asked)
		}
	}
}
