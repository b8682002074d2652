package xlsx

import (
	"strings"

	"github.com/esync/esync/merge/formulas"
)

// moves finds the rows and columns that were put in, taken out or sorted, and
// brings all versions into the shape of the result, so that cells which belong
// together stand in one place.
func (p *plan) moves() error {
	var found []moved
	var ends []ended
	for _, t := range p.sheets {
		if t.base == nil || t.side[0] == nil || t.side[1] == nil || t.base.kind != "worksheet" {
			continue
		}
		m := moved{t: t}
		base := newGrid(p.b, t.base)
		for i, s := range t.side {
			m.did[i] = detect(base, newGrid(p.sides[i], s))
		}
		if !m.did[0].none() || !m.did[1].none() || m.did[0].unsure || m.did[1].unsure {
			found = append(found, m)
		} else if x, ok := p.tails(t); ok {
			ends = append(ends, ended{t, x})
		}
	}
	if len(found)+len(ends) == 0 {
		return nil
	}
	own := [2]shapes{{}, {}}
	var kept []moved
	for _, m := range found {
		skip, err := p.alone(&m)
		if err != nil {
			return err
		}
		if skip {
			continue
		}
		for i := range own {
			own[i][strings.ToLower(m.t.name)] = m.did[i]
		}
		kept = append(kept, m)
	}
	for _, m := range kept {
		if p.clash(&m, own) {
			continue
		}
		p.meet(&m)
	}
	if len(p.conflicts) > 0 {
		return nil
	}
	for _, e := range ends {
		for i, x := range e.tails {
			s := &shape{tail: x}
			p.step(1+i, 0, e.t, s)
			p.tellMoves(i, e.t, s)
		}
	}
	return p.reshape()
}

// moved is what the sides did to the rows and columns of a sheet.
type moved struct {
	t   *trio
	did [2]*shape
}

// ended is a sheet with a list behind which both sides put rows.
type ended struct {
	t     *trio
	tails [2]*tail
}

// alone leaves aside what need not be carried over: when the other side has
// nothing to do with the sheet, all of it is taken as it is.
func (p *plan) alone(m *moved) (bool, error) {
	for i := range m.did {
		if !m.did[1-i].none() || m.did[1-i].unsure {
			continue
		}
		touched, err := p.touches(1-i, m.t)
		if err != nil {
			return false, err
		}
		if !touched {
			return true, nil
		}
	}
	return false, nil
}

// touches tells whether a side changed a sheet, or anything that might read it.
func (p *plan) touches(side int, t *trio) (bool, error) {
	x := p.sides[side]
	for _, u := range p.sheets {
		s := u.side[side]
		if s == nil {
			continue
		}
		if u.base == nil {
			if s.kind != "worksheet" || mentions(s, t.name) {
				return true, nil
			}
			continue
		}
		before, err := p.b.sheetBlocks(u.base)
		if err != nil {
			return false, unmergeable("%v", err)
		}
		after, err := x.sheetBlocks(s)
		if err != nil {
			return false, unmergeable("%v", err)
		}
		if u == t {
			same, err := (&merger{plan: p}).equalSheets(p.b, u.base, x, s, before, after)
			if err != nil || !same {
				return true, err
			}
			continue
		}
		for _, key := range keysOf(before, after) {
			if before.value(key) != after.value(key) && !soft(before, after, key) {
				return true, nil
			}
		}
		if s.kind == "worksheet" && p.readsNewly(side, u, t.name) {
			return true, nil
		}
	}
	return p.b.nameValues() != x.nameValues(), nil
}

func (b *book) nameValues() string {
	if e := child(b.root, "definedNames"); e != nil {
		return b.names(e).asText()
	}
	return ""
}

func (b *block) asText() string {
	var parts []string
	for _, i := range b.items {
		parts = append(parts, i.key, i.value)
	}
	return strings.Join(parts, "\x00")
}

// mentions tells whether a formula of a sheet names another, or parts of it might.
func mentions(s *sheet, name string) bool {
	for i := range s.rows {
		for j := range s.rows[i].cells {
			if f := s.rows[i].cells[j].f; f != nil && formulas.NamesSheet(f.text, name) {
				return true
			}
		}
	}
	return len(s.rels.List) > 0
}

// readsNewly tells whether a side has formulas of its own in a sheet that name
// another.
func (p *plan) readsNewly(side int, u *trio, name string) bool {
	found := false
	_ = eachRow([]*sheet{u.base, u.side[side]}, func(r int, rows []*row) error {
		return eachCell(rows, func(_ int, cells []*cell) error {
			if cells[1] == nil || cells[1].f == nil {
				return nil
			}
			y, _ := p.sides[side].contentOf(u.side[side], r, cells[1])
			if !formulas.NamesSheet(y.text, name) {
				return nil
			}
			if x, _ := p.b.contentOf(u.base, r, cells[0]); x != y {
				found = true
				return errStop
			}
			return nil
		})
	})
	return found
}
