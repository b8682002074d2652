package ssh

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	gossh "golang.org/x/crypto/ssh"
)

// What a server of SSH that faces strangers must do, rule by rule, and the test of each.
func TestServerMust(t *testing.T) {
	t.Parallel()
	for _, rule := range []struct {
		name string
		test func(*testing.T)
	}{
		{"1 let few strangers in at once, of one address and in all", fewStrangers},
		{"1 make room when they stand still, and end by the clock", halfHandshakes},
		{"2 end a login without an end where there are no deadlines", lateThroughHub},
		{"3 speak with nobody who only knows what is weak", noWeakAlgorithms},
		{"4 take six keys and then hang up", sixTries},
		{"4 and 6 know no password, no none, no certificate", noOtherLogin},
		{"4 tell a stranger nothing but no", refusedKey},
		{"5 give a level for the key that is proved, not for one that is offered", levelIsOfTheProvedKey},
		{"5 ask again at every stream", accessIsAskedAgain},
		{"7 read everything that is sent, used or not", everythingIsDrained},
		{"7 not wait for a request that never comes", requestThatFollows},
		{"8 open eight streams of a connection, and some more of a key", channelLimit},
		{"8 count the streams of a key", streamsOfAKey},
		{"8 count what ended no more", channelsAreGivenBack},
		{"8 offer no terminal, shell, environment, agent, display, port or socket", onlyEsyncIsSpoken},
		{"9 ask for a sign of life, and give up", deadConnection},
		{"10 survive its own mistakes", panics},
		{"10 say fixed sentences", fixedSentences},
		{"11 log nothing a stranger wrote", cleanLog},
	} {
		t.Run(rule.name, rule.test)
	}
}

// greeted reports whether the server says a word within the time.
func greeted(conn net.Conn, patience time.Duration) bool {
	_ = conn.SetReadDeadline(time.Now().Add(patience))
	_, err := io.ReadFull(conn, make([]byte, len(banner)))
	return err == nil
}

func fewStrangers(t *testing.T) {
	t.Parallel()
	if elsewhere() == nil {
		t.Skip("NOT TESTED: this machine has one loopback address")
	}
	s := startServer(t, func(s *testServer) { s.config.timing.stall = time.Hour })
	knock := func(last byte) net.Conn {
		conn, err := (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 1, last)}}).Dial("tcp", s.addr.String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		return conn
	}
	for source := range byte(6) {
		for range 10 {
			if !greeted(knock(source), patience) {
				t.Fatal("one of the first ten is not greeted")
			}
		}
		if source == 0 && greeted(knock(source), 50*time.Millisecond) {
			t.Error("the eleventh of an address is greeted")
		}
	}
	for range 4 {
		if !greeted(knock(9), patience) {
			t.Fatal("one of the first 64 is not greeted")
		}
	}
	last := knock(10)
	if greeted(last, 50*time.Millisecond) {
		t.Error("the 65th is greeted")
	}
}

// A connection through a relay has no deadlines, and is given up by the clock all the same.
func lateThroughHub(t *testing.T) {
	t.Parallel()
	hub := startHub(t, nil)
	p := startPeer(t, hub, hub.member("lead"), func(s *testServer) { s.config.Limits.Handshake = 200 * time.Millisecond }, nil)
	conn, err := hub.dial(as(hub.member("bob"))).conn.Dial("tcp", "lead:1")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_, _ = io.WriteString(conn, "SSH-2.0-slow\r\n")
	if text, err := io.ReadAll(conn); err != nil || !strings.HasPrefix(string(text), banner) {
		t.Errorf("%q, %v", text, err)
	}
	p.await(Dropped, 1)
}

