package xlsx

import (
	"fmt"
	"slices"
	"strings"

	"github.com/beevik/etree"

	"github.com/esync/esync/merge/ooxml"
)

// takeItems puts the items of a list together.
func (w *writer) takeItems(t *trio, key string, picks []pick) error {
	have, err := w.blocks(t)
	if err != nil {
		return err
	}
	mine := finder(have.items(key))
	for i := range picks {
		if picks[i].other {
			continue
		}
		x := mine(picks[i].key)
		if x == nil {
			return fmt.Errorf("%s %q is missing", label(key), picks[i].label)
		}
		picks[i].item = *x
	}
	for kind, own := range listParts {
		if t == nil && own.block == key {
			source, from := "", ""
			if kind == "person" {
				source, from = w.b.main, w.o.main
			}
			return w.putChildren(source, from, kind, own.key, picks)
		}
	}
	if t == nil {
		return w.putNames(picks)
	}
	s, err := w.sheet(t)
	if err != nil {
		return err
	}
	s.dirty = true
	o := w.m.other(t)
	switch key {
	case "tables":
		return w.putTables(s, o, picks)
	case "table looks":
		return w.putLooks(s, picks)
	case "comments":
		return w.putComments(s, o, picks)
	case "threads":
		return w.putChildren(s.part, o.part, "threadedComment", threadKey, picks)
	case "drawing":
		return w.putDrawing(s, o, picks)
	case "conditionalFormatting":
		return w.putRules(s, o, picks)
	case "dataValidations":
		return w.putValidations(s, o, picks)
	}
	return w.putList(s, o, key, picks)
}

// container is the element of a list, emptied; it is made when the sheet has
// none. template is the other side's.
func (w *writer) container(s, o *sheet, tag string) (*etree.Element, error) {
	root := s.shell.Root()
	old := child(root, tag)
	if old == nil {
		theirs := child(o.shell.Root(), tag)
		if theirs == nil {
			return etree.NewElement(tagIn(root, tag)), nil
		}
		bare := theirs.Copy()
		for len(bare.Child) > 0 {
			bare.RemoveChildAt(0)
		}
		holder := etree.NewElement("holder")
		for _, a := range ooxml.Declarations(theirs.Parent()) {
			holder.CreateAttr(a.FullKey(), a.Value)
		}
		holder.AddChild(bare)
		return adoptElement(bare, root)
	}
	root.RemoveChild(old)
	for len(old.Child) > 0 {
		old.RemoveChildAt(0)
	}
	return old, nil
}

func (w *writer) putList(s, o *sheet, tag string, picks []pick) error {
	root := s.shell.Root()
	list, err := w.container(s, o, tag)
	if err != nil || len(picks) == 0 {
		return err
	}
	manual := 0
	for _, p := range picks {
		e := p.el
		if p.other {
			if e, err = w.element(p.el, o.part, root, s.part); err != nil {
				return err
			}
		}
		if truth(e.SelectAttrValue("man", "")) {
			manual++
		}
		list.AddChild(e)
	}
	if list.SelectAttr("count") != nil || tag == "mergeCells" {
		list.CreateAttr("count", itoa(len(picks)))
	}
	if list.SelectAttr("manualBreakCount") != nil {
		list.CreateAttr("manualBreakCount", itoa(manual))
	}
	insertOrdered(root, list)
	return nil
}

// putValidations joins the areas of one rule again.
func (w *writer) putValidations(s, o *sheet, picks []pick) error {
	root := s.shell.Root()
	list, err := w.container(s, o, "dataValidations")
	if err != nil || len(picks) == 0 {
		return err
	}
	made := map[*etree.Element]*etree.Element{}
	var order []*etree.Element
	where := map[*etree.Element][]string{}
	for _, p := range picks {
		e := made[p.el]
		if e == nil {
			if p.other {
				if e, err = w.element(p.el, o.part, root, s.part); err != nil {
					return err
				}
			} else {
				e = p.el
			}
			made[p.el] = e
			order = append(order, e)
		}
		where[e] = append(where[e], p.key)
	}
	for _, e := range order {
		e.CreateAttr("sqref", strings.Join(where[e], " "))
		list.AddChild(e)
	}
	list.CreateAttr("count", itoa(len(order)))
	insertOrdered(root, list)
	return nil
}

