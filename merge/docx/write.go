package docx

import (
	"fmt"
	"slices"

	"github.com/beevik/etree"

	"github.com/esync/esync/merge/ooxml"
)

// writer makes the result: it is one side's document, into which what comes
// from the other side is put.
type writer struct {
	m      *merger
	d      *document // that becomes the result
	o      *document
	grafts *ooxml.Grafter
	styles map[string]string         // IDs of o's styles in the result
	lists  map[string]string         // the same of lists
	defs   map[*etree.Element]string // the numbers of o's definitions of lists
	notes  map[string]string         // the same of notes, by kind and ID
	notesC map[string]string         // the same of comments
	marks  map[string]string         // the same of bookmarks and tracked changes
	next   map[string]int            // the next free number of a kind
	paras  map[string]bool           // IDs of paragraphs that are taken
}

// write makes the result of s, which is used up by it, and proves it.
func (m *merger) write() ([]byte, error) {
	w := &writer{
		m: m, d: m.s, o: m.o, grafts: ooxml.NewGrafter(m.o.pkg, m.s.pkg), styles: map[string]string{}, lists: map[string]string{}, defs: map[*etree.Element]string{},
		notes: map[string]string{}, notesC: map[string]string{}, marks: map[string]string{}, next: map[string]int{}, paras: map[string]bool{},
	}
	out, err := w.run()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnmergeable, err)
	}
	m.letGo()
	if err := m.prove(out, w); err != nil {
		return nil, err
	}
	return out, nil
}

func (w *writer) run() ([]byte, error) {
	reach, err := w.d.pkg.Reachable()
	if err != nil {
		return nil, err
	}
	w.count()
	named, rels := w.references(), w.relsNamed()
	for _, step := range []func() error{w.putStyles, w.putLists, w.putStories, w.putParts, w.putBackground} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	if err := w.forget(named); err != nil {
		return nil, err
	}
	if err := w.dropRels(rels); err != nil {
		return nil, err
	}
	for _, part := range sortedKeys(w.d.dirty) {
		dropGoBack(w.d.trees[part].Root())
		w.d.pkg.Set(part, ooxml.Encode(w.d.trees[part]), "")
	}
	if err := w.d.pkg.Sweep(reach); err != nil {
		return nil, err
	}
	return w.d.pkg.Write()
}

// relsNamed are the relationships that elements name, by part.
func (w *writer) relsNamed() map[string]map[string]bool {
	named := map[string]map[string]bool{}
	for part := range w.d.trees {
		named[part] = w.d.namedRels(part)
	}
	return named
}

// dropRels takes the relationships away that were named before and are no more.
func (w *writer) dropRels(before map[string]map[string]bool) error {
	for part := range w.d.dirty {
		after := w.d.namedRels(part)
		rels, err := w.d.pkg.Rels(part)
		if err != nil {
			return err
		}
		var gone []string
		for id := range before[part] {
			if !after[id] {
				gone = append(gone, id)
			}
		}
		rels.Drop(gone...)
	}
	return nil
}

// putStories writes the texts.
func (w *writer) putStories() error {
	for i, r := range w.m.stories {
		st := w.d.story(w.m.b.stories[i].name)
		to := &place{part: st.part, root: w.d.trees[st.part].Root()}
		if err := w.container(r, w.o.story(st.name).part, to); err != nil {
			return err
		}
	}
	return nil
}

// place is where something is put: a part of the result.
type place struct {
	part string
	root *etree.Element
}

// container writes what became of a container; from is the part of the other
// side that it comes from.
func (w *writer) container(r *outcome, from string, to *place) error {
	if !r.touched {
		return nil
	}
	w.d.dirty[to.part] = true
	if err := w.putProps(r, from, to); err != nil {
		return err
	}
	in := r.s.inside()
	var list []etree.Token
	for _, c := range in.ChildElements() {
		if isProps(c) {
			list = append(list, c)
		}
	}
	for _, k := range r.kids {
		els, err := w.node(k, from, to)
		if err != nil {
			return err
		}
		for _, e := range els {
			if e.Parent() == nil {
				in.AddChild(e)
			}
			list = append(list, e)
		}
	}
	in.Child = list
	in.ReindexChildren()
	return nil
}

