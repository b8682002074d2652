package repo

import (
	"context"
	"io"
	"os"
	"sort"
	"strings"

	"github.com/esync/esync/merge"
	"github.com/esync/esync/objects"
	"github.com/esync/esync/worktree"
)

// DiffOptions says what Diff compares.
type DiffOptions struct {
	// From is a commit; empty: the one that the files stand on.
	From string
	// To is a commit; empty: the files as they are.
	To string
	// Paths restricts the comparison to files and folders.
	Paths []string
	// NoText leaves FileDiff.Text empty and opens no file's content.
	NoText bool
}

// FileDiff is one paper that differs.
type FileDiff struct {
	Path string
	// OldPath is where a renamed paper was.
	OldPath string
	Kind    string // "added", "modified", "deleted", "renamed", "mode", "type"
	Old     *objects.Entry
	New     *objects.Entry
	// Text is a unified diff when both sides are text, or empty.
	Text string
	// Places are the cells, rows or records that differ, in a paper that is
	// compared by them: Base of each is before, Ours after.
	Places []merge.Place
	// Binary tells that a side is not text.
	Binary bool
}

// maxDiffText is the greatest length of a side of a text diff.
const maxDiffText = 16 << 20

// Diff compares two states of the papers.
func (r *Repo) Diff(ctx context.Context, o DiffOptions) ([]FileDiff, error) {
	from, err := r.treeOfSpec(o.From)
	if err != nil {
		return nil, err
	}
	if o.To != "" {
		to, err := r.treeOfSpec(o.To)
		if err != nil {
			return nil, err
		}
		return r.diffTrees(ctx, from, to, o)
	}
	if r.tree == nil {
		return nil, ErrBare
	}
	scan, err := r.tree.Scan(ctx, r.store, from, worktree.ScanOptions{Paths: o.Paths})
	if err != nil {
		return nil, err
	}
	var diffs []FileDiff
	for _, c := range scan.Changes {
		d := FileDiff{Path: c.Path, Kind: c.Kind.String(), Old: c.Old, New: c.New}
		if !o.NoText {
			if err := r.fillText(&d, r.fileContent); err != nil {
				return nil, err
			}
		}
		diffs = append(diffs, d)
	}
	return diffs, nil
}

// treeOfSpec is the tree of the commit that spec means; before the first
// commit, HEAD has the empty tree.
func (r *Repo) treeOfSpec(spec string) (objects.ID, error) {
	if spec == "" {
		state, err := r.refs.State()
		if err != nil {
			return objects.ID{}, err
		}
		return r.standing(state)
	}
	id, err := r.Find(spec)
	if err != nil {
		return objects.ID{}, err
	}
	return r.treeOf(id)
}

func (r *Repo) diffTrees(ctx context.Context, from, to objects.ID, o DiffOptions) ([]FileDiff, error) {
	renames, changes, err := merge.Renames(r.store, from, to)
	if err != nil {
		return nil, err
	}
	var diffs []FileDiff
	for _, m := range renames {
		if within(m.To, o.Paths) || within(m.From, o.Paths) {
			diffs = append(diffs, FileDiff{Path: m.To, OldPath: m.From, Kind: "renamed", Old: m.Old, New: m.Entry})
		}
	}
	for _, c := range changes {
		if within(c.Path, o.Paths) {
			diffs = append(diffs, FileDiff{Path: c.Path, Kind: c.Kind.String(), Old: c.Old, New: c.New})
		}
	}
	sort.Slice(diffs, func(i, j int) bool { return diffs[i].Path < diffs[j].Path })
	if o.NoText {
		return diffs, nil
	}
	for i := range diffs {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := r.fillText(&diffs[i], r.blobContent); err != nil {
			return nil, err
		}
	}
	return diffs, nil
}

// within tells whether path is one of paths or lies below one.
func within(path string, paths []string) bool {
	if len(paths) == 0 {
		return true
	}
	for _, p := range paths {
		p = strings.Trim(p, "/")
		if p == "" || p == "." || path == p || strings.HasPrefix(path, p+"/") {
			return true
		}
	}
	return false
}

// content reads one side of a diff; the new side's entry may have no ID yet.
type content func(path string, e *objects.Entry) ([]byte, error)

func (r *Repo) blobContent(_ string, e *objects.Entry) ([]byte, error) {
	if e == nil || e.Mode.IsFolder() {
		return nil, nil
	}
	return r.store.Get(objects.KindBlob, e.ID)
}

func (r *Repo) fileContent(path string, e *objects.Entry) ([]byte, error) {
	if e == nil || e.Mode.IsFolder() {
		return nil, nil
	}
	f, err := r.files.OpenFile(path, os.O_RDONLY, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxDiffText))
}

// fillText adds the unified diff of a paper when both of its sides are text, and
// the places that differ when it has such.
func (r *Repo) fillText(d *FileDiff, newSide content) error {
	for _, e := range []*objects.Entry{d.Old, d.New} {
		if e != nil && e.Size > maxDiffText {
			d.Binary = true
			return nil
		}
	}
	if d.Kind == "mode" || d.Old != nil && d.New != nil && d.Old.ID == d.New.ID {
		return nil
	}
	before, err := r.blobContent(d.Path, d.Old)
	if err != nil {
		return err
	}
	after, err := newSide(d.Path, d.New)
	if err != nil {
		return err
	}
	if d.Old != nil && d.New != nil {
		d.Places, _ = merge.Diff(d.Path, before, after, merge.Options{})
	}
	if !merge.IsText(before) || !merge.IsText(after) {
		d.Binary = true
		return nil
	}
	d.Text = string(merge.Unified(before, after, 3))
	return nil
}
