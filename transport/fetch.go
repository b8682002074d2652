package transport

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/objects/pack"
)

// DefaultBudget is how much a side sends before it hears what the other has
// already: what is sent in vain at most, against one round trip.
const DefaultBudget = 256 << 10

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
	// nothing when negative.
	Budget int64
	// Also are other peers with the same history, or some of it. They share
	// the work where there is much, and end it where the first peer fails.
	// What they say of names counts for nothing.
	Also []Opener
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
	// Sources is what each peer brought: the first one, then those of Also.
	Sources []SourceResult
}

// Fetch brings the history of a peer's names into the store. What an attempt
// brought before it broke is kept, and the next attempt, from whichever peer,
// asks for the rest. Everything is verified before Fetch returns without
// error; after an error the store shows nothing of it.
func Fetch(ctx context.Context, o Opener, req FetchRequest, local Local) (FetchResult, error) {
	f := fetch{req: req, local: &local, meter: &meter{}}
	for _, o := range append([]Opener{o}, req.Also...) {
		f.sources = append(f.sources, &source{o: o})
	}
	err := f.run(ctx)
	if errors.Is(err, ErrMissingBase) && !f.plain {
		// The peer took something for granted that is stored otherwise here.
		// What came is kept; the rest comes without such assumptions.
		f.plain = true
		err = f.run(ctx)
	}
	f.result.Traffic = f.meter.traffic()
	for _, src := range f.sources {
		f.result.Sources = append(f.result.Sources, src.done)
	}
	return f.result, cause(ctx, err)
}

// fetch is one call of Fetch.
type fetch struct {
	req     FetchRequest
	local   *Local
	meter   *meter
	sources []*source
	giver   int // which of them gives the list
	plain   bool
	told    bool // the first peer has said where its names are
	final   bool // what went wrong is not the peers' fault

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
	for i, src := range f.sources {
		if src.err != nil {
			err = cmp.Or(err, src.err)
			continue
		}
		f.giver = i
		next := f.from(ctx, src)
		if next == nil {
			return nil
		}
		if err == nil || f.final {
			err = next
		}
		if !f.others(ctx, next) {
			break
		}
	}
	return err
}

// others tells whether another peer may end what one could not.
func (f *fetch) others(ctx context.Context, err error) bool {
	return f.told && !f.final && ctx.Err() == nil && (f.plain || !errors.Is(err, ErrMissingBase))
}

// from fetches with one peer's list.
func (f *fetch) from(ctx context.Context, giver *source) error {
	f.ask(giver)
	payload, err := f.request.encode()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s, stop, err := f.meter.open(ctx, giver.o, payload)
	if err != nil {
		return err
	}
	defer s.Close()
	defer stop()
	got, err := f.talk(ctx, s, giver)
	if err != nil {
		if blames(err) && giver.err == nil {
			giver.err, giver.done.Err = err, err
		}
		return err
	}
	return f.accept(ctx, got)
}

// ask makes the request.
func (f *fetch) ask(giver *source) {
	r := &request{
		min: minVersion, max: maxVersion, features: features, verb: verbFetch,
		engagement: f.req.Engagement, id: f.local.Engagement, sender: f.req.Sender,
		want: f.req.Want, budget: DefaultBudget, bases: plain(f.plain),
		haves: pickHaves(f.local.Store, f.local.Tracking, f.local.Tips),
	}
	switch {
	case f.req.Budget < 0, f.plain, f.giver > 0, f.part.Count() > 0:
		r.budget = 0
	case f.req.Budget > 0:
		r.budget = uint64(f.req.Budget)
	}
	f.request = r
}

// answer is what a peer says to a fetch.
type answer struct {
	about  About
	tips   Tips
	common []objects.ID
	// One of these, or none when nothing is missing.
	total    *total
	manifest *manifest
}

// hear reads the answer up to what DATA may follow.
func hear(in *reader, ours objects.ID) (*answer, error) {
	h, err := greet(in, ours)
	if err != nil {
		return nil, err
	}
	a := &answer{about: h.about}
	if a.tips, err = in.tips(); err != nil {
		return nil, err
	}
	payload, err := in.expect(msgCommon)
	if err != nil {
		return nil, err
	}
	d := newDecoder(payload)
	a.common = d.ids(maxHaves)
	if err := d.End(); err != nil {
		return nil, err
	}
	k, payload, err := in.next(nil)
	if err != nil {
		return nil, unexpected(err)
	}
	switch k {
	case msgEnd:
	case msgTotal:
		t, err := decodeTotal(payload)
		a.total = &t
		return a, err
	case msgManifest:
		a.manifest, err = receiveManifest(in, payload)
	default:
		err = unwanted(k)
	}
	return a, err
}

// talk receives what the peer has to say and send, and tells whether there
// was anything.
func (f *fetch) talk(ctx context.Context, s Stream, giver *source) (bool, error) {
	f.meter.trips.Add(1)
	in := newReader(s)
	a, err := hear(in, f.local.Engagement)
	if err != nil {
		return false, err
	}
	if f.giver == 0 {
		f.result.About, f.result.Tips, f.told = a.about, a.tips, true
	} else if a.about.ID != f.result.ID {
		return false, &UnrelatedError{Ours: f.result.ID, Theirs: a.about.ID, Name: a.about.Name}
	}
	if err := f.prerequisites(a.common); err != nil {
		return false, err
	}
	switch {
	case a.total != nil:
		return true, f.eager(s, in, *a.total, giver)
	case a.manifest != nil:
		return true, f.content(ctx, s, in, a.manifest)
	}
	return f.giver > 0 && f.part.Count() > 0, s.CloseWrite()
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
func (f *fetch) eager(s Stream, in *reader, t total, giver *source) error {
	if err := s.CloseWrite(); err != nil {
		return err
	}
	r := newReceiver(f.part)
	defer r.close()
	r.limit, r.progress = t.objects, f.local.report(t.objects, int64(t.bytes))
	r.broken = func(error) { s.Close() }
	err := r.stream(in)
	if err == nil {
		err = r.finish()
	}
	n, bytes := r.counts()
	f.result.Objects += n
	giver.done.Objects, giver.done.Bytes = giver.done.Objects+n, giver.done.Bytes+bytes
	return err
}

// accept checks what came, and makes it part of the store.
func (f *fetch) accept(ctx context.Context, got bool) error {
	b, err := complete(f.part, f.result.Tips, f.local.known(), f.local.Store)
	if err != nil {
		return err
	}
	f.result.Commits = len(b.fresh)
	if f.local.Inspect != nil {
		if err := f.local.Inspect(ctx, Arrived{Tips: f.result.Tips, Fresh: b.freshIDs(), Source: f.part}); err != nil {
			f.final = true
			return err
		}
	}
	if !got {
		return nil
	}
	if err := f.part.Commit(); err != nil {
		f.final = true
		return fmt.Errorf("store: %w", err)
	}
	return nil
}
