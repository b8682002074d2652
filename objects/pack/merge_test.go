package pack

import (
	"math/rand/v2"
	"testing"
)

// TestChooseMerge simulates many commits: packs stay few, and bytes are copied
// seldom.
func TestChooseMerge(t *testing.T) {
	t.Parallel()
	for _, largest := range []int64{1000, 100_000, 3_000_000} {
		r := rand.New(rand.NewPCG(1, uint64(largest)))
		sizes := []int64{160 << 20}
		var written, copied int64
		most := 0
		for range 3000 {
			n := r.Int64N(largest) + 400
			sizes, written = append(sizes, n), written+n
			chosen := chooseMerge(sizes, mergeLimit)
			if len(chosen) > 0 {
				gone := map[int]bool{}
				var sum int64
				for _, i := range chosen {
					gone[i], sum = true, sum+sizes[i]
				}
				rest := []int64{sum}
				for i, n := range sizes {
					if !gone[i] {
						rest = append(rest, n)
					}
				}
				sizes, copied = rest, copied+sum
				if sum > mergeLimit {
					t.Fatalf("merged %d bytes in one commit", sum)
				}
			}
			most = max(most, len(sizes)-countAbove(sizes, mergeLimit/mergeFan))
		}
		t.Logf("commits up to %d bytes: at most %d small packs, each byte copied %.1f times", largest, most, float64(copied)/float64(written))
		if most > 20 || copied > 8*written {
			t.Errorf("commits up to %d bytes: %d packs, %d bytes copied of %d", largest, most, copied, written)
		}
	}
}

func countAbove(sizes []int64, limit int64) (n int) {
	for _, s := range sizes {
		if s > limit {
			n++
		}
	}
	return n
}

func TestMergeLeavesFewAlone(t *testing.T) {
	t.Parallel()
	for _, sizes := range [][]int64{nil, {1}, {1, 1, 1}, {1, 1, 1, 1 << 20, 1 << 20, 1 << 20}} {
		if got := chooseMerge(sizes, mergeLimit); got != nil {
			t.Errorf("%v: %v", sizes, got)
		}
	}
	// The small ones fill the class above up.
	k := int64(firstTier)
	if got := chooseMerge([]int64{k - 1, k - 1, k - 1, k - 1, k, k, k, 100 * k}, mergeLimit); len(got) != 7 {
		t.Errorf("cascade: %v", got)
	}
}
