package lan

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"flag"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write the golden files anew")

// device returns a key that is the same in every run.
func device(n byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{n}, ed25519.SeedSize))
}

func discovery(n byte) (d [32]byte) {
	copy(d[:], bytes.Repeat([]byte{n}, len(d)))
	return d
}

func mustSecret(t testing.TB, discovery [32]byte) *secret {
	t.Helper()
	s, err := newSecret(discovery)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func announcement(s *secret, key ed25519.PrivateKey) body {
	b := body{Kind: kindAnnouncement, ReadOnly: true, Port: 7472, Instance: 0x0102030405060708, Millis: 1_700_000_000_123,
		Key: [32]byte(key.Public().(ed25519.PublicKey)), Head: discovery(0x77)}
	b.Signature = [64]byte(ed25519.Sign(key, b.signed(s.engagement)))
	return b
}

func TestGoldenPackets(t *testing.T) {
	s := mustSecret(t, discovery(1))
	nonce := [nonceSize]byte{0xa0, 0xa1, 0xa2}
	today := s.tagOf(dayOf(time.UnixMilli(1_700_000_000_456)))
	var out strings.Builder
	for _, b := range []body{query(9, 1_700_000_000_456, netip.MustParseAddr("192.168.7.21")), announcement(s, device(2))} {
		p, clear := s.pack(b, today, nonce), b.encode()
		fmt.Fprintf(&out, "body   %s\npacket %s\n", hex.EncodeToString(clear[:]), hex.EncodeToString(p[:]))
	}
	file := filepath.Join("..", "..", "testdata", "golden", "lan-packets.hex")
	if *update {
		if err := os.WriteFile(file, []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if out.String() != string(want) {
		t.Fatalf("packets have changed:\n%s", out.String())
	}
}

func TestPacketOfAnotherKeyIsNoise(t *testing.T) {
	t.Parallel()
	ours, theirs := mustSecret(t, discovery(1)), mustSecret(t, discovery(2))
	b := announcement(ours, device(2))
	p := ours.pack(b, ours.tagOf(1), newNonce())
	if got, err := ours.open(&p); err != nil || got != b {
		t.Fatalf("open: %v, %v", got, err)
	}
	if _, err := theirs.open(&p); err == nil {
		t.Fatal("opened with another discovery key")
	}
	for i := range p {
		p[i] ^= 1
		if _, err := ours.open(&p); err == nil {
			t.Fatalf("opened with byte %d changed", i)
		}
		p[i] ^= 1
	}
}

func TestAnnouncementIsSignedForOneEngagement(t *testing.T) {
	t.Parallel()
	ours, theirs := mustSecret(t, discovery(1)), mustSecret(t, discovery(2))
	// A member of both engagements seals what a device said in one for the other.
	b := announcement(theirs, device(2))
	p := ours.pack(b, ours.tagOf(1), newNonce())
	if _, err := ours.open(&p); err == nil {
		t.Fatal("an announcement of another engagement was taken")
	}
	// A member speaks in the name of another.
	b = announcement(ours, device(3))
	b.Key = announcement(ours, device(2)).Key
	p = ours.pack(b, ours.tagOf(1), newNonce())
	if _, err := ours.open(&p); err == nil {
		t.Fatal("an announcement signed by another key was taken")
	}
}

func TestBodyIsStrict(t *testing.T) {
	t.Parallel()
	s := mustSecret(t, discovery(1))
	good := announcement(s, device(2)).encode()
	query := query(1, 1, netip.MustParseAddr("fe80::1")).encode()
	for name, c := range map[string]struct {
		from   [bodySize]byte
		change func(b *[bodySize]byte)
	}{
		"no kind":                 {good, func(b *[bodySize]byte) { b[atKind] = 0 }},
		"unknown kind":            {good, func(b *[bodySize]byte) { b[atKind] = 3 }},
		"unknown flag":            {good, func(b *[bodySize]byte) { b[atFlags] |= 2 }},
		"port zero":               {good, func(b *[bodySize]byte) { b[atPort], b[atPort+1] = 0, 0 }},
		"instance zero":           {good, func(b *[bodySize]byte) { clear(b[atInstance:atTime]) }},
		"query with a port":       {query, func(b *[bodySize]byte) { b[atPort] = 1 }},
		"query with a flag":       {query, func(b *[bodySize]byte) { b[atFlags] = 1 }},
		"query with a key":        {query, func(b *[bodySize]byte) { b[atKey+31] = 1 }},
		"query from nowhere":      {query, func(b *[bodySize]byte) { clear(b[atKey : atKey+16]) }},
		"query with a signature":  {query, func(b *[bodySize]byte) { b[bodySize-1] = 1 }},
		"query that names a head": {query, func(b *[bodySize]byte) { b[atHead] = 1 }},
	} {
		if _, err := decodeBody(c.from); err != nil {
			t.Fatalf("%s: what it starts from is wrong: %v", name, err)
		}
		changed := c.from
		c.change(&changed)
		if _, err := decodeBody(changed); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// FuzzBody: what the decoder takes, the encoder makes again, byte for byte.
func FuzzBody(f *testing.F) {
	s := mustSecret(f, discovery(1))
	for _, b := range []body{query(1, 5, netip.MustParseAddr("10.0.0.1")), announcement(s, device(2))} {
		encoded := b.encode()
		f.Add(encoded[:])
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) != bodySize {
			return
		}
		b, err := decodeBody([bodySize]byte(data))
		if err != nil {
			return
		}
		if again := b.encode(); !bytes.Equal(again[:], data) {
			t.Fatalf("decoded %x, encoded %x", data, again)
		}
	})
}

// FuzzOpen: nothing that arrives makes a panic, and only what a member sealed is opened, even when the body was chosen freely.
func FuzzOpen(f *testing.F) {
	s := mustSecret(f, discovery(1))
	good := s.pack(announcement(s, device(2)), s.tagOf(19000), [nonceSize]byte{1})
	f.Add(good[:], false)
	clear := announcement(s, device(2)).encode()
	f.Add(append(good[:headSize:headSize], clear[:]...), true)
	f.Fuzz(func(t *testing.T, data []byte, seal bool) {
		var p packet
		if seal && len(data) >= headSize+bodySize {
			copy(p[:], data[:headSize])
			s.seal.Seal(p[:headSize], p[len(magic)+tagSize:headSize], data[headSize:headSize+bodySize], p[:headSize])
		} else {
			copy(p[:], data)
		}
		b, err := s.open(&p)
		if err != nil {
			return
		}
		if b.Kind == kindAnnouncement && !b.genuine(s.engagement) {
			t.Fatal("an announcement that nobody signed was opened")
		}
		name, _ := p.tag()
		if again := s.pack(b, name, [nonceSize]byte(p[len(magic)+tagSize:])); again != p {
			t.Fatalf("opened %x, packed %x", p, again)
		}
	})
}
