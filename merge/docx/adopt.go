package docx

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/beevik/etree"

	"github.com/esync/esync/merge/ooxml"
)

// count notes which numbers are taken in the result.
func (w *writer) count() {
	for _, part := range w.d.pkg.Names() {
		if !w.d.pkg.IsXML(part) || !strings.HasPrefix(w.d.pkg.Type(part), "application/vnd.openxmlformats-officedocument.wordprocessingml") &&
			part != w.d.main {
			continue
		}
		doc, err := w.d.tree(part)
		if err != nil {
			continue // a part that nothing is put into
		}
		each(doc.Root(), func(e *etree.Element) bool {
			switch {
			case isNumbered(e):
				w.see("mark", att(e, "id"))
				if is(e, "bookmarkStart") {
					w.marks["bookmark "+part+" "+att(e, "name")] = att(e, "id")
				}
			case is(e, "comment"):
				w.see("comment", att(e, "id"))
			case is(e, "footnote", "endnote"):
				w.see(e.Tag, att(e, "id"))
			case is(e, "num"):
				w.see("num", att(e, "numId"))
			case is(e, "abstractNum"):
				w.see("abstractNum", att(e, "abstractNumId"))
			case e.Tag == "docPr":
				w.see("docPr", e.SelectAttrValue("id", ""))
			}
			if id := e.SelectAttrValue("w14:paraId", ""); id != "" {
				w.paras[id] = true
			}
			return true
		})
	}
}

func (w *writer) see(kind, id string) { w.next[kind] = max(w.next[kind], number(id)+1) }

// free gives the next number of a kind.
func (w *writer) free(kind string) string {
	n := max(w.next[kind], 1)
	w.next[kind] = n + 1
	return strconv.Itoa(n)
}

// isNumbered tells whether an element is one end of a range, or a tracked
// change: they share their numbers.
func isNumbered(e *etree.Element) bool {
	if !is(e, "ins", "del", "moveFrom", "moveTo", "rPrChange", "pPrChange", "sectPrChange", "tblPrChange", "tblPrExChange", "trPrChange", "tcPrChange",
		"tblGridChange", "numberingChange", "cellIns", "cellDel", "cellMerge") && !markTag(e) {
		return false
	}
	return !is(e, "commentRangeStart", "commentRangeEnd")
}

// adopt copies an element of a part of the other side into a part of the
// result: what it names by a number is named by the result's, and comes along
// where the result has it not. The copy stands in the place of instead, whose
// ID it takes on.
func (w *writer) adopt(from *etree.Element, fromPart string, to *place, instead *etree.Element) (*etree.Element, error) {
	if err := w.understand(from, to.root); err != nil {
		return nil, err
	}
	e, err := ooxml.Adopt(from, to.root)
	if err != nil {
		return nil, err
	}
	if err := w.renumber(e, from, fromPart, to); err != nil {
		return nil, err
	}
	if instead != nil && e.SelectAttr("w14:paraId") == nil {
		for _, key := range []string{"w14:paraId", "w14:textId"} {
			if id := instead.SelectAttrValue(key, ""); id != "" && is(e, "p", "tr") && is(instead, "p", "tr") {
				e.CreateAttr(key, id)
			}
		}
	}
	return e, nil
}

// understand sees to it that what readers may pass over stays such: a prefix
// that the other part declares as one is declared in the result's, too.
func (w *writer) understand(e, root *etree.Element) error {
	top := e
	for top.Parent() != nil && top.Parent().Parent() != nil {
		top = top.Parent()
	}
	optional := ignorable(top)
	var failed error
	use := func(prefix string) {
		if !slices.Contains(optional, prefix) || slices.Contains(ignorable(root), prefix) {
			return
		}
		uri := ooxml.URIOf(top, prefix)
		switch have := ooxml.URIOf(root, prefix); {
		case have == "":
			root.CreateAttr("xmlns:"+prefix, uri)
		case have != uri:
			failed = fmt.Errorf("prefix %q means two things", prefix)
			return
		}
		mc := ""
		for _, a := range root.Attr {
			if a.Space == "xmlns" && a.Value == ooxml.CompatNS {
				mc = a.Key
			}
		}
		if mc == "" {
			mc = "mc"
			root.CreateAttr("xmlns:mc", ooxml.CompatNS)
		}
		root.CreateAttr(mc+":Ignorable", strings.Join(append(ignorable(root), prefix), " "))
	}
	each(e, func(c *etree.Element) bool {
		use(c.Space)
		for _, a := range c.Attr {
			use(a.Space)
		}
		return failed == nil
	})
	return failed
}

