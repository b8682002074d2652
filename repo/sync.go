package repo

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/objects/graph"
	"github.com/esync/esync/refs"
	"github.com/esync/esync/transport"
)

// SyncOptions says what Sync does besides pulling and pushing.
type SyncOptions struct {
	// Commit records changed files first, with Message.
	Commit  bool
	Message string
}

// SyncResult is what a pull, push, sync or clone did.
type SyncResult struct {
	// Peer is the name of who was talked to, which need not be the parent.
	Peer string
	// From and To are the line's commits before and after: this copy's of a
	// pull, the peer's of a push.
	From, To      objects.ID
	Commits       int // that were carried
	BytesSent     int64
	BytesReceived int64
	RoundTrips    int
	// Helped is how many other copies shared a long pull.
	Helped int
	// UpToDate: there was nothing to carry or merge.
	UpToDate bool
	// Settings: newer settings or admissions have come.
	Settings  bool
	Conflicts []Conflict
	Merged    []string
	Notes     []string
	Files     FilesResult
}

// syncTries bounds how often Sync starts over because someone else was faster.
const syncTries = 8

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
	res.To, res.Conflicts, res.Merged, res.Notes, res.Files = m.ID, m.Conflicts, m.Merged, m.Notes, m.Files
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

// Sync commits if asked, pulls, and pushes, and starts over when someone else
// pushed in between. Conflicts travel as they are, and block nobody. Where the
// only copy that is there takes no pushes, its work is pulled all the same, and
// the error is transport.ErrRefused unless there was nothing to push.
func (r *Repo) Sync(ctx context.Context, name string, o SyncOptions) (*SyncResult, error) {
	if o.Commit {
		if _, err := r.Commit(ctx, CommitOptions{Message: o.Message}); err != nil && !errors.Is(err, ErrNothing) {
			return nil, err
		}
	}
	var res *SyncResult
	err := r.withPeer(ctx, name, transport.LevelFull, func(p peer, conn Connection) (err error) {
		res, err = r.syncWith(ctx, p, conn)
		return err
	})
	if res != nil || !errors.Is(err, transport.ErrRefused) {
		return res, err
	}
	if perr := r.withPeer(ctx, name, transport.LevelRead, func(p peer, conn Connection) (perr error) {
		if res, perr = r.pullFrom(ctx, p, conn); perr != nil || r.hasNews(p) {
			return perr
		}
		err = nil
		return nil
	}); perr != nil {
		return nil, perr
	}
	return res, err
}

// syncWith pulls and pushes over one connection. What was pulled is in the
// result also when there is an error.
func (r *Repo) syncWith(ctx context.Context, p peer, conn Connection) (*SyncResult, error) {
	var res *SyncResult
	for try := 1; ; try++ {
		pulled, err := r.pullFrom(ctx, p, conn)
		if err != nil {
			return res, err
		}
		res = addPull(res, pulled)
		if !r.hasNews(p) {
			return res, nil
		}
		pushed, err := r.pushTo(ctx, p, conn)
		switch {
		case err == nil:
			return addPush(res, pushed), nil
		case errors.Is(err, ErrNothing), errors.Is(err, ErrIncoming) && len(res.Files.Waiting) > 0:
			return res, nil
		case !errors.Is(err, ErrNotFastForward) || try == syncTries:
			return res, err
		}
	}
}

// hasNews tells whether this copy has what a peer, who was just asked, has not.
func (r *Repo) hasNews(p peer) bool {
	state, err := r.refs.State()
	return err != nil || len(r.pushChanges(state, p.name, currentLine(state))) > 0
}

func addPull(sum, one *SyncResult) *SyncResult {
	if sum == nil {
		return one
	}
	one.From = sum.From
	one.Commits += sum.Commits
	one.BytesSent += sum.BytesSent
	one.BytesReceived += sum.BytesReceived
	one.RoundTrips += sum.RoundTrips
	one.Merged = append(sum.Merged, one.Merged...)
	one.UpToDate = one.UpToDate && sum.UpToDate
	one.Files.Updated += sum.Files.Updated
	one.Files.Removed += sum.Files.Removed
	return one
}

func addPush(sum, one *SyncResult) *SyncResult {
	sum.Commits += one.Commits
	sum.BytesSent += one.BytesSent
	sum.BytesReceived += one.BytesReceived
	sum.RoundTrips += one.RoundTrips
	sum.UpToDate = sum.UpToDate && one.UpToDate
	return sum
}

// explain turns what the wire says into this package's errors.
func explain(err error) error {
	var stale *transport.StaleError
	switch {
	case errors.As(err, &stale):
		return fmt.Errorf("%w", ErrNotFastForward)
	case errors.Is(err, transport.ErrUnrelated):
		return fmt.Errorf("%w: %w", ErrUnrelated, err)
	}
	return err
}
