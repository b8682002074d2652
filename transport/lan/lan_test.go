package lan

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// server is an announcer whose beacons a test can change.
type server struct {
	mu      sync.Mutex
	beacons []Beacon
	logged  []error
}

func (s *server) set(beacons ...Beacon) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.beacons = beacons
}

// serve starts an announcer, which the test's end must stop by ctx.
func serve(ctx context.Context, t *testing.T, on Network, key ed25519.PrivateKey, beacons ...Beacon) *server {
	t.Helper()
	s := &server{beacons: beacons}
	a, err := New(Config{
		Key: key.Public().(ed25519.PublicKey), Network: on,
		Sign: func(message []byte) ([]byte, error) { return ed25519.Sign(key, message), nil },
		Beacons: func() []Beacon {
			s.mu.Lock()
			defer s.mu.Unlock()
			return append([]Beacon(nil), s.beacons...)
		},
		Log: func(err error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.logged = append(s.logged, err)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		if err := a.Run(ctx); err != nil {
			t.Errorf("announce: %v", err)
		}
	}()
	return s
}

// find returns what is found within a time.
func find(ctx context.Context, t *testing.T, on Network, discovery [32]byte, wait time.Duration) []Found {
	t.Helper()
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	var all []Found
	if err := Find(ctx, Config{Network: on}, discovery, func(f Found) { all = append(all, f) }); err != nil {
		t.Fatalf("find: %v", err)
	}
	return all
}

// story runs a test in a bubble of its own time.
func story(t *testing.T, run func(ctx context.Context, t *testing.T)) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer synctest.Wait()
		defer cancel()
		run(ctx, t)
	})
}

func TestMembersFindEachOther(t *testing.T) {
	story(t, func(ctx context.Context, t *testing.T) {
		e := newEther()
		serve(ctx, t, e.machine("10.0.0.1/24"), device(1), Beacon{Discovery: discovery(1), Port: 7472, Head: discovery(5)})
		serve(ctx, t, e.machine("10.0.0.2/24"), device(2), Beacon{Discovery: discovery(1), Port: 1234, ReadOnly: true},
			Beacon{Discovery: discovery(2), Port: 1234})
		time.Sleep(10 * time.Second)
		begin, times := time.Now(), map[string]time.Duration{}
		got := map[string]Found{}
		ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
		defer cancel()
		err := Find(ctx, Config{Network: e.machine("10.0.0.3/24")}, discovery(1), func(f Found) {
			if _, twice := got[f.Addr.String()]; twice {
				t.Errorf("%v was reported twice", f.Addr)
			}
			got[f.Addr.String()], times[f.Addr.String()] = f, time.Since(begin)
		})
		if err != nil {
			t.Fatal(err)
		}
		one, two := got["10.0.0.1:7472"], got["10.0.0.2:1234"]
		if len(got) != 2 || !bytes.Equal(one.Key, device(1).Public().(ed25519.PublicKey)) || one.Head != discovery(5) || one.ReadOnly ||
			!bytes.Equal(two.Key, device(2).Public().(ed25519.PublicKey)) || !two.ReadOnly {
			t.Fatalf("found %v", got)
		}
		for addr, after := range times {
			if after > 100*time.Millisecond {
				t.Errorf("%s was found after %v", addr, after)
			}
		}
	})
}

