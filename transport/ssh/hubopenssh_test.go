package ssh

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// stock is the configuration of a stock ssh client, in a file of its own.
type stock struct {
	t      testing.TB
	ssh    string
	folder string
	text   strings.Builder
	known  strings.Builder
}

func newStock(t testing.TB) *stock {
	t.Helper()
	ssh, err := exec.LookPath("ssh")
	if err != nil {
		t.Skip("NOT TESTED: there is no ssh on this machine")
	}
	return &stock{t: t, ssh: ssh, folder: t.TempDir()}
}

// host says how name is reached, with which key, and which key it has.
func (s *stock) host(name, user string, port int, key []byte, known PublicKey) {
	s.t.Helper()
	identity := filepath.Join(s.folder, "key-"+name)
	write(s.t, identity, string(key))
	fmt.Fprintf(&s.text, "Host %s\nUser %s\nIdentityFile %s\n", name, user, identity)
	if port != 0 {
		fmt.Fprintf(&s.text, "HostName 127.0.0.1\nPort %d\n", port)
	}
	fmt.Fprintf(&s.text, "HostKeyAlias %s\n", name)
	fmt.Fprintf(&s.known, "%s %s\n", name, PublicLine(known, ""))
}

// command is a stock program of OpenSSH that reads this configuration.
func (s *stock) command(program string, args ...string) *exec.Cmd {
	s.t.Helper()
	known, config := filepath.Join(s.folder, "known"), filepath.Join(s.folder, "config")
	write(s.t, known, s.known.String())
	write(s.t, config, s.text.String()+"Host *\nIdentitiesOnly yes\nIdentityAgent none\nBatchMode yes\nStrictHostKeyChecking yes\nUserKnownHostsFile "+known+"\nGlobalKnownHostsFile none\n")
	return exec.CommandContext(s.t.Context(), program, append([]string{"-F", config}, args...)...)
}

// Stock ssh reaches a peer of ours through a hub of ours.
func TestHubStockDials(t *testing.T) {
	t.Parallel()
	hub := startHub(t, nil)
	lead := hub.member("lead")
	bob, bobs := newKey(t)
	hub.grant(bob, Grant{Level: LevelFull, Name: "bob"})
	p := startPeer(t, hub, lead, nil, nil)
	p.grant(bob, Grant{Level: LevelRead, Name: "rob"})
	s := newStock(t)
	s.host("hub", "someone", hub.addr.Port, bobs, hub.host.PublicKey())
	s.host("lead", "someone", 0, bobs, p.host.PublicKey())
	request, _ := frameRequest([]byte("fetch"))
	data := string(pattern(4 << 20))
	cmd := s.command(s.ssh, "-J", "hub", "lead", "esync", "serve", "--stdio")
	var fail bytes.Buffer
	cmd.Stdin, cmd.Stderr = strings.NewReader(string(request)+data), &fail
	out, err := cmd.Output()
	if string(out) != "read rob:fetch"+data || err != nil {
		t.Errorf("%d bytes came back, %v, %s", len(out), err, &fail)
	}
}

// Stock ssh registers at a hub of ours, in front of a server of ours; our client reaches that.
func TestHubStockListens(t *testing.T) {
	t.Parallel()
	hub := startHub(t, nil)
	server := startServer(t, nil)
	lead, leads := newKey(t)
	hub.grant(lead, Grant{Level: LevelFull, Name: "lead"})
	s := newStock(t)
	s.host("hub", "someone", hub.addr.Port, leads, hub.host.PublicKey())
	cmd := s.command(s.ssh, "-N", "-R", fmt.Sprintf("0:127.0.0.1:%d", server.addr.Port), "hub")
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	context.AfterFunc(ctx, func() { _ = cmd.Process.Kill() })
	lines := bufio.NewScanner(stderr)
	var port string
	for port == "" && lines.Scan() {
		if found := regexp.MustCompile(`Allocated port (\d+) for remote forward`).FindStringSubmatch(lines.Text()); found != nil {
			port = found[1]
		}
	}
	if event := hub.await(Registered, 1); itoa(event.Port) != port {
		t.Errorf("ssh says port %q, the hub %d", port, event.Port)
	}
	cfg := hub.client(as(hub.member("bob")))
	cfg.Signers = append(cfg.Signers, server.user)
	cfg.Jump, cfg.HostKeys = []Target{hub.target()}, []string{PublicLine(server.host.PublicKey(), "")}
	for _, target := range []Target{{Host: "lead"}, {Host: HubName(lead.PublicKey())}} {
		c, err := Dial(ctx, target, cfg)
		if err != nil {
			t.Fatal(err)
		}
		stream := open(t, c, "x")
		_ = stream.CloseWrite()
		if got := read(t, stream); got != "full ann:x" {
			t.Errorf("%v: %q", target, got)
		}
		c.Close()
	}
}

