package transport

import (
	"context"
	"errors"
	"fmt"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/objects/pack"
)

// DefaultBudget is how much a side sends before it hears what the other has
// already: what is sent in vain at most, against one round trip.
const DefaultBudget = 1 << 20

// FetchRequest says what to fetch.
type FetchRequest struct {
	// Engagement is its name, or its path at the peer, at most 1 KiB.
	Engagement string
	// Want are names; one that ends with "*" stands for all that begin so.
	// None means all that the peer shares.
	Want []string
	// Sender is a word by which this copy names itself to peers, at most 64
	// bytes, the same every time.
	Sender string
	// Budget is what the peer may send without asking, DefaultBudget when 0,
	// nothing when negative. A clone from nearby has no limit.
	Budget int64
}

// FetchResult is what a fetch came to. Nothing in this copy has moved but the
// store: names are for the caller to move.
type FetchResult struct {
	About
	// Tips are the names that were asked for. Their history is complete in
	// the store.
	Tips Tips
	// Commits and Objects are how many are new.
	Commits, Objects int
	// Resumed is how many objects an earlier attempt had brought.
	Resumed int
	Traffic Traffic
}

// Fetch brings the history of a peer's names into the store. What an attempt
// brought before it broke is kept, and the next attempt, from whichever peer,
// asks for the rest. Everything is verified before Fetch returns without
// error; after an error the store shows nothing of it.
func Fetch(ctx context.Context, o Opener, req FetchRequest, local Local) (FetchResult, error) {
	f := fetch{o: o, req: req, local: &local, meter: &meter{}}
	err := f.run(ctx)
	if errors.Is(err, ErrMissingBase) && !f.plain {
		// The peer took something for granted that is stored otherwise here.
		// What came is kept; the rest comes without such assumptions.
		f.plain = true
		err = f.run(ctx)
	}
	f.result.Traffic = f.meter.traffic()
	return f.result, cause(ctx, err)
}

// fetch is one call of Fetch.
type fetch struct {
	o     Opener
	req   FetchRequest
	local *Local
	meter *meter
	plain bool

	request *request
	part    *pack.Writer
	result  FetchResult
}

func (f *fetch) run(ctx context.Context) (err error) {
	if f.part, err = f.local.receive(); err != nil {
		return fmt.Errorf("receive: %w", err)
	}
	defer func() {
		if closeErr := f.part.Close(); err == nil {
			err = closeErr
		}
	}()
	if err := f.ask(); err != nil {
		return err
	}
	payload, err := f.request.encode()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s, stop, err := f.meter.open(ctx, f.o, payload)
	if err != nil {
		return err
	}
	defer s.Close()
	defer stop()
	got, err := f.talk(ctx, s)
	if err != nil {
		return err
	}
	return f.accept(ctx, got)
}

// ask makes the request.
func (f *fetch) ask() error {
	r := &request{
		min: minVersion, max: maxVersion, features: features, verb: verbFetch,
		engagement: f.req.Engagement, id: f.local.Engagement, sender: f.req.Sender,
		want: f.req.Want, budget: DefaultBudget, plain: f.plain,
		haves: pickHaves(f.local.Store, f.local.Tracking, f.local.Tips),
	}
	switch {
	case f.req.Budget < 0, f.plain, f.part.Count() > 0:
		r.budget = 0
	case f.req.Budget > 0:
		r.budget = uint64(f.req.Budget)
	case len(r.haves) == 0 && !far(f.o):
		r.budget = unlimited
	}
	f.request = r
	return nil
}

// talk receives what the peer has to say and send, and tells whether there
// was anything.
func (f *fetch) talk(ctx context.Context, s Stream) (bool, error) {
	f.meter.trips.Add(1)
	in := newReader(s)
	h, err := greet(in, f.local.Engagement)
	if err != nil {
		return false, err
	}
	f.result.About = h.about
	payload, err := in.expect(msgTips)
	if err != nil {
		return false, err
	}
	d := decoder{rest: payload}
	f.result.Tips = d.tips()
	if err := d.end(); err != nil {
		return false, err
	}
	if payload, err = in.expect(msgCommon); err != nil {
		return false, err
	}
	d = decoder{rest: payload}
	common := d.ids(maxHaves)
	if err := d.end(); err != nil {
		return false, err
	}
	if err := f.prerequisites(common); err != nil {
		return false, err
	}
	k, payload, err := in.next(nil)
	if err != nil {
		return false, unexpected(err)
	}
	switch k {
	case msgEnd:
		return false, s.CloseWrite()
	case msgTotal:
		return true, f.eager(s, in, payload)
	case msgManifest:
		m, err := receiveManifest(in, payload)
		if err != nil {
			return false, err
		}
		return true, f.lanes(ctx, s, in, m)
	}
	return false, unwanted(k)
}

// prerequisites holds that what the peer builds on is here. Of a peer that was
// asked it always is, since it was this copy that named it; a bundle was not
// asked.
func (f *fetch) prerequisites(common []objects.ID) error {
	lacking := &PrerequisiteError{}
	for _, id := range common {
		if ok, err := f.local.Store.Has(id); !ok && err == nil {
			lacking.Missing = append(lacking.Missing, id)
		}
	}
	if len(lacking.Missing) > 0 {
		return lacking
	}
	return nil
}

// eager takes what comes without having been asked for piece by piece.
func (f *fetch) eager(s Stream, in *reader, payload []byte) error {
	t, err := decodeTotal(payload)
	if err != nil {
		return err
	}
	if err := s.CloseWrite(); err != nil {
		return err
	}
	r := newReceiver(f.part)
	defer r.close()
	r.limit, r.progress = t.objects, f.local.report(t.objects, int64(t.bytes))
	r.broken = func(error) { s.Close() }
	if err := r.stream(in); err != nil {
		return err
	}
	if err := r.finish(); err != nil {
		return err
	}
	f.result.Objects, _ = r.counts()
	return nil
}

// accept checks what came, and makes it part of the store.
func (f *fetch) accept(ctx context.Context, got bool) error {
	b, err := complete(f.part, f.result.Tips.IDs(), f.local.known(), f.local.Store)
	if err != nil {
		return err
	}
	f.result.Commits = len(b.fresh)
	if f.local.Inspect != nil {
		if err := f.local.Inspect(ctx, Arrived{Tips: f.result.Tips, Fresh: b.freshIDs(), Source: f.part}); err != nil {
			return err
		}
	}
	if !got {
		return nil
	}
	if err := f.part.Commit(); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	return nil
}
