package xlsx

import (
	"bytes"
	"fmt"
	"maps"
	"slices"

	"github.com/esync/esync/merge/formulas"
)

// prove reads the result again and compares it with what was decided: every
// cell, row, column and block of the three versions. What differs in any way
// is no merge.
func (m *merger) prove(out []byte, w *writer) error {
	allowed := maps.Clone(m.s.broken)
	maps.Copy(allowed, m.o.broken)
	delete(allowed, "chain")
	r, err := verified(out, allowed)
	if err != nil {
		return fmt.Errorf("result: %w", err)
	}
	p := &prover{merger: m, r: r}
	for _, step := range []func() error{p.sheets, p.workbook, p.stored, func() error { return p.untouched(w) }} {
		if err := step(); err != nil {
			return unmergeable("result: %v", err)
		}
	}
	return nil
}

type prover struct {
	*merger
	r *book
}

// want is what the result has of three versions.
func want[T comparable](m *merger, where string, b, s, o T) T {
	switch compare(b, s, o) {
	case take:
		return o
	case clashes:
		if m.chosen(where) == m.o {
			return o
		}
	}
	return s
}

func (p *prover) sheets() error {
	n := 0
	for _, t := range p.plan.sheets {
		s, o, r := p.skel(t), p.other(t), p.r.sheetNamed(t.name)
		there := s != nil && o != nil || t.base == nil
		if there != (r != nil) {
			return fmt.Errorf("sheet %q is there: %v", t.name, r != nil)
		}
		if !there {
			continue
		}
		n++
		if err := p.sheet(t, s, o, r); err != nil {
			return fmt.Errorf("sheet %q: %w", t.name, err)
		}
	}
	if n != len(p.r.sheets) {
		return fmt.Errorf("%d sheets instead of %d", len(p.r.sheets), n)
	}
	return nil
}

func (p *prover) sheet(t *trio, s, o, r *sheet) error {
	now, err := p.r.sheetBlocks(r)
	if err != nil {
		return err
	}
	if t.base == nil {
		from, b, was := s, p.s, t.blocks[1+bit(p.second)]
		if s == nil || o != nil && p.chosen("sheet "+t.name) == p.o {
			from, b, was = o, p.o, t.blocks[2-bit(p.second)]
		}
		ok, err := p.equalSheets(b, from, p.r, r, was, now)
		if err == nil && !ok {
			err = fmt.Errorf("the new sheet is not what it was")
		}
		return err
	}
	if r.kind == "worksheet" {
		if err := p.cells(t, s, o, r); err != nil {
			return err
		}
	}
	b0, s0, o0 := p.blocksOf(t)
	return p.blocks(t, b0, s0, o0, now)
}

