package repo

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/esync/esync/internal/fsys"
	"github.com/esync/esync/objects"
	"github.com/esync/esync/refs"
	"github.com/esync/esync/refs/roster"
	"github.com/esync/esync/transport"
)

// CloneOptions says what Clone makes.
type CloneOptions struct {
	// Bare makes a copy that keeps history only.
	Bare bool
	// Under is where a folder of the engagement's name is made, when no other
	// is given; empty: the working folder of this process.
	Under string
}

// parentRemote is the name that a clone gives to where it came from.
const parentRemote = "parent"

// Clone makes a child copy of src in dir, by default a folder of the
// engagement's name. A clone that was cut is finished by the same call:
// what had arrived is not sent again. dir must be missing, empty, or such an
// unfinished clone.
//
// Three steps, each of which may be the last before a crash: the objects
// arrive in a .esync that is no engagement yet; one record names them and the
// engagement; the files are written and a second record says so.
func Clone(ctx context.Context, env Env, src Source, dir string, o CloneOptions) (*Repo, *SyncResult, error) {
	c := cloner{env: env, src: src, bare: o.Bare, source: src.Text, res: &SyncResult{Peer: parentRemote}}
	err := c.connect(ctx)
	if c.conn != nil {
		defer func() { c.conn.Close() }()
	}
	if err == nil && dir == "" {
		dir, err = c.name(ctx)
		dir = filepath.Join(o.Under, dir)
	}
	if err != nil {
		return nil, nil, err
	}
	if c.root, err = filepath.Abs(dir); err != nil {
		return nil, nil, err
	}
	r, err := c.open(ctx)
	if err != nil {
		return nil, nil, err
	}
	if err := c.checkout(ctx, r); err != nil {
		r.Close()
		return nil, nil, err
	}
	return r, c.res, nil
}

// connect reaches the source.
func (c *cloner) connect(ctx context.Context) (err error) {
	if c.src.Kind == SourceInvitation {
		return c.enter(ctx, c.src.Invitation)
	}
	if c.conn, err = connectBy(ctx, c.env, c.src, How{Via: c.env.Via}); err != nil {
		c.conn = nil
		return err
	}
	if shower, ok := c.conn.(Shower); ok {
		c.shown = shower.HostKey()
	}
	switch c.src.Kind {
	case SourceFolder:
		c.source = folderOf(c.src)
	case SourceBundle:
		c.maker = c.conn.(*bundleConnection).maker
	}
	return nil
}

// cloner is one clone under way.
type cloner struct {
	env    Env
	src    Source
	source string // as it is kept in the settings
	conn   Connection
	root   string
	bare   bool
	res    *SyncResult

	shown      string        // host key that the source showed
	pin        refs.Value    // the one that it must show from now on
	id         objects.ID    // of the engagement, zero while it is not known
	engagement string        // its name by the settings, once they have come
	meta       []refs.Change // names of settings and admissions that begin here
	metas      int           // commits that are no content
	resumed    bool          // an earlier attempt had brought commits
	about      transport.About
	maker      roster.Key // of the bundle that all comes from, else zero
}

// name asks the peer for the engagement's name.
func (c *cloner) name(ctx context.Context) (string, error) {
	about, err := transport.Peek(ctx, c.conn, transport.PeekRequest{Engagement: engagementOf(c.src), ID: c.id, Want: []string{"heads/-"}})
	if err != nil {
		return "", err
	}
	return about.Name, CheckEngagementName(about.Name)
}

// open gives the copy with all objects and names: the one that an earlier call
// got that far, or a new one.
func (c *cloner) open(ctx context.Context) (*Repo, error) {
	if _, err := os.Stat(filepath.Join(c.root, objects.MetaDir, formatFile)); err == nil {
		return c.reopen()
	}
	entries, err := os.ReadDir(c.root)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if len(entries) > 1 || len(entries) == 1 && entries[0].Name() != objects.MetaDir {
		return nil, fmt.Errorf("folder %q %w and is not empty", c.root, ErrExists)
	}
	made := err != nil // by this call
	got, err := c.fetch(ctx)
	if err != nil {
		if made && turnedAway(err) {
			os.RemoveAll(c.root) // nothing came that could go on
		}
		return nil, err
	}
	line := DefaultLine
	s := newCopy{id: got.ID, name: c.engagement, bare: c.bare}
	names := c.meta
	if c.pin != "" {
		names = append(names, refs.Change{Name: nameIn(underHostKey, parentRemote), New: c.pin})
	}
	if c.maker.IsZero() {
		s.remote, s.source = parentRemote, c.source
	} else { // who made it is the parent, wherever he is
		names = append(names, refs.Change{Name: nameParent, New: refs.Value(c.res.Peer)})
	}
	for _, tip := range got.Tips {
		names = append(names, tipChanges(refs.State{}, c.res.Peer, tip)...)
	}
	if tip := got.Tips.Get(headName(line)); !tip.IsZero() {
		names = append(names, refs.Change{Name: headName(line), New: valueOf(tip)})
	}
	return create(ctx, c.env, c.root, s, "clone "+c.source, names...)
}

// turnedAway tells whether a peer gave nothing out, rather than not all of it.
func turnedAway(err error) bool {
	return errors.Is(err, transport.ErrNotMember) || errors.Is(err, transport.ErrUnknownEngagement) || errors.Is(err, transport.ErrUnrelated)
}

