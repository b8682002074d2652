package xlsx

import (
	"fmt"
	"slices"
	"strings"

	"github.com/beevik/etree"
)

// takeBlock replaces a block of the result by the other side's, or takes it
// away where that has none.
func (w *writer) takeBlock(t *trio, key string) error {
	_, _, theirs := w.m.blocksOf(t)
	if one := theirs[key]; listKeys[key] && (one == nil || one.items != nil) {
		var picks []pick
		if one != nil {
			for _, i := range one.items {
				picks = append(picks, pick{item: i, other: true})
			}
		}
		return w.takeItems(t, key, picks)
	}
	one := theirs[key]
	if t == nil {
		return w.takeBookBlock(key, one)
	}
	s, err := w.sheet(t)
	if err != nil {
		return err
	}
	s.dirty = true
	o := w.m.other(t)
	root := s.shell.Root()
	switch {
	case key == "state":
		s.state = one.value
		if s.state == "" {
			s.el.RemoveAttr("state")
		} else {
			s.el.CreateAttr("state", s.state)
		}
		w.b.dirty = true
		return nil
	case key == "part" || rootedKey(key) && !dropped(theirs, key):
		return fmt.Errorf("%s of sheet %q cannot be carried over", keyLabel(key, one), t.name)
	case key == "view":
		return w.takeView(s, o)
	case key == "sheetFormatPr":
		return w.takeSizes(s, o, one)
	case strings.HasPrefix(key, "sheetPr "):
		return w.takeProperty(root, o, key[len("sheetPr "):], one)
	case strings.HasPrefix(key, "ext "):
		return w.takeExt(root, s.part, o.part, key[4:], one)
	case strings.HasPrefix(key, "rel "):
		return w.takeRels(s.part, o.part, key[4:])
	}
	return w.takeElement(root, s.part, o.part, key, one)
}

// listKeys are the blocks that are put together from items.
var listKeys = map[string]bool{
	"mergeCells": true, "hyperlinks": true, "rowBreaks": true, "colBreaks": true, "conditionalFormatting": true, "dataValidations": true,
	"tables": true, "table looks": true, "comments": true, "drawing": true, "names": true, "threads": true, "people": true, "properties": true, "core": true,
}

func keyLabel(key string, one *block) string {
	if one != nil {
		return one.label
	}
	return key
}

// takeElement replaces a single element.
func (w *writer) takeElement(root *etree.Element, part, fromPart, tag string, one *block) error {
	if old := child(root, tag); old != nil {
		root.RemoveChild(old)
	}
	if one == nil || one.el == nil {
		return nil
	}
	e, err := w.element(one.el, fromPart, root, part)
	if err != nil {
		return err
	}
	if tag == "pageSetup" {
		// The printer's own settings stay where they are.
		for i := len(e.Attr) - 1; i >= 0; i-- {
			if a := e.Attr[i]; a.Space != "" && a.Space != "xmlns" {
				e.RemoveAttr(a.FullKey())
			}
		}
	}
	insertOrdered(root, e)
	return nil
}

func (w *writer) takeView(s, o *sheet) error {
	root := s.shell.Root()
	old := child(root, "sheetViews")
	theirs := child(o.shell.Root(), "sheetViews")
	if old != nil {
		root.RemoveChild(old)
	}
	if theirs == nil {
		return nil
	}
	e, err := adoptElement(theirs, root)
	if err != nil {
		return err
	}
	selected := ""
	if old != nil {
		for _, v := range old.ChildElements() {
			selected = v.SelectAttrValue("tabSelected", "")
		}
	}
	for _, v := range e.ChildElements() {
		v.RemoveAttr("tabSelected")
		if selected != "" {
			v.CreateAttr("tabSelected", selected)
		}
		for _, c := range v.ChildElements() {
			if c.Tag == "pivotSelection" || c.Tag == "extLst" {
				v.RemoveChild(c)
			}
		}
	}
	insertOrdered(root, e)
	return nil
}

// takeSizes takes the default sizes; how deep the outline is stays the
// result's own, or becomes the deeper one.
func (w *writer) takeSizes(s, o *sheet, one *block) error {
	root := s.shell.Root()
	old := child(root, "sheetFormatPr")
	if err := w.takeElement(root, s.part, o.part, "sheetFormatPr", one); err != nil {
		return err
	}
	e := child(root, "sheetFormatPr")
	if e == nil || old == nil {
		return nil
	}
	for _, a := range []string{"outlineLevelRow", "outlineLevelCol"} {
		x, _ := parseIndex(old.SelectAttrValue(a, "0"))
		y, _ := parseIndex(e.SelectAttrValue(a, "0"))
		if n := max(x, y); n > 0 {
			e.CreateAttr(a, itoa(n))
		}
	}
	return nil
}

// propertyOrder is the order of the children of sheetPr.
var propertyOrder = []string{"tabColor", "outlinePr", "pageSetUpPr"}

func (w *writer) takeProperty(root *etree.Element, o *sheet, what string, one *block) error {
	e := child(root, "sheetPr")
	if e == nil {
		e = etree.NewElement(tagIn(root, "sheetPr"))
		insertOrdered(root, e)
	}
	if name, ok := strings.CutPrefix(what, "@"); ok {
		e.RemoveAttr(name)
		if one != nil {
			e.CreateAttr(name, one.value)
		}
		return nil
	}
	if old := child(e, what); old != nil {
		e.RemoveChild(old)
	}
	if one == nil {
		return nil
	}
	c, err := adoptElement(one.el, root)
	if err != nil {
		return err
	}
	at := len(e.Child)
	for i := len(e.Child) - 1; i >= 0; i-- {
		if x, ok := e.Child[i].(*etree.Element); ok && slices.Index(propertyOrder, x.Tag) > slices.Index(propertyOrder, what) {
			at = i
		}
	}
	e.InsertChildAt(at, c)
	return nil
}

