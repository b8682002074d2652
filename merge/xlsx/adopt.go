package xlsx

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/beevik/etree"

	"github.com/esync/esync/merge/formulas"
	"github.com/esync/esync/merge/ooxml"
)

// notes are the prefixes of attributes that programs write for themselves.
var notes = []string{"xr", "xr2", "xr3", "xr6", "xr10", "x14ac", "x15ac"}

// adoptElement copies an element for another document.
func adoptElement(from, root *etree.Element) (*etree.Element, error) {
	return ooxml.Adopt(from, root, notes...)
}

// notCarried tells of which content types parts belong to the workbook as a
// whole.
func notCarried(contentType string) bool {
	return strings.Contains(contentType, ".main+xml") || strings.HasSuffix(contentType, "sheet+xml") || strings.Contains(contentType, "pivot") || strings.Contains(contentType, "slicer")
}

// element copies an element of a part of the other side into a part of the
// result: what it leads to comes along, and the numbers in it become those of
// the result.
func (w *writer) element(from *etree.Element, fromPart string, root *etree.Element, toPart string) (*etree.Element, error) {
	e, err := adoptElement(from, root)
	if err != nil {
		return nil, err
	}
	holder := etree.NewElement("holder")
	for _, a := range ooxml.Declarations(root) {
		holder.CreateAttr(a.FullKey(), a.Value)
	}
	holder.AddChild(e)
	err = w.renumber(e, func(id string) (string, error) { return w.grafts.Rel(fromPart, id, toPart) })
	holder.RemoveChild(e)
	return e, err
}

// renumber replaces the relationships, differential formats and workbooks that
// an element names. A nil rel keeps relationships.
func (w *writer) renumber(e *etree.Element, rel func(string) (string, error)) error {
	for i := range e.Attr {
		a := &e.Attr[i]
		var err error
		switch {
		case a.Value == "":
		case rel != nil && a.Space != "" && a.Space != "xmlns" && a.NamespaceURI() == ooxml.RelNS:
			a.Value, err = rel(a.Value)
		case a.Space == "" && strings.HasSuffix(strings.ToLower(a.Key), "dxfid"):
			a.Value, err = w.dxf(a.Value)
		}
		if err != nil {
			return err
		}
	}
	var failed error
	if len(e.ChildElements()) == 0 {
		mapElement(e, nil, func(_ *sheet, formula string) string {
			text, err := w.formula(formula)
			if err != nil {
				failed = err
			}
			return text
		})
	}
	for _, c := range e.ChildElements() {
		if err := w.renumber(c, rel); err != nil {
			return err
		}
	}
	return failed
}

// formula gives a formula of the other side the result's numbers of other
// workbooks.
func (w *writer) formula(text string) (string, error) {
	if strings.IndexByte(text, '[') < 0 {
		return text, nil
	}
	var failed error
	out := formulas.Rewrite(text, func(t *formulas.Token) string {
		if t.Book == "" {
			return t.Text
		}
		n, ok := parseIndex(t.Book)
		if !ok || n < 1 || n > len(w.o.links) {
			return t.Text
		}
		for i, target := range w.b.links {
			if target == w.o.links[n-1] {
				return formulas.Prefix(itoa(i+1), t.Sheets) + t.Body
			}
		}
		if err := w.addLink(w.o.links[n-1]); err != nil {
			failed = err
		}
		return formulas.Prefix(itoa(len(w.b.links)), t.Sheets) + t.Body
	})
	return out, failed
}

// addLink adds a workbook that formulas read.
func (w *writer) addLink(target string) error {
	for _, have := range w.b.links {
		if have == target {
			return nil
		}
	}
	for i, t := range w.o.links {
		if t != target {
			continue
		}
		part, err := w.grafts.Part(w.o.linkPart(i))
		if err != nil {
			return err
		}
		list := child(w.b.root, "externalReferences")
		if list == nil {
			list = etree.NewElement(tagIn(w.b.root, "externalReferences"))
			insertOrdered(w.b.root, list)
		}
		e := list.CreateElement(tagIn(w.b.root, "externalReference"))
		e.CreateAttr(w.relAttr(w.b.root), w.b.rels.Add(ooxml.RelNS+"/externalLink", part))
		w.b.links = append(w.b.links, target)
		w.b.dirty = true
		return nil
	}
	return fmt.Errorf("a link to %q is missing", target)
}

// relAttr is how a document writes r:id; the prefix is declared when it is not.
func (w *writer) relAttr(root *etree.Element) string {
	for _, a := range root.Attr {
		if a.Space == "xmlns" && a.Value == ooxml.RelNS {
			return a.Key + ":id"
		}
	}
	root.CreateAttr("xmlns:r", ooxml.RelNS)
	return "r:id"
}

// updateLink takes the other side's stored values of another workbook.
func (w *writer) updateLink(target string) error {
	find := func(b *book) string {
		for i, t := range b.links {
			if t == target {
				return b.linkPart(i)
			}
		}
		return ""
	}
	to, from := find(w.b), find(w.o)
	data, err := w.o.pkg.Bytes(from)
	if err != nil {
		return err
	}
	if to == "" {
		return fmt.Errorf("a link to %q is missing", target)
	}
	ours, err := w.b.pkg.Rels(to)
	if err != nil {
		return err
	}
	theirs, err := w.o.pkg.Rels(from)
	if err != nil {
		return err
	}
	if len(ours.List) != 1 || len(theirs.List) != 1 || ours.List[0] != theirs.List[0] {
		return fmt.Errorf("the link to %q was changed", target)
	}
	w.b.pkg.Set(to, data, "")
	return nil
}

// renumbered is a part of the other side with the numbers of the result. One
// without such numbers keeps its bytes.
func (w *writer) renumbered(part string, data []byte) ([]byte, error) {
	table := strings.HasSuffix(w.o.pkg.Type(part), "spreadsheetml.table+xml")
	links := bytes.IndexByte(data, '[') >= 0 && len(w.o.links) > 0
	if !table && !links && !bytes.Contains(bytes.ToLower(data), []byte("dxfid=")) {
		return data, nil
	}
	doc, err := ooxml.Parse(data)
	if err != nil {
		return nil, err
	}
	if err := w.renumber(doc.Root(), nil); err != nil {
		return nil, err
	}
	if table {
		id, err := w.freeTableID()
		if err != nil {
			return nil, err
		}
		doc.Root().CreateAttr("id", itoa(id))
	}
	return ooxml.Encode(doc), nil
}

// freeTableID is a number that no table of the result has.
func (w *writer) freeTableID() (int, error) {
	next := 1
	for _, name := range w.b.pkg.Names() {
		if !strings.HasSuffix(w.b.pkg.Type(name), "spreadsheetml.table+xml") {
			continue
		}
		doc, err := w.b.pkg.XML(name)
		if err != nil {
			return 0, err
		}
		if n, ok := parseIndex(doc.Root().SelectAttrValue("id", "")); ok {
			next = max(next, n+1)
		}
	}
	return next, nil
}
