package transport

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/esync/esync/objects"
)

// Serve answers one request. The stream is the peer's; it is not closed, but
// ended on this side. Idle peers are the business of whoever owns the stream:
// a Read or Write that he breaks ends Serve. The error is for the log of this
// side, and the peer has been told as much of it as concerns him.
func Serve(ctx context.Context, stream Stream, request []byte, host Host) error {
	defer context.AfterFunc(ctx, func() { stream.Close() })()
	s := &server{host: host, stream: stream, w: newWriter(stream)}
	err := s.serve(ctx, request)
	if err != nil {
		err = s.w.report(err)
	} else {
		err = s.w.flush()
	}
	_ = stream.CloseWrite() // a peer that has all it wanted may be gone
	return cause(ctx, err)
}

type server struct {
	host   Host
	stream Stream
	w      *writer
	r      *reader // nil where the peer has nothing more to say
	req    *request
	e      Engagement
	tips   Tips // all that is shared
}

func (s *server) serve(ctx context.Context, request []byte) (err error) {
	if s.req, err = decodeRequest(request); err != nil {
		return err
	}
	if in, ok := power[Introducer](s.host); ok {
		if s.host, err = in.Introduce(ctx, s.req.statement, s.req.proof); err != nil {
			return err
		}
	}
	if s.req.verb == verbJoin {
		return s.join(ctx)
	}
	if err := s.open(ctx); err != nil {
		return err
	}
	updater, full := s.e.(Updater)
	if !full && (s.req.verb == verbPush || s.req.verb == verbLane) {
		return fmt.Errorf("%w: this copy is shared for reading only", ErrRefused)
	}
	state, err := s.e.State()
	if err != nil {
		return fmt.Errorf("read names: %w", err)
	}
	if s.tips, err = TipsOf(state); err != nil {
		return err
	}
	about := About{ID: s.e.ID(), Name: s.e.Name(), Level: LevelRead}
	if full {
		about.Level = LevelFull
	}
	if about.Receipt, err = s.receipt(); err != nil {
		return err
	}
	h := s.hello(about)
	if err := s.w.send(msgHello, h.encode()); err != nil {
		return err
	}
	switch s.req.verb {
	case verbTips:
		return errors.Join(s.w.send(msgTips, appendTips(nil, s.tips.match(s.req.want))), s.w.send(msgEnd, nil))
	case verbWatch:
		return s.watch(ctx)
	}
	s.r = newReader(s.stream)
	switch s.req.verb {
	case verbFetch:
		return s.fetch()
	case verbGet:
		return s.get()
	case verbLane:
		return s.lane()
	default:
		p := push{server: s, to: updater, state: state}
		return p.run(ctx)
	}
}

// hello makes the first message.
func (s *server) hello(about About) *hello {
	return &hello{version: min(s.req.max, maxVersion), features: s.req.features & features, about: about}
}

// receipt gives the receipt that the engagement passes on.
func (s *server) receipt() ([]byte, error) {
	r, ok := power[Receipter](s.e)
	if !ok {
		return nil, nil
	}
	b := r.Receipt()
	return b, checkReceipt(b)
}

// open finds the engagement that the peer asks for.
func (s *server) open(ctx context.Context) (err error) {
	if s.e, err = s.host.Open(ctx, s.req.engagement, s.req.id); err != nil {
		return fmt.Errorf("open engagement: %w", err)
	}
	if id := s.e.ID(); !s.req.id.IsZero() && s.req.id != id {
		return &UnrelatedError{Ours: id, Theirs: s.req.id, Name: s.e.Name()}
	}
	return nil
}

