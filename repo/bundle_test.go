package repo

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/refs/roster"
	"github.com/esync/esync/transport"
)

func TestBundleCarriesWork(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	x := newTeam(t)
	write(t, x.a, "memo.txt", "ONE\ntwo\nthree\nfour\nfive\n")
	write(t, x.a, "scan.pdf", strings.Repeat("scan ", 100_000))
	commit(t, x.a, "ann")
	// Ann knows what the office has; Ben has the same. To him she is new.
	file := filepath.Join(x.dir, "stick", "work.esync")
	if err := os.Mkdir(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	made, err := x.a.Bundle(ctx, file, BundleOptions{Since: "parent"})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(made.For, []string{"ann", "ben", "office"}) {
		t.Errorf("sealed for %q", made.For)
	}
	if _, err := x.a.Bundle(ctx, file, BundleOptions{}); !errors.Is(err, ErrExists) {
		t.Errorf("a second bundle in its place: %v", err)
	}
	if got, err := os.ReadFile(file); err != nil || bytes.Contains(got, []byte("eng1")) || int64(len(got)) != made.Bytes {
		t.Errorf("the file: %d bytes, %v", len(got), err)
	}
	write(t, x.b, "memo.txt", "one\ntwo\nthree\nfour\nFIVE\n")
	commit(t, x.b, "ben")
	res, err := x.b.Pull(ctx, file)
	if err != nil || res.Peer != "ann" || res.Commits != 1 || len(res.Conflicts) != 0 {
		t.Fatalf("pull of the bundle: %+v, %v", res, err)
	}
	if got := read(t, x.b, "memo.txt"); got != "ONE\ntwo\nthree\nfour\nFIVE\n" {
		t.Errorf("merged: %q", got)
	}
	if got := x.b.state().Get(trackingName("ann", "main")); idOf(got) != tip(x.a) {
		t.Errorf("ann is remembered at %s", got)
	}
	if res, err = x.b.Pull(ctx, file); err != nil || !res.UpToDate {
		t.Errorf("the same bundle again: %+v, %v", res, err)
	}
	if _, err := x.b.Push(ctx, file); !errors.Is(err, ErrUsage) {
		t.Errorf("push to a bundle: %v", err)
	}
	left, err := os.ReadDir(filepath.Dir(file))
	if err != nil || len(left) != 1 {
		t.Errorf("beside the bundle: %v, %v", left, err)
	}
	wantClean(t, x.b)
}

// TestBundleOld: an old bundle brings nothing back that was left behind.
func TestBundleOld(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	x := newTeam(t)
	write(t, x.a, "memo.txt", "two\n")
	commit(t, x.a, "two")
	file := filepath.Join(x.dir, "old.esync")
	if _, err := x.a.Bundle(ctx, file, BundleOptions{}); err != nil {
		t.Fatal(err)
	}
	write(t, x.a, "memo.txt", "three\n")
	commit(t, x.a, "three")
	later := filepath.Join(x.dir, "new.esync")
	if _, err := x.a.Bundle(ctx, later, BundleOptions{Since: "parent"}); err != nil {
		t.Fatal(err)
	}
	for _, f := range []string{later, file} {
		if _, err := x.b.Pull(ctx, f); err != nil {
			t.Fatal(err)
		}
	}
	if got := x.b.state().Get(trackingName("ann", "main")); idOf(got) != tip(x.a) || tip(x.b) != tip(x.a) {
		t.Errorf("ann is at %s, remembered at %s; ben is at %s", tip(x.a).Short(), got, tip(x.b).Short())
	}
}

// TestBundleClone: a member begins with a bundle, and its maker is his parent.
func TestBundleClone(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	x := newTeam(t)
	cora, dave := newUser(t, "cora"), newUser(t, "dave")
	x.office.admit(x.top, roster.Full, cora)
	if _, err := x.a.Pull(ctx, ""); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(x.dir, "all.esync")
	if _, err := x.a.Bundle(ctx, file, BundleOptions{}); err != nil {
		t.Fatal(err)
	}
	src, err := ParseSource(file)
	if err != nil || src.Kind != SourceBundle {
		t.Fatalf("%+v, %v", src, err)
	}
	if _, _, err := Clone(ctx, dave.env, src, filepath.Join(x.dir, "dave"), CloneOptions{}); !errors.Is(err, transport.ErrNotMember) {
		t.Errorf("a stranger clones: %v", err)
	}
	c, res, err := Clone(ctx, cora.env, src, filepath.Join(x.dir, "cora"), CloneOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if parent, _ := c.Parent(); parent != "ann" || res.Peer != "ann" || tip(c) != tip(x.a) {
		t.Errorf("parent %q, peer %q, at %s", parent, res.Peer, tip(c).Short())
	}
	wantClean(t, c)
	write(t, c, "cora.txt", "hers")
	commit(t, c, "cora")
	if _, err := c.Pull(ctx, ""); !errors.Is(err, ErrUnreachable) {
		t.Errorf("pull from a parent who is nowhere: %v", err)
	}
	if err := c.AddRemote(ctx, "office", x.top.Root()); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Push(ctx, ""); err != nil {
		t.Fatal(err)
	}
	if tip(x.top) != tip(c) {
		t.Error("the office has not what cora recorded")
	}
}

// TestBundleOfRevoked: what a member made who was put out since is refused, and
// so is a bundle that was changed.
func TestBundleOfRevoked(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	x := newTeam(t)
	write(t, x.a, "memo.txt", "ann's\n")
	commit(t, x.a, "ann")
	file := filepath.Join(x.dir, "ann.esync")
	if _, err := x.a.Bundle(ctx, file, BundleOptions{}); err != nil {
		t.Fatal(err)
	}
	before := tip(x.b)
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []int{3, len(bundleStart) + 30, len(whole) / 2, len(whole) - 200, len(whole) - 3} {
		bad := bytes.Clone(whole)
		bad[at] ^= 1
		name := filepath.Join(x.dir, "bad.esync")
		if err := os.WriteFile(name, bad, 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := x.b.Pull(ctx, name); err == nil || tip(x.b) != before {
			t.Errorf("byte %d of %d changed: %v", at, len(whole), err)
		}
	}
	if _, err := x.top.Revoke(ctx, "ann"); err != nil {
		t.Fatal(err)
	}
	if _, err := x.b.Pull(ctx, ""); err != nil {
		t.Fatal(err)
	}
	before = tip(x.b)
	if _, err := x.b.Pull(ctx, file); !errors.Is(err, transport.ErrNotMember) || tip(x.b) != before {
		t.Errorf("a bundle of one who was revoked: %v", err)
	}
	// The next bundle is not for her any more.
	if _, err := x.b.Bundle(ctx, file, BundleOptions{Replace: true}); err != nil {
		t.Fatal(err)
	}
	if _, err := x.a.Pull(ctx, file); !errors.Is(err, transport.ErrNotMember) {
		t.Errorf("one who was revoked reads a bundle: %v", err)
	}
}

func TestVouch(t *testing.T) {
	t.Parallel()
	seal := objects.Sum(objects.KindBlob, []byte("content"))
	made := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	v, err := encodeVouch(signerOf("ann"), seal, made)
	if err != nil {
		t.Fatal(err)
	}
	b := append([]byte("inner"), v...)
	got, inner, err := decodeVouch(bytes.NewReader(b), int64(len(b)))
	if err != nil || inner != 5 || !got.made.Equal(made) {
		t.Errorf("%+v, %d, %v", got, inner, err)
	}
}

// FuzzVouch: whatever stands behind a bundle, the inner part lies within it.
func FuzzVouch(f *testing.F) {
	v, err := encodeVouch(signerOf("ann"), objects.ID{1}, time.Unix(1e9, 0))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(v)
	f.Add(append([]byte("inner"), v...))
	f.Fuzz(func(t *testing.T, b []byte) {
		got, inner, err := decodeVouch(bytes.NewReader(b), int64(len(b)))
		switch {
		case err != nil && !errors.Is(err, transport.ErrBundle) && !errors.Is(err, io.EOF):
			t.Error(err)
		case err == nil && (inner < 0 || inner+int64(len(got.sig))+8+4+int64(len(bundleVouched)) != int64(len(b))):
			t.Errorf("%d bytes hold %d and a signature of %d", len(b), inner, len(got.sig))
		}
	})
}
