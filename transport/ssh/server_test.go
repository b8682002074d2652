package ssh

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	gossh "golang.org/x/crypto/ssh"
)

func refusedKey(t *testing.T) {
	t.Parallel()
	s := startServer(t, nil)
	strangers := make([]Signer, 8)
	for i := range strangers {
		strangers[i], _ = newKey(t)
	}
	_, err := Dial(t.Context(), s.target(), s.client(func(c *Config) { c.Signers = strangers }))
	want(t, err, ErrAuth)
	var failure *AuthError
	if !errors.As(err, &failure) || len(failure.Offered) != maxOffers || len(failure.Skipped) != 2 {
		t.Fatalf("the error is %#v", err)
	}
	for i, offered := range failure.Offered {
		if !strings.Contains(offered, Fingerprint(strangers[i].PublicKey())) {
			t.Errorf("offer %d was %s", i, offered)
		}
	}
	if event := s.await(Refused, 1); event.Grant.Key != Fingerprint(strangers[0].PublicKey()) || event.Grant.Level != "" {
		t.Errorf("the log says %+v", event)
	}
	_, err = Dial(t.Context(), s.target(), s.client(func(c *Config) { c.Signers = nil }))
	want(t, err, ErrAuth)
	if !strings.Contains(err.Error(), "no key to offer") {
		t.Error(err)
	}
	// The right key last is still found.
	if _, err := Dial(t.Context(), s.target(), s.client(func(c *Config) { c.Signers = append(strangers[:5:5], s.user) })); err != nil {
		t.Error(err)
	}
}

// Passwords, "none", certificates and weak keys open nothing.
func noOtherLogin(t *testing.T) {
	t.Parallel()
	s := startServer(t, nil)
	ca, _ := newKey(t)
	cert := &gossh.Certificate{Key: s.user.PublicKey(), CertType: gossh.UserCert, ValidPrincipals: []string{"raw"}, ValidBefore: gossh.CertTimeInfinity}
	if err := cert.SignCert(strings.NewReader(strings.Repeat("x", 1000)), ca); err != nil {
		t.Fatal(err)
	}
	certSigner, err := gossh.NewCertSigner(cert, s.user)
	if err != nil {
		t.Fatal(err)
	}
	for name, auth := range map[string][]gossh.AuthMethod{
		"none":        nil,
		"password":    {gossh.Password("secret")},
		"certificate": {gossh.PublicKeys(certSigner)},
		"questions": {gossh.KeyboardInteractive(func(string, string, []string, []bool) ([]string, error) {
			return nil, nil
		})},
	} {
		c, err := gossh.Dial("tcp", s.addr.String(), &gossh.ClientConfig{User: "raw", Auth: auth, HostKeyCallback: gossh.FixedHostKey(s.host.PublicKey())})
		if err == nil {
			c.Close()
			t.Errorf("a login by %s succeeded", name)
		}
	}
}

// A key that is offered but not proved gives nothing, even when it is followed by another that is.
func levelIsOfTheProvedKey(t *testing.T) {
	t.Parallel()
	s := startServer(t, nil)
	reader, _ := newKey(t)
	s.grant(reader, Grant{Level: LevelRead, Name: "rob"})
	login := func(methods ...gossh.AuthMethod) (*gossh.Client, error) {
		return gossh.Dial("tcp", s.addr.String(), &gossh.ClientConfig{
			User: "raw", HostKeyCallback: gossh.FixedHostKey(s.host.PublicKey()),
			AuthCallback: func(*gossh.ClientAuthContext) (gossh.AuthMethod, error) {
				if len(methods) == 0 {
					return nil, nil
				}
				method := methods[0]
				methods = methods[1:]
				return method, nil
			},
		})
	}
	if c, err := login(gossh.PublicKeys(impostor{s.user, reader})); err == nil {
		c.Close()
		t.Fatal("a signature by another key was taken")
	}
	c, err := login(gossh.PublicKeys(impostor{s.user, nil}), gossh.PublicKeys(reader))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	ch, reqs, err := c.OpenChannel(channelType, []byte{payloadHere})
	if err != nil {
		t.Fatal(err)
	}
	go gossh.DiscardRequests(reqs)
	_, _ = ch.SendRequest(endRequest, false, nil)
	_ = ch.CloseWrite()
	if got := read(t, ch); got != "read rob:" {
		t.Fatalf("the stream has the grant %q", got)
	}
}

