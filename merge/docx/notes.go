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
	lines      map[string]*etree.Element // between text and notes, by type
	names      map[string]string
}

func (d *document) readNotes() error {
	d.notes = map[string]*notes{}
	for _, kind := range []string{"footnote", "endnote"} {
		n := &notes{kind: kind, byID: map[string]*etree.Element{}, names: map[string]string{}, lines: map[string]*etree.Element{}}
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
				if t := att(e, "type"); t != "" && t != "normal" {
					n.lines[t] = e
				}
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

// line is what stands between text and notes; "" where the document does not
// say.
func (n *notes) line(d *document, of string) string {
	e := n.lines[of]
	if e == nil {
		return ""
	}
	r := &reader{document: d, part: n.part}
	return r.story(n.kind, e).words
}

// sameLines tells whether what stands between text and notes can be left as the
// result has it.
func (m *merger) sameLines() bool {
	for _, kind := range []string{"footnote", "endnote"} {
		for of := range m.o.notes[kind].lines {
			b, s, o := m.b.notes[kind].line(m.b, of), m.s.notes[kind].line(m.s, of), m.o.notes[kind].line(m.o, of)
			if o != b && o != s && b != "" {
				return false
			}
		}
	}
	return true
}

// show is a note's text for people.
func (n *notes) show(id string) string {
	e := n.byID[id]
	if e == nil {
		return ""
	}
	return strings.TrimSpace(plainText(e))
}
