package repo

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/esync/esync/merge"
	"github.com/esync/esync/objects"
	"github.com/esync/esync/objects/graph"
	"github.com/esync/esync/objects/pack"
	"github.com/esync/esync/refs"
	"github.com/esync/esync/refs/roster"
	"github.com/esync/esync/worktree"
)

// Headers of commits that this package reads and writes.
const (
	headerConflicts  = merge.Header            // the conflicts that are open; absent when none remain
	headerJoined     = merge.JoinedHeader      // of a merge: what came from which side
	headerEngagement = roster.HeaderEngagement // ID of the engagement, in a commit without parents
	headerSettings   = roster.HeaderSettings   // the version of the settings that its maker knew
)

// CommitOptions says what Commit records.
type CommitOptions struct {
	Message string
	// Paths restricts the commit to these files and folders, relative to the
	// root, slash-separated; empty: everything.
	Paths []string
}

// CommitResult is what was recorded.
type CommitResult struct {
	ID      objects.ID
	Commit  *objects.Commit
	Files   int   // changed files
	Bytes   int64 // their length
	Changes []worktree.Change
	Notes   []worktree.Note
	// Incoming is the number of commits that arrived meanwhile and wait for
	// a pull or sync to be merged.
	Incoming int
}

// Commit records the changed files. The error is ErrNothing when none changed;
// the result then still has the Notes.
func (r *Repo) Commit(ctx context.Context, o CommitOptions) (*CommitResult, error) {
	if r.tree == nil {
		return nil, ErrBare
	}
	lock, err := r.lock(ctx)
	if err != nil {
		return nil, err
	}
	defer lock.Close()
	return r.commitLocked(ctx, o)
}

func (r *Repo) commitLocked(ctx context.Context, o CommitOptions) (*CommitResult, error) {
	state, err := r.refs.State()
	if err != nil {
		return nil, err
	}
	base := idOf(state.Get(nameBase))
	stands, err := r.standing(state)
	if err != nil {
		return nil, err
	}
	w, err := r.store.Begin()
	if err != nil {
		return nil, err
	}
	defer w.Close()
	rec, err := r.tree.Record(ctx, r.store, w, stands, worktree.RecordOptions{
		Paths: o.Paths,
		Progress: func(files int, bytes int64) {
			r.env.progress(Progress{Phase: "reading", Files: files, Bytes: bytes})
		},
	})
	r.env.progress(Progress{Phase: "reading", Done: true})
	if err != nil {
		return nil, err
	}
	res := &CommitResult{Files: rec.Files, Bytes: rec.Bytes, Changes: rec.Changes, Notes: rec.Notes}
	if len(rec.Changes) == 0 && rec.Tree == stands {
		return res, ErrNothing
	}
	tree, open, err := r.keepConflicts(w, state, base, stands, rec.Tree)
	if err != nil {
		return nil, err
	}
	c, err := r.newCommit(tree, o.Message, state, idOf(state.Get(nameSettings)), base)
	if err != nil {
		return nil, err
	}
	if err := setConflicts(c, open); err != nil {
		return nil, err
	}
	if res.ID, err = r.putCommit(w, c); err != nil {
		return nil, err
	}
	res.Commit = c
	if err := w.Commit(); err != nil {
		return nil, err
	}
	if err := r.advance(ctx, state, base, res.ID, rec.Tree, "commit"); err != nil {
		return nil, err
	}
	if err := r.tree.Commit(rec); err != nil {
		r.env.warn(fmt.Sprintf("the commit is safe, but the next status will be slow: %v", err))
	}
	res.Incoming, err = r.incoming(state, res.ID)
	return res, err
}

// advance moves work/base to a new commit that stands on base, with files that
// stand on a tree, and the line along with it unless commits have arrived in the
// line meanwhile.
func (r *Repo) advance(ctx context.Context, state refs.State, base, to, files objects.ID, command string) error {
	changes, err := r.moved(state, to, files)
	if err != nil {
		return err
	}
	changes = changed(changes...)
	if head := headName(currentLine(state)); idOf(state.Get(head)) == base {
		changes = append(changes, change(state, head, valueOf(to)))
	}
	_, err = r.refs.Apply(ctx, r.operation(command, changes...))
	return err
}

