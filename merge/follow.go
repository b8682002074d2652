package merge

import (
	"cmp"
	"slices"
	"strings"

	"github.com/esync/esync/objects"
)

// follower makes names agree before the merge proper. Where one side renamed a
// file that the other changed, it renames it in the base and on the other side
// as well; where one side put something new into a folder that the other
// renamed, it moves that. Then a plain three-way merge does the right thing.
type follower struct {
	*merger
	*names
	base  objects.ID
	sides [2]objects.ID
	first [2]objects.ID // the sides as they were
	// unclear are the paths at which the base has a conflict: what a side has
	// there is what it decided, and nothing new.
	unclear   map[string]bool
	conflicts []Conflict
	notes     []Note

	to [2]map[string]string // by side: the files that it renamed
	in edits                // of the base
	on [2]edits             // of the sides
}

// follow looks, by a dry merge, for what renames may explain, finds the
// renames, and follows them: new things into renamed folders first, then
// changes to renamed files.
func (f *follower) follow() error {
	dry := &pass{merger: f.merger, names: newNames(), dry: true, unclear: f.unclear}
	dry.pinned, dry.open = f.pinned, f.names.open
	if _, err := dry.run(f.base, f.sides); err != nil {
		return err
	}
	if len(dry.lost) == 0 && len(dry.strays) == 0 {
		return nil
	}
	for side := range f.sides {
		var err error
		if f.to[side], err = f.renamed(side, dry); err != nil {
			return err
		}
	}
	if err := f.folders(dry.strays); err != nil {
		return err
	}
	if err := f.apply(); err != nil {
		return err
	}
	if err := f.files(dry.lost); err != nil {
		return err
	}
	return f.apply()
}

// renamed finds what a side renamed, as far as it matters: files that the other
// side changed or deleted, and those of folders into which it put something.
func (f *follower) renamed(side int, dry *pass) (map[string]string, error) {
	wanted := map[string]bool{}
	for _, l := range dry.lost {
		if l.gone[side] {
			wanted[l.path] = true
		}
	}
	for _, s := range dry.strays {
		if s.by != side && !isFolder(s.entry) {
			wanted[s.home] = true
		}
	}
	// Files of a folder that only a new folder was put into come last: that folder
	// loses nothing by staying.
	folders := map[string]bool{}
	for _, s := range dry.strays {
		if s.by != side && isFolder(s.entry) {
			folders[s.home] = true
		}
	}
	if len(wanted)+len(folders) == 0 {
		return nil, nil
	}
	var all []Change
	shared := map[string]bool{"": true}
	for c, err := range changes(f.space, f.base, f.sides[side]) {
		if err != nil {
			return nil, err
		}
		all = append(all, c)
		folder, _ := split(c.Path)
		if err := f.markShared(shared, folder, 1-side); err != nil {
			return nil, err
		}
	}
	near := func(path string) bool {
		folder, _ := split(path)
		return shared[folder]
	}
	return newDetector(f.space, all, near).find(within(wanted), within(folders))
}

// within tells of a path whether it, or a folder above it, is in a set.
func within(set map[string]bool) func(path string) bool {
	return func(path string) bool {
		for ; path != "" && len(set) > 0; path, _ = split(path) {
			if set[path] {
				return true
			}
		}
		return false
	}
}

// markShared notes whether the other side, too, changed a folder in which one side
// did something, and all folders above it. Of two copies of a file, the one there
// is more likely what became of it for both.
func (f *follower) markShared(shared map[string]bool, folder string, other int) error {
	if _, known := shared[folder]; known {
		return nil
	}
	up, _ := split(folder)
	if err := f.markShared(shared, up, other); err != nil || !shared[up] {
		shared[folder] = false
		return err
	}
	was, _, err := f.lookup(f.base, folder)
	if err != nil {
		return err
	}
	is, _, err := f.lookup(f.sides[other], folder)
	shared[folder] = !same(was, is)
	return err
}

// apply makes the edits that have come together.
func (f *follower) apply() error {
	var err error
	if f.base, err = f.edit(f.base, f.base, f.in); err != nil {
		return err
	}
	for side := range f.sides {
		if f.sides[side], err = f.edit(f.sides[side], f.first[side], f.on[side]); err != nil {
			return err
		}
	}
	f.in, f.on = edits{}, [2]edits{{}, {}}
	return nil
}

