package xlsx

import (
	"fmt"
	"strings"
)

// plan is what is known before anything is decided: which sheets belong
// together, and what each workbook has beside cells.
type plan struct {
	choose map[string]Side
	b      *book
	sides  [2]*book
	sheets []*trio // in the order of the base, then those that were added
	b0     blocks
	side0  [2]blocks
	// renames are sheets' new names by their old ones, of the base and the sides.
	renames [3]map[string]string
	// steps are the shapes that versions take, one after the other.
	steps [3][]shapes
	// lost are cells of the sides whose formulas read something that is gone.
	lost [2]map[*sheet]map[spot]bool
	// moved are the rows and columns that the sides moved.
	moved [2][]Place
	// conflicts are those for which nothing can be decided further.
	conflicts []Place
}

// trio is one sheet in its three versions; nil where a version lacks it.
type trio struct {
	name   string // in the result
	base   *sheet
	side   [2]*sheet
	blocks [3]blocks // of the base and the sides
}

func newPlan(b *book, sides [2]*book, choose map[string]Side) (*plan, error) {
	p := &plan{b: b, sides: sides, choose: choose}
	if err := p.match(); err != nil {
		return nil, err
	}
	if len(p.conflicts) > 0 {
		return p, nil
	}
	if err := p.moves(); err != nil || len(p.conflicts) > 0 {
		return p, err
	}
	var err error
	if p.b0, err = b.bookBlocks(); err != nil {
		return nil, unmergeable("base: %v", err)
	}
	for i, x := range sides {
		if p.side0[i], err = x.bookBlocks(); err != nil {
			return nil, unmergeable("%v", err)
		}
	}
	for _, t := range p.sheets {
		for i, s := range []*sheet{t.base, t.side[0], t.side[1]} {
			if s == nil {
				continue
			}
			if t.blocks[i], err = []*book{b, sides[0], sides[1]}[i].sheetBlocks(s); err != nil {
				return nil, unmergeable("sheet %q: %v", s.name, err)
			}
		}
	}
	return p, nil
}

// match finds the sheets that belong together, and gives those that one side
// renamed their new name in the other versions too, before anything else is
// compared.
func (p *plan) match() error {
	seen := map[*sheet]bool{}
	pairs := [2]map[*sheet]*sheet{matchSheets(p.b, p.sides[0]), matchSheets(p.b, p.sides[1])}
	for _, s := range p.b.sheets {
		t := &trio{base: s, name: s.name}
		for i := range t.side {
			t.side[i] = pairs[i][s]
			seen[t.side[i]] = true
		}
		p.sheets = append(p.sheets, t)
	}
	for i, x := range p.sides {
		for _, s := range x.sheets {
			if seen[s] {
				continue
			}
			t := &trio{name: s.name}
			t.side[i] = s
			if i == 1 {
				if o := p.added(s.name); o != nil {
					o.side[1] = s
					continue
				}
			}
			p.sheets = append(p.sheets, t)
		}
	}
	return p.rename()
}

// added finds a sheet that the first side added.
func (p *plan) added(name string) *trio {
	for _, t := range p.sheets {
		if t.base == nil && t.side[0] != nil && strings.EqualFold(t.name, name) {
			return t
		}
	}
	return nil
}

// rename settles names: what one side renamed is renamed in all versions.
func (p *plan) rename() error {
	to := [3]map[string]string{{}, {}, {}} // of the base and the sides
	for _, t := range p.sheets {
		if t.base == nil {
			continue
		}
		for _, s := range t.side {
			if s == nil || s.name == t.base.name {
				continue
			}
			if t.name != t.base.name && t.name != s.name {
				where := "sheet " + t.base.name
				switch p.choose[where] {
				case Ours:
					continue
				case Theirs:
				default:
					p.conflicts = append(p.conflicts, Place{Where: where, Base: t.base.name, Ours: t.name, Theirs: s.name})
					continue
				}
			}
			t.name = s.name
		}
		for i, s := range []*sheet{t.base, t.side[0], t.side[1]} {
			if s != nil && s.name != t.name {
				to[i][strings.ToLower(s.name)] = t.name
			}
		}
	}
	names := map[string]bool{}
	for _, t := range p.sheets {
		if t.side[0] == nil && t.side[1] == nil {
			continue
		}
		low := strings.ToLower(t.name)
		if names[low] {
			p.conflicts = append(p.conflicts, Place{Where: "sheet " + t.name, Ours: "a sheet of that name", Theirs: "another one"})
		}
		names[low] = true
	}
	if len(p.conflicts) > 0 {
		return nil
	}
	p.renames = to
	for i, b := range []*book{p.b, p.sides[0], p.sides[1]} {
		if err := p.transform(b, i-1); err != nil { // there are no steps yet
			return fmt.Errorf("%w: %w", ErrUnmergeable, err)
		}
	}
	return nil
}