// incoming counts the commits of the current line that base lacks.
func (r *Repo) incoming(state refs.State, base objects.ID) (int, error) {
	tip := idOf(state.Get(headName(currentLine(state))))
	if tip.IsZero() || tip == base || base.IsZero() {
		return 0, nil
	}
	_, behind, err := graph.AheadBehind(r.graph, base, tip)
	return behind, err
}

// newCommit makes a commit of this copy's author on the given parents, by a
// version of the settings that is at least as new as those of the parents.
// Zero parents are left out. What it lacks is the signature: see putCommit.
func (r *Repo) newCommit(tree objects.ID, message string, state refs.State, settings objects.ID, parents ...objects.ID) (*objects.Commit, error) {
	c := &objects.Commit{
		Tree: tree, Generation: 1, Author: r.env.Author, Device: r.env.Device,
		When: wholeZone(r.env.Now()), Message: strings.TrimRight(message, "\n"),
	}
	for _, p := range parents {
		if p.IsZero() {
			continue
		}
		pc, err := r.graph.Commit(p)
		if err != nil {
			return nil, fmt.Errorf("read commit %s: %w", p.Short(), err)
		}
		c.Parents = append(c.Parents, p)
		c.Generation = max(c.Generation, pc.Generation+1)
	}
	if len(c.Parents) == 0 {
		setHeader(c, headerEngagement, string(state.Get(nameEngagement)))
	}
	setHeader(c, headerSettings, string(valueOf(settings)))
	return c, nil
}

// wholeZone rounds the zone's offset to a minute, as commits keep it.
func wholeZone(t time.Time) time.Time {
	if _, offset := t.Zone(); offset%60 != 0 {
		return t.In(time.FixedZone("", offset/60*60))
	}
	return t
}

// setHeader puts a header into its place; an empty value removes it.
func setHeader(c *objects.Commit, key, value string) {
	var out []objects.Header
	placed := value == ""
	for _, h := range c.Headers {
		if h.Key == key {
			continue
		}
		if !placed && h.Key > key {
			out, placed = append(out, objects.Header{Key: key, Value: value}), true
		}
		out = append(out, h)
	}
	if !placed {
		out = append(out, objects.Header{Key: key, Value: value})
	}
	c.Headers = out
}

// conflictsOf reads the conflicts that a commit carries.
func (r *Repo) conflictsOf(commit objects.ID) ([]merge.Conflict, error) {
	if commit.IsZero() {
		return nil, nil
	}
	c, err := r.graph.Commit(commit)
	if err != nil {
		return nil, err
	}
	text, ok := c.Header(headerConflicts)
	if !ok {
		return nil, nil
	}
	return merge.DecodeConflicts(text)
}

func setConflicts(c *objects.Commit, conflicts []merge.Conflict) error {
	if len(conflicts) == 0 {
		setHeader(c, headerConflicts, "")
		return nil
	}
	text, err := merge.EncodeConflicts(conflicts)
	if err != nil {
		return err
	}
	setHeader(c, headerConflicts, text)
	return nil
}

// keepConflicts gives the tree that a commit records of the files, and the
// conflicts that it leaves open: all those of its parent, since only resolve
// decides one. Whoever went on with his version of a paper in conflict has his
// newer version in it.
func (r *Repo) keepConflicts(w *pack.Writer, state refs.State, parent, stood, files objects.ID) (objects.ID, []merge.Conflict, error) {
	open, err := r.conflictsOf(parent)
	if err != nil || len(open) == 0 {
		return files, nil, err
	}
	before, err := r.treeOf(parent)
	if err != nil {
		return objects.ID{}, nil, err
	}
	tree, err := merge.Recorded(w, w, before, stood, files, open)
	if err != nil {
		return objects.ID{}, nil, err
	}
	options, err := r.mergeOptions(idOf(state.Get(nameSettings)))
	if err != nil {
		return objects.ID{}, nil, err
	}
	open, err = merge.Refresh(w, open, stood, files, options)
	return tree, open, err
}
