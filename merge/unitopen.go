package merge

import "github.com/esync/esync/objects"

// undecidedUnit keeps a unit that is undecided on both sides, or with which one
// side went on while the other decided, as one side has it, whole: the newest
// versions of both are in the conflict. It reports false for other units.
func (p *pass) undecidedUnit(u unit, open *undecided, out map[string]*objects.Entry) (bool, error) {
	if on, ok := u.goOn(open); ok {
		delete(p.undecided, u.path)
		return true, p.unit(on, out)
	}
	_, once := open.decidedOnce()
	if !open.both() && !once {
		return false, nil
	}
	delete(p.undecided, u.path)
	for _, m := range u.files {
		out[m.Path] = m.Ours
	}
	if once {
		u.files[0].Base = open[inBase][0].Base
		p.unitConflict(u, FileResult{Reason: "one side decided it while the other went on"})
		return true, nil
	}
	ours, theirs := open[ourSide][0], open[theirSide][0]
	list := open.left()
	if !ours.is(theirs) {
		c, ok, err := p.together(open[inBase][0], ours, theirs)
		if err != nil {
			return false, err
		}
		if ok {
			list = []Conflict{c}
		}
	}
	if len(list) == 1 {
		for _, e := range list[0].Take(Ours) {
			out[e.Path] = e.Entry
		}
		if list[0].settledAlike() {
			list = nil
		}
	}
	p.conflicts = append(p.conflicts, list...)
	return true, nil
}

// goOn gives a unit, whose conflict one side carries, with what the other side
// made meanwhile of its own version; see [Conflict.goOn].
func (u *unit) goOn(open *undecided) (unit, bool) {
	if len(open[inBase]) > 0 || len(open[ourSide])+len(open[theirSide]) != 1 {
		return unit{}, false
	}
	carried, plain := ourSide, theirSide
	if len(open[ourSide]) == 0 {
		carried, plain = theirSide, ourSide
	}
	c := open[carried][0]
	of := map[string]Member{c.Path: {c.Path, c.Base, c.Ours, c.Theirs}}
	for _, m := range c.Also {
		of[m.Path] = m
	}
	for _, stood := range [2]Side{Ours, Theirs} {
		on := unit{path: u.path}
		known := true
		for _, f := range u.files {
			m, ok := of[f.Path]
			if !ok {
				on.files = append(on.files, f)
				continue
			}
			sides, newer := [2]*objects.Entry{m.Ours, m.Theirs}, [2]*objects.Entry{f.Ours, f.Theirs}[plain]
			known = known && same(sides[stood-Ours], f.Base)
			// Who went on with it is on the side that does not carry the conflict.
			other := sides[Theirs-stood]
			n := Member{Path: f.Path, Base: m.Base}
			if plain == ourSide {
				n.Ours, n.Theirs = newer, other
			} else {
				n.Ours, n.Theirs = other, newer
			}
			on.files = append(on.files, n)
		}
		if known {
			return on, true
		}
	}
	return unit{}, false
}
