package lan

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"net/netip"
	"testing"
	"time"

	"github.com/esync/esync/internal/netlab"
)

// inHost is the system as seen from a host of a laboratory.
type inHost struct{ *netlab.Host }

func (h inHost) Interfaces() (interfaces []Interface, err error) {
	err = h.Do(func() error {
		interfaces, err = System().Interfaces()
		return err
	})
	return interfaces, err
}

func (h inHost) Open(six bool, port uint16) (socket Socket, err error) {
	err = h.Do(func() error {
		socket, err = System().Open(six, port)
		return err
	})
	return socket, err
}

// office is a LAN of four members and a stranger.
type office struct {
	lab       *netlab.Lab
	lan       *netlab.LAN
	discovery [32]byte
	members   []*netlab.Host
	at        []netip.Addr
	stranger  *netlab.Host
}

func newOffice(t *testing.T) *office {
	t.Helper()
	lab := netlab.New(t)
	o := &office{lab: lab, lan: lab.LAN("wifi", "10.9.0.0/24"), stranger: lab.Host("stranger")}
	if _, err := rand.Read(o.discovery[:]); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"lead", "anna", "ben", "carol"} {
		h := lab.Host(name)
		o.members, o.at = append(o.members, h), append(o.at, h.Join(o.lan).Addr)
	}
	for _, h := range o.members {
		awaitIPv6(t, h)
	}
	o.stranger.Join(o.lan)
	return o
}

// awaitIPv6 waits until the kernel has given a host an address that it can send from, which it does in its own time.
func awaitIPv6(t *testing.T, h *netlab.Host) {
	t.Helper()
	socket, err := inHost{h}.Open(true, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		err := socket.Send([]byte("hello"), netip.AddrPortFrom(group6().WithZone("2"), 9)) // lo is 1
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s has no IPv6: %v", h.Name, err)
		}
	}
}

// serving starts a member's announcer, which ends with the test.
func (o *office) serving(t *testing.T, member int) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	a, err := New(Config{
		Network: inHost{o.members[member]}, Key: device(byte(member)).Public().(ed25519.PublicKey),
		Sign:    func(message []byte) ([]byte, error) { return ed25519.Sign(device(byte(member)), message), nil },
		Beacons: func() []Beacon { return []Beacon{{Discovery: o.discovery, Port: 7472, Head: discovery(0x5a)}} },
	})
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(done)
		_ = a.Run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-done
	})
}

