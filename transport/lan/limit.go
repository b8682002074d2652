package lan

import (
	"net/netip"
	"time"
)

const (
	sourceBurst = 12  // a finder with four links asks three times within a second
	sourceRate  = 4   // a second
	allBurst    = 200 // an office that comes back from lunch
	allRate     = 100 // a second
	maxSources  = 1024
	maxAnswered = 8192 // of one generation, see answered
)

// bucket is a number of answers that may be given, which grows with time.
type bucket struct {
	left float64
	at   time.Time
}

func (b *bucket) take(now time.Time, rate, burst float64) bool {
	if b.at.IsZero() {
		b.left = burst
	} else if passed := now.Sub(b.at).Seconds(); passed > 0 {
		b.left = min(burst, b.left+passed*rate)
	}
	b.at = now
	if b.left < 1 {
		return false
	}
	b.left--
	return true
}

// limiter bounds the answers to each source and to all.
type limiter struct {
	all     bucket
	sources map[netip.Addr]*bucket
}

func (l *limiter) allow(source netip.Addr, now time.Time) bool {
	b := l.sources[source]
	if b == nil {
		if len(l.sources) >= maxSources {
			l.forget(now)
		}
		if l.sources == nil {
			l.sources = map[netip.Addr]*bucket{}
		}
		b = &bucket{}
		l.sources[source] = b
	}
	return b.take(now, sourceRate, sourceBurst) && l.all.take(now, allRate, allBurst)
}

// forget drops the sources whose bucket is full again, and all of them when that frees too little: the bound for all holds.
func (l *limiter) forget(now time.Time) {
	for source, b := range l.sources {
		if now.Sub(b.at).Seconds()*sourceRate >= sourceBurst {
			delete(l.sources, source)
		}
	}
	if len(l.sources) > maxSources/2 {
		clear(l.sources)
	}
}

// question is what makes a query one: it goes out by several links, and is answered once for each family of addresses.
type question struct {
	instance, millis uint64
	six              bool
}

// answered remembers questions, in two generations: the older one is dropped when the newer one is full.
type answered struct {
	newer, older map[question]bool
}

// first reports whether the question is new, and remembers it.
func (a *answered) first(q question) bool {
	if a.newer[q] || a.older[q] {
		return false
	}
	if a.newer == nil || len(a.newer) >= maxAnswered {
		a.older, a.newer = a.newer, map[question]bool{}
	}
	a.newer[q] = true
	return true
}
