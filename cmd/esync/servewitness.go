package main

import (
	"context"
	"sync"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/refs"
	"github.com/esync/esync/transport"
)

// witness is a transport.Host that notes what one conversation is about.
type witness struct {
	host transport.Host

	mu         sync.Mutex
	engagement string
	read       bool
	push       *transport.Pushed
	line       string     // what a push moved
	tip        objects.ID // and where to
}

func (w *witness) name() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.engagement
}

// Unwrap leads to the optional powers of the host.
func (w *witness) Unwrap() transport.Host { return w.host }

// Open implements transport.Host.
func (w *witness) Open(ctx context.Context, engagement string, id objects.ID) (transport.Engagement, error) {
	e, err := w.host.Open(ctx, engagement, id)
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	w.engagement = e.Name()
	w.mu.Unlock()
	if u, ok := e.(transport.Updater); ok {
		return witnessedUpdater{u, w}, nil
	}
	return witnessed{e, w}, nil
}

func (w *witness) frames(f transport.Frames) transport.Frames {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.read = true
	return f
}

type witnessed struct {
	transport.Engagement
	witness *witness
}

// Unwrap leads to the optional powers of the engagement.
func (e witnessed) Unwrap() transport.Engagement { return e.Engagement }

func (e witnessed) Frames() transport.Frames { return e.witness.frames(e.Engagement.Frames()) }

type witnessedUpdater struct {
	transport.Updater
	witness *witness
}

// Unwrap leads to the optional powers of the engagement.
func (u witnessedUpdater) Unwrap() transport.Engagement { return u.Updater }

func (u witnessedUpdater) Frames() transport.Frames { return u.witness.frames(u.Updater.Frames()) }

// Update implements transport.Updater.
func (u witnessedUpdater) Update(ctx context.Context, changes []refs.Change, from transport.Pushed) error {
	err := u.Updater.Update(ctx, changes, from)
	if err == nil {
		u.witness.mu.Lock()
		defer u.witness.mu.Unlock()
		u.witness.push = &from
		for _, c := range changes {
			if line, is := c.Name.Under("heads"); is {
				u.witness.line = line
				u.witness.tip, _ = objects.ParseID(string(c.New))
			}
		}
	}
	return err
}
