package transport

import (
	"slices"
	"time"

	"github.com/esync/esync/objects"
)

// source is one peer that brings entries of a list. But for o and list, the
// board that it works for guards it.
type source struct {
	o Opener
	// list is how the peer names its own list of the same history.
	list objects.ID
	// at tells where an entry of our list stands in its own, -1 for nowhere;
	// nil where its list is ours.
	at []int32

	skip   int  // of what is left, it has nothing before this
	coming bool // its list is on the way
	lanes  int  // that run, or are about to
	// away is the shortest time from a question to the first of the answer.
	// Lanes that find the line full of what others asked for cannot see it.
	away time.Duration
	err  error // why it is not asked any more
	last error // how a lane ended
	done SourceResult
}

// SourceResult is what one peer brought.
type SourceResult struct {
	Objects int
	Bytes   int64
	// Err says why the peer was given up, nil when it was not.
	Err error
}

// has tells whether the peer can bring an entry as it stands in our list.
func (s *source) has(i int) bool { return s.at == nil || s.at[i] >= 0 }

// answered notes how long an answer took to begin.
func (s *source) answered(after time.Duration) {
	if s.away == 0 || after < s.away {
		s.away = max(after, time.Microsecond)
	}
}

// named gives entries of our list as the peer's own list has them.
func (s *source) named(r ranges) ranges {
	if s.at == nil {
		return r
	}
	places := make([]int32, 0, r.len())
	for _, p := range r {
		places = append(places, s.at[p.from:p.to]...)
	}
	slices.Sort(places)
	var own ranges
	for _, p := range places {
		own = own.add(int(p))
	}
	return own
}

// match finds our entries in a list that a peer made by itself. The length
// must be the same: else the two store the object in different forms, and what
// one takes for its base may be nothing that the other's list brings.
func match(m *manifest, index map[objects.ID]int32, own *manifest) (at []int32, bytes int64) {
	at = make([]int32, len(m.items))
	for i := range at {
		at[i] = -1
	}
	for j := range own.items {
		it := &own.items[j]
		if i, ok := index[it.id]; ok && m.items[i].size == it.size && at[i] < 0 {
			at[i] = int32(j)
			bytes += int64(it.size)
		}
	}
	return at, bytes
}
