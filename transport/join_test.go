package transport

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/refs"
)

func TestPeek(t *testing.T) {
	t.Parallel()
	server := newCopy(t, "eng")
	tip := server.commit(files{"a": "a"}, nil)
	server.move(settings, server.record(files{"settings.json": "{}"}, nil))
	server.receipt = []byte("signed by the office")
	l := newLink(server)
	res, err := Peek(context.Background(), l, PeekRequest{Engagement: "eng", ID: server.id, Want: []string{"heads/*"}})
	if err != nil {
		t.Fatal(err)
	}
	if len(res.Tips) != 1 || res.Tips.Get(main) != tip || res.ID != server.id || res.Name != "eng" || !bytes.Equal(res.Receipt, server.receipt) || res.Traffic.RoundTrips != 1 {
		t.Errorf("%+v", res)
	}
	l.served.Wait()
	if err := <-l.errs; err != nil {
		t.Error(err)
	}
	if _, err := Peek(context.Background(), l, PeekRequest{ID: objects.ID{1}}); !errors.Is(err, ErrUnrelated) {
		t.Errorf("got %v", err)
	}
}

// TestReceipt: it comes with every answer; a push brings the one of after it.
func TestReceipt(t *testing.T) {
	t.Parallel()
	server, client, f := pair(t, 71)
	server.receipt = []byte("before")
	res, err := client.pull(newLink(server))
	if err != nil || string(res.Receipt) != "before" {
		t.Errorf("fetch brings %q, %v", res.Receipt, err)
	}
	g := f.clone()
	g["new"] = "new"
	client.commit(g, f, client.tip(main))
	server.inspect = func(context.Context, Arrived) error {
		server.receipt = []byte("after")
		return nil
	}
	pushed, err := client.push(newLink(server))
	if err != nil || string(pushed.Receipt) != "after" {
		t.Errorf("push brings %q, %v", pushed.Receipt, err)
	}
	server.receipt = make([]byte, maxReceipt+1)
	if _, err := client.pull(newLink(server)); !errors.Is(err, ErrTooLarge) {
		t.Errorf("got %v", err)
	}
}

func TestJoin(t *testing.T) {
	t.Parallel()
	server := newCopy(t, "eng")
	server.closed.Store(true) // he is no member yet
	ctx, l := context.Background(), newLink(server)
	if _, err := Join(ctx, l, JoinRequest{server.id, []byte("me")}); !errors.Is(err, ErrRefused) {
		t.Errorf("got %v", err)
	}
	server.join = func(id objects.ID, payload []byte) error {
		if id != server.id || string(payload) != "me" {
			return ErrNotMember
		}
		server.closed.Store(false)
		return nil
	}
	if _, err := Join(ctx, l, JoinRequest{server.id, []byte("you")}); !errors.Is(err, ErrNotMember) {
		t.Errorf("got %v", err)
	}
	res, err := Join(ctx, l, JoinRequest{server.id, []byte("me")})
	if err != nil || res.Traffic.RoundTrips != 1 {
		t.Fatalf("%+v, %v", res, err)
	}
	if _, err := Peek(ctx, l, PeekRequest{}); err != nil {
		t.Error(err)
	}
	for _, bad := range []JoinRequest{{}, {Payload: []byte("me")}, {Engagement: server.id}} {
		if _, err := Join(ctx, l, bad); !errors.Is(err, ErrProtocol) {
			t.Errorf("%+v: %v", bad, err)
		}
	}
	if _, err := Join(ctx, l, JoinRequest{server.id, make([]byte, maxPayload+1)}); !errors.Is(err, ErrTooLarge) {
		t.Errorf("got %v", err)
	}
}

// onlyHost is a Host behind a wrapper that hides all but Open.
type onlyHost struct{ Host }

func (o onlyHost) Open(ctx context.Context, name string, id objects.ID) (Engagement, error) {
	e, err := o.Host.Open(ctx, name, id)
	return onlyEngagement{e}, err
}

type onlyEngagement struct{ Engagement }

type openHost struct{ onlyHost }

func (o openHost) Unwrap() Host { return o.Host }

func (o openHost) Open(ctx context.Context, name string, id objects.ID) (Engagement, error) {
	e, err := o.onlyHost.Open(ctx, name, id)
	return openEngagement{e.(onlyEngagement)}, err
}

type openEngagement struct{ onlyEngagement }

func (o openEngagement) Unwrap() Engagement { return o.Engagement }

// TestPowers: optional interfaces are found behind wrappers that let us, and
// the one that writes never is.
func TestPowers(t *testing.T) {
	t.Parallel()
	server := newCopy(t, "eng")
	server.commit(files{"a": "a"}, nil)
	server.receipt = []byte("r")
	server.join = func(objects.ID, []byte) error { return nil }
	for _, c := range []struct {
		host  Host
		found bool
	}{{onlyHost{server}, false}, {openHost{onlyHost{server}}, true}} {
		res, err := Peek(context.Background(), newLink(c.host), PeekRequest{})
		if err != nil || (res.Receipt != nil) != c.found || res.Level != LevelRead {
			t.Errorf("%+v, %v", res, err)
		}
		if _, err := Join(context.Background(), newLink(c.host), JoinRequest{server.id, []byte("me")}); (err == nil) != c.found {
			t.Errorf("join: %v", err)
		}
		change := refs.Change{Name: main, Old: refs.IDValue(server.tip(main)), New: refs.IDValue(objects.ID{1})}
		err = ask(t, c.host, &request{min: 1, max: 1, verb: verbPush, changes: []refs.Change{change}}, nil)
		if !errors.Is(err, ErrRefused) {
			t.Errorf("push: %v", err)
		}
	}
}
