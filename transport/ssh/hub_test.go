package ssh

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	gossh "golang.org/x/crypto/ssh"
)

// startHub is a hub of ours; its user "ann" is admitted.
func startHub(t testing.TB, change func(*HubConfig)) *testServer {
	t.Helper()
	return startServer(t, func(s *testServer) {
		s.serve = func(ctx context.Context, l net.Listener) error {
			cfg := HubConfig{HostKey: s.host, Authorize: s.authorize, Log: s.log}
			if change != nil {
				change(&cfg)
			}
			return ServeHub(ctx, l, cfg)
		}
	})
}

// member is somebody of whom the hub knows.
func (s *testServer) member(name string, engagements ...string) Signer {
	key, _ := newKey(s.t)
	s.grant(key, Grant{Level: LevelRead, Name: name, Engagements: engagements})
	return key
}

func as(key Signer) func(*Config) { return func(c *Config) { c.Signers = []Signer{key} } }

// peer is a server of ours that listens through the hub as the holder of key, and nowhere else. Its stock host key is host.
type peer struct {
	*testServer
	client   *Client // to the hub
	listener net.Listener
}

func startPeer(t testing.TB, hub *testServer, key Signer, change func(*testServer), relayed func(net.Addr, error)) *peer {
	t.Helper()
	client := hub.dial(func(c *Config) {
		c.Signers, c.Relayed, c.timing = []Signer{key}, relayed, timing{ask: 200 * time.Millisecond, dead: 60 * time.Second}
	})
	l, err := client.Listen(t.Context(), "localhost", 0)
	if err != nil {
		t.Fatal(err)
	}
	p := &peer{client: client, listener: l}
	p.testServer = startServer(t, func(s *testServer) {
		if change != nil {
			change(s)
		}
		s.serve = func(ctx context.Context, unused net.Listener) error {
			unused.Close()
			return Serve(ctx, l, s.config)
		}
	})
	return p
}

// through is how the holder of key reaches p through the hub.
func (p *peer) through(hub *testServer, key Signer) Config {
	cfg := hub.client(as(key))
	cfg.Signers = append(cfg.Signers, p.user)
	cfg.HostKeys = []string{PublicLine(p.host.PublicKey(), "")}
	cfg.Jump = []Target{hub.target()}
	return cfg
}

// Law: whoever is admitted to the hub reaches a peer by the name of its key, by its member's name, and by the number the
// hub gave it; the levels there are those of the peer, and what comes back is what was sent.
func TestHub(t *testing.T) {
	t.Parallel()
	hub := startHub(t, nil)
	lead, bob := hub.member("Lead Auditor"), hub.member("bob")
	p := startPeer(t, hub, lead, nil, nil)
	at := p.listener.Addr().(RelayAddr)
	for _, target := range []Target{
		{Host: HubName(lead.PublicKey())}, {Host: "lead-auditor"}, {Host: "LEAD-AUDITOR", Port: 7472},
		{Host: "localhost", Port: at.Port}, {Host: "127.0.0.1", Port: at.Port}, {Host: "lead-auditor", Port: at.Port},
	} {
		c, err := Dial(t.Context(), target, p.through(hub, bob))
		if err != nil {
			t.Fatalf("%v: %v", target, err)
		}
		stream := open(t, c, "hello")
		data := pattern(3 << 20)
		go func() {
			_, _ = stream.Write(data)
			_ = stream.CloseWrite()
		}()
		if got := read(t, stream); got != "full ann:hello"+string(data) {
			t.Errorf("%v: %d bytes came back", target, len(got))
		}
		c.Close()
	}
	if event := p.await(Connected, 1); !strings.HasPrefix(event.Remote, "127.0.0.1:") || !strings.HasSuffix(event.Remote, " through 127.0.0.1") {
		t.Errorf("the peer logs %+v", event)
	}
	event := hub.await(Parted, 1)
	if event.Grant.Name != "bob" || event.Other.Name != "Lead Auditor" || event.Port != at.Port || event.Sent < 3<<20 || event.Received < 3<<20 {
		t.Errorf("the hub logs %+v", event)
	}
	for _, target := range []Target{{Host: "nobody"}, {Host: "localhost", Port: 22}, {Host: HubName(bob.PublicKey())}, {Host: "bob"}} {
		_, err := Dial(t.Context(), target, p.through(hub, bob))
		want(t, err, ErrUnreachable)
		if !strings.Contains(err.Error(), string(NotListening)) {
			t.Errorf("%v: %v", target, err)
		}
	}
	// The keys of the peer are pinned, so a hub that passes one on to somebody else gains nothing.
	cfg := p.through(hub, bob)
	cfg.HostKeys = []string{PublicLine(mustKey(t), "")}
	_, err := Dial(t.Context(), Target{Host: "lead-auditor"}, cfg)
	want(t, err, ErrHostKeyChanged)
	// Whom the peer does not admit is not let in by the hub's grace.
	cfg = p.through(hub, bob)
	cfg.Signers = []Signer{bob}
	_, err = Dial(t.Context(), Target{Host: "lead-auditor"}, cfg)
	want(t, err, ErrAuth)
	// Nor does one reach it whom the hub does not admit.
	_, err = Dial(t.Context(), Target{Host: "lead-auditor"}, p.through(hub, p.user))
	want(t, err, ErrAuth)
}

