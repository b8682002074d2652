package ssh

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	gossh "golang.org/x/crypto/ssh"
)

// Levels of access.
const (
	LevelRead = "read"
	LevelFull = "full"
)

// Grant is what a key may do.
type Grant struct {
	Level       string   // LevelRead or LevelFull
	Name        string   // of the member, for logs and people
	Engagements []string // names or ids; empty: every engagement that is served
	NoRelay     bool     // a hub does not admit this key
	Guest       bool     // nobody yet: he may say who he is, in a connection that stays short
	Key         string   // fingerprint; the server fills it in
}

// less reports whether g allows something that now does not.
func (g Grant) less(now Grant) bool {
	if g.Level == LevelFull && now.Level != LevelFull || now.NoRelay && !g.NoRelay || now.Guest && !g.Guest {
		return true
	}
	if len(now.Engagements) == 0 {
		return false
	}
	return len(g.Engagements) == 0 || slices.ContainsFunc(g.Engagements, func(name string) bool {
		return !slices.Contains(now.Engagements, name)
	})
}

// Peer is the other end of a stream, as the server knows it.
type Peer struct {
	Grant         // Grant.Key is the fingerprint
	Key    string // the public key as PublicLine writes it, without a comment
	Remote string // network address
}

// Limits keep strangers from using the server up. Zero values are replaced by the defaults named.
type Limits struct {
	PerSource       int           // logins under way of one address: 10; more wait
	Unauthenticated int           // logins under way in all: 64; more wait
	Connections     int           // connections in all after the login: 1024
	PerKey          int           // of these, with one key: 256
	Channels        int           // streams at once in one connection: 8
	Streams         int           // streams at once with one key, in all its connections: 64
	Handshake       time.Duration // for key exchange and login together: 15 s
}

func (l Limits) filled() Limits {
	for _, f := range []struct {
		field *int
		value int
	}{{&l.PerSource, 10}, {&l.Unauthenticated, 64}, {&l.Connections, 1024}, {&l.PerKey, 256}, {&l.Channels, 8}, {&l.Streams, 64}} {
		if *f.field <= 0 {
			*f.field = f.value
		}
	}
	return l
}

// ServerConfig is what Serve needs. HostKey, Authorize and Handle must be there.
type ServerConfig struct {
	HostKey Signer // ed25519

	// Authorize says what the holder of key may do; any error means nothing at all. It is asked at every login, again for
	// every stream and twice a second for each key that has connections, from several goroutines, so it answers quickly,
	// and by what holds now. When it says less than before, the connections of that key are closed.
	Authorize func(key PublicKey) (Grant, error)

	// Handle holds one conversation. When it returns, the stream is ended and closed. ctx ends with the stream, the
	// connection or the server.
	Handle func(ctx context.Context, peer Peer, stream Stream, request []byte)

	// Subsystems are what a stock client may ask for by name besides, as "sftp". Each is like Handle, without a request.
	Subsystems map[string]func(ctx context.Context, peer Peer, stream Stream)

	Log    func(Event) // may be nil; called from several goroutines
	Limits Limits

	timing timing
}

// EventKind is what happened.
type EventKind string

// The events. A key that is merely offered and not admitted is Refused too: clients try several.
const (
	Connected EventKind = "connected" // a key was admitted
	Refused   EventKind = "refused"   // a key was not admitted, a stream was not opened
	Dropped   EventKind = "dropped"   // a connection was closed before or without a login
	Closed    EventKind = "closed"    // a connection that was Connected is over
	Failed    EventKind = "failed"    // this side made a mistake; the connection or stream is closed

	Registered EventKind = "registered" // of a hub: a peer can be reached through it
	Relayed    EventKind = "relayed"    // of a hub: a peer reached another
	Parted     EventKind = "parted"     // of a hub: the end of that
)

// Event is one line of the server's log. It holds nothing the peer chose but its address and its key.
type Event struct {
	Kind   EventKind
	Remote string
	Grant  Grant  // Key alone when the key was refused
	Reason string // a sentence of this package, or the error of Authorize

	// Of a hub.
	Other          Grant // who is reached
	Port           int   // by which
	Sent, Received int64 // bytes that the one who reached the other has sent and received
}

// Serve answers on l until ctx ends, and returns when every connection is closed and every Handle has returned. It closes l.
func Serve(ctx context.Context, l net.Listener, cfg ServerConfig) error {
	if cfg.Handle == nil {
		l.Close()
		return errors.New("ssh: a server needs Handle")
	}
	s, err := newServer(cfg, conversations{})
	if err != nil {
		l.Close()
		return err
	}
	return s.serve(ctx, l)
}

