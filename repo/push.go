package repo

import (
	"context"
	"errors"
	"fmt"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/objects/graph"
	"github.com/esync/esync/refs"
	"github.com/esync/esync/transport"
)

// Push carries the current line, and tags, up to a peer. The error is
// ErrNotFastForward when the peer has commits that this copy lacks, and
// ErrIncoming when commits that arrived here are not merged yet.
func (r *Repo) Push(ctx context.Context, name string) (*SyncResult, error) {
	var res *SyncResult
	err := r.withPeer(ctx, name, transport.LevelFull, func(p peer, conn Connection) (err error) {
		res, err = r.pushTo(ctx, p, conn)
		return err
	})
	return res, err
}

func (r *Repo) pushTo(ctx context.Context, p peer, conn Connection) (*SyncResult, error) {
	if p.source.Kind == SourceBundle {
		return nil, fmt.Errorf("%w: a bundle can only be pulled; \"esync bundle create\" makes one", ErrUsage)
	}
	state, err := r.refs.State()
	if err != nil {
		return nil, err
	}
	w := &pushing{repo: r, peer: p, conn: conn, state: state, line: currentLine(state)}
	if err = w.check(); err == nil {
		err = w.first(ctx)
	}
	for try := 1; err == nil; try++ {
		changes := r.pushChanges(w.state, p.name, w.line)
		if len(changes) == 0 {
			return r.pushNothing(ctx, p, conn, w.state, w.line)
		}
		done, perr := w.send(ctx, changes)
		var stale *transport.StaleError
		switch {
		case perr == nil:
			return w.end(ctx, done)
		case errors.As(perr, &stale) && try < syncTries:
			// The peer is not where it was last seen. If it is merely at an
			// older commit of ours, the push goes on from there.
			w.state, err = r.learn(ctx, p, conn, w.state, w.line, stale)
		default:
			err = perr
		}
	}
	return nil, fmt.Errorf("cannot push %q: %w", w.line, explain(err))
}

// pushing is one push under way.
type pushing struct {
	repo  *Repo
	peer  peer
	conn  Connection
	state refs.State // from which the next attempt starts
	line  string
	sum   transport.Traffic
}

// tip is the commit that is pushed.
func (w *pushing) tip() objects.ID { return idOf(w.state.Get(headName(w.line))) }

// check holds that there is something to push, and that what arrived here is
// part of it.
func (w *pushing) check() error {
	tip, base := w.tip(), idOf(w.state.Get(nameBase))
	if tip.IsZero() {
		return fmt.Errorf("%w: nothing is committed yet", ErrNothing)
	}
	if base.IsZero() || base == tip {
		return nil
	}
	merged, err := graph.IsAncestor(w.repo.graph, base, tip)
	if err == nil && !merged {
		err = ErrIncoming
	}
	return err
}

// send makes one attempt.
func (w *pushing) send(ctx context.Context, changes []refs.Change) (transport.PushResult, error) {
	r := w.repo
	done, err := transport.Push(ctx, w.conn, transport.PushRequest{
		Engagement: engagementOf(w.peer.source), Sender: r.sender(), Changes: changes,
	}, r.local(w.state, w.peer.name, "sending"))
	r.env.progress(Progress{Phase: "sending", Done: true})
	w.add(done.Traffic)
	return done, err
}

func (w *pushing) add(t transport.Traffic) {
	w.sum.Sent += t.Sent
	w.sum.Received += t.Received
	w.sum.RoundTrips += t.RoundTrips
}

// end notes where the peer is now, and takes over settings of his that are
// newer.
func (w *pushing) end(ctx context.Context, done transport.PushResult) (*SyncResult, error) {
	r, p := w.repo, w.peer
	known := idOf(w.state.Get(trackingName(p.name, w.line)))
	r.heard(p, done.Tips.Get(headName(w.line)), done.About)
	traffic, err := r.fetchMeta(ctx, p, w.conn, w.state, done.Tips)
	w.add(traffic)
	if err != nil {
		return nil, fmt.Errorf("%q was pushed, but the newer settings of the peer cannot be taken over: %w", w.line, err)
	}
	changes, err := r.trackingChanges(w.state, p, done.Tips)
	if err == nil && len(changes) > 0 {
		_, err = r.refs.Apply(ctx, r.operation("push "+p.name, changes...))
	}
	return &SyncResult{
		Peer: p.name, From: known, To: w.tip(), Commits: done.Commits,
		BytesSent: w.sum.Sent, BytesReceived: w.sum.Received, RoundTrips: w.sum.RoundTrips,
		UpToDate: done.Commits == 0 && known == w.tip(), Settings: movesMeta(changes),
	}, err
}

