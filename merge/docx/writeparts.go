package docx

import (
	"fmt"
	"slices"

	"github.com/beevik/etree"
)

// putStyles writes the styles that are new or get properties of the other
// side.
func (w *writer) putStyles() error {
	for _, c := range w.m.styles {
		theirs := w.o.styles.byName[c.key]
		if c.keys == nil {
			if _, err := w.style(theirs.id); err != nil {
				return err
			}
			continue
		}
		mine := w.d.styles.byName[c.key]
		root, err := w.d.root(w.d.styles.part)
		if err != nil {
			return err
		}
		list := w.o.propsOf(w.o.styles.part, theirs.el)
		if err := w.setProps(mine.el, list, c.keys, w.o.styles.part, &place{w.d.styles.part, root}); err != nil {
			return err
		}
		w.d.dirty[w.d.styles.part] = true
	}
	if w.m.defaults == nil {
		return nil
	}
	if w.d.styles.part == "" {
		return fmt.Errorf("it has no styles")
	}
	return w.putDefaults()
}

func (w *writer) putDefaults() error {
	root, err := w.d.root(w.d.styles.part)
	if err != nil {
		return err
	}
	list := w.o.defaultFormats()
	for _, tag := range []string{"rPr", "pPr"} {
		var keys []string
		for _, key := range w.m.defaults {
			if len(key) > 4 && key[:3] == tag {
				keys = append(keys, key[4:])
			}
		}
		if len(keys) == 0 {
			continue
		}
		var own []prop
		for _, p := range list {
			if p.key[:3] == tag {
				p.key = p.key[4:]
				own = append(own, p)
			}
		}
		in := root
		for _, name := range []string{"docDefaults", tag + "Default", tag} {
			next := kid(in, name)
			if next == nil {
				next = etree.NewElement("w:" + name)
				insertOrdered(in, next, orderOf(in.Tag))
			}
			in = next
		}
		if err := w.setProps(in, own, keys, w.o.styles.part, &place{w.d.styles.part, root}); err != nil {
			return err
		}
	}
	w.d.dirty[w.d.styles.part] = true
	return nil
}

// putLists gives lists the look that they have on the other side.
func (w *writer) putLists() error {
	for _, c := range w.m.lists {
		mine, theirs := w.d.lists.named(c.name), w.o.lists.named(c.name)
		root, err := w.d.root(w.d.lists.part)
		if err != nil {
			return err
		}
		if err := w.define(mine.el, theirs, &place{w.d.lists.part, root}); err != nil {
			return err
		}
	}
	return nil
}

// putParts writes what was decided about parts that are no texts.
func (w *writer) putParts() error {
	for _, c := range w.m.parts {
		var err error
		if c.keys != nil {
			err = w.putList(c)
		} else {
			err = w.putWhole(c)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// putList writes the properties that are taken into a part that is a list.
func (w *writer) putList(c partChange) error {
	l := listParts[slices.IndexFunc(listParts, func(l listPart) bool { return l.kind == c.kind })]
	mine, part := w.d.listOf(l)
	theirs, from := w.o.listOf(l)
	root := w.d.trees[part].Root()
	next := 2
	for _, e := range root.ChildElements() {
		next = max(next, number(e.SelectAttrValue("pid", ""))+1)
	}
	w.d.dirty[part] = true
	for _, key := range c.keys {
		i := slices.IndexFunc(theirs, func(p prop) bool { return p.key == key })
		if c.kind == "settings" && (key == "compat" || key == "footnotePr" || key == "endnotePr") {
			var e *etree.Element
			if i >= 0 {
				e = theirs[i].el
			}
			if err := w.putInner(root, key, e, from, part); err != nil {
				return err
			}
			continue
		}
		if i := slices.IndexFunc(mine, func(p prop) bool { return p.key == key }); i >= 0 {
			root.RemoveChild(mine[i].el)
		}
		if i < 0 {
			continue
		}
		e, err := w.adopt(theirs[i].el, from, &place{part, root}, nil)
		if err != nil {
			return err
		}
		// A property that the program wrote empty is there in another form.
		for _, have := range root.ChildElements() {
			if l.key == nil && have.FullTag() == e.FullTag() && c.kind != "settings" {
				root.RemoveChild(have)
			}
		}
		if e.SelectAttr("pid") != nil {
			e.CreateAttr("pid", fmt.Sprint(next))
			next++
		}
		insertOrdered(root, e, orderOf(root.Tag))
	}
	return nil
}

// putInner gives a setting what the other side has in it, nil for nothing; what
// is left out of the comparison stays.
func (w *writer) putInner(root *etree.Element, key string, theirs *etree.Element, from, part string) error {
	mine := kid(root, key)
	if mine == nil {
		mine = etree.NewElement("w:" + key)
		insertOrdered(root, mine, orderSettings)
	}
	for _, c := range mine.ChildElements() {
		if key == "compat" && c == versionLike(mine) || key != "compat" && !isLine(c) {
			mine.RemoveChild(c)
		}
	}
	var list []*etree.Element
	switch {
	case theirs == nil:
	case key == "compat":
		list = []*etree.Element{theirs}
	default:
		list = slices.DeleteFunc(theirs.ChildElements(), isLine)
	}
	for _, c := range list {
		e, err := w.adopt(c, from, &place{part, root}, nil)
		if err != nil {
			return err
		}
		insertOrdered(mine, e, orderOf(key))
	}
	if len(mine.ChildElements()) == 0 {
		root.RemoveChild(mine)
	}
	return nil
}

// putWhole takes all parts of a kind from the other side.
func (w *writer) putWhole(c partChange) error {
	mine, err := w.d.pkg.Rels(c.source)
	if err != nil {
		return err
	}
	source := c.source
	if source != "" {
		source = w.o.main
	}
	theirs, err := w.o.pkg.Rels(source)
	if err != nil {
		return err
	}
	named, others := w.d.namedRels(w.d.main), w.o.namedRels(w.o.main)
	for _, rel := range mine.ByKind(c.kind) {
		if c.source == "" || !named[rel.ID] {
			mine.Drop(rel.ID)
		}
	}
	for _, rel := range theirs.ByKind(c.kind) {
		if source != "" && others[rel.ID] {
			continue
		}
		if rel.External {
			mine.AddExternal(rel.Type, rel.Target)
			continue
		}
		part, err := w.grafts.Part(rel.Part)
		if err != nil {
			return err
		}
		mine.Add(rel.Type, part)
	}
	return nil
}
