package ssh

import (
	"context"
	"crypto/rand"
	"flag"
	"fmt"
	"io"
	"math/big"
	"net"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	gossh "golang.org/x/crypto/ssh"
)

// attackTime is how long each flood lasts.
var attackTime = flag.Duration("attack", 400*time.Millisecond, "how long each attack of the tests lasts")

// deaf is a connection that reads nothing any more once it is told so.
type deaf struct {
	net.Conn
	stop chan struct{}
}

func (d deaf) Read(p []byte) (int, error) {
	select {
	case <-d.stop:
		<-make(chan struct{})
	default:
	}
	return d.Conn.Read(p)
}

// attacker is a client of x/crypto alone, from an address of its own where the system has several.
func (l *lab) attacker(key Signer, wrap func(net.Conn) net.Conn) (gossh.Conn, net.Conn, error) {
	d := net.Dialer{LocalAddr: elsewhere()}
	conn, err := d.Dial("tcp", l.addr.String())
	if err != nil {
		return nil, nil, err
	}
	_ = conn.(*net.TCPConn).SetReadBuffer(4 << 10)
	raw := conn
	if wrap != nil {
		conn = wrap(conn)
	}
	c, chans, reqs, err := gossh.NewClientConn(conn, "", &gossh.ClientConfig{
		User: "evil\x1b[31m\n", Auth: []gossh.AuthMethod{gossh.PublicKeys(key)}, HostKeyCallback: gossh.FixedHostKey(l.host.PublicKey()),
		ClientVersion: "SSH-2.0-evil",
	})
	if err != nil {
		raw.Close()
		return nil, nil, err
	}
	go gossh.DiscardRequests(reqs)
	go func() {
		for fresh := range chans {
			_ = fresh.Reject(gossh.Prohibited, "")
		}
	}()
	return c, raw, nil
}

// elsewhere is an address that the honest do not have, where the system has several.
func elsewhere() net.Addr {
	if runtime.GOOS == "linux" {
		return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 66)}
	}
	return nil
}

// half are 200 clients that stop in the middle of the handshake.
func (l *lab) half(from net.Addr) func(context.Context, func(io.Closer)) {
	return func(_ context.Context, open func(io.Closer)) {
		for i := range 200 {
			conn, err := (&net.Dialer{LocalAddr: from}).Dial("tcp", l.addr.String())
			if err != nil {
				l.t.Error(err)
				return
			}
			open(conn)
			_, _ = io.WriteString(conn, []string{"", "SSH-2.0-x", "SSH-2.0-x\r\n", "\r\n\r\n", "GET / HTTP/1.1\r\n\r\n"}[i%5])
		}
	}
}

// honest works all the while: it connects, talks and leaves, again and again.
type honest struct {
	worst  atomic.Int64
	visits atomic.Int64
	stop   func()
}

func (l *lab) honest(t *testing.T, key Signer) *honest {
	h := &honest{}
	ctx, cancel := context.WithCancel(t.Context())
	var work sync.WaitGroup
	h.stop = func() { cancel(); work.Wait() }
	data := string(pattern(64 << 10))
	for range 3 {
		work.Go(func() {
			for ctx.Err() == nil {
				began := time.Now()
				if err := l.visit(key, data); err != nil {
					t.Errorf("an honest client after %v: %v", time.Since(began), err)
					return
				}
				h.visits.Add(1)
				took := int64(time.Since(began))
				for worst := h.worst.Load(); took > worst && !h.worst.CompareAndSwap(worst, took); worst = h.worst.Load() {
				}
			}
		})
	}
	return h
}

// visit is one connection with one conversation.
func (l *lab) visit(key Signer, data string) error {
	c, err := Dial(context.Background(), l.target(), l.client(as(key)))
	if err != nil {
		return err
	}
	defer c.Close()
	stream, err := c.Open(context.Background(), []byte("hello"))
	if err != nil {
		return err
	}
	go func() {
		_, _ = io.WriteString(stream, data)
		_ = stream.CloseWrite()
	}()
	if got, err := io.ReadAll(stream); err != nil || !strings.HasSuffix(string(got), ":hello"+data) {
		return fmt.Errorf("%d bytes came back, %w", len(got), err)
	}
	return stream.Close()
}

// largeKey is an RSA key of so many bits that nobody holds.
type largeKey struct{ bits int }

func (k largeKey) PublicKey() gossh.PublicKey { return k }
func (k largeKey) Type() string               { return gossh.KeyAlgoRSA }
func (k largeKey) Marshal() []byte {
	n := make([]byte, k.bits/8)
	_, _ = rand.Read(n)
	n[0] |= 0x80
	n[len(n)-1] |= 1
	return gossh.Marshal(struct {
		Type string
		E, N *big.Int
	}{gossh.KeyAlgoRSA, big.NewInt(65537), new(big.Int).SetBytes(n)})
}
func (k largeKey) Verify([]byte, *gossh.Signature) error { return nil }
func (k largeKey) Sign(io.Reader, []byte) (*gossh.Signature, error) {
	return &gossh.Signature{Format: gossh.KeyAlgoRSASHA256, Blob: make([]byte, k.bits/8)}, nil
}

