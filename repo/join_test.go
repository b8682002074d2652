package repo

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/refs/roster"
	"github.com/esync/esync/transport"
)

// invite makes an invitation, as a source.
func invite(t testing.TB, r *Repo, o InviteOptions) (Source, *Invitation) {
	t.Helper()
	if o.Addresses == nil {
		o.Addresses = []string{"nowhere:1", officeAt}
	}
	v, err := r.Invite(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	src, err := ParseSource(v.Text)
	if err != nil {
		t.Fatal(err)
	}
	return src, v
}

// come lets a new user clone what he was invited to.
func (x *team) come(name string, src Source) (*user, *Repo, error) {
	u := newUser(x.net.t, name)
	x.net.join(u)
	r, err := x.enter(u, src)
	return u, r, err
}

func (x *team) enter(u *user, src Source) (*Repo, error) {
	r, _, err := Clone(context.Background(), u.env, src, filepath.Join(x.dir, "of "+u.env.Author.Name), CloneOptions{})
	if err == nil {
		x.net.t.Cleanup(func() { r.Close() })
	}
	return r, err
}

// ask sends a join past the door.
func (x *team) ask(host *wired, u *user, v *roster.Invitation) error {
	j := roster.Join{Invitation: v.Key(), Key: u.key(), Author: u.env.Author.String()}
	payload, err := j.Encode(v.Engagement, u.env.Signer, v.Signer())
	if err != nil {
		x.net.t.Fatal(err)
	}
	conn := &wiredConnection{host, v.Key(), host.cut}
	_, err = transport.Join(context.Background(), conn, transport.JoinRequest{Engagement: v.Engagement, Payload: payload})
	return err
}

// names lists who may do what by a copy's settings.
func names(t testing.TB, r *Repo) string {
	t.Helper()
	all, err := r.Members(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, m := range all {
		text := m.Name + " " + m.Now.String()
		if m.Admitted {
			text += " by " + m.Inviter
		}
		out = append(out, text)
	}
	return strings.Join(out, ", ")
}

func TestInvitation(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	x := newTeam(t)
	src, v := invite(t, x.top, InviteOptions{Name: "cleo", Level: roster.Full, MayInvite: true})
	if v.Expires.Before(x.office.env.Now().Add(47*time.Hour)) || len(v.Text) > 300 {
		t.Errorf("invitation: %+v", v)
	}
	if open, err := x.top.Invitations(ctx); err != nil || len(open) != 1 || open[0].Name != "cleo" {
		t.Errorf("open invitations: %v, %v", open, err)
	}
	cleo, c, err := x.come("cleo", src)
	if err != nil {
		t.Fatal(err)
	}
	if got := read(t, c, "memo.txt"); !strings.HasPrefix(got, "one") {
		t.Errorf("cloned: %q", got)
	}
	if got, want := names(t, c), "ann full, ben full, cleo full, office admin"; got != want {
		t.Errorf("members: %s, want %s", got, want)
	}
	if m, err := c.member(ctx, cleo.key()); err != nil || !m.Self || !m.MayInvite || m.Author != cleo.env.Author.String() ||
		m.HostKey != cleo.env.hostKey() || m.Inviter != "office" || m.Device != "cleo-laptop" || m.Joined.IsZero() {
		t.Errorf("cleo: %+v, %v", m, err)
	}
	if got := string(c.state().Get(nameIn(underRemote, parentRemote))); got != "ssh://"+officeAt+"/eng1" {
		t.Errorf("parent: %q", got)
	}
	if got := string(c.state().Get(nameIn(underHostKey, parentRemote))); !strings.HasPrefix(got, x.office.env.HostKey) {
		t.Errorf("pinned: %q", got)
	}
	write(t, c, "cleo.txt", "hers")
	commit(t, c, "cleo")
	if _, err := c.Push(ctx, ""); err != nil {
		t.Errorf("push: %v", err)
	}
	if open, _ := x.top.Invitations(ctx); len(open) != 0 {
		t.Errorf("still open: %v", open)
	}
	// A second person with the same invitation, and the same one again.
	dora, _, err := x.come("dora", src)
	if err == nil {
		t.Error("an invitation was used twice")
	}
	if err := x.ask(x.net.hosts[officeAt], dora, src.Invitation); !errors.Is(err, transport.ErrRefused) || !strings.Contains(err.Error(), "used already") {
		t.Errorf("past the door: %v", err)
	}
	if _, err := x.enter(cleo, src); !errors.Is(err, ErrExists) {
		t.Errorf("the same clone again: %v", err)
	}
	if got := names(t, x.top); strings.Contains(got, "dora") {
		t.Errorf("members: %s", got)
	}
	// Nobody undoes that.
	if _, err := x.top.Undo(ctx, UndoOptions{}); err == nil && !strings.Contains(names(t, x.top), "cleo full") {
		t.Error("undo put a member out")
	}
	wantSound(t, x.top)
	wantClean(t, c)
}

// TestInvitationAtOnce: two use one invitation at the same time.
func TestInvitationAtOnce(t *testing.T) {
	t.Parallel()
	x := newTeam(t)
	src, _ := invite(t, x.top, InviteOptions{Level: roster.Read})
	var wg sync.WaitGroup
	errs := make([]error, 4)
	for i, name := range []string{"p", "q", "r", "s"} {
		u := newUser(t, name)
		x.net.join(u)
		wg.Go(func() { _, errs[i] = x.enter(u, src) })
	}
	wg.Wait()
	in := 0
	for _, err := range errs {
		if err == nil {
			in++
		}
	}
	if all, _ := x.top.Members(context.Background()); in != 1 || len(all) != 4 {
		t.Errorf("%d came in, members %s: %v", in, names(t, x.top), errs)
	}
}

func TestInvitationRefused(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	x := newTeam(t)
	for name, o := range map[string]InviteOptions{
		"level none":   {Level: roster.None},
		"a taken name": {Name: "ANN", Level: roster.Read},
		"a bad name":   {Name: "a/b", Level: roster.Read},
	} {
		if _, err := x.top.Invite(ctx, o); err == nil {
			t.Errorf("%s: invited", name)
		}
	}
	if _, err := x.a.Invite(ctx, InviteOptions{Level: roster.Read}); !errors.Is(err, ErrNotAdmin) || !strings.Contains(err.Error(), `"office"`) {
		t.Errorf("ann invites: %v", err)
	}

	// Out of date. The inviter's clock counts.
	src, _ := invite(t, x.top, InviteOptions{Level: roster.Read, Expires: time.Minute})
	now := x.office.env.Now
	x.net.hosts[officeAt].env.Now = func() time.Time { return now().Add(time.Hour) }
	for _, s := range x.net.hosts[officeAt].served {
		s.repo.env.Now = func() time.Time { return now().Add(time.Hour) }
	}
	late, _, err := x.come("late", src)
	if err == nil {
		t.Error("came with an invitation that had expired")
	}
	if err := x.ask(x.net.hosts[officeAt], late, src.Invitation); err == nil { // past the door
		t.Error("an invitation that had expired was taken")
	}

	// A line that was cut, or mistyped.
	for _, text := range []string{src.Text[:len(src.Text)-3], src.Text[:40] + "a" + src.Text[41:], "esync1:", "esync1:0189"} {
		if text == src.Text {
			continue
		}
		if _, err := ParseSource(text); !errors.Is(err, ErrUsage) {
			t.Errorf("%q: %v", text, err)
		}
	}
	if again, err := ParseSource(strings.ToUpper(src.Text[:20]) + "\n " + strings.ToUpper(src.Text[20:])); err != nil || again.Invitation.Secret != src.Invitation.Secret {
		t.Errorf("in capitals over two lines: %v", err)
	}
}

// TestJoinForged: what the newcomer says must be signed by the key that is to
// join and by that of the invitation, for this engagement.
func TestJoinForged(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	x := newTeam(t)
	src, _ := invite(t, x.top, InviteOptions{Level: roster.Full})
	v := src.Invitation
	mallory, victim := newUser(t, "mallory"), newUser(t, "victim")
	good := roster.Join{Invitation: v.Key(), Key: mallory.key(), Author: "Mallory", Device: "m"}
	encode := func(j roster.Join, change func(*roster.Join)) []byte {
		b, err := j.Encode(v.Engagement, mallory.env.Signer, v.Signer())
		if change != nil { // after signing
			change(&j)
			var other []byte
			if other, err = j.Encode(v.Engagement, mallory.env.Signer, v.Signer()); err == nil {
				// the fields of one with the signatures of the other
				head, _, _ := strings.Cut(string(other), `,"by_device"`)
				_, tail, _ := strings.Cut(string(b), `,"by_device"`)
				b = []byte(head + `,"by_device"` + tail)
			}
		}
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	elsewhere, err := good.Encode(objects.ID{1}, mallory.env.Signer, v.Signer())
	if err != nil {
		t.Fatal(err)
	}
	withoutSecret, err := good.Encode(v.Engagement, mallory.env.Signer, mallory.env.Signer)
	if err != nil {
		t.Fatal(err)
	}
	other := good
	other.Key = victim.key()
	host := x.net.hosts[officeAt]
	before := x.top.state().Get(nameSettings)
	for name, payload := range map[string][]byte{
		"another key than the one that signed": encode(good, func(j *roster.Join) { j.Key = victim.key() }),
		"another author":                       encode(good, func(j *roster.Join) { j.Author = "Office" }),
		"another host key":                     encode(good, func(j *roster.Join) { j.HostKey = victim.env.hostKey() }),
		"somebody else's key":                  encode(other, nil),
		"of another engagement":                elsewhere,
		"without the secret":                   withoutSecret,
		"nothing":                              nil,
		"no JSON":                              []byte("{"),
	} {
		conn := &wiredConnection{host, v.Key(), host.cut}
		_, err := transport.Join(ctx, conn, transport.JoinRequest{Engagement: v.Engagement, Payload: payload})
		if err == nil || x.top.state().Get(nameSettings) != before {
			t.Errorf("%s: %v", name, err)
		}
	}
	// The invitation is not used up by that.
	if _, _, err := x.come("cleo", src); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

// TestJoinAnswerLost: the newcomer was taken up and did not hear of it.
func TestJoinAnswerLost(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	x := newTeam(t)
	src, _ := invite(t, x.top, InviteOptions{Level: roster.Full})
	v := src.Invitation
	u := newUser(t, "cleo")
	x.net.join(u)
	j := roster.Join{Invitation: v.Key(), Key: u.key(), HostKey: u.env.hostKey(), Author: u.env.Author.String()}
	payload, err := j.Encode(v.Engagement, u.env.Signer, v.Signer())
	if err != nil {
		t.Fatal(err)
	}
	host := x.net.hosts[officeAt]
	for range 2 {
		conn := &wiredConnection{host, v.Key(), host.cut}
		if _, err := transport.Join(ctx, conn, transport.JoinRequest{Engagement: v.Engagement, Payload: payload}); err != nil {
			t.Fatal(err)
		}
	}
	r, err := x.enter(u, src)
	if err != nil {
		t.Fatal(err)
	}
	if got := names(t, r); got != "ann full, ben full, cleo full, office admin" {
		t.Errorf("members: %s", got)
	}
	// Replayed after he was put out it does not let him in again.
	if _, err := x.top.Revoke(ctx, "cleo"); err != nil {
		t.Fatal(err)
	}
	conn := &wiredConnection{host, v.Key(), host.cut}
	if _, err := transport.Join(ctx, conn, transport.JoinRequest{Engagement: v.Engagement, Payload: payload}); err == nil {
		t.Error("a replayed join was taken")
	}
	if got := names(t, x.top); !strings.Contains(got, "cleo none") {
		t.Errorf("members: %s", got)
	}
}

// TestInvitationOfAnother: an invitation counts as the word of who made it,
// not of who serves the copy.
func TestInvitationOfAnother(t *testing.T) {
	t.Parallel()
	x := newTeam(t)
	src, _ := invite(t, x.top, InviteOptions{Level: roster.Full})
	other := x.net.serve(x.ann, "other:1", x.top.Root(), HostOptions{})
	if err := x.ask(other, newUser(t, "cleo"), src.Invitation); !errors.Is(err, transport.ErrRefused) {
		t.Errorf("taken up by another user: %v", err)
	}
}

// TestInvitationKeyOpensNothing: with the invitation's key one may join, and
// see nothing.
func TestInvitationKeyOpensNothing(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	x := newTeam(t)
	src, _ := invite(t, x.top, InviteOptions{Level: roster.Full})
	host := x.net.hosts[officeAt]
	if a, err := host.Access(src.Invitation.Key()); err != nil || a.Level != 0 {
		t.Errorf("access of the invitation key: %+v, %v", a, err)
	}
	conn := &wiredConnection{host, src.Invitation.Key(), host.cut}
	if got, err := transport.Peek(ctx, conn, transport.PeekRequest{ID: x.top.ID()}); err == nil {
		t.Errorf("it shows %+v", got)
	}
	if _, err := host.For(Peer{Key: src.Invitation.Key()}).Open(ctx, "eng1", x.top.ID()); !errors.Is(err, transport.ErrNotMember) {
		t.Errorf("it opens: %v", err)
	}
}
