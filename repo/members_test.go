package repo

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/esync/esync/refs/roster"
	"github.com/esync/esync/transport"
)

func TestGrant(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	x := newTeam(t)
	cleo := newUser(t, "cleo")
	x.net.join(cleo)
	m, err := x.top.Grant(ctx, "cleo", roster.Read, GrantOptions{Key: cleo.key(), HostKey: cleo.env.hostKey()})
	if err != nil || m.Name != "cleo" || m.Now != roster.Read {
		t.Fatalf("grant: %+v, %v", m, err)
	}
	c := x.clone(cleo, officeAt)
	write(t, c, "c.txt", "c")
	commit(t, c, "cleo") // in her own copy she may
	if _, err := c.Push(ctx, ""); !errors.Is(err, transport.ErrRefused) {
		t.Errorf("a reader pushes: %v", err)
	}
	// Once she may write, what she did before is fine.
	yes := true
	until := x.office.env.Now().Add(time.Hour)
	if m, err = x.top.Grant(ctx, cleo.key().Fingerprint(), roster.Full, GrantOptions{MayInvite: &yes, Expires: until}); err != nil || m.Now != roster.Full || !m.MayInvite || m.Expires.IsZero() {
		t.Fatalf("grant by fingerprint: %+v, %v", m, err)
	}
	if res, err := c.Pull(ctx, ""); err != nil || !res.Settings {
		t.Fatalf("pull: %+v, %v", res, err)
	}
	write(t, c, "c.txt", "cc")
	commit(t, c, "cleo again")
	if _, err := c.Push(ctx, ""); err != nil {
		t.Errorf("push: %v", err)
	}
	for name, try := range map[string]func() error{
		"by a member": func() error { _, err := x.a.Grant(ctx, "ann", roster.Admin, GrantOptions{}); return err },
		"by a member, to a newcomer": func() error {
			_, err := x.a.Grant(ctx, "dora", roster.Read, GrantOptions{Key: newUser(t, "dora").key()})
			return err
		},
		"revoke by a member": func() error { _, err := x.a.Revoke(ctx, "ben"); return err },
		"settings by a member": func() error {
			return x.a.ChangeSettings(ctx, func(s *roster.Settings) error { s.Hubs = nil; return nil })
		},
		"invitation by a member":   func() error { _, err := x.a.Invite(ctx, InviteOptions{Level: roster.Read}); return err },
		"to himself as the last":   func() error { _, err := x.top.Grant(ctx, "office", roster.Full, GrantOptions{}); return err },
		"revoke of the last admin": func() error { _, err := x.top.Revoke(ctx, "office"); return err },
		"to nobody":                func() error { _, err := x.top.Grant(ctx, "nobody", roster.Full, GrantOptions{}); return err },
		"a key that is another's": func() error {
			_, err := x.top.Grant(ctx, "ann2", roster.Full, GrantOptions{Key: x.ann.key()})
			return err
		},
		"another nonce": func() error {
			return x.top.ChangeSettings(ctx, func(s *roster.Settings) error { s.Nonce = roster.Secret{9}; return nil })
		},
		"nothing": func() error { return x.top.ChangeSettings(ctx, func(*roster.Settings) error { return nil }) },
		"a bad name": func() error {
			return x.top.ChangeSettings(ctx, func(s *roster.Settings) error { s.Engagement = "a/b"; return nil })
		},
	} {
		before, after := x.top.state().Get(nameSettings), x.a.state().Get(nameSettings)
		if err := try(); err == nil {
			t.Errorf("%s: granted", name)
		}
		if before != x.top.state().Get(nameSettings) || after != x.a.state().Get(nameSettings) {
			t.Errorf("%s: the settings moved", name)
		}
	}
	if _, err := x.a.Grant(ctx, "ann", roster.Admin, GrantOptions{}); !errors.Is(err, ErrNotAdmin) || !strings.Contains(err.Error(), `ask "office"`) {
		t.Errorf("what ann hears: %v", err)
	}
	wantSound(t, x.top)
}