// Law: whatever others do, honest clients are served, the server's memory has a bound, and afterwards nothing of it is left.
func TestAttacks(t *testing.T) {
	keys := map[string]Signer{}
	for i := range 8 {
		keys[fmt.Sprintf("evil%d", i)], _ = newKey(t)
	}
	keys["ann"], _ = newKey(t)
	l := startLab(t, labSetup{Kind: "server", Ask: 300 * time.Millisecond, Dead: 3 * time.Second}, keys)
	evil := func(i int) Signer { return keys[fmt.Sprintf("evil%d", i%8)] }
	if err := l.visit(keys["ann"], "warm"); err != nil {
		t.Fatal(err)
	}
	for _, attack := range []struct {
		name string
		// run attacks until ctx ends; what it leaves open is closed by the closers it adds.
		run func(ctx context.Context, open func(io.Closer))
	}{
		{"200 half handshakes", l.half(elsewhere())},
		{"200 half handshakes from the address of the honest", l.half(nil)},
		{"200 clients that never read", func(ctx context.Context, open func(io.Closer)) {
			var work sync.WaitGroup
			for i := range 200 {
				work.Go(func() {
					stop := make(chan struct{})
					c, raw, err := l.attacker(evil(i), func(conn net.Conn) net.Conn { return deaf{conn, stop} })
					if err != nil {
						t.Log(err) // kept out is as good
						return
					}
					open(raw)
					close(stop)
					for range 12 {
						go func() { _, _, _ = c.OpenChannel(channelType, append([]byte{payloadHere}, "pour"...)) }()
					}
				})
			}
			work.Wait()
		}},
		{"floods of channels", l.flood(evil, func(c gossh.Conn, i int) {
			kind := []string{channelType, "session", "x", "direct-tcpip"}[i%4]
			_, _, _ = c.OpenChannel(kind, append([]byte{payloadHere}, "idle"...))
		})},
		{"floods of global requests", l.flood(evil, func(c gossh.Conn, i int) {
			_, _, _ = c.SendRequest("tcpip-forward", i%2 == 0, make([]byte, 1000))
		})},
		{"floods of channel requests", func(ctx context.Context, open func(io.Closer)) {
			l.flood(evil, nil)(ctx, open)
			var work sync.WaitGroup
			for i := range 8 {
				work.Go(func() {
					c, raw, err := l.attacker(evil(i), nil)
					if err != nil {
						t.Log(err)
						return
					}
					open(raw)
					ch, reqs, err := c.OpenChannel([]string{"session", channelType}[i%2], []byte{payloadHere}[:i%2])
					if err != nil {
						return
					}
					go gossh.DiscardRequests(reqs)
					for n := 0; ctx.Err() == nil; n++ {
						name := []string{"pty-req", "env", "auth-agent-req@openssh.com", "x11-req", endRequest, "exit-status", ""}[n%7]
						if _, err := ch.SendRequest(name, n%3 == 0, make([]byte, 500)); err != nil {
							return
						}
						_, _ = ch.Stderr().Write([]byte("noise"))
					}
				})
			}
			work.Wait()
		}},
		{"keys of 16384 bits and more", func(ctx context.Context, open func(io.Closer)) {
			for i := 0; ctx.Err() == nil; i++ {
				if c, _, err := l.attacker(largeKey{[]int{16384, 16392, 65536}[i%3]}, nil); err == nil {
					open(c)
					t.Error("a key nobody knows was admitted")
				}
			}
		}},
		{"packets without end", func(ctx context.Context, open func(io.Closer)) {
			for i := range 50 {
				conn, err := net.Dial("tcp", l.addr.String())
				if err != nil {
					t.Error(err)
					return
				}
				open(conn)
				_, _ = io.WriteString(conn, "SSH-2.0-x\r\n")
				_, _ = conn.Write([][]byte{{0x7f, 0xff, 0xff, 0xff}, {0xff, 0xff, 0xff, 0xff}, {0, 4, 0, 0, 255}, {0, 0, 0, 1, 0}, {0, 0, 0, 0}}[i%5])
				go func() { _, _ = io.Copy(conn, zeros{}) }()
			}
			<-ctx.Done()
		}},
		{"large packets of members", l.flood(evil, func(c gossh.Conn, i int) {
			_, _, _ = c.SendRequest(strings.Repeat("x", 100), false, make([]byte, 200<<10))
			_, _, _ = c.OpenChannel(channelType, make([]byte, 200<<10))
		})},
	} {
		t.Run(attack.name, func(t *testing.T) {
			if strings.HasSuffix(attack.name, "honest") && *attackTime < time.Second {
				t.Skip("it takes 8 seconds: run with -attack 1s")
			}
			before := l.stats()
			h := l.honest(t, keys["ann"])
			var mu sync.Mutex
			var opened []io.Closer
			ctx, cancel := context.WithTimeout(t.Context(), *attackTime)
			defer cancel()
			var peak uint64
			watched := make(chan struct{})
			go func() {
				defer close(watched)
				for tick := time.Tick(20 * time.Millisecond); ctx.Err() == nil; <-tick {
					peak = max(peak, rss(l.cmd.Process.Pid))
				}
			}()
			attack.run(ctx, func(c io.Closer) {
				mu.Lock()
				defer mu.Unlock()
				opened = append(opened, c)
			})
			for visits := h.visits.Load(); h.visits.Load() < visits+3 && !t.Failed(); { // they are served with all of it standing
				time.Sleep(10 * time.Millisecond)
			}
			<-ctx.Done()
			<-watched
			h.stop()
			for _, c := range opened {
				c.Close()
			}
			eventually(t, fmt.Sprintf("goroutines are left: %d before", before.Goroutines), func() bool { return l.stats().Goroutines <= before.Goroutines })
			after := l.stats()
			t.Logf("%d visits of honest clients, the slowest %v; memory %d MiB, then up to %d, then %d; goroutines %d, then %d", h.visits.Load(),
				time.Duration(h.worst.Load()).Round(time.Millisecond), before.RSS>>20, peak>>20, after.RSS>>20, before.Goroutines, after.Goroutines)
			if worst := time.Duration(h.worst.Load()); worst > patience/2 {
				t.Errorf("an honest client waited %v", worst)
			}
			if peak > before.RSS+150<<20 || after.Heap > before.Heap+32<<20 {
				t.Errorf("memory: %d MiB before, %d at the peak, %d of heap after %d", before.RSS>>20, peak>>20, after.Heap>>20, before.Heap>>20)
			}
		})
	}
	if log := l.logged(); strings.ContainsAny(log, "\x1b") || strings.Contains(log, "evil\\") || strings.Contains(log, "SSH-2.0") {
		t.Error("the log holds words of the attackers")
	} else if lines := strings.Count(log, "\n"); lines > 20000 {
		t.Errorf("the log has %d lines", lines)
	}
}