func (s *server) serve(ctx context.Context, l net.Listener) error {
	ctx, cancel := context.WithCancel(ctx)
	defer s.work.Wait()
	defer cancel()
	s.work.Go(func() { s.review(ctx) })
	s.work.Go(func() { s.gate.watch(ctx) })
	stop := context.AfterFunc(ctx, func() { l.Close() })
	defer stop()
	defer l.Close()
	var wait time.Duration
	for {
		conn, err := l.Accept()
		if err == nil {
			wait = 0
			s.admit(ctx, conn)
			continue
		}
		if ctx.Err() != nil {
			return nil
		}
		if errors.Is(err, net.ErrClosed) {
			return fmt.Errorf("accept: %w", err)
		}
		// Out of file descriptors, or a peer that left early: it passes.
		wait = min(max(2*wait, 5*time.Millisecond), time.Second)
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
		}
	}
}

// role is what a server does for those who have logged in.
type role interface {
	// requests answers global requests until there are no more.
	requests(c *serverConn, reqs <-chan *gossh.Request)
	// open answers one channel-open message. It runs in the loop that reads them, so all work is done elsewhere.
	open(ctx context.Context, c *serverConn, fresh gossh.NewChannel)
	// left is told that the connection is over.
	left(c *serverConn)
}

// server is the state Serve's connections share.
type server struct {
	ServerConfig
	role role
	work sync.WaitGroup

	gate *gate
	log  *eventLog

	mu       sync.Mutex
	standing map[*serverConn]struct{} // connections after the login
	keys     map[string]keyUse        // what of these each key has, by its fingerprint
}

// keyUse is what one key has at this moment.
type keyUse struct{ connections, streams int }

func newServer(cfg ServerConfig, does role) (*server, error) {
	if cfg.HostKey == nil || cfg.Authorize == nil {
		return nil, errors.New("ssh: a server needs HostKey and Authorize")
	}
	if kind := cfg.HostKey.PublicKey().Type(); kind != "ssh-ed25519" {
		return nil, fmt.Errorf("%w: a host key of type %s", ErrKey, kind)
	}
	cfg.Limits = cfg.Limits.filled()
	if cfg.Limits.Handshake > 0 {
		cfg.timing.handshake = cfg.Limits.Handshake
	}
	cfg.timing = cfg.timing.filled()
	if cfg.Log == nil {
		cfg.Log = func(Event) {}
	}
	return &server{ServerConfig: cfg, role: does, gate: newGate(cfg.Limits, cfg.timing.stall), log: &eventLog{to: cfg.Log},
		standing: map[*serverConn]struct{}{}, keys: map[string]keyUse{}}, nil
}

// admit starts a connection, or hangs up when too many are in front of the door.
func (s *server) admit(ctx context.Context, conn net.Conn) {
	s.work.Go(func() {
		c := &serverConn{server: s, wire: newWire(conn), remote: conn.RemoteAddr().String(), gone: make(chan struct{})}
		a := &arrival{wire: c.wire, source: sourceOf(conn.RemoteAddr())}
		if !s.gate.enter(ctx, a, s.timing.handshake) {
			conn.Close()
			s.log.strange(Event{Kind: Dropped, Remote: c.remote, Reason: "too many connections without a login"})
			return
		}
		defer s.gate.leave(a)
		c.run(ctx, a)
	})
}

// stand takes a connection that has logged in; false when there are enough.
func (s *server) stand(c *serverConn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	use := s.keys[c.who.grant.Key]
	if len(s.standing) >= s.Limits.Connections || use.connections >= s.Limits.PerKey {
		return false
	}
	s.standing[c] = struct{}{}
	use.connections++
	s.keys[c.who.grant.Key] = use
	return true
}

func (s *server) unstand(c *serverConn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.standing, c)
	s.used(c.who.grant.Key, keyUse{connections: -1})
}

// stream counts a stream of the key; false when there are enough. unstream takes it back.
func (s *server) stream(key string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	use := s.keys[key]
	if use.streams >= s.Limits.Streams {
		return false
	}
	use.streams++
	s.keys[key] = use
	return true
}

func (s *server) unstream(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.used(key, keyUse{streams: -1})
}

// used changes what a key has. The caller holds s.mu.
func (s *server) used(key string, by keyUse) {
	use := s.keys[key]
	use.connections += by.connections
	use.streams += by.streams
	s.keys[key] = use
	if use == (keyUse{}) {
		delete(s.keys, key)
	}
}

// sourceOf is what counts as one source: an IPv4 address, or the /64 one IPv6 host usually has to itself.
func sourceOf(addr net.Addr) netip.Addr {
	if relayed, ok := addr.(*relayedAddr); ok {
		addr = relayed.origin
	}
	tcp, ok := addr.(*net.TCPAddr)
	if !ok {
		return netip.Addr{}
	}
	ip := tcp.AddrPort().Addr().Unmap().WithZone("")
	if ip.Is6() {
		if prefix, err := ip.Prefix(64); err == nil {
			return prefix.Addr()
		}
	}
	return ip
}
