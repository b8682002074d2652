package transport

import (
	"context"
	"io"
	"sync"
	"time"
)

// content fetches what is missing of a list over the stream that it came on,
// and more: further lanes of this peer, and other peers that have it too.
func (f *fetch) content(ctx context.Context, s Stream, in *reader, m *manifest) error {
	f.result.Resumed = max(f.result.Resumed, f.part.Count())
	need, index := missing(m, f.part)
	t := newTransfer(m, f.part, index, f.usable())
	defer t.close()
	if need.len() == 0 {
		return s.CloseWrite()
	}
	return f.bring(ctx, t, need, s, in)
}

// bring has all that can help bring some entries of the giver's list. The
// stream that the list came on is used up by the first call.
func (f *fetch) bring(ctx context.Context, t *transfer, need ranges, s Stream, in *reader) error {
	m, giver := t.m, f.sources[f.giver]
	giver.list, giver.at = m.id, nil
	before, _ := t.r.counts()
	t.r.progress = f.local.report(need.len(), m.sum(need))
	defer func() {
		n, _ := t.r.counts()
		f.result.Objects += n - before
	}()
	f.meter.trips.Add(1)
	return t.run(ctx, need, func(ctx context.Context, b *board) func() {
		all := &sync.WaitGroup{}
		many := b.bytes > lanesFrom
		for _, src := range t.sources {
			src.coming, src.last, src.skip = false, nil, 0
		}
		for _, src := range t.sources {
			w := worker{f: f, b: b, src: src, all: all}
			switch {
			case src.err != nil:
			case src == giver && t.round == 0 && b.join(src):
				all.Go(func() {
					stop := context.AfterFunc(ctx, func() { s.Close() })
					defer stop()
					b.left(src, (&lane{board: b, src: src}).run(s, in))
				})
				w.more(ctx, many)
			case (src == giver || src.at != nil) && b.join(src):
				all.Go(func() { b.left(src, w.lane(ctx, src.o)) })
				w.more(ctx, many)
			case many && src != giver && src.at == nil && b.await(src):
				all.Go(func() { w.other(ctx, t, many) })
			}
		}
		b.begun()
		return all.Wait
	})
}

// usable are the peers that have not been given up, the giver first.
func (f *fetch) usable() []*source {
	out := []*source{f.sources[f.giver]}
	for i, src := range f.sources {
		if i != f.giver && src.err == nil {
			src.at = nil
			out = append(out, src)
		}
	}
	return out
}

// worker has one peer work on a board.
type worker struct {
	f   *fetch
	b   *board
	src *source
	all *sync.WaitGroup
}

// more opens further lanes over a distance.
func (w worker) more(ctx context.Context, many bool) {
	if !many || !far(w.src.o) {
		return
	}
	for range maxLanes - 1 {
		if !w.b.join(w.src) {
			return
		}
		w.all.Go(func() { w.b.left(w.src, w.lane(ctx, w.src.o)) })
	}
	w.all.Go(func() { w.widen(ctx) })
}

// lane opens one more stream and works on it.
func (w worker) lane(ctx context.Context, o Opener) error {
	req := *w.f.request
	req.verb, req.list = verbGet, w.src.list
	payload, err := req.encode()
	if err != nil {
		return err
	}
	s, stop, err := w.f.meter.open(ctx, o, payload)
	if err != nil {
		return err
	}
	defer s.Close()
	defer stop()
	in := newReader(s)
	return (&lane{board: w.b, src: w.src, greet: func() error {
		_, err := greet(in, w.f.result.ID)
		return err
	}}).run(s, in)
}

// other has a peer make its own list of the same history, and brings what
// stands in both.
func (w worker) other(ctx context.Context, t *transfer, many bool) {
	s, in, stop, err := w.list(ctx, t)
	if err != nil || w.src.at == nil {
		w.b.listed(w.src, err)
		return
	}
	defer s.Close()
	defer stop()
	joined := w.b.join(w.src)
	w.b.listed(w.src, nil)
	if joined {
		w.more(ctx, many)
		w.b.left(w.src, (&lane{board: w.b, src: w.src}).run(s, in))
	}
}

// list asks for a peer's own list. It leaves the source without one when there
// is nothing of use in it.
func (w worker) list(ctx context.Context, t *transfer) (s Stream, in *reader, stop func() bool, err error) {
	req := *w.f.request
	req.verb, req.budget = verbFetch, 0
	payload, err := req.encode()
	if err != nil {
		return nil, nil, nil, err
	}
	if s, stop, err = w.f.meter.open(ctx, w.src.o, payload); err != nil {
		return nil, nil, nil, err
	}
	defer func() {
		if err != nil || w.src.at == nil {
			stop()
			s.Close()
		}
	}()
	in = newReader(s)
	a, err := hear(in, w.f.result.ID)
	if err != nil || a.manifest == nil {
		return s, in, stop, err
	}
	at, bytes := match(t.m, t.index, a.manifest)
	if bytes >= minWindow {
		w.src.list, w.src.at = a.manifest.id, at
	}
	return s, in, stop, nil
}

// widen adds connections one by one as long as each makes the whole faster: on
// a line that loses packets the rate grows with their number.
func (w worker) widen(ctx context.Context) {
	more, ok := w.src.o.(Multiplier)
	if !ok {
		return
	}
	rtt := w.src.o.(Distance).RTT() // far has looked
	// What the windows let through, and what would be a pity to wait for.
	enough := float64(maxLanes*maxWindow) / rtt.Seconds() / 2
	pause := max(15*rtt, 1500*time.Millisecond)
	last := 0.0
	for range maxMore {
		rate, left := w.b.rate(ctx, pause)
		switch {
		case ctx.Err() != nil, rate >= enough, rate < last*1.1, left < rate*2*pause.Seconds():
			return
		}
		last = rate
		o, err := more.Another(ctx)
		if err != nil {
			return
		}
		if !w.b.join(w.src) {
			closeOpener(o)
			return
		}
		w.all.Go(func() {
			defer closeOpener(o)
			w.b.left(w.src, w.lane(ctx, o))
		})
	}
}

func closeOpener(o Opener) {
	if c, ok := o.(io.Closer); ok {
		c.Close()
	}
}