// Only those who have an engagement in common know of each other.
func TestHubOfSeveralEngagements(t *testing.T) {
	t.Parallel()
	hub := startHub(t, nil)
	lead := hub.member("lead", "audit26", "tax")
	p := startPeer(t, hub, lead, nil, nil)
	for name, c := range map[string]struct {
		engagements []string
		reaches     bool
	}{"same": {[]string{"tax", "x"}, true}, "all": {nil, true}, "another": {[]string{"audit25"}, false}} {
		client, err := Dial(t.Context(), Target{Host: "lead"}, p.through(hub, hub.member(name, c.engagements...)))
		if (err == nil) != c.reaches {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil {
			client.Close()
		}
	}
}

// Everything but the two is declined, nothing is listened on, and nothing real is dialled.
func TestHubDoesNothingElse(t *testing.T) {
	t.Parallel()
	hub := startHub(t, nil)
	c := hub.rawClient()
	for _, kind := range []string{"session", channelType, "x11", forwardedType, "direct-streamlocal@openssh.com", "auth-agent@openssh.com", "tun@openssh.com", ""} {
		_, _, err := c.OpenChannel(kind, nil)
		var refused *gossh.OpenChannelError
		if !errors.As(err, &refused) || refused.Reason != gossh.UnknownChannelType {
			t.Errorf("channel %q: %v", kind, err)
		}
	}
	for _, payload := range [][]byte{
		nil, {0}, []byte("\xff\xff\xff\xff"), gossh.Marshal(channelMessage{"x", 0, "", 0}), gossh.Marshal(channelMessage{"x", 65536, "", 0}),
		gossh.Marshal(channelMessage{"x", 1 << 31, "", 0}), gossh.Marshal(channelMessage{strings.Repeat("x", 256), 1, "", 0}),
		gossh.Marshal(channelMessage{"x", 1, strings.Repeat("x", 256), 1}), append(gossh.Marshal(channelMessage{"x", 1, "", 0}), 0),
	} {
		_, _, err := c.OpenChannel(directType, payload)
		var refused *gossh.OpenChannelError
		if !errors.As(err, &refused) || refused.Message != sayMalformed {
			t.Errorf("payload %x: %v", payload, err)
		}
	}
	var real sync.Mutex
	dialled := false
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		if conn, err := l.Accept(); err == nil {
			conn.Close()
			real.Lock()
			defer real.Unlock()
			dialled = true
		}
	}()
	for _, host := range []string{"127.0.0.1", "localhost", "::1", "0.0.0.0", ""} {
		_, _, err := c.OpenChannel(directType, gossh.Marshal(channelMessage{host, uint32(l.Addr().(*net.TCPAddr).Port), "127.0.0.1", 1}))
		var refused *gossh.OpenChannelError
		if !errors.As(err, &refused) || refused.Message != sayNobody {
			t.Errorf("host %q: %v", host, err)
		}
	}
	for _, payload := range [][]byte{nil, []byte("\xff\xff\xff\xff"), gossh.Marshal(bindMessage{"x", 65536}), gossh.Marshal(bindMessage{strings.Repeat("x", 256), 1})} {
		for _, request := range []string{forwardRequest, cancelRequest} {
			if ok, _, err := c.SendRequest(request, true, payload); ok || err != nil {
				t.Errorf("%s %x: %v, %v", request, payload, ok, err)
			}
		}
	}
	for _, request := range []string{"streamlocal-forward@openssh.com", "no-more-sessions@openssh.com", "hostkeys-prove-00@openssh.com", ""} {
		if ok, _, err := c.SendRequest(request, true, nil); ok || err != nil {
			t.Errorf("%s: %v, %v", request, ok, err)
		}
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := free.Addr().(*net.TCPAddr).Port
	free.Close()
	if ok, _, err := c.SendRequest(forwardRequest, true, gossh.Marshal(bindMessage{"127.0.0.1", uint32(port)})); !ok || err != nil {
		t.Fatalf("a registration: %v, %v", ok, err)
	}
	if conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port)); err == nil {
		conn.Close()
		t.Error("the hub listens on a real port")
	}
	real.Lock()
	defer real.Unlock()
	if dialled {
		t.Error("the hub dialled a real port")
	}
}

