package xlsx

import (
	"maps"
	"slices"
	"strings"

	"github.com/esync/esync/merge/formulas"
)

// clash notes what cannot be brought together.
func (p *plan) clash(m *moved, own [2]shapes) bool {
	n := len(p.conflicts)
	for i, s := range m.did {
		if s.unsure {
			p.conflict(m.t.name+" rows", i, "rows or columns moved", "changed")
			return true
		}
	}
	x, y := m.did[0], m.did[1]
	if len(x.sorted)+len(y.sorted) > 0 {
		switch {
		case maps.Equal(x.sorted, y.sorted):
		case !x.none() && !y.none():
			p.conflict(m.t.name+" rows", 0, "sorted, or rows moved", "rows moved")
		default:
			side := bit(x.none())
			p.sortedUnder(m.t, side, m.did[side].sorted)
		}
	}
	for i := range m.did {
		p.deletedLines(m, i, own)
		p.edges(m, i)
	}
	return len(p.conflicts) > n
}

// edges looks for areas of a side that end where it took lines out and the
// other put lines in: nothing tells any more whether those were in the area.
func (p *plan) edges(m *moved, side int) {
	took, put := m.did[side], m.did[1-side]
	rows, cols := took.rows.touched(put.rows), took.cols.touched(put.cols)
	if len(rows)+len(cols) == 0 {
		return
	}
	if !p.sides[side].eachArea(m.t.side[side], func(a area, _ spot) bool {
		return !(a.lo.row < a.hi.row && (rows[a.lo.row] || rows[a.hi.row+1]) || a.lo.col < a.hi.col && (cols[a.lo.col] || cols[a.hi.col+1]))
	}) {
		p.conflict(m.t.name+" rows", side, "rows or columns deleted at the end of an area", "others inserted there")
	}
}

// conflict notes that what a side did to rows or columns meets a change of the
// other. Where somebody chose that side it holds, and the change is let go.
func (p *plan) conflict(where string, side int, did, other string) {
	if p.choose[where] == Side(side+1) && !strings.HasSuffix(where, " rows") {
		return
	}
	c := Place{Where: where, Ours: did, Theirs: other}
	if side == 1 {
		c.Ours, c.Theirs = c.Theirs, c.Ours
	}
	for _, have := range p.conflicts {
		if have.Where == where {
			return
		}
	}
	p.conflicts = append(p.conflicts, c)
}

// sortedUnder looks for new formulas of the other side that read rows which a
// side sorted: which cells they mean now is for a person to say.
func (p *plan) sortedUnder(t *trio, side int, sorted map[int]int) {
	lo, hi := formulas.MaxRow, 0
	for n := range sorted {
		lo, hi = min(lo, n), max(hi, n)
	}
	x := p.sides[1-side]
	for _, u := range p.sheets {
		s := u.side[1-side]
		if s == nil || s.kind != "worksheet" {
			continue
		}
		_ = eachRow([]*sheet{u.base, s}, func(r int, rows []*row) error {
			return eachCell(rows, func(col int, cells []*cell) error {
				if cells[1] == nil || cells[1].f == nil {
					return nil
				}
				now, _ := x.contentOf(s, r, cells[1])
				if was, _ := p.b.contentOf(u.base, r, cells[0]); was == now {
					return nil
				}
				text, _ := s.formulaText(r, cells[1])
				for _, k := range formulas.Lex(text) {
					here := k.Prefix == "" && u == t || strings.EqualFold(k.Sheets[0], t.name)
					if k.Kind != formulas.KindRef || k.Book != "" || !here || k.Form == formulas.FormColumns || k.To.Row < lo || k.From.Row > hi {
						continue
					}
					if u == t && k.From.Row == r && k.To.Row == r || k.From.Row <= lo && k.To.Row >= hi {
						continue // it goes along with its row, or reads all of them
					}
					p.conflict(u.name+"!"+spot{r, col}.String(), side, "rows that it reads sorted", "="+text)
				}
				return nil
			})
		})
	}
}

// deletedLines looks for cells that one side changed and the other took out
// with their row or column.
func (p *plan) deletedLines(m *moved, side int, own [2]shapes) {
	gone, mine := m.did[side], m.did[1-side]
	todo := p.todo(m, side)
	deletes := false
	for _, a := range []axis{gone.rows, gone.cols} {
		for _, s := range a {
			deletes = deletes || s.del > 0
		}
	}
	if !deletes {
		return
	}
	x := p.sides[1-side]
	s := m.t.side[1-side]
	type was struct {
		r *row
		c *cell
	}
	base := map[spot]was{}
	for i := range m.t.base.rows {
		r := &m.t.base.rows[i]
		for j := range r.cells {
			if at, ok := mine.spot(spot{r.r, r.cells[j].col}); ok {
				base[at] = was{r, &r.cells[j]}
			}
		}
	}
	for i := range s.rows {
		r := &s.rows[i]
		for j := range r.cells {
			c := &r.cells[j]
			at := spot{r.r, c.col}
			if _, there := todo.spot(at); there {
				continue
			}
			now, _ := x.look(s, r.r, r, c.col, c)
			var then look
			if w, ok := base[at]; ok {
				then, _ = p.b.look(m.t.base, w.r.r, w.r, w.c.col, w.c)
				if then.isFormula() {
					then.text, _ = own[1-side].formula(m.t.base, then.text)
					then.text = formulas.Canonical(then.text, nil)
					now.text = formulas.Canonical(now.text, nil)
				}
			} else {
				then.style = now.style
			}
			if now != then {
				p.conflict(m.t.name+"!"+at.String(), side, "deleted with its row or column", now.show())
			}
		}
	}
}

