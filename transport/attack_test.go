package transport

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/esync/esync/internal/codec"
	"github.com/esync/esync/objects"
	"github.com/esync/esync/refs"
)

// script is an Opener whose server says what a test made up, whatever it is
// asked.
type script func(s Stream)

func (f script) Open(_ context.Context, _ []byte) (Stream, error) {
	up, down := newHalf(4<<20, 0), newHalf(4<<20, 0)
	go func() {
		s := &end{in: up, out: down}
		defer s.Close()
		f(s)
		_ = s.CloseWrite()
	}()
	return &end{in: down, out: up}, nil
}

// begin says what an honest server of c says first.
func begin(w *writer, c *copyOf) Tips {
	h := hello{version: 1, about: About{ID: c.id, Name: c.name, Level: LevelRead}}
	tips := Tips{{main, c.tip(main)}}
	w.send(msgHello, h.encode())
	w.send(msgTips, appendTips(nil, tips))
	w.send(msgCommon, appendIDs(nil, nil))
	return tips
}

func frameOf(t *testing.T, c *copyOf, id objects.ID) []byte {
	t.Helper()
	b, err := c.store.Frame(id, nil)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func header(k kind, n uint32) []byte {
	return binary.LittleEndian.AppendUint32([]byte{byte(k)}, n)
}

// TestHostileServer: whatever a server does, the client ends with an error
// that says so, its store shows nothing, and memory stays small.
func TestHostileServer(t *testing.T) {
	t.Parallel()
	server := newCopy(t, "eng")
	f := files{"a": "content of a", "b": "content of b"}
	server.commit(f, nil)
	a, b := objects.Sum(objects.KindBlob, []byte(f["a"])), objects.Sum(objects.KindBlob, []byte(f["b"]))
	frameA, frameB := frameOf(t, server, a), frameOf(t, server, b)
	if len(frameA) != len(frameB) {
		t.Fatal("frames of different length")
	}
	// The bytes of b under the name of a, with a checksum that is right.
	posed := append([]byte(nil), frameB...)
	posed = []byte(strings.Replace(string(posed), string(b[:]), string(a[:]), 1))
	posed = reseal(posed)
	m := listOf(t, server)
	offer := func(s Stream) *writer {
		w := newWriter(s)
		begin(w, server)
		m.send(w)
		w.flush()
		newReader(s).next(nil) // NEED
		return w
	}
	for _, c := range []struct {
		name string
		want error
		do   func(s Stream)
	}{
		{"silence", io.ErrUnexpectedEOF, func(Stream) {}},
		{"noise", ErrProtocol, func(s Stream) { s.Write([]byte("SSH-2.0-OpenSSH_9.2 and some more")) }},
		{"giant length", ErrProtocol, func(s Stream) { s.Write(header(msgHello, 1<<32-1)) }},
		{"giant data", io.ErrUnexpectedEOF, func(s Stream) {
			w := newWriter(s)
			begin(w, server)
			w.send(msgTotal, total{5, 1 << 40}.encode())
			w.flush()
			s.Write(header(msgData, maxData))
			s.Write(make([]byte, 100))
		}},
		{"unknown message", ErrProtocol, func(s Stream) { s.Write(header(77, 0)) }},
		{"out of turn", ErrProtocol, func(s Stream) {
			w := newWriter(s)
			w.send(msgTips, appendTips(nil, nil))
			w.flush()
		}},
		{"giant count of names", ErrProtocol, func(s Stream) {
			w := newWriter(s)
			h := hello{version: 1, about: About{ID: server.id, Level: LevelRead}}
			w.send(msgHello, h.encode())
			w.send(msgTips, binary.AppendUvarint(nil, 1<<60))
			w.flush()
		}},
		{"private name", ErrProtocol, func(s Stream) {
			w := newWriter(s)
			h := hello{version: 1, about: About{ID: server.id, Level: LevelRead}}
			w.send(msgHello, h.encode())
			w.send(msgTips, appendTips(nil, Tips{{refs.MustName("config/parent"), a}}))
			w.flush()
		}},
		{"wrong id of the list", ErrProtocol, func(s Stream) {
			w := newWriter(s)
			begin(w, server)
			w.send(msgManifest, appendItem([]byte{1}, &m.items[0]))
			w.send(msgListed, make([]byte, 32))
			w.flush()
		}},
		{"endless list", ErrTooLarge, func(s Stream) {
			w := newWriter(s)
			begin(w, server)
			part := binary.AppendUvarint(nil, 100<<10)
			for range 100 << 10 {
				part = append(append(part, a[:]...), 1)
			}
			for w.send(msgManifest, part) == nil {
			}
		}},
		{"frame of another object", ErrBadData, func(s Stream) {
			w := newWriter(s)
			begin(w, server)
			w.send(msgTotal, total{3, 100}.encode())
			w.send(msgData, posed)
			w.send(msgEnd, nil)
			w.flush()
		}},
		{"wrong checksum", ErrBadData, func(s Stream) {
			w := newWriter(s)
			begin(w, server)
			w.send(msgTotal, total{3, 100}.encode())
			bad := append([]byte(nil), frameA...)
			bad[len(bad)-6] ^= 1
			w.send(msgData, bad)
			w.send(msgEnd, nil)
			w.flush()
		}},
		{"half a frame", ErrProtocol, func(s Stream) {
			w := newWriter(s)
			begin(w, server)
			w.send(msgTotal, total{3, 100}.encode())
			w.send(msgData, frameA[:len(frameA)-1])
			w.flush()
		}},
		{"more frames than announced", ErrProtocol, func(s Stream) {
			w := newWriter(s)
			begin(w, server)
			w.send(msgTotal, total{1, 100}.encode())
			w.send(msgData, append(append([]byte(nil), frameA...), frameB...))
			w.flush()
			io.Copy(io.Discard, s)
		}},
		{"not all of it", ErrIncomplete, func(s Stream) {
			w := newWriter(s)
			begin(w, server)
			w.send(msgTotal, total{3, 100}.encode())
			w.send(msgData, frameOf(t, server, server.tip(main)))
			w.send(msgData, frameA)
			w.send(msgEnd, nil)
			w.flush()
		}},
		{"nothing of it", ErrIncomplete, func(s Stream) {
			w := newWriter(s)
			begin(w, server)
			w.send(msgEnd, nil)
			w.flush()
		}},
		{"frame nobody asked for", ErrProtocol, func(s Stream) {
			w := offer(s)
			junk := newCopy(t, "other")
			junk.commit(files{"z": "unheard of"}, nil)
			w.send(msgData, frameOf(t, junk, objects.Sum(objects.KindBlob, []byte("unheard of"))))
			w.flush()
			io.Copy(io.Discard, s)
		}},
		{"fewer frames than asked for", ErrProtocol, func(s Stream) {
			w := offer(s)
			w.send(msgData, frameA)
			w.send(msgEnd, nil)
			w.flush()
			io.Copy(io.Discard, s)
		}},
		{"error with control characters", ErrPeer, func(s Stream) {
			w := newWriter(s)
			b := binary.AppendUvarint(nil, 999)
			b = codec.AppendString(b, "\x1b[2Jowned\u202e\nnext line\xff")
			w.send(msgError, b)
			w.flush()
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			client := newCopy(t, "eng")
			_, err := Fetch(context.Background(), script(c.do), FetchRequest{Budget: 1 << 30}, client.local())
			if !errors.Is(err, c.want) {
				t.Fatalf("got %v, want %v", err, c.want)
			}
			if strings.ContainsAny(err.Error(), "\x1b\n\u202e") {
				t.Errorf("the error is not clean: %q", err)
			}
			for info := range client.store.All() {
				t.Errorf("the store shows %v", info.ID.Short())
			}
		})
	}
}

// reseal gives a frame the checksum that its bytes have.
func reseal(b []byte) []byte {
	n := len(b) - 4
	return binary.LittleEndian.AppendUint32(b[:n:n], crc(b[:n]))
}

// ask sends a request, and then more, to a server and gives its error.
func ask(t *testing.T, h Host, req *request, more func(w *writer)) error {
	t.Helper()
	payload, err := req.encode()
	if err != nil {
		t.Fatal(err)
	}
	return askRaw(t, h, payload, more)
}

func askRaw(t *testing.T, h Host, payload []byte, more func(w *writer)) error {
	t.Helper()
	l := newLink(h)
	s, err := l.Open(context.Background(), payload)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	w := newWriter(s)
	if more != nil {
		go func() {
			more(w)
			w.flush()
			s.CloseWrite()
		}()
	} else {
		s.CloseWrite()
	}
	r := newReader(s)
	for {
		if _, _, err := r.next(nil); err != nil {
			if err == io.EOF {
				err = nil
			}
			return err
		}
	}
}

func TestHostileClient(t *testing.T) {
	t.Parallel()
	server := newCopy(t, "eng")
	f := files{"a": "content of a"}
	tip := server.commit(f, nil)
	hidden := server.record(files{"secret": "the board's minutes"}, nil)
	m := listOf(t, server)
	fetch := request{min: 1, max: 1, verb: verbFetch, engagement: "eng"}
	get := request{min: 1, max: 1, verb: verbGet, engagement: "eng", list: m.id}
	push := request{min: 1, max: 1, verb: verbPush, engagement: "eng", changes: []refs.Change{{Name: main, Old: refs.IDValue(tip), New: refs.IDValue(hidden)}}}
	with := func(r request, change func(*request)) *request { change(&r); return &r }
	for _, c := range []struct {
		name string
		want error
		req  *request
		more func(w *writer)
	}{
		{"unknown engagement", ErrUnknownEngagement, with(fetch, func(r *request) { r.engagement = "other" }), nil},
		{"unrelated engagement", ErrUnrelated, with(fetch, func(r *request) { r.id = objects.ID{9} }), nil},
		{"no version in common", ErrVersion, with(fetch, func(r *request) { r.min, r.max = 7, 9 }), nil},
		{"list that is unknown", ErrNotShared, with(get, func(r *request) { r.list = objects.ID{1} }), nil},
		{"list with a hidden commit", ErrNotShared, with(get, func(r *request) {
			b, err := walk(server.store, []objects.ID{hidden}, nil)
			if err != nil {
				t.Fatal(err)
			}
			secret, err := list(server.store, b, anyBases)
			if err != nil {
				t.Fatal(err)
			}
			r.list = secret.id
		}), nil},
		{"entries outside the list", ErrProtocol, &get, func(w *writer) {
			w.send(msgNeed, appendRanges(nil, ranges{{0, len(m.items) + 1}}))
		}},
		{"ranges that overlap", ErrProtocol, &get, func(w *writer) { w.send(msgNeed, []byte{2, 0, 2, 0, 1}) }},
		{"data in a fetch", ErrProtocol, &fetch, func(w *writer) { w.send(msgData, []byte("hello")) }},
		{"push without objects", io.ErrUnexpectedEOF, &push, func(w *writer) {}},
		{"push of what is not sent", ErrIncomplete, with(push, func(r *request) { r.changes[0].New = refs.IDValue(objects.ID{5}) }), func(w *writer) {
			w.send(msgTotal, total{}.encode())
			w.send(msgEnd, nil)
		}},
		{"push of rubbish", ErrProtocol, &push, func(w *writer) {
			w.send(msgTotal, total{objects: 1}.encode())
			w.send(msgData, []byte(strings.Repeat("rubbish", 20)))
		}},
		{"push of a giant list", ErrProtocol, &push, func(w *writer) { w.send(msgManifest, binary.AppendUvarint(nil, 1<<40)) }},
		{"push of nothing", ErrProtocol, with(push, func(r *request) { r.changes = nil }), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			// Not in parallel: they share what is received of one sender.
			r := *c.req
			err := ask(t, server, &r, c.more)
			if c.want == io.ErrUnexpectedEOF {
				if err == nil {
					return // told to nobody: the client is gone
				}
			} else if !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			if server.tip(main) != tip || server.updates.Load() != 0 {
				t.Error("a name moved")
			}
		})
	}
	for name, payload := range map[string][]byte{"empty": nil, "noise": []byte("GET / HTTP/1.1\r\n\r\n"), "long": make([]byte, MaxRequest+1)} {
		if err := askRaw(t, server, payload, nil); !errors.Is(err, ErrProtocol) {
			t.Errorf("%s request: %v", name, err)
		}
	}
}

