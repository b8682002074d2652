package repo

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/esync/esync/transport"
	"github.com/esync/esync/worktree"
)

const (
	// watchQuiet is how long files are left alone before they are recorded:
	// programs save in several steps.
	watchQuiet = 2 * time.Second
	// watchEvery is how often is looked whether anything went unnoticed.
	watchEvery = time.Minute
	// watchBusy is how many quiet periods files may go on changing before what
	// is settled among them is recorded.
	watchBusy = 15
)

// WatchOptions say how Watch goes about it.
type WatchOptions struct {
	// Peer is as in Pull.
	Peer string
	// Quiet is how long files are left alone before they are recorded, 0: 2 s.
	Quiet time.Duration
	// Every is how often is looked whether anything went unnoticed, 0: 1 min.
	Every time.Duration
	// NoCommit records nothing: only what is recorded by other means goes out.
	NoCommit bool
	// Event, if set, hears of what happens. It is called from several
	// goroutines.
	Event func(WatchEvent)
}

// WatchKind says what happened.
type WatchKind string

// The kinds of WatchEvent.
const (
	WatchConnected WatchKind = "connected" // with Peer
	WatchLost      WatchKind = "lost"      // Err says why; it is tried again after Retry
	WatchCommitted WatchKind = "committed" // Commit
	WatchSynced    WatchKind = "synced"    // Sync, of something that was carried
	WatchProblem   WatchKind = "problem"   // Err, of something that is tried again
)

// WatchEvent is something that happened while Watch or Forward ran.
type WatchEvent struct {
	Kind WatchKind
	// Engagement is its name.
	Engagement string
	// Peer names a copy and the way to it, as in the messages of Pull; StandIn
	// tells that it is not the one that was asked for.
	Peer    string
	StandIn bool
	Commit  *CommitResult
	Sync    *SyncResult
	Err     error
	Retry   time.Duration
}

// Watch records files as they settle, pulls whenever the peer has something
// new, and pushes what was recorded, until ctx ends, which is no error. It goes
// on when the peer is lost, with who stands in for it or alone, and tries again
// by itself. Files that their owner is changing wait, as in Pull.
func (r *Repo) Watch(ctx context.Context, o WatchOptions) error {
	o.Quiet, o.Every = cmp.Or(o.Quiet, watchQuiet), cmp.Or(o.Every, watchEvery)
	if _, err := r.planned(o.Peer); err != nil {
		return err
	}
	w := &watching{repo: r, every: o.Every}
	w.event = func(e WatchEvent) {
		e.Engagement = r.Name()
		if o.Event != nil {
			o.Event(e)
		}
	}
	if r.tree != nil && !o.NoCommit {
		w.files = newQuiet(r, o.Quiet)
		defer w.files.close()
	}
	w.link = newLink(r, o.Peer, w.event)
	return w.run(ctx)
}

// planned tells whether a peer can be meant at all.
func (r *Repo) planned(typed string) (itinerary, error) {
	a, err := r.atlas()
	if err != nil {
		return itinerary{}, err
	}
	return a.itinerary(typed)
}

// watching is one run of Watch, or Forward's for one engagement.
type watching struct {
	repo  *Repo
	link  *link
	files *quiet // nil when nothing is recorded
	every time.Duration
	event func(WatchEvent)
	// rung, if set, gives what is closed when somebody pushed to this copy.
	rung func() <-chan struct{}
	// moved, if set, is called when names of this copy may have moved.
	moved func()

	problem string // what was told last
}

// run does one thing after another until ctx ends.
func (w *watching) run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() { defer close(done); w.link.run(ctx) }()
	defer func() { cancel(); <-done }()
	every := time.NewTicker(w.every)
	defer every.Stop()
	again := time.NewTimer(0)
	defer again.Stop()
	var pause time.Duration
	for {
		var rung <-chan struct{}
		if w.rung != nil {
			rung = w.rung()
		}
		select {
		case <-ctx.Done():
			return nil
		case <-w.files.settled():
			if !w.commit(ctx) {
				continue
			}
		case <-every.C:
			w.files.look()
		case <-w.link.news:
		case <-rung:
		case <-again.C:
		}
		if w.exchange(ctx) {
			pause = 0
			continue
		}
		pause = min(max(2*pause, linkFirst), linkLongest)
		again.Reset(pause)
	}
}

// commit records what settled, and tells whether there was anything.
func (w *watching) commit(ctx context.Context) bool {
	began := time.Now()
	res, err := w.repo.commitSettled(ctx, w.files.fresh())
	w.files.recorded(time.Since(began), err)
	switch {
	case errors.Is(err, ErrNothing), errors.Is(err, errUnsettled):
		return false
	case err != nil:
		w.tell(fmt.Errorf("cannot commit: %w", err))
		return false
	}
	w.event(WatchEvent{Kind: WatchCommitted, Commit: res})
	w.movedNames()
	return true
}

func (w *watching) movedNames() {
	if w.moved != nil {
		w.moved()
	}
}

// exchange pulls and pushes where there is a connection. It is false when that
// is to be tried again soon.
func (w *watching) exchange(ctx context.Context) bool {
	var res *SyncResult
	talked, err := w.link.talk(func(p peer, conn Connection) (err error) {
		res, err = w.repo.syncWith(ctx, p, conn)
		return err
	})
	if !talked || ctx.Err() != nil {
		return true
	}
	if res != nil && (!res.UpToDate || res.Settings) {
		w.movedNames()
		w.event(WatchEvent{Kind: WatchSynced, Sync: res})
	}
	switch {
	case err == nil:
		w.problem = ""
		return true
	case isLost(err), errors.Is(err, ErrUnreachable):
		return true // the link says so, and comes back
	}
	w.tell(err)
	return errors.Is(err, transport.ErrRefused) // which will be no better soon
}

// tell reports a problem, once as long as it is the same.
func (w *watching) tell(err error) {
	if text := err.Error(); text != w.problem {
		w.problem = text
		w.event(WatchEvent{Kind: WatchProblem, Err: err})
	}
}

// errUnsettled: files were changed a moment ago.
var errUnsettled = errors.New("files are being changed")

// commitSettled records all changes under a message that names them, unless a
// file is younger than fresh.
func (r *Repo) commitSettled(ctx context.Context, fresh time.Duration) (*CommitResult, error) {
	lock, err := r.lock(ctx)
	if err != nil {
		return nil, err
	}
	defer lock.Close()
	state, err := r.refs.State()
	if err != nil {
		return nil, err
	}
	tree, err := r.treeOf(idOf(state.Get(nameBase)))
	if err != nil {
		return nil, err
	}
	scan, err := r.tree.Scan(ctx, r.store, tree, worktree.ScanOptions{})
	if err != nil {
		return nil, err
	}
	if len(scan.Changes) == 0 {
		return nil, ErrNothing
	}
	for _, c := range scan.Changes {
		if c.New == nil || c.New.Mode.IsFolder() {
			continue
		}
		if age := time.Since(c.New.Time()); age >= 0 && age < fresh {
			return nil, errUnsettled
		}
	}
	return r.commitLocked(ctx, CommitOptions{Message: savedMessage(scan.Changes)})
}

// savedMessage says in a line what was saved.
func savedMessage(changes []worktree.Change) string {
	const shown = 3
	text := "Saved "
	for i, c := range changes {
		switch {
		case i == shown:
			return fmt.Sprintf("%s and %d more", text, len(changes)-shown)
		case i > 0:
			text += ", "
		}
		text += c.Path
	}
	return text
}
