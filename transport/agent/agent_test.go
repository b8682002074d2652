package agent

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/esync/esync/transport/ssh"
)

// Law: what passes an agent is what would pass without it, and all commands share one login.
func TestConversations(t *testing.T) {
	t.Parallel()
	o := startOffice(t, 0)
	folder, _ := startAgent(t, Options{})
	first := dial(t, folder, o.spec())
	if first.Kept() || !first.Ours() || first.HostKeyLine() != ssh.PublicLine(o.host.PublicKey(), "") || first.UserKeyLine() != ssh.PublicLine(o.user, "") {
		t.Errorf("the first connection: %+v", first.info)
	}
	if first.Addr().String() != o.addr.String() || first.RTT() <= 0 {
		t.Errorf("the peer is at %v, %v away", first.Addr(), first.RTT())
	}
	for _, request := range []string{"", "fetch", pattern(ssh.MaxPayload + 1), pattern(ssh.MaxRequest)} {
		c := dial(t, folder, o.spec())
		if !c.Kept() {
			t.Error("the connection is not kept")
		}
		more := pattern(5 << 20)
		if got := ask(t, c, request, more); got != "ann:"+request+more {
			t.Errorf("a request of %d bytes and %d more came back as %d", len(request), len(more), len(got))
		}
	}
	var work sync.WaitGroup
	for i := range 8 {
		work.Go(func() {
			text := fmt.Sprintf("%d ", i) + pattern(1<<20)
			if got := ask(t, first, "x", text); got != "ann:x"+text {
				t.Errorf("%d bytes came back", len(got))
			}
		})
	}
	work.Wait()
	if got := o.logins.Load(); got != 1 {
		t.Errorf("%d logins", got)
	}
	if _, err := first.Open(t.Context(), make([]byte, ssh.MaxRequest+1)); !errors.Is(err, ssh.ErrRequest) {
		t.Error(err)
	}
}

// The ends of the two sides are independent, and a side that is closed without one is cut.
func TestEnds(t *testing.T) {
	t.Parallel()
	o := startOffice(t, 0)
	folder, _ := startAgent(t, Options{})
	c := dial(t, folder, o.spec())
	s := open(t, c, "late")
	if _, err := io.ReadFull(s, make([]byte, len("ann:late"))); err != nil {
		t.Fatal(err)
	}
	if err := s.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if rest, err := io.ReadAll(s); err != nil || len(rest) != 0 {
		t.Errorf("%q, %v", rest, err)
	}
	if _, err := s.Write([]byte("x")); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("writing after the end: %v", err)
	}
	s.Close()
	s = open(t, c, "cut")
	text, err := io.ReadAll(s)
	if string(text) != "half a wo" || err == nil {
		t.Errorf("a cut is read as %q, %v", text, err)
	}
	want(t, err, io.ErrUnexpectedEOF)
	s.Close()
	s = open(t, c, "panic")
	_, err = io.ReadAll(s)
	var remote *ssh.RemoteError
	if !errors.As(err, &remote) || remote.Status != 1 {
		t.Errorf("a failure is read as %v", err)
	}
	s.Close()
	s = open(t, c, "wait")
	s.Close()
	if _, err := s.Read(make([]byte, 1)); !errors.Is(err, os.ErrClosed) {
		t.Errorf("reading what is closed: %v", err)
	}
	eventually(t, "the stream goes on", func() bool {
		state, err := Status(t.Context(), folder, "v1")
		return err == nil && state.Streams == 0 && len(state.Connections) == 1
	})
}