// The caps of one key: places, takeovers, and what stands at once.
func TestHubLimits(t *testing.T) {
	t.Parallel()
	var counters HubCounters
	hub := startHub(t, func(c *HubConfig) {
		c.Limits = HubLimits{Registrations: 3, Relays: 2}
		c.Counters = &counters
	})
	lead, bob := hub.member("lead"), hub.member("bob")
	one, two := hub.dial(as(lead)), hub.dial(as(lead))
	var ports []int
	for range 2 {
		l, err := one.Listen(t.Context(), "", 0)
		if err != nil {
			t.Fatal(err)
		}
		ports = append(ports, l.Addr().(RelayAddr).Port)
	}
	l, err := two.Listen(t.Context(), "*", ports[0]) // the same key takes it over
	if err != nil {
		t.Fatal(err)
	}
	if _, err = hub.dial(as(bob)).Listen(t.Context(), "", ports[0]); !errors.Is(err, ErrRefused) {
		t.Errorf("somebody else's port: %v", err)
	}
	if _, err = two.Listen(t.Context(), "", 0); err != nil {
		t.Error(err)
	}
	if _, err = two.Listen(t.Context(), "", 0); !errors.Is(err, ErrRefused) {
		t.Errorf("one registration too many: %v", err)
	}
	if got := counters.Registrations.Load(); got != 3 {
		t.Errorf("%d registrations stand", got)
	}
	accepted := make(chan net.Conn, 8)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			accepted <- conn
		}
	}()
	caller, again := hub.dial(as(bob)), hub.dial(as(bob))
	reach := func(c *Client) (net.Conn, error) {
		return c.conn.Dial("tcp", fmt.Sprintf("lead:%d", ports[0]))
	}
	first, err := reach(caller)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := reach(again); err != nil {
		t.Fatal(err)
	}
	if _, err := reach(again); err == nil {
		t.Error("one connection too many")
	}
	other, err := reach(hub.dial(nil)) // another key has its own
	if err != nil {
		t.Error(err)
	} else {
		other.Close()
	}
	first.Close()
	eventually(t, "the place is not given back", func() bool {
		conn, err := reach(again)
		if err == nil {
			conn.Close()
		}
		return err == nil
	})
	// Whoever is revoked is gone at once, with all that stands, and so are his registrations.
	hub.withdraw(lead)
	eventually(t, "registrations outlive the key", func() bool { return counters.Registrations.Load() == 0 && counters.Relays.Load() == 0 })
}

// eventually waits for what must come about soon.
func eventually(t testing.TB, complaint string, done func() bool) {
	t.Helper()
	for late := time.Now().Add(patience); !done(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(late) {
			t.Fatal(complaint)
		}
	}
}

