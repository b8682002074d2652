package xlsx

import (
	"strings"

	"github.com/esync/esync/merge/formulas"
)

// What of a row or a column comes from the other side.
const (
	tookSize byte = 1 << iota
	tookHidden
	tookOutline
	tookStyle
)

// row compares what the three versions of a row say about themselves.
func (m *merger) row(t *trio, r int, rows []*row) {
	var a [3]rowAttrs
	var style [3]string
	for i, one := range rows {
		if one != nil {
			a[i] = one.rowAttrs
		}
		style[i] = []*book{m.b, m.s, m.o}[i].rowStyle(one)
	}
	where := t.name + " row " + itoa(r)
	op := rowOp{t: t, r: r, attrs: a[2]}
	decide := func(what byte, b, s, o string) {
		if v := compare(b, s, o); v != same && m.settle(v, m.place(where, b, s, o)) {
			op.what |= what
		}
	}
	decide(tookSize, a[0].size(), a[1].sizeSince(a[0]), a[2].sizeSince(a[0]))
	if !a[1].custom && !a[2].custom && a[2].height != "" && rows[1] != nil && compare(a[0].height, a[1].height, a[2].height) == take {
		op.what |= tookSize // computed by a program for what it shows
	}
	decide(tookHidden, word(a[0].hidden, "hidden"), word(a[1].hidden, "hidden"), word(a[2].hidden, "hidden"))
	decide(tookOutline, outline(a[0].level, a[0].closed), outline(a[1].level, a[1].closed), outline(a[2].level, a[2].closed))
	if v := compare(style[0], style[1], style[2]); v != same {
		if m.settle(v, m.place(where, "format", "format", "format")) {
			op.what |= tookStyle
		}
	}
	if op.what != 0 {
		m.rows = append(m.rows, op)
		m.calc = m.calc || op.what&tookHidden != 0 // subtotals may leave it out
	}
}

// size is a height that somebody set; one that a program computed is none.
func (a rowAttrs) size() string {
	if !a.custom {
		return ""
	}
	n, _ := numberKey(a.height)
	return "height " + n
}

// sizeSince is size, but for a height that a program only wrote down as it was.
func (a rowAttrs) sizeSince(base rowAttrs) string {
	if a.custom && !base.custom && base.height != "" {
		x, _ := numberKey(a.height)
		if y, _ := numberKey(base.height); x == y {
			return ""
		}
	}
	return a.size()
}

func word(on bool, w string) string {
	if on {
		return w
	}
	return ""
}

func outline(level string, closed bool) string {
	var list []string
	if level != "" {
		list = append(list, "level "+level)
	}
	if closed {
		list = append(list, "collapsed")
	}
	return strings.Join(list, ", ")
}

// span is a stretch of columns in the result.
type span struct {
	min, max int
	from     colAttrs // of the other side
	what     byte
}

// columns compares the columns of a sheet.
func (m *merger) columns(t *trio, s, o *sheet) {
	var spans []span
	took := false
	eachColumn([]*sheet{t.base, s, o}, func(min, max int) {
		x, y, z := t.base.column(min), s.column(min), o.column(min)
		where := t.name + " column " + formulas.ColName(min)
		if max > min {
			where = t.name + " columns " + formulas.ColName(min) + ":" + formulas.ColName(max)
		}
		one := span{min: min, max: max, from: z}
		decide := func(what byte, b, s, o string) {
			if v := compare(b, s, o); v != same && m.settle(v, m.place(where, b, s, o)) {
				one.what |= what
			}
		}
		decide(tookSize, x.size(), y.size(), z.size())
		decide(tookHidden, word(x.hidden, "hidden"), word(y.hidden, "hidden"), word(z.hidden, "hidden"))
		decide(tookOutline, outline(x.level, x.closed), outline(y.level, y.closed), outline(z.level, z.closed))
		kx, _ := m.b.styles.key(x.style)
		ky, _ := m.s.styles.key(y.style)
		kz, _ := m.o.styles.key(z.style)
		if v := compare(kx, ky, kz); v != same {
			if m.settle(v, m.place(where, "format "+m.b.styles.show(x.style), "format "+m.s.styles.show(y.style), "format "+m.o.styles.show(z.style))) {
				one.what |= tookStyle
			}
		}
		took = took || one.what != 0
		spans = append(spans, one)
	})
	if took {
		m.do(func(w *writer) error { return w.setColumns(t, spans) })
	}
}

func (c colAttrs) size() string {
	if c.width == "" || !c.custom && !c.best {
		return ""
	}
	return "width " + c.width
}
