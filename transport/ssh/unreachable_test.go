package ssh

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	gossh "golang.org/x/crypto/ssh"
)

func TestObstacle(t *testing.T) {
	t.Parallel()
	number := func(n syscall.Errno) error {
		return &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", n)}
	}
	for name, c := range map[string]struct {
		system, address string
		err             error
		want            Obstacle
	}{
		"no such name":           {"linux", "nowhere.invalid:22", &net.OpError{Op: "dial", Err: &net.DNSError{IsNotFound: true}}, NoName},
		"no name service":        {"linux", "office:22", &net.OpError{Op: "dial", Err: &net.DNSError{IsTimeout: true}}, NoNames},
		"the service is broken":  {"linux", "office:22", &net.DNSError{IsTemporary: true}, NoNames},
		"refused":                {"linux", "192.0.2.1:22", number(numbersRefused[0]), NobodyThere},
		"no way":                 {"linux", "192.168.0.9:22", number(errnoNoHost), NoRoute},
		"no way on a Mac":        {"darwin", "203.0.113.9:22", number(errnoNoHost), NoRoute},
		"local network of a Mac": {"darwin", "192.168.0.9:22", number(errnoNoHost), LocalNetwork},
		"link-local":             {"darwin", "[fe80::1]:22", number(errnoNoHost), LocalNetwork},
		"a name in the network":  {"darwin", "lead.local:22", number(errnoNoHost), LocalNetwork},
		"another number":         {"darwin", "192.168.0.9:22", number(numbersNoRoute[1]), NoRoute},
		"the system gave up":     {"linux", "192.0.2.1:22", number(numbersSilent[0]), Silence},
		"we gave up":             {"linux", "192.0.2.1:22", &net.OpError{Op: "dial", Err: os.ErrDeadlineExceeded}, Silence},
		"the time was over":      {"linux", "192.0.2.1:22", fmt.Errorf("dial: %w", context.DeadlineExceeded), Silence},
		"it never spoke":         {"linux", "192.0.2.1:22", errSilent, Silence},
		"reset":                  {"linux", "192.0.2.1:22", number(numbersReset[0]), HungUp},
		"ended":                  {"linux", "192.0.2.1:22", fmt.Errorf("handshake: %w", io.EOF), HungUp},
		"not at the hub":         {"linux", "lead:22", &gossh.OpenChannelError{Reason: gossh.ConnectionFailed, Message: sayNobody}, NotListening},
		"too many at the hub":    {"linux", "lead:22", &gossh.OpenChannelError{Reason: gossh.ResourceShortage, Message: sayTooMany}, Crowded},
		"not at the sshd":        {"linux", "lead:22", &gossh.OpenChannelError{Reason: gossh.ConnectionFailed, Message: "connect \x1b[31mfailed"}, Other},
		"something else":         {"linux", "192.0.2.1:22", errors.New("surprise"), Other},
	} {
		got := obstacle(c.system, c.address, c.err)
		if got != c.want {
			t.Errorf("%s: %q", name, got)
		}
		e := &UnreachableError{c.address, "hub", got, c.err}
		if text := e.Error(); !strings.Contains(text, c.address) || !strings.Contains(text, string(c.want)) || strings.ContainsAny(text, "\x1b\n") {
			t.Errorf("%s: %s", name, text)
		}
		if !errors.Is(e, ErrUnreachable) || !errors.Is(e, c.err) || (e.Hint() == "") == (got == LocalNetwork) {
			t.Errorf("%s: %#v", name, e)
		}
	}
}

// Whatever is in the way, the user reads what, within the time that was given.
func TestUnreachable(t *testing.T) {
	t.Parallel()
	s := startServer(t, nil)
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := closed.Addr().(*net.TCPAddr).Port
	closed.Close()
	full := silentPort(t)
	hub := startHub(t, nil)
	write(t, s.home+"/.ssh/known_hosts", fmt.Sprintf("[127.0.0.1]:%d %s\n", hub.addr.Port, PublicLine(hub.host.PublicKey(), "")))
	bob := hub.member("bob")
	for name, c := range map[string]struct {
		target Target
		jump   []Target
		want   []Obstacle
		text   string
	}{
		"refused":            {Target{Host: "127.0.0.1", Port: port}, nil, []Obstacle{NobodyThere}, "nothing listens"},
		"no name":            {Target{Host: "nowhere.invalid"}, nil, []Obstacle{NoName, NoNames}, "nowhere.invalid"},
		"silent":             {Target{Host: "127.0.0.1", Port: full}, nil, []Obstacle{Silence}, "no answer"},
		"not at the hub":     {Target{Host: "lead"}, []Target{hub.target()}, []Obstacle{NotListening}, `"lead:22" through "127.0.0.1"`},
		"the hub is silent":  {Target{Host: "lead"}, []Target{{Host: "127.0.0.1", Port: full}}, []Obstacle{Silence}, "no answer"},
		"the hub is not one": {Target{Host: "lead"}, []Target{{Host: "127.0.0.1", Port: port}}, []Obstacle{NobodyThere}, itoa(port)},
	} {
		began := time.Now()
		_, err := Dial(t.Context(), c.target, s.client(func(cfg *Config) {
			cfg.Connect, cfg.Jump = 500*time.Millisecond, c.jump
			cfg.Signers = append(cfg.Signers, bob)
		}))
		var e *UnreachableError
		if !errors.As(err, &e) || !errors.Is(err, ErrUnreachable) || !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		found := false
		for _, want := range c.want {
			found = found || e.Obstacle == want
		}
		if took := time.Since(began); !found || took > 5*time.Second {
			t.Errorf("%s: %v after %v", name, err, took)
		}
	}
}

// silentPort is one on which a connection is taken, and nothing is ever said.
func silentPort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() }) // the system takes connections for us, which nobody reads or answers
	return l.Addr().(*net.TCPAddr).Port
}
