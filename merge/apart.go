package merge

// apart notes a conflict for every file that the sides gave two names, and
// takes theirs off their side. It leaves alone what is not plain: where one
// side has something else under the other's name, both names are merged by
// themselves.
func (f *follower) apart(dry *pass, r *renames) error {
	if f.keepsBase() {
		return nil
	}
	gone := edits{}
	for _, l := range dry.lost {
		if !l.gone[ourSide] || !l.gone[theirSide] {
			continue
		}
		c := Conflict{Kind: RenamedApart, Path: l.path, Base: l.base}
		var err error
		if c.OursPath, err = r.target(ourSide, l.path); err != nil {
			return err
		}
		if c.TheirsPath, err = r.target(theirSide, l.path); err != nil {
			return err
		}
		if c.OursPath == "" || c.TheirsPath == "" || c.OursPath == c.TheirsPath {
			continue
		}
		free, err := f.bothFree(c.OursPath, c.TheirsPath)
		if err != nil {
			return err
		}
		if !free {
			continue
		}
		if c.Ours, _, err = f.lookup(f.sides[ourSide], c.OursPath); err != nil {
			return err
		}
		if c.Theirs, _, err = f.lookup(f.sides[theirSide], c.TheirsPath); err != nil {
			return err
		}
		f.conflicts = append(f.conflicts, c)
		gone[c.TheirsPath] = nil
		folder, _ := split(c.TheirsPath)
		f.dropped[folder] = append(f.dropped[folder], *c.Theirs)
	}
	var err error
	f.sides[theirSide], err = f.edit(f.sides[theirSide], f.first[theirSide], gone)
	return err
}

// bothFree tells whether neither side has anything at the other's name.
func (f *follower) bothFree(ours, theirs string) (bool, error) {
	for side, path := range [2]string{theirs, ours} {
		e, blocked, err := f.lookup(f.sides[side], path)
		if err != nil || blocked || e != nil {
			return false, err
		}
	}
	return true, nil
}