// node gives the elements of what became of a node.
func (w *writer) node(r *outcome, from string, to *place) ([]*etree.Element, error) {
	switch {
	case r.from == keep:
		return r.s.els, nil
	case r.from == take:
		var list []*etree.Element
		for i, e := range r.o.els {
			var instead *etree.Element
			if r.s != nil && i < len(r.s.els) {
				instead = r.s.els[i]
			}
			one, err := w.adopt(e, from, to, instead)
			if err != nil {
				return nil, err
			}
			list = append(list, one)
		}
		return list, nil
	case r.para != nil:
		return r.s.els, w.paragraph(r, from, to)
	case r.s.kind == sectionNode:
		return r.s.els, w.setProps(r.s.el(), r.o.props, r.props, from, to)
	}
	return r.s.els, w.container(r, from, to)
}

// putProps writes the properties of a container that are taken.
func (w *writer) putProps(r *outcome, from string, to *place) error {
	n := r.s
	if len(r.props) == 0 {
		return nil
	}
	var own []string
	for _, key := range r.props {
		switch key {
		case "tblGrid", "tblPrEx":
			if err := w.setProps(n.el(), r.o.props, []string{key}, from, to); err != nil {
				return err
			}
		default:
			own = append(own, key)
		}
	}
	if len(own) == 0 {
		return nil
	}
	mine := kid(n.el(), n.propsTag())
	if mine == nil {
		mine = etree.NewElement("w:" + n.propsTag())
		insertOrdered(n.el(), mine, orderOf(n.el().Tag))
	}
	return w.setProps(mine, r.o.props, own, from, to)
}

// setProps gives an element the properties with the keys as o has them.
func (w *writer) setProps(mine *etree.Element, list []prop, keys []string, from string, to *place) error {
	have := map[string]*etree.Element{}
	for _, p := range w.d.propsOf(to.part, mine) {
		have[p.key] = p.el
	}
	if ex := kid(mine, "tblPrEx"); ex != nil {
		have["tblPrEx"] = ex
	}
	if grid := kid(mine, "tblGrid"); grid != nil {
		have["tblGrid"] = grid
	}
	for _, key := range keys {
		if e := have[key]; e != nil {
			e.Parent().RemoveChild(e)
		}
		i := slices.IndexFunc(list, func(p prop) bool { return p.key == key })
		if i < 0 {
			continue
		}
		if list[i].el == nil {
			within(mine, key+"/")
			continue
		}
		e, err := w.adopt(list[i].el, from, to, nil)
		if err != nil {
			return err
		}
		in := within(mine, key)
		insertOrdered(in, e, orderOf(in.Tag))
	}
	// A section that the other side took away leaves its element behind.
	if slices.Contains(keys, "sectPr") && !slices.ContainsFunc(list, func(p prop) bool { return p.key == "sectPr" }) {
		if e := kid(mine, "sectPr"); e != nil {
			mine.RemoveChild(e)
		}
	}
	return nil
}

// within finds the element that holds a property, by the path of its key.
func within(e *etree.Element, key string) *etree.Element {
	for {
		i := slices.Index([]byte(key), '/')
		if i < 0 {
			return e
		}
		c := kid(e, key[:i])
		if c == nil {
			c = etree.NewElement("w:" + key[:i])
			insertOrdered(e, c, orderOf(e.Tag))
		}
		e, key = c, key[i+1:]
	}
}

func dropGoBack(root *etree.Element) {
	var ids []string
	var gone []*etree.Element
	each(root, func(e *etree.Element) bool {
		if is(e, "bookmarkStart") && att(e, "name") == "_GoBack" {
			ids, gone = append(ids, att(e, "id")), append(gone, e)
		}
		return true
	})
	if len(gone) == 0 {
		return
	}
	each(root, func(e *etree.Element) bool {
		if is(e, "bookmarkEnd") && slices.Contains(ids, att(e, "id")) {
			gone = append(gone, e)
		}
		return true
	})
	for _, e := range gone {
		e.Parent().RemoveChild(e)
	}
}