// ignorable are the prefixes that a reader may pass over.
func ignorable(root *etree.Element) []string {
	for _, a := range root.Attr {
		if a.Key == "Ignorable" && ooxml.URIOf(root, a.Space) == ooxml.CompatNS {
			return strings.Fields(a.Value)
		}
	}
	return nil
}

// renumber gives a copy, and all in it, the numbers of the result. from is
// what the whole copy was made from.
func (w *writer) renumber(e, from *etree.Element, fromPart string, to *place) error {
	for i := range e.Attr {
		a := &e.Attr[i]
		if a.Space == "" || a.Space == "xmlns" || a.Value == "" {
			continue
		}
		uri := ooxml.URIOf(e, a.Space)
		if uri == "" {
			uri = ooxml.URIOf(from, a.Space)
		}
		if uri == ooxml.RelNS || a.Key == "relid" && uri == officeNS {
			var err error
			if a.Value, err = w.rel(e, fromPart, a.Value, to); err != nil {
				return err
			}
		}
	}
	var err error
	set := func(name string, value func(string) (string, error)) {
		if a := e.SelectAttr("w:" + name); a != nil && err == nil {
			a.Value, err = value(a.Value)
		}
	}
	switch {
	case is(e, "pStyle", "rStyle", "tblStyle", "basedOn", "next", "link", "styleLink", "numStyleLink"):
		set("val", w.style)
	case is(e, "numId"):
		set("val", w.list)
	case is(e, "lvlPicBulletId"):
		set("val", w.bullet)
	case is(e, "footnoteReference", "endnoteReference"):
		set("id", func(id string) (string, error) { return w.note(strings.TrimSuffix(e.Tag, "Reference"), id) })
	case is(e, "commentReference", "commentRangeStart", "commentRangeEnd"):
		set("id", w.comment)
	case isNumbered(e):
		set("id", func(id string) (string, error) {
			if !strings.HasSuffix(e.Tag, "Start") && !strings.HasSuffix(e.Tag, "End") {
				return w.free("mark"), nil
			}
			key := strings.TrimSuffix(strings.TrimSuffix(e.Tag, "Start"), "End") + " " + fromPart + " " + id
			if strings.HasPrefix(e.Tag, "bookmark") {
				// One end of it may stand in the result already.
				key = "bookmark " + to.part + " " + w.o.bookmarksOf(from)[id]
			}
			if w.marks[key] == "" {
				w.marks[key] = w.free("mark")
			}
			return w.marks[key], nil
		})
	case e.Tag == "docPr":
		if a := e.SelectAttr("id"); a != nil {
			a.Value = w.free("docPr")
		}
	case is(e, "sdtPr"):
		// A content control without a number gets one from the program.
		if id := kid(e, "id"); id != nil {
			e.RemoveChild(id)
		}
	}
	if err != nil {
		return err
	}
	if id := e.SelectAttrValue("w14:paraId", ""); id != "" {
		if w.paras[id] {
			e.RemoveAttr("w14:paraId")
			e.RemoveAttr("w14:textId")
		}
		w.paras[id] = true
	}
	for _, c := range e.ChildElements() {
		if err := w.renumber(c, from, fromPart, to); err != nil {
			return err
		}
	}
	return nil
}

// rel gives the result a relationship like one of the other side's.
func (w *writer) rel(e *etree.Element, fromPart, id string, to *place) (string, error) {
	if is(e, "headerReference", "footerReference") {
		theirs, err := w.o.pkg.Rels(fromPart)
		if err != nil {
			return "", err
		}
		if rel, ok := theirs.ByID(id); ok {
			if got, err := w.head(rel.Part, to); got != "" || err != nil {
				return got, err
			}
		}
	}
	return w.grafts.Rel(fromPart, id, to.part)
}

// head finds the relationship of the header that the result has in the place of
// one of the other side's; "" when there is none.
func (w *writer) head(part string, to *place) (string, error) {
	theirs := w.o.heads.byPart[part]
	if theirs == nil || theirs.name == "" {
		return "", nil
	}
	rels, err := w.d.pkg.Rels(to.part)
	if err != nil {
		return "", err
	}
	for _, h := range w.d.heads.list {
		if h.name != theirs.name {
			continue
		}
		for _, rel := range rels.List {
			if rel.Part == h.part {
				return rel.ID, nil
			}
		}
	}
	return "", nil
}