func noWeakAlgorithms(t *testing.T) {
	t.Parallel()
	s := startServer(t, nil)
	dial := func(change func(*gossh.ClientConfig)) error {
		cfg := &gossh.ClientConfig{User: "raw", Auth: []gossh.AuthMethod{gossh.PublicKeys(s.user)}, HostKeyCallback: gossh.FixedHostKey(s.host.PublicKey())}
		change(cfg)
		c, err := gossh.Dial("tcp", s.addr.String(), cfg)
		if err == nil {
			c.Close()
		}
		return err
	}
	weak := gossh.InsecureAlgorithms()
	known := gossh.SupportedAlgorithms()
	for kind, c := range map[string]struct {
		good []string
		all  []string
		set  func(*gossh.ClientConfig, string)
	}{
		"key exchange": {serverExchanges, append(known.KeyExchanges, weak.KeyExchanges...), func(c *gossh.ClientConfig, name string) { c.KeyExchanges = []string{name} }},
		"cipher":       {ciphers, append(known.Ciphers, weak.Ciphers...), func(c *gossh.ClientConfig, name string) { c.Ciphers = []string{name} }},
		"host key":     {[]string{gossh.KeyAlgoED25519}, append(known.HostKeys, weak.HostKeys...), func(c *gossh.ClientConfig, name string) { c.HostKeyAlgorithms = []string{name} }},
	} {
		for _, name := range c.all {
			if strings.HasPrefix(name, "diffie-hellman-group-exchange") {
				continue // x/crypto has no client for it
			}
			good := false
			for _, other := range c.good {
				good = good || name == other
			}
			err := dial(func(cfg *gossh.ClientConfig) { c.set(cfg, name) })
			var apart *gossh.AlgorithmNegotiationError
			if good && err != nil && name != "curve25519-sha256@libssh.org" || !good && !errors.As(err, &apart) {
				t.Errorf("%s %s: %v", kind, name, err)
			}
		}
	}
	for _, mac := range macs {
		if !strings.Contains(mac, "etm") {
			t.Errorf("MAC %s", mac)
		}
	}
	for _, name := range userKeyTypes {
		if strings.Contains(name, "cert") || name == gossh.KeyAlgoRSA || strings.Contains(name, "dss") {
			t.Errorf("signatures by %s are taken", name)
		}
	}
}

func sixTries(t *testing.T) {
	t.Parallel()
	s := startServer(t, nil)
	keys := make([]Signer, maxAuthTries)
	for i := range keys {
		keys[i], _ = newKey(t)
	}
	try := func(keys ...Signer) error {
		c, err := gossh.Dial("tcp", s.addr.String(), &gossh.ClientConfig{
			User: "raw", Auth: []gossh.AuthMethod{gossh.PublicKeys(keys...)}, HostKeyCallback: gossh.FixedHostKey(s.host.PublicKey()),
		})
		if err == nil {
			c.Close()
		}
		return err
	}
	if err := try(append(keys[:maxAuthTries-1:maxAuthTries-1], s.user)...); err != nil {
		t.Errorf("the right key as number %d: %v", maxAuthTries, err)
	}
	if err := try(append(keys, s.user)...); err == nil {
		t.Errorf("the right key as number %d is taken", maxAuthTries+1)
	}
}

// Whatever a peer sends where nothing is expected is read and thrown away, and its streams go on.
func everythingIsDrained(t *testing.T) {
	t.Parallel()
	s := startServer(t, nil)
	c := s.rawClient()
	session, reqs, err := c.OpenChannel("session", nil)
	if err != nil {
		t.Fatal(err)
	}
	go gossh.DiscardRequests(reqs)
	ch, reqs, err := c.OpenChannel(channelType, append([]byte{payloadHere}, "x"...))
	if err != nil {
		t.Fatal(err)
	}
	go gossh.DiscardRequests(reqs)
	for range 200 {
		for _, channel := range []gossh.Channel{session, ch} {
			if _, err := channel.SendRequest("noise", false, make([]byte, 100)); err != nil {
				t.Fatal(err)
			}
		}
		if _, _, err := c.SendRequest("noise", false, make([]byte, 100)); err != nil {
			t.Fatal(err)
		}
		if _, err := ch.Stderr().Write(make([]byte, 30<<10)); err != nil { // 6 MiB: three windows
			t.Fatal(err)
		}
	}
	_, _ = ch.Write([]byte("words"))
	_, _ = ch.SendRequest(endRequest, false, nil)
	_ = ch.CloseWrite()
	if got := read(t, ch); got != "full ann:xwords" {
		t.Errorf("the stream says %q", got)
	}
}

func streamsOfAKey(t *testing.T) {
	t.Parallel()
	s := startServer(t, func(s *testServer) { s.config.Limits = Limits{Channels: 3, Streams: 5} })
	one, two := s.dial(nil), s.dial(nil)
	for i := range 5 {
		open(t, []*Client{one, two}[i%2], "")
	}
	_, err := two.Open(t.Context(), nil)
	want(t, err, ErrBusy)
	bob, _ := newKey(t)
	s.grant(bob, Grant{Level: LevelRead, Name: "bob"})
	open(t, s.dial(as(bob)), "")
	one.Close()
	eventually(t, "what was closed still counts", func() bool {
		stream, err := two.Open(t.Context(), nil)
		if err == nil {
			stream.Close()
		}
		return err == nil
	})
}