// files follows the renames of files that the other side changed or deleted.
func (f *follower) files(list []lost) error {
	slices.SortFunc(list, func(a, b lost) int { return strings.Compare(a.path, b.path) })
	collided := map[string]*Conflict{} // by the name that both sides gave to something
	for _, l := range list {
		var to [2]string
		for side := range to {
			if l.gone[side] {
				to[side] = f.to[side][l.path]
			}
		}
		// The other side may have renamed the folder where it went to where it was.
		moved := func(to string) bool { return to != "" && to != l.path }
		var err error
		switch o, t := to[ourSide], to[theirSide]; {
		case o == t && moved(o):
			f.moveBase(l, o)
		case o != t && o != "" && t != "":
			err = f.apart(l, o, t)
		case moved(o):
			err = f.file(l, ourSide, o, collided)
		case moved(t):
			err = f.file(l, theirSide, t, collided)
		}
		if err != nil {
			return err
		}
	}
	for _, path := range sortedKeys(collided) {
		f.conflicts = append(f.conflicts, *collided[path])
	}
	return nil
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// moveBase makes a file of the base stand under its new name, which may be that of
// the folder that it was in.
func (f *follower) moveBase(l lost, to string) {
	if !strings.HasPrefix(l.path, to+"/") {
		f.in[l.path] = nil
	}
	f.in[to] = l.base
	f.fromBase[to] = l.path
}

// file follows what one side renamed, and the other did not.
func (f *follower) file(l lost, by int, to string, collided map[string]*Conflict) error {
	other := 1 - by
	has, err := f.both(to)
	if err != nil {
		return err
	}
	way, blocked, err := f.inTheWay(other, to, l)
	if err != nil {
		return err
	}
	if blocked || has[by] == nil || has[other] != nil && strings.HasPrefix(l.path, to+"/") {
		return nil // a file stands where the other side has or needs a folder: that is the conflict
	}
	was, err := f.both(l.path)
	if err != nil {
		return err
	}
	old := fileOnly(was[other])
	switch {
	case old == nil && has[other] != nil:
		return nil // what the other side put there decides
	case old == nil:
		f.moveBase(l, to)
		f.force(to, RenamedDeleted)
		return nil
	case has[other] != nil:
		c := collided[to]
		if c == nil {
			kind := Collided
			if isFolder(has[ourSide]) != isFolder(has[theirSide]) {
				kind = FileFolder
			}
			whole := f.between(kind, to, nil, has[ourSide], has[theirSide])
			c = &whole
			collided[to] = c
		}
		// Who renamed the file may have a folder in its place now.
		c.Also = append(c.Also, Member{Path: l.path, Base: l.base, Ours: was[ourSide], Theirs: was[theirSide]})
		f.pin(to, l.path)
		return nil
	}
	f.moveBase(l, to)
	if way != "" {
		f.on[other][way] = nil
	}
	f.on[other][l.path], f.on[other][to] = nil, old
	f.from[other][to] = cmp.Or(f.from[other][l.path], l.path)
	f.notes = append(f.notes, Note{Kind: Followed, From: l.path, To: to})
	return nil
}

// inTheWay finds the file, or "", that a side has where a file that goes to a path
// needs a folder. It blocks the path unless it goes as well: it is that file itself,
// or one that this side has left alone and the other took away.
func (f *follower) inTheWay(side int, to string, l lost) (at string, blocks bool, err error) {
	for at, _ = split(to); at != ""; at, _ = split(at) {
		e, _, err := f.lookup(f.sides[side], at)
		if err != nil {
			return "", false, err
		}
		if fileOnly(e) != nil {
			was, _, err := f.lookup(f.base, at)
			return at, at != l.path && !same(e, was), err
		}
	}
	return "", false, nil
}

// both gives what the sides have at a path.
func (f *follower) both(path string) (at [2]*objects.Entry, err error) {
	for side := range at {
		if at[side], _, err = f.lookup(f.sides[side], path); err != nil {
			return at, err
		}
	}
	return at, nil
}

// apart notes that the sides gave a file two names. Where one side has
// something else under the other's name, that is a conflict of its own. When
// what they made of the content can be merged, both have all of it.
func (f *follower) apart(l lost, ours, theirs string) error {
	var at [2][2]*objects.Entry // at our name and at theirs, by side
	for i, path := range [2]string{ours, theirs} {
		var err error
		if at[i], err = f.both(path); err != nil {
			return err
		}
	}
	o, t := at[0][ourSide], at[1][theirSide]
	if o == nil || t == nil {
		return nil
	}
	for i, path := range [2]string{ours, theirs} {
		if x, y := at[i][ourSide], at[i][theirSide]; x != nil && y != nil && !same(x, y) {
			f.conflicts = append(f.conflicts, f.between(Collided, path, nil, x, y))
		}
	}
	merging := &pass{merger: f.merger, names: newNames()}
	e, err := merging.file(where{path: ours}, l.base, o, t)
	if err != nil {
		return err
	}
	c := Conflict{Kind: RenamedApart, Path: l.path, Base: l.base, Ours: o, Theirs: t}
	c.OursPath, c.TheirsPath = c.unlessPath(ours), c.unlessPath(theirs)
	if len(merging.conflicts) == 0 {
		both := [2]objects.Entry{*e, *e}
		both[ourSide].Name, both[theirSide].Name = o.Name, t.Name
		c.Ours, c.Theirs = &both[ourSide], &both[theirSide]
		f.on[ourSide][ours], f.on[theirSide][theirs] = c.Ours, c.Theirs
	}
	f.conflicts = append(f.conflicts, c)
	f.pin(ours, theirs)
	was, err := f.both(l.path)
	if was[ourSide] == nil && was[theirSide] == nil {
		f.pin(l.path) // else something new has taken the file's place
	}
	return err
}

// decidedApart finds files to which the sides gave two names, and of which each
// side decided for another one.
func (f *follower) decidedApart(open []Conflict, ours, theirs version) error {
	for _, c := range open {
		still := func(d Conflict) bool { return d.Kind == c.Kind && d.Path == c.Path }
		if c.Kind != RenamedApart || slices.ContainsFunc(ours.open, still) || slices.ContainsFunc(theirs.open, still) {
			continue
		}
		o, err := f.nameIn(c, ours.tree)
		if err != nil {
			return err
		}
		t, err := f.nameIn(c, theirs.tree)
		if err != nil {
			return err
		}
		first, second := cmp.Or(c.OursPath, c.Path), cmp.Or(c.TheirsPath, c.Path)
		third := func(name string) bool { return name != first && name != second }
		// The base's tree has the first name: that two left it for two others is
		// found like any renaming.
		if o == "" || t == "" || o == t || third(o) && t != first || third(t) && o != first {
			continue
		}
		base := c.Base
		if c.justNames() {
			base = called(c.Ours, c.Base) // what the sides agreed on
		}
		if err := f.apart(lost{path: c.Path, base: base}, o, t); err != nil {
			return err
		}
	}
	return f.apply()
}
