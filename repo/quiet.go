package repo

import (
	"errors"
	"sync/atomic"
	"time"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/worktree/notify"
)

// pollShare is how much of the time may go into looking at the files where the
// system does not tell of changes: one part in so many.
const pollShare = 25

// quiet tells when files have changed and been left alone since. Where the
// system does not tell of changes, it is time to look now and then.
type quiet struct {
	period time.Duration
	out    chan struct{}
	stop   chan struct{}
	poked  chan struct{}
	took   chan time.Duration
	polls  atomic.Bool // nobody tells of changes
}

// newQuiet watches the files of a copy. The first word comes when they have
// been left alone for the first time, so that what happened before is noticed.
func newQuiet(r *Repo, period time.Duration) *quiet {
	q := &quiet{
		period: period, out: make(chan struct{}), stop: make(chan struct{}), poked: make(chan struct{}, 1), took: make(chan time.Duration, 1),
	}
	w, err := notify.New(r.root, func(name string) bool { return name == objects.MetaDir })
	if err != nil {
		w = nil
		q.polls.Store(true)
	}
	go q.run(w)
	return q
}

// settled has a word when it is time to record. It may be asked of nil.
func (q *quiet) settled() <-chan struct{} {
	if q == nil {
		return nil
	}
	return q.out
}

// look makes it time to record after a quiet period, whatever was noticed.
func (q *quiet) look() {
	if q == nil {
		return
	}
	select {
	case q.poked <- struct{}{}:
	default:
	}
}

// recorded says how recording went after a word: how long it took, and whether
// it has to be tried again.
func (q *quiet) recorded(took time.Duration, err error) {
	if err != nil && !errors.Is(err, ErrNothing) {
		q.look()
	}
	select {
	case q.took <- took:
	default:
	}
}

// fresh is how recently a file may have been changed to be left alone for now:
// where nobody tells of changes, its own time is all there is to go by.
func (q *quiet) fresh() time.Duration {
	if q.polls.Load() {
		return q.period
	}
	return 0
}

func (q *quiet) close() { close(q.stop) }

func (q *quiet) run(w *notify.Watcher) {
	var changes <-chan struct{}
	var failed <-chan error
	if w != nil {
		defer w.Close()
		changes, failed = w.Changes(), w.Failed()
	}
	timer := time.NewTimer(q.period)
	defer timer.Stop()
	poll := time.NewTimer(q.period)
	defer poll.Stop()
	var since time.Time // of the first change that is not recorded
	var out chan struct{}
	for {
		select {
		case <-q.stop:
			return
		case <-changes:
		case <-q.poked:
		case <-failed:
			changes, failed = nil, nil
			q.polls.Store(true)
			poll.Reset(q.period)
		case <-poll.C:
			if changes != nil {
				continue
			}
			out = q.out
			continue
		case <-timer.C:
			out = q.out
			continue
		case out <- struct{}{}:
			out, since = nil, time.Time{}
			continue
		case took := <-q.took:
			poll.Reset(max(q.period, pollShare*took))
			continue
		}
		if since.IsZero() {
			since = time.Now()
		}
		if time.Since(since) < watchBusy*q.period {
			out = nil // not yet after all
			timer.Reset(q.period)
		}
	}
}