func (p *prover) cells(t *trio, s, o, r *sheet) error {
	books := [4]*book{p.b, p.s, p.o, p.r}
	sheets := [4]*sheet{t.base, s, o, r}
	err := eachRow(sheets[:], func(n int, rows []*row) error {
		if err := p.row(t, n, rows); err != nil {
			return err
		}
		return eachCell(rows, func(col int, cells []*cell) error {
			var l [4]look
			var err error
			for i := range l {
				if l[i], err = books[i].look(sheets[i], n, rows[i], col, cells[i]); err != nil {
					return err
				}
			}
			if l[0] == l[1] && l[1] == l[2] && l[2] == l[3] {
				return nil
			}
			where := t.name + "!" + spot{n, col}.String()
			x := want(p.merger, where, l[0].content, l[1].content, l[2].content)
			if p.doubted[where] {
				x = l[1].content
				if p.chosen(where) == p.o {
					x = l[2].content
				}
			}
			if x != l[3].content {
				return fmt.Errorf("%s is %.50q instead of %.50q", where, l[3].show(), x.show())
			}
			style := want(p.merger, where, l[0].style, l[1].style, l[2].style)
			if p.doubtedFormat[where] {
				style = l[1].style
				if p.chosen(where) == p.o {
					style = l[2].style
				}
			}
			if style != l[3].style {
				return fmt.Errorf("%s has another format", where)
			}
			return nil
		})
	})
	if err != nil {
		return err
	}
	eachColumn(sheets[:], func(min, max int) {
		x, y, z, n := t.base.column(min), s.column(min), o.column(min), r.column(min)
		where := t.name + " column " + formulas.ColName(min)
		if max > min {
			where = t.name + " columns " + formulas.ColName(min) + ":" + formulas.ColName(max)
		}
		kx, _ := p.b.styles.key(x.style)
		ky, _ := p.s.styles.key(y.style)
		kz, _ := p.o.styles.key(z.style)
		kn, _ := p.r.styles.key(n.style)
		for _, f := range [][4]string{
			{x.size(), y.size(), z.size(), n.size()}, {word(x.hidden, "h"), word(y.hidden, "h"), word(z.hidden, "h"), word(n.hidden, "h")},
			{outline(x.level, x.closed), outline(y.level, y.closed), outline(z.level, z.closed), outline(n.level, n.closed)}, {kx, ky, kz, kn},
		} {
			if want(p.merger, where, f[0], f[1], f[2]) != f[3] && err == nil {
				// A stretch that was decided as one may be cut otherwise here.
				if compare(f[0], f[1], f[2]) != clashes || f[3] != f[2] {
					err = fmt.Errorf("%s is %q", where, f[3])
				}
			}
		}
	})
	return err
}

func (p *prover) row(t *trio, n int, rows []*row) error {
	var a [4]rowAttrs
	var style [4]string
	for i, one := range rows {
		if one != nil {
			a[i] = one.rowAttrs
		}
		style[i] = []*book{p.b, p.s, p.o, p.r}[i].rowStyle(one)
	}
	where := t.name + " row " + itoa(n)
	for _, f := range [][4]string{
		{a[0].size(), a[1].sizeSince(a[0]), a[2].sizeSince(a[0]), a[3].sizeSince(a[0])}, {word(a[0].hidden, "h"), word(a[1].hidden, "h"), word(a[2].hidden, "h"), word(a[3].hidden, "h")},
		{outline(a[0].level, a[0].closed), outline(a[1].level, a[1].closed), outline(a[2].level, a[2].closed), outline(a[3].level, a[3].closed)}, style,
	} {
		if want(p.merger, where, f[0], f[1], f[2]) != f[3] {
			return fmt.Errorf("%s is %q", where, f[3])
		}
	}
	return nil
}

// blocks compares what stands beside cells.
func (p *prover) blocks(t *trio, b, s, o, r blocks) error {
	for _, key := range keysOf(b, s, o, r) {
		one := firstBlock(key, o, s, b, r)
		if one.soft || t == nil && (key == "cell styles" || key == labelPart || isLink(key)) {
			continue
		}
		where := one.label
		if t != nil {
			where = t.name + " " + one.label
		}
		x, y, z, n := b.value(key), s.value(key), o.value(key), r.value(key)
		if !byItem(compare(x, y, z), key, b, s, o) {
			if w := want(p.merger, where, x, y, z); w != n && !p.sameItems(key, w, x, y, z, b, s, o, r) {
				return fmt.Errorf("%s: not as decided", where)
			}
			continue
		}
		if err := p.items(t, one, b.items(key), s.items(key), o.items(key), r.items(key)); err != nil {
			return err
		}
	}
	return nil
}

// sameItems tells whether a list has the wanted items, in whatever order they
// are where the order means nothing.
func (p *prover) sameItems(key, w, x, y, z string, b, s, o, r blocks) bool {
	from := s
	if w == z {
		from = o
	}
	if w == x && w != y {
		from = b
	}
	if key != "drawing" || from[key] == nil || r[key] == nil || from[key].items == nil || r[key].items == nil {
		return false
	}
	return slices.Equal(itemValues(from.items(key)), itemValues(r.items(key)))
}

func itemValues(items []item) []string {
	var list []string
	for _, i := range items {
		list = append(list, i.value)
	}
	return list
}

