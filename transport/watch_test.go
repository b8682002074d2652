package transport

import (
	"context"
	"errors"
	"io"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/refs"
)

// watching runs a watch and hands out what it hears.
func watching(ctx context.Context, c *copyOf, l *link) (heard chan Tips, done chan error) {
	heard, done = make(chan Tips, 100), make(chan error, 1)
	go func() {
		done <- Watch(ctx, l, WatchRequest{Want: []string{"heads/*", "meta/*"}}, Local{Engagement: c.id}, func(tips Tips) error {
			heard <- tips
			return nil
		})
	}()
	return heard, done
}

func TestWatch(t *testing.T) {
	t.Parallel()
	for _, polls := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			server := newCopy(t, "eng")
			first := server.commit(files{"a": "1"}, nil)
			second := server.record(files{"a": "2"}, nil, first)
			host := Host(server)
			if !polls {
				host = notifying{server}
			}
			l := newLink(host)
			ctx, cancel := context.WithCancel(t.Context())
			heard, done := watching(ctx, server, l)
			if tips := <-heard; tips.Get(main) != first {
				t.Errorf("heard %v", tips)
			}
			time.Sleep(3 * time.Minute) // signs of life keep it
			server.move(refs.MustName("tags/x"), first)
			server.move(refs.MustName("config/own"), first)
			time.Sleep(time.Minute + 300*time.Millisecond) // between the signs of life
			if len(heard) != 0 {
				t.Error("heard of what nobody asked for")
			}
			began := time.Now()
			server.move(main, second)
			server.move(settings, first) // at once with the other
			tips := <-heard
			if tips.Get(main) != second || tips.Get(settings) != first {
				t.Errorf("heard %v", tips)
			}
			if took := time.Since(began); took > pollEvery+settleFor || !polls && took > settleFor+2*time.Millisecond {
				t.Errorf("after %v", took)
			}
			cancel()
			if err := <-done; err != context.Canceled {
				t.Errorf("ends with %v", err)
			}
			l.served.Wait()
			if err := <-l.errs; err != nil || len(heard) > 0 {
				t.Errorf("the server ends with %v, %d", err, len(heard))
			}
		})
	}
}

// notifying is a Host whose engagement tells when it changes.
type notifying struct{ *copyOf }

func (n notifying) Open(ctx context.Context, name string, id objects.ID) (Engagement, error) {
	if _, err := n.copyOf.Open(ctx, name, id); err != nil {
		return nil, err
	}
	return notifier{reading{n.copyOf}}, nil
}

type notifier struct{ reading }

func (n notifier) Changed(ctx context.Context, since uint64) error {
	for {
		s, err := n.State()
		if err != nil || s.Seq != since {
			return err
		}
		if err := pause(ctx, time.Millisecond); err != nil {
			return err
		}
	}
}

// TestWatchEnds: by the caller's own word, by withdrawn access, by silence.
func TestWatchEnds(t *testing.T) {
	t.Parallel()
	t.Run("told to", func(t *testing.T) {
		t.Parallel()
		server := newCopy(t, "eng")
		l := newLink(server)
		enough := errors.New("enough")
		if err := Watch(t.Context(), l, WatchRequest{}, Local{}, func(Tips) error { return enough }); err != enough {
			t.Errorf("got %v", err)
		}
		l.served.Wait()
		if err := <-l.errs; err != nil {
			t.Errorf("the server ends with %v", err)
		}
	})
	t.Run("no longer let in", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			server := newCopy(t, "eng")
			server.commit(files{"a": "1"}, nil)
			heard, done := watching(t.Context(), server, newLink(server))
			<-heard
			server.closed.Store(true)
			server.move(main, server.record(files{"a": "2"}, nil))
			if err := <-done; !errors.Is(err, ErrNotMember) || len(heard) != 0 {
				t.Errorf("got %v, heard of %d", err, len(heard))
			}
		})
	})
	t.Run("silence", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			server := newCopy(t, "eng")
			server.commit(files{"a": "1"}, nil)
			silent := script(func(s Stream) {
				w := newWriter(s)
				h := hello{version: 1, about: About{ID: server.id, Level: LevelRead}}
				w.send(msgHello, h.encode())
				w.send(msgTips, appendTips(nil, nil))
				w.flush()
				io.Copy(io.Discard, s)
			})
			began := time.Now()
			err := Watch(t.Context(), silent, WatchRequest{}, Local{}, func(Tips) error { return nil })
			if !errors.Is(err, io.ErrUnexpectedEOF) || time.Since(began) != silentAfter {
				t.Errorf("got %v after %v", err, time.Since(began))
			}
		})
	})
	t.Run("words in a watch", func(t *testing.T) {
		t.Parallel()
		server := newCopy(t, "eng")
		err := ask(t, server, &request{min: 1, max: 1, verb: verbWatch}, func(w *writer) { w.send(msgData, []byte("hello")) })
		if !errors.Is(err, ErrProtocol) {
			t.Errorf("got %v", err)
		}
	})
}

// TestWatchMemory: those who only wait cost little.
func TestWatchMemory(t *testing.T) {
	server := newCopy(t, "eng")
	at := server.commit(files{"a": "1"}, nil)
	for i := range 200 {
		server.move(refs.MustName("tags/"+noiseName(i)), at)
	}
	l := newLink(server)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	const n = 200
	req := &request{min: 1, max: 1, verb: verbWatch}
	payload, err := req.encode()
	if err != nil {
		t.Fatal(err)
	}
	var streams []Stream
	for range n {
		s, err := l.Open(context.Background(), payload)
		if err != nil {
			t.Fatal(err)
		}
		streams = append(streams, s)
		r := newReader(s)
		for k := kind(0); k != msgTips; {
			if k, _, err = r.next(nil); err != nil {
				t.Fatal(err)
			}
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	heap, stack := int64(after.HeapInuse-before.HeapInuse)/n, int64(after.StackInuse-before.StackInuse)/n
	t.Logf("%d bytes of heap, %d of stack each", heap, stack)
	if heap+stack > 64<<10 {
		t.Errorf("%d bytes each", heap+stack)
	}
	for _, s := range streams {
		s.Close()
	}
	l.served.Wait()
}
