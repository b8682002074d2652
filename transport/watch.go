package transport

import (
	"context"
	"fmt"
	"io"
	"sync/atomic"
	"time"
)

const (
	// aliveEvery is how often a watch in which nothing happens says that it is
	// still there: often enough for the routers on the way to remember it.
	aliveEvery = 30 * time.Second
	// silentAfter is when a peer that says nothing at all is given up.
	silentAfter = 100 * time.Second
	// settleFor is how long names that changed are left to change more.
	settleFor = 100 * time.Millisecond
	// pollEvery is how often names are looked at where nobody tells of a
	// change.
	pollEvery = time.Second
)

// WatchRequest says what to watch.
type WatchRequest struct {
	// Engagement is its name, or its path at the peer, at most 1 KiB.
	Engagement string
	// Want are names as in a FetchRequest; none means all.
	Want []string
	// Sender is as in a FetchRequest.
	Sender string
}

// Watch calls changed with the names that a peer shares: at once, and again
// whenever they are others, until ctx ends, changed returns an error, which
// then is Watch's own, or the stream breaks. A peer that falls silent is
// io.ErrUnexpectedEOF. Of local only Engagement counts.
func Watch(ctx context.Context, o Opener, req WatchRequest, local Local, changed func(Tips) error) error {
	m := &meter{}
	return cause(ctx, m.watch(ctx, o, req, local, changed))
}

func (m *meter) watch(ctx context.Context, o Opener, req WatchRequest, local Local, changed func(Tips) error) error {
	s, in, stop, err := m.call(ctx, o, &request{
		min: minVersion, max: maxVersion, features: features, verb: verbWatch,
		engagement: req.Engagement, id: local.Engagement, want: req.Want, sender: req.Sender,
	})
	if err != nil {
		return err
	}
	defer s.Close()
	stop() // the end of ctx is no accident here, and the peer is told so
	defer context.AfterFunc(ctx, func() { hangUp(s) })()
	watched := &attended{Stream: s, patience: silentAfter}
	in.r.Reset(watched)
	watched.timer = time.AfterFunc(silentAfter, func() { watched.fired.Store(true); s.Close() })
	defer watched.timer.Stop()
	if _, err := greet(in, local.Engagement); err != nil {
		return watched.explain(err)
	}
	for {
		k, payload, err := in.next(nil)
		switch {
		case err != nil:
			return watched.explain(unexpected(err))
		case k != msgTips:
			return unwanted(k)
		}
		d := newDecoder(payload)
		tips := d.tips()
		if err := d.End(); err != nil {
			return err
		}
		watched.timer.Stop() // changed may take its time
		if err := changed(tips); err != nil {
			hangUp(s)
			return err
		}
		watched.timer.Reset(silentAfter)
	}
}

// goodbye is how long the end of a stream may take to be sent.
const goodbye = time.Second

// hangUp ends a stream on purpose, and then for good.
func hangUp(s Stream) {
	said := make(chan struct{})
	go func() {
		defer close(said)
		_ = s.CloseWrite() // else the peer sees that the stream is cut
	}()
	timer := time.NewTimer(goodbye)
	defer timer.Stop()
	select {
	case <-said:
	case <-timer.C:
	}
	s.Close()
}

// attended is a stream that is given up when nothing comes.
type attended struct {
	Stream
	patience time.Duration
	timer    *time.Timer
	fired    atomic.Bool
}

func (a *attended) Read(p []byte) (int, error) {
	n, err := a.Stream.Read(p)
	if n > 0 {
		a.timer.Reset(a.patience)
	}
	return n, err
}

func (a *attended) explain(err error) error {
	if a.fired.Load() {
		return fmt.Errorf("peer has fallen silent: %w", io.ErrUnexpectedEOF)
	}
	return err
}
