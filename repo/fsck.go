package repo

import (
	"context"
	"errors"
	"fmt"
	"sort"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/objects/pack"
	"github.com/esync/esync/refs/roster"
)

// FsckResult is what a full check of a copy found.
type FsckResult struct {
	Objects int
	Commits int
	Bytes   int64
	// Damage is empty when all is well.
	Damage []Damage
}

// Damage is one object that is damaged or missing, or one part of the names'
// log that cannot be read.
type Damage struct {
	ID     objects.ID // zero when what is damaged has no ID
	Kind   objects.Kind
	Reason string
	Pack   string // the pack's file, when known
	// Paths are papers that need the object, and Commits some of the commits
	// that have them; both are cut at maxTouched.
	Paths   []string
	Commits []objects.ID
}

// maxTouched bounds how many papers and commits are named for one damage.
const maxTouched = 20

// Fsck reads and verifies everything: every frame of every pack, every object
// that a name reaches, every signature, and the log of names.
func (r *Repo) Fsck(ctx context.Context) (*FsckResult, error) {
	c := &checker{repo: r, res: &FsckResult{}, damaged: map[objects.ID]*Damage{}, seen: map[objects.ID]bool{}}
	names, err := r.refs.Verify()
	if err != nil {
		return nil, err
	}
	for _, d := range names.Damage {
		c.res.Damage = append(c.res.Damage, Damage{Reason: d.Error(), Pack: "refs/log"})
	}
	if err := r.store.Verify(ctx, c.frame); err != nil {
		return nil, err
	}
	packs, err := r.store.Packs()
	if err != nil && len(c.res.Damage) == 0 {
		return nil, err // of the disk; a damaged pack is in the list by now
	}
	for _, p := range packs {
		c.res.Objects += p.Objects
		c.res.Bytes += p.Bytes
	}
	if err := c.walk(ctx); err != nil {
		return nil, err
	}
	for _, d := range c.damaged {
		c.res.Damage = append(c.res.Damage, *d)
	}
	sort.Slice(c.res.Damage, func(i, j int) bool { return c.res.Damage[i].ID.Compare(c.res.Damage[j].ID) < 0 })
	r.env.progress(Progress{Phase: "checking", Done: true})
	return c.res, nil
}

// checker walks the history and remembers what it cannot read.
type checker struct {
	repo    *Repo
	res     *FsckResult
	damaged map[objects.ID]*Damage
	seen    map[objects.ID]bool
	commit  objects.ID // whose tree is being walked
	commits []objects.ID
}

// frame takes what the store found in its packs.
func (c *checker) frame(d pack.Damage) {
	if d.ID.IsZero() {
		c.res.Damage = append(c.res.Damage, Damage{Reason: d.Err.Error(), Pack: d.Pack})
		return
	}
	c.damaged[d.ID] = &Damage{ID: d.ID, Reason: d.Err.Error(), Pack: d.Pack}
}

func (c *checker) report(id objects.ID, kind objects.Kind, path string, err error) {
	d := c.damaged[id]
	if d == nil {
		d = &Damage{ID: id}
		c.damaged[id] = d
	}
	d.Kind = kind
	if d.Reason == "" {
		d.Reason = reason(err)
	}
	if path != "" && len(d.Paths) < maxTouched && !contains(d.Paths, path) {
		d.Paths = append(d.Paths, path)
	}
	if n := len(d.Commits); !c.commit.IsZero() && n < maxTouched && (n == 0 || d.Commits[n-1] != c.commit) {
		d.Commits = append(d.Commits, c.commit)
	}
}

func contains(list []string, s string) bool {
	for _, l := range list {
		if l == s {
			return true
		}
	}
	return false
}

func reason(err error) string {
	switch {
	case errors.Is(err, objects.ErrNotFound):
		return "missing"
	case err != nil:
		return err.Error()
	}
	return "damaged"
}

func (c *checker) walk(ctx context.Context) error {
	state, err := c.repo.refs.State()
	if err != nil {
		return err
	}
	var queue []objects.ID
	for _, prefix := range []string{underHeads, underTags, underRemotes, underWork, underMeta} {
		for name, value := range state.List(prefix) {
			if id := idOf(value); !id.IsZero() && name != nameLine {
				queue = append(queue, id)
			}
		}
	}
	for len(queue) > 0 {
		if err := ctx.Err(); err != nil {
			return err
		}
		id := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		if c.seen[id] {
			continue
		}
		c.seen[id] = true
		c.commit = id
		commit, err := objects.ReadCommit(c.repo.store, id)
		if err != nil {
			c.report(id, objects.KindCommit, "", err)
			continue
		}
		if !roster.IsMeta(commit) {
			c.res.Commits++
		}
		c.commits = append(c.commits, id)
		if err := c.generation(id, commit); err != nil {
			c.report(id, objects.KindCommit, "", err)
		}
		c.tree(commit.Tree, "")
		queue = append(queue, commit.Parents...)
	}
	return c.signatures(ctx, state)
}

func (c *checker) generation(id objects.ID, commit *objects.Commit) error {
	want := uint64(1)
	for _, p := range commit.Parents {
		pc, err := c.repo.graph.Commit(p)
		if err != nil {
			return nil // reported when its turn comes
		}
		want = max(want, pc.Generation+1)
	}
	if commit.Generation != want {
		return fmt.Errorf("%w: commit %s has generation %d instead of %d", objects.ErrMalformed, id.Short(), commit.Generation, want)
	}
	return nil
}

// tree visits a folder. One seen before is visited again only while there is
// damage, so that the paths and commits which it touches are found.
func (c *checker) tree(id objects.ID, path string) {
	if c.seen[id] && len(c.damaged) == 0 {
		return
	}
	c.seen[id] = true
	t, err := objects.ReadTree(c.repo.store, id)
	if err != nil {
		c.report(id, objects.KindTree, path+"/", err)
		return
	}
	for _, e := range t.Entries {
		at := e.Name
		if path != "" {
			at = path + "/" + e.Name
		}
		if e.Mode.IsFolder() {
			c.tree(e.ID, at)
			continue
		}
		if !c.seen[e.ID] || len(c.damaged) > 0 {
			c.blob(e, at)
		}
		c.seen[e.ID] = true
	}
}

// blob checks that a paper's content and all its pieces are there and whole.
func (c *checker) blob(e objects.Entry, path string) {
	if _, bad := c.damaged[e.ID]; bad {
		c.report(e.ID, objects.KindBlob, path, nil)
		return
	}
	parts, err := c.repo.store.Parts(e.ID)
	if err != nil {
		c.report(e.ID, objects.KindBlob, path, err)
		return
	}
	for _, p := range parts {
		if _, bad := c.damaged[p]; bad {
			c.report(p, objects.KindBlob, path, nil)
			continue
		}
		if ok, err := c.repo.store.Has(p); err != nil || !ok {
			if err == nil {
				err = objects.ErrNotFound
			}
			c.report(p, objects.KindBlob, path, err)
		}
	}
}