// impostor offers the key of one, and signs with that of another or not at all.
type impostor struct{ offered, signs Signer }

func (i impostor) PublicKey() gossh.PublicKey { return i.offered.PublicKey() }

func (i impostor) Sign(random io.Reader, data []byte) (*gossh.Signature, error) {
	if i.signs == nil {
		return nil, errors.New("changed my mind")
	}
	return i.signs.Sign(random, data)
}

func accessIsAskedAgain(t *testing.T) {
	t.Parallel()
	s := startServer(t, func(s *testServer) { s.config.timing.review = time.Hour })
	c := s.dial(nil)
	level := func() string {
		stream := open(t, c, "")
		_ = stream.CloseWrite()
		return read(t, stream)
	}
	if got := level(); got != "full ann:" {
		t.Fatal(got)
	}
	s.grant(s.user, Grant{Level: LevelRead, Name: "ann"})
	if got := level(); got != "read ann:" {
		t.Fatal(got)
	}
	s.grant(s.user, Grant{Level: "none"})
	_, err := c.Open(t.Context(), nil)
	want(t, err, ErrRefused)
	s.withdraw(s.user)
	_, err = c.Open(t.Context(), nil)
	want(t, err, ErrRefused)
	var refused *RefusedError
	if !errors.As(err, &refused) || refused.Message != sayWithdrawn {
		t.Fatalf("the error is %#v", err)
	}
}

func channelLimit(t *testing.T) {
	t.Parallel()
	s := startServer(t, func(s *testServer) { s.config.Limits.Channels = 3 })
	c := s.dial(nil)
	for range 3 {
		open(t, c, "")
	}
	for range 1000 {
		_, err := c.Open(t.Context(), nil)
		want(t, err, ErrBusy)
	}
	again := s.dial(nil) // another connection has streams of its own
	stream := open(t, again, "")
	_ = stream.CloseWrite()
	read(t, stream)
	stream.Close()
}

// Streams that ended make room, whoever ended them.
func channelsAreGivenBack(t *testing.T) {
	t.Parallel()
	s := startServer(t, func(s *testServer) { s.config.Limits.Channels = 1 })
	c := s.dial(nil)
	for i := range 50 {
		late := time.Now().Add(patience)
		for {
			stream, err := c.Open(t.Context(), nil)
			if errors.Is(err, ErrBusy) && time.Now().Before(late) { // the server hears of the last close a little later
				continue
			}
			if err != nil {
				t.Fatal(i, err)
			}
			if i%2 == 0 {
				_ = stream.CloseWrite()
				read(t, stream)
			}
			stream.Close()
			break
		}
	}
}

func onlyEsyncIsSpoken(t *testing.T) {
	t.Parallel()
	s := startServer(t, nil)
	c := s.rawClient()
	for _, kind := range []string{"direct-tcpip", "x11", "forwarded-tcpip", "direct-streamlocal@openssh.com", "auth-agent@openssh.com", "", "esync.2"} {
		_, _, err := c.OpenChannel(kind, nil)
		var refused *gossh.OpenChannelError
		if !errors.As(err, &refused) || refused.Reason != gossh.UnknownChannelType {
			t.Errorf("channel %q: %v", kind, err)
		}
	}
	for _, payload := range [][]byte{nil, {2}, {0, 1}, append([]byte{1}, pattern(MaxPayload+1)...)} {
		_, _, err := c.OpenChannel(channelType, payload)
		var refused *gossh.OpenChannelError
		if !errors.As(err, &refused) || refused.Message != sayMalformed {
			t.Errorf("payload of %d bytes: %v", len(payload), err)
		}
	}
	for _, request := range []string{"tcpip-forward", "streamlocal-forward@openssh.com", "no-more-sessions@openssh.com", "x"} {
		if ok, _, err := c.SendRequest(request, true, nil); ok || err != nil {
			t.Errorf("request %q: %v, %v", request, ok, err)
		}
	}
	for range 2000 { // a flood of requests nobody reads answers to
		if _, _, err := c.SendRequest("flood", false, nil); err != nil {
			t.Fatal(err)
		}
	}
	session, err := c.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	if err := session.Setenv("LC_ALL", "C"); err == nil {
		t.Error("a variable was taken")
	}
	if err := session.RequestPty("xterm", 80, 24, nil); err == nil {
		t.Error("a terminal was given")
	}
	var stderr strings.Builder
	session.Stderr = &stderr
	err = session.Run("rm -rf /")
	var exit *gossh.ExitError
	if !errors.As(err, &exit) || exit.ExitStatus() != 1 || stderr.String() != sayCommand {
		t.Errorf("a command ended with %v, and %q", err, stderr.String())
	}
}