// finds returns the members that another finds, by the order of the office, as soon as there are enough or time is over.
func (o *office) finds(t *testing.T, member, enough int, wait time.Duration) map[netip.Addr]time.Duration {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), wait)
	defer cancel()
	begin, found := time.Now(), map[netip.Addr]time.Duration{}
	err := Find(ctx, Config{Network: inHost{o.members[member]}}, o.discovery, func(f Found) {
		if !f.Addr.Addr().Is4() || f.Addr.Addr().IsLoopback() {
			return // the same hosts, by other ways
		}
		if found[f.Addr.Addr()] = time.Since(begin); len(found) == enough {
			cancel()
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestLabFoundWithinTwoSeconds(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for m := range o.members {
		o.serving(t, m)
	}
	for m := range o.members {
		found := o.finds(t, m, len(o.members), 10*time.Second)
		if len(found) != len(o.members) {
			t.Errorf("%s found only %v", o.members[m].Name, found)
		}
		for at, after := range found {
			if after > 2*time.Second {
				t.Errorf("%s found %v after %v", o.members[m].Name, at, after)
			}
		}
	}
}

func TestLabWhereBroadcastsDoNotPass(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.serving(t, 0)
	o.lan.Isolate(true)
	if found := o.finds(t, 1, 1, 2*time.Second); len(found) != 0 {
		t.Errorf("found %v through isolation", found)
	}
	o.lan.Isolate(false)
	// Either of the two ways does.
	for _, drop := range []string{"input udp dport 7473 ip daddr 10.9.0.255 drop", "input udp dport 7473 ip daddr 224.0.0.0/4 drop"} {
		o.members[0].Firewall(drop)
		if found := o.finds(t, 1, 1, 10*time.Second); len(found) != 1 {
			t.Errorf("with %q found %v", drop, found)
		}
	}
	// The finder's firewall lets in nothing that it does not expect, but the port of announcements.
	o.members[0].Firewall()
	o.members[1].Firewall("input udp dport 7473 accept", "input meta l4proto udp drop")
	if found := o.finds(t, 1, 1, 10*time.Second); len(found) != 1 {
		t.Errorf("behind a firewall found %v", found)
	}
}

func TestLabStranger(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	capture := o.stranger.Capture()
	o.serving(t, 0)
	if found := o.finds(t, 1, 1, 10*time.Second); len(found) != 1 {
		t.Fatalf("found %v", found)
	}
	// These queries reach only the stranger.
	o.members[0].Firewall("input udp dport 7473 drop")
	o.finds(t, 1, 1, time.Second/2)
	o.members[0].Firewall()
	packets := map[string]int{}
	var payloads [][]byte
	key := device(0).Public().(ed25519.PublicKey)
	for _, frame := range capture.Frames() {
		at := bytes.Index(frame, []byte(magic))
		if at < 0 {
			continue
		}
		payloads = append(payloads, frame[at:])
		if len(frame[at:]) != packetSize {
			t.Errorf("a packet of %d bytes", len(frame[at:]))
		}
		kind := "to one"
		switch {
		case bytes.Equal(frame[:6], []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}):
			kind = "broadcast"
		case bytes.Equal(frame[:2], []byte{0x33, 0x33}):
			kind = "IPv6 group"
		case bytes.Equal(frame[:3], []byte{0x01, 0x00, 0x5e}):
			kind = "IPv4 group"
		}
		packets[kind]++
		for what, secret := range map[string][]byte{"key": key[:8], "head": bytes.Repeat([]byte{0x5a}, 4), "discovery key": o.discovery[:8]} {
			if bytes.Contains(frame, secret) {
				t.Errorf("a packet shows the %s", what)
			}
		}
	}
	if packets["broadcast"] == 0 || packets["IPv4 group"] == 0 || packets["IPv6 group"] == 0 {
		t.Errorf("the stranger heard %v", packets)
	}
	// What he heard, changed or not, draws no answer.
	socket, err := inHost{o.stranger}.Open(false, 0)
	if err != nil {
		t.Fatal(err)
	}
	answered := make(chan bool, 1)
	go func() {
		var buffer [2000]byte
		n, _, err := socket.Receive(buffer[:])
		answered <- err == nil && n > 0
	}()
	to := netip.AddrPortFrom(o.at[0], DefaultPort)
	for _, p := range append(payloads, []byte(magic), make([]byte, packetSize), bytes.Repeat([]byte(magic), packetSize/len(magic))) {
		for i := range 3 {
			if i > 0 && len(p) > 0 {
				p[len(p)*i/3]++
			}
			if err := socket.Send(p, to); err != nil {
				t.Fatal(err)
			}
		}
	}
	if took, err := o.stranger.Ping(o.at[0], time.Second); err != nil { // the host itself does answer
		t.Errorf("ping: %v, %v", took, err)
	}
	time.AfterFunc(500*time.Millisecond, func() { socket.Close() })
	if <-answered {
		t.Error("the stranger got an answer")
	}
}

// A card that is put in later is spoken to, and heard.
func TestLabInterfaceComes(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	late := o.lab.Host("late")
	o.members[0] = late
	o.serving(t, 0)
	late.Join(o.lan)
	if found := o.finds(t, 1, 1, 15*time.Second); len(found) != 1 {
		t.Errorf("found %v", found)
	}
}
