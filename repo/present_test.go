package repo

import (
	"context"
	"errors"
	"testing"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/refs/roster"
	"github.com/esync/esync/transport"
)

// TestPresent: in the field, a copy that has not heard of a newcomer, or of
// what somebody may do since, learns it from him, and of nobody else.
func TestPresent(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	x := newTeam(t)
	src, _ := invite(t, x.top, InviteOptions{Name: "eve", Level: roster.Full})
	eve, e, err := x.come("eve", src)
	if err != nil {
		t.Fatal(err)
	}
	x.net.set(officeAt, false)
	lead := x.net.serve(x.ann, "10.0.0.5:7472", x.a.Root(), HostOptions{})
	if _, err := lead.Authorize(eve.key()); !errors.Is(err, transport.ErrNotMember) {
		t.Fatalf("ann knows eve already: %v", err)
	}
	write(t, e, "eve.txt", "by eve\n")
	commit(t, e, "eve's first")
	if _, err := e.Push(ctx, ""); err != nil {
		t.Fatal(err)
	}
	if name, err := lead.Authorize(eve.key()); err != nil || name != "eve" {
		t.Errorf("ann does not know eve: %q, %v", name, err)
	}
	if tip(x.a) != tip(e) {
		t.Error("the push did not arrive")
	}

	// A stranger with the true settings is no member by them.
	mallory := newUser(t, "mallory")
	payload, err := e.credentials(e.state())
	if err != nil {
		t.Fatal(err)
	}
	for what, payload := range map[string][]byte{"true": payload, "cut": payload[:len(payload)-9], "no": []byte("\x01creds"), "empty": {}} {
		before := x.a.state().Seq
		err := lead.For(Peer{Key: mallory.key()}).(transport.Joiner).Join(ctx, e.ID(), payload)
		if err == nil || x.a.state().Seq != before {
			t.Errorf("%s settings: %v", what, err)
		}
	}
}

// TestPresentForged: settings that nobody at the office signed let nobody in,
// and leave nothing behind.
func TestPresentForged(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	x := newTeam(t)
	lead := x.net.serve(x.ann, "10.0.0.5:7472", x.a.Root(), HostOptions{})
	mallory := newUser(t, "mallory")
	all, _, err := x.b.Settings(ctx)
	if err != nil {
		t.Fatal(err)
	}
	// Ben, who is no admin, makes a version of his own.
	next := all.Clone()
	next.Members = append(next.Members, roster.Member{Name: "mallory", Key: mallory.key(), Level: roster.Full})
	w, err := x.b.store.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	chain, err := x.b.chainAt(idOf(x.b.state().Get(nameSettings)))
	if err != nil {
		t.Fatal(err)
	}
	forgedTip, err := roster.PutSettings(w, x.b.env.metaCommit("take up mallory", chain.Tip(), chain.Len()), next, x.b.env.Signer)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Commit(); err != nil {
		t.Fatal(err)
	}
	c, err := roster.Gather(x.b.store, map[string]objects.ID{nameSettings.String(): forgedTip}, 8)
	if err != nil {
		t.Fatal(err)
	}
	payload, err := c.Encode()
	if err != nil {
		t.Fatal(err)
	}
	before := x.a.state().Seq
	err = lead.For(Peer{Key: mallory.key()}).(transport.Joiner).Join(ctx, x.a.ID(), payload)
	if !errors.Is(err, transport.ErrNotMember) || x.a.state().Seq != before {
		t.Errorf("forged settings: %v", err)
	}
	if has, err := x.a.store.Has(forgedTip); err != nil || has {
		t.Errorf("the forged version is kept: %v", err)
	}
}
