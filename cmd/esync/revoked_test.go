package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"testing"
	"time"
)

// Whoever is put out loses the connections that he has, over every way: what is measured is logged, and has to be well below
// what would pass for a poll of minutes.
func TestRevokedWhileConnected(t *testing.T) {
	t.Parallel()
	m := newMatrix(t)
	const bound = 5 * time.Second // on a machine that is busy; 1 s is what it should take
	for _, way := range ways {
		if way == "stdio" && !m.sshd {
			t.Log("NOT TESTED: the way by a stock sshd, which is not installed")
			continue
		}
		t.Run(way, func(t *testing.T) {
			c := &cell{matrix: m, t: t, who: "leaver-" + way, way: way, served: "full"}
			key := m.must(c.who, m.dir, "key")
			m.must("office", m.path("office"), "grant", c.who, "full", "--key", key)
			switch way {
			case "stdio":
				m.admitBySSHD(c.who)
			case "hub":
				m.write("hub-keys", key+"\n")
			}
			events := c.watching(t)
			c.await(t, events, "synced")
			began := time.Now()
			m.must("office", m.path("office"), "revoke", c.who)
			lost := c.await(t, events, "lost")
			took := time.Since(began)
			t.Logf("out after %v: %s", took.Round(time.Millisecond), lost.Reason)
			if took > bound {
				t.Errorf("it took %v until he was out", took)
			}
		})
	}
}

// watching runs "esync watch" until the test ends, and gives its events.
func (c *cell) watching(t *testing.T) <-chan watchRecord {
	env, _, said := c.environment(c.who, c.seed())
	reader, writer := io.Pipe()
	env.stdout = writer
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan struct{})
	go func() {
		defer close(done)
		run(ctx, env, []string{"watch", "--json", "--no-commit", c.source()})
		writer.Close()
	}()
	events := make(chan watchRecord, 64)
	go func() {
		defer close(events)
		for lines := bufio.NewScanner(reader); lines.Scan(); {
			var e watchRecord
			if json.Unmarshal(lines.Bytes(), &e) == nil {
				select {
				case events <- e:
				default: // nobody is interested any more
				}
			}
		}
	}()
	t.Cleanup(func() {
		cancel()
		<-done
		if t.Failed() {
			t.Log(said)
		}
	})
	return events
}

// await waits for an event of that kind.
func (c *cell) await(t *testing.T, events <-chan watchRecord, kind string) watchRecord {
	t.Helper()
	late := time.After(waitsFor)
	for {
		select {
		case e, ok := <-events:
			if !ok {
				t.Fatalf("%s ended before it was %s", c.who, kind)
			}
			if e.Event == kind {
				return e
			}
			t.Logf("%s: %s %s", c.who, e.Event, e.Reason)
		case <-late:
			t.Fatalf("%s was never %s", c.who, kind)
		}
	}
}