// todo is what the version of the other side lacks of what a side did.
func (p *plan) todo(m *moved, side int) *shape {
	did, other := m.did[side], m.did[1-side]
	s := &shape{
		rows: did.rows.after(other.rows, side == 0, p.twins(m, func(s *shape) axis { return s.rows }, true)),
		cols: did.cols.after(other.cols, side == 0, p.twins(m, func(s *shape) axis { return s.cols }, false)),
	}
	if !maps.Equal(did.sorted, other.sorted) {
		s.sorted = did.sorted
	}
	return s
}

// twins tells where both sides put in the same lines.
func (p *plan) twins(m *moved, of func(*shape) axis, rows bool) func(int) bool {
	return func(at int) bool {
		a, b := of(m.did[0]), of(m.did[1])
		if a.made(at) != b.made(at) {
			return false
		}
		for k := range a.made(at) {
			x := p.lineText(0, m.t, a.gap(at)+k, rows)
			if x == "" || x != p.lineText(1, m.t, b.gap(at)+k, rows) {
				return false
			}
		}
		return true
	}
}

// lineText is what stands in a row or a column, for telling whether two are
// the same.
func (p *plan) lineText(side int, t *trio, n int, rows bool) string {
	s := t.side[side]
	var b strings.Builder
	list := s.rows
	if rows {
		i, there := slices.BinarySearchFunc(s.rows, n, func(r row, n int) int { return r.r - n })
		if !there {
			return ""
		}
		list = s.rows[i : i+1]
	}
	for i := range list {
		r := &list[i]
		for j := range r.cells {
			if !rows && r.cells[j].col != n {
				continue
			}
			c, err := p.sides[side].content(s, r.r, &r.cells[j])
			if err == nil && c.kind != empty {
				c = loose(c)
				b.WriteString(itoa(r.cells[j].col) + string(c.kind) + c.text + "\x00")
			}
		}
	}
	return b.String()
}

// meet notes what each version needs to get the shape of the result.
func (p *plan) meet(m *moved) {
	x, y := p.todo(m, 0), p.todo(m, 1)
	p.step(0, 0, m.t, m.did[0])
	p.step(0, 1, m.t, y)
	p.step(1, 0, m.t, y)
	p.step(2, 0, m.t, x)
	for i, s := range m.did {
		p.tellMoves(i, m.t, s)
	}
}

// step notes a shape that a version of a sheet takes.
func (p *plan) step(version, step int, t *trio, s *shape) {
	if s.none() {
		return
	}
	for len(p.steps[version]) <= step {
		p.steps[version] = append(p.steps[version], shapes{})
	}
	p.steps[version][step][strings.ToLower(t.name)] = s
}

func (p *plan) tellMoves(side int, t *trio, s *shape) {
	for _, where := range s.texts() {
		p.moved[side] = append(p.moved[side], Place{Where: t.name + " " + where})
	}
}

// texts say what was done to rows and columns; deleted ones have their old
// numbers.
func (s *shape) texts() []string {
	var list []string
	for _, l := range []struct {
		one, many string
		a         axis
		name      func(int) string
	}{{"row ", "rows ", s.rows, itoa}, {"column ", "columns ", s.cols, formulas.ColName}} {
		text := func(at, n int) string {
			if n == 1 {
				return l.one + l.name(at)
			}
			return l.many + l.name(at) + ":" + l.name(at+n-1)
		}
		for _, x := range l.a {
			if x.del > 0 {
				list = append(list, text(x.at, x.del)+" deleted")
			}
			if x.ins > 0 {
				list = append(list, text(l.a.gap(x.at), x.ins)+" inserted")
			}
		}
	}
	if len(s.sorted) > 0 {
		list = append(list, "rows sorted")
	}
	if x := s.tail; x != nil && x.ahead > 0 {
		list = append(list, "rows "+itoa(x.at+x.ahead)+":"+itoa(x.at+x.total-1)+" put behind those of the other side")
	}
	return list
}

// reshape brings the versions into the shape of the result.
func (p *plan) reshape() error {
	books := []*book{p.b, p.sides[0], p.sides[1]}
	var took [3]map[string]int
	for i, b := range books {
		took[i] = map[string]int{}
		b.took = took[i]
		for _, m := range p.steps[i] {
			lost, err := b.reshape(m)
			if err != nil {
				return unmergeable("%v", err)
			}
			if i > 0 {
				p.lost[i-1] = lost
			}
		}
	}
	for i := range p.sides {
		for what, n := range took[i+1] {
			if n > took[0][what] {
				kind, _, _ := strings.Cut(what, "\x00")
				p.conflict(kind, 1-i, "deleted with its row or column", "changed")
			}
		}
	}
	return nil
}
