package docx

import (
	"errors"

	"github.com/beevik/etree"
)

// backgroundOf is the element for what is behind the text of all pages; nil
// when there is none.
func (d *document) backgroundOf() *etree.Element { return kid(d.trees[d.main].Root(), "background") }

// background is the canonical form of it, "" for none.
func (d *document) background() string {
	e := d.backgroundOf()
	if e == nil {
		return ""
	}
	return d.text(d.main, e)
}

// showBackground tells people of it.
func (d *document) showBackground() string {
	e := d.backgroundOf()
	switch {
	case e == nil:
		return ""
	case len(e.ChildElements()) > 0:
		return "picture"
	}
	return "colour " + att(e, "color")
}

// decideBackground merges the background of the pages as a whole.
func (m *merger) decideBackground() {
	const where = "page background"
	b, s, o := m.b.background(), m.s.background(), m.o.background()
	tb, ts, to := m.b.showBackground(), m.s.showBackground(), m.o.showBackground()
	m.wantBackground = s
	switch {
	case s == o, o == b:
		if s != b {
			m.note(keep, where, tb, ts, to)
		}
		return
	case s == b:
		m.note(take, where, tb, ts, to)
	case m.clash(where, tb, ts, to) == keep:
		return
	}
	m.wantBackground, m.takeBackground = o, true
}

// putBackground gives the result the background of the other side.
func (w *writer) putBackground() error {
	if !w.m.takeBackground {
		return nil
	}
	w.d.dirty[w.d.main] = true
	root := w.d.trees[w.d.main].Root()
	if mine := w.d.backgroundOf(); mine != nil {
		root.RemoveChild(mine)
	}
	theirs := w.o.backgroundOf()
	if theirs == nil {
		return nil
	}
	e, err := w.adopt(theirs, w.o.main, &place{w.d.main, root}, nil)
	if err != nil {
		return err
	}
	insertOrdered(root, e, orderDocument)
	return nil
}

func (m *merger) proveBackground(r *document) error {
	if r.background() != m.wantBackground {
		return errors.New("the background of the pages is not what was decided")
	}
	return nil
}
