package ssh

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	gossh "golang.org/x/crypto/ssh"
)

// TestMain lets the test binary stand in for the program behind sshd: `ssh.test helper KIND`.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == "helper" {
		os.Exit(helper(os.Args[2]))
	}
	os.Exit(m.Run())
}

func helper(kind string) int {
	if kind == "lab" {
		return helperLab()
	}
	request, err := ReadRequest(os.Stdin)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 9
	}
	switch kind {
	case "echo":
		os.Stdout.Write(request)
		if _, err := io.Copy(os.Stdout, os.Stdin); err != nil {
			return 9
		}
		return 0
	}
	fmt.Fprintln(os.Stderr, "no such \x1b[31mengagement")
	return 5
}

// patience bounds what must happen soon; it is long because the machine may be busy.
const patience = 30 * time.Second

func newKey(t testing.TB) (Signer, []byte) {
	t.Helper()
	private, _, err := GenerateKey(rand.Reader, "test")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ParseKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return signer, private
}

// testServer is a server of ours on the loopback address, whose keys may change while it runs.
type testServer struct {
	t      testing.TB
	addr   *net.TCPAddr
	host   Signer
	user   Signer
	home   string // of the client: .ssh/known_hosts names the server
	config ServerConfig
	serve  func(context.Context, net.Listener) error // nil: Serve with config
	stop   func()

	mu     sync.Mutex
	grants map[string]Grant
	events []Event
	news   chan struct{}
}

func startServer(t testing.TB, change func(*testServer)) *testServer {
	t.Helper()
	s := &testServer{t: t, home: t.TempDir(), grants: map[string]Grant{}, news: make(chan struct{}, 1024)}
	s.host, _ = newKey(t)
	s.user, _ = newKey(t)
	s.grant(s.user, Grant{Level: LevelFull, Name: "ann"})
	s.config = ServerConfig{HostKey: s.host, Authorize: s.authorize, Log: s.log, Handle: echo}
	if change != nil {
		change(s)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.addr = l.Addr().(*net.TCPAddr)
	s.know(s.host.PublicKey())
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	if s.serve == nil {
		s.serve = func(ctx context.Context, l net.Listener) error { return Serve(ctx, l, s.config) }
	}
	go func() { ended <- s.serve(ctx, l) }()
	s.stop = sync.OnceFunc(func() {
		cancel()
		select {
		case err := <-ended:
			if err != nil {
				t.Errorf("Serve: %v", err)
			}
		case <-time.After(patience):
			t.Error("Serve does not end")
		}
	})
	t.Cleanup(s.stop)
	return s
}

// echo writes the request, the level, and then what it reads.
func echo(_ context.Context, peer Peer, stream Stream, request []byte) {
	fmt.Fprintf(stream, "%s %s:", peer.Level, peer.Name)
	_, _ = stream.Write(request)
	_, _ = io.Copy(stream, stream)
}

func (s *testServer) authorize(key PublicKey) (Grant, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if grant, ok := s.grants[Fingerprint(key)]; ok {
		return grant, nil
	}
	return Grant{}, ErrNotAuthorized
}

func (s *testServer) grant(key Signer, grant Grant) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.grants[Fingerprint(key.PublicKey())] = grant
}

func (s *testServer) withdraw(key Signer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.grants, Fingerprint(key.PublicKey()))
}

func (s *testServer) log(e Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.events = append(s.events, e)
	select {
	case s.news <- struct{}{}:
	default:
	}
}

// await returns the n-th event of a kind.
func (s *testServer) await(kind EventKind, n int) Event {
	s.t.Helper()
	late := time.After(patience)
	for {
		s.mu.Lock()
		seen := 0
		for _, e := range s.events {
			if e.Kind == kind {
				if seen++; seen == n {
					s.mu.Unlock()
					return e
				}
			}
		}
		s.mu.Unlock()
		select {
		case <-s.news:
		case <-late:
			s.t.Fatalf("no event %q number %d; there were %v", kind, n, s.events)
		}
	}
}

// know makes key the one the client's known_hosts holds.
func (s *testServer) know(key PublicKey) {
	s.t.Helper()
	write(s.t, filepath.Join(s.home, ".ssh", "known_hosts"), fmt.Sprintf("[127.0.0.1]:%d %s\n", s.addr.Port, PublicLine(key, "")))
	write(s.t, filepath.Join(s.home, "config"), "")
}

func (s *testServer) target() Target {
	return Target{User: "someone", Host: "127.0.0.1", Port: s.addr.Port}
}

func (s *testServer) client(change func(*Config)) Config {
	cfg := Config{
		Home: s.home, ConfigFile: filepath.Join(s.home, "config"), Signers: []Signer{s.user},
		Getenv: func(string) string { return "" },
	}
	if change != nil {
		change(&cfg)
	}
	return cfg
}

func (s *testServer) dial(change func(*Config)) *Client {
	s.t.Helper()
	c, err := Dial(s.t.Context(), s.target(), s.client(change))
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { c.Close() })
	return c
}

func write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func read(t testing.TB, r io.Reader) string {
	t.Helper()
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatalf("read: %v (after %q)", err, text)
	}
	return string(text)
}

func open(t testing.TB, c *Client, request string) Stream {
	t.Helper()
	s, err := c.Open(t.Context(), []byte(request))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func want(t testing.TB, err, sentinel error) {
	t.Helper()
	if !errors.Is(err, sentinel) {
		t.Fatalf("error is %v, want %v", err, sentinel)
	}
}

// pattern is size bytes that differ from packet to packet.
func pattern(size int) []byte {
	return bytes.Repeat([]byte(hex.EncodeToString([]byte("esync/1 pattern of 31 bytes, odd"))), size/64+1)[:size]
}

// rawClient is a client of x/crypto alone, for what ours would never send.
func (s *testServer) rawClient() *gossh.Client {
	s.t.Helper()
	c, err := gossh.Dial("tcp", s.addr.String(), &gossh.ClientConfig{
		User: "raw", Auth: []gossh.AuthMethod{gossh.PublicKeys(s.user)}, HostKeyCallback: gossh.FixedHostKey(s.host.PublicKey()),
	})
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { c.Close() })
	return c
}
