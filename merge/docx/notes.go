package docx

import (
	"strings"

	"github.com/beevik/etree"

	"github.com/esync/esync/merge/ooxml"
)

// notes are the footnotes, or the endnotes, of a document. A reference to one
// stands for what it says, wherever it is numbered.
type notes struct {
	kind, part string
	byID       map[string]*etree.Element
	names      map[string]string
}

func (d *document) readNotes() error {
	d.notes = map[string]*notes{}
	for _, kind := range []string{"footnote", "endnote"} {
		n := &notes{kind: kind, byID: map[string]*etree.Element{}, names: map[string]string{}}
		d.notes[kind] = n
		var err error
		if n.part, err = d.only(kind + "s"); err != nil {
			return err
		}
		if n.part == "" {
			continue
		}
		root, err := d.root(n.part)
		if err != nil {
			return err
		}
		for _, e := range root.ChildElements() {
			if is(e, kind) {
				n.byID[att(e, "id")] = e
			}
		}
	}
	return nil
}

// nameOf is what a note says.
func (n *notes) nameOf(d *document, id string) string {
	if name, ok := n.names[id]; ok {
		return name
	}
	e := n.byID[id]
	if e == nil {
		return "missing " + id
	}
	n.names[id] = "round"
	r := &reader{document: d, part: n.part}
	n.names[id] = ooxml.Digest(r.story(n.kind, e).sum)
	return n.names[id]
}

// show is a note's text for people.
func (n *notes) show(id string) string {
	e := n.byID[id]
	if e == nil {
		return ""
	}
	return strings.TrimSpace(plainText(e))
}
