package docx

import (
	"slices"
	"strings"

	"github.com/beevik/etree"

	"github.com/esync/esync/merge/ooxml"
)

// paraWriter writes the runs of a paragraph that has something of both sides.
type paraWriter struct {
	*writer
	from string
	to   *place
	// the elements around what is written, as the sides have them and as the
	// result has
	chain []*etree.Element
	open  []*etree.Element // the last is where the next run goes
}

// paragraph writes a paragraph anew: its runs and the ends of ranges in it.
func (w *writer) paragraph(r *outcome, from string, to *place) error {
	p := r.s.el()
	if len(r.para.take) > 0 {
		pPr := kid(p, "pPr")
		if pPr == nil {
			pPr = etree.NewElement("w:pPr")
			p.InsertChildAt(0, pPr)
		}
		if err := w.setProps(pPr, r.o.paragraph().props, r.para.take, from, to); err != nil {
			return err
		}
	}
	var content []etree.Token
	if pPr := kid(p, "pPr"); pPr != nil {
		content = append(content, pPr)
	}
	p.Child = content
	p.ReindexChildren()
	x := &paraWriter{writer: w, from: from, to: to, open: []*etree.Element{p}}
	marks := r.para.marks
	for i := 0; ; {
		rest := r.para.atoms[i:]
		for len(marks) > 0 && marks[0].at == i {
			var next []*etree.Element
			if len(rest) > 0 {
				next = rest[0].chain
			}
			if err := x.mark(marks[0], next); err != nil {
				return err
			}
			marks = marks[1:]
		}
		if len(rest) == 0 {
			return nil
		}
		if len(marks) > 0 {
			rest = rest[:marks[0].at-i]
		}
		n := oneRun(rest)
		if err := x.atoms(rest[:n]); err != nil {
			return err
		}
		i += n
	}
}

// oneRun is how many of some atoms are words of one run; 1 for a thing.
func oneRun(list []*mixed) int {
	n, first := 1, list[0]
	for first.isText() && n < len(list) && first.joins(list[n]) && slices.Equal(first.chain, list[n].chain) {
		n++
	}
	return n
}

// close leaves what is around until only the first n are left.
func (x *paraWriter) close(n int) {
	if n < len(x.chain) {
		x.chain, x.open = x.chain[:n], x.open[:n+1]
	}
}

func common(a, b []*etree.Element) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// enter puts what is around an atom around what is written next.
func (x *paraWriter) enter(chain []*etree.Element, of from) error {
	x.close(common(x.chain, chain))
	for _, e := range chain[len(x.chain):] {
		shell, err := x.shell(e, of)
		if err != nil {
			return err
		}
		x.in().AddChild(shell)
		inner := shell
		if is(e, "sdt") {
			inner = kid(shell, "sdtContent")
		}
		x.chain, x.open = append(slices.Clone(x.chain), e), append(slices.Clone(x.open), inner)
	}
	return nil
}

func (x *paraWriter) in() *etree.Element { return x.open[len(x.open)-1] }

// shell is an element that is around runs, without them.
func (x *paraWriter) shell(e *etree.Element, of from) (*etree.Element, error) {
	whole, err := x.piece(e, of)
	if err != nil {
		return nil, err
	}
	if !is(e, "sdt") {
		whole.Child = slices.DeleteFunc(whole.Child, func(t etree.Token) bool {
			c, ok := t.(*etree.Element)
			return !ok || !strings.HasSuffix(c.Tag, "Pr")
		})
		whole.ReindexChildren()
		return whole, nil
	}
	inner := kid(whole, "sdtContent")
	inner.Child = nil
	return whole, nil
}

// piece is a copy of an element of a side for the result.
func (x *paraWriter) piece(e *etree.Element, of from) (*etree.Element, error) {
	if of == take {
		return x.adopt(e, x.from, x.to, nil)
	}
	return e.Copy(), nil
}

func (x *paraWriter) mark(m *mixedMark, next []*etree.Element) error {
	x.close(common(x.chain, next))
	e, err := x.piece(m.el, m.from)
	if err != nil {
		return err
	}
	if m.run == nil {
		x.in().AddChild(e)
		return nil
	}
	run := etree.NewElement("w:r")
	if rPr := kid(m.run, "rPr"); rPr != nil {
		if rPr, err = x.piece(rPr, m.from); err != nil {
			return err
		}
		run.AddChild(rPr)
	}
	run.AddChild(e)
	x.in().AddChild(run)
	return nil
}

// atoms writes a thing, or words as one run.
func (x *paraWriter) atoms(list []*mixed) error {
	a := list[0]
	if err := x.enter(a.chain, a.chainOf); err != nil {
		return err
	}
	if a.isText() {
		return x.words(list)
	}
	for _, p := range a.parts {
		e, err := x.piece(p.el, a.from)
		if err != nil {
			return err
		}
		if p.el.Parent() == nil && a.from == take {
			e = p.el.Copy() // a word of a field
		}
		if p.run == nil {
			x.in().AddChild(e)
			continue
		}
		run := etree.NewElement("w:r")
		var rPr *etree.Element
		if len(a.parts) == 1 {
			rPr, err = x.format(a)
		} else if rPr = kid(p.run, "rPr"); rPr != nil {
			rPr, err = x.piece(rPr, a.from)
		}
		if err != nil {
			return err
		}
		if rPr != nil {
			run.AddChild(rPr)
		}
		run.AddChild(e)
		x.in().AddChild(run)
	}
	return nil
}

// words writes a run.
func (x *paraWriter) words(list []*mixed) error {
	run := etree.NewElement("w:r")
	rPr, err := x.format(list[0])
	if err != nil {
		return err
	}
	if rPr != nil {
		run.AddChild(rPr)
	}
	var text strings.Builder
	for _, a := range list {
		text.WriteString(a.text)
	}
	run.AddChild(textElement(list[0].atom, text.String()))
	x.in().AddChild(run)
	return nil
}

// format makes the format of a run; nil for none.
func (x *paraWriter) format(a *mixed) (*etree.Element, error) {
	var rPr *etree.Element
	if a.run != nil {
		rPr = kid(a.run, "rPr")
	}
	if rPr != nil {
		var err error
		if rPr, err = x.piece(rPr, a.runOf); err != nil {
			return nil, err
		}
	}
	if len(a.taken) == 0 {
		return rPr, nil
	}
	if rPr == nil {
		rPr = etree.NewElement("w:rPr")
	}
	holder := x.holder(rPr)
	var list []prop
	if a.takenOf != nil {
		list = x.o.propsOf(x.from, kid(a.takenOf, "rPr"))
	}
	err := x.setProps(rPr, list, a.taken, x.from, x.to)
	holder.RemoveChild(rPr)
	return rPr, err
}

// holder gives an element that stands nowhere yet the namespaces of the part.
func (x *paraWriter) holder(e *etree.Element) *etree.Element {
	h := etree.NewElement("holder")
	for _, a := range ooxml.Declarations(x.to.root) {
		h.CreateAttr(a.FullKey(), a.Value)
	}
	h.AddChild(e)
	return h
}
