package repo

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/objects/graph"
	"github.com/esync/esync/refs"
)

// minPrefix is the least number of digits that stand for a commit.
const minPrefix = 4

// Find gives the commit that spec means: HEAD or @ (the commit that the files
// stand on), a line, a tag, PEER/LINE, or an ID of which at least four digits
// are given; followed by any number of ~N (the N-th ancestor by first parents)
// and ^N (the N-th parent).
func (r *Repo) Find(spec string) (objects.ID, error) {
	name, steps := spec, ""
	if i := strings.IndexAny(spec, "~^"); i > 0 {
		name, steps = spec[:i], spec[i:]
	}
	id, err := r.findName(name)
	if err != nil {
		return objects.ID{}, err
	}
	for steps != "" {
		step := steps[0]
		digits := len(steps[1:]) - len(strings.TrimLeft(steps[1:], "0123456789"))
		n := 1
		if digits > 0 {
			if n, err = strconv.Atoi(steps[1 : 1+digits]); err != nil {
				return objects.ID{}, &UnknownError{"commit", spec}
			}
		}
		steps = steps[1+digits:]
		if steps != "" && steps[0] != '~' && steps[0] != '^' {
			return objects.ID{}, &UnknownError{"commit", spec}
		}
		if id, err = r.step(id, step, n, spec); err != nil {
			return objects.ID{}, err
		}
	}
	return id, nil
}

func (r *Repo) step(id objects.ID, step byte, n int, spec string) (objects.ID, error) {
	times, parent := n, 1
	if step == '^' {
		times, parent = 1, n
		if n == 0 {
			return id, nil
		}
	}
	for range times {
		c, err := r.graph.Commit(id)
		if err != nil {
			return objects.ID{}, err
		}
		if parent > len(c.Parents) {
			return objects.ID{}, &UnknownError{"commit", spec}
		}
		id = c.Parents[parent-1]
	}
	return id, nil
}

func (r *Repo) findName(name string) (objects.ID, error) {
	state, err := r.refs.State()
	if err != nil {
		return objects.ID{}, err
	}
	if name == "HEAD" || name == "@" || name == "" {
		if id := idOf(state.Get(nameBase)); !id.IsZero() {
			return id, nil
		}
		if id := idOf(state.Get(headName(currentLine(state)))); !id.IsZero() {
			return id, nil
		}
		return objects.ID{}, &UnknownError{"commit", "HEAD"}
	}
	for _, root := range []string{underHeads, underTags, underRemotes} {
		if id := idOf(state.Get(nameIn(root, name))); !id.IsZero() {
			return id, nil
		}
	}
	if n, err := refs.ParseName(name); err == nil {
		if id := idOf(state.Get(n)); !id.IsZero() {
			return id, nil
		}
	}
	if id := idOf(state.Get(trackingName(name, currentLine(state)))); !id.IsZero() {
		return id, nil
	}
	return r.findPrefix(name)
}

func (r *Repo) findPrefix(digits string) (objects.ID, error) {
	unknown := &UnknownError{"commit", digits}
	if len(digits) < minPrefix || len(digits) > 2*objects.IDSize || strings.Trim(digits, "0123456789abcdef") != "" {
		return objects.ID{}, unknown
	}
	ids, err := r.store.Find(digits, 2, objects.KindCommit)
	if err != nil {
		return objects.ID{}, err
	}
	switch len(ids) {
	case 0:
		return objects.ID{}, unknown
	case 1:
		return ids[0], nil
	}
	return objects.ID{}, fmt.Errorf("%w: %q begins several ids; give more digits", ErrUnknown, digits)
}

// FindEntry gives what spec means: COMMIT:PATH, or the ID of a blob or tree.
// A commit alone gives its root folder.
func (r *Repo) FindEntry(spec string) (objects.Entry, error) {
	rev, path, ok := strings.Cut(spec, ":")
	if !ok {
		if id, err := objects.ParseID(spec); err == nil {
			if e, err := r.entryOfID(id); err == nil {
				return e, nil
			}
		}
	}
	commit, err := r.Find(rev)
	if err != nil {
		return objects.Entry{}, err
	}
	tree, err := r.treeOf(commit)
	if err != nil {
		return objects.Entry{}, err
	}
	path = strings.Trim(path, "/")
	e, ok, err := r.entryAt(tree, path)
	if err == nil && !ok {
		err = &UnknownError{"paper in commit " + commit.Short(), path}
	}
	return e, err
}

// entryOfID describes an object by its ID alone.
func (r *Repo) entryOfID(id objects.ID) (objects.Entry, error) {
	info, err := r.store.Stat(id)
	if err != nil {
		return objects.Entry{}, err
	}
	switch info.Kind {
	case objects.KindBlob:
		return objects.Entry{Mode: objects.ModeFile, ID: id, Size: info.Raw}, nil
	case objects.KindTree:
		return objects.Entry{Mode: objects.ModeFolder, ID: id}, nil
	}
	return objects.Entry{}, objects.ErrNotFound
}

// entryAt finds a path below a tree. The empty path is the tree itself.
func (r *Repo) entryAt(tree objects.ID, path string) (objects.Entry, bool, error) {
	return graph.Lookup(r.store, tree, path)
}

// List gives the entries of a folder.
func (r *Repo) List(_ context.Context, tree objects.ID) ([]objects.Entry, error) {
	t, err := objects.ReadTree(r.store, tree)
	if err != nil {
		return nil, err
	}
	return t.Entries, nil
}

// Cat writes the bytes that spec means, which is COMMIT:PATH or a blob's ID.
func (r *Repo) Cat(_ context.Context, spec string, w io.Writer) error {
	e, err := r.FindEntry(spec)
	if err != nil {
		return err
	}
	if e.Mode.IsFolder() {
		return fmt.Errorf("%w: %q is a folder", ErrUsage, spec)
	}
	b, err := r.store.Blob(e.ID)
	if err != nil {
		return err
	}
	defer b.Close()
	_, err = b.WriteTo(w)
	return err
}
