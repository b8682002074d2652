package transport

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/objects/graph"
	"github.com/esync/esync/refs"
)

// PushRequest says what to push.
type PushRequest struct {
	// Engagement is its name, or its path at the peer.
	Engagement string
	// Changes are the names of the peer to be moved, all or none: from where
	// they were when last seen ("" for not there) to commits of this copy.
	Changes []refs.Change
	// Sender is a word by which this copy names itself to peers, at most 64
	// bytes, the same every time.
	Sender string
	// Budget is what is sent without hearing first what the peer has already,
	// DefaultBudget when 0, nothing when negative: for the attempt after one
	// that failed, of which the peer has kept what came.
	Budget int64
}

// PushResult is what a push came to.
type PushResult struct {
	// About has the receipt as of after the push.
	About
	// Tips are all names that the peer shares, as of now.
	Tips Tips
	// Commits are new to the peer as far as this copy knew, Objects were sent.
	Commits, Objects int
	Traffic          Traffic
}

// Push sends commits to a peer and has it move names to them. When it returns
// without error the peer has all of it on disk. The error is a *StaleError when
// the peer has moved on, ErrRefused when it lets nobody write.
func Push(ctx context.Context, o Opener, req PushRequest, local Local) (PushResult, error) {
	p := pusher{o: o, req: req, local: &local, meter: &meter{}, base: local.Tracking}
	for _, c := range req.Changes { // what is to be replaced is there, or the push fails
		if id, err := c.Old.ID(); err == nil && !id.IsZero() {
			p.base = append(p.base[:len(p.base):len(p.base)], id)
		}
	}
	err := p.run(ctx)
	if errors.Is(err, ErrMissingBase) || errors.Is(err, ErrIncomplete) && len(p.base) > 0 {
		// The peer has not what it had, or has it in another form. What came
		// is kept; the rest follows without assumptions.
		p.plain, p.base = true, nil
		err = p.run(ctx)
	}
	p.result.Traffic = p.meter.traffic()
	return p.result, cause(ctx, err)
}

// pusher is one call of Push.
type pusher struct {
	o     Opener
	req   PushRequest
	local *Local
	meter *meter
	base  []objects.ID // what the peer is taken to have
	plain bool

	result PushResult
}

func (p *pusher) run(ctx context.Context) error {
	m, err := p.list()
	if err != nil {
		return err
	}
	payload, err := p.request().encode()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s, stop, err := p.meter.open(ctx, p.o, payload)
	if err != nil {
		return err
	}
	defer s.Close()
	defer stop()
	eager := m.bytes <= p.budget() || len(m.items) == 0
	src := &reporting{Frames: p.local.Store, report: p.local.Progress}
	src.expect(total{objects: len(m.items), bytes: m.bytes})
	needs := make(chan ranges, maxNeeds)
	sent := make(chan error, 1)
	go func() {
		err := p.send(s, m, eager, src, needs)
		sent <- err
		for range needs { // nobody answers any more
		}
	}()
	var lanes sync.WaitGroup
	err = p.hear(newReader(s), m, eager, src, needs, func() {
		for range maxLanes - 1 {
			lanes.Go(func() { _ = p.lane(ctx, m, src) })
		}
	})
	close(needs)
	if err != nil {
		s.Close() // whatever it was, nobody listens any more
	}
	// What the peer said counts; that it stopped listening follows from it.
	if sendErr := <-sent; err == nil && sendErr != nil {
		err = sendErr
	}
	cancel()
	lanes.Wait()
	return err
}

func (p *pusher) request() *request {
	return &request{
		min: minVersion, max: maxVersion, features: features, verb: verbPush,
		engagement: p.req.Engagement, id: p.local.Engagement, sender: p.req.Sender,
		changes: p.req.Changes, bases: plain(p.plain),
	}
}

func (p *pusher) budget() uint64 {
	switch {
	case p.plain || p.req.Budget < 0:
		return 0
	case p.req.Budget > 0:
		return uint64(p.req.Budget)
	}
	return DefaultBudget
}

