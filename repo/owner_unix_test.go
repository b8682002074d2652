//go:build unix

package repo

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestForeignCopyIsRefused(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("NOT TESTED: only root can give a folder to another user")
	}
	ctx := context.Background()
	u := newUser(t, "anna")
	r := u.init(filepath.Join(t.TempDir(), "eng1"), "eng1")
	write(t, r, "a.txt", "a")
	commit(t, r, "one")
	if err := os.Chown(filepath.Join(r.Root(), ".esync"), 65534, 65534); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(ctx, u.env, r.Root()); !errors.Is(err, ErrForeign) {
		t.Errorf("open: %v", err)
	}
	if _, _, err := Clone(ctx, u.env, Source{Kind: SourceFolder, Path: r.Root(), Text: r.Root()}, filepath.Join(t.TempDir(), "c"), CloneOptions{}); !errors.Is(err, ErrForeign) {
		t.Errorf("clone: %v", err)
	}
	if err := os.Chown(filepath.Join(r.Root(), ".esync"), 0, 0); err != nil {
		t.Fatal(err)
	}
	again, err := Open(ctx, u.env, r.Root())
	if err != nil {
		t.Fatal(err)
	}
	again.Close()
}
