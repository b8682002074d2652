package transport

import (
	"context"
	"testing"

	"github.com/esync/esync/objects"
)

// resent is what may come a second time after a cut: what was on its way, and
// one list of the whole.
func resent(objects int) int64 { return 256<<10 + int64(objects)*40 + 4096 }

// TestFetchCut breaks a clone at many places; the next attempt brings the rest
// and little more.
func TestFetchCut(t *testing.T) {
	t.Parallel()
	server := newCopy(t, "eng")
	r := seeded(20)
	f := someFiles(r)
	tip := server.commit(f, nil)
	g := f.clone()
	g["big/ledger.csv"] = "ten bytes\n" + g["big/ledger.csv"]
	g["more.pdf"] = noise(r, 1<<20)
	server.commit(g, f, tip)
	whole, err := newCopy(t, "eng").pull(newLink(server))
	if err != nil {
		t.Fatal(err)
	}
	all := whole.Traffic.Received
	step := all/60 + 1
	for at := int64(1); at < all; at += step {
		// Twice, so that an attempt that went on is cut as well.
		client := newCopy(t, "eng")
		var got int64
		for _, cut := range []int64{at, at/2 + 1} {
			l := newLink(server)
			l.cutAfter = cut
			res, err := client.pull(l)
			if err == nil {
				if got+res.Traffic.Received < all {
					t.Fatalf("cut at %d: no error", cut)
				}
				break
			}
			got += res.Traffic.Received
			if !client.tip(main).IsZero() {
				t.Fatalf("cut at %d: a name moved", cut)
			}
			client.reopen()
		}
		res, err := client.pull(newLink(server))
		if err != nil {
			t.Fatalf("after a cut at %d: %v", at, err)
		}
		client.check()
		if sum := got + res.Traffic.Received; sum > all+2*resent(whole.Objects) {
			t.Errorf("cut at %d: %d bytes came, %d are needed", at, sum, all)
		}
	}
}

// TestFetchCutEarly breaks a small pull after every byte.
func TestFetchCutEarly(t *testing.T) {
	t.Parallel()
	server, client, f := pair(t, 21)
	g := f.clone()
	g["a"] = "1"
	server.commit(g, f, server.tip(main))
	at := client.tip(main)
	for cut := int64(1); ; cut++ {
		l := newLink(server)
		l.cutAfter = cut
		_, err := Fetch(context.Background(), l, FetchRequest{}, client.local())
		if err == nil {
			break
		}
		if client.tip(main) != at {
			t.Fatal("a name moved")
		}
		if cut > 1<<16 {
			t.Fatal("never ends")
		}
	}
	if _, err := client.pull(newLink(server)); err != nil {
		t.Fatal(err)
	}
	client.check()
}

// TestPushCut breaks a push at many places, in both directions.
func TestPushCut(t *testing.T) {
	t.Parallel()
	r := seeded(22)
	base := someFiles(r)
	g := base.clone()
	g["more.pdf"] = noise(r, 2<<20)
	for i := range 30 {
		server, client := newCopy(t, "eng"), newCopy(t, "eng")
		server.commit(base, nil)
		if _, err := client.pull(newLink(server)); err != nil {
			t.Fatal(err)
		}
		old := server.tip(main)
		client.commit(g, base, client.tip(main))
		l := newLink(server)
		l.cutUp = int64(1 + i*71000)
		if i%5 == 4 {
			l.cutUp, l.cutAfter = 0, int64(1+i*3)
		}
		first, err := client.push(l)
		l.served.Wait()
		if err == nil {
			t.Fatalf("cut %d: no error", i)
		}
		if at := server.tip(main); at != old && at != client.tip(main) || at != old && l.cutUp > 0 {
			t.Fatalf("cut %d: the name moved", i)
		}
		server.reopen()
		res, err := client.push(newLink(server))
		if err != nil {
			if server.tip(main) != client.tip(main) { // done, and only the word of it was lost
				t.Fatalf("after cut %d: %v", i, err)
			}
			continue
		}
		server.check()
		if sum := first.Traffic.Sent + res.Traffic.Sent; l.cutUp > 0 && sum > 2<<20+resent(100)+64<<10 {
			t.Errorf("cut %d: %d bytes were sent", i, sum)
		}
	}
}

// TestResumeFromAnother: what one peer began another ends, though it stores
// the same things in other forms.
func TestResumeFromAnother(t *testing.T) {
	t.Parallel()
	r := seeded(23)
	f := someFiles(r)
	f["more.pdf"] = noise(r, 2<<20)
	g := f.clone()
	g["papers/00/letter.txt0"] += "more"
	one, two := newCopy(t, "eng"), newCopy(t, "eng")
	one.commit(g, f, one.commit(f, nil))
	two.commit(g, nil, two.commit(f, nil)) // no differences here
	if one.tip(main) != two.tip(main) {
		t.Fatal("histories differ")
	}
	client := newCopy(t, "eng")
	l := newLink(one)
	l.cutAfter = 1700 << 10
	cut, err := client.pull(l)
	if err == nil {
		t.Fatal("no error")
	}
	client.reopen()
	res, err := client.pull(newLink(two))
	if err != nil {
		t.Fatal(err)
	}
	client.check()
	if res.Resumed == 0 || res.Traffic.Received > 3<<20+200<<10-cut.Traffic.Received+resent(100) {
		t.Errorf("%+v after %d bytes", res, cut.Traffic.Received)
	}
}

// TestStoredOtherwise: the peer takes for granted that a piece is here, and it
// is not, since this copy has cut nothing.
func TestStoredOtherwise(t *testing.T) {
	t.Parallel()
	r := seeded(24)
	server, client := newCopy(t, "eng"), newCopy(t, "eng")
	f := files{"a.csv": text(r, 400<<10)}
	tip := server.commit(f, nil)
	if _, err := client.pull(newLink(server)); err != nil {
		t.Fatal(err)
	}
	// The peer sends an object as a difference to one that only it has.
	secret := server.record(files{"b": text(r, 3000)}, nil)
	_ = secret
	g := f.clone()
	g["b"] = text(seeded(99), 5000)
	server.commit(g, files{"b": "x"}, tip)
	id := objects.Sum(objects.KindBlob, []byte(g["b"]))
	server.frames = &lying{Frames: server.store, id: id, server: server}
	res, err := client.pull(newLink(server))
	if err != nil {
		t.Fatal(err)
	}
	if res.Traffic.RoundTrips != 3 {
		t.Errorf("%d round trips", res.Traffic.RoundTrips)
	}
	client.check()
}

// lying sends one object as a difference to what the receiver lacks, until it
// is asked for plain ones.
type lying struct {
	Frames
	id     objects.ID
	server *copyOf
	asked  int
}

func (l *lying) Frame(id objects.ID, buf []byte) ([]byte, error) {
	if id != l.id {
		return l.Frames.Frame(id, buf)
	}
	if l.asked++; l.asked > 1 {
		return l.Frames.PlainFrame(id, buf)
	}
	// A store of its own makes a difference to something unheard of.
	other := newCopy(l.server.t, "other")
	base := string(mustGet(l.server, id)) + "tail that is nowhere else"
	first := other.commit(files{"f": base}, nil)
	other.commit(files{"f": string(mustGet(l.server, id))}, files{"f": base}, first)
	return other.store.Frame(id, buf)
}

func mustGet(c *copyOf, id objects.ID) []byte {
	b, err := c.store.Get(objects.KindBlob, id)
	if err != nil {
		c.t.Fatal(err)
	}
	return b
}