// A stock sshd is a hub, for keys that may forward ports and nothing else: ours registers there, and comes back; ours and
// stock ssh reach it.
func TestStockServerIsHub(t *testing.T) {
	t.Parallel()
	d := startSSHD(t, "")
	write(t, filepath.Join(d.home, "authorized"), "restrict,port-forwarding "+PublicLine(d.user.PublicKey(), "")+"\n")
	news := make(chan error, 64)
	cfg := d.config(t, "")
	cfg.Relayed = func(_ net.Addr, err error) { news <- err }
	client, err := Dial(t.Context(), Target{Host: "box"}, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() }) // after the server that listens through it
	l, err := client.Listen(t.Context(), "localhost", 0)
	if err != nil {
		t.Fatal(err)
	}
	bob, bobs := newKey(t)
	p := startServer(t, func(s *testServer) {
		s.grant(bob, Grant{Level: LevelRead, Name: "rob"})
		s.serve = func(ctx context.Context, unused net.Listener) error {
			unused.Close()
			return Serve(ctx, l, s.config)
		}
	})
	reach := func() (Target, Config) {
		cfg := d.config(t, "")
		cfg.Signers, cfg.Jump = []Signer{bob}, []Target{{Host: "box"}}
		cfg.HostKeys = []string{PublicLine(p.host.PublicKey(), "")}
		at := l.Addr().(RelayAddr)
		return Target{Host: at.Host, Port: at.Port}, cfg
	}
	ask := func() {
		t.Helper()
		target, cfg := reach()
		c, err := Dial(t.Context(), target, cfg)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		stream := open(t, c, "x")
		data := pattern(3 << 20)
		go func() {
			_, _ = stream.Write(data)
			_ = stream.CloseWrite()
		}()
		if got := read(t, stream); got != "read rob:x"+string(data) {
			t.Errorf("%d bytes came back", len(got))
		}
	}
	ask()
	s := newStock(t)
	private, err := os.ReadFile(filepath.Join(d.home, ".ssh", "id_ed25519"))
	if err != nil {
		t.Fatal(err)
	}
	s.host("hub", localUser(), d.addr.Port, private, d.host["ecdsa"])
	s.host("localhost", "someone", 0, bobs, p.host.PublicKey())
	request, _ := frameRequest([]byte("fetch"))
	cmd := s.command(s.ssh, "-J", "hub", "-p", itoa(l.Addr().(RelayAddr).Port), "localhost", "esync", "serve", "--stdio")
	cmd.Stdin = bytes.NewReader(request)
	if out, err := cmd.Output(); string(out) != "read rob:fetch" {
		t.Errorf("ssh -J: %q, %v", out, err)
	}
	client.wire.Conn.Close() // the cable, not the owner
	for err := range news {
		if err == nil {
			break
		}
	}
	ask()
	// A key that may not forward is told so.
	write(t, filepath.Join(d.home, "authorized"), "restrict "+PublicLine(d.user.PublicKey(), "")+"\n")
	c, err := Dial(t.Context(), Target{Host: "box"}, d.config(t, ""))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	_, err = c.Listen(ctx, "localhost", 0)
	want(t, err, ErrRefused)
}
