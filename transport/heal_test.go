package transport

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/objects/pack"
)

// damage changes bytes of all packs of a copy, and opens it anew.
func (c *copyOf) damage(change func(b []byte) []byte) {
	c.t.Helper()
	names, err := filepath.Glob(filepath.Join(c.dir, "objects", "*.pack"))
	if err != nil || len(names) == 0 {
		c.t.Fatal("no packs", err)
	}
	c.store.Close()
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			c.t.Fatal(err)
		}
		if b = change(b); b == nil {
			err = os.Remove(name)
		} else {
			err = os.WriteFile(name, b, 0o600)
		}
		if err != nil {
			c.t.Fatal(err)
		}
	}
	c.reopen()
}

// bad are the objects of a history that a copy cannot give, as far as it can
// be walked.
func (c *copyOf) bad() (ids []objects.ID) {
	c.t.Helper()
	seen := map[objects.ID]bool{}
	check := func(id objects.ID) bool {
		if seen[id] || id.IsZero() {
			return false
		}
		seen[id] = true
		if c.store.Check(id) != nil {
			ids = append(ids, id)
			return false
		}
		return true
	}
	var tree func(id objects.ID)
	tree = func(id objects.ID) {
		if !check(id) {
			return
		}
		t, err := objects.ReadTree(c.store, id)
		if err != nil {
			c.t.Fatal(err)
		}
		for _, e := range t.Entries {
			if e.Mode.IsFolder() {
				tree(e.ID)
			} else {
				check(e.ID)
			}
		}
	}
	for queue := []objects.ID{c.tip(main)}; len(queue) > 0; queue = queue[1:] {
		if !check(queue[0]) {
			continue
		}
		commit, err := objects.ReadCommit(c.store, queue[0])
		if err != nil {
			c.t.Fatal(err)
		}
		tree(commit.Tree)
		queue = append(queue, commit.Parents...)
	}
	return ids
}

// heal asks until nothing is bad any more, or nothing helps.
func (c *copyOf) heal(o Opener) (res HealResult, err error) {
	c.t.Helper()
	for {
		bad := c.bad()
		if len(bad) == 0 {
			return res, nil
		}
		again, err := Heal(context.Background(), o, HealRequest{IDs: bad}, c.local())
		if err != nil {
			return again, err
		}
		if len(again.Healed)+len(again.Missing) != len(bad) {
			c.t.Fatalf("%d of %d are accounted for", len(again.Healed)+len(again.Missing), len(bad))
		}
		if again.Traffic.Received += res.Traffic.Received; len(again.Healed) == 0 {
			return again, nil
		}
		res = again
	}
}

func TestHeal(t *testing.T) {
	t.Parallel()
	r := seeded(120)
	server, otherwise := newCopy(t, "eng"), newCopy(t, "eng")
	f := someFiles(r)
	g := f.clone()
	g["big/ledger.csv"] = f["big/ledger.csv"] + "more"
	g["papers/00/letter.txt0"] += "more"
	server.commit(g, f, server.commit(f, nil))
	if otherwise.commit(g, nil, otherwise.commit(f, nil)) != server.tip(main) {
		t.Fatal("histories differ")
	}
	whole := int64(0)
	for i, c := range []struct {
		name   string
		change func(b []byte) []byte
		most   int64 // of what comes, in hundredths of the whole
	}{
		{"nothing", func(b []byte) []byte { return b }, 0},
		{"a bit", func(b []byte) []byte { b[len(b)/3] ^= 4; return b }, 30},
		{"some bits", func(b []byte) []byte {
			for range 30 {
				b[100+r.IntN(len(b)*8/10)] ^= 1
			}
			return b
		}, 100},
		{"the index", func(b []byte) []byte { b[len(b)-200] ^= 1; return b }, 10},
		{"the end", func(b []byte) []byte { return b[:len(b)*2/3] }, 110},
		{"all", func([]byte) []byte { return nil }, 300},
	} {
		for _, peer := range []*copyOf{server, otherwise} {
			client := newCopy(t, "eng")
			got, err := client.pull(newLink(server))
			if err != nil {
				t.Fatal(err)
			}
			whole = got.Traffic.Received
			client.damage(c.change)
			l := newLink(peer)
			res, err := client.heal(l)
			if err != nil {
				t.Fatalf("%s: %v", c.name, err)
			}
			client.check()
			client.verify()
			if bad := client.bad(); len(bad) > 0 {
				t.Errorf("%s: %d objects are still missing", c.name, len(bad))
			}
			if res.Traffic.Received > whole*c.most/100 {
				t.Errorf("%s: %d bytes came, the whole is %d", c.name, res.Traffic.Received, whole)
			}
			if i == 0 && l.opened.Load() > 0 {
				t.Error("a peer was asked for nothing")
			}
		}
	}
}

