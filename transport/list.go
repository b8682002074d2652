package transport

import (
	"math"
	"slices"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/objects/pack"
)

// Frames is what is read of a store to send it: trees and commits, and frames
// as they are stored. *pack.Store implements it.
type Frames interface {
	objects.Source
	// Stat says how an object is stored.
	Stat(id objects.ID) (pack.FrameInfo, error)
	// Parts gives the pieces of a blob that is stored as a list, else nil.
	Parts(id objects.ID) ([]objects.ID, error)
	// Frame gives a frame as stored, in buf's memory where it fits.
	Frame(id objects.ID, buf []byte) ([]byte, error)
	// PlainFrame gives a frame of the same object that has no base.
	PlainFrame(id objects.ID, buf []byte) ([]byte, error)
}

// searchSize is how many bytes of content at new paths are worth looking
// through all that the receiver has.
const searchSize = 64 << 10

// lister makes the list of what a receiver lacks. The same wants, commons and
// stored forms give the same list.
type lister struct {
	src   Frames
	diff  *differ
	edge  []commit
	bases bases
	// uncut: take no piece of a file for granted that the receiver may hold
	// whole, for who cannot ask once more.
	uncut bool

	m      *manifest
	listed map[objects.ID]struct{}
	// known is all that the edge's trees hold, nil until it was needed.
	known map[objects.ID]struct{}
	// moved is what the present commit moved away from elsewhere.
	moved map[objects.ID]struct{}
}

// list gives what the commits of b need that their edge does not have.
func list(src Frames, b *between, bases bases) (*manifest, error) {
	return newLister(src, b.edge, bases).list(b)
}

func newLister(src Frames, edge []commit, bases bases) *lister {
	return &lister{src: src, diff: newDiffer(src), edge: edge, bases: bases, m: &manifest{}, listed: map[objects.ID]struct{}{}}
}

func (l *lister) list(b *between) (*manifest, error) {
	trees := make(map[objects.ID]objects.ID, len(b.fresh)+len(b.edge))
	for _, c := range b.edge {
		trees[c.id] = c.tree
	}
	for _, c := range b.fresh {
		var before []objects.ID
		for _, p := range c.parents {
			if t := trees[p]; !t.IsZero() && !slices.Contains(before, t) {
				before = append(before, t)
			}
		}
		trees[c.id] = c.tree
		if err := l.commit(&c, before); err != nil {
			return nil, err
		}
	}
	l.m.commits = len(b.fresh)
	l.m.seal()
	return l.m, nil
}

func (l *lister) commit(c *commit, before []objects.ID) error {
	ch, err := l.diff.compare(c.tree, before)
	if err != nil {
		return err
	}
	l.moved = nil
	if len(ch.added) > 0 && len(ch.removed) > 0 {
		l.moved = map[objects.ID]struct{}{}
		if err := l.collect(l.moved, ch.removed, 0); err != nil {
			return err
		}
	}
	folders, err := l.added(ch.added)
	if err != nil {
		return err
	}
	for i := range ch.files {
		if err := l.blob(&ch.files[i]); err != nil {
			return err
		}
	}
	for _, f := range append(folders, ch.folders...) {
		if err := l.object(f.id, f.before); err != nil {
			return err
		}
	}
	return l.object(c.id, c.parents)
}

// added lists the files at new paths and gives the folders.
func (l *lister) added(added []change) ([]change, error) {
	var files, folders []change
	var size int64
	seen := map[objects.ID]bool{}
	for i := range added {
		if err := l.expand(&added[i], &files, &folders, seen, 0); err != nil {
			return nil, err
		}
	}
	for i := range files {
		size += files[i].size
	}
	if size > searchSize && l.known == nil && len(l.edge) > 0 {
		if err := l.search(); err != nil {
			return nil, err
		}
	}
	for i := range files {
		if err := l.blob(&files[i]); err != nil {
			return nil, err
		}
	}
	return folders, nil
}

