package worktree

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/esync/esync/internal/faultfs"
	"github.com/esync/esync/objects"
)

// faults are the ways in which a disk or a machine goes wrong.
var faults = []faultfs.Plan{
	{},           // the machine stops, and all that was written stays
	{Drop: true}, // the machine stops, and what was not synced is lost
	{Err: faultfs.ErrIO},
	{Err: faultfs.ErrSpace, Short: true},
	{Err: faultfs.ErrIO, Reads: true},
}

// faulty opens the working copy on a disk that goes wrong.
func (x *world) faulty(plan faultfs.Plan) *faultfs.FS {
	x.t.Helper()
	f := faultfs.New(x.files, plan)
	state, err := f.Sub(objects.MetaDir)
	if err != nil {
		return f // the very first operation went wrong
	}
	x.use(f, state)
	x.w.workers = 1 // so that operations come in the same order every time
	return f
}

// eachFault runs a test once for every operation of a run that goes well, and
// every way in which it can go wrong. setup prepares the folder, run uses it,
// and check looks at it when the disk is well again.
func eachFault(t *testing.T, setup func(x *world), run func(x *world) error, check func(x *world, failed error)) {
	for _, fault := range faults {
		t.Run(fmt.Sprintf("%+v", fault), func(t *testing.T) {
			t.Parallel()
			x := newWorld(t, Options{})
			setup(x)
			f := x.faulty(faultfs.Plan{Reads: fault.Reads})
			x.must(run(x))
			count := f.Count()
			step := 1
			if testing.Short() {
				step = 5
			}
			if count < 3 {
				t.Fatalf("only %d operations", count)
			}
			for n := 1; n <= count; n += step {
				x := newWorld(t, Options{})
				setup(x)
				plan := fault
				plan.At = n
				f := x.faulty(plan)
				err := run(x)
				if fault.Err == nil {
					if cerr := f.Crash(); cerr != nil {
						t.Fatal(cerr)
					}
				}
				x.use(x.files, x.state)
				check(x, err)
				if t.Failed() {
					t.Fatalf("at operation %d of %d, after %v", n, count, err)
				}
			}
		})
	}
}

func TestRecordAtEveryFault(t *testing.T) {
	t.Parallel()
	eachFault(t, func(x *world) {
		x.write("a", "1")
		x.write("d/b", "1")
		x.write("d/e/c", "1")
		x.old("a", "d/b", "d/e/c")
		x.record()
		x.write("a", "2")
		x.write("d/e/c", "22")
		x.remove("d/b")
		x.write("n/new", "3")
	}, func(x *world) error {
		rec, err := x.w.Record(context.Background(), x.store, x.store, x.base, RecordOptions{})
		if err != nil {
			return err
		}
		x.base = rec.Tree // the repository makes it durable here
		return x.w.Commit(rec)
	}, func(x *world, _ error) {
		x.record()
		x.wantTree(x.base, map[string]string{"a": "2", "d/": "", "d/e/": "", "d/e/c": "22", "n/": "", "n/new": "3"})
		x.wantDisk(x.base)
		x.wantChanges(x.scan().Changes)
		x.wantNoStrays()
	})
}

// wantNoStrays: nothing is left in the user's folder that he did not make.
func (x *world) wantNoStrays() {
	x.t.Helper()
	for p := range x.disk() {
		if strings.Contains(p, tempPrefix) {
			x.t.Errorf("%s was left behind", p)
		}
	}
}

func TestApplyAtEveryFault(t *testing.T) {
	t.Parallel()
	from := []string{"a=1", "b=1", "gone=1", "d/x=1", "d/y=1", "was/file=1", "is=folder soon", "void/", "Case=1", "local=1", "mode=1"}
	to := []string{"a=two", "b=1", "new/n=1", "d/x=2", "was=file now", "is/in=1", "case=1", "local=2", "mode=1 (x)"}
	eachFault(t, func(x *world) {
		first := x.put(from...)
		x.put(to...)
		x.apply(x.plan(objects.ID{}, first, PlanOptions{Fresh: true}), ApplyOptions{})
		x.write("local", "mine")
		x.write("mine", "mine too")
	}, func(x *world) error {
		p, err := x.w.Plan(context.Background(), x.store, x.put(from...), x.put(to...), PlanOptions{})
		if err != nil {
			return err
		}
		a, err := x.w.Apply(context.Background(), x.store, p, ApplyOptions{Sink: x.store})
		if err == nil {
			x.base = a.Tree
		}
		return err
	}, func(x *world, failed error) {
		// Whatever happened, every file is whole, and the user's are his.
		allowed := map[string]bool{"1": true, "two": true, "2": true, "folder soon": true, "file now": true, "mine": true, "mine too": true}
		for p, content := range x.disk() {
			if !strings.HasSuffix(p, "/") && !strings.Contains(p, tempPrefix) && !allowed[strings.TrimSuffix(content, " (x)")] {
				x.t.Errorf("%s holds %q", p, content)
			}
		}
		if x.read("local") != "mine" || x.read("mine") != "mine too" {
			x.t.Errorf("the user's files hold %q and %q", x.read("local"), x.read("mine"))
		}
		if failed != nil {
			wantFrom, wantTo, pending, err := x.w.Pending()
			if err != nil || pending && (wantFrom != x.put(from...) || wantTo != x.put(to...)) {
				x.t.Errorf("pending: %s to %s, %v", wantFrom, wantTo, err)
			}
			a := x.apply(x.plan(x.put(from...), x.put(to...), PlanOptions{}), ApplyOptions{Sink: x.store})
			x.wantNotes(a.Waiting, "waiting local")
		}
		x.wantNoStrays()
		got, want := x.disk(), x.tree(x.put(to...))
		want["local"], want["mine"] = "mine", "mine too"
		if fmt.Sprint(got) != fmt.Sprint(want) {
			x.t.Errorf("disk:\n%v\nwant:\n%v", got, want)
		}
		x.wantChanges(x.scan().Changes, "modified local", "added mine")
	})
}

func TestFreshAtEveryFault(t *testing.T) {
	t.Parallel()
	to := []string{"a=alpha", "d/b=beta", "d/e/c=gamma (x)", "void/", "f=" + strings.Repeat("long ", 1000)}
	eachFault(t, func(x *world) { x.put(to...) }, func(x *world) error {
		p, err := x.w.Plan(context.Background(), x.store, objects.ID{}, x.put(to...), PlanOptions{Fresh: true})
		if err != nil {
			return err
		}
		_, err = x.w.Apply(context.Background(), x.store, p, ApplyOptions{Sink: x.store})
		return err
	}, func(x *world, failed error) {
		id := x.put(to...)
		a := x.apply(x.plan(objects.ID{}, id, PlanOptions{Fresh: true}), ApplyOptions{Sink: x.store})
		x.wantNotes(a.Waiting)
		x.wantDisk(id)
		x.wantChanges(x.scan().Changes)
		if a.Tree != id {
			x.t.Errorf("tree is %s, want %s", a.Tree, id)
		}
	})
}

func TestDamagedJournal(t *testing.T) {
	t.Parallel()
	x := newWorld(t, Options{})
	x.write(objects.MetaDir+"/"+journalFile, "rubbish")
	if _, _, pending, err := x.w.Pending(); pending || !errors.Is(err, objects.ErrCorrupt) {
		t.Errorf("pending %t, %v", pending, err)
	}
	x.must(x.state.Remove(journalFile))
	if _, _, pending, err := x.w.Pending(); pending || err != nil {
		t.Errorf("pending %t, %v", pending, err)
	}
	if _, err := x.state.Lstat(journalFile); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}
