package repo

import (
	"context"
	"errors"
	"sync"
)

// Forward carries what comes into the copies of a Host on to their parents, and
// down what the parents have, until ctx ends, which is no error. A parent that
// is out of reach is tried again by itself; nobody stands in for it, since
// those who could are likely to be below. Files that the owner of a copy is
// changing wait, and nothing of his is recorded. Copies without a parent are
// left out; the error is ErrNoParent when no other is there.
func (h *Host) Forward(ctx context.Context, event func(WatchEvent)) error {
	var all []*watching
	for _, s := range h.all() {
		if _, has := s.repo.Parent(); !has {
			continue
		}
		r, err := openAt(h.env, s.repo.root) // one that does one thing at a time
		if err != nil {
			return err
		}
		defer r.Close()
		all = append(all, s.forwarding(r, event))
	}
	if len(all) == 0 {
		return ErrNoParent
	}
	var work sync.WaitGroup
	errs := make([]error, len(all))
	for i, w := range all {
		work.Go(func() { errs[i] = w.run(ctx) })
	}
	work.Wait()
	return errors.Join(errs...)
}

// all gives the copies that are open.
func (h *Host) all() []*served {
	h.mu.Lock()
	defer h.mu.Unlock()
	var all []*served
	for _, s := range h.served {
		all = append(all, s)
	}
	return all
}

// forwarding is what carries for one copy.
func (s *served) forwarding(r *Repo, event func(WatchEvent)) *watching {
	w := &watching{repo: r, every: watchEvery, rung: s.pushes.next, moved: s.bell.ring}
	w.event = func(e WatchEvent) {
		e.Engagement = r.Name()
		if event != nil {
			event(e)
		}
	}
	w.link = newLink(r, "", w.event)
	w.link.strict = true
	return w
}