// Nothing of this side's errors reaches a peer.
func fixedSentences(t *testing.T) {
	t.Parallel()
	const secret = "/home/boss/secret/authorized"
	s := startServer(t, func(s *testServer) {
		s.config.Authorize = func(key PublicKey) (Grant, error) {
			if grant, err := s.authorize(key); err == nil {
				return grant, nil
			}
			return Grant{}, fmt.Errorf("read %s: %w", secret, os.ErrPermission)
		}
		s.config.timing.review = time.Hour
	})
	stranger, _ := newKey(t)
	_, err := Dial(t.Context(), s.target(), s.client(as(stranger)))
	want(t, err, ErrAuth)
	if strings.Contains(fmt.Sprintf("%v %+v", err, err), "secret") {
		t.Errorf("a stranger reads %v", err)
	}
	c := s.dial(nil)
	s.withdraw(s.user)
	_, err = c.Open(t.Context(), nil)
	if want(t, err, ErrRefused); strings.Contains(err.Error(), "secret") {
		t.Errorf("a peer reads %v", err)
	}
	if event := s.await(Refused, 1); !strings.Contains(event.Reason, secret) {
		t.Errorf("the log lacks the reason: %+v", event)
	}
}

func cleanLog(t *testing.T) {
	t.Parallel()
	s := startServer(t, nil)
	const evil = "evil\x1b[31m\nforged line"
	for _, key := range []Signer{s.user, nil} {
		if key == nil {
			key, _ = newKey(t)
		}
		c, err := gossh.Dial("tcp", s.addr.String(), &gossh.ClientConfig{
			User: evil, Auth: []gossh.AuthMethod{gossh.PublicKeys(key)}, HostKeyCallback: gossh.FixedHostKey(s.host.PublicKey()), ClientVersion: "SSH-2.0-evil",
		})
		if err != nil {
			continue
		}
		defer c.Close()
		_, _, _ = c.OpenChannel(evil, []byte(evil))
		_, _, _ = c.OpenChannel(channelType, []byte(evil))
		if session, err := c.NewSession(); err == nil {
			_ = session.RequestSubsystem(evil)
		}
		if session, err := c.NewSession(); err == nil {
			_ = session.Run(evil)
		}
	}
	conn, err := net.Dial("tcp", s.addr.String())
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(conn, evil+"\r\n")
	conn.Close()
	s.await(Refused, 5)
	s.await(Dropped, 2)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.events {
		if strings.Contains(fmt.Sprintf("%+v", e), "evil") {
			t.Errorf("the log says %+v", e)
		}
	}
}

// The log does not grow with the number of strangers.
func TestStrangeEventsAreFew(t *testing.T) {
	t.Parallel()
	var logged []Event
	l := &eventLog{to: func(e Event) { logged = append(logged, e) }}
	for range 1000 {
		l.strange(Event{Kind: Refused, Reason: "no"})
	}
	if len(logged) > 2*strangeEvents {
		t.Errorf("%d events of 1000 are logged", len(logged))
	}
	l.second = time.Time{}
	l.strange(Event{Kind: Refused, Reason: "no"})
	if got := logged[len(logged)-1].Reason; !strings.Contains(got, "more events before") {
		t.Errorf("the last is %q", got)
	}
}

// What a client must do, rule by rule. Known hosts, hashed lines, several keys and wildcards are in TestKnownHosts, what is
// recorded and how in TestUnknownHostIsRecorded, the configuration in TestSettings and its neighbours.
func TestClientMust(t *testing.T) {
	t.Parallel()
	for _, rule := range []struct {
		name string
		test func(*testing.T)
	}{
		{"never pass the host's key over", neverInsecure},
		{"give up a handshake that stands still", silentPeer},
		{"offer few keys", fewOffers},
		{"dial nothing that could be taken for an option", onlyHosts},
	} {
		t.Run(rule.name, rule.test)
	}
}

func neverInsecure(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) < 10 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if name := "Insecure" + "IgnoreHostKey"; strings.Contains(string(text), name) {
			t.Errorf("%s uses %s", file, name)
		}
	}
}

func fewOffers(t *testing.T) {
	t.Parallel()
	ring := &keyring{}
	for range 20 {
		key, _ := newKey(t)
		ring.add(identity{key, "agent", false, false}, nil)
	}
	own, _ := newKey(t)
	ring.add(identity{own, "given", true, true}, nil)
	for _, ours := range []bool{true, false} {
		signers := ring.order(ours)
		if len(signers) > maxOffers {
			t.Errorf("%d keys are offered", len(signers))
		}
		found := -1
		for i, signer := range signers {
			if Fingerprint(signer.PublicKey()) == Fingerprint(own.PublicKey()) {
				found = i
			}
		}
		if found < 0 || ours && found != 0 {
			t.Errorf("esync's own key is number %d of %d", found, len(signers))
		}
	}
}

func onlyHosts(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"-oProxyCommand=x", "ssh://-x", "a b", "a;b", "a$b", "a`b`", "x@-y", "-u@h", "a\nb", "a/b", "", "ssh://", "h:0", "h:99999", "h\x00"} {
		if target, err := ParseTarget(text); err == nil {
			t.Errorf("%q is dialled as %+v", text, target)
		}
	}
}
