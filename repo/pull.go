package repo

import (
	"context"
	"fmt"
	"slices"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/objects/graph"
	"github.com/esync/esync/refs"
	"github.com/esync/esync/transport"
)

// Pull fetches what the peer has and merges it into the current line. An empty
// name means the parent, or who stands in for it. Conflicts are in the result.
func (r *Repo) Pull(ctx context.Context, name string) (*SyncResult, error) {
	var res *SyncResult
	err := r.withPeer(ctx, name, transport.LevelRead, func(p peer, conn Connection) (err error) {
		res, err = r.pullFrom(ctx, p, conn)
		return err
	})
	return res, err
}

func (r *Repo) pullFrom(ctx context.Context, p peer, conn Connection) (*SyncResult, error) {
	got, err := r.fetch(ctx, p, conn)
	if err != nil {
		return nil, err
	}
	lock, err := r.lock(ctx)
	if err != nil {
		return nil, err
	}
	defer lock.Close()
	state, err := r.refs.State()
	if err != nil {
		return nil, err
	}
	line := currentLine(state)
	theirs := got.Tips.Get(headName(line))
	res := &SyncResult{
		Peer: p.name, From: r.at(idOf(state.Get(nameBase)), idOf(state.Get(headName(line)))), Commits: got.Commits,
		BytesSent: got.Traffic.Sent, BytesReceived: got.Traffic.Received, RoundTrips: got.Traffic.RoundTrips,
	}
	for i, s := range got.Sources {
		if i > 0 && s.Objects > 0 {
			res.Helped++
		}
	}
	tracking, err := r.trackingChanges(state, p, got.Tips)
	if err != nil {
		return nil, err
	}
	res.Settings = movesMeta(tracking)
	m, err := r.mergeLocked(ctx, theirs, fmt.Sprintf("Merge %s of %s", line, p.name), "pull "+p.name, tracking...)
	if err != nil {
		return nil, err
	}
	r.heard(p, theirs, got.About)
	res.To, res.Conflicts, res.Merged, res.Joined, res.Notes, res.Files = m.ID, m.Conflicts, m.Merged, m.Joined, m.Notes, m.Files
	res.UpToDate = res.From == res.To && got.Commits == 0
	return res, nil
}

// trackingChanges moves this copy's memory of a peer to what the peer has,
// takes over tags that this copy lacks, and settings that are newer. Names of
// commits that are not here wait for a pull: whatever a name points at is
// complete.
func (r *Repo) trackingChanges(state refs.State, p peer, theirs transport.Tips) ([]refs.Change, error) {
	changes := p.pinChange(state)
	var here transport.Tips
	for _, tip := range theirs {
		if has, err := r.store.Has(tip.ID); err != nil {
			return nil, err
		} else if has {
			here = append(here, tip)
			changes = append(changes, tipChanges(state, p.name, tip)...)
		}
	}
	if p.source.Kind == SourceBundle { // which may be older than what was heard since
		changes = slices.DeleteFunc(changes, r.goesBack)
	}
	meta, err := r.metaChanges(state, p.name, here)
	return changed(append(changes, meta...)...), err
}

// goesBack tells whether a change moves a name to what it has left behind.
func (r *Repo) goesBack(c refs.Change) bool {
	if c.Old == "" {
		return false
	}
	older, err := graph.IsAncestor(r.graph, idOf(c.New), idOf(c.Old))
	return err != nil || older
}

// tipChanges are the moves that one name of a peer makes here.
func tipChanges(state refs.State, peer string, tip transport.Tip) []refs.Change {
	if line, ok := tip.Name.Under(underHeads); ok {
		return []refs.Change{change(state, trackingName(peer, line), valueOf(tip.ID))}
	}
	tag, ok := tip.Name.Under(underTags)
	if !ok {
		return nil
	}
	changes := []refs.Change{change(state, trackingName(peer, underTags+"/"+tag), valueOf(tip.ID))}
	if state.Get(tip.Name) == "" {
		changes = append(changes, change(state, tip.Name, valueOf(tip.ID)))
	}
	return changes
}

// fetch brings the peer's objects into the store. No name moves.
func (r *Repo) fetch(ctx context.Context, p peer, conn Connection) (transport.FetchResult, error) {
	state, err := r.refs.State()
	if err != nil {
		return transport.FetchResult{}, err
	}
	local := r.local(state, p.name, "receiving")
	metas := 0
	local.Inspect = func(ctx context.Context, a transport.Arrived) (err error) {
		if metas, err = r.inspect(ctx, state, a); err != nil {
			return err
		}
		return r.vouched(state, a, conn)
	}
	help := &helpers{repo: r, giver: p}
	defer help.close()
	got, err := transport.Fetch(ctx, conn, transport.FetchRequest{Engagement: engagementOf(p.source), Sender: r.sender(), Also: help.openers()}, local)
	got.Commits -= metas
	r.env.progress(Progress{Phase: "receiving", Done: true})
	return got, explain(err)
}

// sender is the word by which peers tell this copy from others: under it they
// keep what a push that was cut had brought.
func (r *Repo) sender() string { return senderAt(r.env, r.root) }

func senderAt(env Env, root string) string {
	return objects.Sum(objects.KindBlob, []byte(env.Device+"\x00"+root)).String()[:32]
}

// local is this copy as a transfer with a peer sees it.
func (r *Repo) local(state refs.State, peer, phase string) transport.Local {
	l := transport.Local{Store: r.store.Store, Engagement: idOf(state.Get(nameEngagement)), Progress: r.env.transferProgress(phase)}
	seen := map[objects.ID]bool{}
	add := func(to *[]objects.ID, v refs.Value) {
		if id := idOf(v); !id.IsZero() && !seen[id] {
			seen[id] = true
			*to = append(*to, id)
		}
	}
	add(&l.Tracking, state.Get(trackingName(peer, currentLine(state))))
	for _, v := range state.List(underRemotes + "/" + peer) {
		add(&l.Tracking, v)
	}
	for _, root := range []string{underHeads, underWork, underTags, underRemotes, underMeta} {
		for _, v := range state.List(root) {
			add(&l.Tips, v)
		}
	}
	l.Inspect = func(ctx context.Context, a transport.Arrived) error {
		_, err := r.inspect(ctx, state, a)
		return err
	}
	return l
}

func engagementOf(s Source) string {
	if s.Kind == SourceFolder {
		return folderOf(s)
	}
	return s.Engagement
}
