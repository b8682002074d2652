package merge_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/esync/esync/merge"
)

// TestHardTexts: texts that make a plain comparison quadratic, or that leave
// everything to the second algorithm, come out right and soon.
func TestHardTexts(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 1))
	random := func(n, kinds int) []byte {
		var b bytes.Buffer
		for range n {
			fmt.Fprintf(&b, "%d\n", r.IntN(kinds))
		}
		return b.Bytes()
	}
	count := func(n, step int) []byte {
		var b bytes.Buffer
		for i := range n {
			fmt.Fprintf(&b, "%d\n", i*step)
		}
		return b.Bytes()
	}
	reversed := func(text []byte) []byte {
		l := bytes.SplitAfter(text, []byte("\n"))
		var b bytes.Buffer
		for i := len(l) - 1; i >= 0; i-- {
			b.Write(l[i])
		}
		return b.Bytes()
	}
	big := count(60_000, 1)
	for _, c := range []struct {
		name     string
		old, new []byte
	}{
		{"few kinds", random(400, 2), random(380, 2)},
		{"few kinds, long", random(30_000, 3), random(30_000, 3)},
		{"nothing alike", count(50_000, 2), bytes.ReplaceAll(count(50_000, 2), []byte("\n"), []byte("x\n"))},
		{"reversed", big, reversed(big)},
		{"one line, often", bytes.Repeat([]byte("a\n"), 50_000), bytes.Repeat([]byte("a\n"), 40_000)},
		{"shuffled", random(40_000, 40_000), random(40_000, 40_000)},
		{"chain of anchors", count(20_000, 1), reversed(count(20_000, 3))},
	} {
		began := time.Now()
		diff := merge.Unified(c.old, c.new, 0)
		took := time.Since(began)
		if got := patch(t, c.old, diff); !bytes.Equal(got, c.new) {
			t.Errorf("%s: the diff gives another text", c.name)
		}
		t.Logf("%s: %v, %d bytes of diff", c.name, took, len(diff))
		// Ten times what the slowest takes under the race detector.
		if took > 20*time.Second {
			t.Errorf("%s takes %v", c.name, took)
		}
	}
	edited := bytes.Replace(big, []byte("\n777\n"), []byte("\nours\n"), 1)
	other := append(bytes.Clone(big), "theirs\n"...)
	began := time.Now()
	if _, ok := merge.Text(big, edited, other); !ok {
		t.Error("60,000 lines don't merge")
	}
	t.Logf("60,000 lines merged in %v", time.Since(began))
}