// TestExpiry: a membership ends by itself.
func TestExpiry(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	x := newTeam(t)
	if _, err := x.top.Grant(ctx, "ann", roster.Full, GrantOptions{Expires: x.office.env.Now().Add(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	host := x.net.hosts[officeAt]
	if _, err := host.Authorize(x.ann.key()); err != nil {
		t.Errorf("before: %v", err)
	}
	now := x.office.env.Now
	for _, s := range host.served {
		s.repo.env.Now = func() time.Time { return now().Add(2 * time.Hour) }
	}
	if _, err := host.Authorize(x.ann.key()); !errors.Is(err, transport.ErrNotMember) || !strings.Contains(err.Error(), "expired") {
		t.Errorf("after: %v", err)
	}
	if _, err := x.a.Pull(ctx, ""); !errors.Is(err, transport.ErrNotMember) {
		t.Errorf("pull: %v", err)
	}
}

// TestRevoke: from the next contact on every copy refuses him; what he did
// before stays, and travels.
func TestRevoke(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	x := newTeam(t)
	write(t, x.a, "ann.txt", "before")
	commit(t, x.a, "ann before")
	x.net.serve(x.ann, "10.0.0.5:7472", x.a.Root(), HostOptions{})
	x.net.serve(x.ben, "10.0.0.6:7472", x.b.Root(), HostOptions{})
	if _, err := x.b.Pull(ctx, "ann"); err != nil { // ben has her work, the office not
		t.Fatal(err)
	}
	discovery := func(r *Repo) roster.Secret {
		s, _, err := r.Settings(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return s.Discovery
	}
	old := discovery(x.top)
	if m, err := x.top.Revoke(ctx, "ANN"); err != nil || m.Now != roster.None || m.Revoked.IsZero() {
		t.Fatalf("revoke: %+v, %v", m, err)
	}
	if discovery(x.top) == old {
		t.Error("the discovery key is the old one")
	}
	if _, err := x.a.Push(ctx, ""); !errors.Is(err, transport.ErrNotMember) {
		t.Errorf("she pushes: %v", err)
	}
	if _, err := x.a.Pull(ctx, ""); !errors.Is(err, transport.ErrNotMember) {
		t.Errorf("she pulls: %v", err)
	}
	// Ben has not heard of it, and still lets her in. A push is enough for
	// him to hear; and her older work comes with it.
	if _, err := x.a.Pull(ctx, "ben"); err != nil {
		t.Errorf("she pulls from ben: %v", err)
	}
	write(t, x.b, "ben.txt", "b")
	commit(t, x.b, "ben")
	if res, err := x.b.Push(ctx, ""); err != nil || !res.Settings {
		t.Fatalf("ben pushes: %+v, %v", res, err)
	}
	if got := read(t, x.top, "ann.txt"); got != "before" {
		t.Errorf("her work did not come: %q", got)
	}
	if got := names(t, x.b); got != "ann none, ben full, office admin" {
		t.Errorf("ben's members: %s", got)
	}
	if _, err := x.a.Pull(ctx, "ben"); !errors.Is(err, transport.ErrNotMember) {
		t.Errorf("she pulls from ben again: %v", err)
	}
	for _, r := range []*Repo{x.top, x.b} {
		wantClean(t, r)
	}
	// Let in again by the office.
	if m, err := x.top.Grant(ctx, "ann", roster.Full, GrantOptions{}); err != nil || m.Now != roster.Full || !m.Revoked.IsZero() {
		t.Fatalf("grant: %+v, %v", m, err)
	}
	if _, err := x.a.Pull(ctx, ""); err != nil {
		t.Errorf("she pulls: %v", err)
	}
}

// TestRevokedWhilePushing: the membership ends between the first word of a
// push and the last.
func TestRevokedWhilePushing(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	x := newTeam(t)
	host := x.net.hosts[officeAt]
	e, err := host.For(Peer{Key: x.ann.key()}).Open(ctx, "eng1", x.top.ID())
	if err != nil {
		t.Fatal(err)
	}
	u := e.(transport.Updater)
	if _, err := x.top.Revoke(ctx, "ann"); err != nil {
		t.Fatal(err)
	}
	if err := u.Update(ctx, nil, transport.Pushed{}); !errors.Is(err, transport.ErrNotMember) {
		t.Errorf("update: %v", err)
	}
	if e, err = host.For(Peer{Key: x.ben.key()}).Open(ctx, "eng1", x.top.ID()); err != nil {
		t.Fatal(err)
	}
	u = e.(transport.Updater)
	if _, err := x.top.Grant(ctx, "ben", roster.Read, GrantOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := u.Update(ctx, nil, transport.Pushed{}); !errors.Is(err, transport.ErrRefused) {
		t.Errorf("update by one who may only read by now: %v", err)
	}
}

// TestRename: the engagement's name is what the settings say, in every copy.
func TestRename(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	x := newTeam(t)
	if err := x.top.ChangeSettings(ctx, func(s *roster.Settings) error { s.Engagement = "eng1 final"; return nil }); err != nil {
		t.Fatal(err)
	}
	if x.top.Name() != "eng1 final" {
		t.Errorf("name: %q", x.top.Name())
	}
	if res, err := x.b.Pull(ctx, ""); err != nil || !res.Settings || x.b.Name() != "eng1 final" {
		t.Errorf("pull: %+v, %v, name %q", res, err, x.b.Name())
	}
}

// TestUndoMembers: undo takes neither members nor invitations back, and says so.
func TestUndoMembers(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	x := newTeam(t)
	write(t, x.top, "new.txt", "new")
	commit(t, x.top, "new")
	if _, err := x.top.Revoke(ctx, "ann"); err != nil {
		t.Fatal(err)
	}
	if _, err := x.top.Undo(ctx, UndoOptions{}); !errors.Is(err, ErrForward) {
		t.Errorf("undo of revoke: %v", err)
	}
	if got := read(t, x.top, "new.txt"); got != "new" {
		t.Error("undo took something else back")
	}
	invite(t, x.top, InviteOptions{Level: roster.Read})
	if _, err := x.top.Undo(ctx, UndoOptions{}); !errors.Is(err, ErrForward) {
		t.Errorf("undo of invite: %v", err)
	}
	// A pull that brought settings and work: the work goes, the settings stay.
	if _, err := x.b.Pull(ctx, ""); err != nil {
		t.Fatal(err)
	}
	settings := x.b.state().Get(nameSettings)
	if _, err := x.b.Undo(ctx, UndoOptions{}); err != nil {
		t.Fatal(err)
	}
	if got := read(t, x.b, "new.txt"); got != "(none)" || x.b.state().Get(nameSettings) != settings {
		t.Errorf("after undo: %q, settings %v", got, x.b.state().Get(nameSettings) == settings)
	}
	if _, err := x.b.Undo(ctx, UndoOptions{Redo: true}); err != nil {
		t.Fatal(err)
	}
	if got := read(t, x.b, "new.txt"); got != "new" {
		t.Errorf("after redo: %q", got)
	}
}

// TestNobody: without a key nothing is made, and reading still works.
func TestNobody(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	x := newTeam(t)
	u := newUser(t, "nobody")
	u.env.Signer = nil
	if _, err := Init(ctx, u.env, t.TempDir(), InitOptions{Name: "e"}); !errors.Is(err, ErrNoKey) {
		t.Errorf("init: %v", err)
	}
	r, err := openAt(u.env, x.top.Root())
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := r.Status(ctx, StatusOptions{}); err != nil {
		t.Errorf("status: %v", err)
	}
	write(t, r, "x.txt", "x")
	if _, err := r.Commit(ctx, CommitOptions{Message: "x"}); !errors.Is(err, ErrNoKey) {
		t.Errorf("commit: %v", err)
	}
	if _, _, err := Clone(ctx, u.env, Source{Kind: SourceFolder, Path: x.top.Root(), Text: x.top.Root()}, t.TempDir()+"/c", CloneOptions{}); !errors.Is(err, transport.ErrNotMember) {
		t.Errorf("clone of a folder: %v", err)
	}
}

// TestRevokedPeer: a copy of somebody who was put out gets nothing shown, and
// nothing is taken from it.
func TestRevokedPeer(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	x := newTeam(t)
	const annAt = "10.0.0.5:7472"
	x.net.serve(x.ann, annAt, x.a.Root(), HostOptions{})
	if err := x.b.AddRemote(ctx, "field", "ssh://"+annAt+"/eng1"); err != nil {
		t.Fatal(err)
	}
	if _, err := x.b.Pull(ctx, "field"); err != nil {
		t.Fatal(err)
	}
	if _, err := x.top.Revoke(ctx, "ann"); err != nil {
		t.Fatal(err)
	}
	if _, err := x.b.Pull(ctx, ""); err != nil {
		t.Fatal(err)
	}
	write(t, x.b, "secret.txt", "s")
	commit(t, x.b, "secret")
	hers := stay(t, x.a)
	if _, err := x.b.Push(ctx, "field"); !errors.Is(err, transport.ErrNotMember) {
		t.Errorf("push to her: %v", err)
	}
	if _, err := x.b.Pull(ctx, "field"); !errors.Is(err, transport.ErrNotMember) {
		t.Errorf("pull from her: %v", err)
	}
	hers()
}

// TestGCKeepsSettings: nothing of the settings' past is dropped.
func TestGCKeepsSettings(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	x := newTeam(t)
	for range 3 {
		if err := x.top.ChangeSettings(ctx, func(s *roster.Settings) error { s.Ignore = append(s.Ignore, "*.tmp"); return nil }); err != nil {
			t.Fatal(err)
		}
	}
	now := x.top.env.Now
	x.top.env.Now = func() time.Time { return now().Add(365 * 24 * time.Hour) } // no operation of these days counts
	if _, err := x.top.GC(ctx, GCOptions{Grace: -1}); err != nil {
		t.Fatal(err)
	}
	wantSound(t, x.top)
	if _, err := x.a.Pull(ctx, ""); err != nil {
		t.Fatal(err)
	}
	x.clone(newMember(t, x, "late"), officeAt)
}