func firstBlock(key string, lists ...blocks) *block {
	for _, l := range lists {
		if l[key] != nil {
			return l[key]
		}
	}
	return &block{key: key, label: key}
}

func (p *prover) items(t *trio, one *block, b, s, o, r []item) error {
	if one.key == "drawing" {
		return p.objects(t, one, b, s, o, r)
	}
	inB, inS, inO, inR := finder(b), finder(s), finder(o), finder(r)
	for _, k := range itemKeys(b, s, o, r) {
		x, y, z, n := inB(k), inS(k), inO(k), inR(k)
		where := p.itemWhere(t, one, x, y, z, n)
		w := want(p.merger, where, x.val(), y.val(), z.val())
		if taken, ok := p.settled[listName(t, one)][k]; ok && taken {
			w = z.val()
		} else if ok {
			w = y.val()
		}
		if w != n.val() {
			return fmt.Errorf("%s: not as decided", where)
		}
	}
	return nil
}

// objects compares pictures and charts, of which new ones may be known by
// another key.
func (p *prover) objects(t *trio, one *block, b, s, o, r []item) error {
	o = apartFrom(b, s, o)
	inB, inS, inO := finder(b), finder(s), finder(o)
	var wanted []string
	for _, k := range itemKeys(b, s, o) {
		x, y, z := inB(k), inS(k), inO(k)
		if w := want(p.merger, p.itemWhere(t, one, x, y, z), x.val(), y.val(), z.val()); w != "" {
			wanted = append(wanted, w[1:])
		}
	}
	got := itemValues(r)
	slices.Sort(wanted)
	slices.Sort(got)
	if !slices.Equal(wanted, got) {
		return fmt.Errorf("%s: not as decided", one.label)
	}
	return nil
}

func (p *prover) workbook() error {
	now, err := p.r.bookBlocks()
	if err != nil {
		return err
	}
	i := bit(p.second)
	b, s, o := p.b0, p.side0[i], p.side0[1-i]
	if err := p.blocks(nil, b, s, o, now); err != nil {
		return err
	}
	wanted, _ := labelOf(s)
	if p.labels == take {
		wanted, _ = labelOf(o)
	}
	if label, _ := labelOf(now); label != wanted {
		return fmt.Errorf("the sensitivity label is not as decided")
	}
	for _, l := range []blocks{s, o} {
		for key := range l {
			if isLink(key) && now[key] == nil {
				return fmt.Errorf("%s is missing", l[key].label)
			}
		}
	}
	return nil
}

// stored checks that no stored result is left that may be wrong.
func (p *prover) stored() error {
	if !p.calc {
		return nil
	}
	if e := child(p.r.root, "calcPr"); e == nil || !truth(e.SelectAttrValue("fullCalcOnLoad", "")) {
		return fmt.Errorf("nothing asks for formulas to be computed")
	}
	if p.r.partOf("calcChain") != "" {
		return fmt.Errorf("the order of calculation is still there")
	}
	for _, s := range p.r.sheets {
		for i := range s.rows {
			for j := range s.rows[i].cells {
				c := &s.rows[i].cells[j]
				if c.kind != noValue && (c.f != nil && !formulas.ReadsOther(c.f.text) || c.f == nil && s.inArray(spot{s.rows[i].r, c.col})) {
					return fmt.Errorf("%s!%s has a stored result", s.name, spot{s.rows[i].r, c.col})
				}
			}
		}
	}
	return nil
}

// untouched compares the parts that nothing was put into with what they were.
func (p *prover) untouched(w *writer) error {
	changed, _ := w.b.pkg.Touched()
	was, now := p.s.pkg, p.r.pkg
	for _, name := range was.Names() {
		if slices.Contains(changed, name) || !now.Has(name) {
			continue
		}
		if name == "[Content_Types].xml" {
			continue
		}
		x, err := w.b.pkg.Bytes(name)
		if err != nil {
			return err
		}
		y, err := now.Bytes(name)
		if err != nil {
			return err
		}
		if !bytes.Equal(x, y) {
			return fmt.Errorf("part %q is not what it was", name)
		}
	}
	return nil
}
