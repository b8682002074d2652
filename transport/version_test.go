package transport

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"github.com/esync/esync/internal/codec"
)

// TestNewerPeer: a later version with features, extensions and messages that
// this one does not know is understood.
func TestNewerPeer(t *testing.T) {
	t.Parallel()
	server, client := newCopy(t, "eng"), newCopy(t, "eng")
	server.commit(someFiles(seeded(40)), nil)
	l := newLink(server)
	l.change = func(b []byte) []byte {
		req, err := decodeRequest(b)
		if err != nil {
			t.Error(err)
		}
		req.max, req.features = 9, 1<<63|5
		b, err = req.encode()
		if err != nil {
			t.Error(err)
		}
		b = b[:len(b)-1] // no extensions
		return codec.AppendString(binary.AppendUvarint(append(b, 1), 77), "what nobody knows yet")
	}
	l.wrap = func(s Stream) Stream { return &chatty{Stream: s} }
	if _, err := client.pull(l); err != nil {
		t.Fatal(err)
	}
	client.check()
}

// chatty says something optional before every message.
type chatty struct {
	Stream
	left int // of the message under way
	head []byte
}

func (c *chatty) Write(p []byte) (int, error) {
	var out bytes.Buffer
	for rest := p; len(rest) > 0; {
		if c.left == 0 && len(c.head) < headerSize {
			if len(c.head) == 0 {
				out.Write(header(optional|3, 5))
				out.WriteString("hello")
			}
			c.head = append(c.head, rest[0])
			out.WriteByte(rest[0])
			if rest = rest[1:]; len(c.head) == headerSize {
				c.left = int(binary.LittleEndian.Uint32(c.head[1:]))
				if c.left == 0 {
					c.head = nil
				}
			}
			continue
		}
		n := min(c.left, len(rest))
		out.Write(rest[:n])
		rest = rest[n:]
		if c.left -= n; c.left == 0 {
			c.head = nil
		}
	}
	_, err := c.Stream.Write(out.Bytes())
	return len(p), err
}

func TestNoCommonVersion(t *testing.T) {
	t.Parallel()
	server, client := newCopy(t, "eng"), newCopy(t, "eng")
	l := newLink(server)
	l.change = func(b []byte) []byte {
		b[len(magic)], b[len(magic)+1] = 8, 9
		return append(b, "in a form of its own"...)
	}
	if _, err := client.pull(l); !errors.Is(err, ErrVersion) {
		t.Errorf("got %v", err)
	}
	newer := script(func(s Stream) {
		w := newWriter(s)
		w.send(msgHello, []byte{2, 0})
		w.flush()
	})
	if _, err := Fetch(context.Background(), newer, FetchRequest{}, client.local()); !errors.Is(err, ErrVersion) {
		t.Errorf("got %v", err)
	}
}

func TestUnrelated(t *testing.T) {
	t.Parallel()
	server, client := newCopy(t, "eng"), newCopy(t, "another")
	server.commit(files{"a": "a"}, nil)
	_, err := Fetch(context.Background(), newLink(server), FetchRequest{Engagement: "eng"}, client.local())
	var unrelated *UnrelatedError
	if !errors.As(err, &unrelated) || !errors.Is(err, ErrUnrelated) {
		t.Fatalf("got %v", err)
	}
	if unrelated.Ours != client.id || unrelated.Theirs != server.id || unrelated.Name != "eng" {
		t.Errorf("got %+v", unrelated)
	}
}

// TestCodes: every error that crosses the wire arrives as what it was.
func TestCodes(t *testing.T) {
	t.Parallel()
	seen := map[uint64]bool{}
	for i, c := range codes {
		if seen[c.code] || c.code != uint64(i+1) {
			t.Errorf("code %d out of order", c.code)
		}
		seen[c.code] = true
		if err := decodeFault(encodeFault(c.err)); !errors.Is(err, c.err) {
			t.Errorf("%v arrives as %v", c.err, err)
		}
	}
	private := errors.New("open /home/anna/clients/ACME: permission denied")
	err := decodeFault(encodeFault(private))
	if !errors.Is(err, ErrPeer) || bytes.Contains([]byte(err.Error()), []byte("ACME")) {
		t.Errorf("a private error arrives as %v", err)
	}
}

// TestLongSender: the name of a device may be anything.
func TestLongSender(t *testing.T) {
	t.Parallel()
	r := &request{min: 1, max: 1, verb: verbTips, sender: strings.Repeat("é", 60) + "\xff"}
	b, err := r.encode()
	if err != nil {
		t.Fatal(err)
	}
	got, err := decodeRequest(b)
	if err != nil || got.sender != strings.Repeat("é", 32) {
		t.Errorf("got %q, %v", got.sender, err)
	}
}
