package pack

// Chunk sizes. Together with gear they decide where every large blob is cut,
// in every copy and for ever: two copies that cut differently share no chunks.
const (
	minChunk    = 64 << 10
	normalChunk = 96 << 10
	maxChunk    = MaxPiece
	// Before normalChunk a cut needs 19 zero bits, after it 15 (FastCDC's
	// normalisation, level 2), which draws the lengths towards their mean of
	// about 128 KiB. The bits are spread out, so that 63 bytes decide.
	maskAfter  uint64 = 0x0000d9f003530000
	maskBefore        = maskAfter | 1<<50 | 1<<53 | 1<<57 | 1<<61
)

// cut tells how long the first chunk of b is. b holds at least maxChunk bytes
// or all that is left of the blob.
func cut(b []byte) int {
	if len(b) <= minChunk {
		return len(b)
	}
	b = b[:min(len(b), maxChunk)]
	normal := min(len(b), normalChunk)
	var h uint64
	for i := minChunk; i < normal; i++ {
		h = h<<1 + gear[b[i]]
		if h&maskBefore == 0 {
			return i + 1
		}
	}
	for i := normal; i < len(b); i++ {
		h = h<<1 + gear[b[i]]
		if h&maskAfter == 0 {
			return i + 1
		}
	}
	return len(b)
}
