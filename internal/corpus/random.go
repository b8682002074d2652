package corpus

import (
	"encoding/binary"
	"hash/fnv"
	"io"
	"math"
	"math/rand/v2"
	"strings"
)

// source returns random numbers that depend on the seed and the key alone, so that files can be made in any order.
func source(seed uint64, key string) *rand.Rand {
	h := fnv.New64a()
	io.WriteString(h, key) // never fails
	return rand.New(rand.NewPCG(seed, h.Sum64()))
}

// noise returns n bytes that do not compress.
func noise(r *rand.Rand, n int) []byte {
	b := make([]byte, n+8)
	for i := 0; i < n; i += 8 {
		binary.LittleEndian.PutUint64(b[i:], r.Uint64())
	}
	return b[:n]
}

// spread returns a size, log-normal about mean.
func spread(r *rand.Rand, mean, sigma float64) int {
	return int(mean * math.Exp(r.NormFloat64()*sigma-sigma*sigma/2))
}

// words are what working papers are written with.
var words = strings.Fields(`audit evidence balance confirmation receivable payable inventory control deficiency
materiality sample testing walkthrough revenue recognition cutoff assertion completeness existence valuation
management representation letter ledger journal entry adjustment misstatement risk assessment response substantive
analytical procedure inquiry observation reperformance recalculation bank statement reconciliation prior year
current client engagement partner manager reviewer prepared reviewed conclusion exception none noted agreed to
the of and a in for with on by from no per was is at as we our tested total amount invoice vendor customer payroll
tax lease provision contingent liability going concern subsequent event related party segment disclosure note`)

func word(r *rand.Rand) string { return words[r.IntN(len(words))] }

func sentence(r *rand.Rand, n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(word(r))
	}
	b.WriteByte('.')
	return b.String()
}