// Ends are passed on one by one: who has ended his side still hears the other; who is gone is known to be, after his last word.
func TestHubPassesEndsOn(t *testing.T) {
	t.Parallel()
	hub := startHub(t, nil)
	lead, bob := hub.member("lead"), hub.member("bob")
	l, err := hub.dial(as(lead)).Listen(t.Context(), "localhost", 0)
	if err != nil {
		t.Fatal(err)
	}
	pair := func(caller *Client) (near, far halves) { return connect(t, caller, l, "lead:1") }
	data := pattern(1 << 20)
	caller := hub.dial(as(bob))
	for name, swap := range map[string]bool{"near": false, "far": true} {
		a, b := pair(caller)
		if swap {
			a, b = b, a
		}
		_, _ = a.Write([]byte("question"))
		_ = a.CloseWrite()
		if got := read(t, b); got != "question" {
			t.Errorf("%s: %q", name, got)
		}
		go func() {
			_, _ = b.Write(data)
			b.Close()
		}()
		if got := read(t, a); got != string(data) {
			t.Errorf("%s: the answer has %d bytes", name, len(got))
		}
		a.Close()
		a, b = pair(caller)
		if swap {
			a, b = b, a
		}
		go func() {
			_, _ = a.Write(data)
			a.Close()
		}()
		if got := read(t, b); got != string(data) {
			t.Errorf("%s: the last words have %d bytes", name, len(got))
		}
		eventually(t, name+": a gone peer is written to", func() bool { _, err := b.Write(data[:1]); return err != nil })
		b.Close()
	}
	lost := hub.dial(as(bob))
	near, far := pair(lost)
	_, _ = near.Write(data)
	lost.Close()
	if got := read(t, far); !strings.HasPrefix(string(data), got) { // a reset may take what was under way
		t.Errorf("%d other bytes before the connection was lost", len(got))
	}
}

type halves interface {
	net.Conn
	CloseWrite() error
}

// connect makes a connection from caller to a listener, through the hub.
func connect(t testing.TB, caller *Client, l net.Listener, address string) (near, far halves) {
	t.Helper()
	type dialled struct {
		conn net.Conn
		err  error
	}
	result := make(chan dialled, 1)
	go func() {
		conn, err := caller.conn.Dial("tcp", address)
		result <- dialled{conn, err}
	}()
	other, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	d := <-result
	if d.err != nil {
		t.Fatal(d.err)
	}
	return d.conn.(halves), other.(halves)
}

// A side that takes nothing stops who talks to it, costs the hub a window, and is cut after a while; others go on.
func TestHubBackpressure(t *testing.T) {
	t.Parallel()
	var counters HubCounters
	hub := startHub(t, func(c *HubConfig) {
		c.timing = timing{ask: 100 * time.Millisecond, dead: time.Second}
		c.Counters = &counters
	})
	lead, bob := hub.member("lead"), hub.member("bob")
	l, err := hub.dial(as(lead)).Listen(t.Context(), "localhost", 0)
	if err != nil {
		t.Fatal(err)
	}
	near, far := connect(t, hub.dial(as(bob)), l, "lead:1") // far is never read
	defer far.Close()
	sent, err := near.Write(pattern(64 << 20))
	if err == nil || sent > 5<<20 {
		t.Errorf("%d bytes were taken for one who reads nothing, %v", sent, err)
	}
	if passed := counters.Bytes.Load(); passed > 3<<20 {
		t.Errorf("%d bytes passed", passed)
	}
	hub.await(Parted, 1)
	near, far = connect(t, hub.dial(as(bob)), l, "lead:1")
	go func() { _, _ = near.Write(pattern(4 << 20)); near.Close() }()
	if got := read(t, far); len(got) != 4<<20 {
		t.Errorf("%d bytes passed after that", len(got))
	}
}

// Law: at a rate of r bytes per second, n bytes take n/r seconds, less the burst.
func TestHubRate(t *testing.T) {
	t.Parallel()
	hub := startHub(t, func(c *HubConfig) { c.Limits.Rate = 1 << 20 })
	p := startPeer(t, hub, hub.member("lead"), nil, nil)
	c, err := Dial(t.Context(), Target{Host: "lead"}, p.through(hub, hub.member("bob")))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	began := time.Now()
	stream := open(t, c, "")
	_, _ = stream.Write(pattern(300 << 10))
	_ = stream.CloseWrite()
	read(t, stream) // the same comes back: 600 KiB
	if took := time.Since(began); took < 400*time.Millisecond {
		t.Errorf("600 KiB took %v", took)
	}
	p1 := newPace(1000)
	now := time.Unix(1000, 0)
	var total time.Duration
	for range 10 {
		rest := p1.take(100, now)
		now = now.Add(max(rest, 0))
		total += max(rest, 0)
	}
	if total != 900*time.Millisecond {
		t.Errorf("1000 bytes took %v", total)
	}
}

