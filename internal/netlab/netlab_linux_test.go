package netlab

import (
	"bytes"
	"io"
	"net"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"
)

const soon = 300 * time.Millisecond

// reaches checks whether a ping comes back: soon, or, where it should, within a time that a busy machine may take.
func reaches(t *testing.T, from *Host, to netip.Addr, want bool) {
	t.Helper()
	_, err := from.Ping(to, soon)
	for deadline := time.Now().Add(10 * time.Second); want && err != nil && time.Now().Before(deadline); {
		_, err = from.Ping(to, soon)
	}
	if got := err == nil; got != want {
		t.Errorf("%s reaches %s: %v (%v), want %v", from.Name, to, got, err, want)
	}
}

func TestLAN(t *testing.T) {
	t.Parallel()
	lab := New(t)
	wifi := lab.LAN("wifi", "10.2.0.0/24")
	lead, anna, gate := lab.Host("lead"), lab.Host("anna"), lab.Host("gate")
	l, a, g := lead.Join(wifi), anna.Join(wifi), gate.Join(wifi).Wired()
	reaches(t, lead, a.Addr, true)
	reaches(t, anna, l.Addr, true)

	wifi.Isolate(true)
	reaches(t, lead, a.Addr, false)
	reaches(t, lead, g.Addr, true)
	wifi.Isolate(false)
	reaches(t, lead, a.Addr, true)

	l.Cut()
	reaches(t, lead, a.Addr, false)
	reaches(t, anna, g.Addr, true)
	l.Restore()
	reaches(t, lead, a.Addr, true)
	a.Unplug()
	reaches(t, lead, a.Addr, false)
	a.Plug()
	reaches(t, lead, a.Addr, true)

	anna.Firewall("input ip saddr " + l.Addr.String() + " drop")
	reaches(t, lead, a.Addr, false)
	reaches(t, gate, a.Addr, true)
	anna.Firewall()
	reaches(t, lead, a.Addr, true)
}

func TestRouterAndLink(t *testing.T) {
	t.Parallel()
	lab := New(t)
	wifi := lab.LAN("wifi", "10.2.0.0/24")
	laptop, router, office := lab.Host("laptop"), lab.Host("router").Router(), lab.Host("office")
	laptop.Join(wifi)
	r := router.Join(wifi)
	line := lab.Link(router, office, Shape{Delay: 25 * time.Millisecond})
	laptop.Route("default", r.Addr)
	office.Route("default", line.A)
	took, err := laptop.Ping(line.B, 2*time.Second)
	if err != nil || took < 50*time.Millisecond || took > time.Second {
		t.Errorf("a round trip of 2 times 25 ms takes %v, %v", took, err)
	}
	line.Reshape(Shape{})
	line.Cut()
	reaches(t, laptop, line.B, false)
	line.Restore()
	reaches(t, laptop, line.B, true)
	line.Reshape(Shape{Loss: 100})
	reaches(t, laptop, line.B, false)
}

func TestLinkRateAndCutAfter(t *testing.T) {
	t.Parallel()
	lab := New(t)
	a, b := lab.Host("a"), lab.Host("b")
	line := lab.Link(a, b, Shape{Mbit: 20})
	received := make(chan int64, 1)
	var listener net.Listener
	lab.must(b.Do(func() (err error) {
		listener, err = net.Listen("tcp", netip.AddrPortFrom(line.B, 9).String())
		return err
	}))
	defer listener.Close()
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		n, _ := io.Copy(io.Discard, conn)
		received <- n
	}()
	var conn net.Conn
	lab.must(a.Do(func() (err error) {
		conn, err = net.Dial("tcp", netip.AddrPortFrom(line.B, 9).String())
		return err
	}))
	const size = 1 << 20
	begin := time.Now()
	if _, err := conn.Write(make([]byte, size)); err != nil {
		t.Fatal(err)
	}
	conn.Close()
	if n := <-received; n != size {
		t.Fatalf("%d bytes came", n)
	}
	// 1 MiB at 20 Mbit/s is 0.42 s.
	if took := time.Since(begin); took < 350*time.Millisecond || took > 5*time.Second {
		t.Errorf("1 MiB at 20 Mbit/s took %v", took)
	}
	if n := line.Passed(AToB); n < size || n > size+size/4 {
		t.Errorf("%d bytes passed", n)
	}
	cut := line.CutAfter(AToB, 200)
	reaches(t, a, line.B, true)
	for range 8 {
		_, _ = a.Ping(line.B, 50*time.Millisecond)
	}
	select {
	case <-cut:
	default:
		t.Error("the link is not cut after 200 bytes")
	}
	reaches(t, b, line.A, false)
	line.Restore()
	reaches(t, b, line.A, true)
}

func TestProcesses(t *testing.T) {
	t.Parallel()
	lab := New(t)
	lan := lab.LAN("lan", "10.3.0.0/24")
	h, listener := lab.Host("h"), lab.Host("listener")
	hp := h.Join(lan)
	listener.Join(lan)
	out, err := h.Output("ip", "-br", "addr")
	if err != nil || !strings.Contains(out, "10.3.0.1/24") || strings.Contains(out, "10.3.0.2") {
		t.Fatalf("addresses: %q, %v", out, err)
	}
	p, err := h.Start(h.Command("sleep", "100"))
	if err != nil {
		t.Fatal(err)
	}
	p.Kill()
	if p.Wait() == nil {
		t.Error("a killed process ended well")
	}
	if _, err := h.Start(h.Command("sleep", "100")); err != nil { // the end of the test ends it
		t.Fatal(err)
	}
	c := listener.Capture()
	lab.must(h.Do(func() error {
		conn, err := net.Dial("udp", "10.3.0.255:9")
		if err != nil {
			return err
		}
		defer conn.Close()
		_, err = conn.Write([]byte("hear, hear"))
		return err
	}))
	heard := func() bool { return bytes.Contains(bytes.Join(c.Frames(), nil), []byte("hear, hear")) }
	if from, _ := hp.Passed(); from < 10 {
		t.Errorf("%d bytes were sent", from)
	}
	for deadline := time.Now().Add(5 * time.Second); !heard(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("a broadcast was not captured")
		}
	}
}

// The thread that was in a host is as it was before, and a program that was started there is in the host.
func TestThreadsComeHome(t *testing.T) {
	t.Parallel()
	lab := New(t)
	h := lab.Host("laptop")
	if out, err := h.Output("uname", "-n"); err != nil || out != "laptop\n" {
		t.Errorf("the host's name is %q, %v", out, err)
	}
	at := func() (where string) {
		for _, k := range kinds {
			link, err := os.Readlink("/proc/thread-self/ns/" + k.file)
			lab.must(err)
			where += link
		}
		return where
	}
	home := at()
	for range 50 {
		var there string
		lab.must(h.Do(func() error {
			there = at()
			return nil
		}))
		if here := at(); there == home || here != home {
			t.Fatalf("home is %s, in the host %s, afterwards %s", home, there, here)
		}
	}
}
