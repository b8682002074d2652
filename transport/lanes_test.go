package transport

import (
	"context"
	"sync/atomic"
	"testing"
	"time"
)

// farLink is a link over a distance that counts connections.
func farLink(c *copyOf) *link {
	l := newLink(c)
	l.delay = 10 * time.Millisecond
	l.window = 256 << 10
	return l
}

func bigCopy(t *testing.T, seed uint64) *copyOf {
	t.Helper()
	c := newCopy(t, "eng")
	r := seeded(seed)
	f := someFiles(r)
	for _, name := range []string{"a", "b", "c"} {
		f["scans/"+name] = noise(r, 4<<20)
	}
	tip := c.commit(f, nil)
	g := f.clone()
	for _, name := range []string{"a", "b", "c"} {
		g["scans/"+name] = "inserted" + f["scans/"+name]
	}
	c.commit(g, f, tip)
	return c
}

func TestLanes(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"list remembered", "list made for each lane"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := bigCopy(t, 50)
			if name != "list remembered" {
				server.lists = nil
			}
			testLanes(t, server, newCopy(t, "eng"))
		})
	}
}

func testLanes(t *testing.T, server, client *copyOf) {
	t.Helper()
	l := farLink(server)
	res, err := client.pull(l)
	if err != nil {
		t.Fatal(err)
	}
	client.check()
	if n := l.opened.Load(); n != maxLanes {
		t.Errorf("%d streams", n)
	}
	if res.Traffic.RoundTrips != 2 || res.Traffic.Received > 14<<20 {
		t.Errorf("%+v", res.Traffic)
	}
	if n := server.plain.Load(); n != 0 {
		t.Errorf("%d frames were made anew", n)
	}
	l.served.Wait()
	for range maxLanes {
		if err := <-l.errs; err != nil {
			t.Errorf("the server says %v", err)
		}
	}
}

// breaking breaks every stream but the first after a while.
type breaking struct {
	*link
	n atomic.Int32
}

func (b *breaking) Open(ctx context.Context, request []byte) (Stream, error) {
	s, err := b.link.Open(ctx, request)
	if err == nil && b.n.Add(1) > 1 {
		s.(*end).in.mu.Lock()
		s.(*end).in.budget = 300 << 10
		s.(*end).in.mu.Unlock()
	}
	return s, err
}

func TestLanesBreak(t *testing.T) {
	t.Parallel()
	server, client := bigCopy(t, 51), newCopy(t, "eng")
	res, err := client.pull(&breaking{link: farLink(server)})
	if err != nil {
		t.Fatal(err)
	}
	client.check()
	if res.Traffic.Received > 13<<20+int64(maxLanes)*256<<10 {
		t.Errorf("%d bytes", res.Traffic.Received)
	}
}

// silent stops one lane for good after its first bytes.
type silent struct {
	*link
	n atomic.Int32
}

func (b *silent) Open(ctx context.Context, request []byte) (Stream, error) {
	s, err := b.link.Open(ctx, request)
	if err == nil && b.n.Add(1) == 2 {
		return &mute{Stream: s, gone: make(chan struct{})}, nil
	}
	return s, err
}

type mute struct {
	Stream
	reads  atomic.Int32
	closed atomic.Bool
	gone   chan struct{}
}

func (m *mute) Read(p []byte) (int, error) {
	if m.reads.Add(1) > 3 {
		<-m.gone
	}
	return m.Stream.Read(p)
}

func (m *mute) Close() error {
	if !m.closed.Swap(true) {
		close(m.gone)
	}
	return m.Stream.Close()
}

func TestLaneStalls(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("waits for a stall to be noticed")
	}
	server, client := bigCopy(t, 52), newCopy(t, "eng")
	if _, err := client.pull(&silent{link: farLink(server)}); err != nil {
		t.Fatal(err)
	}
	client.check()
}

func TestLanesGiveUp(t *testing.T) {
	t.Parallel()
	server, client := bigCopy(t, 53), newCopy(t, "eng")
	l := farLink(server)
	l.cutAfter = 500 << 10
	if _, err := client.pull(l); err == nil {
		t.Fatal("no error")
	}
	if !client.tip(main).IsZero() {
		t.Error("a name moved")
	}
	l.cutAfter = 0
	if _, err := client.pull(l); err != nil {
		t.Fatal(err)
	}
	client.check()
}

func TestCancel(t *testing.T) {
	t.Parallel()
	server, client := bigCopy(t, 54), newCopy(t, "eng")
	ctx, cancel := context.WithCancel(context.Background())
	local := client.local()
	local.Progress = func(p Progress) {
		if p.Bytes > 1<<20 {
			cancel()
		}
	}
	_, err := Fetch(ctx, farLink(server), FetchRequest{}, local)
	if err != context.Canceled {
		t.Errorf("got %v", err)
	}
}

// rateLimited is a connection whose streams share a rate; each more has its
// own, as on a line that loses packets.
type rateLimited struct {
	*link
	connections *atomic.Int32
}

func (r *rateLimited) Another(context.Context) (Opener, error) {
	r.connections.Add(1)
	return &rateLimited{r.link, r.connections}, nil
}

func TestMoreConnections(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("measures rates")
	}
	server, client := bigCopy(t, 55), newCopy(t, "eng")
	l := farLink(server)
	l.window = 8 << 10 // 400 KB/s a lane
	r := &rateLimited{l, new(atomic.Int32)}
	if _, err := client.pull(r); err != nil {
		t.Fatal(err)
	}
	client.check()
	if r.connections.Load() == 0 {
		t.Error("no connection was added")
	}
}