// A hub that goes away and comes back finds its listeners again, at the same place.
func TestListenersComeBack(t *testing.T) {
	t.Parallel()
	hub := startHub(t, nil)
	relay := newRelay(t, hub.addr.String())
	lead, bob := hub.member("lead"), hub.member("bob")
	news := make(chan error, 64)
	write(t, filepath.Join(hub.home, ".ssh", "known_hosts"), relay.known(hub.host.PublicKey())+
		fmt.Sprintf("[127.0.0.1]:%d %s\n", hub.addr.Port, PublicLine(hub.host.PublicKey(), "")))
	client, err := Dial(t.Context(), relay.target(), hub.client(func(c *Config) {
		c.Signers, c.Relayed = []Signer{lead}, func(_ net.Addr, err error) { news <- err }
	}))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	l, err := client.Listen(t.Context(), "localhost", 0)
	if err != nil {
		t.Fatal(err)
	}
	place := l.Addr().String()
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = io.WriteString(conn, "here")
			conn.Close()
		}
	}()
	caller := hub.dial(as(bob))
	knock := func() string {
		conn, err := caller.conn.Dial("tcp", place)
		if err != nil {
			return err.Error()
		}
		defer conn.Close()
		text, _ := io.ReadAll(conn)
		return string(text)
	}
	for range 2 {
		if got := knock(); got != "here" {
			t.Fatal(got)
		}
		relay.cut()
		if err := <-news; !errors.Is(err, ErrLost) {
			t.Errorf("the loss is told as %v", err)
		}
		for err := range news {
			if err == nil {
				break
			}
		}
	}
	if got := knock(); got != "here" || l.Addr().String() != place {
		t.Errorf("it is at %v, before at %s, and says %q", l.Addr(), place, got)
	}
	l.Close()
	if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Error(err)
	}
	eventually(t, "it is still registered", func() bool { return strings.Contains(knock(), sayNobody) })
}

// Parsers of what peers ask of a hub: no panic, and nothing out of bounds.
func FuzzForwards(f *testing.F) {
	f.Add(gossh.Marshal(bindMessage{"localhost", 7472}))
	f.Add(gossh.Marshal(channelMessage{"lead", 22, "127.0.0.1", 4242}))
	f.Add([]byte("\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, payload []byte) {
		if m, err := parseBind(payload); err == nil {
			if m.Port > maxPort || len(m.Host) > maxHost || !bytes.Equal(gossh.Marshal(m), payload) {
				t.Errorf("%x is read as %+v", payload, m)
			}
		}
		if m, err := parseChannel(payload); err == nil {
			if m.Port == 0 || m.Port > maxPort || m.OriginPort > maxPort || len(m.Host) > maxHost || !bytes.Equal(gossh.Marshal(m), payload) {
				t.Errorf("%x is read as %+v", payload, m)
			}
			_ = newRelayedAddr(m, "hub").String()
		}
	})
}

func TestHubNames(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"lead": "lead", "Ann Smith": "ann-smith", "ann@laptop": "ann-laptop", "  -Ölaf- ": "laf", "a.b_c": "a.b_c", "": "", "日本": "",
		strings.Repeat("x", 100): strings.Repeat("x", 63), "-o ProxyCommand=x": "o-proxycommand-x",
	} {
		got := HubAlias(name)
		if got != want {
			t.Errorf("%q is reached as %q", name, got)
		}
		if got != "" && (Target{Host: got}).Check() != nil {
			t.Errorf("%q cannot be dialled", got)
		}
	}
	if name := HubName(mustKey(t)); (Target{Host: name}).Check() != nil {
		t.Errorf("%q cannot be dialled", name)
	}
}
