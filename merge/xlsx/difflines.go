package xlsx

import (
	"slices"
	"strings"

	"github.com/esync/esync/merge/formulas"
)

// row compares what two rows say about themselves.
func (d *differ) row(o *sheet, r int, rows []*row) {
	if rows[0] != nil && rows[1] != nil && rows[0].size() != rows[1].sizeSince(rows[0].rowAttrs) || rows[0] == nil || rows[1] == nil {
		d.sizes(o, r, rows, rowShow)
	} else {
		d.sizes(o, r, rows, func(r *row) string {
			bare := *r
			bare.custom = false
			return rowShow(&bare)
		})
	}
	if d.a.rowStyle(rows[0]) != d.b.rowStyle(rows[1]) {
		d.add(FormatChanged, o, "row "+itoa(r), "", "")
	}
}

func (d *differ) sizes(o *sheet, r int, rows []*row, show func(*row) string) {
	x, y := show(rows[0]), show(rows[1])
	if x != y {
		d.add(SizeChanged, o, "row "+itoa(r), x, y)
	}
}

// rowStyle is the format of the cells of a row that are not there.
func (b *book) rowStyle(r *row) string {
	if r == nil || !r.styled {
		return "none"
	}
	key, _ := b.styles.key(r.style)
	return key
}

func rowShow(r *row) string {
	switch {
	case r == nil:
		return ""
	case r.custom:
		return lineShow("height "+r.height, r.hidden, r.level, r.closed)
	}
	return lineShow("", r.hidden, r.level, r.closed)
}

func (c colAttrs) show() string {
	if c.width == "" {
		return lineShow("", c.hidden, c.level, c.closed)
	}
	return lineShow("width "+c.width, c.hidden, c.level, c.closed)
}

// lineShow is what a row or a column says about itself, for people.
func lineShow(size string, hidden bool, level string, closed bool) string {
	list := []string{size, word(hidden, "hidden"), outline(level, closed)}
	return strings.Join(slices.DeleteFunc(list, func(s string) bool { return s == "" }), ", ")
}

// eachColumn visits stretches of columns in which no sheet changes.
func eachColumn(sheets []*sheet, visit func(min, max int)) {
	cut := map[int]bool{1: true, formulas.MaxCol + 1: true}
	for _, s := range sheets {
		if s == nil {
			continue
		}
		for _, c := range s.columns {
			cut[c.min], cut[c.max+1] = true, true
		}
	}
	list := make([]int, 0, len(cut))
	for n := range cut {
		list = append(list, n)
	}
	slices.Sort(list)
	for i := 1; i < len(list); i++ {
		visit(list[i-1], list[i]-1)
	}
}

func (d *differ) columns(s, o *sheet) {
	eachColumn([]*sheet{s, o}, func(min, max int) {
		x, y := s.column(min), o.column(min)
		where := "column " + formulas.ColName(min)
		if max > min {
			where = "columns " + formulas.ColName(min) + ":" + formulas.ColName(max)
		}
		if x.show() != y.show() {
			d.add(SizeChanged, o, where, x.show(), y.show())
		}
		kx, _ := d.a.styles.key(x.style)
		ky, _ := d.b.styles.key(y.style)
		if kx != ky {
			d.add(FormatChanged, o, where, d.a.styles.show(x.style), d.b.styles.show(y.style))
		}
	})
}
