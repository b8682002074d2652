package transport

import (
	"context"
	"errors"
	"sync"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/objects/pack"
	"github.com/esync/esync/refs"
)

// Host is what a server shows to one peer. It knows who the peer is and what
// he may do. It may be a Keeper and a Joiner as well, and an Engagement a
// Receipter and a Notifier; what wraps one has Unwrap.
type Host interface {
	// Open finds an engagement by name or path, or by ID when that is not
	// zero and the name is empty. What this peer may not see is
	// ErrUnknownEngagement, as is what does not exist. It may be called from
	// many goroutines.
	Open(ctx context.Context, engagement string, id objects.ID) (Engagement, error)
}

// Engagement is one engagement as far as a peer may read it. There is no way
// from it to anything that writes, unless it is an Updater as well.
type Engagement interface {
	ID() objects.ID
	Name() string
	// State gives the names; only those that Shared allows leave the copy.
	State() (refs.State, error)
	// Frames reads the store. What the shared names don't reach is never
	// asked of it on a peer's word.
	Frames() Frames
}

// Updater is an Engagement that the peer may push to.
type Updater interface {
	Engagement
	// Receive opens, or goes on with, what is received under a key.
	Receive(key string) (*pack.Writer, error)
	// Inspect is asked before anything that a push brought becomes part of
	// the store, also when it brings nothing but names. Its error is that of
	// the push, and ErrForged and ErrNotMember reach the peer as such; what
	// came stays where the store does not show it. It may be called from many
	// goroutines.
	Inspect(ctx context.Context, changes []refs.Change, a Arrived) error
	// Update moves names: all of them, or none and an error that is
	// refs.ErrStale when they have moved meanwhile. The objects are in the
	// store by then, checked and durable.
	Update(ctx context.Context, changes []refs.Change, from Pushed) error
}

// Pushed says what came with an update.
type Pushed struct {
	// Sender is the word by which the sending copy names itself.
	Sender string
	// Commits and Objects are how many are new; Bytes is what they took.
	Commits, Objects int
	Bytes            int64
}

// Receipter is an Engagement that has a word of its top-level parent to pass on:
// what of the history had arrived there, and when.
type Receipter interface {
	// Receipt gives it, signed, at most 4 KiB; nil for none.
	Receipt() []byte
}

// Notifier is an Engagement that can tell when its names change. Those of
// another are looked at every second, where somebody watches.
type Notifier interface {
	// Changed returns nil as soon as the number of the last operation (Seq of
	// refs.State) is another than since, which may be at once.
	Changed(ctx context.Context, since uint64) error
}

// power finds an optional interface in what a Host or Engagement is, or wraps:
// a wrapper has Unwrap() Host, or Unwrap() Engagement. Updater is never looked
// for behind a wrapper.
func power[T any](v any) (found T, ok bool) {
	for {
		if found, ok = v.(T); ok {
			return found, true
		}
		switch w := v.(type) {
		case interface{ Unwrap() Host }:
			v = w.Unwrap()
		case interface{ Unwrap() Engagement }:
			v = w.Unwrap()
		default:
			return found, false
		}
	}
}

// Keeper is a Host that remembers lists between streams: several lanes of one
// clone, and many clones of one engagement, make them once.
type Keeper interface {
	Lists() *Lists
}

// Lists remembers what is to be sent, within bounds. One serves all peers of a
// process. It may be used from many goroutines.
type Lists struct {
	mu    sync.Mutex
	lists []*kept // the one used last at the end
	// pushes are the pushes under way that further lanes may join.
	pushes map[laneKey]*pushing
	places map[place]*arrival
}

const (
	// keepLists and keepItems bound what is remembered, the latter to about
	// 40 MB.
	keepLists = 64
	keepItems = 1 << 20
	// minKept is how long a list is that takes longer to make than to find.
	minKept = 256
)

// NewLists makes an empty memory.
func NewLists() *Lists { return &Lists{} }

// kept is one list, or the making of it.
type kept struct {
	engagement, key objects.ID
	done            chan struct{}
	m               *manifest
	err             error
}

// get gives the list of a key, and makes it unless somebody does or did.
func (l *Lists) get(engagement, key objects.ID, make func() (*manifest, error)) (*manifest, error) {
	if l == nil {
		return make()
	}
	k, ours := l.enter(engagement, key)
	if ours {
		k.err = errMaking
		defer func() { // also when make panics: nobody waits for ever
			close(k.done)
			l.settle()
		}()
		k.m, k.err = make()
		return k.m, k.err
	}
	<-k.done
	if k.err != nil { // his trouble may not be ours
		return make()
	}
	return k.m, nil
}

var errMaking = errors.New("list was not made")

func (l *Lists) enter(engagement, key objects.ID) (k *kept, ours bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, k := range l.lists {
		if k.engagement == engagement && k.key == key {
			l.lists = append(append(l.lists[:i:i], l.lists[i+1:]...), k)
			return k, false
		}
	}
	k = &kept{engagement: engagement, key: key, done: make(chan struct{})}
	l.lists = append(l.lists, k)
	return k, true
}

// settle forgets a list that is not worth keeping, and then the oldest until
// the bounds are kept.
func (l *Lists) settle() {
	l.mu.Lock()
	defer l.mu.Unlock()
	items := 0
	var keep []*kept
	for i := len(l.lists) - 1; i >= 0; i-- {
		k := l.lists[i]
		select {
		case <-k.done:
			if k.err != nil || len(k.m.items) < minKept || items+len(k.m.items) > keepItems || len(keep) >= keepLists {
				continue
			}
			items += len(k.m.items)
		default: // being made
		}
		keep = append(keep, k)
	}
	for i, j := 0, len(keep)-1; i < j; i, j = i+1, j-1 {
		keep[i], keep[j] = keep[j], keep[i]
	}
	l.lists = keep
}

// find gives a list by its own ID, nil when it is not remembered.
func (l *Lists) find(engagement, id objects.ID) *manifest {
	if l == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, k := range l.lists {
		select {
		case <-k.done:
			if k.engagement == engagement && k.err == nil && k.m.id == id {
				return k.m
			}
		default:
		}
	}
	return nil
}
