package docx

import (
	"strings"

	"github.com/beevik/etree"

	"github.com/esync/esync/merge/ooxml"
)

// content is what may stand in an element.
type content uint8

const (
	free   content = iota // nothing that is checked
	blocks                // paragraphs and tables
	rows
	cells
	inline // runs
	inner  // what is in a run
)

func words(s string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(s) {
		m[w] = true
	}
	return m
}

// runLevel is what may stand anywhere among blocks, rows, cells and runs.
const runLevel = " proofErr permStart permEnd bookmarkStart bookmarkEnd commentRangeStart commentRangeEnd" +
	" moveFromRangeStart moveFromRangeEnd moveToRangeStart moveToRangeEnd customXmlInsRangeStart customXmlInsRangeEnd" +
	" customXmlDelRangeStart customXmlDelRangeEnd customXmlMoveFromRangeStart customXmlMoveFromRangeEnd" +
	" customXmlMoveToRangeStart customXmlMoveToRangeEnd ins del moveFrom moveTo "

// allowed are the children of the main namespace by what may stand in an
// element.
var allowed = map[content]map[string]bool{
	blocks: words("p tbl sdt customXml altChunk" + runLevel),
	rows:   words("tr sdt customXml tblPr tblGrid" + runLevel),
	cells:  words("tc sdt customXml tblPrEx trPr" + runLevel),
	inline: words("r hyperlink fldSimple sdt customXml smartTag dir bdo subDoc" + runLevel),
	inner: words("rPr br t contentPart delText instrText delInstrText noBreakHyphen softHyphen dayShort monthShort yearShort dayLong" +
		" monthLong yearLong annotationRef footnoteRef endnoteRef separator continuationSeparator sym pgNum cr tab object pict fldChar" +
		" ruby footnoteReference endnoteReference commentReference drawing ptab lastRenderedPageBreak"),
}

// extra are the children that one element has beside those of its content.
var extra = map[string]map[string]bool{
	"body": words("sectPr"), "tc": words("tcPr"), "p": words("pPr"), "customXml": words("customXmlPr"), "smartTag": words("smartTagPr"),
	"fldSimple": words("fldData"), "sdt": words("sdtPr sdtEndPr sdtContent"),
}

// rules are those for a child that does not belong.
var rules = map[content]string{
	blocks: "block-child", rows: "table-child", cells: "row-child", inline: "paragraph-child", inner: "run-child",
}

// storyVerifier walks one part that has text.
type storyVerifier struct {
	v      *verifier
	part   string
	rels   *ooxml.Rels
	ranges map[string]map[string]*span          // by kind and ID
	seen   map[string]map[string]bool           // IDs by rule
	moves  map[string]map[string]*etree.Element // names of tracked moves by kind
}

// spot is where the walk stands.
type spot struct {
	content content
	fields  *[]*field // fields that are open
	deleted bool      // in a tracked deletion
	shadow  bool      // in the alternative of an alternative, where IDs stand again
}

func (v *verifier) newStory(part string) *storyVerifier {
	rels, err := v.pkg.Rels(part)
	if err != nil {
		rels = &ooxml.Rels{} // told already
	}
	return &storyVerifier{
		v: v, part: part, rels: rels, ranges: map[string]map[string]*span{}, seen: map[string]map[string]bool{},
		moves: map[string]map[string]*etree.Element{},
	}
}

// story checks a part whose root is or has a story.
func (v *verifier) story(part string, root *etree.Element) {
	s := v.newStory(part)
	s.walk(root, spot{fields: new([]*field)})
	s.closed()
}

func (s *storyVerifier) add(rule, format string, args ...any) { s.v.add(s.part, rule, format, args...) }

// once tells whether an ID has not been seen in the part yet.
func (s *storyVerifier) once(rule, id string) bool {
	if s.seen[rule] == nil {
		s.seen[rule] = map[string]bool{}
	}
	was := s.seen[rule][id]
	s.seen[rule][id] = true
	return !was
}

// walk checks an element and all below it.
func (s *storyVerifier) walk(e *etree.Element, a spot) {
	uri := e.NamespaceURI()
	s.leads(e, uri)
	if uri != mainNS {
		s.foreign(e, uri, a)
		return
	}
	s.v.ordered(s.part, e)
	s.ids(e, a)
	in := a
	switch e.Tag {
	case "body", "hdr", "ftr", "footnote", "endnote", "comment", "txbxContent":
		in.content, in.fields, in.deleted = blocks, new([]*field), false
		s.children(e, in)
		s.fieldsClosed(*in.fields)
		if e.Tag != "body" {
			s.filled(e)
		}
		return
	case "p":
		in.content = inline
	case "r":
		in.content = inner
		s.run(e, a)
	case "tbl":
		in.content = rows
		s.table(e)
	case "tr":
		in.content = cells
	case "tc":
		in.content = blocks
		s.cell(e)
	case "hyperlink":
		in.content = inline
		s.hyperlink(e)
	case "fldSimple":
		in.content = inline
		s.fieldCode(attrOf(e, "instr"))
	case "dir", "bdo", "rt", "rubyBase":
		in.content = inline
	case "ins", "del", "moveFrom", "moveTo":
		s.change(e, a)
		in.deleted = a.deleted || e.Tag == "del"
	case "sdt", "sdtContent", "customXml", "smartTag":
	case "sectPr":
		s.section(e)
		in.content = free
	default:
		in.content = free
	}
	s.children(e, in)
}

