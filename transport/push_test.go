package transport

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/refs"
)

// pair is a server with some files and a client that has cloned them.
func pair(t *testing.T, seed uint64) (server, client *copyOf, f files) {
	t.Helper()
	server, client = newCopy(t, "eng"), newCopy(t, "eng")
	f = someFiles(seeded(seed))
	server.commit(f, nil)
	if _, err := client.pull(newLink(server)); err != nil {
		t.Fatal(err)
	}
	return server, client, f
}

func TestPushSmallAndLarge(t *testing.T) {
	t.Parallel()
	server, client, f := pair(t, 10)
	r := seeded(11)
	for _, c := range []struct {
		name    string
		content string
		trips   int
	}{{"small", text(r, 1000), 1}, {"large", noise(r, 3<<20), 2}} {
		g := f.clone()
		g["new/"+c.name] = c.content
		tip := client.commit(g, f, client.tip(main))
		res, err := client.push(newLink(server))
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if res.Traffic.RoundTrips != c.trips || res.Tips.Get(main) != tip || server.tip(main) != tip || res.Commits != 1 {
			t.Errorf("%s: %+v", c.name, res)
		}
		if server.pushed.Commits != 1 || server.pushed.Objects != res.Objects || server.pushed.Sender == "" {
			t.Errorf("%s: told %+v", c.name, server.pushed)
		}
		server.check()
		f = g
	}
}

func TestPushToEmpty(t *testing.T) {
	t.Parallel()
	server, client := newCopy(t, "eng"), newCopy(t, "eng")
	client.commit(someFiles(seeded(12)), nil)
	if _, err := client.push(newLink(server)); err != nil {
		t.Fatal(err)
	}
	server.check()
	if server.tip(main) != client.tip(main) {
		t.Error("tips differ")
	}
}

// TestPushReadOnly: refused before a byte is written.
func TestPushReadOnly(t *testing.T) {
	t.Parallel()
	server, client, f := pair(t, 13)
	server.ro = true
	before := snapshot(t, server.dir)
	g := f.clone()
	g["x"] = "x"
	client.commit(g, f, client.tip(main))
	_, err := client.push(newLink(server))
	if !errors.Is(err, ErrRefused) {
		t.Fatalf("got %v", err)
	}
	if after := snapshot(t, server.dir); after != before {
		t.Errorf("the folder has changed:\n%s\n%s", before, after)
	}
	if res, err := client.pull(newLink(server)); err != nil || res.Level != LevelRead {
		t.Errorf("pull: %v, %v", res.Level, err)
	}
}

