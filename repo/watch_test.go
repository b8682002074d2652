package repo

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// running is a Watch or Forward of a test, with what it told.
type running struct {
	mu     sync.Mutex
	events []WatchEvent
	stop   func()
}

func (w *running) hear(e WatchEvent) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.events = append(w.events, e)
}

func (w *running) has(kind WatchKind, is func(WatchEvent) bool) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, e := range w.events {
		if e.Kind == kind && (is == nil || is(e)) {
			return true
		}
	}
	return false
}

// start runs something until the test ends, or stop is called.
func start(t testing.TB, run func(ctx context.Context, hear func(WatchEvent)) error) *running {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	w := &running{}
	done := make(chan error, 1)
	go func() { done <- run(ctx, w.hear) }()
	w.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("watch: %v", err)
		}
	})
	t.Cleanup(w.stop)
	return w
}

func watchCopy(t testing.TB, r *Repo) *running {
	t.Helper()
	return start(t, func(ctx context.Context, hear func(WatchEvent)) error {
		return r.Watch(ctx, WatchOptions{Quiet: 50 * time.Millisecond, Event: hear})
	})
}

// eventually waits for something, and tells how long that took.
func eventually(t testing.TB, what string, is func() bool) time.Duration {
	t.Helper()
	began := time.Now()
	for time.Since(began) < 30*time.Second {
		if is() {
			return time.Since(began)
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatalf("in vain: %s", what)
	return 0
}

func holds(r *Repo, path, content string) func() bool {
	return func() bool {
		b, err := os.ReadFile(filepath.Join(r.Root(), path))
		return err == nil && string(b) == content
	}
}

// TestWatchThreeLevels: what one leaf saves is on all others, through two
// forwarding copies and the office, without anybody typing anything.
func TestWatchThreeLevels(t *testing.T) {
	t.Parallel()
	x := newTeam(t)
	var leaves []*Repo
	for _, name := range []string{"left", "right"} {
		mid := x.branch(name, 1)[0]
		leaves = append(leaves, x.leaf(mid, name+"0:7472", name+"-a"), x.leaf(mid, name+"0:7472", name+"-b"))
		host := x.net.hosts[name+"0:7472"]
		f := start(t, host.Forward)
		eventually(t, name+" connected", func() bool { return f.has(WatchConnected, nil) })
	}
	for _, r := range leaves {
		w := watchCopy(t, r)
		eventually(t, "leaf connected", func() bool { return w.has(WatchConnected, nil) })
	}
	for i := range 2 {
		content := fmt.Sprint("saved ", i)
		write(t, leaves[0], "paper.txt", content)
		for _, r := range append(leaves[1:], x.top) {
			took := eventually(t, "paper on "+r.Root(), holds(r, "paper.txt", content))
			t.Logf("%s: after %v", filepath.Base(r.Root()), took.Round(time.Millisecond))
		}
	}
	// Two at once, on different papers, from both sides.
	write(t, leaves[0], "left.txt", "left")
	write(t, leaves[3], "right.txt", "right")
	for _, r := range append(leaves, x.top) {
		eventually(t, "both papers on "+r.Root(), func() bool {
			return holds(r, "left.txt", "left")() && holds(r, "right.txt", "right")()
		})
	}
	eventually(t, "equal histories", func() bool {
		for _, r := range leaves {
			if tip(r) != tip(x.top) {
				return false
			}
		}
		return true
	})
}

// leaf clones a copy that belongs to a new member, who is known below the
// office at once.
func (x *team) leaf(mid *Repo, at, name string) *Repo {
	t := x.net.t
	u := newUser(t, name)
	x.net.join(u)
	x.office.admit(x.top, 2, u)
	if _, err := mid.Pull(context.Background(), ""); err != nil {
		t.Fatal(err)
	}
	return x.clone(u, at)
}

// TestWatchLosesPeer: the office goes, somebody else stands in, the office
// comes back.
func TestWatchLosesPeer(t *testing.T) {
	t.Parallel()
	x := newTeam(t)
	w := watchCopy(t, x.b)
	connected := func(peer string) func() bool {
		return func() bool {
			return w.has(WatchConnected, func(e WatchEvent) bool { return strings.Contains(e.Peer, peer) })
		}
	}
	eventually(t, "the office", connected(`"parent"`))
	x.net.serve(x.ann, "10.0.0.5:7472", x.a.Root(), HostOptions{})
	x.net.set(officeAt, false)
	write(t, x.b, "ben.txt", "while the office was away")
	eventually(t, "ann stands in", connected(`"ann" (found on the LAN at 10.0.0.5)`))
	eventually(t, "ann has it", holds(x.a, "ben.txt", "while the office was away"))
	if !w.has(WatchLost, func(e WatchEvent) bool { return errors.Is(e.Err, ErrLost) }) {
		t.Errorf("nothing was told of the loss: %+v", w.events)
	}
	x.net.set("10.0.0.5:7472", false)
	x.net.set(officeAt, true)
	eventually(t, "the office has it", holds(x.top, "ben.txt", "while the office was away"))
	w.stop()
	wantClean(t, x.b)
	wantClean(t, x.a)
}

// TestWatchGoesBack: who stands in is left as soon as the office answers again.
func TestWatchGoesBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		x := newTeam(t)
		x.net.serve(x.ann, "10.0.0.5:7472", x.a.Root(), HostOptions{})
		x.net.set(officeAt, false)
		w := start(t, func(ctx context.Context, hear func(WatchEvent)) error {
			return x.b.Watch(ctx, WatchOptions{NoCommit: true, Event: hear})
		})
		eventually(t, "ann stands in", func() bool { return w.has(WatchConnected, func(e WatchEvent) bool { return e.StandIn }) })
		x.net.set(officeAt, true)
		began := time.Now()
		for !w.has(WatchConnected, func(e WatchEvent) bool { return !e.StandIn }) {
			time.Sleep(time.Second)
		}
		if took := time.Since(began); took > mainAgain+2*time.Second {
			t.Errorf("it took %v to go back to the office", took)
		}
		w.stop()
	})
}

