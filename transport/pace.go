package transport

import "time"

const (
	// A lane has so much under way at least and at most: what it loses when
	// the process or the line dies. The least, together with what the part
	// holds back before it writes, is 256 KiB; the most is what an SSH window
	// lets through anyhow.
	minWindow = 224 << 10
	maxWindow = 2 << 20
	// Bounds of what is asked for at once. Four of them fill a window.
	minSlice = 64 << 10
	maxSlice = 512 << 10
	// nextDoor is how near a peer is of whom the least window asks for 112
	// MB/s and more.
	nextDoor = 2 * time.Millisecond
)

// pace finds out how much a lane must have under way so as never to wait:
// twice what the line holds, which is the rate times the way there and back.
type pace struct {
	window int64
	came   int64   // bytes in all
	rate   float64 // bytes a second
	still  int     // answers since the rate last grew, up to settled
}

// settled is how many answers that are no faster end the search for the rate,
// in which it doubles with every way there and back.
const settled = 8

func (p *pace) slice() int64 { return min(max(p.window/4, minSlice), maxSlice) }

// ended notes an answer: how much came, of this and others, since it was asked
// for, and how far away the peer is.
func (p *pace) ended(bytes int64, took, away time.Duration) {
	sample := float64(bytes) / max(took, time.Microsecond).Seconds()
	switch {
	case p.still < settled && sample > p.rate*5/4:
		p.rate, p.still = sample, 0
	case p.still < settled:
		p.still++
	default: // lanes that share a line have it for themselves now and then
		p.rate += (sample - p.rate) / 3
	}
	if away < nextDoor {
		p.window = minWindow // what measures so short a time is the noise
		return
	}
	p.window = int64(min(max(2*p.rate*away.Seconds(), minWindow), maxWindow))
}