func snapshot(t *testing.T, dir string) string {
	t.Helper()
	out := ""
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil {
			out += path + " " + info.ModTime().String() + "\n"
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestPushStale: somebody was faster. What was sent is kept, so that after a
// pull only what is new is sent.
func TestPushStale(t *testing.T) {
	t.Parallel()
	server, client, f := pair(t, 14)
	r := seeded(15)
	theirs := f.clone()
	theirs["theirs"] = "theirs"
	first := server.commit(theirs, f, server.tip(main))
	ours := f.clone()
	ours["ours"] = noise(r, 200<<10)
	mine := client.commit(ours, f, client.tip(main))
	_, err := client.push(newLink(server))
	var stale *StaleError
	if !errors.As(err, &stale) || !errors.Is(err, ErrStale) || errors.Is(err, ErrNotFastForward) {
		t.Fatalf("got %v", err)
	}
	if stale.Tips.Get(main) != first || len(stale.Names) != 1 || stale.Names[0].Name != main {
		t.Errorf("stale: %+v", stale)
	}
	if server.tip(main) != first {
		t.Error("the name moved")
	}
	// The pull, the merge, and the push again.
	res, err := Fetch(context.Background(), newLink(server), FetchRequest{}, client.local())
	if err != nil {
		t.Fatal(err)
	}
	client.move(tracked, res.Tips.Get(main))
	merged := ours.clone()
	merged["theirs"] = "theirs"
	client.commit(merged, ours, mine, first)
	req := PushRequest{Sender: client.dir[max(0, len(client.dir)-60):], Budget: -1, Changes: []refs.Change{{
		Name: main, Old: refs.IDValue(first), New: refs.IDValue(client.tip(main)),
	}}}
	again, err := Push(context.Background(), newLink(server), req, client.local())
	if err != nil {
		t.Fatal(err)
	}
	if again.Traffic.Sent > 4<<10 {
		t.Errorf("%d bytes are sent again", again.Traffic.Sent)
	}
	server.check()
}

func TestPushNotForward(t *testing.T) {
	t.Parallel()
	server, client, f := pair(t, 16)
	at := server.tip(main)
	other := client.record(files{"other": "1"}, nil)
	change := refs.Change{Name: main, Old: refs.IDValue(at), New: refs.IDValue(other)}
	_, err := Push(context.Background(), newLink(server), PushRequest{Changes: []refs.Change{change}}, client.local())
	if !errors.Is(err, ErrNotFastForward) || !errors.Is(err, ErrStale) {
		t.Errorf("the client lets it pass: %v", err)
	}
	// A client that does not look is refused by the server.
	req := &request{min: 1, max: 1, verb: verbPush, engagement: "eng", changes: []refs.Change{change}}
	err = rawPush(t, newLink(server), req, client, other)
	if !errors.Is(err, ErrNotFastForward) {
		t.Errorf("the server lets it pass: %v", err)
	}
	if server.tip(main) != at || server.updates.Load() != 0 {
		t.Error("the name moved")
	}
	_ = f
}

// rawPush sends a commit and all behind it without any check.
func rawPush(t *testing.T, o Opener, req *request, c *copyOf, tip objects.ID) error {
	t.Helper()
	b, err := walk(c.store, []objects.ID{tip}, nil)
	if err != nil {
		t.Fatal(err)
	}
	m, err := list(c.store, b, listedBases)
	if err != nil {
		t.Fatal(err)
	}
	payload, err := req.encode()
	if err != nil {
		t.Fatal(err)
	}
	s, err := o.Open(context.Background(), payload)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	w := newWriter(s)
	w.send(msgTotal, total{len(m.items), m.bytes}.encode())
	m.sendAll(w, c.store)
	w.flush()
	r := newReader(s)
	for {
		k, _, err := r.next(nil)
		if err != nil || k == msgResult {
			return err
		}
	}
}

// TestPushLostBase: the peer has lost what it had, and gets all of it.
func TestPushLostBase(t *testing.T) {
	t.Parallel()
	server, client, f := pair(t, 17)
	g := f.clone()
	g["papers/00/letter.txt0"] += "more"
	client.commit(g, f, client.tip(main))
	// A server of the same engagement that has another, unrelated line only.
	empty := newCopy(t, "eng")
	req := PushRequest{Changes: []refs.Change{{Name: refs.MustName("heads/new"), New: refs.IDValue(client.tip(main))}}}
	l := client.local()
	l.Tracking = []objects.ID{server.tip(main)} // it is believed to be there
	res, err := Push(context.Background(), newLink(empty), req, l)
	if err != nil {
		t.Fatal(err)
	}
	if res.Traffic.RoundTrips != 3 {
		t.Errorf("%d round trips", res.Traffic.RoundTrips)
	}
	empty.move(main, client.tip(main))
	empty.check()
}

func TestPushDeletesName(t *testing.T) {
	t.Parallel()
	server, client, _ := pair(t, 18)
	side := refs.MustName("heads/side")
	server.move(side, server.tip(main))
	change := refs.Change{Name: side, Old: refs.IDValue(server.tip(side))}
	if _, err := Push(context.Background(), newLink(server), PushRequest{Changes: []refs.Change{change}}, client.local()); err != nil {
		t.Fatal(err)
	}
	if !server.tip(side).IsZero() {
		t.Error("the name is still there")
	}
}