// TestWatchLeavesOwnerAlone: what its owner is changing is not touched by what
// arrives, and both are there in the end.
func TestWatchLeavesOwnerAlone(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	x := newTeam(t)
	w := start(t, func(ctx context.Context, hear func(WatchEvent)) error {
		return x.b.Watch(ctx, WatchOptions{NoCommit: true, Every: 100 * time.Millisecond, Event: hear})
	})
	eventually(t, "connected", func() bool { return w.has(WatchConnected, nil) })
	write(t, x.b, "memo.txt", "one\ntwo\nthree\nfour\nfive, by ben\n")
	write(t, x.a, "memo.txt", "one, by ann\ntwo\nthree\nfour\nfive\n")
	commit(t, x.a, "ann")
	if _, err := x.a.Push(ctx, ""); err != nil {
		t.Fatal(err)
	}
	eventually(t, "ann's work arrived", func() bool { return tip(x.b) == tip(x.a) })
	if got := read(t, x.b, "memo.txt"); got != "one\ntwo\nthree\nfour\nfive, by ben\n" {
		t.Errorf("ben's file was changed under him: %q", got)
	}
	again, err := openAt(x.ben.env, x.b.Root())
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	commit(t, again, "ben")
	eventually(t, "both", holds(x.b, "memo.txt", "one, by ann\ntwo\nthree\nfour\nfive, by ben\n"))
	eventually(t, "both at the office", holds(x.top, "memo.txt", "one, by ann\ntwo\nthree\nfour\nfive, by ben\n"))
}

// TestForwardWithoutParent: the office has nobody to carry to.
func TestForwardWithoutParent(t *testing.T) {
	t.Parallel()
	x := newTeam(t)
	if err := x.net.hosts[officeAt].Forward(context.Background(), nil); !errors.Is(err, ErrNoParent) {
		t.Errorf("forward of the office: %v", err)
	}
}

// TestForwardComesBack: what leaves push while the office is away goes up as
// soon as it is back.
func TestForwardComesBack(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	x := newTeam(t)
	host := x.net.serve(x.ann, "10.0.0.5:7472", x.a.Root(), HostOptions{})
	x.net.set(officeAt, false)
	f := start(t, host.Forward)
	eventually(t, "the office is missed", func() bool { return f.has(WatchLost, nil) })
	write(t, x.b, "ben.txt", "ben's")
	commit(t, x.b, "ben")
	if _, err := x.b.Push(ctx, ""); err != nil {
		t.Fatal(err)
	}
	if f.has(WatchConnected, nil) {
		t.Error("somebody stood in for the parent of one who forwards")
	}
	x.net.set(officeAt, true)
	eventually(t, "the office has it", holds(x.top, "ben.txt", "ben's"))
	f.stop()
	wantClean(t, x.a)
}

// TestQuiet: many changes make one word, and it comes when they are over.
func TestQuiet(t *testing.T) {
	t.Parallel()
	u := newUser(t, "ann")
	r := u.init(t.TempDir(), "eng1")
	q := newQuiet(r, 200*time.Millisecond)
	defer q.close()
	<-q.settled() // of the beginning
	for i := range 30 {
		written := time.Now()
		write(t, r, "paper.txt", fmt.Sprint(i))
		select {
		case <-q.settled():
			if since := time.Since(written); since < 100*time.Millisecond && i > 0 {
				t.Fatalf("recorded in the middle of changes, %v after the last", since)
			}
		case <-time.After(10 * time.Millisecond):
		}
	}
	select {
	case <-q.settled():
	case <-time.After(10 * time.Second):
		t.Fatal("never settled")
	}
}
