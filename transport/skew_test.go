package transport

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/esync/esync/internal/codec"
	"github.com/esync/esync/objects"
)

// later makes a request what a later version would say: with a range of
// versions, features and an extension that nobody knows yet.
func later(t *testing.T, b []byte) []byte {
	t.Helper()
	r, err := decodeRequest(b)
	if err != nil {
		t.Error(err)
		return b
	}
	extensions := bytes.Clone(b[len(r.statement):])
	extensions[0]++
	extensions = codec.AppendString(binary.AppendUvarint(extensions, 77), "what nobody knows yet")
	r.max, r.features, r.payload, r.proof = 9, 1<<63|5, nil, nil
	if b, err = r.encode(); err != nil {
		t.Error(err)
	}
	return append(b[:len(b)-1], extensions...)
}

// laterHello adds an extension to HELLO that nobody knows yet.
type laterHello struct {
	Stream
	done bool
}

func (l *laterHello) Write(p []byte) (int, error) {
	if l.done {
		return l.Stream.Write(p)
	}
	l.done = true
	n := int(binary.LittleEndian.Uint32(p[1:]))
	hello, rest := bytes.Clone(p[headerSize:headerSize+n]), p[headerSize+n:]
	h, err := decodeHello(hello)
	if err != nil {
		return 0, err
	}
	h.features = 1 << 40
	at := len(hello) - 1 // the count, where there is no receipt
	hello[at] = 1
	hello = codec.AppendString(binary.AppendUvarint(hello, 99), "more to say")
	out := append(header(msgHello, uint32(len(hello))), hello...)
	if _, err := l.Stream.Write(append(out, rest...)); err != nil {
		return 0, err
	}
	return len(p), nil
}

// skewed is a link between this version and a later one that says optional
// things in between, in both directions.
func skewed(t *testing.T, c *copyOf) chattyLink {
	l := newLink(c)
	l.change = func(b []byte) []byte { return later(t, b) }
	l.wrap = func(s Stream) Stream { return &laterHello{Stream: &chatty{Stream: s}} }
	return chattyLink{l}
}

// chattyLink has the client say optional things too.
type chattyLink struct{ *link }

func (c chattyLink) Open(ctx context.Context, request []byte) (Stream, error) {
	s, err := c.link.Open(ctx, request)
	return &chatty{Stream: s}, err
}

// TestLaterVersion holds every verb against a later version of both sides.
func TestLaterVersion(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	server, client := bigCopy(t, 130), newCopy(t, "eng")
	if _, err := client.pull(skewed(t, server)); err != nil {
		t.Fatalf("fetch: %v", err)
	}
	client.check()
	f := files{"new": noise(seeded(131), 6<<20)}
	client.commit(f, nil, client.tip(main))
	far := skewed(t, server)
	far.delay = 10 * time.Millisecond
	if _, err := client.push(far); err != nil {
		t.Fatalf("push: %v", err)
	}
	if n := far.opened.Load(); n != maxLanes {
		t.Errorf("push over %d lanes", n)
	}
	server.check()
	if res, err := Peek(ctx, skewed(t, server), PeekRequest{}); err != nil || res.Tips.Get(main) != client.tip(main) {
		t.Errorf("peek: %+v, %v", res, err)
	}
	server.join = func(_ objects.ID, payload []byte) error {
		if string(payload) != "me" {
			return ErrRefused
		}
		return nil
	}
	if _, err := Join(ctx, skewed(t, server), JoinRequest{server.id, []byte("me")}); err != nil {
		t.Errorf("join: %v", err)
	}
	enough := errors.New("enough")
	if err := Watch(ctx, skewed(t, server), WatchRequest{}, Local{}, func(Tips) error { return enough }); err != enough {
		t.Errorf("watch: %v", err)
	}
	client.damage(func(b []byte) []byte { b[len(b)/2] ^= 1; return b })
	if _, err := client.heal(skewed(t, server)); err != nil {
		t.Errorf("heal: %v", err)
	}
	client.check()
	other := newCopy(t, "eng")
	if _, err := other.pullFrom(skewed(t, server), skewed(t, server)); err != nil {
		t.Errorf("several: %v", err)
	}
}

// older is a link to a server that does not know some verbs.
func older(c *copyOf, unknown ...verb) *link {
	l := newLink(c)
	l.change = func(b []byte) []byte {
		at := len(magic) + 2 + 1
		if slices.Contains(unknown, verb(b[at])) {
			b[at] = 77
			return append(b[:at+1], "in a form of its own"...)
		}
		return b
	}
	return l
}

// TestOlderServer: one that does not know a verb says so in words, whatever
// stands behind the verb; what is only faster goes on without.
func TestOlderServer(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	server, client := newCopy(t, "eng"), bigCopy(t, 132)
	_, joined := Join(ctx, older(server, verbJoin), JoinRequest{server.id, []byte("me")})
	watched := Watch(ctx, older(server, verbWatch), WatchRequest{}, Local{}, func(Tips) error { return nil })
	for _, err := range []error{joined, watched} {
		if !errors.Is(err, ErrUnsupported) || !strings.Contains(err.Error(), "earlier version") {
			t.Errorf("got %v", err)
		}
	}
	l := older(server, verbLane)
	l.delay = 10 * time.Millisecond
	if _, err := client.pushNew(l); err != nil {
		t.Errorf("push without lanes: %v", err)
	}
	server.check()
	l = older(server, verbGet)
	l.delay = 10 * time.Millisecond
	if _, err := newCopy(t, "eng").pull(l); err != nil {
		t.Errorf("fetch without lanes: %v", err)
	}
}
