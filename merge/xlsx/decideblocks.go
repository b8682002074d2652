package xlsx

import "slices"

// blocks decides about what a sheet has beside cells.
func (m *merger) blocks(t *trio, b, s, o blocks) {
	for _, key := range keysOf(b, s, o) {
		one := o[key]
		if one == nil {
			one = s[key]
		}
		if one == nil {
			one = b[key]
		}
		v := compare(b.value(key), s.value(key), o.value(key))
		where := one.label
		if t != nil {
			where = t.name + " " + one.label
		}
		switch {
		case v == same:
		case v == clashes && one.soft:
			// How one looks at a sheet is nobody's work.
		case byItem(v, key, b, s, o):
			m.list(t, one, b.items(key), s.items(key), o.items(key))
		case v == take:
			m.tell(&m.taken, t, one, b.items(key), s.items(key), o.items(key), where)
			m.takeBlock(t, key)
		case v == keep:
			m.tell(&m.kept, t, one, b.items(key), s.items(key), o.items(key), where)
		case m.settle(v, m.place(where, "", "changed", "changed otherwise")):
			m.takeBlock(t, key)
		}
	}
}

// byItem tells whether the items of a block are decided one by one. Properties
// are even when one side alone changed them: a label is not only in them.
func byItem(v verdict, key string, b, s, o blocks) bool {
	return (v == clashes || v != same && key == "properties") && listed(b, key) && listed(s, key) && listed(o, key)
}

func listed(l blocks, key string) bool { return l[key] == nil || l[key].items != nil }

func (m *merger) takeBlock(t *trio, key string) {
	if key == "tables" || key == "names" || key == "calcPr" {
		m.calc = true
	}
	m.do(func(w *writer) error { return w.takeBlock(t, key) })
}

// tell notes the items in which the sides of a block that only one changed
// differ.
func (m *merger) tell(list *[]Place, t *trio, one *block, b, s, o []item, where string) {
	n := len(*list)
	inB, inS, inO := finder(b), finder(s), finder(o)
	for _, k := range itemKeys(b, s, o) {
		x, y, z := inB(k), inS(k), inO(k)
		if y.val() != z.val() {
			note(list, m.place(m.itemWhere(t, one, x, y, z), x.text(), y.text(), z.text()))
		}
	}
	if len(*list) == n && !one.soft {
		note(list, m.place(where, "", "", ""))
	}
}

func (i *item) val() string {
	if i == nil {
		return ""
	}
	return "=" + i.value
}

func (i *item) text() string {
	if i == nil {
		return ""
	}
	return i.show
}

func (m *merger) itemWhere(t *trio, one *block, items ...*item) string {
	for _, i := range items {
		if i == nil {
			continue
		}
		if t == nil {
			return itemPlace(nil, one, i)
		}
		return t.name + " " + itemPlace(t.side[0], one, i)
	}
	return one.label
}

// pick is an item of a merged list.
type pick struct {
	item
	other bool // from o
}

// list merges a block of which both sides changed items.
func (m *merger) list(t *trio, one *block, b, s, o []item) {
	if one.key == "conditionalFormatting" && (!inSameOrder(b, s) || !inSameOrder(b, o)) {
		m.conflict(t.name+" "+one.label, "", "reordered", "reordered")
		return
	}
	if one.key == "drawing" {
		o = apartFrom(b, s, o)
	}
	dropped, takes := map[string]bool{}, map[string]bool{}
	settled := m.together(t, one, b, s, o)
	inB, inS, inO := finder(b), finder(s), finder(o)
	for _, k := range itemKeys(b, s, o) {
		x, y, z := inB(k), inS(k), inO(k)
		taken, done := settled[k]
		if !done {
			v := compare(x.val(), y.val(), z.val())
			taken = v != same && m.settle(v, m.place(m.itemWhere(t, one, x, y, z), x.text(), y.text(), z.text()))
		}
		switch {
		case !taken || y.val() == z.val():
		case z == nil:
			dropped[k] = true
		default:
			takes[k] = true
		}
	}
	if len(takes) == 0 && len(dropped) == 0 {
		return
	}
	picks := arrange(s, o, takes, dropped)
	m.overlaps(t, one, b, picks)
	if one.key == "tables" || one.key == "names" {
		m.calc = true
	}
	m.do(func(w *writer) error { return w.takeItems(t, one.key, picks) })
}

// apartFrom gives new items of o the keys of which s gave to something else a
// key of their own: two new pictures are two, whatever they are called.
func apartFrom(b, s, o []item) []item {
	o = slices.Clone(o)
	inB, inS := finder(b), finder(s)
	for i := range o {
		if y := inS(o[i].key); y != nil && inB(o[i].key) == nil && y.value != o[i].value {
			o[i].key = "other " + o[i].key
		}
	}
	return o
}

