package transport

import (
	"context"
	"fmt"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/objects/pack"
)

const (
	// lanesFrom is how much there must be to transfer before more lanes than
	// one are worth a request.
	lanesFrom = 4 << 20
	// maxLanes is how many streams of one connection are used: as many
	// windows of 2 MiB are on their way.
	maxLanes = 4
	// maxMore is how many connections are added, each with one lane.
	maxMore = 4
)

// transfer brings entries of a list into a part, from one or several peers, in
// rounds: what a peer brought wrongly is asked of the others in the next one.
type transfer struct {
	m       *manifest
	part    *pack.Writer
	r       *receiver
	index   map[objects.ID]int32 // where each object that was missing stands in m
	sources []*source
	round   int
	// unmet are frames that lacked a base to the end.
	unmet []heldFrame
}

// newTransfer prepares to bring the objects that index has, by where they stand
// in the list. The caller closes it.
func newTransfer(m *manifest, part *pack.Writer, index map[objects.ID]int32, sources []*source) *transfer {
	t := &transfer{m: m, part: part, r: newReceiver(part), index: index, sources: sources}
	t.r.wanted = func(id objects.ID) bool {
		_, ok := index[id]
		return ok
	}
	return t
}

func (t *transfer) close() { t.r.close() }

// run goes through the rounds. work has lanes work on a board, each joined to
// it before work returns, and tells by wait when all of them have ended.
func (t *transfer) run(ctx context.Context, need ranges, work func(ctx context.Context, b *board) (wait func())) error {
	for ; ; t.round++ {
		if need.len() == 0 {
			return nil
		}
		dropped := t.dropped()
		err := t.once(ctx, need, work)
		if fatal := t.r.failure(); fatal != nil || ctx.Err() != nil {
			return cmpErr(fatal, err)
		}
		if need = t.rest(); need.len() == 0 {
			if err := t.unbased(); err != nil {
				return err
			}
			need = t.rest()
		}
		switch {
		case need.len() == 0:
			return nil
		case t.dropped() == dropped || t.dropped() == len(t.sources):
			if err == nil {
				err = t.reason()
			}
			return err
		}
	}
}

func cmpErr(first, second error) error {
	if first != nil {
		return first
	}
	return second
}

// once is one round.
func (t *transfer) once(ctx context.Context, need ranges, work func(context.Context, *board) func()) error {
	b := newBoard(t.m, need, t.r, t.sources...)
	t.r.broken, t.r.blame, t.r.stored = b.fail, func(l *lane, err error) { b.drop(l.src, err) }, b.stored
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	wait := work(ctx, b)
	err := b.wait(ctx)
	if err != nil {
		cancel()
	}
	wait()
	if drainErr := t.r.drain(); err == nil {
		err = drainErr
	}
	return err
}

// unbased gives up the peers whose frames still lack a base when all is here,
// while there are others.
func (t *transfer) unbased() error {
	waiting := t.r.purge()
	t.unmet = waiting
	if len(waiting) == 0 {
		return nil
	}
	err := fmt.Errorf("%w: object %s wants it", ErrMissingBase, waiting[0].id.Short())
	if len(t.sources) == 1 {
		return err
	}
	for _, f := range waiting {
		if src := f.from.src; src.err == nil {
			src.err, src.done.Err = err, err
		}
	}
	return nil
}

// dropped is how many peers were given up.
func (t *transfer) dropped() (n int) {
	for _, src := range t.sources {
		if src.err != nil {
			n++
		}
	}
	return n
}

// reason is why nobody brings the rest.
func (t *transfer) reason() error {
	for _, src := range t.sources {
		if src.err != nil {
			return src.err
		}
	}
	return fmt.Errorf("%w: it sent something else than it was asked for", ErrProtocol)
}

// rest is what has not come.
func (t *transfer) rest() ranges {
	var need ranges
	for i := range t.m.items {
		at, wanted := t.index[t.m.items[i].id]
		if wanted && int(at) == i && !t.r.here(t.m.items[i].id) {
			need = need.add(i)
		}
	}
	return need
}
