package docx

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/beevik/etree"

	"github.com/esync/esync/merge/ooxml"
)

// style gives the ID that a style of the other side has in the result, where
// it comes along when it is missing.
func (w *writer) style(id string) (string, error) {
	theirs := w.o.styles.byID[id]
	if theirs == nil {
		return id, nil
	}
	if got, ok := w.styles[id]; ok {
		return got, nil
	}
	if mine := w.d.styles.byName[theirs.key()]; mine != nil {
		w.styles[id] = mine.id
		return mine.id, nil
	}
	if w.d.styles.part == "" {
		return "", fmt.Errorf("it has no styles")
	}
	got := id
	for n := 1; w.d.styles.byID[got] != nil; n++ {
		got = id + strconv.Itoa(n)
	}
	w.styles[id] = got
	root, err := w.d.root(w.d.styles.part)
	if err != nil {
		return "", err
	}
	one := &style{id: got, kind: theirs.kind, name: theirs.name}
	w.d.styles.byID[got], w.d.styles.byName[one.key()] = one, one
	e, err := w.adopt(theirs.el, w.o.styles.part, &place{w.d.styles.part, root}, nil)
	if err != nil {
		return "", err
	}
	e.CreateAttr("w:styleId", got)
	if w.d.styles.defaults[one.kind] != "" {
		e.RemoveAttr("w:default")
	}
	root.AddChild(e)
	one.el = e
	w.d.dirty[w.d.styles.part] = true
	w.m.wantStyles[one.key()] = theirs.canon
	return got, nil
}

// list gives the number that a list of the other side has in the result.
func (w *writer) list(id string) (string, error) {
	theirs := w.o.lists.byID[id]
	if theirs == nil {
		return id, nil
	}
	if got, ok := w.lists[id]; ok {
		return got, nil
	}
	if mine := w.d.lists.named(theirs.name); mine != nil && !strings.HasPrefix(theirs.name, "new ") {
		w.lists[id] = mine.id
		return mine.id, nil
	}
	got := w.free("num")
	w.lists[id] = got
	part, err := w.listPart("numbering", w.o.lists.part)
	if err != nil {
		return "", err
	}
	w.d.lists.part = part
	root := w.d.trees[part].Root()
	num := etree.NewElement("w:num")
	num.CreateAttr("w:numId", got)
	insertOrdered(root, num, orderNumbering)
	return got, w.define(num, theirs, &place{part, root})
}

// define gives a list of the result the look of one of the other side's.
func (w *writer) define(num *etree.Element, theirs *list, to *place) error {
	id, err := w.definition(theirs, to)
	if err != nil {
		return err
	}
	for _, c := range num.ChildElements() {
		num.RemoveChild(c)
	}
	num.CreateElement("w:abstractNumId").CreateAttr("w:val", id)
	for _, c := range theirs.el.ChildElements() {
		if !is(c, "lvlOverride") {
			continue
		}
		e, err := w.adopt(c, w.o.lists.part, to, nil)
		if err != nil {
			return err
		}
		num.AddChild(e)
	}
	w.d.dirty[to.part] = true
	return nil
}

// bullet gives the number that a picture before points has in the result.
func (w *writer) bullet(id string) (string, error) {
	theirs, mine := w.o.lists.pictures, w.d.lists.pictures
	if mine[id] == theirs[id] {
		return id, nil
	}
	for _, other := range sortedKeys(mine) {
		if mine[other] == theirs[id] {
			return other, nil
		}
	}
	return "", fmt.Errorf("picture %s of a list is another one", id)
}

// definition gives the number of a list's definition in the result. Lists of
// one definition count on, so they have one there, too: that of a list which
// looks the same in the result, or one copy.
func (w *writer) definition(theirs *list, to *place) (string, error) {
	if id, ok := w.defs[theirs.def]; ok {
		return id, nil
	}
	for _, other := range w.o.lists.order {
		mine := w.d.lists.named(other.name)
		if other.def != theirs.def || mine == nil || mine.look != other.look || strings.HasPrefix(other.name, "new ") {
			continue
		}
		w.defs[theirs.def] = att(mine.def, "abstractNumId")
		return w.defs[theirs.def], nil
	}
	def, err := w.adopt(theirs.def, w.o.lists.part, to, nil)
	if err != nil {
		return "", err
	}
	id := w.free("abstractNum")
	w.defs[theirs.def] = id
	def.CreateAttr("w:abstractNumId", id)
	if nsid := kid(def, "nsid"); nsid != nil {
		// Lists of one number are taken for one list.
		nsid.CreateAttr("w:val", fmt.Sprintf("%08X", 0x5E000000+number(id)))
	}
	insertOrdered(to.root, def, orderNumbering)
	return id, nil
}

// listPart gives the result a part of a kind, an empty one like the other
// side's where it has none.
func (w *writer) listPart(kind, theirs string) (string, error) {
	part, err := w.d.only(kind)
	if err != nil {
		return "", err
	}
	if part != "" {
		_, err := w.d.tree(part)
		return part, err
	}
	root := w.o.trees[theirs].Root()
	doc := etree.NewDocument()
	doc.CreateProcInst("xml", `version="1.0" encoding="UTF-8" standalone="yes"`)
	e := doc.CreateElement(root.FullTag())
	for _, a := range root.Attr {
		e.CreateAttr(a.FullKey(), a.Value)
	}
	for _, c := range root.ChildElements() {
		if t := att(c, "type"); is(c, "footnote", "endnote") && t != "" && t != "normal" {
			e.AddChild(c.Copy())
			w.see(c.Tag, att(c, "id"))
		}
	}
	if part = theirs; w.d.pkg.Has(part) {
		part = w.d.pkg.FreeName(part)
	}
	w.d.pkg.Set(part, ooxml.Encode(doc), w.o.pkg.Type(theirs))
	rels, err := w.d.pkg.Rels(w.d.main)
	if err != nil {
		return "", err
	}
	from, err := w.o.pkg.Rels(w.o.main)
	if err != nil {
		return "", err
	}
	for _, rel := range from.ByKind(kind) {
		rels.Add(rel.Type, part)
	}
	w.d.trees[part], w.d.dirty[part] = doc, true
	return part, nil
}
