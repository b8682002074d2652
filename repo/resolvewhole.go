package repo

import (
	"fmt"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/esync/esync/merge"
	"github.com/esync/esync/objects"
	"github.com/esync/esync/objects/pack"
)

// whole decides a conflict as a whole.
func (d *decision) whole(w *pack.Writer) ([]merge.Edit, error) {
	c := d.seen
	switch {
	case d.o.With != "":
		return d.with(w)
	case d.o.Take == "ours":
		d.res.Left = d.leftOut(merge.Ours)
		return d.side(merge.Ours)
	case d.o.Take == "theirs":
		d.res.Left = d.leftOut(merge.Theirs)
		return d.side(merge.Theirs)
	case d.o.Take != "both":
		return nil, fmt.Errorf("%w: say which side to take", ErrUsage)
	case c.Theirs == nil || c.Ours == nil:
		return nil, fmt.Errorf("%w: %q: one side deleted the paper, so there are no two to keep; use --ours or --theirs", ErrUsage, c.Path)
	case c.Kind == merge.FolderRenamed:
		return nil, fmt.Errorf("%w: %q: there is one paper and two places for it; use --ours or --theirs", ErrUsage, c.Path)
	}
	return d.both()
}

// side takes one version. A new paper that goes into a renamed folder does not
// take the place of another one there.
func (d *decision) side(side merge.Side) ([]merge.Edit, error) {
	edits := d.seen.Take(side)
	if d.seen.Kind != merge.FolderRenamed {
		return edits, nil
	}
	to := &edits[len(edits)-1]
	if to.Path == d.seen.Path {
		return nil, nil // it is there
	}
	if _, taken, err := d.repo.entryAt(d.tree, to.Path); err != nil {
		return nil, err
	} else if taken {
		if to.Path, err = d.repo.freePath(d.tree, to.Path); err != nil {
			return nil, err
		}
	}
	return edits, nil
}

// leftOut counts the places of the version that is not taken which are in no
// conflict: whoever takes one version whole leaves them out.
func (d *decision) leftOut(side merge.Side) int {
	c := d.seen
	if len(c.Places) == 0 || c.Base == nil || c.Ours == nil || c.Theirs == nil {
		return 0
	}
	read := func(e *objects.Entry) []byte {
		content, err := d.repo.store.Get(objects.KindBlob, e.ID)
		if err != nil {
			return nil // the count is a courtesy
		}
		return content
	}
	choose := map[string]merge.Side{}
	for _, p := range c.Places {
		choose[p.Where] = side
	}
	f := merge.File(c.Path, read(c.Base), read(c.Ours), read(c.Theirs), merge.Options{Choose: choose})
	if side == merge.Ours {
		return len(f.FromTheirs)
	}
	return len(f.FromOurs)
}

// both keeps ours under its name and theirs beside it.
func (d *decision) both() ([]merge.Edit, error) {
	c := d.seen
	edits := c.Take(merge.Ours)
	beside := func(path string, e *objects.Entry) error {
		free, err := d.repo.freePath(d.tree, path)
		if err == nil {
			edits = append(edits, merge.Edit{Path: free, Entry: e})
		}
		return err
	}
	if c.Kind == merge.RenamedApart {
		edits = append(edits, merge.Edit{Path: c.TheirsPath, Entry: c.Theirs})
	} else {
		path := c.Path
		if c.Kind == merge.NameClash && c.TheirsPath != "" {
			path = c.TheirsPath
		}
		if err := beside(path, c.Theirs); err != nil {
			return nil, err
		}
	}
	for _, m := range c.Also {
		switch {
		case m.Theirs == nil:
		case m.Ours == nil:
			edits = append(edits, merge.Edit{Path: m.Path, Entry: m.Theirs})
		default:
			if err := beside(m.Path, m.Theirs); err != nil {
				return nil, err
			}
		}
	}
	return edits, nil
}

// with takes a file's content, under the name that this copy has.
func (d *decision) with(w *pack.Writer) ([]merge.Edit, error) {
	f, err := os.Open(d.o.With)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	fi, err := f.Stat()
	if err != nil {
		return nil, err
	}
	id, n, err := w.PutBlob(f, fi.Size(), objects.ID{})
	if err != nil {
		return nil, err
	}
	e := &objects.Entry{Mode: objects.ModeFile, ID: id, Size: n, ModTime: fi.ModTime().UnixMilli()}
	at := d.seen.OursPath
	if at == "" || d.seen.Kind != merge.RenamedApart && d.seen.Kind != merge.NameClash {
		at = d.seen.Path
	}
	edits := slices.DeleteFunc(d.seen.Take(merge.Ours), func(e merge.Edit) bool { return e.Path == at })
	return append(edits, merge.Edit{Path: at, Entry: e}), nil
}

// freePath finds a path beside the given one that the tree has not: the name
// with " (other version)" before its extension, and a number when needed.
func (r *Repo) freePath(tree objects.ID, taken string) (string, error) {
	dir, name := path.Split(taken)
	ext := path.Ext(name)
	stem := strings.TrimSuffix(name, ext)
	for n := 1; ; n++ {
		mark := " (other version)"
		if n > 1 {
			mark = fmt.Sprintf(" (other version %d)", n)
		}
		p := dir + stem + mark + ext
		if _, ok, err := r.entryAt(tree, p); err != nil || !ok {
			return p, err
		}
	}
}
