package repo

import (
	"context"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/esync/esync/internal/sealed"
	"github.com/esync/esync/internal/sshsig"
	"github.com/esync/esync/objects"
	"github.com/esync/esync/refs/roster"
)

// user is one person at one machine in a test, with a clock of his own.
type user struct {
	t   testing.TB
	env Env
}

func newUser(t testing.TB, name string) *user {
	t.Helper()
	began := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	var passed atomic.Int64
	return &user{t: t, env: Env{
		Home: filepath.Join(t.TempDir(), "home"),
		Now:  func() time.Time { return began.Add(time.Duration(passed.Add(1)) * time.Second) },
		Rand: rand.Reader, Author: objects.Person{Name: name, Mail: name + "@example.com"}, Device: name + "-laptop",
		Signer: signerOf(name), HostKey: signerOf(name + "'s machine").Public(),
		Key:  func() (sealed.Key, error) { return sealed.FromSeed(seedOf(name)), nil },
		Warn: func(text string) { t.Logf("%s: %s", name, text) },
	}}
}

// signerOf gives everybody a key of his own, always the same.
func signerOf(name string) sshsig.Signer {
	return sshsig.FromSeed(seedOf(name))
}

func seedOf(name string) []byte {
	seed := objects.Sum(objects.KindBlob, []byte(name))
	return seed[:]
}

func (u *user) init(dir, name string) *Repo {
	u.t.Helper()
	r, err := Init(context.Background(), u.env, dir, InitOptions{Name: name})
	if err != nil {
		u.t.Fatal(err)
	}
	u.t.Cleanup(func() { r.Close() })
	return r
}

func (u *user) key() roster.Key {
	u.t.Helper()
	key, err := u.env.key()
	if err != nil {
		u.t.Fatal(err)
	}
	return key
}

// admit makes others members of an engagement.
func (u *user) admit(r *Repo, level roster.Level, others ...*user) {
	u.t.Helper()
	for _, o := range others {
		if _, err := r.Grant(context.Background(), o.env.Author.Name, level, GrantOptions{Key: o.key(), HostKey: o.env.hostKey()}); err != nil {
			u.t.Fatal(err)
		}
	}
}

func (u *user) clone(from, to string) *Repo {
	u.t.Helper()
	r, _, err := Clone(context.Background(), u.env, Source{Kind: SourceFolder, Path: from, Text: from}, to, CloneOptions{})
	if err != nil {
		u.t.Fatal(err)
	}
	u.t.Cleanup(func() { r.Close() })
	return r
}