func TestStrangerGetsNothing(t *testing.T) {
	story(t, func(ctx context.Context, t *testing.T) {
		e := newEther()
		head := [32]byte(bytes.Repeat([]byte("eng1"), 8))
		serve(ctx, t, e.machine("10.0.0.1/24"), device(1), Beacon{Discovery: discovery(1), Port: 7472, Head: head})
		time.Sleep(time.Minute)
		if found := find(ctx, t, e.machine("10.0.0.9/24"), discovery(9), 5*time.Second); len(found) != 0 {
			t.Fatalf("a stranger found %v", found)
		}
		find(ctx, t, e.machine("10.0.0.2/24"), discovery(1), 5*time.Second)
		key := device(1).Public().(ed25519.PublicKey)
		for _, p := range e.packets() {
			if len(p) != packetSize {
				t.Errorf("a packet has %d bytes", len(p))
			}
			for what, secret := range map[string][]byte{"discovery key": []byte{1, 1, 1, 1, 1, 1, 1, 1}, "device key": key[:8], "head": []byte("eng1eng1")} {
				if bytes.Contains(p, secret) {
					t.Errorf("a packet shows the %s", what)
				}
			}
		}
		// Whatever a stranger heard, he says again: nobody answers.
		heard := e.packets()
		before := len(heard)
		stranger, err := e.machine("10.0.0.9/24").Open(false, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer stranger.Close()
		for _, p := range heard {
			if err := stranger.Send(p, netip.MustParseAddrPort("10.0.0.1:7473")); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(time.Second)
		// One round of announcements to all may have come due.
		if more := len(e.packets()) - before - len(heard); more > 2 {
			t.Fatalf("%d packets came of %d replayed ones", more, len(heard))
		}
		// Nor to a query that nobody has heard before.
		unheard := mustSecret(t, discovery(1))
		p := unheard.pack(query(77, 1, netip.MustParseAddr("10.0.0.2")), unheard.tagOf(dayOf(time.Now())), newNonce())
		if err := stranger.Send(p[:], netip.MustParseAddrPort("10.0.0.1:7473")); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		if n := len(stranger.(*etherSocket).queue); n != 0 {
			t.Fatalf("the stranger got %d answers", n)
		}
	})
}

func TestFloodOfQueriesIsBounded(t *testing.T) {
	story(t, func(ctx context.Context, t *testing.T) {
		e := newEther()
		serve(ctx, t, e.machine("10.0.0.1/24"), device(1), Beacon{Discovery: discovery(1), Port: 7472})
		time.Sleep(5 * time.Second)
		s := mustSecret(t, discovery(1))
		socket, err := e.machine("10.0.0.2/24").Open(false, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer socket.Close()
		begin := len(e.packets())
		const asked = 2000
		for i := range uint64(asked) {
			p := s.pack(query(i+1, 0, netip.MustParseAddr("10.0.0.2")), s.tagOf(dayOf(time.Now())), newNonce())
			if err := socket.Send(p[:], netip.MustParseAddrPort("10.0.0.1:7473")); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Millisecond)
		}
		if answers := len(e.packets()) - begin - asked; answers > sourceBurst+2*sourceRate+3*2 {
			t.Fatalf("%d queries drew %d packets", asked, answers)
		}
	})
}

func TestAnnouncements(t *testing.T) {
	story(t, func(ctx context.Context, t *testing.T) {
		e := newEther()
		m := e.machine("10.0.0.1/24")
		s := serve(ctx, t, m, device(1), Beacon{Discovery: discovery(1), Port: 7472})
		synctest.Wait()
		rounds := func() int { return len(e.packets()) / 2 } // broadcast and multicast
		if rounds() != 1 {
			t.Fatalf("%d rounds at the start", rounds())
		}
		time.Sleep(time.Minute + lookEvery)
		if rounds() != 3 {
			t.Fatalf("%d rounds after a minute", rounds())
		}
		// A finder that is there already learns of each change.
		heads := make(chan Found, 10)
		go func() {
			_ = Find(ctx, Config{Network: e.machine("10.0.0.2/24")}, discovery(1), func(f Found) { heads <- f })
		}()
		<-heads
		time.Sleep(announceGap)
		s.set(Beacon{Discovery: discovery(1), Port: 7472, Head: discovery(8)})
		begin := time.Now()
		if f := <-heads; f.Head != discovery(8) || time.Since(begin) > 2*time.Second {
			t.Fatalf("head %x after %v", f.Head, time.Since(begin))
		}
		s.set()
		time.Sleep(time.Second)
		before := rounds()
		time.Sleep(5 * time.Minute)
		if more := rounds() - before; more != 10 { // those of the finder
			t.Fatalf("%d rounds after the last engagement went", more)
		}
	})
}

func TestInterfacesComeAndGo(t *testing.T) {
	story(t, func(ctx context.Context, t *testing.T) {
		e := newEther()
		serving, looking := e.machine("10.0.0.1/24"), e.machine("10.0.0.2/24")
		serving.set(true, false)
		looking.set(true, false)
		serve(ctx, t, serving, device(1), Beacon{Discovery: discovery(1), Port: 7472})
		short, cancel := context.WithTimeout(ctx, 3*time.Second)
		defer cancel()
		if err := Find(short, Config{Network: looking}, discovery(1), func(Found) { t.Error("found something") }); !errors.Is(err, ErrNoNetwork) {
			t.Fatalf("find without a network: %v", err)
		}
		came := make(chan Found, 1)
		go func() { _ = Find(ctx, Config{Network: looking}, discovery(1), func(f Found) { came <- f }) }()
		time.Sleep(17 * time.Second)
		looking.set(false, false)
		time.Sleep(12 * time.Second)
		serving.set(false, false)
		begin := time.Now()
		<-came
		if after := time.Since(begin); after > refreshEvery+time.Second {
			t.Fatalf("found %v after the interface came", after)
		}
	})
}

func TestPortTaken(t *testing.T) {
	story(t, func(ctx context.Context, t *testing.T) {
		e := newEther()
		m := e.machine("10.0.0.1/24")
		m.set(false, true)
		s := serve(ctx, t, m, device(1), Beacon{Discovery: discovery(1), Port: 7472})
		// Queries are not heard, announcements are.
		if found := find(ctx, t, e.machine("10.0.0.2/24"), discovery(1), 40*time.Second); len(found) != 1 {
			t.Fatalf("found %v", found)
		}
		if len(s.logged) != 1 || !errors.Is(s.logged[0], ErrPortTaken) {
			t.Fatalf("logged %v", s.logged)
		}
		// The program ends, and its port is free.
		m.set(false, false)
		time.Sleep(refreshEvery + time.Second)
		if found := find(ctx, t, e.machine("10.0.0.2/24"), discovery(1), time.Second); len(found) != 1 {
			t.Fatalf("found %v", found)
		}
		// A finder whose port is taken still gets answers.
		looking := e.machine("10.0.0.3/24")
		looking.set(false, true)
		if found := find(ctx, t, looking, discovery(1), time.Second); len(found) != 1 {
			t.Fatalf("found %v", found)
		}
	})
}

func TestOneMachine(t *testing.T) {
	story(t, func(ctx context.Context, t *testing.T) {
		e := newEther()
		m := e.machine("10.0.0.1/24")
		serve(ctx, t, m, device(1), Beacon{Discovery: discovery(1), Port: 7472})
		serve(ctx, t, m, device(2), Beacon{Discovery: discovery(1), Port: 7480})
		time.Sleep(time.Second)
		if found := find(ctx, t, m, discovery(1), time.Second); len(found) != 2 {
			t.Fatalf("found %v", found)
		}
	})
}

func TestClocksDiffer(t *testing.T) {
	story(t, func(ctx context.Context, t *testing.T) {
		e := newEther()
		for i, off := range []time.Duration{-20 * time.Hour, 20 * time.Hour} {
			key := device(byte(i))
			a, err := New(Config{
				Key: key.Public().(ed25519.PublicKey), Network: e.machine("10.0.0.1/24"), Now: func() time.Time { return time.Now().Add(off) },
				Sign:    func(message []byte) ([]byte, error) { return ed25519.Sign(key, message), nil },
				Beacons: func() []Beacon { return []Beacon{{Discovery: discovery(1), Port: 7000 + i}} },
			})
			if err != nil {
				t.Fatal(err)
			}
			go func() { _ = a.Run(ctx) }()
		}
		time.Sleep(time.Second)
		found := find(ctx, t, e.machine("10.0.0.2/24"), discovery(1), time.Second)
		if len(found) != 2 {
			t.Fatalf("found %v", found)
		}
		for _, f := range found {
			if off := time.Until(f.Time).Abs(); off < 19*time.Hour || off > 21*time.Hour {
				t.Errorf("the clock over there is said to be %v off", off)
			}
		}
	})
}

func TestOwnPacketsAreIgnored(t *testing.T) {
	story(t, func(ctx context.Context, t *testing.T) {
		e := newEther()
		m, key := e.machine("10.0.0.1/24"), device(1)
		cfg := Config{
			Instance: NewInstance(), Network: m, Key: key.Public().(ed25519.PublicKey),
			Sign:    func(message []byte) ([]byte, error) { return ed25519.Sign(key, message), nil },
			Beacons: func() []Beacon { return []Beacon{{Discovery: discovery(1), Port: 7472}} },
		}
		a, err := New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		go func() { _ = a.Run(ctx) }()
		short, cancel := context.WithTimeout(ctx, time.Minute)
		defer cancel()
		if err := Find(short, cfg, discovery(1), func(f Found) { t.Errorf("found itself: %v", f) }); err != nil {
			t.Fatal(err)
		}
	})
}
