package ssh

import (
	"context"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	gossh "golang.org/x/crypto/ssh"
)

// Law: whatever members of a hub do to it, others reach each other through it, its memory has a bound, and nothing is left.
func TestHubAttacks(t *testing.T) {
	keys := map[string]Signer{}
	for i := range 8 {
		keys[fmt.Sprintf("evil%d", i)], _ = newKey(t)
	}
	keys["lead"], _ = newKey(t)
	keys["bob"], _ = newKey(t)
	l := startLab(t, labSetup{Kind: "hub", Ask: 300 * time.Millisecond, Dead: 15 * time.Second}, keys)
	evil := func(i int) Signer { return keys[fmt.Sprintf("evil%d", i%8)] }
	p := startPeer(t, l.testServer, keys["lead"], nil, nil)
	visit := func() error {
		c, err := Dial(context.Background(), Target{Host: "lead"}, p.through(l.testServer, keys["bob"]))
		if err != nil {
			return err
		}
		defer c.Close()
		stream, err := c.Open(context.Background(), []byte("hello"))
		if err != nil {
			return err
		}
		_ = stream.CloseWrite()
		if got, err := io.ReadAll(stream); err != nil || string(got) != "full ann:hello" {
			return fmt.Errorf("%q came back, %w", got, err)
		}
		return nil
	}
	if err := visit(); err != nil {
		t.Fatal(err)
	}
	for _, attack := range []struct {
		name string
		run  func(ctx context.Context, open func(io.Closer))
	}{
		{"floods of registrations", l.flood(evil, func(c gossh.Conn, i int) {
			_, _, _ = c.SendRequest([]string{forwardRequest, cancelRequest}[i%2], i%3 == 0, gossh.Marshal(bindMessage{"x", uint32(20000 + i%20)}))
		})},
		{"floods of calls to nobody, to members, and to themselves", l.flood(evil, func(c gossh.Conn, i int) {
			host := []string{"nobody", "lead", "evil1", "localhost"}[i%4]
			if ch, reqs, err := c.OpenChannel(directType, gossh.Marshal(channelMessage{host, uint32(1 + i%3), "127.0.0.1", 1})); err == nil {
				go gossh.DiscardRequests(reqs)
				_, _ = ch.Write([]byte("noise"))
				ch.Close()
			}
		})},
		{"calls that are never taken, and never read", func(ctx context.Context, open func(io.Closer)) {
			calls := 4
			if *attackTime >= time.Second {
				calls = 20
			}
			var work sync.WaitGroup
			for i := range 8 {
				work.Go(func() {
					conn, raw, err := l.attacker(evil(i), nil)
					if err != nil {
						t.Error(err)
						return
					}
					open(raw)
					c := gossh.NewClient(conn, make(chan gossh.NewChannel), make(chan *gossh.Request))
					if ok, _, err := c.SendRequest(forwardRequest, true, gossh.Marshal(bindMessage{"x", uint32(30000 + i)})); !ok || err != nil {
						t.Errorf("a registration: %v, %v", ok, err)
					}
					for range calls {
						go func() {
							ch, reqs, err := conn.OpenChannel(directType, gossh.Marshal(channelMessage{[]string{"lead", "localhost"}[i%2], uint32(30000 + (i+1)%8), "127.0.0.1", 1}))
							if err != nil {
								return
							}
							go gossh.DiscardRequests(reqs)
							_, _ = io.Copy(ch, zeros{}) // without end, and nobody reads what comes back
						}()
					}
				})
			}
			work.Wait()
		}},
	} {
		t.Run(attack.name, func(t *testing.T) {
			before := l.stats()
			ctx, cancel := context.WithTimeout(t.Context(), *attackTime)
			defer cancel()
			var mu sync.Mutex
			var opened []io.Closer
			var visits atomic.Int64
			var worst time.Duration
			var peak uint64
			work, stop := sync.WaitGroup{}, make(chan struct{})
			work.Go(func() {
				for {
					select {
					case <-stop:
						return
					default:
					}
					began := time.Now()
					if err := visit(); err != nil {
						t.Errorf("an honest client after %v: %v", time.Since(began), err)
						return
					}
					worst = max(worst, time.Since(began))
					peak = max(peak, rss(l.cmd.Process.Pid))
					visits.Add(1)
				}
			})
			attack.run(ctx, func(c io.Closer) {
				mu.Lock()
				defer mu.Unlock()
				opened = append(opened, c)
			})
			for so := visits.Load(); visits.Load() < so+3 && !t.Failed(); {
				time.Sleep(10 * time.Millisecond)
			}
			<-ctx.Done()
			close(stop)
			work.Wait()
			for _, c := range opened {
				c.Close()
			}
			eventually(t, fmt.Sprintf("goroutines are left: %d before", before.Goroutines), func() bool { return l.stats().Goroutines <= before.Goroutines })
			after := l.stats()
			t.Logf("%d visits of honest clients, the slowest %v; memory %d MiB, then up to %d, then %d; goroutines %d, then %d", visits.Load(),
				worst.Round(time.Millisecond), before.RSS>>20, peak>>20, after.RSS>>20, before.Goroutines, after.Goroutines)
			if worst > patience/2 || peak > before.RSS+400<<20 || after.Heap > before.Heap+32<<20 {
				t.Errorf("the slowest took %v; memory: %d MiB before, %d at the peak, %d of heap after %d", worst, before.RSS>>20, peak>>20, after.Heap>>20, before.Heap>>20)
			}
		})
	}
}
