package xlsx

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/beevik/etree"
)

// adopt gives the index of a format of another workbook, which is put at the
// end of the lists when they have none like it.
func (s *styles) adopt(o *styles, i int) (int, error) {
	key, err := o.key(i)
	if err != nil {
		return 0, err
	}
	if n, ok := s.byKey[key]; ok {
		return n, nil
	}
	if key == "" {
		return 0, nil
	}
	if s.xfs.el == nil || len(s.xfs.items) == 0 {
		return 0, fmt.Errorf("there are no formats to add to")
	}
	e, err := s.adoptXF(o, o.xfs.items[i])
	if err != nil {
		return 0, err
	}
	n := s.xfs.add(e, "")
	full, err := s.expandXF(e)
	if err != nil {
		return 0, err
	}
	if full != o.full[i] {
		return 0, fmt.Errorf("a format cannot be carried over")
	}
	s.keys, s.full = append(s.keys, key), append(s.full, full)
	s.byKey[key] = n
	s.changed = true
	return n, nil
}

// adoptXF makes a format whose numbers are those of s.
func (s *styles) adoptXF(o *styles, from *etree.Element) (*etree.Element, error) {
	e, err := s.copyElement(from)
	if err != nil {
		return nil, err
	}
	for _, x := range []struct {
		attr     string
		to, from *indexed
	}{{"fontId", s.fonts, o.fonts}, {"fillId", s.fills, o.fills}, {"borderId", s.borders, o.borders}} {
		n, ok := parseIndex(from.SelectAttrValue(x.attr, "0"))
		if !ok || n >= len(x.from.items) {
			e.RemoveAttr(x.attr)
			continue
		}
		at, err := s.adoptItem(x.to, x.from, n)
		if err != nil {
			return nil, err
		}
		e.CreateAttr(x.attr, itoa(at))
	}
	id, err := strconv.Atoi(from.SelectAttrValue("numFmtId", "0"))
	if err != nil {
		return nil, err
	}
	e.CreateAttr("numFmtId", itoa(s.adoptFormat(o, id)))
	if from.SelectAttr("xfId") != nil {
		base, err := s.adoptBase(o, from)
		if err != nil {
			return nil, err
		}
		e.CreateAttr("xfId", itoa(base))
	}
	return e, nil
}

// copyElement copies an element of the styles of another workbook.
func (s *styles) copyElement(from *etree.Element) (*etree.Element, error) {
	return adoptElement(from, s.root)
}

func (s *styles) adoptItem(to, from *indexed, n int) (int, error) {
	key := from.canon[n]
	if at, ok := to.byKey[key]; ok {
		return at, nil
	}
	e, err := s.copyElement(from.items[n])
	if err != nil {
		return 0, err
	}
	if to.el == nil {
		to.el = etree.NewElement(tagIn(s.root, to.tag))
		insertOrdered(s.root, to.el)
	}
	s.changed = true
	return to.add(e, key), nil
}

// add puts an element at the end of a list.
func (x *indexed) add(e *etree.Element, key string) int {
	n := len(x.items)
	x.el.AddChild(e)
	x.items, x.canon = append(x.items, e), append(x.canon, key)
	if _, ok := x.byKey[key]; !ok {
		x.byKey[key] = n
	}
	x.el.CreateAttr("count", itoa(len(x.items)))
	return n
}

// firstFormat is where the numbers of a workbook's own number formats begin.
const firstFormat = 164

// adoptFormat gives the number here of a number format of another workbook.
func (s *styles) adoptFormat(o *styles, id int) int {
	code, own := o.formats[id]
	if !own {
		if _, other := s.formats[id]; !other {
			return id
		}
		code = o.code(id)
	}
	var ids []int
	for n := range s.formats {
		ids = append(ids, n)
	}
	slices.Sort(ids)
	for _, n := range ids {
		if s.formats[n] == code {
			return n
		}
	}
	for n, c := range builtinFormats {
		if _, other := s.formats[n]; c == code && !other {
			return n
		}
	}
	next := firstFormat
	if len(ids) > 0 {
		next = max(next, ids[len(ids)-1]+1)
	}
	list := child(s.root, "numFmts")
	if list == nil {
		list = etree.NewElement(tagIn(s.root, "numFmts"))
		insertOrdered(s.root, list)
	}
	e := list.CreateElement(tagIn(s.root, "numFmt"))
	e.CreateAttr("numFmtId", itoa(next))
	e.CreateAttr("formatCode", code)
	list.CreateAttr("count", itoa(len(list.ChildElements())))
	s.formats[next] = code
	s.changed = true
	return next
}

