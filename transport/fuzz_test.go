package transport

import (
	"bytes"
	"io"
	"math"
	"testing"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/refs"
)

func FuzzRequest(f *testing.F) {
	for _, r := range []*request{
		{min: 1, max: 1, verb: verbTips},
		{min: 1, max: 3, verb: verbFetch, engagement: "eng", want: []string{"heads/*"}, haves: []objects.ID{{1}, {2}}, budget: unlimited, sender: "me"},
		{min: 1, max: 1, verb: verbJoin, id: objects.ID{3}, payload: []byte("who I am")},
		{min: 1, max: 1, verb: verbPush, id: objects.ID{3}, bases: listedBases, changes: []refs.Change{{Name: main, New: refs.IDValue(objects.ID{4})}}},
	} {
		b, err := r.encode()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := decodeRequest(b)
		if err != nil {
			return
		}
		again, err := r.encode()
		if err != nil {
			t.Fatal(err)
		}
		if back, err := decodeRequest(again); err != nil || !bytes.Equal(back.payload, r.payload) {
			t.Errorf("%x became %x: %v", b, again, err)
		}
		r.payload = nil
		if again, err = r.encode(); err != nil {
			t.Fatal(err)
		}
		// Extensions that nobody knows are the only thing that is not kept.
		if n := len(again) - 1; !bytes.Equal(again[:n], b[:min(n, len(b))]) {
			t.Errorf("%x became %x", b, again)
		}
	})
}

func FuzzMessages(f *testing.F) {
	var b bytes.Buffer
	w := newWriter(&b)
	h := hello{version: 1, about: About{ID: objects.ID{1}, Name: "eng", Level: LevelFull, Receipt: []byte("receipt")}}
	w.send(msgHello, h.encode())
	w.send(msgTips, appendTips(nil, Tips{{main, objects.ID{2}}}))
	w.send(msgError, encodeFault(&StaleError{Tips: Tips{{main, objects.ID{2}}}, Names: []refs.Stale{{Name: main}}}))
	w.send(optional|9, []byte("skipped"))
	w.send(msgData, []byte("frames"))
	w.flush()
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, b []byte) {
		r := newReader(bytes.NewReader(b))
		size := 0
		for {
			k, payload, err := r.next(func(n int) []byte { return make([]byte, 0, n) })
			if err == io.EOF && size > len(b) {
				t.Error("more came out than went in")
			}
			if err != nil {
				return
			}
			size += headerSize + len(payload)
			switch k {
			case msgHello:
				if h, err := decodeHello(payload); err == nil {
					again, err := decodeHello(h.encode())
					if err != nil || again.about.ID != h.about.ID || !bytes.Equal(again.about.Receipt, h.about.Receipt) {
						t.Errorf("%x came back as %v", payload, err)
					}
				}
			case msgTips:
				d := newDecoder(payload)
				if tips := d.tips(); d.End() == nil && !bytes.Equal(appendTips(nil, tips), payload) {
					t.Errorf("%x is not the one encoding", payload)
				}
			case msgTotal:
				if v, err := decodeTotal(payload); err == nil && !bytes.Equal(v.encode(), payload) {
					t.Errorf("%x is not the one encoding", payload)
				}
			case msgData:
				frameLength(payload)
			}
		}
	})
}

func FuzzManifest(f *testing.F) {
	f.Add(appendItem([]byte{1}, &item{id: objects.ID{1}, size: 300}))
	f.Add([]byte{0})
	f.Fuzz(func(t *testing.T, b []byte) {
		m := &manifest{}
		if m.take(b) != nil {
			return
		}
		var out bytes.Buffer
		w := newWriter(&out)
		if m.seal(); m.send(w) != nil || w.flush() != nil {
			t.Fatal("cannot be sent")
		}
		r := newReader(&out)
		first := []byte{0}
		if len(m.items) > 0 {
			var err error
			if first, err = r.expect(msgManifest); err != nil {
				t.Fatal(err)
			}
			if len(m.items) <= listPart && !bytes.Equal(first, b) {
				t.Errorf("%x became %x", b, first)
			}
		}
		got, err := receiveManifest(r, bytes.Clone(first))
		if err != nil || got.id != m.id {
			t.Errorf("came back as %v", err)
		}
	})
}

func FuzzRanges(f *testing.F) {
	f.Add(appendRanges(nil, ranges{{0, 1}, {5, 9}}), 10)
	f.Add([]byte{1, 0, 0}, 3)
	f.Fuzz(func(t *testing.T, b []byte, n int) {
		if n < 0 || n > math.MaxInt32 {
			return
		}
		d := newDecoder(b)
		r := d.ranges(n)
		if d.End() != nil {
			return
		}
		last := -1
		for _, s := range r {
			if s.from <= last || s.from >= s.to || s.to > n {
				t.Fatalf("%v of %d", r, n)
			}
			last = s.to
		}
		if !bytes.Equal(appendRanges(nil, r), b) {
			t.Errorf("%x is not the one encoding of %v", b, r)
		}
	})
}
