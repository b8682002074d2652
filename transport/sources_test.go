package transport

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/esync/esync/objects/pack"
)

// pullFrom fetches main from several peers.
func (c *copyOf) pullFrom(main Opener, also ...Opener) (FetchResult, error) {
	c.t.Helper()
	return c.pullWith(main, FetchRequest{Also: also})
}

func (c *copyOf) pullWith(o Opener, req FetchRequest) (FetchResult, error) {
	c.t.Helper()
	res, err := Fetch(context.Background(), o, req, c.local())
	if err == nil {
		c.move(tracked, res.Tips.Get(main))
		c.move(main, res.Tips.Get(main))
		c.check()
	}
	return res, err
}

// TestTwoSources: both bring their part, and nothing comes twice.
func TestTwoSources(t *testing.T) {
	t.Parallel()
	server := bigCopy(t, 90)
	alone, err := newCopy(t, "eng").pull(newLink(server))
	if err != nil {
		t.Fatal(err)
	}
	for _, far := range []time.Duration{0, 10 * time.Millisecond} {
		one, two := newLink(server), newLink(server)
		one.delay, two.delay = far, far
		res, err := newCopy(t, "eng").pullFrom(one, two)
		if err != nil {
			t.Fatal(err)
		}
		sum := 0
		for i, src := range res.Sources {
			if sum += src.Objects; src.Err != nil || src.Bytes < 1<<20 {
				t.Errorf("source %d: %+v", i, src)
			}
		}
		if sum != alone.Objects || res.Objects != sum || res.Traffic.Received > alone.Traffic.Received+64<<10 {
			t.Errorf("%d objects, %d came, %+v", alone.Objects, sum, res.Traffic)
		}
	}
}

// TestTwoSourcesFaster: two slow peers are nearly twice as fast as one.
func TestTwoSourcesFaster(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := bigCopy(t, 91)
		slow := func() Opener {
			l := newLink(server)
			l.rate = 500e3
			return l
		}
		took := func(also ...Opener) float64 {
			began := time.Now()
			if _, err := newCopy(t, "eng").pullFrom(slow(), also...); err != nil {
				t.Fatal(err)
			}
			return time.Since(began).Seconds()
		}
		one, two, three := took(), took(slow()), took(slow(), slow())
		t.Logf("%.1f s from one, %.1f s from two, %.1f s from three", one, two, three)
		if one/two < 1.8 || one/three < 2.5 {
			t.Errorf("%.2f times and %.2f times as fast", one/two, one/three)
		}
	})
}

// flipping changes a bit of large writes, now and then.
type flipping struct {
	Stream
	r *rand.Rand
}

func (f *flipping) Write(p []byte) (int, error) {
	if len(p) > 10<<10 && f.r.IntN(2) == 0 {
		p = bytes.Clone(p)
		p[200+f.r.IntN(len(p)-200)] ^= 1 << f.r.IntN(8)
	}
	return f.Stream.Write(p)
}

func corrupt(c *copyOf, seed uint64) *link {
	l := newLink(c)
	l.wrap = func(s Stream) Stream { return &flipping{s, seeded(seed)} }
	return l
}

// TestCorruptSource: a peer whose bytes are wrong is given up; the others bring
// the rest, and nothing wrong is stored.
func TestCorruptSource(t *testing.T) {
	t.Parallel()
	server := bigCopy(t, 92)
	for i, c := range []struct {
		name string
		main Opener
		also []Opener
		bad  []int
	}{
		{"another", newLink(server), []Opener{corrupt(server, 1)}, []int{1}},
		{"the first", corrupt(server, 2), []Opener{newLink(server)}, []int{0}},
		{"all but one", corrupt(server, 3), []Opener{corrupt(server, 4), newLink(server), corrupt(server, 5)}, []int{0, 1, 3}},
	} {
		client := newCopy(t, "eng")
		res, err := client.pullFrom(c.main, c.also...)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		for _, i := range c.bad {
			if err := res.Sources[i].Err; err == nil || !blames(err) {
				t.Errorf("%s: source %d ended with %v", c.name, i, err)
			}
		}
		if res.Traffic.Received > 14<<20+int64(len(c.bad))<<20 {
			t.Errorf("%s: %d bytes came", c.name, res.Traffic.Received)
		}
		if i == 0 && res.Sources[0].Err != nil {
			t.Error(res.Sources[0].Err)
		}
		client.verify()
	}
	client := newCopy(t, "eng")
	if _, err := client.pullFrom(corrupt(server, 6), corrupt(server, 7)); err == nil || !blames(err) {
		t.Errorf("got %v", err)
	}
	for info := range client.store.All() {
		t.Fatalf("the store shows %v", info.ID.Short())
	}
	if _, err := client.pullFrom(newLink(server)); err != nil {
		t.Error(err)
	}
	client.verify()
}