func TestCancel(t *testing.T) {
	t.Parallel()
	o := startOffice(t, 0)
	folder, _ := startAgent(t, Options{})
	c := dial(t, folder, o.spec())
	why := errors.New("the user left")
	for name, use := range map[string]func(ssh.Stream) error{
		"reading": func(s ssh.Stream) error { _, err := s.Read(make([]byte, 1)); return err },
		"writing": func(s ssh.Stream) error { _, err := io.WriteString(s, pattern(16<<20)); return err },
	} {
		ctx, cancel := context.WithCancelCause(t.Context())
		s, err := c.Open(ctx, []byte("wait"))
		if err != nil {
			t.Fatal(name, err)
		}
		result := make(chan error, 1)
		go func() { result <- use(s) }()
		cancel(why)
		want(t, <-result, why)
		s.Close()
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(why)
	_, err := c.Open(ctx, nil)
	want(t, err, why)
	_, err = Dial(ctx, folder, "v1", o.spec())
	want(t, err, why)
}

// Failures are those of package ssh; where a person could help there is no agent.
func TestFailures(t *testing.T) {
	t.Parallel()
	o := startOffice(t, 0)
	folder, _ := startAgent(t, Options{})
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := closed.Addr().(*net.TCPAddr).Port
	closed.Close()
	other, _ := newKey(t)
	change := func(do func(*Spec)) error {
		spec := o.spec()
		do(&spec)
		_, err := Dial(t.Context(), folder, "v1", spec)
		return err
	}
	err = change(func(s *Spec) { s.Target.Port = port })
	var unreachable *ssh.UnreachableError
	if !errors.As(err, &unreachable) || !errors.Is(err, ssh.ErrUnreachable) || unreachable.Obstacle != ssh.NobodyThere {
		t.Errorf("out of reach: %v", err)
	}
	err = change(func(s *Spec) { s.HostKeys = []string{ssh.PublicLine(other.PublicKey(), "")} })
	var hostKey *ssh.HostKeyError
	if !errors.As(err, &hostKey) || !errors.Is(err, ssh.ErrHostKeyChanged) || len(hostKey.Known) != 1 || errors.Is(err, ErrNoAgent) {
		t.Errorf("another host key: %v", err)
	}
	o.mu.Lock()
	o.refused = true
	o.mu.Unlock()
	err = change(func(*Spec) {})
	var auth *ssh.AuthError
	if !errors.As(err, &auth) || !errors.Is(err, ssh.ErrAuth) || len(auth.Offered) != 1 || auth.User != "ann" {
		t.Errorf("not admitted: %v", err)
	}
	want(t, change(func(s *Spec) { s.Target.Host = "-oProxyCommand=x" }), ssh.ErrTarget)
	want(t, change(func(s *Spec) { s.ConfigFile = o.path("nowhere") }), ssh.ErrConfig)
	want(t, change(func(s *Spec) { s.Target.Host = "localhost" }), ErrNoAgent) // a host that is not known
	direct, err := ssh.Dial(t.Context(), o.target(), o.config())
	if err == nil {
		direct.Close()
		t.Fatal("admitted")
	}
	if got := change(func(*Spec) {}); got.Error() != err.Error() {
		t.Errorf("with the agent: %v\nwithout: %v", got, err)
	}
	if _, ok := SpecOf(o.target(), ssh.Config{Signers: []ssh.Signer{other}}, ""); ok {
		t.Error("a key in memory is given away")
	}
}

// A kept connection that died is made anew, and nobody notices; with words of the command on their way it is an error.
func TestDeadConnections(t *testing.T) {
	t.Parallel()
	o := startOffice(t, 0)
	folder, _ := startAgent(t, Options{wait: 200 * time.Millisecond})
	c := dial(t, folder, o.spec())
	ask(t, c, "warm", "")
	o.cut()
	if got := ask(t, c, "after a cut", "more"); got != "ann:after a cutmore" {
		t.Error(got)
	}
	o.mute.Store(true) // as after a sleep: nothing says that it is dead
	began := time.Now()
	if got := ask(t, c, "after a sleep", ""); got != "ann:after a sleep" {
		t.Error(got)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it took %v", took)
	}
	o.mute.Store(false)
	if got := o.logins.Load(); got != 3 {
		t.Errorf("%d logins", got)
	}
	// Dead after the request was taken, before an answer: again.
	before := o.asked.Load()
	s := open(t, c, "wait")
	_ = s.CloseWrite()
	eventually(t, "it is not asked", func() bool { return o.asked.Load() == before+1 })
	o.cut()
	eventually(t, "it is not asked again", func() bool { return o.asked.Load() == before+2 })
	o.cut() // and only once
	_, err := io.ReadAll(s)
	want(t, err, ssh.ErrLost)
	// Dead when the command has said something: never again.
	ask(t, c, "warm", "")
	before = o.asked.Load()
	s = open(t, c, "swallow")
	_, _ = io.WriteString(s, "money")
	eventually(t, "it is not asked", func() bool { return o.asked.Load() == before+1 })
	time.Sleep(20 * time.Millisecond)
	o.cut()
	_, err = io.ReadAll(s)
	want(t, err, ssh.ErrLost)
	if got := o.asked.Load(); got != before+1 {
		t.Errorf("it was asked %d times", got-before)
	}
	// Dead before the second command, and the peer is gone: what package ssh would say.
	ask(t, c, "warm", "")
	o.mu.Lock()
	o.refused = true
	o.mu.Unlock()
	o.cut()
	_, err = c.Open(t.Context(), nil)
	want(t, err, ssh.ErrAuth)
}

// Law: with a connection that stands, the answer begins one round trip after the question.
func TestOneRoundTrip(t *testing.T) {
	const rtt = 200 * time.Millisecond
	o := startOffice(t, rtt/2)
	folder, _ := startAgent(t, Options{})
	began := time.Now()
	c := dial(t, folder, o.spec())
	cold := float64(time.Since(began)) / float64(rtt)
	best := 1e9
	for range 3 { // each as a command of its own
		began = time.Now()
		c = dial(t, folder, o.spec())
		s := open(t, c, "tips")
		if _, err := io.ReadFull(s, make([]byte, len("ann:tips"))); err != nil {
			t.Fatal(err)
		}
		best = min(best, float64(time.Since(began))/float64(rtt))
		s.Close()
	}
	t.Logf("cold %.2f round trips, warm %.2f", cold, best)
	if best > 1.3 {
		t.Errorf("a warm question takes %.2f round trips", best)
	}
	if c.RTT() < rtt || c.RTT() > rtt*3/2 {
		t.Errorf("the round trip is told as %v", c.RTT())
	}
}

// Connections of Another are others, are numbered, and are given back.
func TestAnother(t *testing.T) {
	t.Parallel()
	o := startOffice(t, 0)
	folder, _ := startAgent(t, Options{})
	c := dial(t, folder, o.spec())
	for range 3 {
		var lanes []*Client
		for range maxLane {
			other, err := c.Another(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			lanes = append(lanes, other)
		}
		if got := ask(t, lanes[2], "x", "y"); got != "ann:xy" {
			t.Error(got)
		}
		_, err := c.Another(t.Context())
		want(t, err, ssh.ErrBusy)
		for _, lane := range lanes {
			lane.Close()
		}
	}
	if got := o.logins.Load(); got != 1+maxLane {
		t.Errorf("%d logins", got)
	}
}

// What is not used ends: a connection, and then the agent, whose socket goes with it.
func TestIdle(t *testing.T) {
	t.Parallel()
	o := startOffice(t, 0)
	folder := shortFolder(t)
	l, err := Listen(folder)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- Serve(context.Background(), l, Options{Version: "v1", Idle: 300 * time.Millisecond}) }()
	c := dial(t, folder, o.spec())
	s := open(t, c, "long")
	select { // a conversation keeps it alive, however quiet
	case err := <-ended:
		t.Fatalf("it ended in the middle: %v", err)
	case <-time.After(time.Second):
	}
	_ = s.CloseWrite()
	if text, err := io.ReadAll(s); err != nil || string(text) != "ann:long" {
		t.Errorf("%q, %v", text, err)
	}
	s.Close()
	select {
	case err := <-ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(patience):
		t.Fatal("the agent does not end")
	}
	_, err = Dial(t.Context(), folder, "v1", o.spec())
	want(t, err, ErrNoAgent)
	if entries, err := os.ReadDir(folder); err != nil || len(entries) != 1 || entries[0].Name() != lockName {
		t.Errorf("the folder holds %v, %v", entries, err)
	}
}

// An agent of another version is not used, and ends when what it does is done.
func TestVersions(t *testing.T) {
	t.Parallel()
	o := startOffice(t, 0)
	folder, _ := startAgent(t, Options{Version: "v1"})
	old := dial(t, folder, o.spec())
	s := open(t, old, "x")
	_, err := Dial(t.Context(), folder, "v2", o.spec())
	want(t, err, ErrNoAgent)
	starts := 0
	c, err := DialOrStart(t.Context(), folder, "v2", o.spec(), func() error {
		starts++
		l, err := Listen(folder)
		if err != nil {
			return err
		}
		ctx, cancel := context.WithCancel(context.Background())
		ended := make(chan error, 1)
		go func() { ended <- Serve(ctx, l, Options{Version: "v2"}) }()
		t.Cleanup(func() { cancel(); <-ended })
		return nil
	})
	if err != nil || starts != 1 {
		t.Fatal(starts, err)
	}
	if got := ask(t, c, "new", ""); got != "ann:new" {
		t.Error(got)
	}
	_ = s.CloseWrite() // what was under way goes on
	if text, err := io.ReadAll(s); err != nil || string(text) != "ann:x" {
		t.Errorf("%q, %v", text, err)
	}
	if _, err := DialOrStart(t.Context(), folder, "v2", o.spec(), func() error { starts++; return nil }); err != nil || starts != 1 {
		t.Errorf("%v, started %d times", err, starts)
	}
	if err := Stop(t.Context(), folder); err != nil {
		t.Error(err)
	}
	eventually(t, "it does not stop", func() bool { return errors.Is(present(t.Context(), folder, "v2"), ErrNoAgent) })
	_, err = DialOrStart(t.Context(), folder, "v2", o.spec(), func() error { return errors.New("no program") })
	want(t, err, ErrNoAgent)
	_, err = DialOrStart(t.Context(), folder, "v2", o.spec(), func() error { return nil })
	want(t, err, ErrNoAgent)
}

// Of agents that start at once one is left, in place of a socket that nobody listens on any more.
func TestOneAgent(t *testing.T) {
	t.Parallel()
	folder := shortFolder(t)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	stale, err := net.ListenUnix("unix", &net.UnixAddr{Name: folder + "/" + socketName, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	stale.SetUnlinkOnClose(false)
	stale.Close()
	if err := present(t.Context(), folder, "v1"); !errors.Is(err, ErrNoAgent) {
		t.Errorf("nobody is there: %v", err)
	}
	var work sync.WaitGroup
	var mu sync.Mutex
	var won []net.Listener
	for range 8 {
		work.Go(func() {
			l, err := Listen(folder)
			switch {
			case err == nil:
				mu.Lock()
				won = append(won, l)
				mu.Unlock()
			case !errors.Is(err, ErrRunning):
				t.Error(err)
			}
		})
	}
	work.Wait()
	if len(won) != 1 {
		t.Fatalf("%d agents", len(won))
	}
	won[0].Close()
	l, err := Listen(folder)
	if err != nil {
		t.Fatalf("after its end: %v", err)
	}
	l.Close()
}

// A folder that others may enter is used by neither side.
func TestFolder(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("NOT TESTED: folders have no mode on Windows")
	}
	folder, _ := startAgent(t, Options{})
	info, err := os.Stat(folder)
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Fatalf("%v, %v", info.Mode(), err)
	}
	if err := os.Chmod(folder, 0o711); err != nil {
		t.Fatal(err)
	}
	if err := present(t.Context(), folder, "v1"); !errors.Is(err, ErrNoAgent) {
		t.Errorf("an open folder is trusted: %v", err)
	}
	if _, err := Listen(folder); !errors.Is(err, ErrFolder) {
		t.Errorf("an open folder is listened in: %v", err)
	}
	link := shortFolder(t)
	if err := os.Chmod(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(folder, link); err != nil {
		t.Fatal(err)
	}
	if err := present(t.Context(), link, "v1"); !errors.Is(err, ErrNoAgent) {
		t.Errorf("a link is followed: %v", err)
	}
	long := Folder("/home/" + strings.Repeat("x", 200))
	if len(long)+len(socketName)+1 > maxSocket && len(os.TempDir()) < 40 {
		t.Errorf("%q is too long", long)
	}
	if got := Folder("/home/ann/.esync"); got != "/home/ann/.esync/agent" {
		t.Error(got)
	}
}

// Whatever is sent to an agent, it goes on, and nothing of it is left.
func TestNoise(t *testing.T) {
	o := startOffice(t, 0)
	folder, end := startAgent(t, Options{})
	dial(t, folder, o.spec())
	ask(t, dial(t, folder, o.spec()), "warm", "")
	time.Sleep(200 * time.Millisecond) // what the login started, and what the question ended
	before := runtime.NumGoroutine()
	for _, noise := range []string{
		"", "\n", "GET / HTTP/1.1\r\n\r\n", "\x01\xff\xff\xff\xff", "\x01\x00\x00\x00\x02{}", "\x02\x00\x00\x00\x02[]", "\x07\x00\x00\x00\x01x", "\x00\x00\x00\x00\x00",
		"\x02\x00\x00\x00\x0a{\"lane\":9}", "\x05\x00\x00\x00\x00", "\x04\x00\x00\x00\x01x", "\x01\x00\x01\x00\x01",
	} {
		conn, err := net.Dial("unix", folder+"/"+socketName)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(conn, noise)
		if len(noise) > 1 {
			_ = conn.SetReadDeadline(time.Now().Add(time.Second))
			_, _ = io.Copy(io.Discard, conn)
		}
		conn.Close()
	}
	if got := ask(t, dial(t, folder, o.spec()), "still", " there"); got != "ann:still there" {
		t.Error(got)
	}
	eventually(t, "goroutines are left", func() bool { return runtime.NumGoroutine() <= before })
	end()
}

// FuzzFrames: a frame that is read is written the same; none is longer than its kind allows.
func FuzzFrames(f *testing.F) {
	f.Add([]byte("\x07\x00\x00\x00\x05hello\x08\x00\x00\x00\x00"))
	f.Add([]byte("\x01\x00\x00\x00\x02{}"))
	f.Add([]byte("\x06\x00\x00\x00\x1b{\"code\":5,\"text\":\"unknown\"}"))
	f.Add([]byte("\xff\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, input []byte) {
		r := &reader{r: strings.NewReader(string(input))}
		at := 0
		for {
			k, content, err := r.next(kindConnect, kindOpen, kindRequest, kindStop, kindOpened, kindFailed, kindData, kindEnd, kindStatus, kindState)
			if err != nil {
				return
			}
			var again strings.Builder
			if err := writeFrame(&again, k, content); err != nil || again.String() != string(input[at:at+again.Len()]) {
				t.Fatalf("kind %d: %v", k, err)
			}
			at += again.Len()
			switch k {
			case kindFailed:
				if parseFailure(content) == nil {
					t.Fatal("a failure is none")
				}
			case kindConnect, kindOpen:
				if w, key, err := parseWay(content); err == nil {
					if _, second, err := parseWay([]byte(key)); err != nil || second != key || w.Lane > maxLane {
						t.Fatalf("%q is kept under %q: %v", key, second, err)
					}
				}
			}
		}
	})
}
