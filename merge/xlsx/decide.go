package xlsx

import (
	"errors"
	"strings"
)

// errStop ends a walk early.
var errStop = errors.New("enough")

// merger decides what the result has. It reads three workbooks and notes what
// is to be done; nothing is written before all is decided.
type merger struct {
	*plan
	b, s, o *book
	second  bool // s is the second side

	conflicts, taken, kept []Place
	ops                    []func(*writer) error
	cells                  []cellOp
	rows                   []rowOp
	// calc tells that something came from o which formulas may read.
	calc    bool
	gone    []string   // sheets that are not in the result
	removed [2]removed // by the sides
	labels  verdict    // whose label of protection the result has
	// settled are the items that were decided together, by list: whether o's
	// version holds.
	settled map[string]map[string]bool
	// doubted are the cells that only one side changed and that clash for all that.
	doubted map[string]bool
	// doubtedFormat are those of which only one side changed the format.
	doubtedFormat map[string]bool
}

// cellOp is a cell that gets the other side's content, format, or both.
type cellOp struct {
	t              *trio
	at             spot
	content, style bool
	// stored tells that the other side's stored result comes along, stale that
	// neither side's can be right.
	stored, stale bool
}

type rowOp struct {
	t     *trio
	r     int
	attrs rowAttrs // of the other side
	what  byte
}

// skel and other are a trio's versions in s and o.
func (m *merger) skel(t *trio) *sheet  { return t.side[bit(m.second)] }
func (m *merger) other(t *trio) *sheet { return t.side[1-bit(m.second)] }

// blocksOf are the blocks of a sheet's three versions, of the workbook's where
// t is nil.
func (m *merger) blocksOf(t *trio) (b, s, o blocks) {
	i := bit(m.second)
	if t == nil {
		return m.b0, m.side0[i], m.side0[1-i]
	}
	return t.blocks[0], t.blocks[1+i], t.blocks[2-i]
}

// place makes a Place; the texts are those of the base, s and o.
func (m *merger) place(where, base, s, o string) Place {
	if m.second {
		return Place{Where: where, Base: base, Ours: o, Theirs: s}
	}
	return Place{Where: where, Base: base, Ours: s, Theirs: o}
}

func note(list *[]Place, p Place) {
	if len(*list) < MaxPlaces {
		*list = append(*list, p)
	}
}

// verdict is what a three-way comparison comes to.
type verdict uint8

const (
	same    verdict = iota // the sides agree
	keep                   // only s changed it
	take                   // only o changed it
	clashes                // both did, in different ways
)

func compare[T comparable](b, s, o T) verdict {
	switch {
	case s == o:
		return same
	case o == b:
		return keep
	case s == b:
		return take
	}
	return clashes
}

// settle notes a comparison: what was kept or taken, or the conflict, unless
// somebody chose. It tells whether o's version is to be taken.
func (m *merger) settle(v verdict, p Place) bool {
	switch v {
	case keep:
		note(&m.kept, p)
	case take:
		note(&m.taken, p)
		return true
	case clashes:
		switch m.chosen(p.Where) {
		case m.s:
			note(&m.kept, p)
		case m.o:
			note(&m.taken, p)
			return true
		default:
			m.conflicts = append(m.conflicts, p)
		}
	}
	return false
}

// chosen is the side that somebody chose for a place, nil for none.
func (m *merger) chosen(where string) *book {
	switch m.choose[where] {
	case Ours:
		return m.sides[0]
	case Theirs:
		return m.sides[1]
	}
	return nil
}

// conflict notes that something cannot be merged, whoever is chosen.
func (m *merger) conflict(where, base, s, o string) {
	m.conflicts = append(m.conflicts, m.place(where, base, s, o))
}

func (m *merger) do(op func(*writer) error) { m.ops = append(m.ops, op) }

// decide compares everything.
func (m *merger) decide() error {
	m.removed = [2]removed{m.removedBy(0), m.removedBy(1)}
	for _, t := range m.sheets {
		if err := m.sheet(t); err != nil {
			return err
		}
	}
	m.order()
	m.workbook()
	m.dangling()
	m.unread()
	return nil
}

// sheet decides about one sheet.
func (m *merger) sheet(t *trio) error {
	s, o := m.skel(t), m.other(t)
	if t.base == nil {
		return m.newSheet(t, s, o)
	}
	if s == nil || o == nil {
		return m.deletedSheet(t, s, o)
	}
	if s.kind == "worksheet" {
		if err := m.content(t, s, o); err != nil {
			return err
		}
		m.columns(t, s, o)
	}
	b0, s0, o0 := m.blocksOf(t)
	m.blocks(t, b0, s0, o0)
	return nil
}

// newSheet decides about a sheet that the base lacks.
func (m *merger) newSheet(t *trio, s, o *sheet) error {
	switch {
	case o == nil:
		note(&m.kept, m.place(t.name, "", "new sheet", ""))
	case s == nil:
		note(&m.taken, m.place(t.name, "", "", "new sheet"))
		m.calc = true
		m.do(func(w *writer) error { return w.addSheet(t, o) })
	default:
		alike, err := m.sameSheet(t, s, o)
		if err != nil {
			return err
		}
		if !alike && m.settle(clashes, m.place("sheet "+t.name, "", "new sheet", "another new sheet")) {
			m.calc = true
			m.do(func(w *writer) error { return w.replaceSheet(t, o) })
		}
	}
	return nil
}

