package fsys

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"
)

func open(t *testing.T) (*Dir, string) {
	t.Helper()
	dir := t.TempDir()
	d, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d, dir
}

func TestWriteFile(t *testing.T) {
	t.Parallel()
	d, _ := open(t)
	if err := MkdirAll(d, "a/b/c", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := MkdirAll(d, "a/b/c", 0o755); err != nil {
		t.Errorf("the second time: %v", err)
	}
	for _, want := range []string{"one", "two, longer"} {
		if err := WriteFile(d, "a/b/c/f", []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		got, err := ReadFile(d, "a/b/c/f", 100)
		if err != nil || string(got) != want {
			t.Errorf("read %q, %v", got, err)
		}
	}
	if _, err := ReadFile(d, "a/b/c/f", 3); err == nil {
		t.Error("a file longer than the limit was read")
	}
	if err := MkdirAll(d, "a/b/c/f/g", 0o755); err == nil {
		t.Error("a folder was made below a file")
	}
	infos, err := d.ReadDir("a/b/c")
	if err != nil || len(infos) != 1 || infos[0].Name != "f" {
		t.Errorf("listing: %+v, %v", infos, err)
	}
}

// TestReadDirAgrees compares the listing with a stat of each name: whoever
// caches what one tells compares it with the other.
func TestReadDirAgrees(t *testing.T) {
	t.Parallel()
	d, dir := open(t)
	if err := os.WriteFile(filepath.Join(dir, "file"), []byte("12345"), 0o640); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "folder"), 0o750); err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "windows" {
		if err := os.Symlink("file", filepath.Join(dir, "link")); err != nil {
			t.Fatal(err)
		}
	}
	then := time.Date(2026, 3, 2, 9, 0, 0, 123_000_000, time.UTC)
	if err := d.Chtimes("file", then); err != nil {
		t.Fatal(err)
	}
	infos, err := d.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range infos {
		l, err := d.Lstat(i.Name)
		if err != nil || l != i {
			t.Errorf("listing says %+v, Lstat %+v, %v", i, l, err)
		}
		if i.Name == "link" && i.Mode&fs.ModeSymlink == 0 {
			t.Errorf("link has mode %v", i.Mode)
		}
		if i.Name == "file" {
			if !i.Time().Equal(then) || i.Size != 5 || !i.Regular() {
				t.Errorf("file: %+v", i)
			}
			f, err := d.OpenFile("file", os.O_RDONLY, 0)
			if err != nil {
				t.Fatal(err)
			}
			if s, err := f.Stat(); err != nil || s != i {
				t.Errorf("listing says %+v, the open file %+v, %v", i, s, err)
			}
			f.Close()
		}
	}
}

// TestConfined: no name and no link leads out.
func TestConfined(t *testing.T) {
	t.Parallel()
	d, dir := open(t)
	outside := t.TempDir()
	if err := os.WriteFile(filepath.Join(outside, "secret"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "windows" {
		if err := os.Symlink(outside, filepath.Join(dir, "out")); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"../x", "/etc/passwd", "out/secret", "out/new", "a/../../x"} {
		if f, err := d.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o644); err == nil {
			f.Close()
			t.Errorf("%q was opened", name)
		}
		if err := d.Remove(name); err == nil {
			t.Errorf("%q was removed", name)
		}
	}
	if _, err := d.Sub("out"); err == nil {
		t.Error("a folder outside was opened")
	}
	entries, err := os.ReadDir(outside)
	if err != nil || len(entries) != 1 {
		t.Errorf("outside there is %v, %v", entries, err)
	}
}

func TestLock(t *testing.T) {
	t.Parallel()
	d, _ := open(t)
	l, err := d.Lock("lock")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Lock("lock"); !errors.Is(err, ErrLocked) {
		t.Errorf("the second lock: %v", err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if l, err = d.Lock("lock"); err != nil {
		t.Fatal(err)
	}
	l.Close()
}

func TestSub(t *testing.T) {
	t.Parallel()
	d, dir := open(t)
	if err := MkdirAll(d, "a/b", 0o755); err != nil {
		t.Fatal(err)
	}
	sub, err := d.Sub("a/b")
	if err != nil {
		t.Fatal(err)
	}
	defer sub.Close()
	if err := WriteFile(sub, "f", []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := sub.Rename("f", "g"); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "a", "b", "g")); err != nil {
		t.Error(err)
	}
	if _, err := sub.Lstat("f"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the old name: %v", err)
	}
}