// list makes the list of what the peer lacks. A push that would drop commits
// is refused here already, as far as this copy can know.
func (p *pusher) list() (*manifest, error) {
	commits := graph.NewCache(p.local.Store)
	dropped := &StaleError{Dropped: true}
	var wants Tips
	for _, c := range p.req.Changes {
		after, err := c.New.ID()
		if err != nil {
			return nil, fmt.Errorf("change %q: %w", c.Name, err)
		}
		before, err := c.Old.ID()
		if err != nil {
			return nil, fmt.Errorf("change %q: %w", c.Name, err)
		}
		if after.IsZero() {
			continue
		}
		wants = append(wants, Tip{c.Name, after})
		if before.IsZero() {
			continue
		}
		if ok, err := graph.IsAncestor(commits, before, after); err != nil || !ok {
			if err != nil && !errors.Is(err, objects.ErrNotFound) {
				return nil, fmt.Errorf("compare %q: %w", c.Name, err)
			}
			dropped.Names = append(dropped.Names, refs.Stale{Name: c.Name, Expected: c.Old, Actual: c.Old})
		}
	}
	if len(dropped.Names) > 0 {
		return nil, dropped
	}
	b, err := walkTips(wants, func(wants []objects.ID) (*between, error) { return walk(p.local.Store, wants, p.base) })
	if err != nil {
		return nil, fmt.Errorf("walk history: %w", err)
	}
	p.result.Commits = max(p.result.Commits, len(b.fresh))
	m, err := list(p.local.Store, b, plain(p.plain))
	if err != nil {
		return nil, fmt.Errorf("list objects: %w", err)
	}
	return m, nil
}

// send writes the client's side: everything at once, or the list and then what
// the peer asks for.
func (p *pusher) send(s Stream, m *manifest, eager bool, src Frames, needs <-chan ranges) error {
	w := newWriter(s)
	if eager {
		t := total{objects: len(m.items), bytes: m.bytes}
		if err := w.send(msgTotal, t.encode()); err != nil {
			return err
		}
		if err := m.sendAll(w, src); err != nil {
			return err
		}
		return errors.Join(w.flush(), s.CloseWrite())
	}
	if len(m.items) > maxEntries {
		return fmt.Errorf("%w: %d objects", ErrTooLarge, len(m.items))
	}
	if err := errors.Join(m.send(w), w.flush()); err != nil {
		return err
	}
	if err := answerNeeds(w, needs, m.reads(src)); err != nil {
		return err
	}
	return s.CloseWrite()
}

// hear reads the server's side. many is called once, when there is much to
// send.
func (p *pusher) hear(in *reader, m *manifest, eager bool, src *reporting, needs chan<- ranges, many func()) error {
	p.meter.trips.Add(1)
	h, err := greet(in, p.local.Engagement)
	if err != nil {
		return err
	}
	p.result.About = h.about
	if eager {
		p.result.Objects += len(m.items)
	} else {
		payload, err := in.expect(msgTotal)
		if err != nil {
			return ourside(err, p.local.Engagement)
		}
		t, err := decodeTotal(payload)
		if err != nil {
			return err
		}
		p.result.Objects += t.objects
		src.expect(t)
		if p.meter.trips.Add(1); t.bytes > lanesFrom && far(p.o) {
			many()
		}
	}
	for {
		k, payload, err := in.next(nil)
		if err != nil {
			return ourside(unexpected(err), p.local.Engagement)
		}
		d := newDecoder(payload)
		switch {
		case k == msgNeed && !eager:
			need := d.ranges(len(m.items))
			if err := d.End(); err != nil {
				return err
			}
			needs <- need
		case k == msgResult:
			p.result.Tips = d.tips()
			p.result.Receipt = d.receipt()
			return d.End()
		default:
			return unwanted(k)
		}
	}
}

// lane is one more stream on which the peer asks for entries of the list. How
// it ends matters to nobody: what it did not bring goes over another.
func (p *pusher) lane(ctx context.Context, m *manifest, src Frames) error {
	r := p.request()
	r.verb, r.list, r.changes = verbLane, m.id, nil
	payload, err := r.encode()
	if err != nil {
		return err
	}
	s, stop, err := p.meter.open(ctx, p.o, payload)
	if err != nil {
		return err
	}
	defer s.Close()
	defer stop()
	in := newReader(s)
	if _, err := greet(in, p.local.Engagement); err != nil {
		return err
	}
	// The roles of a server that is asked: it hears, and sends.
	asked := &server{stream: s, w: newWriter(s), r: in}
	if err := asked.needs(len(m.items), m.reads(src)); err != nil {
		return err
	}
	return s.CloseWrite()
}

// reporting is Frames that tells how far the sending is.
type reporting struct {
	Frames
	report func(Progress) // may be nil

	mu    sync.Mutex
	total Progress
}

// expect notes how much there is to send.
func (r *reporting) expect(t total) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.total.TotalObjects, r.total.TotalBytes = t.objects, int64(t.bytes)
}

func (r *reporting) Frame(id objects.ID, buf []byte) ([]byte, error) {
	b, err := r.Frames.Frame(id, buf)
	return r.count(b, err)
}

func (r *reporting) PlainFrame(id objects.ID, buf []byte) ([]byte, error) {
	b, err := r.Frames.PlainFrame(id, buf)
	return r.count(b, err)
}

func (r *reporting) count(b []byte, err error) ([]byte, error) {
	if r.report == nil {
		return b, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.total.Objects++
	r.total.Bytes += int64(len(b))
	r.report(r.total)
	return b, err
}