// sameSheet tells whether two sheets that both sides added mean the same.
func (m *merger) sameSheet(t *trio, s, o *sheet) (bool, error) {
	return m.equalSheets(m.s, s, m.o, o, t.blocks[1+bit(m.second)], t.blocks[2-bit(m.second)])
}

func (m *merger) equalSheets(a *book, s *sheet, b *book, o *sheet, x, y blocks) (bool, error) {
	for _, key := range keysOf(x, y) {
		if x.value(key) != y.value(key) && !soft(x, y, key) {
			return false, nil
		}
	}
	if s.kind != "worksheet" {
		return true, nil
	}
	err := eachRow([]*sheet{s, o}, func(r int, rows []*row) error {
		if rowShow(rows[0]) != rowShow(rows[1]) || a.rowStyle(rows[0]) != b.rowStyle(rows[1]) {
			return errStop
		}
		return eachCell(rows, func(col int, cells []*cell) error {
			k, err := a.look(s, r, rows[0], col, cells[0])
			if err != nil {
				return err
			}
			l, err := b.look(o, r, rows[1], col, cells[1])
			if err == nil && k != l {
				return errStop
			}
			return err
		})
	})
	if err == nil {
		eachColumn([]*sheet{s, o}, func(min, _ int) {
			x, y := s.column(min), o.column(min)
			kx, _ := a.styles.key(x.style)
			ky, _ := b.styles.key(y.style)
			if x.show() != y.show() || kx != ky {
				err = errStop
			}
		})
	}
	if errors.Is(err, errStop) {
		return false, nil
	}
	return err == nil, err
}

func soft(x, y blocks, key string) bool {
	return x[key] != nil && x[key].soft || y[key] != nil && y[key].soft
}

// deletedSheet decides about a sheet that a side, or both, deleted.
func (m *merger) deletedSheet(t *trio, s, o *sheet) error {
	m.gone = append(m.gone, t.name)
	if s == nil && o == nil {
		return nil
	}
	left, book, blocks := s, m.s, t.blocks[1+bit(m.second)]
	if s == nil {
		left, book, blocks = o, m.o, t.blocks[2-bit(m.second)]
	}
	unchanged, err := m.equalSheets(m.b, t.base, book, left, t.blocks[0], blocks)
	if err != nil {
		return err
	}
	for _, name := range m.renames[0] {
		unchanged = unchanged && name != t.name // to rename is a change
	}
	p := m.place("sheet "+t.name, "there", "deleted", "changed")
	if s != nil {
		p = m.place("sheet "+t.name, "there", "changed", "deleted")
	}
	v := clashes
	switch {
	case unchanged && s == nil:
		v = keep
	case unchanged:
		v = take
	}
	if v == clashes {
		// It may be let go after all. To take it up again would have to undo
		// what its deletion did to formulas elsewhere: that is for a person.
		deleter := m.o
		if s == nil {
			deleter = m.s
		}
		if m.chosen(p.Where) != deleter {
			m.conflicts = append(m.conflicts, p)
			m.changedCells(t, left, book)
			return nil
		}
	}
	if m.settle(v, p) {
		m.calc = true
		m.do(func(w *writer) error { return w.deleteSheet(t) })
	}
	return nil
}

// changedCells tells what a side changed in a sheet that the other deleted.
func (m *merger) changedCells(t *trio, left *sheet, b *book) {
	if left.kind != "worksheet" {
		return
	}
	n := 0
	_ = eachRow([]*sheet{t.base, left}, func(r int, rows []*row) error {
		return eachCell(rows, func(col int, cells []*cell) error {
			x, _ := m.b.look(t.base, r, rows[0], col, cells[0])
			y, _ := b.look(left, r, rows[1], col, cells[1])
			if x == y {
				return nil
			}
			where := t.name + "!" + spot{r, col}.String()
			if b == m.s {
				m.conflict(where, x.show(), y.show(), "deleted with its sheet")
			} else {
				m.conflict(where, x.show(), "deleted with its sheet", y.show())
			}
			if n++; n >= 100 {
				return errStop
			}
			return nil
		})
	})
}

// order decides in which order the sheets stand.
func (m *merger) order() {
	list := func(b *book) (names []string) {
		for _, s := range b.sheets {
			for _, t := range m.sheets {
				if t.base == nil || t.side[0] == nil || t.side[1] == nil {
					continue
				}
				if s == t.base || s == t.side[0] || s == t.side[1] {
					names = append(names, t.name)
				}
			}
		}
		return names
	}
	x, y, z := list(m.b), list(m.s), list(m.o)
	p := m.place("order of sheets", strings.Join(x, ", "), strings.Join(y, ", "), strings.Join(z, ", "))
	if m.settle(compare(p.Base, strings.Join(y, ", "), strings.Join(z, ", ")), p) {
		m.calc = true // formulas may read from one sheet to another
		m.do(func(w *writer) error { return w.orderSheets(z) })
	}
}
