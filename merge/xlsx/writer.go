package xlsx

import (
	"fmt"

	"github.com/beevik/etree"

	"github.com/esync/esync/merge/formulas"
	"github.com/esync/esync/merge/ooxml"
)

// writer makes the result: it is one side's workbook, read once more, into
// which what comes from the other side is put. Lists that others name by
// number only grow.
type writer struct {
	m       *merger
	b       *book // that becomes the result
	o       *book
	styles  map[int]int    // of o to b
	texts   map[string]int // by key
	added   [][]byte       // items for the table of shared strings
	grafts  *ooxml.Grafter
	scopes  map[*etree.Element]*sheet // of defined names
	active  []*sheet                  // activeTab and firstSheet of each view
	have    map[string]blocks         // of b's sheets, as they were
	haveTop blocks
}

// write makes the result and proves it.
func (m *merger) write(skeleton []byte) ([]byte, error) {
	b, err := openBook(skeleton)
	if err != nil {
		return nil, err
	}
	w := &writer{
		m: m, b: b, o: m.o, styles: map[int]int{}, texts: map[string]int{}, grafts: ooxml.NewGrafter(m.o.pkg, b.pkg),
		scopes: map[*etree.Element]*sheet{}, have: map[string]blocks{},
	}
	w.grafts.Refuse, w.grafts.Rewrite = notCarried, w.renumbered
	out, err := w.run()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnmergeable, err)
	}
	if err := m.prove(out, w); err != nil {
		return nil, err
	}
	return out, nil
}

func (w *writer) run() ([]byte, error) {
	if err := w.m.transform(w.b, bit(w.m.second)); err != nil {
		return nil, err
	}
	w.remember()
	reach, err := w.b.pkg.Reachable()
	if err != nil {
		return nil, err
	}
	for _, op := range w.m.ops {
		if err := op(w); err != nil {
			return nil, err
		}
	}
	if err := w.setCells(); err != nil {
		return nil, err
	}
	if w.m.calc {
		w.recalculate()
	}
	if w.m.calc || w.m.s.broken["chain"] {
		w.dropChain()
	}
	if err := w.finish(); err != nil {
		return nil, err
	}
	if err := w.b.pkg.Sweep(reach); err != nil {
		return nil, err
	}
	return w.b.pkg.Write()
}

// remember notes which sheet each name and view belongs to, since sheets may
// change places.
func (w *writer) remember() {
	for i, s := range w.b.strings {
		if _, ok := w.texts[s.key]; !ok {
			w.texts[s.key] = i
		}
	}
	at := func(text string) *sheet {
		if n, ok := parseIndex(text); ok && n < len(w.b.sheets) {
			return w.b.sheets[n]
		}
		return nil
	}
	if list := child(w.b.root, "definedNames"); list != nil {
		for _, e := range list.ChildElements() {
			if id := e.SelectAttrValue("localSheetId", ""); id != "" {
				w.scopes[e] = at(id)
			}
		}
	}
	if list := child(w.b.root, "bookViews"); list != nil {
		for _, e := range list.ChildElements() {
			w.active = append(w.active, at(e.SelectAttrValue("activeTab", "0")), at(e.SelectAttrValue("firstSheet", "0")))
		}
	}
}

// sheet is the result's version of a sheet.
func (w *writer) sheet(t *trio) (*sheet, error) {
	s := w.b.sheetNamed(t.name)
	if s == nil {
		return nil, fmt.Errorf("sheet %q is missing", t.name)
	}
	return s, nil
}

// blocks are those of the result's sheet, or of its workbook, before anything
// was put into it.
func (w *writer) blocks(t *trio) (blocks, error) {
	if t == nil {
		if w.haveTop == nil {
			l, err := w.b.bookBlocks()
			if err != nil {
				return nil, err
			}
			w.haveTop = l
		}
		return w.haveTop, nil
	}
	if l, ok := w.have[t.name]; ok {
		return l, nil
	}
	s, err := w.sheet(t)
	if err != nil {
		return nil, err
	}
	l, err := w.b.sheetBlocks(s)
	w.have[t.name] = l
	return l, err
}

// dropChain takes away what says in which order to compute formulas: every
// program finds out by itself.
func (w *writer) dropChain() {
	for _, rel := range w.b.rels.ByKind("calcChain") {
		w.b.rels.Drop(rel.ID)
		w.b.pkg.Delete(rel.Part)
	}
}