// putRules writes conditional formats in the order in which they hold.
func (w *writer) putRules(s, o *sheet, picks []pick) error {
	root := s.shell.Root()
	groups := map[*etree.Element]*etree.Element{} // of the picked rules' parents
	for _, e := range root.ChildElements() {
		if e.Tag == "conditionalFormatting" {
			root.RemoveChild(e)
		}
	}
	_, x, y := w.m.blocksOf(w.trioOf(s))
	ranked := !ranksNewer(x) && !ranksNewer(y)
	mixed := slices.ContainsFunc(picks, func(p pick) bool { return p.other }) && slices.ContainsFunc(picks, func(p pick) bool { return !p.other })
	if mixed && !ranked {
		return fmt.Errorf("conditional formats of a newer kind cannot be put in order")
	}
	for n, p := range picks {
		from := p.el.Parent()
		if from == nil {
			return fmt.Errorf("a conditional format is missing")
		}
		group := groups[from]
		if group == nil {
			bare := from.Copy()
			for i := len(bare.Child) - 1; i >= 0; i-- {
				if c, ok := bare.Child[i].(*etree.Element); !ok || c.Tag == "cfRule" {
					bare.RemoveChildAt(i)
				}
			}
			group = bare
			if p.other {
				var err error
				if group, err = adoptElement(withParent(bare, from.Parent()), root); err != nil {
					return err
				}
			}
			groups[from] = group
			insertOrdered(root, group)
		}
		e := p.el
		if p.other {
			var err error
			if e, err = w.element(p.el, o.part, root, s.part); err != nil {
				return err
			}
		} else {
			e = e.Copy()
		}
		if ranked {
			e.CreateAttr("priority", itoa(n+1))
		}
		group.InsertChildAt(rulesEnd(group), e)
	}
	return nil
}

// ranksNewer tells whether a sheet has conditional formats of a newer kind that
// stand in one order with the others. Those that only say more of another, as
// of its bars, do not.
func ranksNewer(l blocks) bool {
	one := l["ext {78C0D931-6437-407D-A8EE-F0AAD7539E65}"]
	return one != nil && slices.ContainsFunc(one.el.FindElements(".//cfRule"), func(e *etree.Element) bool { return e.SelectAttr("priority") != nil })
}

// rulesEnd is behind the last rule of a conditional format.
func rulesEnd(group *etree.Element) int {
	at := 0
	for i, c := range group.Child {
		if e, ok := c.(*etree.Element); ok && e.Tag == "cfRule" {
			at = i + 1
		}
	}
	return at
}

// namedKinds are the kinds of parts that are always named where they show.
var namedKinds = map[string]bool{"drawing": true, "chart": true, "chartEx": true, "image": true, "hyperlink": true}

// release lets go what a part leads to and no longer names.
func (w *writer) release(part string, root *etree.Element) error {
	rels, err := w.b.pkg.Rels(part)
	if err != nil {
		return err
	}
	named := map[string]bool{}
	namedRels(root, named)
	for _, rel := range slices.Clone(rels.List) {
		if namedKinds[rel.Kind()] && !named[rel.ID] {
			rels.Drop(rel.ID)
		}
	}
	return nil
}

// withParent gives a copy the namespaces around it.
func withParent(e, parent *etree.Element) *etree.Element {
	holder := etree.NewElement("holder")
	for _, a := range ooxml.Declarations(parent) {
		holder.CreateAttr(a.FullKey(), a.Value)
	}
	holder.AddChild(e)
	return e
}

// trioOf finds the trio of a sheet of the result.
func (w *writer) trioOf(s *sheet) *trio {
	for _, t := range w.m.sheets {
		if t.name == s.name {
			return t
		}
	}
	return nil
}

// putNames writes the defined names.
func (w *writer) putNames(picks []pick) error {
	root := w.b.root
	w.b.dirty = true
	list := child(root, "definedNames")
	if list == nil {
		list = etree.NewElement(tagIn(root, "definedNames"))
	} else {
		root.RemoveChild(list)
		for len(list.Child) > 0 {
			list.RemoveChildAt(0)
		}
	}
	for _, p := range picks {
		e := p.el
		if p.other {
			var err error
			if e, err = w.element(p.el, w.o.main, root, w.b.main); err != nil {
				return err
			}
			if id := e.SelectAttrValue("localSheetId", ""); id != "" {
				n, ok := parseIndex(id)
				if !ok || n >= len(w.o.sheets) {
					return fmt.Errorf("name %q belongs to no sheet", p.label)
				}
				s := w.b.sheetNamed(w.o.sheets[n].name)
				if s == nil {
					return fmt.Errorf("name %q belongs to a sheet that is gone", p.label)
				}
				w.scopes[e] = s
			}
		}
		list.AddChild(e)
	}
	if len(picks) > 0 {
		insertOrdered(root, list)
	}
	return nil
}
