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
	// nearest is the shortest time from a question to the first of the answer.
	nearest time.Duration
	came    int64   // bytes in all
	rate    float64 // bytes a second
}

func (p *pace) slice() int64 { return min(max(p.window/4, minSlice), maxSlice) }

// answered notes how long an answer took to begin.
func (p *pace) answered(after time.Duration) {
	if p.nearest == 0 || after < p.nearest {
		p.nearest = max(after, time.Microsecond)
	}
}

// ended notes an answer: how much came, of this and others, since it was asked
// for.
func (p *pace) ended(bytes int64, took time.Duration) {
	p.rate = max(float64(bytes)/max(took, time.Microsecond).Seconds(), p.rate*15/16)
	if p.nearest < nextDoor {
		p.window = minWindow // what measures so short a time is the noise
		return
	}
	p.window = int64(min(max(2*p.rate*p.nearest.Seconds(), minWindow), maxWindow))
}