// TestHaveOracle: naming a commit that the server has, but does not share,
// tells nothing.
func TestHaveOracle(t *testing.T) {
	t.Parallel()
	server := newCopy(t, "eng")
	tip := server.commit(files{"a": "a"}, nil)
	hidden := server.record(files{"secret": "s"}, nil, tip)
	answer := func(have objects.ID) string {
		b, err := walk(server.store, []objects.ID{tip}, []objects.ID{have})
		if err != nil {
			t.Fatal(err)
		}
		return string(appendIDs(nil, b.common))
	}
	if answer(hidden) != answer(objects.ID{1, 2, 3}) {
		t.Error("the answers differ")
	}
}

// TestServerMemory: a client that asks for all and reads nothing costs little.
func TestServerMemory(t *testing.T) {
	server := newCopy(t, "eng")
	r := seeded(30)
	server.commit(files{"a": noise(r, 24<<20)}, nil)
	l := newLink(server)
	l.window = 64 << 10
	req := &request{min: 1, max: 1, verb: verbFetch, engagement: "eng", budget: unlimited}
	payload, err := req.encode()
	if err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	const n = 8
	var streams []Stream
	for range n {
		s, err := l.Open(context.Background(), payload)
		if err != nil {
			t.Fatal(err)
		}
		streams = append(streams, s)
		head := make([]byte, 100<<10) // until the frames come
		if _, err := io.ReadFull(s, head); err != nil {
			t.Fatal(err)
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if each := (int64(after.HeapInuse) - int64(before.HeapInuse)) / n; each > 4<<20 {
		t.Errorf("%d bytes each", each)
	}
	for _, s := range streams {
		s.Close()
	}
	l.served.Wait()
}

// TestNeedsBounded: a peer that asks without end, and reads nothing, costs
// little.
func TestNeedsBounded(t *testing.T) {
	t.Parallel()
	server := newCopy(t, "eng")
	server.commit(files{"a": "content of a"}, nil)
	m := listOf(t, server)
	spans := make(ranges, 0, maxSpans+1)
	for i := range maxSpans + 1 {
		spans = append(spans, span{2 * i, 2*i + 1})
	}
	d := newDecoder(appendRanges(nil, spans))
	if d.ranges(1 << 20); !errors.Is(d.End(), ErrProtocol) {
		t.Errorf("got %v", d.End())
	}
	l := newLink(server)
	l.window = 32 << 10
	req := &request{min: 1, max: 1, verb: verbGet, engagement: "eng", list: m.id}
	payload, err := req.encode()
	if err != nil {
		t.Fatal(err)
	}
	s, err := l.Open(t.Context(), payload)
	if err != nil {
		t.Fatal(err)
	}
	asked := make(chan int, 1)
	go func() {
		w := newWriter(s)
		n := 0
		for w.send(msgNeed, appendRanges(nil, ranges{{0, len(m.items)}})) == nil && w.flush() == nil {
			n++
		}
		asked <- n
	}()
	for l.opened.Load(); server.read.Load() < 100; { // it answers until nobody reads
		runtime.Gosched()
	}
	s.Close()
	if n := <-asked; n > 100_000 {
		t.Errorf("%d questions were taken", n)
	}
	l.served.Wait()
}
