package docx

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/beevik/etree"

	"github.com/esync/esync/merge/ooxml"
)

// paragraph is a paragraph as a row of atoms: words, and things that stand
// between words. How its runs are cut is no part of it.
type paragraph struct {
	el    *etree.Element
	props []prop
	atoms []*atom
	marks []*mark
}

// atom is a word, a space, or a thing in the text.
type atom struct {
	// key says what it is, without its format.
	key string
	// text of a word; what a person sees of a thing.
	text string
	// parts of a thing, in their order: elements of a run, or whole ones. A
	// word has none.
	parts []piece
	*setting
	// computed is the result of a field that a program computes.
	computed string
}

// setting is how words are set; all of one run share it.
type setting struct {
	run    *etree.Element // where the format is
	format []prop
	looks  string // format in canonical form
	wrapping
}

// piece is an element of a thing and the run that it stands in; nil when it is
// in none.
type piece struct{ el, run *etree.Element }

// wrapping is what is around a run.
type wrapping struct {
	// chain are the elements, outermost first: links, tracked changes, content
	// controls.
	chain []*etree.Element
	links string // chain in canonical form
	shown string // the innermost for people
}

func (a *atom) isText() bool { return a.parts == nil }

// mark is an end of a range: of a bookmark, a comment. It stands before the
// atom with index at.
type mark struct {
	key string
	at  int
	el  *etree.Element
	// run holds the format of a reference, which stands in a run.
	run  *etree.Element
	text string
}

// wrappers are the elements in a paragraph that have runs in them.
var wrappers = []string{"hyperlink", "ins", "del", "moveFrom", "moveTo", "smartTag", "customXml", "fldSimple", "sdt", "dir", "bdo"}

// markTag tells whether an element is one end of a range.
func markTag(e *etree.Element) bool {
	return is(e, "bookmarkStart", "bookmarkEnd", "commentRangeStart", "commentRangeEnd", "permStart", "permEnd", "moveFromRangeStart",
		"moveFromRangeEnd", "moveToRangeStart", "moveToRangeEnd", "customXmlInsRangeStart", "customXmlInsRangeEnd", "customXmlDelRangeStart",
		"customXmlDelRangeEnd", "customXmlMoveFromRangeStart", "customXmlMoveFromRangeEnd", "customXmlMoveToRangeStart", "customXmlMoveToRangeEnd")
}

// markKey is what an end of a range is known by.
func (r *reader) markKey(e *etree.Element) string {
	switch {
	case is(e, "bookmarkStart", "bookmarkEnd"):
		return "mark " + e.Tag + " " + r.bookmarkName(e)
	case is(e, "commentRangeStart", "commentRangeEnd", "commentReference"):
		return "mark " + e.Tag + " " + r.comments.nameOf(att(e, "id"))
	}
	return "mark " + r.shell(r.part, e)
}

// bookmarkName is the name of the bookmark that an element begins or ends.
func (d *document) bookmarkName(e *etree.Element) string {
	if e.Tag == "bookmarkStart" {
		return att(e, "name")
	}
	return d.bookmarksOf(e)[att(e, "id")]
}

// bookmarksOf are the names of the bookmarks, by their numbers, of the part
// that an element stands in.
func (d *document) bookmarksOf(e *etree.Element) map[string]string {
	for e.Parent() != nil {
		e = e.Parent()
	}
	if d.bookmarks == nil {
		d.bookmarks = map[*etree.Element]map[string]string{}
	}
	names, ok := d.bookmarks[e]
	if !ok {
		names = map[string]string{}
		each(e, func(c *etree.Element) bool {
			if is(c, "bookmarkStart") {
				names[att(c, "id")] = att(c, "name")
			}
			return true
		})
		d.bookmarks[e] = names
	}
	return names
}

// paragraph reads a paragraph.
func (r *reader) paragraph(e *etree.Element) *paragraph {
	p := &paragraph{el: e, props: r.propsOf(r.part, kid(e, "pPr"))}
	w := &paraReader{reader: r, p: p}
	w.content(e, wrapping{})
	w.flush()
	r.joinFields(p)
	slices.SortStableFunc(p.marks, func(a, b *mark) int { return cmp.Or(cmp.Compare(a.at, b.at), a.compare(b)) })
	return p
}

// paraReader gathers the text of neighbouring runs of one look before it is cut
// into words.
type paraReader struct {
	*reader
	p    *paragraph
	text strings.Builder
	like *setting // of the text gathered
	seen int      // texts and things so far
}

func (w *paraReader) content(e *etree.Element, around wrapping) {
	for c := range e.ChildElementsSeq() {
		switch {
		case isProps(c), is(c, "proofErr"), is(c, "sdtContent") && !is(e, "sdt"):
		case is(c, "r"):
			w.run(c, around)
		case markTag(c):
			if !strings.HasPrefix(c.Tag, "bookmark") || w.bookmarkName(c) != "_GoBack" {
				w.mark(c, nil)
			}
		case c.Space == "w" && slices.Contains(wrappers, c.Tag):
			inner := c
			link := w.shell(w.part, c)
			if c.Tag == "sdt" {
				link += canonical(w.propsOf(w.part, kid(c, "sdtPr")))
				if inner = kid(c, "sdtContent"); inner == nil {
					continue
				}
			}
			n := w.seen
			w.content(inner, wrapping{append(slices.Clone(around.chain), c), around.links + link + "/", w.showWrapper(c)})
			if n == w.seen {
				// Nothing is in it that could carry it.
				w.thing("empty "+link, "", piece{c, nil}, &setting{wrapping: around})
			}
		default:
			w.thing(w.deepText(c), shortText(c), piece{c, nil}, &setting{wrapping: around})
		}
	}
}

