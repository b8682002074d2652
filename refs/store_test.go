package refs_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/esync/esync/internal/fsys"
	"github.com/esync/esync/objects"
	"github.com/esync/esync/refs"
)

var clock = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

func openDir(t testing.TB, dir string) fsys.FS {
	t.Helper()
	f, err := fsys.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func open(t testing.TB, f fsys.FS) *refs.Store {
	t.Helper()
	s, err := refs.Open(f, refs.Options{Now: func() time.Time { return clock }})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func state(t testing.TB, s *refs.Store) refs.State {
	t.Helper()
	st, err := s.State()
	if err != nil {
		t.Fatal(err)
	}
	return st
}

func set(name, old, new string) refs.Change {
	return refs.Change{Name: refs.MustName(name), Old: refs.Value(old), New: refs.Value(new)}
}

func apply(t testing.TB, s *refs.Store, changes ...refs.Change) refs.Operation {
	t.Helper()
	op, err := s.Apply(context.Background(), refs.Operation{Command: "test", Changes: changes})
	if err != nil {
		t.Fatal(err)
	}
	return op
}

func list(s refs.State, prefix string) string {
	var b strings.Builder
	for n, v := range s.List(prefix) {
		fmt.Fprintf(&b, "%s=%s ", n, v)
	}
	return strings.TrimSpace(b.String())
}

func sound(t testing.TB, s *refs.Store) refs.Report {
	t.Helper()
	rep, err := s.Verify()
	if err != nil {
		t.Fatal(err)
	}
	if len(rep.Damage) > 0 || rep.Checkpoint != nil {
		t.Fatalf("verify: %+v", rep)
	}
	return rep
}

func TestApply(t *testing.T) {
	t.Parallel()
	f := openDir(t, t.TempDir())
	s := open(t, f)
	id := objects.Sum(objects.KindBlob, []byte("x"))
	op := apply(t, s, set("work/line", "", "main"), set("heads/main", "", id.String()), set("heads/other", "", ""))
	if op.Seq != 1 || !op.Time.Equal(clock) || len(op.Changes) != 2 || op.Changes[0].Name.String() != "heads/main" {
		t.Errorf("operation: %+v", op)
	}
	apply(t, s, set("config/parent", "", "office"), set("heads/main-2", "", "x"))
	apply(t, s, set("heads/main-2", "x", ""))
	want := "config/parent=office heads/main=" + id.String() + " work/line=main"
	for _, s := range []*refs.Store{s, open(t, f)} {
		if got := list(state(t, s), ""); got != want {
			t.Errorf("state: %s", got)
		}
		if got := list(state(t, s), "heads"); got != "heads/main="+id.String() {
			t.Errorf("heads: %s", got)
		}
		if got, err := state(t, s).Get(refs.MustName("heads/main")).ID(); err != nil || got != id {
			t.Errorf("id: %v %v", got, err)
		}
		var seqs []uint64
		for op, err := range s.Operations() {
			if err != nil {
				t.Fatal(err)
			}
			seqs = append(seqs, op.Seq)
		}
		if fmt.Sprint(seqs) != "[3 2 1]" {
			t.Errorf("operations: %v", seqs)
		}
		sound(t, s)
	}
}

func TestStaleListsEveryName(t *testing.T) {
	t.Parallel()
	s := open(t, openDir(t, t.TempDir()))
	apply(t, s, set("heads/a", "", "1"), set("heads/b", "", "1"))
	before := state(t, s)
	_, err := s.Apply(context.Background(), refs.Operation{Changes: []refs.Change{
		set("heads/a", "1", "2"), set("heads/b", "0", "2"), set("heads/c", "7", "7"),
	}})
	var stale *refs.StaleError
	if !errors.Is(err, refs.ErrStale) || !errors.As(err, &stale) || len(stale.Names) != 2 {
		t.Fatalf("error: %v", err)
	}
	if n := stale.Names[0]; n.Name.String() != "heads/b" || n.Expected != "0" || n.Actual != "1" {
		t.Errorf("first: %+v", n)
	}
	if !strings.Contains(err.Error(), `"heads/c" is absent`) {
		t.Errorf("message: %v", err)
	}
	if after := state(t, s); after.Seq != before.Seq || list(after, "") != list(before, "") {
		t.Errorf("state moved: %v", list(after, ""))
	}
}

func TestApplyRefuses(t *testing.T) {
	t.Parallel()
	s := open(t, openDir(t, t.TempDir()))
	for name, op := range map[string]refs.Operation{
		"twice":      {Changes: []refs.Change{set("heads/a", "", "1"), set("heads/a", "", "2")}},
		"long":       {Changes: []refs.Change{set("heads/a", "", strings.Repeat("x", refs.MaxValue+1))}},
		"not text":   {Changes: []refs.Change{set("heads/a", "", "\xff")}},
		"nul":        {Changes: []refs.Change{set("heads/a", "", "a\x00")}},
		"zero name":  {Changes: []refs.Change{{New: "x"}}},
		"bad author": {Author: "\xff"},
	} {
		if _, err := s.Apply(context.Background(), op); !errors.Is(err, refs.ErrBadValue) && !errors.Is(err, refs.ErrBadName) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if state(t, s).Seq != 0 {
		t.Error("something was recorded")
	}
}

func TestBusy(t *testing.T) {
	t.Parallel()
	f := openDir(t, t.TempDir())
	s, err := refs.Open(f, refs.Options{Wait: 20 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	apply(t, s, set("heads/a", "", "1"))
	held, err := f.Lock("refs/lock")
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	_, err = s.Apply(context.Background(), refs.Operation{})
	if !errors.Is(err, refs.ErrBusy) || !strings.Contains(err.Error(), "refs/lock") {
		t.Errorf("busy: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err = s.Apply(ctx, refs.Operation{}); !errors.Is(err, context.Canceled) {
		t.Errorf("canceled: %v", err)
	}
	if got := list(state(t, s), ""); got != "heads/a=1" {
		t.Errorf("reading waits or fails: %s", got)
	}
}

// count adds one to a ref n times, by compare-and-swap.
func count(s *refs.Store, n int) error {
	name := refs.MustName("meta/count")
	for n > 0 {
		st, err := s.State()
		if err != nil {
			return err
		}
		old := st.Get(name)
		i, _ := strconv.Atoi(string(old))
		_, err = s.Apply(context.Background(), refs.Operation{Changes: []refs.Change{
			{Name: name, Old: old, New: refs.Value(strconv.Itoa(i + 1))},
		}})
		switch {
		case err == nil:
			n--
		case !errors.Is(err, refs.ErrStale):
			return err
		}
	}
	return nil
}

const childDir = "ESYNC_REFS_TEST_DIR"

// TestMain lets the test binary be the other process of TestRace.
func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		f, err := fsys.Open(dir)
		if err == nil {
			var s *refs.Store
			if s, err = refs.Open(f, refs.Options{}); err == nil {
				err = count(s, 40)
			}
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func TestRace(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	f := openDir(t, dir)
	one, two := open(t, f), open(t, f)
	var all sync.WaitGroup
	run := func(what string, fn func() error) {
		all.Add(1)
		go func() {
			defer all.Done()
			if err := fn(); err != nil {
				t.Errorf("%s: %v", what, err)
			}
		}()
	}
	for range 2 {
		run("one", func() error { return count(one, 20) })
		run("two", func() error { return count(two, 20) })
		run("process", func() error {
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), childDir+"="+dir)
			if out, err := cmd.CombinedOutput(); err != nil {
				return fmt.Errorf("%w: %s", err, out)
			}
			return nil
		})
	}
	all.Wait()
	for _, s := range []*refs.Store{one, two, open(t, f)} {
		if got := list(state(t, s), ""); got != "meta/count=160" {
			t.Errorf("state: %s", got)
		}
	}
	if rep := sound(t, one); rep.Operations != 160 || rep.Torn != 0 {
		t.Errorf("report: %+v", rep)
	}
}

// TestManyOperations holds that opening reads the checkpoint and a short tail.
func TestManyOperations(t *testing.T) {
	t.Parallel()
	f := openDir(t, t.TempDir())
	n := 100_000
	if testing.Short() {
		n = 10_000
	}
	if err := refs.Generate(f, n); err != nil {
		t.Fatal(err)
	}
	s := open(t, f)
	for range 64 {
		st := state(t, s)
		apply(t, s, refs.Change{Name: refs.MustName("heads/main"), Old: st.Get(refs.MustName("heads/main")), New: refs.Value(fmt.Sprint("v", st.Seq))})
	}
	began := time.Now()
	s = open(t, f)
	took := time.Since(began)
	if got := state(t, s).Seq; got != uint64(n+64) {
		t.Fatalf("seq %d", got)
	}
	seen := 0
	for op, err := range s.Operations() {
		if err != nil || op.Seq != uint64(n+64-seen) {
			t.Fatalf("operation %d: %v", op.Seq, err)
		}
		if seen++; seen == 200 {
			break
		}
	}
	t.Logf("%d operations open in %v", n, took)
	// 50 ms is ten times what it takes, and a tenth of a whole replay.
	if took > 50*time.Millisecond {
		t.Errorf("opening took %v", took)
	}
	began = time.Now()
	rep := sound(t, s)
	if rep.Operations != uint64(n+64) {
		t.Errorf("verify counts %d", rep.Operations)
	}
	t.Logf("verify of %d bytes in %v", rep.Bytes, time.Since(began))
}
