package transport

import (
	"testing"
	"time"
)

func TestCloneThenNothing(t *testing.T) {
	t.Parallel()
	server, client := newCopy(t, "eng"), newCopy(t, "eng")
	f := someFiles(seeded(1))
	first := server.commit(f, nil)
	res, err := client.pull(newLink(server))
	if err != nil {
		t.Fatal(err)
	}
	if res.Tips.Get(main) != first || res.Traffic.RoundTrips != 2 || res.Commits != 1 || res.Level != LevelFull || res.Name != "eng" {
		t.Errorf("clone: %+v", res)
	}
	client.check()
	if n := server.plain.Load(); n != 0 {
		t.Errorf("server made %d frames anew", n)
	}
	reads := server.read.Load()
	res, err = client.pull(newLink(server))
	if err != nil {
		t.Fatal(err)
	}
	if res.Objects != 0 || res.Commits != 0 || res.Traffic.RoundTrips != 1 || server.read.Load() != reads {
		t.Errorf("pull of nothing: %+v", res)
	}
	if sum := res.Traffic.Sent + res.Traffic.Received; sum > 1024 {
		t.Errorf("pull of nothing takes %d bytes", sum)
	}
}

func TestRoundTrips(t *testing.T) {
	t.Parallel()
	r := seeded(2)
	server, client := newCopy(t, "eng"), newCopy(t, "eng")
	f := someFiles(r)
	tip := server.commit(f, nil)
	if _, err := client.pull(newLink(server)); err != nil {
		t.Fatal(err)
	}
	const oneWay = 50 * time.Millisecond
	far := func() *link {
		l := newLink(server)
		l.delay = oneWay
		return l
	}
	// timed counts trips by the clock as well: the code's count is honest.
	timed := func(name string, want int, do func() (Traffic, error)) {
		t.Helper()
		began := time.Now()
		traffic, err := do()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		took := time.Since(began)
		if traffic.RoundTrips != want || took < time.Duration(want)*2*oneWay || took >= time.Duration(want+1)*2*oneWay+oneWay {
			t.Errorf("%s: %d round trips in %v, want %d", name, traffic.RoundTrips, took, want)
		}
	}
	timed("pull of nothing", 1, func() (Traffic, error) {
		res, err := client.pull(far())
		return res.Traffic, err
	})
	g := f.clone()
	g["papers/00/letter.txt0"] += " changed"
	tip = server.commit(g, f, tip)
	timed("pull of one commit", 1, func() (Traffic, error) {
		res, err := client.pull(far())
		return res.Traffic, err
	})
	h := g.clone()
	h["papers/01/letter.txt1"] += " changed"
	client.commit(h, g, tip)
	timed("push of one commit", 1, func() (Traffic, error) {
		res, err := client.push(far())
		return res.Traffic, err
	})
	client.check()
	server.check()
	if server.tip(main) != client.tip(main) {
		t.Error("tips differ")
	}
}
