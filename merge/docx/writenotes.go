package docx

import (
	"fmt"
	"slices"
	"strings"

	"github.com/beevik/etree"
)

// note brings a footnote or endnote of the other side over and gives its
// number in the result.
func (w *writer) note(kind, id string) (string, error) {
	key := kind + " " + id
	if got, ok := w.notes[key]; ok {
		return got, nil
	}
	theirs := w.o.notes[kind]
	e := theirs.byID[id]
	if e == nil {
		return "", fmt.Errorf("%s %q is missing", kind, id)
	}
	part, err := w.listPart(kind+"s", theirs.part)
	if err != nil {
		return "", err
	}
	got := w.free(kind)
	w.notes[key] = got
	root := w.d.trees[part].Root()
	one, err := w.adopt(e, theirs.part, &place{part, root}, nil)
	if err != nil {
		return "", err
	}
	one.CreateAttr("w:id", got)
	root.AddChild(one)
	w.d.dirty[part] = true
	return got, nil
}

// comment brings a comment of the other side over and gives its number in the
// result. One that the result has already is not brought again.
func (w *writer) comment(id string) (string, error) {
	if got, ok := w.notesC[id]; ok {
		return got, nil
	}
	theirs := w.o.comments.byID[id]
	if theirs == nil {
		return "", fmt.Errorf("comment %q is missing", id)
	}
	if mine := w.sameComment(theirs); mine != nil {
		w.notesC[id] = mine.id
		return mine.id, nil
	}
	part, err := w.listPart("comments", w.o.comments.part)
	if err != nil {
		return "", err
	}
	got := w.free("comment")
	w.notesC[id] = got
	root := w.d.trees[part].Root()
	e, err := w.adopt(theirs.el, w.o.comments.part, &place{part, root}, nil)
	if err != nil {
		return "", err
	}
	e.CreateAttr("w:id", got)
	root.AddChild(e)
	w.d.dirty[part] = true
	return got, w.discuss(theirs, e)
}

// sameComment finds the comment that the result has already: of several alike
// the one that has the same place among them.
func (w *writer) sameComment(theirs *comment) *comment {
	mine := w.d.comments.alike(theirs)
	at := slices.Index(w.o.comments.alike(theirs), theirs)
	if at < 0 || at >= len(mine) {
		return nil
	}
	return mine[at]
}

// extras are the parts that tell more of comments. An entry names the last
// paragraph of the comment, or the lasting ID that one of a part before it gives.
var extras = []string{"commentsExtended", "commentsIds", "commentsExtensible"}

// discuss brings over what a discussion says of a comment.
func (w *writer) discuss(theirs *comment, e *etree.Element) error {
	if theirs.para == "" {
		return nil
	}
	var last *etree.Element
	for _, p := range e.ChildElements() {
		if is(p, "p") {
			last = p
		}
	}
	if last == nil {
		return nil
	}
	id := last.SelectAttrValue("w14:paraId", "")
	if id == "" {
		for id == "" || w.paras[id] {
			id = fmt.Sprintf("%08X", 0x10000000+number(w.free("paraId")))
		}
		w.paras[id] = true
		last.CreateAttr("w14:paraId", id)
	}
	w.commentPara(theirs.para, id)
	return w.o.entries(map[string]bool{theirs.para: true}, w.extra)
}

// entries visits the entries about comments that are known by their paragraphs.
func (d *document) entries(known map[string]bool, visit func(kind, part string, e *etree.Element) error) error {
	for _, kind := range extras {
		part, err := d.only(kind)
		if err != nil {
			return err
		}
		if part == "" {
			continue
		}
		doc, err := d.tree(part)
		if err != nil {
			return err
		}
		for _, e := range doc.Root().ChildElements() {
			if !known[attrNamed(e, "paraId")] && !known[attrNamed(e, "durableId")] {
				continue
			}
			if id := attrNamed(e, "durableId"); id != "" {
				known[id] = true
			}
			if err := visit(kind, part, e); err != nil {
				return err
			}
		}
	}
	return nil
}

// attrNamed is the value of an attribute of any namespace.
func attrNamed(e *etree.Element, key string) string {
	for _, a := range e.Attr {
		if a.Key == key {
			return a.Value
		}
	}
	return ""
}

// commentPara notes what a comment's paragraph is called in the result.
func (w *writer) commentPara(theirs, mine string) { w.marks["para "+theirs] = mine }

// extra brings an entry over.
func (w *writer) extra(kind, theirs string, x *etree.Element) error {
	part, err := w.listPart(kind, theirs)
	if err != nil {
		return err
	}
	root := w.d.trees[part].Root()
	e, err := w.adopt(x, theirs, &place{part, root}, nil)
	if err != nil {
		return err
	}
	for i := range e.Attr {
		a := &e.Attr[i]
		if a.Key != "paraId" && a.Key != "paraIdParent" {
			continue
		}
		id := w.marks["para "+a.Value]
		if id == "" {
			if err := w.answered(a.Value); err != nil {
				return err
			}
			id = w.marks["para "+a.Value]
		}
		a.Value = id
	}
	root.AddChild(e)
	w.d.dirty[part] = true
	return nil
}

// answered brings the comment over that another answers, and notes what its
// paragraph is called.
func (w *writer) answered(para string) error {
	for _, id := range sortedKeys(w.o.comments.byID) {
		if w.o.comments.byID[id].para != para {
			continue
		}
		got, err := w.comment(id)
		if mine := w.d.comments.byID[got]; err == nil && mine != nil {
			w.commentPara(para, mine.para)
		}
		return err
	}
	return fmt.Errorf("a comment answers one that is not there")
}

// references are the comments and notes that the texts of the result name.
func (w *writer) references() map[string]bool {
	named := map[string]bool{}
	for _, st := range w.d.stories {
		each(w.d.trees[st.part].Root(), func(e *etree.Element) bool {
			if is(e, "commentReference", "footnoteReference", "endnoteReference") {
				named[strings.TrimSuffix(e.Tag, "Reference")+" "+att(e, "id")] = true
			}
			return true
		})
	}
	return named
}

// forget takes the comments and notes away that were named before and are no
// more.
func (w *writer) forget(before map[string]bool) error {
	after := w.references()
	paras := map[string]bool{}
	drop := func(part, kind string) {
		doc := w.d.trees[part]
		if doc == nil {
			return
		}
		for _, e := range slices.Clone(doc.Root().ChildElements()) {
			key := kind + " " + att(e, "id")
			if !is(e, kind) || !before[key] || after[key] {
				continue
			}
			for _, p := range e.ChildElements() {
				if id := p.SelectAttrValue("w14:paraId", ""); id != "" {
					paras[id] = true
				}
			}
			doc.Root().RemoveChild(e)
			w.d.dirty[part] = true
		}
	}
	drop(w.d.comments.part, "comment")
	for kind, n := range w.d.notes {
		drop(n.part, kind)
	}
	return w.d.entries(paras, func(_, part string, e *etree.Element) error {
		e.Parent().RemoveChild(e)
		w.d.dirty[part] = true
		return nil
	})
}
