package repo

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// wreck damages the packs of a copy: some bytes in the middle of each.
func wreck(t *testing.T, r *Repo) {
	t.Helper()
	packs, err := filepath.Glob(filepath.Join(r.Root(), ".esync", "objects", "*.pack"))
	if err != nil || len(packs) == 0 {
		t.Fatalf("%v, %v", packs, err)
	}
	for _, p := range packs {
		b, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		for i := len(b) / 3; i < len(b)/3+40; i++ {
			b[i] ^= 0x55
		}
		if err := os.Chmod(p, 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// TestHeal: what is damaged comes back from whoever has it.
func TestHeal(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	x := newTeam(t)
	for i := range 20 {
		write(t, x.a, fmt.Sprintf("A/paper%02d.txt", i), strings.Repeat(fmt.Sprint("line ", i, "\n"), 200))
	}
	commit(t, x.a, "papers")
	if _, err := x.a.Push(ctx, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := x.b.Pull(ctx, ""); err != nil {
		t.Fatal(err)
	}
	if res, err := x.b.Heal(ctx, ""); err != nil || res.Healed != 0 || len(res.Left.Damage) != 0 {
		t.Errorf("healing of a sound copy: %+v, %v", res, err)
	}
	wreck(t, x.b)
	hurt, err := openAt(x.ben.env, x.b.Root())
	if err != nil {
		t.Fatal(err)
	}
	defer hurt.Close()
	before, err := hurt.Fsck(ctx)
	if err != nil || len(before.Damage) == 0 {
		t.Fatalf("nothing is damaged: %+v, %v", before, err)
	}
	// Nobody is there: what can be mended alone is, and the rest is named.
	x.net.set(officeAt, false)
	res, err := hurt.Heal(ctx, "")
	if !errors.Is(err, ErrUnreachable) || res == nil || len(res.Left.Damage) == 0 {
		t.Errorf("healing alone: %+v, %v", res, err)
	}
	x.net.serve(x.ann, "10.0.0.5:7472", x.a.Root(), HostOptions{ReadOnly: true})
	if res, err = hurt.Heal(ctx, ""); err != nil || res.Healed == 0 || len(res.Left.Damage) != 0 || len(res.From) != 1 || res.From[0] != "ann" {
		t.Errorf("healing: %+v, %v", res, err)
	}
	wantClean(t, hurt)
}

// TestHealFromFiles: what the user's files still have needs nobody else.
func TestHealFromFiles(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	u := newUser(t, "ann")
	r := u.init(t.TempDir(), "eng1")
	commit1 := func(name string, size int) {
		write(t, r, name, strings.Repeat(name+" line\n", size))
		commit(t, r, name)
	}
	commit1("small.txt", 100)
	noise := make([]byte, 3<<20)
	rand.NewChaCha8([32]byte{1}).Read(noise)
	write(t, r, "large.bin", string(noise))
	commit(t, r, "large")
	// Only the pack of the large file, which is nearly all content.
	packs, err := filepath.Glob(filepath.Join(r.Root(), ".esync", "objects", "*.pack"))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range packs {
		if b, err := os.ReadFile(p); err != nil {
			t.Fatal(err)
		} else if len(b) > 1<<20 {
			b[len(b)/2] ^= 1
			if err := os.WriteFile(p, b, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	hurt, err := openAt(u.env, r.Root())
	if err != nil {
		t.Fatal(err)
	}
	defer hurt.Close()
	res, err := hurt.Heal(ctx, "")
	if err != nil || res.Healed == 0 || len(res.From) != 0 || len(res.Left.Damage) != 0 {
		t.Errorf("healing: %+v, %v", res, err)
	}
	wantClean(t, hurt)
}
