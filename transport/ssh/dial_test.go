package ssh

import (
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// A host that takes the connection and says nothing is given up after Connect; one that talks may take longer.
func TestConnectBoundsSilence(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	s := startServer(t, nil)
	began := time.Now()
	_, err = Dial(t.Context(), Target{Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port}, s.client(func(c *Config) { c.Connect = 100 * time.Millisecond }))
	want(t, err, ErrUnreachable)
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it took %v", took)
	}
	relay := newSlowRelay(t, s.addr.String(), 100*time.Millisecond)
	write(t, filepath.Join(s.home, ".ssh", "known_hosts"), relay.known(s.host.PublicKey()))
	c, err := Dial(t.Context(), relay.target(), s.client(func(c *Config) { c.Connect = 600 * time.Millisecond }))
	if err != nil {
		t.Fatalf("a handshake of %v under a bound of 600 ms: %v", 7*200*time.Millisecond, err)
	}
	c.Close()
}

// Config.Jump goes through a stock sshd, whatever the configuration says about the target; the pins are the target's alone.
func TestConfigJump(t *testing.T) {
	t.Parallel()
	d := startSSHD(t, "")
	s := startServer(t, nil)
	cfg := d.config(t, "")
	path := filepath.Join(d.home, "config-jump")
	text, err := os.ReadFile(cfg.ConfigFile)
	if err != nil {
		t.Fatal(err)
	}
	write(t, path, string(text)+"Host 127.*\nProxyCommand does-not-exist\n")
	cfg.ConfigFile, cfg.Signers = path, []Signer{s.user}
	cfg.HostKeys = []string{PublicLine(s.host.PublicKey(), "")}
	cfg.Jump = []Target{{Host: "box"}}
	c, err := Dial(t.Context(), s.target(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	again, err := c.Another(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	for _, c := range []*Client{c, again} {
		stream := open(t, c, "x")
		_ = stream.CloseWrite()
		if got := read(t, stream); got != "full ann:x" {
			t.Errorf("read %q", got)
		}
	}
	cfg.HostKeys = []string{PublicLine(d.host["ecdsa"], "")} // of the jump host
	_, err = Dial(t.Context(), s.target(), cfg)
	want(t, err, ErrHostKeyChanged)
}