// reopen opens a copy whose files may not all be written yet.
func (c *cloner) reopen() (*Repo, error) {
	r, err := openAt(c.env, c.root)
	if err != nil {
		return nil, err
	}
	state, err := r.refs.State()
	if err != nil {
		r.Close()
		return nil, err
	}
	started, err := r.unfinished(state)
	if err != nil {
		r.Close()
		return nil, err
	}
	goesOn := started.Seq > 0 || state.Seq == 1
	if c.maker.IsZero() && state.Get(nameIn(underRemote, parentRemote)) != refs.Value(c.source) || !goesOn {
		r.Close()
		return nil, fmt.Errorf("folder %q: the engagement %w", c.root, ErrExists)
	}
	return r, nil
}

// fetch brings the objects into a .esync that has nothing else yet.
func (c *cloner) fetch(ctx context.Context) (got transport.FetchResult, err error) {
	if err := os.MkdirAll(c.root, 0o755); err != nil {
		return got, err
	}
	files, err := c.env.folder(c.root)
	if err != nil {
		return got, err
	}
	defer files.Close()
	if err := fsys.MkdirAll(files, objects.MetaDir, 0o700); err != nil {
		return got, err
	}
	meta, err := files.Sub(objects.MetaDir)
	if err != nil {
		return got, err
	}
	defer meta.Close()
	lock, err := waitLock(ctx, meta, lockFile, lockWait)
	if err != nil {
		return got, err
	}
	defer lock.Close()
	store, err := openStore(c.env, meta)
	if err != nil {
		return got, err
	}
	defer store.Close()
	had := arrived(store.Store)
	c.resumed = len(had) > 0
	got, err = transport.Fetch(ctx, c.conn, transport.FetchRequest{Engagement: engagementOf(c.src), Sender: senderAt(c.env, c.root)},
		transport.Local{Store: store.Store, Engagement: c.id, Tips: had, Progress: c.env.transferProgress("receiving"), Inspect: c.inspect})
	c.env.progress(Progress{Phase: "receiving", Done: true})
	c.about = got.About
	if err == nil && got.ID != c.id {
		err = fmt.Errorf("%w: the peer says that it is %s, and its settings are those of %s", transport.ErrForged, got.ID.Short(), c.id.Short())
	}
	c.res.Commits, c.res.BytesSent, c.res.BytesReceived, c.res.RoundTrips = got.Commits-c.metas, got.Traffic.Sent, got.Traffic.Received, got.Traffic.RoundTrips
	return got, err
}

// inspect holds what arrived to the rules of an engagement of which nothing is
// known yet: all of it must follow from its own settings.
func (c *cloner) inspect(ctx context.Context, a transport.Arrived) error {
	s, err := newStanding(a.Source, c.id, a.Tips)
	if err != nil {
		return err
	}
	// What an earlier attempt brought may have come from somebody else.
	if c.resumed {
		if a.Fresh, err = history(a.Source, a.Tips); err != nil {
			return err
		}
	}
	if c.metas, err = s.inspect(ctx, a, c.env); err != nil {
		return err
	}
	settings, err := s.chain.Settings()
	if err != nil {
		return err
	}
	if !c.maker.IsZero() {
		if err := s.vouches(a, c.maker, c.env.Now()); err != nil {
			return err
		}
		if m := settings.Member(c.maker); m != nil {
			c.res.Peer = memberWord(m)
		}
	}
	if c.pin == "" && c.shown != "" {
		c.pin = refs.Value(pinOf(settings, c.shown).String())
	}
	c.id, c.engagement = s.chain.Engagement(), settings.Engagement
	c.meta = []refs.Change{{Name: nameSettings, New: valueOf(s.chain.Tip())}}
	for name, admissions := range s.admissions {
		c.meta = append(c.meta, refs.Change{Name: name, New: valueOf(admissions.Tip())})
	}
	for _, m := range c.meta {
		c.meta = append(c.meta, refs.Change{Name: trackingName(c.res.Peer, m.Name.String()), New: m.New})
	}
	return nil
}

// checkout writes the files of the line and records that they are there.
func (c *cloner) checkout(ctx context.Context, r *Repo) error {
	lock, err := waitLock(ctx, r.meta, lockFile, lockWait)
	if err != nil {
		return err
	}
	defer lock.Close()
	state, err := r.refs.State()
	if err != nil {
		return err
	}
	c.res.To = idOf(state.Get(headName(currentLine(state))))
	if c.res.Files, err = r.firstFiles(ctx, state, "clone "+c.source); err != nil {
		return err
	}
	r.heard(peer{name: c.res.Peer, source: c.src, route: RouteParent, member: c.maker}, c.res.To, c.about)
	conflicts, err := r.conflictsOf(c.res.To)
	c.res.Conflicts = wrapConflicts(conflicts)
	return err
}

// transferProgress hands on what a transfer reports.
func (e *Env) transferProgress(phase string) func(transport.Progress) {
	if e.Progress == nil {
		return nil
	}
	return func(p transport.Progress) {
		e.Progress(Progress{Phase: phase, Files: p.Objects, TotalFiles: p.TotalObjects, Bytes: p.Bytes, TotalBytes: p.TotalBytes})
	}
}