// expand adds what a new folder holds and the receiver lacks, folders behind
// what they hold.
func (l *lister) expand(c *change, files, folders *[]change, seen map[objects.ID]bool, depth int) error {
	if l.has(c.id) || seen[c.id] {
		return nil
	}
	if !c.folder {
		*files = append(*files, *c)
		return nil
	}
	if depth > maxDepth {
		return errDeep
	}
	seen[c.id] = true
	t, err := l.diff.tree(c.id)
	if err != nil {
		return err
	}
	for i := range t.Entries {
		e := &t.Entries[i]
		if err := l.expand(&change{id: e.ID, size: e.Size, folder: e.Mode.IsFolder()}, files, folders, seen, depth+1); err != nil {
			return err
		}
	}
	*folders = append(*folders, *c)
	return nil
}

// search fills known.
func (l *lister) search() error {
	l.known = map[objects.ID]struct{}{}
	for _, c := range l.edge {
		if err := l.collect(l.known, []objects.Entry{{Mode: objects.ModeFolder, ID: c.tree}}, 0); err != nil {
			return err
		}
	}
	return nil
}

// collect adds entries, and all below them, to a set.
func (l *lister) collect(set map[objects.ID]struct{}, entries []objects.Entry, depth int) error {
	if depth > maxDepth {
		return errDeep
	}
	for i := range entries {
		e := &entries[i]
		if _, again := set[e.ID]; again || e.ID.IsZero() {
			continue
		}
		set[e.ID] = struct{}{}
		if !e.Mode.IsFolder() {
			continue
		}
		t, err := l.diff.tree(e.ID)
		if err != nil {
			return err
		}
		if err := l.collect(set, t.Entries, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// has tells whether the receiver has an object, or will have it.
func (l *lister) has(id objects.ID) bool {
	if _, ok := l.listed[id]; ok {
		return true
	}
	if _, ok := l.moved[id]; ok {
		return true
	}
	_, ok := l.known[id]
	return ok || id.IsZero()
}

// blob lists a file's content: the pieces first when it is stored as a list.
func (l *lister) blob(c *change) error {
	if l.has(c.id) {
		return nil
	}
	info, err := l.src.Stat(c.id)
	if err != nil {
		return err
	}
	if info.Form.IsList() {
		if err := l.pieces(c); err != nil {
			return err
		}
	}
	l.add(info, c.before)
	return nil
}

func (l *lister) pieces(c *change) error {
	var before []objects.ID
	for _, b := range c.before {
		if l.uncut {
			if info, err := l.src.Stat(b); err != nil {
				return err
			} else if info.Raw <= pack.MaxWhole {
				continue
			}
		}
		old, err := l.src.Parts(b)
		if err != nil {
			return err
		}
		before = append(before, old...)
	}
	held := make(map[objects.ID]struct{}, len(before))
	for _, id := range before {
		held[id] = struct{}{}
	}
	parts, err := l.src.Parts(c.id)
	if err != nil {
		return err
	}
	for _, id := range parts {
		// Another copy may have cut the earlier version elsewhere, or not at
		// all: plain lists take no piece for granted.
		if _, ok := held[id]; ok && l.bases == anyBases || l.has(id) {
			continue
		}
		info, err := l.src.Stat(id)
		if err != nil {
			return err
		}
		_, ok := held[info.Base]
		if !ok {
			l.add(info, nil)
		} else {
			l.add(info, []objects.ID{info.Base})
		}
	}
	return nil
}

// object lists a folder or commit.
func (l *lister) object(id objects.ID, before []objects.ID) error {
	if l.has(id) {
		return nil
	}
	info, err := l.src.Stat(id)
	if err != nil {
		return err
	}
	l.add(info, before)
	return nil
}

// add lists one frame. before are objects that the receiver has.
func (l *lister) add(info pack.FrameInfo, before []objects.ID) {
	it := item{id: info.ID, size: uint32(min(info.Stored, math.MaxUint32))}
	if info.Form.HasBase() && !l.base(info.Base, before) {
		it.plain = true
		if !info.Form.IsList() { // else it is the list that grows, not by much
			it.size = uint32(min(max(info.Raw, int64(info.Stored)), math.MaxUint32))
		}
	}
	l.listed[info.ID] = struct{}{}
	l.m.items = append(l.m.items, it)
}

// base tells whether a difference to an object can be sent as stored.
func (l *lister) base(id objects.ID, before []objects.ID) bool {
	if _, ok := l.listed[id]; ok {
		return l.bases != noBases
	}
	return l.bases == anyBases && (slices.Contains(before, id) || l.has(id))
}