// recalculate takes the stored results of formulas away, and asks for
// everything to be computed anew.
func (w *writer) recalculate() {
	for _, s := range w.b.sheets {
		if s.kind == "worksheet" {
			s.forget()
		}
	}
	e := child(w.b.root, "calcPr")
	if e == nil {
		e = etree.NewElement(tagIn(w.b.root, "calcPr"))
		insertOrdered(w.b.root, e)
	}
	e.CreateAttr("fullCalcOnLoad", "1")
	w.b.dirty = true
}

// forget takes the stored results of a sheet's formulas away, but of those
// that read other workbooks.
func (s *sheet) forget() {
	for i := range s.rows {
		r := &s.rows[i]
		for j := range r.cells {
			c := &r.cells[j]
			switch {
			case c.kind == noValue:
			case c.f != nil && formulas.ReadsOther(c.f.text):
			case c.f != nil, s.inArray(spot{r.r, c.col}):
				c.kind, c.value = noValue, ""
				if c.more != nil {
					c.more.vm = ""
				}
				s.touch(r, c)
			}
		}
	}
}

func (s *sheet) inArray(at spot) bool {
	for _, a := range s.arrays {
		if a.has(at) {
			return true
		}
	}
	return false
}

// finish writes what was changed into the parts.
func (w *writer) finish() error {
	b := w.b
	if err := w.finishSheets(); err != nil {
		return err
	}
	for _, s := range b.sheets {
		if s.kind == "worksheet" && s.dirty {
			if err := w.release(s.part, s.shell.Root()); err != nil {
				return err
			}
			data, err := s.encode()
			if err != nil {
				return err
			}
			b.pkg.Set(s.part, data, sheetType)
		}
	}
	if b.styles.changed {
		part := b.styles.part
		if part == "" {
			part = b.pkg.FreeName("xl/styles.xml")
			b.rels.Add(ooxml.RelNS+"/styles", part)
		}
		b.pkg.Set(part, ooxml.Encode(b.styles.doc), "application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml")
	}
	if len(w.added) > 0 {
		if err := w.finishStrings(); err != nil {
			return err
		}
	}
	if b.dirty {
		b.pkg.Set(b.main, ooxml.Encode(b.doc), "")
	}
	return nil
}

const sheetType = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"

// finishSheets writes the list of sheets and what counts in it.
func (w *writer) finishSheets() error {
	b := w.b
	index := map[*sheet]int{}
	for i, s := range b.sheets {
		index[s] = i
	}
	list := child(b.root, "sheets")
	var order []*etree.Element
	for _, s := range b.sheets {
		order = append(order, s.el)
	}
	if !sameElements(list.ChildElements(), order) {
		for _, e := range list.ChildElements() {
			list.RemoveChild(e)
		}
		for _, e := range order {
			list.AddChild(e)
		}
		b.dirty = true
	}
	if names := child(b.root, "definedNames"); names != nil {
		for _, e := range names.ChildElements() {
			s, local := w.scopes[e]
			if !local {
				continue
			}
			i, there := index[s]
			if !there {
				names.RemoveChild(e)
				b.dirty = true
				continue
			}
			if e.SelectAttrValue("localSheetId", "") != itoa(i) {
				e.CreateAttr("localSheetId", itoa(i))
				b.dirty = true
			}
		}
		if len(names.ChildElements()) == 0 {
			b.root.RemoveChild(names)
		}
	}
	w.finishViews(index)
	return nil
}

func sameElements(a, b []*etree.Element) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

func (w *writer) finishViews(index map[*sheet]int) {
	list := child(w.b.root, "bookViews")
	if list == nil {
		return
	}
	first := 0
	for i, s := range w.b.sheets {
		if s.state == "" {
			first = i
			break
		}
	}
	for n, e := range list.ChildElements() {
		if 2*n+1 >= len(w.active) {
			break
		}
		for k, a := range []string{"activeTab", "firstSheet"} {
			i, there := index[w.active[2*n+k]]
			if !there || k == 0 && w.b.sheets[i].state != "" {
				i = first
			}
			if e.SelectAttrValue(a, "0") != itoa(i) {
				e.CreateAttr(a, itoa(i))
				w.b.dirty = true
			}
		}
	}
}
