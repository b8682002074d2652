package lan

import (
	"net/netip"
	"testing"
	"time"
)

func TestLimiter(t *testing.T) {
	t.Parallel()
	var l limiter
	now := time.Unix(1_700_000_000, 0)
	one := netip.MustParseAddr("10.0.0.1")
	given := 0
	for range 1000 {
		if l.allow(one, now) {
			given++
		}
	}
	if given != sourceBurst {
		t.Fatalf("one source got %d answers at once, want %d", given, sourceBurst)
	}
	if now = now.Add(time.Second); !l.allow(one, now) {
		t.Fatal("a second later there is none")
	}
	// Many sources, each with one question.
	given = 0
	for i := range 5000 {
		if l.allow(netip.AddrFrom4([4]byte{10, 1, byte(i >> 8), byte(i)}), now) {
			given++
		}
	}
	if given > allBurst {
		t.Fatalf("all sources got %d answers at once, want at most %d", given, allBurst)
	}
	if len(l.sources) > maxSources {
		t.Fatalf("%d sources are remembered", len(l.sources))
	}
}

func TestAnsweredIsBounded(t *testing.T) {
	t.Parallel()
	var a answered
	for i := range uint64(3 * maxAnswered) {
		if !a.first(question{instance: i}) {
			t.Fatalf("question %d is new", i)
		}
		if i >= maxAnswered && a.first(question{instance: i - maxAnswered/2}) {
			t.Fatalf("question %d is forgotten at %d", i-maxAnswered/2, i)
		}
	}
	if n := len(a.newer) + len(a.older); n > 2*maxAnswered {
		t.Fatalf("%d are remembered", n)
	}
}
