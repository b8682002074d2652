package agent

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
	"sync/atomic"
	"testing"
	"time"

	"github.com/esync/esync/transport/ssh"
)

// TestMain lets the test binary stand in for other processes.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 {
		switch os.Args[1] {
		case "serve": // an agent
			l, err := Listen(os.Args[2])
			if err != nil {
				os.Exit(3)
			}
			if err := Serve(context.Background(), l, Options{Version: "v1", Idle: 3 * time.Second}); err != nil {
				os.Exit(4)
			}
			os.Exit(0)
		case "knock": // a command of somebody else
			conn, err := net.Dial("unix", os.Args[2])
			if err != nil {
				os.Exit(3)
			}
			text, _ := io.ReadAll(conn)
			fmt.Printf("%q", text)
			os.Exit(0)
		}
	}
	os.Exit(m.Run())
}

const patience = 30 * time.Second

func eventually(t testing.TB, complaint string, done func() bool) {
	t.Helper()
	for late := time.Now().Add(patience); !done(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(late) {
			t.Fatal(complaint)
		}
	}
}

// office is a peer: a server of ours behind a relay that can be slow, silent or cut.
type office struct {
	t      testing.TB
	home   string
	addr   *net.TCPAddr // of the relay
	host   ssh.Signer
	user   ssh.PublicKey
	delay  time.Duration
	mute   atomic.Bool
	logins atomic.Int32
	asked  atomic.Int32 // conversations

	mu      sync.Mutex
	conns   []net.Conn
	refused bool
}

func newKey(t testing.TB) (ssh.Signer, []byte) {
	t.Helper()
	private, _, err := ssh.GenerateKey(rand.Reader, "test")
	if err != nil {
		t.Fatal(err)
	}
	key, err := ssh.ParseKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return key, private
}

func startOffice(t testing.TB, delay time.Duration) *office {
	t.Helper()
	o := &office{t: t, home: t.TempDir(), delay: delay}
	o.host, _ = newKey(t)
	user, private := newKey(t)
	o.user = user.PublicKey()
	o.write("id_ed25519", string(private))
	server, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		ended <- ssh.Serve(ctx, server, ssh.ServerConfig{
			HostKey: o.host, Authorize: o.authorize, Handle: o.handle,
			Log: func(e ssh.Event) {
				if e.Kind == ssh.Connected {
					o.logins.Add(1)
				}
			},
		})
	}()
	relay, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	o.addr = relay.Addr().(*net.TCPAddr)
	t.Cleanup(func() { relay.Close(); o.cut(); cancel(); <-ended })
	o.write("known_hosts", fmt.Sprintf("[127.0.0.1]:%d %s\n", o.addr.Port, ssh.PublicLine(o.host.PublicKey(), "")))
	o.write("config", fmt.Sprintf("IdentityFile %s\nUserKnownHostsFile %s\nGlobalKnownHostsFile none\n", o.path("id_ed25519"), o.path("known_hosts")))
	go func() {
		for {
			near, err := relay.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", server.Addr().String())
			if err != nil {
				near.Close()
				continue
			}
			o.mu.Lock()
			o.conns = append(o.conns, near, far)
			o.mu.Unlock()
			mute := o.mute.Load() // what comes later is heard
			go o.pass(near, far, mute)
			go o.pass(far, near, mute)
		}
	}()
	return o
}

// pass passes bytes on after the delay. A connection made while the relay was not mute falls silent when it becomes so.
func (o *office) pass(from, to net.Conn, late bool) {
	type piece struct {
		due  time.Time
		data []byte
	}
	queue := make(chan piece, 256)
	go func() {
		for p := range queue {
			time.Sleep(time.Until(p.due))
			if p.data == nil {
				to.Close()
				return
			}
			_, _ = to.Write(p.data)
		}
	}()
	defer close(queue)
	for {
		buffer := make([]byte, 32<<10)
		n, err := from.Read(buffer)
		if o.mute.Load() && !late {
			_, _ = io.Copy(io.Discard, from)
			return
		}
		if n > 0 {
			queue <- piece{time.Now().Add(o.delay), buffer[:n]}
		}
		if err != nil {
			queue <- piece{time.Now().Add(o.delay), nil}
			return
		}
	}
}

