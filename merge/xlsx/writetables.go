package xlsx

import (
	"strings"

	"github.com/beevik/etree"

	"github.com/esync/esync/merge/ooxml"
)

// tableNamed finds a table of a sheet by its key.
func (b *book) tableNamed(s *sheet, key string) (part string, doc *etree.Document, err error) {
	for _, rel := range s.rels.ByKind("table") {
		if doc, err = b.pkg.XML(rel.Part); err != nil {
			return "", nil, err
		}
		if strings.ToLower(doc.Root().SelectAttrValue("displayName", "")) == key {
			return rel.Part, doc, nil
		}
	}
	return "", nil, nil
}

// putLooks gives tables the other side's looks. A table that is not here yet
// brings its own.
func (w *writer) putLooks(s *sheet, picks []pick) error {
	for _, rel := range s.rels.ByKind("table") {
		doc, err := w.b.pkg.XML(rel.Part)
		if err != nil {
			return err
		}
		p := findPick(picks, strings.ToLower(doc.Root().SelectAttrValue("displayName", "")))
		if p != nil && !p.other {
			continue
		}
		var look *etree.Element
		if p != nil {
			look = p.el
		}
		if err := w.setLook(rel.Part, doc, look); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) setLook(part string, doc *etree.Document, look *etree.Element) error {
	root := doc.Root()
	if old := child(root, "tableStyleInfo"); old != nil {
		root.RemoveChild(old)
	}
	if look != nil {
		e, err := adoptElement(look, root)
		if err != nil {
			return err
		}
		at := len(root.Child)
		if ext := child(root, "extLst"); ext != nil {
			at = ext.Index()
		}
		root.InsertChildAt(at, e)
	}
	w.b.pkg.Set(part, ooxml.Encode(doc), "")
	return nil
}

// putTables adds and drops tables.
func (w *writer) putTables(s, o *sheet, picks []pick) error {
	root := s.shell.Root()
	keep := map[string]bool{}
	for _, p := range picks {
		if !p.other {
			keep[p.key] = true
		}
	}
	list := child(root, "tableParts")
	looks := map[string]*etree.Element{} // of tables that are replaced
	for _, rel := range s.rels.ByKind("table") {
		doc, err := w.b.pkg.XML(rel.Part)
		if err != nil {
			return err
		}
		key := strings.ToLower(doc.Root().SelectAttrValue("displayName", ""))
		if keep[key] {
			continue
		}
		looks[key] = child(doc.Root(), "tableStyleInfo")
		s.rels.Drop(rel.ID)
		w.b.pkg.Delete(rel.Part) // its number may be given to another
		if list != nil {
			for _, e := range list.ChildElements() {
				if relID(e) == rel.ID {
					list.RemoveChild(e)
				}
			}
		}
	}
	for _, p := range picks {
		if !p.other {
			continue
		}
		part, _, err := w.o.tableNamed(o, p.key)
		if err != nil {
			return err
		}
		to, err := w.grafts.Part(part)
		if err != nil {
			return err
		}
		if look, replaced := looks[p.key]; replaced {
			doc, err := w.b.pkg.XML(to)
			if err != nil {
				return err
			}
			if err := w.setLook(to, doc, look); err != nil {
				return err
			}
		}
		if list == nil {
			list = etree.NewElement(tagIn(root, "tableParts"))
			insertOrdered(root, list)
		}
		e := list.CreateElement(tagIn(root, "tablePart"))
		e.CreateAttr(w.relAttr(root), s.rels.Add(ooxml.RelNS+"/table", to))
	}
	if list != nil {
		list.CreateAttr("count", itoa(len(list.ChildElements())))
		if len(list.ChildElements()) == 0 {
			root.RemoveChild(list)
		}
	}
	return nil
}