// TestHealMissing: what the peer has not is told, and what it has comes.
func TestHealMissing(t *testing.T) {
	t.Parallel()
	r := seeded(121)
	server, client := newCopy(t, "eng"), newCopy(t, "eng")
	f := files{"a": text(r, 4000), "b": noise(r, 3000)}
	tip := server.commit(f, nil)
	if _, err := client.pull(newLink(server)); err != nil {
		t.Fatal(err)
	}
	g := f.clone()
	g["own"] = noise(r, 5000)
	client.commit(g, f, tip)
	client.damage(func(b []byte) []byte { b[len(b)/2] ^= 1; return b })
	own := objects.Sum(objects.KindBlob, []byte(g["own"]))
	bad := append(client.bad(), own)
	res, err := Heal(context.Background(), newLink(server), HealRequest{IDs: bad}, client.local())
	if err != nil {
		t.Fatal(err)
	}
	if len(res.Healed) == 0 || len(res.Missing) == 0 || len(res.Salvaged.Kept) == 0 {
		t.Errorf("%+v", res)
	}
	// A peer of another engagement, one that breaks, and one that lies.
	if _, err := Heal(context.Background(), newLink(newCopy(t, "other")), HealRequest{IDs: res.Missing}, client.local()); !errors.Is(err, ErrUnrelated) {
		t.Errorf("got %v", err)
	}
	client.move(main, tip)
	l := newLink(server)
	l.cutAfter = 300
	client.damage(func([]byte) []byte { return nil })
	if _, err := Heal(context.Background(), l, HealRequest{IDs: client.bad()}, client.local()); err == nil {
		t.Error("no error")
	}
	if _, err := client.heal(corruptSmall(server)); err == nil || !blames(err) {
		t.Errorf("got %v", err)
	}
	if _, err := client.heal(newLink(server)); err != nil {
		t.Error(err)
	}
	client.check()
	client.verify()
}

// corruptSmall has every DATA message wrong.
func corruptSmall(c *copyOf) *link {
	l := newLink(c)
	l.wrap = func(s Stream) Stream { return &spoiling{s} }
	return l
}

type spoiling struct{ Stream }

func (s *spoiling) Write(p []byte) (int, error) {
	if len(p) > headerSize && kind(p[0]) == msgData {
		p = append([]byte(nil), p...)
		p[headerSize+60] ^= 1
	}
	return s.Stream.Write(p)
}

// TestHealBase: the object is the base of differences that are sound.
func TestHealBase(t *testing.T) {
	t.Parallel()
	r := seeded(122)
	server, client := newCopy(t, "eng"), newCopy(t, "eng")
	f := files{"ledger": text(r, 30<<10)}
	tip := server.commit(f, nil)
	for i := range 4 {
		g := f.clone()
		g["ledger"] = f["ledger"] + text(r, 100+i)
		tip = server.commit(g, f, tip)
		f = g
	}
	if _, err := client.pull(newLink(server)); err != nil {
		t.Fatal(err)
	}
	var deltas []objects.ID
	var first pack.FrameInfo
	for info, err := range client.store.All() {
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case info.Kind == objects.KindBlob && info.Form == pack.FormDelta:
			deltas = append(deltas, info.ID)
		case info.Kind == objects.KindBlob:
			first = info
		}
	}
	if len(deltas) < 3 {
		t.Fatal("no differences to lose")
	}
	frame, err := client.store.Frame(first.ID, nil)
	if err != nil {
		t.Fatal(err)
	}
	client.damage(func(b []byte) []byte {
		for i := 0; i+len(frame) <= len(b); i++ {
			if string(b[i:i+len(frame)]) == string(frame) {
				b[i+len(frame)/2] ^= 1
			}
		}
		return b
	})
	if n := len(client.bad()); n != len(deltas)+1 {
		t.Fatalf("%d objects are bad", n)
	}
	// Only the base is asked for.
	res, err := Heal(context.Background(), newLink(server), HealRequest{IDs: []objects.ID{first.ID}}, client.local())
	if err != nil || len(res.Healed) != 1 || len(res.Missing) != 0 {
		t.Fatalf("%+v, %v", res, err)
	}
	client.check()
	client.verify()
}
