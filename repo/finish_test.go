package repo

import (
	"context"
	"os"
	"path/filepath"
	"testing"
)

// TestCloneCutBeforeItsNames: all objects have come, and come no second time.
func TestCloneCutBeforeItsNames(t *testing.T) {
	t.Parallel()
	u := newUser(t, "anna")
	dir := t.TempDir()
	top := firstPapers(t, u, dir)
	bigPaper(t, top)
	commit(t, top, "second")
	c := u.clone(top.Root(), filepath.Join(dir, "copy"))
	c.Close()
	for _, gone := range []string{"format", "refs", "cache"} {
		if err := os.RemoveAll(filepath.Join(c.Root(), ".esync", gone)); err != nil {
			t.Fatal(err)
		}
	}
	for path := range papers(t, c.Root()) {
		if err := os.Remove(c.Root() + path); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Remove(filepath.Join(c.Root(), "A")); err != nil {
		t.Fatal(err)
	}
	again, res, err := Clone(context.Background(), u.env, Source{Kind: SourceFolder, Path: top.Root(), Text: top.Root()}, c.Root(), CloneOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if res.BytesReceived > 2000 || res.Files.Updated != 4 {
		t.Errorf("%d bytes came again, %d files were written", res.BytesReceived, res.Files.Updated)
	}
	wantClean(t, again)
}
