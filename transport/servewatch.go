package transport

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/esync/esync/objects"
)

// watch says where the names are, and again whenever they are others, until
// the peer ends his side. Between two messages it holds neither the store nor
// the names, only their sum. The engagement is opened anew each time, so that
// who is no longer let in learns nothing more.
func (s *server) watch(ctx context.Context) error {
	ctx, gone := context.WithCancelCause(ctx)
	defer gone(nil)
	go func() { gone(s.hangup()) }()
	var last objects.ID
	s.tips = nil
	for {
		since, err := s.tell(&last)
		if err != nil {
			return err
		}
		if err := s.change(ctx, since); err != nil {
			if ctx.Err() != nil {
				err = context.Cause(ctx)
			}
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
		if err := s.open(ctx); err != nil {
			return err
		}
	}
}

// hangup waits until the peer has no more to say: io.EOF when that is on
// purpose.
func (s *server) hangup() error {
	var b [1]byte
	for {
		n, err := s.stream.Read(b[:])
		switch {
		case n > 0:
			return fmt.Errorf("%w: words in a watch", ErrProtocol)
		case err != nil:
			return err
		}
	}
}

// tell sends the names when they are not those of last time, and else a sign
// of life. It gives the number of the operation that they are as of.
func (s *server) tell(last *objects.ID) (since uint64, err error) {
	state, err := s.e.State()
	if err != nil {
		return 0, fmt.Errorf("read names: %w", err)
	}
	tips, err := TipsOf(state)
	if err != nil {
		return 0, err
	}
	payload := appendTips(nil, tips.match(s.req.want))
	if sum := objects.Sum(objects.KindBlob, payload); sum != *last {
		*last = sum
		err = s.w.send(msgTips, payload)
	} else {
		err = s.w.send(msgAlive, nil)
	}
	return state.Seq, errors.Join(err, s.w.flush())
}

// change waits until there is something to tell, be it that we are here.
func (s *server) change(ctx context.Context, since uint64) error {
	s.w.buf = nil
	alive, stop := context.WithTimeout(ctx, aliveEvery)
	defer stop()
	wait := poller{s.e}.Changed
	if n, ok := power[Notifier](s.e); ok {
		wait = n.Changed
	}
	switch err := wait(alive, since); {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil && alive.Err() == nil:
		return fmt.Errorf("watch names: %w", err)
	case err != nil:
		return nil
	}
	return pause(ctx, settleFor)
}

// poller is the Notifier of an engagement that is none.
type poller struct{ e Engagement }

func (p poller) Changed(ctx context.Context, since uint64) error {
	for {
		state, err := p.e.State()
		if err != nil || state.Seq != since {
			return err
		}
		if err := pause(ctx, pollEvery); err != nil {
			return err
		}
	}
}

// pause waits, or until ctx ends.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
