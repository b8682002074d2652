package transport

import (
	"context"
	"os"
	"sync"
	"sync/atomic"
	"testing"
)

// freezer lets so many bytes pass, all streams together, and then calls freeze
// once, before the next are written.
type freezer struct {
	after  int64
	n      atomic.Int64
	once   sync.Once
	freeze func()
}

type freezing struct {
	Stream
	f *freezer
}

func (s *freezing) Write(p []byte) (int, error) {
	if s.f.n.Add(int64(len(p))) > s.f.after {
		s.f.once.Do(s.f.freeze)
	}
	return s.Stream.Write(p)
}

// survivor is what is left of a copy whose process is killed at this moment:
// what the system has of its files.
func (c *copyOf) survivor(t *testing.T) *copyOf {
	t.Helper()
	s := &copyOf{t: c.t, dir: t.TempDir(), id: c.id, name: c.name, lists: NewLists()}
	if err := os.CopyFS(s.dir, os.DirFS(c.dir)); err != nil {
		t.Fatal(err)
	}
	return s
}

// partBytes is how much of a transfer that goes on came through.
func (c *copyOf) partBytes() int64 {
	c.t.Helper()
	all, err := c.store.Incoming()
	if err != nil || len(all) > 1 {
		c.t.Fatal(all, err)
	}
	for _, in := range all {
		return in.Bytes
	}
	return 0
}

// TestKilled: of what was sent to a process that is killed, 256 KiB a lane are
// lost at most. What its stream and the system hold back does not count, since
// it was not asked for.
func TestKilled(t *testing.T) {
	t.Parallel()
	r := seeded(100)
	f := someFiles(r)
	f["scan"] = noise(r, 8<<20)
	for i := range 300 {
		f["small/"+noiseName(i)] = text(r, 2000)
	}
	for _, c := range []struct {
		name string
		run  func(from, to *copyOf, freeze *freezer) error
	}{
		{"fetch", func(from, to *copyOf, freeze *freezer) error {
			l := newLink(from)
			l.wrap = func(s Stream) Stream { return &freezing{s, freeze} }
			_, err := Fetch(context.Background(), l, FetchRequest{}, to.local())
			return err
		}},
		{"push", func(from, to *copyOf, freeze *freezer) error {
			l := newLink(to)
			_, err := from.push(writing2{l, freeze})
			return err
		}},
	} {
		most := int64(0)
		for at := int64(1 << 20); at < 8<<20; at += 700_000 {
			from, to := newCopy(t, "eng"), newCopy(t, "eng")
			from.commit(f, nil)
			var left *copyOf
			freeze := &freezer{after: at}
			freeze.freeze = func() { left = to.survivor(t) }
			if err := c.run(from, to, freeze); err != nil {
				t.Fatal(err)
			}
			left.reopen()
			lost := at - left.partBytes()
			most = max(most, lost)
			if lost > 256<<10+64<<10 { // and the list, and what stands around frames
				t.Errorf("%s killed at %d: %d bytes are lost", c.name, at, lost)
			}
		}
		t.Logf("%s: at most %d KiB are lost", c.name, most>>10)
	}
}

// writing2 counts what the client writes.
type writing2 struct {
	*link
	f *freezer
}

func (w writing2) Open(ctx context.Context, request []byte) (Stream, error) {
	s, err := w.link.Open(ctx, request)
	return &freezing{s, w.f}, err
}

// TestCutAnywhere: a stream that is cut, in either direction, and goes on with
// another peer, sends 256 KiB a lane twice at most.
func TestCutAnywhere(t *testing.T) {
	t.Parallel()
	r := seeded(101)
	f := someFiles(r)
	f["scan"] = noise(r, 5<<20)
	one, two := newCopy(t, "eng"), newCopy(t, "eng")
	one.commit(f, nil)
	two.commit(f, nil)
	whole, err := newCopy(t, "eng").pullWith(newLink(one), FetchRequest{Budget: -1})
	if err != nil {
		t.Fatal(err)
	}
	most := int64(0)
	for range 24 {
		client := newCopy(t, "eng")
		l := newLink(one)
		l.cutAfter = 100<<10 + r.Int64N(5<<20)
		cut, err := client.pullWith(l, FetchRequest{Budget: -1})
		if err == nil {
			t.Fatal("no error")
		}
		client.reopen()
		rest, err := client.pullWith(newLink(two), FetchRequest{Budget: -1})
		if err != nil {
			t.Fatal(err)
		}
		twice := cut.Traffic.Received + rest.Traffic.Received - whole.Traffic.Received
		if most = max(most, twice); twice > 256<<10+resentList(whole.Objects) {
			t.Errorf("fetch cut at %d: %d bytes came twice", l.cutAfter, twice)
		}
	}
	t.Logf("fetch: at most %d KiB twice", most>>10)
	most = 0
	for range 24 {
		server := newCopy(t, "eng")
		client := one
		l := newLink(server)
		l.cutUp = 100<<10 + r.Int64N(5<<20)
		first, err := client.pushNew(l)
		l.served.Wait()
		if err == nil {
			t.Fatal("no error")
		}
		came := server.partBytes()
		if most = max(most, l.cutUp-came); l.cutUp-came > 256<<10+resentList(whole.Objects) {
			t.Errorf("push cut at %d: %d bytes of %d came through", l.cutUp, came, first.Traffic.Sent)
		}
		server.reopen()
		if _, err := client.pushNew(newLink(server)); err != nil {
			t.Fatal(err)
		}
		server.check()
	}
	t.Logf("push: at most %d KiB are lost", most>>10)
}

// resentList is the list, which comes with every attempt, and what stands
// around messages.
func resentList(objects int) int64 { return int64(objects)*40 + 8<<10 }
