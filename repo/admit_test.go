package repo

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/esync/esync/refs/roster"
	"github.com/esync/esync/transport"
)

// TestAdmission: one who may invite takes a newcomer up in the field; the
// office confirms it later.
func TestAdmission(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	x := newTeam(t)
	yes := true
	if _, err := x.top.Grant(ctx, "ann", roster.Full, GrantOptions{MayInvite: &yes}); err != nil {
		t.Fatal(err)
	}
	for _, r := range []*Repo{x.a, x.b} {
		if _, err := r.Pull(ctx, ""); err != nil {
			t.Fatal(err)
		}
	}
	x.net.set(officeAt, false)
	const annAt = "10.0.0.5:7472"
	x.net.serve(x.ann, annAt, x.a.Root(), HostOptions{})
	if _, err := x.a.Invite(ctx, InviteOptions{Level: roster.Admin}); !errors.Is(err, ErrNotAdmin) {
		t.Errorf("ann invites an admin: %v", err)
	}
	if _, err := x.a.Invite(ctx, InviteOptions{Level: roster.Full, MayInvite: true}); !errors.Is(err, ErrNotAdmin) {
		t.Errorf("ann invites one who may invite: %v", err)
	}
	src, _ := invite(t, x.a, InviteOptions{Name: "temp", Level: roster.Full, Addresses: []string{annAt}})
	temp, c, err := x.come("temp", src)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := names(t, c), "ann full, ben full, office admin, temp full by ann"; got != want {
		t.Errorf("members: %s, want %s", got, want)
	}
	write(t, c, "temp.txt", "t")
	commit(t, c, "temp")
	if _, err := c.Push(ctx, ""); err != nil {
		t.Fatalf("temp pushes to ann: %v", err)
	}
	// Ben hears of it, by what temp shows him or from ann, and then lets temp in.
	x.net.serve(x.ben, "10.0.0.6:7472", x.b.Root(), HostOptions{})
	if _, err := x.b.Pull(ctx, "ann"); err != nil || read(t, x.b, "temp.txt") != "t" {
		t.Fatalf("ben pulls from ann: %v", err)
	}
	if _, err := c.Pull(ctx, "ben"); err != nil {
		t.Errorf("temp pulls from ben: %v", err)
	}
	// The office takes it over, and confirms.
	x.net.set(officeAt, true)
	if _, err := x.b.Push(ctx, "parent"); err != nil || read(t, x.top, "temp.txt") != "t" {
		t.Fatalf("ben pushes to the office: %v", err)
	}
	if got, want := names(t, x.top), "ann full, ben full, office admin, temp full by ann"; got != want {
		t.Errorf("members at the office: %s, want %s", got, want)
	}
	// Ann loses the right: temp is out, his work stays.
	no := false
	if _, err := x.top.Grant(ctx, "ann", roster.Full, GrantOptions{MayInvite: &no}); err != nil {
		t.Fatal(err)
	}
	host := x.net.hosts[officeAt]
	if _, err := host.Authorize(temp.key()); !errors.Is(err, transport.ErrNotMember) {
		t.Errorf("after his inviter lost the right: %v", err)
	}
	if _, err := x.top.Grant(ctx, "temp", roster.Read, GrantOptions{}); err != nil {
		t.Fatal(err)
	}
	if got, want := names(t, x.top), "ann full, ben full, office admin, temp read"; got != want {
		t.Errorf("members at the office: %s, want %s", got, want)
	}
	if a, err := host.Access(temp.key()); err != nil || a.Level != transport.LevelRead {
		t.Errorf("confirmed: %+v, %v", a, err)
	}
	if _, err := x.b.Pull(ctx, "parent"); err != nil {
		t.Fatal(err)
	}
	for _, r := range []*Repo{x.top, x.b} {
		wantClean(t, r)
	}
	// A clone that comes later takes all of that history.
	x.clone(newMember(t, x, "late"), officeAt)
}

// newMember is one more user whom the office knows.
func newMember(t testing.TB, x *team, name string) *user {
	u := newUser(t, name)
	x.net.join(u)
	x.office.admit(x.top, roster.Full, u)
	return u
}

// TestAdmissionEnds: after seven days, or when its maker takes it back.
func TestAdmissionEnds(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	x := newTeam(t)
	yes := true
	if _, err := x.top.Grant(ctx, "ann", roster.Full, GrantOptions{MayInvite: &yes}); err != nil {
		t.Fatal(err)
	}
	if _, err := x.a.Pull(ctx, ""); err != nil {
		t.Fatal(err)
	}
	const annAt = "10.0.0.5:7472"
	host := x.net.serve(x.ann, annAt, x.a.Root(), HostOptions{})
	keys := map[string]roster.Key{}
	for _, name := range []string{"one", "two"} {
		src, _ := invite(t, x.a, InviteOptions{Name: name, Level: roster.Read, Addresses: []string{annAt}})
		u, _, err := x.come(name, src)
		if err != nil {
			t.Fatal(err)
		}
		keys[name] = u.key()
	}
	if _, err := x.b.Revoke(ctx, "one"); err == nil {
		t.Error("ben revokes whom ann took up")
	}
	if _, err := x.a.Revoke(ctx, "one"); err != nil {
		t.Fatal(err)
	}
	if _, err := host.Authorize(keys["one"]); !errors.Is(err, transport.ErrNotMember) {
		t.Errorf("revoked: %v", err)
	}
	if _, err := host.Authorize(keys["two"]); err != nil {
		t.Errorf("the other: %v", err)
	}
	now := x.ann.env.Now
	for _, s := range host.served {
		s.repo.env.Now = func() time.Time { return now().Add(7 * 24 * time.Hour) }
	}
	if _, err := host.Authorize(keys["two"]); !errors.Is(err, transport.ErrNotMember) {
		t.Errorf("after seven days: %v", err)
	}
}