// flood does something over and over, on several connections at once.
func (l *lab) flood(evil func(int) Signer, do func(c gossh.Conn, i int)) func(context.Context, func(io.Closer)) {
	return func(ctx context.Context, open func(io.Closer)) {
		var work sync.WaitGroup
		for i := range 4 {
			if do == nil {
				break
			}
			work.Go(func() {
				c, raw, err := l.attacker(evil(i), nil)
				if err != nil {
					l.t.Log(err)
					return
				}
				open(raw)
				context.AfterFunc(ctx, func() { raw.Close() })
				var inner sync.WaitGroup
				for range 8 {
					inner.Go(func() {
						for n := 0; ctx.Err() == nil; n++ {
							do(c, n)
						}
					})
				}
				ended := make(chan struct{})
				go func() { inner.Wait(); close(ended) }()
				select {
				case <-ended:
				case <-time.After(*attackTime + 5*time.Second): // x/crypto may forget one who waits for a channel
				}
			})
		}
		work.Wait()
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// 200 honest clients at once, from one address, are all served.
func TestCrowd(t *testing.T) {
	keys := map[string]Signer{}
	for i := range 50 {
		keys[fmt.Sprintf("ann%d", i)], _ = newKey(t)
	}
	l := startLab(t, labSetup{Kind: "server"}, keys)
	count := 200
	if slowed {
		count = 60
	}
	var work sync.WaitGroup
	gate := make(chan struct{})
	began := time.Now()
	for i := range count {
		work.Go(func() {
			<-gate
			if err := l.visit(keys[fmt.Sprintf("ann%d", i%50)], "a few words"); err != nil {
				t.Error(err)
			}
		})
	}
	close(gate)
	work.Wait()
	t.Logf("%d clients took %v", count, time.Since(began).Round(time.Millisecond))
}

// What an idle connection costs the server: goroutines, heap and memory of the machine, by 500 of them.
func TestIdleConnections(t *testing.T) {
	keys := map[string]Signer{}
	for i := range 4 {
		keys[fmt.Sprintf("ann%d", i)], _ = newKey(t)
	}
	l := startLab(t, labSetup{Kind: "server"}, keys)
	if err := l.visit(keys["ann0"], "warm"); err != nil {
		t.Fatal(err)
	}
	const count = 500
	before := l.stats()
	var work sync.WaitGroup
	for i := range 4 {
		work.Go(func() {
			for range count / 4 {
				c, err := Dial(t.Context(), l.target(), l.client(as(keys[fmt.Sprintf("ann%d", i)])))
				if err != nil {
					t.Error(err)
					return
				}
				t.Cleanup(func() { c.Close() })
			}
		})
	}
	work.Wait()
	after := l.stats()
	t.Logf("an idle connection takes %d KiB of heap and stacks, %d KiB of the machine, %.1f goroutines", (after.Heap-before.Heap)/count>>10,
		(after.RSS-before.RSS)/count>>10, float64(after.Goroutines-before.Goroutines)/count)
	if each := (after.Heap - before.Heap) / count; each > 100<<10 {
		t.Errorf("%d bytes each", each)
	}
}