// adoptBase gives the index here of the named style of a format.
func (s *styles) adoptBase(o *styles, from *etree.Element) (int, error) {
	key := o.base(from)
	if key == "" {
		return 0, nil
	}
	for _, n := range s.named {
		if n.key == key {
			return n.xf, nil
		}
	}
	for _, n := range o.named {
		if n.key != key || n.xf < 0 || n.xf >= len(o.bases.items) {
			continue
		}
		return s.addNamed(o, n)
	}
	return 0, nil
}

func (s *styles) addNamed(o *styles, n named) (int, error) {
	if s.bases.el == nil {
		return 0, fmt.Errorf("there are no cell styles to add to")
	}
	xf, err := s.adoptXF(o, o.bases.items[n.xf])
	if err != nil {
		return 0, err
	}
	xf.RemoveAttr("xfId")
	at := s.bases.add(xf, "")
	e, err := s.copyElement(n.el)
	if err != nil {
		return 0, err
	}
	e.CreateAttr("xfId", itoa(at))
	list := child(s.root, "cellStyles")
	if list == nil {
		list = etree.NewElement(tagIn(s.root, "cellStyles"))
		insertOrdered(s.root, list)
	}
	list.AddChild(e)
	list.CreateAttr("count", itoa(len(list.ChildElements())))
	s.named = append(s.named, named{key: n.key, name: n.name, xf: at, el: e})
	s.changed = true
	return at, nil
}

// dxf gives the index here of a differential format of the other side.
func (w *writer) dxf(number string) (string, error) {
	n, ok := parseIndex(number)
	if !ok || n >= len(w.o.styles.dxfs.items) {
		return "", fmt.Errorf("differential format %q", number)
	}
	at, err := w.b.styles.adoptItem(w.b.styles.dxfs, w.o.styles.dxfs, n)
	return itoa(at), err
}

// takeDefault makes the other side's default format that of the result. Cells
// that have it say so by the index 0 or by nothing.
func (w *writer) takeDefault() error {
	s, o := w.b.styles, w.o.styles
	if len(s.xfs.items) == 0 || len(o.xfs.items) == 0 {
		return fmt.Errorf("there is no default format")
	}
	e, err := s.adoptXF(o, o.xfs.items[0])
	if err != nil {
		return err
	}
	for i, old := range s.xfs.items {
		if s.keys[i] != "" {
			continue
		}
		// What looked like the default goes on doing so.
		if old.Parent() != s.xfs.el {
			return fmt.Errorf("the default format cannot be changed")
		}
		one := e.Copy()
		s.xfs.el.InsertChildAt(old.Index(), one)
		s.xfs.el.RemoveChild(old)
		s.xfs.items[i] = one
	}
	s.changed = true
	return s.expand()
}

// takeCellStyle gives a named style the other side's format.
func (w *writer) takeCellStyle(key string) error {
	s, o := w.b.styles, w.o.styles
	find := func(s *styles) *named {
		for i := range s.named {
			if s.named[i].key == key {
				return &s.named[i]
			}
		}
		return nil
	}
	to, from := find(s), find(o)
	if to == nil || from == nil || to.xf < 0 || to.xf >= len(s.bases.items) || from.xf < 0 || from.xf >= len(o.bases.items) {
		return fmt.Errorf("cell style %q is missing", key)
	}
	e, err := s.adoptXF(o, o.bases.items[from.xf])
	if err != nil {
		return err
	}
	e.RemoveAttr("xfId")
	old := s.bases.items[to.xf]
	if old.Parent() != s.bases.el {
		return fmt.Errorf("cell style %q cannot be changed", key)
	}
	s.bases.el.InsertChildAt(old.Index(), e)
	s.bases.el.RemoveChild(old)
	s.bases.items[to.xf] = e
	s.changed = true
	return nil
}
