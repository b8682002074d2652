//go:build unix && !darwin

package notify

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func watch(t *testing.T) (*Watcher, string) {
	t.Helper()
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, ".own", "deep"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(dir, "A", "B"), 0o755); err != nil {
		t.Fatal(err)
	}
	w, err := New(dir, func(name string) bool { return name == ".own" })
	if errors.Is(err, ErrUnsupported) || errors.Is(err, ErrLimit) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	return w, dir
}

// wait wants a word, and takes all that follow at once: one change may make several.
func wait(t *testing.T, w *Watcher, what string) {
	t.Helper()
	select {
	case <-w.Changes():
	case err := <-w.Failed():
		t.Fatalf("%s: %v", what, err)
	case <-time.After(10 * time.Second):
		t.Fatalf("%s: nobody told", what)
	}
	for {
		select {
		case <-w.Changes():
		case <-time.After(20 * time.Millisecond):
			return
		}
	}
}

func write(t *testing.T, path string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(path), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestChanges(t *testing.T) {
	t.Parallel()
	w, dir := watch(t)
	steps := []struct {
		what string
		do   func() error
	}{
		{"a new file", func() error { write(t, filepath.Join(dir, "tb.xlsx")); return nil }},
		{"a file below", func() error { write(t, filepath.Join(dir, "A", "B", "memo.docx")); return nil }},
		{"a changed file", func() error { write(t, filepath.Join(dir, "A", "B", "memo.docx")); return nil }},
		{"a renamed file", func() error { return os.Rename(filepath.Join(dir, "tb.xlsx"), filepath.Join(dir, "A", "tb.xlsx")) }},
		{"a deleted file", func() error { return os.Remove(filepath.Join(dir, "A", "tb.xlsx")) }},
	}
	for _, s := range steps {
		if err := s.do(); err != nil {
			t.Fatal(err)
		}
		wait(t, w, s.what)
	}
}

// TestNewFolder: whatever happens in a folder made later, however deep, is told.
func TestNewFolder(t *testing.T) {
	t.Parallel()
	w, dir := watch(t)
	deep := filepath.Join(dir, "C", "D", "E")
	if err := os.MkdirAll(deep, 0o755); err != nil {
		t.Fatal(err)
	}
	wait(t, w, "a new folder")
	// The watch on it may come a little after the word of it.
	deadline := time.Now().Add(10 * time.Second)
	for n := 0; ; n++ {
		write(t, filepath.Join(deep, "paper"))
		select {
		case <-w.Changes():
			if n > 0 {
				return
			}
		case <-time.After(20 * time.Millisecond):
			if time.Now().After(deadline) {
				t.Fatal("a file in a new folder: nobody told")
			}
		}
	}
}

// TestSkipped: the folder of esync's own data is not watched.
func TestSkipped(t *testing.T) {
	t.Parallel()
	w, dir := watch(t)
	write(t, filepath.Join(dir, ".own", "log"))
	write(t, filepath.Join(dir, ".own", "deep", "pack"))
	write(t, filepath.Join(dir, "last"))
	wait(t, w, "a file beside the skipped folder")
	for _, path := range w.inner.WatchList() {
		if filepath.Base(path) == ".own" || filepath.Base(path) == "deep" {
			t.Errorf("%q is watched", path)
		}
	}
}

func TestMissingRoot(t *testing.T) {
	t.Parallel()
	if w, err := New(filepath.Join(t.TempDir(), "none"), func(string) bool { return false }); err == nil {
		w.Close()
		t.Error("a folder that is not there is watched")
	}
}