// transform brings a version into the shape in which all three are compared;
// the base is side -1.
func (p *plan) transform(b *book, side int) error {
	if to := p.renames[side+1]; len(to) > 0 {
		if err := b.renameSheets(to); err != nil {
			return err
		}
	}
	for _, m := range p.steps[side+1] {
		if _, err := b.reshape(m); err != nil {
			return err
		}
	}
	return nil
}

// skeleton is the side whose workbook the result is made of: the one with
// changes that can only be kept where they are, else the one whose results of
// formulas stay right, else the first.
func (p *plan) skeleton() int {
	for _, rank := range []func(int) bool{p.rooted, p.counts} {
		if a, b := rank(0), rank(1); a != b {
			return bit(b)
		}
	}
	return 0
}

// rooted tells whether a side changed what is not carried over.
func (p *plan) rooted(side int) bool {
	for _, key := range keysOf(p.b0, p.side0[side]) {
		if p.b0.value(key) != p.side0[side].value(key) && rootedKey(key) && !dropped(p.side0[side], key) {
			return true
		}
	}
	for _, t := range p.sheets {
		s := t.side[side]
		switch {
		case t.base == nil && s != nil:
			if s.kind != "worksheet" {
				return true
			}
			for key := range t.blocks[1+side] {
				if rootedKey(key) {
					return true
				}
			}
		case t.base != nil && s != nil:
			for _, key := range keysOf(t.blocks[0], t.blocks[1+side]) {
				if t.blocks[0].value(key) != t.blocks[1+side].value(key) && (rootedKey(key) && !dropped(t.blocks[1+side], key) || key == "part") {
					return true
				}
			}
		}
	}
	return false
}

// dropped tells whether a side no longer has something that is easily let go.
func dropped(l blocks, key string) bool {
	return l[key] == nil && (strings.HasPrefix(key, "ext ") || strings.HasPrefix(key, "part ") || strings.HasPrefix(key, "rel "))
}

// rootedKey tells which blocks cannot be carried from one workbook to another.
func rootedKey(key string) bool {
	if strings.HasPrefix(key, "rel ") {
		return true
	}
	if kind, ok := strings.CutPrefix(key, "part "); ok {
		switch kind {
		case "theme", "vbaProject", "customXml", "classificationlabels":
			return false
		}
		return true
	}
	switch key {
	case "oleObjects", "controls", "legacyDrawing", "legacyDrawingHF", "picture", "customProperties", "webPublishItems", "scenarios",
		"dataConsolidate", "functionGroups", "oleSize", "webPublishing", "webPublishObjects":
		return true
	}
	uri, ok := strings.CutPrefix(key, "ext ")
	return ok && (strings.Contains(extLabel(uri), "slicers") || strings.HasPrefix(extLabel(uri), "extension"))
}

// counts tells whether a side changed anything that formulas might read.
func (p *plan) counts(side int) bool {
	for _, key := range []string{"names", "date1904", "calcPr"} {
		if p.b0.value(key) != p.side0[side].value(key) {
			return true
		}
	}
	for _, t := range p.sheets {
		s := t.side[side]
		if t.base == nil && s == nil {
			continue
		}
		if t.base == nil || s == nil || t.base.name != s.name || t.blocks[0].value("tables") != t.blocks[1+side].value("tables") {
			return true
		}
		changed := false
		_ = eachRow([]*sheet{t.base, s}, func(r int, rows []*row) error {
			return eachCell(rows, func(_ int, cells []*cell) error {
				if changed {
					return errStop
				}
				x, _ := p.b.contentOf(t.base, r, cells[0])
				y, _ := p.sides[side].contentOf(s, r, cells[1])
				changed = x != y
				return nil
			})
		})
		if changed {
			return true
		}
	}
	return false
}
