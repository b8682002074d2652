package align

// Numbers gives equal elements equal numbers, over all sequences of one
// comparison. The zero value is ready.
type Numbers struct{ of map[string]int32 }

// Of gives the number of an element.
func (n *Numbers) Of(element []byte) int32 {
	id, ok := n.of[string(element)]
	if !ok {
		if n.of == nil {
			n.of = map[string]int32{}
		}
		id = int32(len(n.of))
		n.of[string(element)] = id
	}
	return id
}

// All gives the numbers of a sequence.
func (n *Numbers) All(elements [][]byte) []int32 {
	ids := make([]int32, len(elements))
	for i, e := range elements {
		ids[i] = n.Of(e)
	}
	return ids
}

// Hunk is a stretch A[ALo:AHi] that became B[BLo:BHi]; one of the two may be
// empty. Two hunks of one comparison have a common element between them.
type Hunk struct{ ALo, AHi, BLo, BHi int }

// Diff compares two sequences of numbers, which are not negative.
func Diff(a, b []int32) []Hunk {
	count := int32(0)
	for _, l := range [2][]int32{a, b} {
		for _, v := range l {
			count = max(count, v+1)
		}
	}
	d := differ{a: a, b: b, gone: make([]bool, len(a)), come: make([]bool, len(b)), budget: 64*(len(a)+len(b)) + 1<<20}
	d.histogram(0, len(a), 0, len(b), int(count))
	p := d.pairs()
	p.slide()
	return p.hunks()
}

// trim takes common elements off both ends of a[aLo:aHi] and b[bLo:bHi].
func trim(a, b []int32, aLo, aHi, bLo, bHi int) (int, int, int, int) {
	for aLo < aHi && bLo < bHi && a[aLo] == b[bLo] {
		aLo, bLo = aLo+1, bLo+1
	}
	for aLo < aHi && bLo < bHi && a[aHi-1] == b[bHi-1] {
		aHi, bHi = aHi-1, bHi-1
	}
	return aLo, aHi, bLo, bHi
}

// differ marks the elements of a that are gone and those of b that have come.
type differ struct {
	a, b       []int32
	gone, come []bool
	// budget bounds the elements that the histogram looks at, which malicious
	// input could make quadratic. When it is used up Myers goes on.
	budget int
	index  *index
	myers  *myers
}

func (d *differ) all(aLo, aHi, bLo, bHi int) {
	for i := aLo; i < aHi; i++ {
		d.gone[i] = true
	}
	for i := bLo; i < bHi; i++ {
		d.come[i] = true
	}
}