// write puts a paper into a copy, with a time that no earlier write had.
func write(t testing.TB, r *Repo, path, content string) {
	t.Helper()
	full := filepath.Join(r.Root(), filepath.FromSlash(path))
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(full, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func read(t testing.TB, r *Repo, path string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(r.Root(), filepath.FromSlash(path)))
	if errors.Is(err, os.ErrNotExist) {
		return "(none)"
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func commit(t testing.TB, r *Repo, message string, paths ...string) *CommitResult {
	t.Helper()
	res, err := r.Commit(context.Background(), CommitOptions{Message: message, Paths: paths})
	if err != nil {
		t.Fatalf("commit %q: %v", message, err)
	}
	return res
}

// wantClean checks that nothing is changed and that the store is whole.
func wantClean(t testing.TB, r *Repo) {
	t.Helper()
	s, err := r.Status(context.Background(), StatusOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if !s.Clean {
		t.Errorf("%s is not clean: %+v, conflicts %+v", r.Root(), s.Changes, s.Conflicts)
	}
	wantSound(t, r)
}

func wantSound(t testing.TB, r *Repo) {
	t.Helper()
	f, err := r.Fsck(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Damage) > 0 {
		t.Errorf("%s is damaged: %+v", r.Root(), f.Damage)
	}
}

func messages(t *testing.T, r *Repo, o LogOptions) string {
	t.Helper()
	var out []string
	for e, err := range r.Log(context.Background(), o) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, e.Commit.Message)
	}
	return strings.Join(out, ", ")
}

func TestCommitAndLog(t *testing.T) {
	t.Parallel()
	u := newUser(t, "anna")
	r := u.init(t.TempDir(), "eng1")
	if got := messages(t, r, LogOptions{}); got != "" {
		t.Errorf("a new engagement has history: %s", got)
	}
	write(t, r, "A/tb.csv", "1,2\n")
	write(t, r, "B/memo.txt", "hello\n")
	first := commit(t, r, "first")
	if first.Files != 2 || first.Bytes != 10 {
		t.Errorf("first commit has %d files, %d bytes", first.Files, first.Bytes)
	}
	if v, _ := first.Commit.Header(headerEngagement); v != r.ID().String() {
		t.Errorf("the first commit names engagement %q", v)
	}
	wantClean(t, r)
	if _, err := r.Commit(context.Background(), CommitOptions{Message: "again"}); !errors.Is(err, ErrNothing) {
		t.Errorf("commit of nothing: %v", err)
	}
	write(t, r, "A/tb.csv", "1,3\n")
	write(t, r, "B/memo.txt", "hello you\n")
	commit(t, r, "only a", "A")
	s, err := r.Status(context.Background(), StatusOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Changes) != 1 || s.Changes[0].Path != "B/memo.txt" {
		t.Errorf("changes left: %+v", s.Changes)
	}
	commit(t, r, "rest")
	if got := messages(t, r, LogOptions{}); got != "rest, only a, first" {
		t.Errorf("log: %s", got)
	}
	if got := messages(t, r, LogOptions{Path: "A"}); got != "only a, first" {
		t.Errorf("log of A: %s", got)
	}
	if got := messages(t, r, LogOptions{Limit: 1, From: "HEAD~1"}); got != "only a" {
		t.Errorf("log from HEAD~1: %s", got)
	}
	var b strings.Builder
	if err := r.Cat(context.Background(), first.ID.String()[:8]+":A/tb.csv", &b); err != nil || b.String() != "1,2\n" {
		t.Errorf("cat: %q, %v", b.String(), err)
	}
	for _, spec := range []string{"nonesuch", "HEAD~9", "HEAD^2", "0000000000", "HEAD~x"} {
		if _, err := r.Find(spec); !errors.Is(err, ErrUnknown) {
			t.Errorf("find %q: %v", spec, err)
		}
	}
}

func TestRestoreAndUndo(t *testing.T) {
	t.Parallel()
	u := newUser(t, "anna")
	r := u.init(t.TempDir(), "eng1")
	ctx := context.Background()
	write(t, r, "tb.csv", "one\n")
	commit(t, r, "one")
	write(t, r, "tb.csv", "two\n")
	commit(t, r, "two")
	write(t, r, "tb.csv", "unsaved\n")
	if _, err := r.Restore(ctx, RestoreOptions{From: "HEAD~1", Paths: []string{"tb.csv"}}); err != nil {
		t.Fatal(err)
	}
	if got := read(t, r, "tb.csv"); got != "one\n" {
		t.Errorf("restored: %q", got)
	}
	if _, err := r.Undo(ctx, UndoOptions{}); err != nil {
		t.Fatal(err)
	}
	if got := read(t, r, "tb.csv"); got != "unsaved\n" {
		t.Errorf("undo of restore: %q", got)
	}
	if res, err := r.Undo(ctx, UndoOptions{}); err != nil || res.Undone.Command != "commit" {
		t.Fatalf("undo of commit: %+v, %v", res, err)
	}
	if got := messages(t, r, LogOptions{}); got != "one" {
		t.Errorf("log after undo: %s", got)
	}
	if got := read(t, r, "tb.csv"); got != "unsaved\n" {
		t.Errorf("undo of commit touched the file: %q", got)
	}
	if _, err := r.Undo(ctx, UndoOptions{Redo: true}); err != nil {
		t.Fatal(err)
	}
	if got := messages(t, r, LogOptions{}); got != "two, one" {
		t.Errorf("log after redo: %s", got)
	}
	for range 2 {
		if _, err := r.Undo(ctx, UndoOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := r.Undo(ctx, UndoOptions{}); !errors.Is(err, ErrNothing) {
		t.Errorf("undo beyond the beginning: %v", err)
	}
	wantSound(t, r)
}

func TestLinesSwitchMerge(t *testing.T) {
	t.Parallel()
	u := newUser(t, "anna")
	r := u.init(t.TempDir(), "eng1")
	ctx := context.Background()
	write(t, r, "memo.txt", "a\nb\nc\nd\ne\n")
	write(t, r, "book.xlsx", "\x00base")
	commit(t, r, "base")
	if _, err := r.Switch(ctx, "draft", SwitchOptions{Create: true}); err != nil {
		t.Fatal(err)
	}
	write(t, r, "memo.txt", "a\nb\nc\nd\nE\n")
	write(t, r, "book.xlsx", "\x00draft")
	commit(t, r, "draft")
	if _, err := r.Switch(ctx, "main", SwitchOptions{}); err != nil {
		t.Fatal(err)
	}
	if got := read(t, r, "book.xlsx"); got != "\x00base" {
		t.Errorf("after switch: %q", got)
	}
	write(t, r, "memo.txt", "A\nb\nc\nd\ne\n")
	write(t, r, "book.xlsx", "\x00main")
	commit(t, r, "main")
	write(t, r, "memo.txt", "changed, not committed\n")
	var local *LocalChangesError
	if _, err := r.Switch(ctx, "draft", SwitchOptions{}); !errors.As(err, &local) {
		t.Fatalf("switch over local changes: %v", err)
	}
	if _, err := r.Restore(ctx, RestoreOptions{Paths: []string{"memo.txt"}}); err != nil {
		t.Fatal(err)
	}
	res, err := r.Merge(ctx, "draft", MergeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if len(res.Conflicts) != 1 || res.Conflicts[0].Path != "book.xlsx" {
		t.Fatalf("conflicts: %+v", res.Conflicts)
	}
	if got := read(t, r, "memo.txt"); got != "A\nb\nc\nd\nE\n" {
		t.Errorf("merged memo: %q", got)
	}
	if got := read(t, r, "book.xlsx"); got != "\x00main" {
		t.Errorf("in conflict the folder holds %q", got)
	}
	write(t, r, "new.txt", "new")
	commit(t, r, "while in conflict")
	if cs, err := r.Conflicts(ctx); err != nil || len(cs) != 1 {
		t.Fatalf("conflicts after a commit: %+v, %v", cs, err)
	}
	if _, err := r.Resolve(ctx, ResolveOptions{Path: "book.xlsx", Take: "theirs"}); err != nil {
		t.Fatal(err)
	}
	if got := read(t, r, "book.xlsx"); got != "\x00draft" {
		t.Errorf("resolved: %q", got)
	}
	wantClean(t, r)
	if _, err := r.Undo(ctx, UndoOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Resolve(ctx, ResolveOptions{Path: "book.xlsx", Take: "both"}); err != nil {
		t.Fatal(err)
	}
	if a, b := read(t, r, "book.xlsx"), read(t, r, "book (other version).xlsx"); a != "\x00main" || b != "\x00draft" {
		t.Errorf("both: %q, %q", a, b)
	}
	wantClean(t, r)
}

func TestPushPull(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	office, anna, ben := newUser(t, "office"), newUser(t, "anna"), newUser(t, "ben")
	dir := t.TempDir()
	top := office.init(filepath.Join(dir, "office"), "eng1")
	write(t, top, "A/memo.txt", "one\ntwo\nthree\nfour\nfive\n")
	write(t, top, "book.xlsx", "\x00base")
	commit(t, top, "base")
	office.admit(top, roster.Full, anna, ben)
	a := anna.clone(top.Root(), filepath.Join(dir, "anna"))
	b := ben.clone(top.Root(), filepath.Join(dir, "ben"))
	for _, r := range []*Repo{a, b} {
		if got := read(t, r, "A/memo.txt"); got != "one\ntwo\nthree\nfour\nfive\n" {
			t.Errorf("cloned: %q", got)
		}
		wantClean(t, r)
	}
	if _, _, err := Clone(ctx, anna.env, Source{Kind: SourceFolder, Path: top.Root(), Text: top.Root()}, a.Root(), CloneOptions{}); !errors.Is(err, ErrExists) {
		t.Errorf("clone onto a clone: %v", err)
	}
	res, err := a.Pull(ctx, "")
	if err != nil || !res.UpToDate || res.RoundTrips != 1 {
		t.Errorf("no-op pull: %+v, %v", res, err)
	}
	write(t, a, "A/memo.txt", "ONE\ntwo\nthree\nfour\nfive\n")
	write(t, a, "book.xlsx", "\x00anna")
	commit(t, a, "anna")
	if res, err = a.Push(ctx, ""); err != nil || res.Commits != 1 || res.RoundTrips != 1 {
		t.Fatalf("push: %+v, %v", res, err)
	}
	if got := read(t, top, "A/memo.txt"); got != "ONE\ntwo\nthree\nfour\nfive\n" {
		t.Errorf("the files of the parent did not follow: %q", got)
	}
	wantClean(t, top)
	write(t, b, "A/memo.txt", "one\ntwo\nthree\nfour\nFIVE\n")
	write(t, b, "book.xlsx", "\x00ben")
	commit(t, b, "ben")
	if _, err := b.Push(ctx, ""); !errors.Is(err, ErrNotFastForward) {
		t.Errorf("push of a diverged line: %v", err)
	}
	if res, err = b.Pull(ctx, ""); err != nil || len(res.Conflicts) != 1 {
		t.Fatalf("pull: %+v, %v", res, err)
	}
	if got := read(t, b, "A/memo.txt"); got != "ONE\ntwo\nthree\nfour\nFIVE\n" {
		t.Errorf("merged: %q", got)
	}
	if _, err := b.Resolve(ctx, ResolveOptions{Path: "book.xlsx", Take: "theirs"}); err != nil {
		t.Fatal(err)
	}
	if got := read(t, b, "book.xlsx"); got != "\x00anna" {
		t.Errorf("resolved: %q", got)
	}
	if _, err := b.Sync(ctx, "", SyncOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Sync(ctx, "", SyncOptions{}); err != nil {
		t.Fatal(err)
	}
	if a.state().Get(nameBase) != b.state().Get(nameBase) || a.state().Get(nameBase) != top.state().Get(nameBase) {
		t.Error("copies differ at the end")
	}
	for _, r := range []*Repo{top, a, b} {
		wantClean(t, r)
	}
}

// TestServedCopy is a push into a copy whose owner is at work.
func TestServedCopy(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	lead, ben := newUser(t, "lead"), newUser(t, "ben")
	dir := t.TempDir()
	l := lead.init(filepath.Join(dir, "lead"), "eng1")
	write(t, l, "a.txt", "1\n2\n3\n4\n5\n")
	write(t, l, "b.txt", "b\n")
	commit(t, l, "base")
	lead.admit(l, roster.Full, ben)
	b := ben.clone(l.Root(), filepath.Join(dir, "ben"))
	write(t, l, "a.txt", "1\n2\n3\n4\n5 lead\n") // not committed
	write(t, b, "a.txt", "1 ben\n2\n3\n4\n5\n")
	write(t, b, "b.txt", "b ben\n")
	commit(t, b, "ben")
	if _, err := b.Push(ctx, ""); err != nil {
		t.Fatal(err)
	}
	if a, bb := read(t, l, "a.txt"), read(t, l, "b.txt"); a != "1\n2\n3\n4\n5 lead\n" || bb != "b\n" {
		t.Errorf("the owner was disturbed: %q, %q", a, bb)
	}
	s, err := l.Status(ctx, StatusOptions{})
	if err != nil || s.Incoming != 1 || len(s.Changes) != 1 {
		t.Errorf("status of the served copy: %+v, %v", s, err)
	}
	commit(t, l, "lead")
	if _, err := l.Merge(ctx, "main", MergeOptions{}); err != nil {
		t.Fatal(err)
	}
	if a, bb := read(t, l, "a.txt"), read(t, l, "b.txt"); a != "1 ben\n2\n3\n4\n5 lead\n" || bb != "b ben\n" {
		t.Errorf("after the merge: %q, %q", a, bb)
	}
	if _, err := b.Pull(ctx, ""); err != nil {
		t.Fatal(err)
	}
	if b.state().Get(nameBase) != l.state().Get(nameBase) {
		t.Error("copies differ at the end")
	}
	wantClean(t, l)
	wantClean(t, b)
}

// TestPushToUnknown: a peer that this copy was never told about is asked where
// it is; one that went back is pushed to again.
func TestPushToUnknown(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	office, anna := newUser(t, "office"), newUser(t, "anna")
	dir := t.TempDir()
	top := office.init(filepath.Join(dir, "office"), "eng1")
	write(t, top, "a.txt", "1")
	commit(t, top, "one")
	office.admit(top, roster.Full, anna)
	a := anna.clone(top.Root(), filepath.Join(dir, "anna"))
	write(t, top, "a.txt", "2")
	commit(t, top, "two")
	if err := top.CreateTag(ctx, "final", ""); err != nil {
		t.Fatal(err)
	}
	if _, err := top.Push(ctx, a.Root()); err != nil {
		t.Fatal(err)
	}
	if got := read(t, a, "a.txt"); got != "2" {
		t.Errorf("pushed down: %q", got)
	}
	if _, err := a.Undo(ctx, UndoOptions{}); err != nil {
		t.Fatal(err)
	}
	if res, err := top.Push(ctx, a.Root()); err != nil || res.UpToDate {
		t.Errorf("push to a copy that went back: %+v, %v", res, err)
	}
	if got := read(t, a, "a.txt"); got != "2" {
		t.Errorf("pushed again: %q", got)
	}
	write(t, a, "b.txt", "anna")
	commit(t, a, "anna")
	write(t, top, "a.txt", "3")
	commit(t, top, "three")
	if _, err := top.Push(ctx, a.Root()); !errors.Is(err, ErrNotFastForward) {
		t.Errorf("push to a copy that went on: %v", err)
	}
	if _, err := top.Sync(ctx, a.Root(), SyncOptions{}); err != nil {
		t.Fatal(err)
	}
	wantClean(t, top)
	wantClean(t, a)
}

func TestUnrelated(t *testing.T) {
	t.Parallel()
	u := newUser(t, "anna")
	dir := t.TempDir()
	one, two := u.init(filepath.Join(dir, "one"), "one"), u.init(filepath.Join(dir, "two"), "two")
	for _, r := range []*Repo{one, two} {
		write(t, r, "a.txt", r.Name())
		commit(t, r, "first")
	}
	if err := one.AddRemote(context.Background(), "other", two.Root()); err != nil {
		t.Fatal(err)
	}
	if _, err := one.Pull(context.Background(), "other"); !errors.Is(err, ErrUnrelated) {
		t.Errorf("pull of another engagement: %v", err)
	}
	if _, err := one.Push(context.Background(), "other"); !errors.Is(err, ErrUnrelated) {
		t.Errorf("push to another engagement: %v", err)
	}
	if got := messages(t, two, LogOptions{}); got != "first" {
		t.Errorf("the other engagement changed: %s", got)
	}
}

func TestParseSource(t *testing.T) {
	t.Parallel()
	good := map[string]Source{
		"parent:eng1":               {Kind: SourceSSH, Host: "parent", Engagement: "eng1"},
		"anna@10.0.0.7:/srv/eng 1":  {Kind: SourceSSH, User: "anna", Host: "10.0.0.7", Engagement: "/srv/eng 1"},
		"ssh://srv/eng1":            {Kind: SourceSSH, Host: "srv", Engagement: "eng1"},
		"ssh://a@srv:7472/eng1":     {Kind: SourceSSH, User: "a", Host: "srv", Port: 7472, Engagement: "eng1"},
		"ssh://srv/srv/papers/eng1": {Kind: SourceSSH, Host: "srv", Engagement: "/srv/papers/eng1"},
		"ssh://[::1]:22/eng1":       {Kind: SourceSSH, Host: "::1", Port: 22, Engagement: "eng1"},
		"../eng1":                   {Kind: SourceFolder, Path: "../eng1"},
		`C:\eng1`:                   {Kind: SourceFolder, Path: `C:\eng1`},
		"eng1":                      {Kind: SourceFolder, Path: "eng1"},
		"./odd:name":                {Kind: SourceFolder, Path: "./odd:name"},
	}
	for text, want := range good {
		want.Text = text
		if got, err := ParseSource(text); err != nil || got != want {
			t.Errorf("%q: %+v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "http://x/y", "ssh://-oProxyCommand=x/y", "-x:eng", "host:", "ssh://host", "ssh://u:p@host/e", "ssh://host:99999/e", "host:-x"} {
		if s, err := ParseSource(text); !errors.Is(err, ErrUsage) {
			t.Errorf("%q: %+v, %v", text, s, err)
		}
	}
}
