package merge

import (
	"errors"
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

// unitResult is the merge of a unit: that of its table, from which side each of the
// other files comes, Undecided where both have the same, and what is in the file
// with the number memo, unless that is 0.
type unitResult struct {
	FileResult
	from     []Side
	memo     int
	memoText []byte
}

// merge merges the table, and its memo file where that can be read. A table that
// would be out of step with its index is merged only when a person says so.
func (u *unit) merge(content func(*objects.Entry) ([]byte, error), choose map[string]Side, asked bool) (r unitResult, err error) {
	table := u.files[0]
	if table.Base == nil || table.Ours == nil || table.Theirs == nil {
		return unitResult{FileResult: FileResult{Reason: "one side deleted or added the table"}}, nil
	}
	from, memo, stale, reason := u.companions()
	if reason != "" {
		return unitResult{FileResult: FileResult{Reason: reason}}, nil
	}
	r.from = from
	three, ok, err := table.contents(content)
	if err != nil || !ok {
		return unitResult{FileResult: FileResult{Reason: "too large to merge"}}, err
	}
	o := dbf.Options{Memo: dbf.Side(memo), Choose: sidesOf[dbf.Side](choose)}
	file := u.memoFile()
	if file > 0 {
		if o.Memos, ok, err = u.files[file].contents(content); err != nil || !ok {
			return unitResult{FileResult: FileResult{Reason: "too large to merge"}}, err
		}
	}
	if r.FileResult, r.memoText = mergeDBF(three, o); r.memoText != nil {
		r.memo = file
	}
	switch {
	case r.Reason == bothChanged(""):
		r.Reason = bothChanged(u.files[file].Path)
	case stale && !asked && r.Reason == "":
		r.FileResult = FileResult{Reason: staleIndex, Conflicts: r.Conflicts}
	}
	return r, nil
}

// contents reads the three versions of a file. It reports false when one is too
// large to merge.
func (m *Member) contents(content func(*objects.Entry) ([]byte, error)) (three [3][]byte, ok bool, err error) {
	for i, e := range [3]*objects.Entry{m.Base, m.Ours, m.Theirs} {
		if e.Size > MaxFile {
			return three, false, nil
		}
		if three[i], err = content(e); err != nil {
			return three, false, err
		}
	}
	return three, true, nil
}

// memoFile is the number of the one memo file that goes with the table in all
// versions, or 0.
func (u *unit) memoFile() int {
	file := 0
	for i, f := range u.files {
		if !slices.Contains(memoFiles, ending(f.Path)) {
			continue
		}
		if file != 0 || fileOnly(f.Base) == nil || fileOnly(f.Ours) == nil || fileOnly(f.Theirs) == nil {
			return 0
		}
		file = i
	}
	return file
}

// bothChanged is why a unit is not merged of whose file nobody can merge what both
// sides did.
func bothChanged(path string) string { return "both sides changed its file " + baseName(path) }

// companions tells from which side the files come that go with the table, which
// side's memo file that is, and whether an index would be out of step with the
// merged table. A reason tells that they do not go together.
func (u *unit) companions() (from []Side, memo Side, stale bool, reason string) {
	from = make([]Side, len(u.files))
	index, indexed := Undecided, false
	read := u.memoFile()
	for i := range u.files[1:] {
		f := &u.files[i+1]
		ours, theirs := f.changed()
		isIndex := slices.Contains(indexFiles, ending(f.Path))
		side := Undecided
		switch {
		case ours && theirs && !isIndex && i+1 != read:
			return nil, 0, false, bothChanged(f.Path)
		case ours && theirs && !isIndex:
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

// mergeDBF merges a table by record and field, with its memo file if there is one
// that can be read.
func mergeDBF(three [3][]byte, o dbf.Options) (f FileResult, memo []byte) {
	r, err := dbf.Merge(three[0], three[1], three[2], o)
	switch {
	case errors.Is(err, dbf.ErrMemo):
		return FileResult{Reason: bothChanged("")}, nil
	case err != nil:
		return FileResult{Reason: err.Error()}, nil
	}
	return FileResult{
		Clean: len(r.Conflicts) == 0, Content: r.Table,
		Conflicts: placesOf(r.Conflicts), FromOurs: placesOf(r.FromOurs), FromTheirs: placesOf(r.FromTheirs),
	}, r.Memo
}

// unit merges a unit: by path, what stands at each of its files.
func (p *pass) unit(u unit, out map[string]*objects.Entry) error {
	table := u.files[0]
	r, err := u.merge(func(e *objects.Entry) ([]byte, error) { return p.blob(e.ID) }, p.options.Choose, false)
	if err != nil {
		return err
	}
	if r.Clean {
		_, r.Clean = mergeMode(table.Base, table.Ours, table.Theirs)
	}
	if !r.Clean {
		p.unitConflict(u, r.FileResult)
		for _, m := range u.files {
			out[m.Path] = m.Ours
		}
		return nil
	}
	for _, m := range u.files[1:] {
		out[m.Path] = later(m.Ours, m.Theirs)
	}
	edits, err := p.unitEdits(u, r)
	if err != nil {
		return err
	}
	for _, e := range edits {
		out[e.Path] = e.Entry
	}
	p.joined = append(p.joined, Joined{Path: u.path, FromOurs: r.FromOurs, FromTheirs: r.FromTheirs})
	return nil
}

// unitEdits stores what was merged of a unit, and gives the files that are not the
// same on both sides.
func (m *merger) unitEdits(u unit, r unitResult) ([]Edit, error) {
	table, err := m.entry(u.files[0], r.Content)
	if err != nil {
		return nil, err
	}
	list := []Edit{{u.files[0].Path, table}}
	for i, f := range u.files[1:] {
		switch {
		case i+1 == r.memo:
			memo, err := m.entry(f, r.memoText)
			if err != nil {
				return nil, err
			}
			list = append(list, Edit{f.Path, memo})
		case r.from[i+1] == Ours:
			list = append(list, Edit{f.Path, f.Ours})
		case r.from[i+1] == Theirs:
			list = append(list, Edit{f.Path, f.Theirs})
		}
	}
	return list, nil
}

// entry stores what a file was merged to.
func (m *merger) entry(f Member, content []byte) (*objects.Entry, error) {
	e := *f.Ours
	var err error
	if e.ID, err = m.put(content, f.Ours.ID); err != nil {
		return nil, err
	}
	e.Mode, _ = mergeMode(f.Base, f.Ours, f.Theirs)
	e.Size, e.ModTime = int64(len(content)), max(f.Ours.ModTime, f.Theirs.ModTime)
	return &e, nil
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