// first asks a peer that this copy has never talked to where it is: by way of
// others it may have most of what there is to send.
func (w *pushing) first(ctx context.Context) error {
	if w.state.Get(trackingName(w.peer.name, w.line)) != "" {
		return nil
	}
	got, err := transport.Peek(ctx, w.conn, transport.PeekRequest{Engagement: engagementOf(w.peer.source), ID: idOf(w.state.Get(nameEngagement))})
	w.add(got.Traffic)
	if err != nil || got.Tips.Get(headName(w.line)).IsZero() {
		return err
	}
	w.state, err = w.repo.learn(ctx, w.peer, w.conn, w.state, w.line, &transport.StaleError{Tips: got.Tips})
	return err
}

// learn takes over where a peer really is, and its settings where they are
// newer. It gives the refusal back when the peer has commits that this copy
// lacks, or when nothing new was learnt.
func (r *Repo) learn(ctx context.Context, p peer, conn Connection, state refs.State, line string, stale *transport.StaleError) (refs.State, error) {
	if _, err := r.fetchMeta(ctx, p, conn, state, stale.Tips); err != nil {
		return state, err
	}
	if err := r.forked(state, stale.Tips); err != nil {
		return state, err
	}
	theirs := stale.Tips.Get(headName(line))
	if !theirs.IsZero() {
		older, err := graph.IsAncestor(r.graph, theirs, idOf(state.Get(headName(line))))
		if err != nil && !errors.Is(err, objects.ErrNotFound) {
			return state, err
		}
		if !older {
			return state, stale
		}
	}
	changes, err := r.trackingChanges(state, p, stale.Tips)
	if err != nil {
		return state, err
	}
	if theirs.IsZero() {
		changes = append(changes, changed(change(state, trackingName(p.name, line), ""))...)
	}
	if len(changes) == 0 {
		return state, stale
	}
	if _, err := r.refs.Apply(ctx, r.operation("push "+p.name, changes...)); err != nil {
		return state, err
	}
	return r.refs.State()
}

// pushChanges are the names to move at the peer, each from what it was last
// known to be there.
func (r *Repo) pushChanges(state refs.State, peer, line string) []refs.Change {
	head := headName(line)
	changes := []refs.Change{{Name: head, Old: state.Get(trackingName(peer, line)), New: state.Get(head)}}
	for name, value := range state.List(underTags) {
		tag, _ := name.Under(underTags)
		if state.Get(trackingName(peer, underTags+"/"+tag)) == "" {
			changes = append(changes, refs.Change{Name: name, New: value})
		}
	}
	for name, value := range state.List(underMeta) {
		changes = append(changes, refs.Change{Name: name, Old: state.Get(trackingName(peer, name.String())), New: value})
	}
	return changed(changes...)
}

// pushNothing asks a peer that should have everything whether it still does.
// One that went back, to an older backup say, is remembered so and pushed to.
func (r *Repo) pushNothing(ctx context.Context, p peer, conn Connection, state refs.State, line string) (*SyncResult, error) {
	head := headName(line)
	tip := idOf(state.Get(head))
	got, err := transport.Fetch(ctx, conn, transport.FetchRequest{
		Engagement: engagementOf(p.source), Sender: r.sender(), Want: []string{head.String(), underMeta + "/*"},
	}, r.local(state, p.name, "receiving"))
	if err != nil {
		return nil, fmt.Errorf("cannot push %q: %w", line, explain(err))
	}
	theirs := got.Tips.Get(head)
	if theirs == tip {
		r.heard(p, theirs, got.About)
		c, err := r.trackingChanges(state, p, got.Tips)
		if err == nil && len(c) > 0 {
			_, err = r.refs.Apply(ctx, r.operation("push "+p.name, c...))
		}
		return &SyncResult{
			Peer: p.name, From: tip, To: tip, UpToDate: true, Settings: movesMeta(c),
			BytesSent: got.Traffic.Sent, BytesReceived: got.Traffic.Received, RoundTrips: got.Traffic.RoundTrips,
		}, err
	}
	if _, err := r.learn(ctx, p, conn, state, line, &transport.StaleError{Tips: got.Tips}); err != nil {
		return nil, fmt.Errorf("cannot push %q: %w", line, explain(err))
	}
	return r.pushTo(ctx, p, conn)
}