// A panic in Handle or Authorize costs its stream or its connection, and nothing else.
func panics(t *testing.T) {
	t.Parallel()
	s := startServer(t, func(s *testServer) {
		s.config.Authorize = func(key PublicKey) (Grant, error) {
			grant, err := s.authorize(key)
			if grant.Name == "trap" {
				panic("authorize")
			}
			return grant, err
		}
		s.config.Handle = func(ctx context.Context, peer Peer, stream Stream, request []byte) {
			if string(request) == "panic" {
				panic("handle")
			}
			echo(ctx, peer, stream, request)
		}
	})
	c := s.dial(nil)
	stream := open(t, c, "panic")
	_, err := io.ReadAll(stream)
	var failure *RemoteError
	if !errors.As(err, &failure) || failure.Status != 1 {
		t.Errorf("a panic is seen as %v", err)
	}
	s.await(Failed, 1)
	trap, _ := newKey(t)
	s.grant(trap, Grant{Level: LevelFull, Name: "trap"})
	if _, err := Dial(t.Context(), s.target(), s.client(func(c *Config) { c.Signers = []Signer{trap} })); err == nil {
		t.Error("a panic let someone in")
	}
	stream = open(t, c, "x")
	_ = stream.CloseWrite()
	if got := read(t, stream); got != "full ann:x" {
		t.Error(got)
	}
}

func TestServeRefusesBadConfig(t *testing.T) {
	t.Parallel()
	key, _ := newKey(t)
	authorize := func(PublicKey) (Grant, error) { return Grant{}, ErrNotAuthorized }
	for _, cfg := range []ServerConfig{{}, {HostKey: key, Authorize: authorize}, {HostKey: key, Handle: echo}, {Authorize: authorize, Handle: echo}} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		if err := Serve(t.Context(), l, cfg); err == nil {
			t.Error("it served")
		}
		if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
			t.Error("the listener is left open")
		}
	}
}

// A stock client's subsystem gets what is registered under its name, and knows who asks.
func TestSubsystem(t *testing.T) {
	t.Parallel()
	s := startServer(t, func(s *testServer) {
		s.config.Subsystems = map[string]func(context.Context, Peer, Stream){
			"who": func(_ context.Context, peer Peer, stream Stream) {
				_, _ = io.WriteString(stream, peer.Level+" "+peer.Name+" "+peer.Key+" ")
				_, _ = io.Copy(stream, stream)
			},
			"trap": func(context.Context, Peer, Stream) { panic("subsystem") },
		}
	})
	c := s.rawClient()
	ask := func(name string) (string, error) {
		ch, reqs, err := c.OpenChannel("session", nil)
		if err != nil {
			t.Fatal(err)
		}
		go gossh.DiscardRequests(reqs)
		defer ch.Close()
		if _, err := ch.SendRequest("subsystem", true, gossh.Marshal(struct{ Name string }{name})); err != nil {
			return "", err
		}
		_, _ = io.WriteString(ch, "words")
		_ = ch.CloseWrite()
		text, err := io.ReadAll(ch)
		return string(text), err
	}
	for name, want := range map[string]string{
		"who": "full ann " + PublicLine(s.user.PublicKey(), "") + " words", "trap": "", "sftp": "", "": "",
	} {
		if got, err := ask(name); got != want {
			t.Errorf("subsystem %q says %q, %v", name, got, err)
		}
	}
}
