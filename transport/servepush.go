package transport

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/objects/graph"
	"github.com/esync/esync/objects/pack"
	"github.com/esync/esync/refs"
)

// push is the server's side of one push.
type push struct {
	*server
	to    Updater
	state refs.State
}

// run takes what the peer sends, checks it, and moves the names. What came is
// kept when the names have moved meanwhile: the next attempt sends the rest.
func (p *push) run(ctx context.Context) error {
	if len(p.req.changes) == 0 {
		return fmt.Errorf("%w: push of nothing", ErrProtocol)
	}
	leave, err := p.lists().enterPlace(ctx, place{p.e.ID(), p.key()}, func() { p.stream.Close() })
	if err != nil {
		return err
	}
	defer leave()
	part, err := p.to.Receive(p.key())
	if err != nil {
		if errors.Is(err, pack.ErrBusy) {
			return fmt.Errorf("%w: %w", ErrBusy, err)
		}
		return fmt.Errorf("receive: %w", err)
	}
	defer part.Close()
	from := Pushed{Sender: p.req.sender}
	if from.Objects, from.Bytes, err = p.take(ctx, part); err != nil {
		return err
	}
	if err := p.current(); err != nil {
		return err
	}
	b, err := complete(part, p.moved(), p.tips.IDs(), p.e.Frames())
	if err != nil {
		return err
	}
	from.Commits = len(b.fresh)
	if err := p.forward(part); err != nil {
		return err
	}
	if err := p.to.Inspect(ctx, p.req.changes, Arrived{Tips: p.moved(), Fresh: b.freshIDs(), Source: part}); err != nil {
		return err
	}
	if err := part.Commit(); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	if err := p.to.Update(ctx, p.req.changes, from); err != nil {
		if errors.Is(err, refs.ErrStale) {
			return errors.Join(p.current(), err)
		}
		return fmt.Errorf("update: %w", err)
	}
	if err := p.refresh(); err != nil {
		return err
	}
	receipt, err := p.receipt()
	if err != nil {
		return err
	}
	return p.w.send(msgResult, appendExtensions(appendTips(nil, p.tips), extension{extReceipt, receipt}))
}

// key names the place where this copy's pushes are received. It stays the same
// from one attempt to the next.
func (s *server) key() string {
	sum := objects.Sum(objects.KindBlob, []byte(s.req.sender))
	return "push-" + hex.EncodeToString(sum[:8])
}

// take receives the objects: announced and sent at once, or as a list of which
// we take what is missing.
func (p *push) take(ctx context.Context, part *pack.Writer) (objects int, bytes int64, err error) {
	k, payload, err := p.r.next(nil)
	if err != nil {
		return 0, 0, unexpected(err)
	}
	switch k {
	case msgTotal:
		t, err := decodeTotal(payload)
		if err != nil {
			return 0, 0, err
		}
		if err := p.w.flush(); err != nil {
			return 0, 0, err
		}
		r := newReceiver(part)
		defer r.close()
		r.limit = t.objects
		if err := r.stream(p.r); err != nil {
			return 0, 0, err
		}
		if err := r.finish(); err != nil {
			return 0, 0, err
		}
		objects, bytes = r.counts()
		return objects, bytes, nil
	case msgManifest:
		m, err := receiveManifest(p.r, payload)
		if err != nil {
			return 0, 0, err
		}
		// Before a long transfer that would be in vain.
		if err := p.current(); err != nil {
			return 0, 0, err
		}
		return p.content(ctx, part, m)
	}
	return 0, 0, unwanted(k)
}

// content asks for what is missing of a list, over this stream and those that
// the peer adds.
func (p *push) content(ctx context.Context, part *pack.Writer, m *manifest) (objects int, bytes int64, err error) {
	src := &source{list: m.id}
	need, index := missing(m, part)
	t := newTransfer(m, part, index, []*source{src})
	defer t.close()
	sum := total{objects: need.len(), bytes: uint64(m.sum(need))}
	if err := errors.Join(p.w.send(msgTotal, sum.encode()), p.w.flush()); err != nil {
		return 0, 0, err
	}
	err = t.run(ctx, need, func(ctx context.Context, b *board) func() {
		all := &sync.WaitGroup{}
		if b.join(src) {
			all.Go(func() { b.left(src, (&lane{board: b, src: src, stays: true}).run(p.stream, p.r)) })
		}
		done := p.lists().open(p.laneKey(m.id), &pushing{ctx, b, src, all})
		return func() {
			done()
			all.Wait()
		}
	})
	if err != nil {
		return 0, 0, err
	}
	objects, bytes = t.r.counts()
	return objects, bytes, nil
}

// current tells whether the names are still where the peer thinks.
func (p *push) current() error {
	if err := p.refresh(); err != nil {
		return err
	}
	if stale := p.state.Stale(p.req.changes); len(stale) > 0 {
		return &StaleError{Names: stale, Tips: p.tips}
	}
	return nil
}

func (p *push) refresh() (err error) {
	if p.state, err = p.e.State(); err != nil {
		return fmt.Errorf("read names: %w", err)
	}
	p.tips, err = TipsOf(p.state)
	return err
}

// moved are the names that the push sets.
func (p *push) moved() Tips {
	var tips Tips
	for _, c := range p.req.changes {
		if id, err := c.New.ID(); err == nil && !id.IsZero() {
			tips = append(tips, Tip{c.Name, id})
		}
	}
	slices.SortFunc(tips, func(a, b Tip) int { return strings.Compare(a.Name.String(), b.Name.String()) })
	return tips
}

// forward holds that no name leaves commits behind.
func (p *push) forward(part *pack.Writer) error {
	commits := graph.NewCache(part)
	dropped := &StaleError{Tips: p.tips, Dropped: true}
	for _, c := range p.req.changes {
		if c.Old == "" || c.New == "" {
			continue
		}
		before, err := c.Old.ID()
		if err != nil {
			return err
		}
		after, err := c.New.ID()
		if err != nil {
			return err
		}
		ok, err := graph.IsAncestor(commits, before, after)
		if err != nil {
			return fmt.Errorf("compare %q: %w", c.Name, err)
		}
		if !ok {
			dropped.Names = append(dropped.Names, refs.Stale{Name: c.Name, Expected: c.Old, Actual: c.Old})
		}
	}
	if len(dropped.Names) > 0 {
		return dropped
	}
	return nil
}