// verify holds that every byte of the store is sound.
func (c *copyOf) verify() {
	c.t.Helper()
	if err := c.store.Verify(context.Background(), func(d pack.Damage) { c.t.Error(d) }); err != nil {
		c.t.Error(err)
	}
}

// TestUnequalSources: one that is behind, one that stores things otherwise, one
// of another engagement, and one that is not there.
func TestUnequalSources(t *testing.T) {
	t.Parallel()
	r := seeded(93)
	server, behind, otherwise, foreign := newCopy(t, "eng"), newCopy(t, "eng"), newCopy(t, "eng"), newCopy(t, "other")
	f := someFiles(r)
	f["scan"] = noise(r, 6<<20)
	g := f.clone()
	g["scan"] = "inserted" + f["scan"]
	g["big/ledger.csv"] = "inserted" + f["big/ledger.csv"]
	g["more"] = noise(r, 3<<20)
	first := server.commit(f, nil)
	server.commit(g, f, first)
	behind.commit(f, nil)
	otherwise.commit(g, nil, otherwise.commit(f, nil))
	foreign.commit(f, nil)
	if otherwise.tip(main) != server.tip(main) {
		t.Fatal("histories differ")
	}
	client := newCopy(t, "eng")
	gone := unreachable{errors.New("no route")}
	res, err := client.pullFrom(newLink(server), newLink(behind), newLink(otherwise), newLink(foreign), gone)
	if err != nil {
		t.Fatal(err)
	}
	client.verify()
	for i, want := range []error{nil, nil, nil, ErrUnknownEngagement, gone.err} {
		if i != 3 && !errors.Is(res.Sources[i].Err, want) || i == 3 && res.Sources[3].Err == nil {
			t.Errorf("source %d: %v", i, res.Sources[i].Err)
		}
	}
	if res.Sources[1].Bytes == 0 || res.Sources[3].Bytes != 0 {
		t.Errorf("%+v", res.Sources)
	}
}

type unreachable struct{ err error }

func (u unreachable) Open(context.Context, []byte) (Stream, error) { return nil, u.err }

// TestSourceBreaks: whichever peer goes, the others end it.
func TestSourceBreaks(t *testing.T) {
	t.Parallel()
	server := bigCopy(t, 94)
	for _, cut := range [][2]int64{{0, 300 << 10}, {300 << 10, 0}, {3 << 20, 0}, {0, 3 << 20}, {8 << 20, 7 << 20}} {
		client := newCopy(t, "eng")
		one, two := newLink(server), newLink(server)
		one.cutAfter, two.cutAfter = cut[0], cut[1]
		res, err := client.pullFrom(one, two)
		if err != nil {
			t.Errorf("cut %v: %v", cut, err)
			continue
		}
		if most := int64(13<<20 + 2*maxLanes*minWindow); res.Traffic.Received > most {
			t.Errorf("cut %v: %d bytes came", cut, res.Traffic.Received)
		}
	}
}

// TestSourcesTips: names are those of the first peer alone.
func TestSourcesTips(t *testing.T) {
	t.Parallel()
	server, ahead := bigCopy(t, 95), bigCopy(t, 95)
	at := ahead.tip(main)
	ahead.commit(files{"other": "1"}, nil, at)
	client := newCopy(t, "eng")
	one := newLink(server)
	one.cutAfter = 2 << 20
	res, err := client.pullFrom(one, newLink(ahead))
	if err != nil || res.Tips.Get(main) != at {
		t.Errorf("%v, %v", res.Tips, err)
	}
	if asked := client.inspected(nil); asked == nil {
		t.Error("no way to ask")
	}
	// Of a first peer that cannot be reached nothing is known.
	if _, err := newCopy(t, "eng").pullFrom(unreachable{errors.New("no route")}, newLink(server)); err == nil {
		t.Error("no error")
	}
}
