package xlsx

import (
	"fmt"
	"sort"
	"strings"

	"github.com/beevik/etree"

	"github.com/esync/esync/merge/ooxml"
)

// related reads the parts that belong to a sheet without being named in it.
func (r *blockReader) related() {
	r.tables()
	r.comments()
	groups := map[string][]string{}
	named := map[string]bool{}
	namedRels(r.s.shell.Root(), named)
	for _, rel := range r.s.rels.List {
		if named[rel.ID] {
			continue // compared with the element that names it
		}
		switch kind := rel.Kind(); kind {
		case "printerSettings", "hyperlink", "drawing", "comments", "vmlDrawing", "table", "image":
		case "threadedComment":
			if err := r.b.partItems(r.out, "threads", "discussions", rel.Part, threadKey); err != nil && r.err == nil {
				r.err = err
			}
		default:
			if rel.Part == "" {
				continue
			}
			sum, err := r.b.deep.Part(rel.Part)
			if err != nil && r.err == nil {
				r.err = err
			}
			groups[kind] = append(groups[kind], sum)
		}
	}
	for kind, sums := range groups {
		sort.Strings(sums)
		r.out.add(&block{key: "rel " + kind, label: relLabel(kind), value: strings.Join(sums, " ")})
	}
}

// namedRels gathers the relationships that are named in an element.
func namedRels(e *etree.Element, named map[string]bool) {
	for _, a := range e.Attr {
		if a.Space != "" && a.Space != "xmlns" && a.NamespaceURI() == ooxml.RelNS {
			named[a.Value] = true
		}
	}
	for _, c := range e.ChildElements() {
		namedRels(c, named)
	}
}

func relLabel(kind string) string {
	switch kind {
	case "pivotTable":
		return "pivot tables"
	case "slicer":
		return "slicers"
	}
	return kind
}

func (r *blockReader) tables() {
	b := &block{key: "tables", label: "tables", items: []item{}}
	looks := &block{key: "table looks", label: "looks of tables", items: []item{}}
	for _, rel := range r.s.rels.ByKind("table") {
		if rel.Part == "" {
			continue
		}
		doc, err := r.b.pkg.XML(rel.Part)
		if err != nil {
			r.err = err
			return
		}
		sum, err := r.b.deep.Part(rel.Part)
		if err != nil && r.err == nil {
			r.err = err
		}
		e := doc.Root()
		i := item{key: strings.ToLower(e.SelectAttrValue("displayName", "")), label: e.SelectAttrValue("displayName", ""), value: sum, el: e}
		i.show = i.label + " " + e.SelectAttrValue("ref", "")
		if a, ok := parseArea(e.SelectAttrValue("ref", "")); ok {
			i.areas = []area{a}
		}
		b.items = append(b.items, i)
		if l := child(e, "tableStyleInfo"); l != nil {
			looks.items = append(looks.items, item{key: i.key, label: i.label, value: formatCanon.String(l), show: l.SelectAttrValue("name", ""), el: l})
		}
	}
	for _, l := range []*block{b, looks} {
		if len(l.items) > 0 {
			sort.SliceStable(l.items, func(i, j int) bool { return l.items[i].key < l.items[j].key })
			r.out.add(l)
		}
	}
}

// comments reads the comments of a sheet; their boxes are read only where
// something else than boxes is among them.
func (r *blockReader) comments() {
	for _, rel := range r.s.rels.ByKind("comments") {
		if rel.Part == "" {
			continue
		}
		list, err := r.b.readComments(rel.Part)
		if err != nil {
			r.err = err
			return
		}
		b := &block{key: "comments", label: "comments", items: []item{}}
		for _, c := range list {
			b.items = append(b.items, item{key: c.ref, label: c.ref, value: c.author + "\x00" + c.text.key, show: c.text.plain(), el: c.el})
		}
		sort.SliceStable(b.items, func(i, j int) bool { return b.items[i].key < b.items[j].key })
		r.out.add(b)
	}
	for _, rel := range r.s.rels.ByKind("vmlDrawing") {
		if rel.Part == "" || !r.isLegacy(rel.ID) {
			continue
		}
		data, err := r.b.pkg.Bytes(rel.Part)
		if err != nil {
			r.err = err
			return
		}
		if onlyNotes(data) && r.out["comments"] != nil {
			continue
		}
		sum, err := r.b.deep.Part(rel.Part)
		if err != nil && r.err == nil {
			r.err = err
		}
		r.out.add(&block{key: "legacyDrawing", label: label("legacyDrawing"), value: sum})
	}
}

// isLegacy tells whether a relationship is that of the sheet's own shapes.
func (r *blockReader) isLegacy(id string) bool {
	e := child(r.s.shell.Root(), "legacyDrawing")
	return e != nil && relID(e) == id
}

// comment is an old-style comment, which Excel calls a note.
type comment struct {
	ref, author string
	text        text
	el          *etree.Element
}

func (b *book) readComments(part string) ([]comment, error) {
	doc, err := b.pkg.XML(part)
	if err != nil {
		return nil, err
	}
	var authors []string
	if e := child(doc.Root(), "authors"); e != nil {
		for _, a := range e.ChildElements() {
			authors = append(authors, a.Text())
		}
	}
	list := child(doc.Root(), "commentList")
	if list == nil {
		return nil, nil
	}
	var out []comment
	for _, e := range list.ChildElements() {
		n, ok := parseIndex(e.SelectAttrValue("authorId", ""))
		if !ok || n >= len(authors) {
			return nil, fmt.Errorf("%w: part %q: author %q", ooxml.ErrUnfit, part, e.SelectAttrValue("authorId", ""))
		}
		c := comment{ref: e.SelectAttrValue("ref", ""), author: authors[n], el: e}
		if t := child(e, "text"); t != nil {
			small := etree.NewDocument()
			small.SetRoot(t.Copy())
			raw := ooxml.Encode(small)
			if i, j := strings.IndexByte(string(raw), '>'), lastTag(raw); i >= 0 && j > i {
				if c.text, err = readText(raw[i+1:j], t.Space); err != nil {
					return nil, fmt.Errorf("%w: part %q: %w", ooxml.ErrUnfit, part, err)
				}
			}
		}
		out = append(out, c)
	}
	return out, nil
}
