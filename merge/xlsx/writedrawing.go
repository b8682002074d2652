package xlsx

import (
	"fmt"

	"github.com/beevik/etree"

	"github.com/esync/esync/merge/ooxml"
)

// putDrawing writes the pictures, charts and shapes of a sheet.
func (w *writer) putDrawing(s, o *sheet, picks []pick) error {
	root := s.shell.Root()
	mine := child(root, "drawing")
	theirs := child(o.shell.Root(), "drawing")
	kept := false
	for _, p := range picks {
		kept = kept || !p.other
	}
	if !kept {
		one := &block{el: theirs}
		if len(picks) == 0 {
			one = nil
		}
		return w.takeElement(root, s.part, o.part, "drawing", one)
	}
	rel, ok := s.rels.ByID(relID(mine))
	from, ok2 := o.rels.ByID(relID(theirs))
	if !ok || !ok2 && len(o.rels.ByKind("drawing")) > 0 {
		return fmt.Errorf("pictures of sheet %q lead nowhere", s.name)
	}
	doc, err := w.b.pkg.XML(rel.Part)
	if err != nil {
		return err
	}
	d := newDrawing(doc.Root())
	for key, a := range d.present {
		if findPick(picks, key) == nil {
			d.root.RemoveChild(a)
		}
	}
	for _, p := range picks {
		if !p.other {
			continue
		}
		e, err := w.element(p.el, from.Part, d.root, rel.Part)
		if err != nil {
			return err
		}
		d.put(p.key, e)
	}
	if ok2 {
		doc, err := w.o.pkg.XML(from.Part)
		if err != nil {
			return err
		}
		if err := d.connect(doc.Root()); err != nil {
			return err
		}
	}
	w.b.pkg.Set(rel.Part, ooxml.Encode(doc), "")
	return w.release(rel.Part, d.root)
}

// drawing is a drawing of the result into which objects of the other side are
// put.
type drawing struct {
	root    *etree.Element
	present map[string]*etree.Element // as it was, by key
	taken   []*etree.Element
	next    int               // a number that no shape has
	numbers map[string]string // of shapes: the other side's, and the result's
}

func newDrawing(root *etree.Element) *drawing {
	d := &drawing{root: root, present: map[string]*etree.Element{}, next: 1, numbers: map[string]string{}}
	for _, a := range anchorsOf(root) {
		d.present[a.key] = a.el
	}
	for _, e := range shapesOf(root) {
		if n, ok := parseIndex(e.SelectAttrValue("id", "")); ok {
			d.next = max(d.next, n+1)
		}
	}
	return d
}

func shapesOf(e *etree.Element) []*etree.Element { return e.FindElements(".//cNvPr") }

// put puts an object in the place of what has its key, or at the end. Its
// shapes get the numbers of those in whose place they are, or new ones.
func (d *drawing) put(key string, e *etree.Element) {
	shapes := shapesOf(e)
	var was []*etree.Element
	if old := d.present[key]; old != nil {
		was = shapesOf(old)
		d.root.InsertChildAt(old.Index(), e)
		d.root.RemoveChild(old)
	} else {
		d.root.AddChild(e)
	}
	for i, x := range shapes {
		id := itoa(d.next)
		if len(was) == len(shapes) {
			id = was[i].SelectAttrValue("id", "")
		} else {
			d.next++
		}
		d.note(x.SelectAttrValue("id", ""), id)
		x.CreateAttr("id", id)
	}
	d.taken = append(d.taken, e)
}

func (d *drawing) note(there, here string) {
	if have, twice := d.numbers[there]; twice && have != here {
		here = "" // nobody knows which of them is meant
	}
	d.numbers[there] = here
}

// connect makes the connectors among what was put in end at the shapes at
// which they end in the other side's drawing.
func (d *drawing) connect(theirs *etree.Element) error {
	var ends []*etree.Element
	for _, e := range d.taken {
		ends = append(append(ends, e.FindElements(".//stCxn")...), e.FindElements(".//endCxn")...)
	}
	if len(ends) == 0 {
		return nil
	}
	for _, a := range anchorsOf(theirs) {
		// What was not put in is there under the same key, or is gone.
		here := d.present[a.key]
		if here == nil || here.Parent() != d.root {
			continue
		}
		x, y := shapesOf(a.el), shapesOf(here)
		for i := range x {
			if len(x) == len(y) {
				d.note(x[i].SelectAttrValue("id", ""), y[i].SelectAttrValue("id", ""))
			}
		}
	}
	for _, e := range ends {
		id := d.numbers[e.SelectAttrValue("id", "")]
		if id == "" {
			return fmt.Errorf("a connector leads to shape %q, which is not there", e.SelectAttrValue("id", ""))
		}
		e.CreateAttr("id", id)
	}
	return nil
}