// cut ends all connections.
func (o *office) cut() {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, conn := range o.conns {
		conn.Close()
	}
	o.conns = nil
}

func (o *office) path(name string) string { return filepath.Join(o.home, name) }

func (o *office) write(name, text string) {
	o.t.Helper()
	if err := os.WriteFile(o.path(name), []byte(text), 0o600); err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) authorize(key ssh.PublicKey) (ssh.Grant, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.refused || ssh.Fingerprint(key) != ssh.Fingerprint(o.user) {
		return ssh.Grant{}, ssh.ErrNotAuthorized
	}
	return ssh.Grant{Level: ssh.LevelFull, Name: "ann"}, nil
}

// handle echoes; some requests mean something else.
func (o *office) handle(ctx context.Context, _ ssh.Peer, stream ssh.Stream, request []byte) {
	o.asked.Add(1)
	switch string(request) {
	case "panic":
		panic("handle")
	case "wait":
		<-ctx.Done()
	case "cut":
		_, _ = io.WriteString(stream, "half a wo")
		stream.Close()
	case "swallow":
		_, _ = io.Copy(io.Discard, stream)
		<-ctx.Done()
	default:
		_, _ = stream.Write(append([]byte("ann:"), request...))
		_, _ = io.Copy(stream, stream)
	}
}

func (o *office) config() ssh.Config {
	return ssh.Config{Home: o.home, ConfigFile: o.path("config"), Getenv: func(string) string { return "" }}
}

func (o *office) target() ssh.Target {
	return ssh.Target{User: "ann", Host: "127.0.0.1", Port: o.addr.Port}
}

func (o *office) spec() Spec {
	s, ok := SpecOf(o.target(), o.config(), "")
	if !ok {
		o.t.Fatal("no spec")
	}
	return s
}

// shortFolder is one whose name leaves room for a socket's.
func shortFolder(t testing.TB) string {
	t.Helper()
	folder, err := os.MkdirTemp("", "agent-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(folder) })
	return filepath.Join(folder, "agent")
}

// startAgent runs an agent, and returns its folder and what ends it.
func startAgent(t testing.TB, o Options) (folder string, end func()) {
	t.Helper()
	folder = shortFolder(t)
	if o.Version == "" {
		o.Version = "v1"
	}
	l, err := Listen(folder)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- Serve(ctx, l, o) }()
	end = sync.OnceFunc(func() {
		cancel()
		select {
		case err := <-ended:
			if err != nil {
				t.Errorf("Serve: %v", err)
			}
		case <-time.After(patience):
			t.Error("the agent does not end")
		}
	})
	t.Cleanup(end)
	return folder, end
}

func dial(t testing.TB, folder string, spec Spec) *Client {
	t.Helper()
	c, err := Dial(t.Context(), folder, "v1", spec)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func open(t testing.TB, c *Client, request string) ssh.Stream {
	t.Helper()
	s, err := c.Open(t.Context(), []byte(request))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// ask holds a whole conversation.
func ask(t testing.TB, c *Client, request, more string) string {
	t.Helper()
	s := open(t, c, request)
	go func() {
		_, _ = io.WriteString(s, more)
		_ = s.CloseWrite()
	}()
	text, err := io.ReadAll(s)
	if err != nil {
		t.Fatalf("%v after %d bytes", err, len(text))
	}
	_ = s.Close()
	return string(text)
}

func want(t testing.TB, err, sentinel error) {
	t.Helper()
	if !errors.Is(err, sentinel) {
		t.Fatalf("error is %v, want %v", err, sentinel)
	}
}

func pattern(size int) string {
	return string(bytes.Repeat([]byte(hex.EncodeToString([]byte("esync pattern of 31 bytes, odd!"))), size/62+1)[:size])
}
