package transport

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestPushLanes(t *testing.T) {
	t.Parallel()
	for _, lists := range []*Lists{NewLists(), nil} {
		client, server := bigCopy(t, 110), newCopy(t, "eng")
		server.lists = lists
		l := farLink(server)
		res, err := client.pushNew(l)
		if err != nil {
			t.Fatal(err)
		}
		l.served.Wait()
		server.check()
		if n := l.opened.Load(); n != maxLanes {
			t.Errorf("%d streams", n)
		}
		if res.Traffic.RoundTrips != 2 || res.Traffic.Sent > 14<<20 || server.pushed.Objects != res.Objects {
			t.Errorf("%+v, told of %+v", res, server.pushed)
		}
		if lists != nil && len(lists.pushes) != 0 {
			t.Error("the push is still open to lanes")
		}
	}
}

// TestPushLanesFaster: over a distance one stream is held back by its window.
func TestPushLanesFaster(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		took := func(lists *Lists) float64 {
			client, server := newCopy(t, "eng"), newCopy(t, "eng")
			client.commit(files{"scan": noise(seeded(111), 40<<20)}, nil)
			server.lists = lists
			l := newLink(server)
			l.delay = 100 * time.Millisecond
			began := time.Now()
			if _, err := client.pushNew(l); err != nil {
				t.Fatal(err)
			}
			return time.Since(began).Seconds()
		}
		one, four := took(nil), took(NewLists())
		t.Logf("%.1f s over one lane, %.1f s over four", one, four)
		if four > one/2 {
			t.Errorf("%.1f times as fast", one/four)
		}
	})
}

// breakingUp breaks every stream but the first after a while.
type breakingUp struct {
	*link
	n atomic.Int32
}

func (b *breakingUp) Open(ctx context.Context, request []byte) (Stream, error) {
	s, err := b.link.Open(ctx, request)
	if err == nil && b.n.Add(1) > 1 {
		s.(*end).out.mu.Lock()
		s.(*end).out.budget = 300 << 10
		s.(*end).out.mu.Unlock()
	}
	return s, err
}

func TestPushLanesBreak(t *testing.T) {
	t.Parallel()
	client, server := bigCopy(t, 112), newCopy(t, "eng")
	res, err := client.pushNew(&breakingUp{link: farLink(server)})
	if err != nil {
		t.Fatal(err)
	}
	server.check()
	if res.Traffic.Sent > 13<<20+int64(maxLanes)*256<<10 {
		t.Errorf("%d bytes", res.Traffic.Sent)
	}
}