// takeExt replaces one extension.
func (w *writer) takeExt(root *etree.Element, part, fromPart, uri string, one *block) error {
	list := child(root, "extLst")
	if list != nil {
		for _, e := range list.ChildElements() {
			if strings.EqualFold(e.SelectAttrValue("uri", ""), uri) {
				list.RemoveChild(e)
			}
		}
	}
	if one != nil {
		if list == nil {
			list = etree.NewElement(tagIn(root, "extLst"))
			insertOrdered(root, list)
		}
		e, err := w.element(one.el, fromPart, root, part)
		if err != nil {
			return err
		}
		list.AddChild(e)
	}
	if list != nil && len(list.ChildElements()) == 0 {
		root.RemoveChild(list)
	}
	return nil
}

// takeRels replaces the relationships of a kind, with their parts.
func (w *writer) takeRels(part, fromPart, kind string) error {
	ours, err := w.b.pkg.Rels(part)
	if err != nil {
		return err
	}
	theirs, err := w.o.pkg.Rels(fromPart)
	if err != nil {
		return err
	}
	for _, rel := range ours.ByKind(kind) {
		ours.Drop(rel.ID)
		// Its name becomes free for what comes in its place.
		if left, err := w.b.pkg.Reachable(); err != nil {
			return err
		} else if rel.Part != "" && !left[rel.Part] {
			w.b.pkg.Delete(rel.Part)
		}
	}
	for _, rel := range theirs.ByKind(kind) {
		if rel.Part == "" {
			continue
		}
		to, err := w.grafts.Part(rel.Part)
		if err != nil {
			return err
		}
		ours.Add(rel.Type, to)
	}
	return nil
}

// takeBookBlock replaces a block of the workbook.
func (w *writer) takeBookBlock(key string, one *block) error {
	root := w.b.root
	w.b.dirty = true
	switch {
	case rootedKey(key) && !(one == nil && (strings.HasPrefix(key, "ext ") || strings.HasPrefix(key, "part "))):
		return fmt.Errorf("%s cannot be carried over", keyLabel(key, one))
	case strings.HasPrefix(key, "workbookPr @"):
		e := child(root, "workbookPr")
		if e == nil {
			e = etree.NewElement(tagIn(root, "workbookPr"))
			insertOrdered(root, e)
		}
		e.RemoveAttr(key[len("workbookPr @"):])
		if one != nil {
			e.CreateAttr(key[len("workbookPr @"):], one.value)
		}
		return nil
	case strings.HasPrefix(key, "ext "):
		return w.takeExt(root, w.b.main, w.o.main, key[4:], one)
	case strings.HasPrefix(key, "part "):
		return w.takePart(key[5:])
	case key == "tableStyles" || key == "colors":
		w.b.styles.changed = true
		return w.takeElement(w.b.styles.root, w.b.styles.part, w.o.styles.part, key, one)
	case key == "calcPr":
		return w.takeCalc()
	}
	return w.takeElement(root, w.b.main, w.o.main, key, one)
}

func (w *writer) takeCalc() error {
	old := child(w.b.root, "calcPr")
	if old != nil {
		w.b.root.RemoveChild(old)
	}
	theirs := child(w.o.root, "calcPr")
	if theirs == nil {
		return nil
	}
	e, err := adoptElement(theirs, w.b.root)
	if err != nil {
		return err
	}
	if old != nil {
		e.RemoveAttr("calcId")
		if id := old.SelectAttrValue("calcId", ""); id != "" {
			e.CreateAttr("calcId", id)
		}
	}
	insertOrdered(w.b.root, e)
	return nil
}

// takeCodeNames gives the workbook and its sheets the names by which the other
// side's macros know them. Without them a program makes new modules, and what
// the old ones did at events of a sheet is done no more.
func (w *writer) takeCodeNames() {
	codeName := func(root *etree.Element, tag string) string {
		if e := child(root, tag); e != nil {
			return e.SelectAttrValue("codeName", "")
		}
		return ""
	}
	put := func(root *etree.Element, tag, name string) {
		e := child(root, tag)
		if e == nil && name != "" {
			e = etree.NewElement(tagIn(root, tag))
			insertOrdered(root, e)
		}
		if e != nil {
			e.RemoveAttr("codeName")
		}
		if name != "" {
			e.CreateAttr("codeName", name)
		}
	}
	put(w.b.root, "workbookPr", codeName(w.o.root, "workbookPr"))
	for _, s := range w.b.sheets {
		if s.kind != "worksheet" {
			continue
		}
		name := ""
		if o := w.o.sheetNamed(s.name); o != nil && o.kind == s.kind {
			name = codeName(o.shell.Root(), "sheetPr")
		}
		put(s.shell.Root(), "sheetPr", name)
		s.dirty = true
	}
}

// takePart replaces the parts of a kind to which the workbook or the package
// leads.
func (w *writer) takePart(kind string) error {
	for _, x := range []struct{ ours, theirs string }{{"", ""}, {w.b.main, w.o.main}} {
		if err := w.takeRels(x.ours, x.theirs, kind); err != nil {
			return err
		}
	}
	if kind == "vbaProject" {
		w.b.pkg.SetType(w.b.main, w.o.pkg.Type(w.o.main))
		w.takeCodeNames()
	}
	return nil
}
