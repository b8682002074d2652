package worktree

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/esync/esync/internal/fsys"
	"github.com/esync/esync/objects"
)

func TestNothingIsWrittenThroughLinks(t *testing.T) {
	t.Parallel()
	for _, fresh := range []bool{true, false} {
		x := newWorld(t, Options{})
		outside := t.TempDir()
		x.must(os.Symlink(outside, x.path("out")))
		x.must(os.Mkdir(x.path("real"), 0o777))
		x.must(os.Symlink("real", x.path("in")))
		to := x.put("out/a=1", "in/b=2", "ok/c=3", "real/sub/d=4")
		a, err := x.w.Apply(context.Background(), x.store, x.plan(objects.ID{}, to, PlanOptions{Fresh: fresh}), ApplyOptions{Sink: x.store})
		x.must(err)
		x.wantNotes(a.Waiting, "waiting in/b", "waiting out/a")
		if left, _ := os.ReadDir(outside); len(left) > 0 {
			t.Errorf("wrote outside: %v", left)
		}
		if x.read("real/b") != "(none)" || x.read("ok/c") != "3" || x.read("real/sub/d") != "4" {
			t.Errorf("disk: %v", x.disk())
		}
	}
}

// TestLinkRacer swaps a folder for a link that leads out while plans are
// applied.
func TestLinkRacer(t *testing.T) {
	t.Parallel()
	x := newWorld(t, Options{})
	outside := t.TempDir()
	x.must(os.WriteFile(filepath.Join(outside, "precious"), []byte("p"), 0o666))
	one, two := x.put("d/a=1", "d/b=1", "d/precious=p"), x.put("d/a=2", "d/c=2")
	stop, done := make(chan bool), make(chan bool)
	go func() {
		defer close(done)
		for {
			select {
			case <-stop:
				return
			default:
			}
			if os.Rename(x.path("d"), x.path("aside")) == nil {
				os.Symlink(outside, x.path("d"))
				os.Remove(x.path("d"))
				os.Rename(x.path("aside"), x.path("d"))
			}
		}
	}()
	from, to := objects.ID{}, one
	rounds := 300
	if testing.Short() {
		rounds = 30
	}
	for range rounds {
		p, err := x.w.Plan(context.Background(), x.store, from, to, PlanOptions{})
		x.must(err)
		if a, err := x.w.Apply(context.Background(), x.store, p, ApplyOptions{Sink: x.store}); err == nil {
			from = a.Tree
		}
		if to == one {
			to = two
		} else {
			to = one
		}
	}
	close(stop)
	<-done
	left, err := os.ReadDir(outside)
	x.must(err)
	if len(left) != 1 || left[0].Name() != "precious" {
		t.Errorf("outside there is %v", left)
	}
}

// TestLateChange changes a file after it was checked and before it is
// replaced.
func TestLateChange(t *testing.T) {
	t.Parallel()
	x := newWorld(t, Options{})
	from, to := x.put("a=1", "b=1", "c=1"), x.put("a=2", "c=1", "d=2")
	x.apply(x.plan(objects.ID{}, from, PlanOptions{Fresh: true}), ApplyOptions{})
	late := &lateFS{FS: x.files, do: func() {
		x.write("a", "mine")
		x.write("b", "mine")
		x.write("d", "mine")
	}}
	x.use(late, x.state)
	a := x.apply(x.plan(from, to, PlanOptions{}), ApplyOptions{Sink: x.store})
	x.wantNotes(a.Waiting, "waiting a", "waiting b", "waiting d")
	for _, n := range []string{"a", "b", "d"} {
		if x.read(n) != "mine" {
			t.Errorf("%s holds %q", n, x.read(n))
		}
	}
	x.use(x.files, x.state)
	x.wantChanges(x.scan().Changes, "modified a", "modified b", "added d")
}

// lateFS does something once a first temporary file was made.
type lateFS struct {
	fsys.FS
	once sync.Once
	do   func()
}

func (l *lateFS) Chtimes(name string, mtime time.Time) error {
	err := l.FS.Chtimes(name, mtime)
	if strings.HasPrefix(name, tempPrefix) {
		l.once.Do(l.do)
	}
	return err
}

// TestLateChangeWithoutSink: nobody keeps the tree of a mixed state, so the
// plan stays pending and can be applied again.
func TestLateChangeWithoutSink(t *testing.T) {
	t.Parallel()
	x := newWorld(t, Options{})
	from, to := x.put("a=1", "b=1"), x.put("a=2", "b=2")
	x.apply(x.plan(objects.ID{}, from, PlanOptions{Fresh: true}), ApplyOptions{})
	x.use(&lateFS{FS: x.files, do: func() { x.write("a", "mine") }}, x.state)
	_, err := x.w.Apply(context.Background(), x.store, x.plan(from, to, PlanOptions{}), ApplyOptions{})
	if !errors.Is(err, ErrWaiting) {
		t.Fatalf("apply: %v", err)
	}
	if f, g, pending, err := x.w.Pending(); f != from || g != to || !pending || err != nil {
		t.Errorf("pending %t, %v", pending, err)
	}
	x.use(x.files, x.state)
	a := x.apply(x.plan(from, to, PlanOptions{}), ApplyOptions{Sink: x.store})
	x.wantNotes(a.Waiting, "waiting a")
	x.wantChanges(x.scan().Changes, "modified a")
	if x.read("a") != "mine" || x.read("b") != "2" {
		t.Errorf("disk: %v", x.disk())
	}
}