// children walks into the children, which must be of the content.
func (s *storyVerifier) children(e *etree.Element, a spot) {
	for c := range e.ChildElementsSeq() {
		if c.NamespaceURI() == mainNS && a.content != free && !allowed[a.content][c.Tag] && !extra[e.Tag][c.Tag] {
			s.add(rules[a.content], "%s in %s", c.Tag, e.Tag)
		}
		s.walk(c, a)
	}
}

// foreign goes through an element of another namespace. Alternatives are of
// the content that they stand in.
func (s *storyVerifier) foreign(e *etree.Element, uri string, a spot) {
	switch {
	case uri == ooxml.CompatNS && (e.Tag == "AlternateContent" || e.Tag == "Choice"):
	case uri == ooxml.CompatNS && e.Tag == "Fallback":
		a.shadow = true
	case uri == drawingNS && e.Tag == "docPr":
		if id := e.SelectAttrValue("id", ""); !a.shadow && !s.once("drawing-id", id) {
			s.add("drawing-id", "two drawings have number %s", id)
		}
		a.content = free
	default:
		a.content = free
	}
	s.children(e, a)
}

// filled tells of a story that has no paragraph at its end.
func (s *storyVerifier) filled(e *etree.Element) {
	if last := lastBlock(e); last == nil || last.Tag != "p" {
		s.add("story-end", "%s does not end with a paragraph", e.Tag)
	}
}

// lastBlock is the last paragraph or table among blocks, controls opened.
func lastBlock(e *etree.Element) *etree.Element {
	var last *etree.Element
	for c := range e.ChildElementsSeq() {
		switch c.Tag {
		case "p", "tbl", "altChunk":
			last = c
		case "sdt":
			if inside := childOf(c, "sdtContent"); inside != nil {
				if b := lastBlock(inside); b != nil {
					last = b
				}
			}
		case "customXml", "AlternateContent", "Choice", "ins", "del", "moveFrom", "moveTo":
			if b := lastBlock(c); b != nil {
				last = b
			}
		}
	}
	return last
}

// run checks a run's fields, references and texts.
func (s *storyVerifier) run(e *etree.Element, a spot) {
	for c := range e.ChildElementsSeq() {
		if c.NamespaceURI() != mainNS {
			continue
		}
		switch c.Tag {
		case "fldChar":
			s.fieldChar(c, a)
		case "instrText", "delInstrText":
			s.fieldText(c.Text(), a)
		case "t":
			if a.deleted {
				s.add("deleted-text", "text that is not marked as deleted in a deletion")
			}
		case "delText":
			if !a.deleted && a.content == inline {
				s.add("deleted-text", "deleted text outside of a deletion")
			}
		case "commentReference":
			s.v.comments.use(s, c, a)
		case "footnoteReference", "endnoteReference":
			word := strings.TrimSuffix(c.Tag, "Reference")
			n := s.v.notes[word]
			if n == nil {
				n = &entries{word: word, uses: map[string]int{}}
				s.v.notes[word] = n
			}
			n.use(s, c, a)
		}
	}
}

// change checks the mark of a tracked change.
func (s *storyVerifier) change(e *etree.Element, a spot) {
	if attrOf(e, "id") == "" || attrOf(e, "author") == "" {
		s.add("change", "a tracked %s without number or author", e.Tag)
	}
}

// styleOf are the elements that name a style, and of which type it must be.
var styleOf = map[string]string{"pStyle": "paragraph", "rStyle": "character", "tblStyle": "table"}

// ids checks what an element names, and what names it.
func (s *storyVerifier) ids(e *etree.Element, a spot) {
	if kind := styleOf[e.Tag]; kind != "" {
		s.v.style(s.part, attrOf(e, "val"), kind)
	}
	switch e.Tag {
	case "numPr":
		s.v.num(s.part, e)
	case "sdtPr":
		if id := valOf(e, "id"); id != "" && !a.shadow && !s.once("control-id", id) {
			s.add("control-id", "two content controls have number %s", id)
		}
	case "p", "tr":
		s.paraID(e, a)
	}
	if kind, ok := strings.CutSuffix(e.Tag, "Start"); ok && isRange(kind) && !a.shadow {
		s.open(kind, e)
	} else if kind, ok := strings.CutSuffix(e.Tag, "End"); ok && isRange(kind) && !a.shadow {
		s.close(kind, e)
	}
}

// paraID checks the number by which comments and merges know a paragraph.
func (s *storyVerifier) paraID(e *etree.Element, a spot) {
	for _, at := range e.Attr {
		if at.Key != "paraId" || at.Space == "" || at.Space == e.Space {
			continue
		}
		if id := at.Value; !isParaID(id) {
			s.add("para-id", "%q is no number of a paragraph", id)
		} else if !a.shadow && !s.once("para-id-twice", strings.ToUpper(id)) {
			s.add("para-id-twice", "two paragraphs have number %s", id)
		}
	}
}

func isParaID(id string) bool {
	if len(id) != 8 || id[0] > '7' || id == "00000000" {
		return false
	}
	return strings.Trim(strings.ToUpper(id), "0123456789ABCDEF") == ""
}
