package ssh

import (
	"fmt"
	"sync"
	"time"
)

// strangeEvents of those whom nobody knows, or who do what they may not, are logged in a second; the log must not be what
// fills the disk.
const strangeEvents = 20

// eventLog passes events on, and counts those it keeps back.
type eventLog struct {
	to func(Event)

	mu     sync.Mutex
	second time.Time
	passed int
	kept   int
}

// strange logs a Refused or Dropped, unless there were many just now.
func (l *eventLog) strange(e Event) {
	l.mu.Lock()
	if now := time.Now(); now.Sub(l.second) >= time.Second {
		l.second, l.passed = now, 0
	}
	if l.passed++; l.passed > strangeEvents {
		l.kept++
		l.mu.Unlock()
		return
	}
	if l.kept > 0 {
		e.Reason += fmt.Sprintf(" (and %d more events before)", l.kept)
		l.kept = 0
	}
	l.mu.Unlock()
	l.to(e)
}
