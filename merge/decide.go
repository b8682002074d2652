package merge

import (
	"errors"
	"fmt"
	"slices"

	"github.com/esync/esync/objects"
)

var (
	// ErrNoPlace: a conflict has no such place.
	ErrNoPlace = errors.New("no such place in this conflict")
	// ErrNotSettled: what was decided of a conflict's places does not make a
	// file: some are open, or they do not go together.
	ErrNotSettled = errors.New("the decisions make no whole file")
)

// maxTold is how many places an error names.
const maxTold = 4

// AllPlaces stands for every place that is not decided.
const AllPlaces = "*"

// Decide gives the conflict with the decision of one place, or of AllPlaces, and
// tells whether every place is decided now. A place may be decided again.
func (c Conflict) Decide(where string, side Side) (Conflict, bool, error) {
	c.Places = slices.Clone(c.Places)
	found, all := where == AllPlaces, true
	for i := range c.Places {
		p := &c.Places[i]
		if p.Where == where || where == AllPlaces && p.Take == Undecided {
			p.Take, found = side, true
		}
		all = all && p.Take != Undecided
	}
	if !found {
		return c, false, fmt.Errorf("%q of %q: %w", where, c.Path, ErrNoPlace)
	}
	return c, all, nil
}

// Settle gives the edits by which a tree has what was decided of the conflict's
// places, and everything else that either side changed. The error is
// ErrNotSettled while a place is undecided, or when the file can only be taken
// whole.
func (c Conflict) Settle(src objects.Source, sink objects.Sink, o Options) ([]Edit, error) {
	m := &merger{space: newSpace(src), sink: sink, options: o}
	m.options.Choose = map[string]Side{}
	for _, p := range c.Places {
		m.options.Choose[p.Where] = p.Take
	}
	r, err := m.parts(&c, true)
	if err != nil {
		return nil, err
	}
	if !r.Clean {
		why := r.Reason
		for i, p := range r.Conflicts {
			if i == 0 {
				why = "open is " + p.Where
			} else if why += ", " + p.Where; i == maxTold {
				why += ", ..."
				break
			}
		}
		return nil, fmt.Errorf("%q: %w: %s", c.Path, ErrNotSettled, why)
	}
	return m.unitEdits(c.unit(), r)
}

// unit is the file of the conflict and those that go with it.
func (c *Conflict) unit() unit {
	return unit{path: c.Path, files: append([]Member{{c.Path, c.Base, c.Ours, c.Theirs}}, c.Also...)}
}

// parts merges the sides of a conflict by their parts, and the files that go with
// it. asked tells that a person decided.
func (m *merger) parts(c *Conflict, asked bool) (r unitResult, err error) {
	if c.Kind != BothChanged || fileOnly(c.Base) == nil || fileOnly(c.Ours) == nil || fileOnly(c.Theirs) == nil {
		return unitResult{}, nil
	}
	if len(c.Also) > 0 {
		u := c.unit()
		return u.merge(func(e *objects.Entry) ([]byte, error) { return m.blob(e.ID) }, m.options.Choose, asked)
	}
	r.FileResult, err = m.content(c.Path, c.Base, c.Ours, c.Theirs)
	return r, err
}