// inSameOrder tells whether what two lists have in common has one order.
func inSameOrder(a, b []item) bool {
	common := func(x, y []item) (keys []string) {
		in := finder(y)
		for i := range x {
			if in(x[i].key) != nil {
				keys = append(keys, x[i].key)
			}
		}
		return keys
	}
	return slices.Equal(common(a, b), common(b, a))
}

// arrange puts the items of the result in order: those of s, and behind its
// forerunner what comes from o.
func arrange(s, o []item, takes, dropped map[string]bool) []pick {
	inS, inO := finder(s), finder(o)
	behind := map[string][]pick{} // what comes from o, by its forerunner
	last := ""
	for i := range o {
		k := o[i].key
		if inS(k) != nil && !dropped[k] {
			last = k
		} else if takes[k] {
			behind[last] = append(behind[last], pick{item: o[i], other: true})
		}
	}
	picks := append([]pick(nil), behind[""]...)
	for i := range s {
		k := s[i].key
		if dropped[k] {
			continue
		}
		p := pick{item: s[i]}
		if takes[k] {
			p = pick{item: *inO(k), other: true}
		}
		picks = append(append(picks, p), behind[k]...)
	}
	return picks
}

// overlaps looks for items of the two sides that apply to the same cells.
func (m *merger) overlaps(t *trio, one *block, base []item, picks []pick) {
	if one.key == "conditionalFormatting" || one.key == "hyperlinks" {
		return
	}
	inBase := finder(base)
	for i := range picks {
		x := &picks[i]
		if !x.other || len(x.areas) == 0 || inBase(x.key).val() == x.val() {
			continue
		}
		for j := range picks {
			y := &picks[j]
			if i == j || y.other || len(y.areas) == 0 || !x.areas[0].meets(y.areas[0]) {
				continue
			}
			m.conflict(t.name+" "+one.label+" "+x.label, "", y.label, x.label)
			break
		}
	}
}

// workbook decides about what the workbook has beside sheets.
func (m *merger) workbook() {
	i := bit(m.second)
	b, s, o := m.b0, m.side0[i], m.side0[1-i]
	own := map[string]bool{"date1904": true, "default format": true, "cell styles": true, labelPart: true}
	if v := compare(b.value("date1904"), s.value("date1904"), o.value("date1904")); v != same {
		// The numbers of all dates mean something else on that side.
		show := func(l blocks) string {
			return "from " + map[bool]string{true: "1904", false: "1900"}[l.value("date1904") != ""]
		}
		m.conflict("date system", show(b), show(s), show(o))
	}
	if v := compare(b.value("default format"), s.value("default format"), o.value("default format")); v != same &&
		m.settle(v, m.place("default format", "", "changed", "changed otherwise")) {
		m.do(func(w *writer) error { return w.takeDefault() })
	}
	m.cellStyles(b.items("cell styles"), s.items("cell styles"), o.items("cell styles"))
	m.label(b, s, o)
	rest := func(l blocks) blocks {
		out := blocks{}
		for k, v := range l {
			if !own[k] && k != "" && !isLink(k) {
				out[k] = v
			}
		}
		return out
	}
	m.blocks(nil, rest(b), rest(s), rest(o))
	m.links(b, s, o)
}

func isLink(key string) bool { return len(key) > 5 && key[:5] == "link " }

// links decides about the stored values of other workbooks. A link that a side
// no longer has stays, since formulas count links.
func (m *merger) links(b, s, o blocks) {
	for _, key := range keysOf(b, s, o) {
		if !isLink(key) || o[key] == nil {
			continue
		}
		x, y, z := b.value(key), s.value(key), o.value(key)
		if y == "" {
			if x == "" {
				m.do(func(w *writer) error { return w.addLink(key[5:]) })
				note(&m.taken, m.place(o[key].label, "", "", "new"))
			}
			continue
		}
		if m.settle(compare(x, y, z), m.place(o[key].label, "", "other values", "other values")) && y != z {
			m.do(func(w *writer) error { return w.updateLink(key[5:]) })
		}
	}
}

// cellStyles decides about the styles that have names. One that a side no
// longer has stays: cells may use it.
func (m *merger) cellStyles(b, s, o []item) {
	inB, inS := finder(b), finder(s)
	for i := range o {
		z := &o[i]
		x, y := inB(z.key), inS(z.key)
		if y == nil {
			continue // comes along with the first cell that uses it
		}
		v := compare(x.val(), y.val(), z.val())
		if v != same && m.settle(v, m.place("cell style "+z.label, "", "changed", "changed otherwise")) {
			m.do(func(w *writer) error { return w.takeCellStyle(z.key) })
		}
	}
}
