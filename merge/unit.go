package merge

import (
	"slices"
	"strings"

	"github.com/esync/esync/merge/dbf"
	"github.com/esync/esync/objects"
)

// A table of dBASE, its memo file and its indexes are one thing in several
// files of one name: a memo file of one side beside the table of the other would
// be a damaged table, and so would an old index beside a new table.
var (
	memoFiles  = []string{".dbt", ".fpt", ".smt"}
	indexFiles = []string{".cdx", ".mdx", ".ntx", ".ndx", ".idx", ".nsx"}
)

const tableFile = ".dbf"

// unit is such a thing. The first of its files is the table.
type unit struct {
	path  string
	files []Member
}

// stem is what the names of a unit's files have in common.
func stem(name string) string {
	return strings.ToLower(strings.TrimSuffix(name, name[len(name)-len(ending(name)):]))
}

// units finds the units of a folder that both sides changed, or whose table is
// undecided. The others need nothing: all their files come from one side.
func units(path string, lists [3][]objects.Entry, undecided func(table string) bool) []unit {
	tables := map[string]int{}
	for name := range union(lists[0], lists[1], lists[2]) {
		if ending(name) == tableFile {
			tables[stem(name)]++
		}
	}
	if len(tables) == 0 {
		return nil
	}
	found := map[string]*unit{}
	for name, e := range union(lists[0], lists[1], lists[2]) {
		end, of := ending(name), stem(name)
		if tables[of] != 1 || isFolder(e[0]) || isFolder(e[1]) || isFolder(e[2]) {
			continue
		}
		if end != tableFile && !slices.Contains(memoFiles, end) && !slices.Contains(indexFiles, end) {
			continue
		}
		u := found[of]
		if u == nil {
			u = &unit{}
			found[of] = u
		}
		m := Member{Path: join(path, name), Base: e[0], Ours: e[1], Theirs: e[2]}
		if end == tableFile {
			u.path = m.Path
			u.files = slices.Insert(u.files, 0, m)
		} else {
			u.files = append(u.files, m)
		}
	}
	var list []unit
	for _, of := range sortedKeys(found) {
		if u := found[of]; u.path != "" && (u.apart() || undecided(u.path)) {
			list = append(list, *u)
		}
	}
	return list
}

// apart tells whether both sides changed the unit, not alike, and some side
// still has its table.
func (u *unit) apart() bool {
	var ours, theirs, differ bool
	for _, f := range u.files {
		ours = ours || !same(f.Base, f.Ours)
		theirs = theirs || !same(f.Base, f.Theirs)
		differ = differ || !same(f.Ours, f.Theirs)
	}
	table := u.files[0]
	return len(u.files) > 1 && ours && theirs && differ && (table.Ours != nil || table.Theirs != nil)
}

// changed tells which sides changed a file: none, one or both.
func (m *Member) changed() (ours, theirs bool) {
	if same(m.Ours, m.Theirs) {
		return false, false
	}
	return !same(m.Base, m.Ours), !same(m.Base, m.Theirs)
}

// staleIndex is why a unit with an index is not merged without being asked.
const staleIndex = "its index must be made anew when the records are joined, which the place '*' does"

// merge merges the table and says from which side each of the other files
// comes; what stands there is Undecided where both have the same. A table that
// would be out of step with its index is merged only when a person says so.
func (u *unit) merge(content func(*objects.Entry) ([]byte, error), choose map[string]Side, asked bool) (FileResult, []Side, error) {
	table := u.files[0]
	if table.Base == nil || table.Ours == nil || table.Theirs == nil {
		return FileResult{Reason: "one side deleted or added the table"}, nil, nil
	}
	from, memo, stale, reason := u.companions()
	if reason != "" {
		return FileResult{Reason: reason}, nil, nil
	}
	var three [3][]byte
	for i, e := range [3]*objects.Entry{table.Base, table.Ours, table.Theirs} {
		if e.Size > MaxFile {
			return FileResult{Reason: "too large to merge"}, nil, nil
		}
		var err error
		if three[i], err = content(e); err != nil {
			return FileResult{}, nil, err
		}
	}
	f := mergeDBF(three[0], three[1], three[2], dbf.Side(memo), choose)
	if stale && !asked && f.Reason == "" {
		f = FileResult{Reason: staleIndex, Conflicts: f.Conflicts}
	}
	return f, from, nil
}