func (r *reader) deepText(e *etree.Element) string { return r.text(r.part, e) }

func (w *paraReader) mark(e, run *etree.Element) {
	w.flush()
	m := &mark{key: w.markKey(e), at: len(w.p.atoms), el: e, run: run}
	if is(e, "commentReference") {
		if c := w.comments.byID[att(e, "id")]; c != nil {
			m.text = fmt.Sprintf("[comment by %s: %s]", c.author, c.text)
		}
	}
	w.p.marks = append(w.p.marks, m)
}

// run reads a run.
func (w *paraReader) run(e *etree.Element, around wrapping) {
	format := w.propsOf(w.part, kid(e, "rPr"))
	own := &setting{run: e, format: format, looks: canonical(format), wrapping: around}
	for c := range e.ChildElementsSeq() {
		switch {
		case is(c, "rPr", "lastRenderedPageBreak"):
		case is(c, "t", "delText"):
			if w.text.Len() > 0 && (!w.like.joins(own) || is(c, "delText") != w.like.deleted()) {
				w.flush()
			}
			if w.text.Len() == 0 {
				w.like = own
			}
			w.text.WriteString(c.Text())
			w.seen++
		case is(c, "commentReference"):
			w.mark(c, e)
		default:
			w.thing(w.deepText(c), w.showThing(c), piece{c, e}, own)
		}
	}
}

// joins tells whether words set in two ways read as words of one run.
func (s *setting) joins(other *setting) bool {
	return s.looks == other.looks && s.links == other.links && sameChain(s.chain, other.chain)
}

// sameChain tells whether two chains are the same elements, or mean the same.
// Tracked changes are cut into many elements by programs.
func sameChain(a, b []*etree.Element) bool {
	return slices.EqualFunc(a, b, func(x, y *etree.Element) bool {
		return x == y || x.Tag == y.Tag && is(x, "ins", "del", "moveFrom", "moveTo", "smartTag")
	})
}

func (s *setting) deleted() bool {
	return slices.ContainsFunc(s.chain, func(e *etree.Element) bool { return is(e, "del") })
}

// flush cuts the text gathered into words.
func (w *paraReader) flush() {
	if w.text.Len() == 0 {
		return
	}
	prefix := "t"
	if w.like.deleted() {
		prefix = "d"
	}
	words := cut(w.text.String())
	w.text.Reset()
	// One string for all keys, and one block for all atoms: there are many.
	keys, atoms := prefix+strings.Join(words, prefix), make([]atom, len(words))
	for i, word := range words {
		n := len(prefix) + len(word)
		atoms[i] = atom{key: keys[:n], text: keys[len(prefix):n], setting: w.like}
		keys = keys[n:]
		w.p.atoms = append(w.p.atoms, &atoms[i])
	}
}

func (w *paraReader) thing(key, text string, p piece, as *setting) {
	w.flush()
	w.seen++
	w.p.atoms = append(w.p.atoms, &atom{key: "o" + key, text: text, parts: []piece{p}, setting: as})
}

// textElement is the element that words like one are written as.
func textElement(a *atom, text string) *etree.Element {
	tag := "w:t"
	if a.deleted() {
		tag = "w:delText"
	}
	e := etree.NewElement(tag)
	if strings.TrimSpace(text) != text {
		e.CreateAttr("xml:space", "preserve")
	}
	e.SetText(text)
	return e
}

// words is what is read in a paragraph.
func (p *paragraph) words() string {
	var b strings.Builder
	for _, a := range p.atoms {
		b.WriteString(a.key[1:])
	}
	return b.String()
}

// text is a paragraph as a person sees it.
func (p *paragraph) text() string {
	var b strings.Builder
	for _, a := range p.atoms {
		b.WriteString(a.text)
	}
	for _, m := range p.marks {
		b.WriteString(m.text)
	}
	return b.String()
}

// sum is all that is in a paragraph.
func (p *paragraph) sum() string {
	s := beginSum(canonical(p.props))
	for _, a := range p.atoms {
		s.atom(a.key, a.looks, a.links)
	}
	for _, m := range p.marks {
		s.mark(m.key, m.at)
	}
	return s.String()
}

// computed is what programs computed in a paragraph.
func (p *paragraph) computed() string {
	var b strings.Builder
	for _, a := range p.atoms {
		b.WriteString(a.computed)
	}
	return b.String()
}

// paraSum gathers the sum of a paragraph: its properties, its atoms, its marks.
type paraSum struct{ strings.Builder }

func beginSum(props string) *paraSum {
	s := &paraSum{}
	s.field("p\x01", props)
	return s
}

func (s *paraSum) field(before, text string) {
	s.WriteString(before)
	s.WriteString(text)
}

func (s *paraSum) atom(key, looks, links string) {
	s.field("\x01", key)
	s.field("\x00", looks)
	s.field("\x00", links)
}

func (s *paraSum) mark(key string, at int) {
	s.field("\x01", key)
	s.field("\x00", strconv.Itoa(at))
}

func (s *paraSum) String() string { return ooxml.Digest(s.Builder.String()) }
