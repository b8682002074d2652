package faultfs_test

import (
	"errors"
	"io/fs"
	"os"
	"testing"

	"github.com/esync/esync/internal/faultfs"
	"github.com/esync/esync/internal/fsys"
)

func open(t *testing.T) fsys.FS {
	t.Helper()
	d, err := fsys.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

func TestEveryStopOfWriteFileLeavesOldOrNew(t *testing.T) {
	t.Parallel()
	for _, plan := range []faultfs.Plan{{}, {Drop: true}, {Short: true}, {Err: faultfs.ErrSpace, Short: true}, {Err: faultfs.ErrIO, Drop: true}} {
		for at := 1; ; at++ {
			dir := open(t)
			if err := fsys.WriteFile(dir, "x", []byte("old"), 0o600); err != nil {
				t.Fatal(err)
			}
			plan.At = at
			f := faultfs.New(dir, plan)
			err := fsys.WriteFile(f, "x", []byte("new text"), 0o600)
			if cerr := f.Crash(); cerr != nil {
				t.Fatalf("%+v: crash: %v", plan, cerr)
			}
			got, rerr := fsys.ReadFile(dir, "x", 100)
			if rerr != nil || string(got) != "old" && string(got) != "new text" {
				t.Fatalf("%+v: got %q, %v", plan, got, rerr)
			}
			if err == nil {
				if string(got) != "new text" {
					t.Fatalf("%+v: reported done, but found %q", plan, got)
				}
				break
			}
			if want := plan.Err; want != nil && !errors.Is(err, want) {
				t.Fatalf("%+v: %v", plan, err)
			}
		}
	}
}

func TestDropTakesBackWhatWasNotSynced(t *testing.T) {
	t.Parallel()
	dir := open(t)
	f := faultfs.New(dir, faultfs.Plan{Drop: true})
	file, err := f.OpenFile("log", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	file.Write([]byte("kept"))
	file.Sync()
	f.SyncDir(".")
	file.Write([]byte("lost"))
	f.Mkdir("folder", 0o700)
	f.Rename("log", "moved")
	if err := f.Crash(); err != nil {
		t.Fatal(err)
	}
	got, err := fsys.ReadFile(dir, "log", 100)
	if err != nil || string(got) != "kept" {
		t.Fatalf("got %q, %v", got, err)
	}
	if _, err := dir.Lstat("folder"); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("folder: %v", err)
	}
	if _, err := f.Lstat("log"); !errors.Is(err, faultfs.ErrStopped) {
		t.Fatalf("after the crash: %v", err)
	}
}

func TestCrashFreesLocks(t *testing.T) {
	t.Parallel()
	dir := open(t)
	f := faultfs.New(dir, faultfs.Plan{})
	if _, err := f.Lock("lock"); err != nil {
		t.Fatal(err)
	}
	if _, err := dir.Lock("lock"); !errors.Is(err, fsys.ErrLocked) {
		t.Fatalf("second lock: %v", err)
	}
	if err := f.Crash(); err != nil {
		t.Fatal(err)
	}
	lock, err := dir.Lock("lock")
	if err != nil {
		t.Fatal(err)
	}
	lock.Close()
}

func TestSubSharesTheCount(t *testing.T) {
	t.Parallel()
	f := faultfs.New(open(t), faultfs.Plan{At: 3, Err: faultfs.ErrIO})
	if err := f.Mkdir("a", 0o700); err != nil {
		t.Fatal(err)
	}
	sub, err := f.Sub("a")
	if err != nil {
		t.Fatal(err)
	}
	if err := sub.Mkdir("b", 0o700); err != nil {
		t.Fatal(err)
	}
	if err := sub.Mkdir("c", 0o700); !errors.Is(err, faultfs.ErrIO) {
		t.Fatalf("third: %v", err)
	}
	if err := sub.Mkdir("c", 0o700); err != nil || f.Count() != 4 {
		t.Fatalf("fourth: %v after %d", err, f.Count())
	}
}