// companions tells from which side the files come that go with the table, which
// side's memo file that is, and whether an index would be out of step with the
// merged table. A reason tells that they do not go together.
func (u *unit) companions() (from []Side, memo Side, stale bool, reason string) {
	from = make([]Side, len(u.files))
	index, indexed := Undecided, false
	for i := range u.files[1:] {
		f := &u.files[i+1]
		ours, theirs := f.changed()
		isIndex := slices.Contains(indexFiles, ending(f.Path))
		side := Undecided
		switch {
		case ours && theirs && !isIndex:
			return nil, 0, false, "both sides changed its file " + baseName(f.Path)
		case ours:
			side = Ours
		case theirs:
			side = Theirs
		}
		from[i+1] = side
		switch {
		case isIndex:
			indexed = indexed || f.Ours != nil || f.Theirs != nil
			stale = stale || ours && theirs || side != Undecided && index != Undecided && index != side
			index = max(index, side)
		case side != Undecided && memo != Undecided && memo != side:
			return nil, 0, false, "both sides changed files that go with it"
		case side != Undecided:
			memo = side
		}
	}
	ours, theirs := u.files[0].changed()
	stale = stale || indexed && (ours && theirs || ours && index == Theirs || theirs && index == Ours)
	return from, memo, stale, ""
}

// Reindex lists the indexes of a table that are out of step with it once the
// conflict is settled by places: its own program makes them anew.
func (c Conflict) Reindex() []string {
	var list []string
	for _, m := range c.Also {
		if slices.Contains(indexFiles, ending(m.Path)) && (m.Ours != nil || m.Theirs != nil) && c.Reason == staleIndex {
			list = append(list, m.Path)
		}
	}
	return list
}

// mergeDBF merges a table by record and field.
func mergeDBF(base, ours, theirs []byte, memo dbf.Side, choose map[string]Side) FileResult {
	r, err := dbf.Merge(base, ours, theirs, dbf.Options{Memo: memo, Choose: sidesOf[dbf.Side](choose)})
	if err != nil {
		return FileResult{Reason: err.Error()}
	}
	return FileResult{
		Clean: len(r.Conflicts) == 0, Content: r.Table,
		Conflicts: placesOf(r.Conflicts), FromOurs: placesOf(r.FromOurs), FromTheirs: placesOf(r.FromTheirs),
	}
}

// unit merges a unit: by path, what stands at each of its files.
func (p *pass) unit(u unit, out map[string]*objects.Entry) error {
	table := u.files[0]
	f, from, err := u.merge(func(e *objects.Entry) ([]byte, error) { return p.blob(e.ID) }, p.options.Choose, false)
	if err != nil {
		return err
	}
	mode, ok := objects.ModeFile, true
	if f.Clean {
		if mode, ok = mergeMode(table.Base, table.Ours, table.Theirs); !ok {
			f.Clean = false
		}
	}
	if !f.Clean {
		p.unitConflict(u, f)
		for _, m := range u.files {
			out[m.Path] = m.Ours
		}
		return nil
	}
	for i, m := range u.files[1:] {
		if out[m.Path] = later(m.Ours, m.Theirs); from[i+1] == Theirs {
			out[m.Path] = m.Theirs
		} else if from[i+1] == Ours {
			out[m.Path] = m.Ours
		}
	}
	e := *table.Ours
	e.Mode = mode
	if e.ID, err = p.put(f.Content, table.Ours.ID); err != nil {
		return err
	}
	e.Size, e.ModTime = int64(len(f.Content)), max(table.Ours.ModTime, table.Theirs.ModTime)
	out[u.path] = &e
	p.joined = append(p.joined, Joined{Path: u.path, FromOurs: f.FromOurs, FromTheirs: f.FromTheirs})
	return nil
}

// unitConflict notes one conflict for all files of a unit.
func (p *pass) unitConflict(u unit, f FileResult) {
	table := u.files[0]
	kind := BothChanged
	switch {
	case table.Ours == nil || table.Theirs == nil:
		kind = DeletedChanged
	case table.Base == nil:
		kind = BothAdded
	}
	c := p.between(kind, u.path, table.Base, table.Ours, table.Theirs)
	c.Reason, c.Places = f.Reason, f.Conflicts
	if c.Also = slices.Clone(u.files[1:]); len(c.Also) > maxMembers {
		c.Also = slices.DeleteFunc(c.Also, func(m Member) bool { return same(m.Ours, m.Theirs) })
	}
	p.conflicts = append(p.conflicts, c)
}