// fetch answers what is missing: at once when it fits the budget, else as a
// list of which the peer takes what he needs.
func (s *server) fetch() error {
	wanted := s.tips.match(s.req.want)
	if err := s.w.send(msgTips, appendTips(nil, wanted)); err != nil {
		return err
	}
	b, err := s.walk(wanted)
	if err != nil {
		return err
	}
	if err := s.w.send(msgCommon, appendIDs(nil, b.common)); err != nil {
		return err
	}
	if len(b.fresh) == 0 {
		return s.w.send(msgEnd, nil)
	}
	m, err := s.list(wanted, b)
	if err != nil {
		return err
	}
	if m.bytes <= s.req.budget {
		t := total{objects: len(m.items), bytes: m.bytes}
		if err := s.w.send(msgTotal, t.encode()); err != nil {
			return err
		}
		return m.sendAll(s.w, s.e.Frames())
	}
	if len(m.items) > maxEntries {
		return fmt.Errorf("%w: %d objects", ErrTooLarge, len(m.items))
	}
	if err := m.send(s.w); err != nil {
		return err
	}
	return s.needs(len(m.items), m.reads(s.e.Frames()))
}

// get is one more lane of a fetch: the list is made again, or remembered, and
// must be the one that the peer has.
func (s *server) get() error {
	m := s.lists().find(s.e.ID(), s.req.list)
	if m == nil {
		wanted := s.tips.match(s.req.want)
		b, err := s.walk(wanted)
		if err != nil {
			return err
		}
		if m, err = s.list(wanted, b); err != nil {
			return err
		}
	}
	if m.id != s.req.list {
		return fmt.Errorf("%w: list %s", ErrNotShared, s.req.list.Short())
	}
	return s.needs(len(m.items), m.reads(s.e.Frames()))
}

// walk finds what the peer lacks of the names.
func (s *server) walk(wanted Tips) (*between, error) {
	b, err := walkTips(wanted, func(wants []objects.ID) (*between, error) { return walk(s.e.Frames(), wants, s.req.haves) })
	if err != nil {
		return nil, fmt.Errorf("walk history: %w", err)
	}
	return b, nil
}

func (s *server) lists() *Lists {
	if k, ok := power[Keeper](s.host); ok {
		return k.Lists()
	}
	return nil
}

// list makes the list of what a walk found.
func (s *server) list(wanted Tips, b *between) (*manifest, error) {
	key := []byte{byte(s.req.bases)}
	key = appendIDs(key, wanted.IDs())
	key = appendIDs(key, b.common)
	m, err := s.lists().get(s.e.ID(), objects.Sum(objects.KindBlob, key), func() (*manifest, error) {
		return list(s.e.Frames(), b, s.req.bases)
	})
	if err != nil {
		return nil, fmt.Errorf("list objects: %w", err)
	}
	return m, nil
}

// needs sends what the peer asks for of a list of n entries, until he ends his
// side.
func (s *server) needs(n int, read reads) error {
	if err := s.w.flush(); err != nil {
		return err
	}
	needs := make(chan ranges, maxNeeds)
	stop := make(chan struct{})
	var hearing sync.WaitGroup
	var heard error
	hearing.Go(func() {
		defer close(needs)
		heard = s.hear(n, needs, stop)
	})
	err := answerNeeds(s.w, needs, read)
	close(stop)
	if err != nil && s.w.err == nil {
		// He is told why, and has asked for more meanwhile, perhaps.
		return err
	}
	if err != nil {
		s.stream.Close() // nobody listens, so nobody need be heard
	}
	hearing.Wait()
	if heard != nil && err == nil {
		err = heard
	}
	return err
}

// maxNeeds is how many questions are read before they are answered.
const maxNeeds = 16

// hear reads what is asked for.
func (s *server) hear(n int, needs chan<- ranges, stop <-chan struct{}) error {
	for {
		k, payload, err := s.r.next(nil)
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		case k != msgNeed:
			return unwanted(k)
		}
		d := newDecoder(payload)
		r := d.ranges(n)
		if err := d.End(); err != nil {
			return err
		}
		select {
		case needs <- r:
		case <-stop:
			return nil
		}
	}
}
