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
	line := currentLine(state)
	tip, base := idOf(state.Get(headName(line))), idOf(state.Get(nameBase))
	if !base.IsZero() && base != tip {
		if merged, err := graph.IsAncestor(r.graph, base, tip); err != nil {
			return nil, err
		} else if !merged {
			return nil, fmt.Errorf("cannot push %q: %w", line, ErrIncoming)
		}
	}
	if tip.IsZero() {
		return nil, fmt.Errorf("cannot push %q: %w: nothing is committed yet", line, ErrNothing)
	}
	var sum transport.Traffic
	if state.Get(trackingName(p.name, line)) == "" {
		if state, sum, err = r.firstPush(ctx, p, conn, state, line); err != nil {
			return nil, fmt.Errorf("cannot push %q: %w", line, explain(err))
		}
	}
	for try := 1; ; try++ {
		changes := r.pushChanges(state, p.name, line)
		if len(changes) == 0 {
			return r.pushNothing(ctx, p, conn, state, line)
		}
		done, err := transport.Push(ctx, conn, transport.PushRequest{
			Engagement: engagementOf(p.source), Sender: r.sender(), Changes: changes,
		}, r.local(state, p.name, "sending"))
		r.env.progress(Progress{Phase: "sending", Done: true})
		sum.Sent += done.Traffic.Sent
		sum.Received += done.Traffic.Received
		sum.RoundTrips += done.Traffic.RoundTrips
		var stale *transport.StaleError
		if errors.As(err, &stale) && try < syncTries {
			// The peer is not where it was last seen. If it is merely at an
			// older commit of ours, the push goes on from there.
			if state, err = r.learn(ctx, p, conn, state, line, stale); err == nil {
				continue
			}
		}
		if err != nil {
			return nil, fmt.Errorf("cannot push %q: %w", line, explain(err))
		}
		known := idOf(state.Get(trackingName(p.name, line)))
		r.heard(p, done.Tips.Get(headName(line)), done.About)
		traffic, err := r.fetchMeta(ctx, p, conn, state, done.Tips)
		sum.Sent, sum.Received, sum.RoundTrips = sum.Sent+traffic.Sent, sum.Received+traffic.Received, sum.RoundTrips+traffic.RoundTrips
		if err != nil {
			return nil, fmt.Errorf("%q was pushed, but the newer settings of the peer cannot be taken over: %w", line, err)
		}
		c, err := r.trackingChanges(state, p, done.Tips)
		if err == nil && len(c) > 0 {
			_, err = r.refs.Apply(ctx, r.operation("push "+p.name, c...))
		}
		return &SyncResult{
			Peer: p.name, From: known, To: tip, Commits: done.Commits,
			BytesSent: sum.Sent, BytesReceived: sum.Received, RoundTrips: sum.RoundTrips,
			UpToDate: done.Commits == 0 && known == tip, Settings: movesMeta(c),
		}, err
	}
}

// firstPush asks a peer that this copy has never talked to where it is: by way
// of others it may have most of what there is to send.
func (r *Repo) firstPush(ctx context.Context, p peer, conn Connection, state refs.State, line string) (refs.State, transport.Traffic, error) {
	got, err := transport.Peek(ctx, conn, transport.PeekRequest{Engagement: engagementOf(p.source), ID: idOf(state.Get(nameEngagement))})
	if err != nil || got.Tips.Get(headName(line)).IsZero() {
		return state, got.Traffic, err
	}
	state, err = r.learn(ctx, p, conn, state, line, &transport.StaleError{Tips: got.Tips})
	return state, got.Traffic, err
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
