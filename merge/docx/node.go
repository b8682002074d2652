package docx

import (
	"strconv"
	"strings"

	"github.com/beevik/etree"

	"github.com/esync/esync/merge/ooxml"
)

// kind is what a node is.
type kind string

const (
	storyNode   kind = "story"
	paraNode    kind = "paragraph"
	tableNode   kind = "table"
	rowNode     kind = "row"
	cellNode    kind = "cell"
	boxNode     kind = "content control"
	unitNode    kind = "computed" // a table of contents and the like
	sectionNode kind = "section"  // of the end of the body
	markNode    kind = "mark"     // a bookmark or a range between paragraphs
	otherNode   kind = "other"
)

// node is a part of a story that is compared and merged: a paragraph, a table
// with its rows and cells, or something that is taken whole.
type node struct {
	kind kind
	els  []*etree.Element // one, but for a unit
	// words is what is read there, without any format: by it nodes of two
	// versions are found to be one.
	words string
	// sum is all that is there but for what programs compute; exact has that, too.
	sum   string
	exact string
	where string
	kids  []*node
	props []prop
	// from and part are where a paragraph is read from when it is asked for:
	// all of them taken apart at once would fill the memory.
	from *document
	part string
	bag  map[string]int // how often each word is there; made when asked for
}

// paragraph is the paragraph that a node is, taken apart.
func (n *node) paragraph() *paragraph {
	r := &reader{document: n.from, part: n.part}
	return r.paragraph(n.el())
}

func (n *node) el() *etree.Element { return n.els[0] }

// leaves visits what has nothing below it.
func (n *node) leaves(visit func(*node)) {
	if n.kind == paraNode || len(n.kids) == 0 {
		visit(n)
	}
	for _, k := range n.kids {
		k.leaves(visit)
	}
}

// container tells whether a node's parts are merged one by one.
func (n *node) container() bool {
	switch n.kind {
	case storyNode, tableNode, rowNode, cellNode, boxNode:
		return true
	}
	return false
}

// propsIn is the element that holds a container's properties, and propsTag its
// name.
func (n *node) propsTag() string {
	switch n.kind {
	case tableNode:
		return "tblPr"
	case rowNode:
		return "trPr"
	case cellNode:
		return "tcPr"
	case boxNode:
		return "sdtPr"
	}
	return ""
}

// inside is the element that holds a node's kids.
func (n *node) inside() *etree.Element {
	if n.kind == boxNode {
		return kid(n.el(), "sdtContent")
	}
	return n.el()
}

// sumOf is the sum of a container.
func sumOf(k kind, p props, kids []string) string {
	return ooxml.Digest(string(k) + "\n" + p.String() + "\n" + strings.Join(kids, "\n"))
}

// reader reads the stories of one part.
type reader struct {
	*document
	part string
	// paragraphs and tables seen so far on each level
	count []counter
	field fieldDepth
}

type counter struct {
	prefix             string
	paragraphs, tables int
	others             int
}

func (r *reader) top() *counter { return &r.count[len(r.count)-1] }

func (r *reader) push(prefix string) {
	if prefix != "" {
		prefix += " "
	}
	r.count = append(r.count, counter{prefix: prefix})
}

func (r *reader) pop() { r.count = r.count[:len(r.count)-1] }

// story reads all that is in an element.
func (r *reader) story(name string, e *etree.Element) *node {
	r.push(name)
	defer r.pop()
	n := &node{kind: storyNode, els: []*etree.Element{e}, where: name, kids: r.blocks(e)}
	return r.close(n, nil)
}

// close computes what a container says from what is in it.
func (r *reader) close(n *node, list []prop) *node {
	n.props = list
	var words, sums, exact []string
	for _, k := range n.kids {
		sums, exact = append(sums, k.sum), append(exact, k.exact)
		if k.words != "" {
			words = append(words, k.words)
		}
	}
	n.words = strings.Join(words, "\n")
	n.sum = sumOf(n.kind, values(list), sums)
	n.exact = sumOf(n.kind, values(list), exact)
	return n
}

// blocks reads the paragraphs, tables and so on in an element.
func (r *reader) blocks(e *etree.Element) []*node {
	var list []*node
	var unit *node
	for c := range e.ChildElementsSeq() {
		if r.drop(c, c.NamespaceURI()) && !is(c, "bookmarkEnd") || isProps(c) {
			continue
		}
		if is(c, "bookmarkEnd") && r.bookmarkName(c) == "_GoBack" {
			continue
		}
		was := r.field.computed
		r.field.scan(c)
		if was || r.field.computed {
			if unit == nil {
				unit = &node{kind: unitNode, where: r.other("contents")}
				list = append(list, unit)
			}
			unit.els = append(unit.els, c)
			if !r.field.computed {
				r.unit(unit)
				unit = nil
			}
			continue
		}
		list = append(list, r.block(c))
	}
	if unit != nil {
		r.unit(unit)
	}
	return list
}

func isProps(e *etree.Element) bool {
	return is(e, "pPr", "tblPr", "tblGrid", "trPr", "tblPrEx", "tcPr", "sdtPr", "sdtEndPr")
}

func (r *reader) other(what string) string {
	c := r.top()
	c.others++
	where := c.prefix + what
	if c.others > 1 {
		where += " " + strconv.Itoa(c.others)
	}
	return where
}

func (r *reader) block(e *etree.Element) *node {
	n := r.one(e)
	if n.exact == "" {
		n.exact = n.sum
	}
	return n
}

func (r *reader) one(e *etree.Element) *node {
	n := &node{els: []*etree.Element{e}}
	c := r.top()
	switch {
	case is(e, "p"):
		c.paragraphs++
		n.kind, n.where = paraNode, c.prefix+"paragraph "+strconv.Itoa(c.paragraphs)
		n.from, n.part = r.document, r.part
		p := r.paragraph(e)
		n.words, n.sum = p.words(), p.sum()
		n.exact = n.sum + p.computed()
	case is(e, "tbl"):
		c.tables++
		n.kind, n.where = tableNode, c.prefix+"table "+strconv.Itoa(c.tables)
		return r.table(n)
	case is(e, "sdt") && kid(e, "sdtContent") != nil:
		if isContents(e) {
			n.kind, n.where = unitNode, r.other("contents")
			r.unit(n)
			return n
		}
		n.kind, n.where = boxNode, r.other("content control")
		n.kids = r.blocks(kid(e, "sdtContent"))
		return r.close(n, r.propsOf(r.part, kid(e, "sdtPr")))
	case is(e, "sectPr"):
		n.kind, n.where = sectionNode, "section"
		n.props = r.propsOf(r.part, e)
		n.sum = sumOf(n.kind, values(n.props), nil)
	case markTag(e):
		n.kind, n.where = markNode, r.other("mark")
		n.words = r.markKey(e)
		n.sum = n.words
	default:
		n.kind, n.where = otherNode, r.other("object")
		n.words = e.FullTag()
		n.sum = r.text(r.part, e)
	}
	return n
}

// table reads the rows of a table.
func (r *reader) table(n *node) *node {
	e := n.el()
	row := 0
	for c := range e.ChildElementsSeq() {
		if isProps(c) {
			continue
		}
		if !is(c, "tr") {
			n.kids = append(n.kids, r.block(c))
			continue
		}
		row++
		one := &node{kind: rowNode, els: []*etree.Element{c}, where: n.where + " row " + strconv.Itoa(row)}
		col := 0
		for _, cc := range c.ChildElements() {
			switch {
			case isProps(cc):
			case is(cc, "tc"):
				col++
				one.kids = append(one.kids, r.cell(cc, n.where+" "+column(col)+strconv.Itoa(row)))
			default:
				one.kids = append(one.kids, r.block(cc))
			}
		}
		list := r.propsOf(r.part, kid(c, "trPr"))
		if ex := kid(c, "tblPrEx"); ex != nil {
			list = append(list, prop{"tblPrEx", r.text(r.part, ex), ex})
		}
		n.kids = append(n.kids, r.close(one, list))
	}
	list := r.propsOf(r.part, kid(e, "tblPr"))
	if grid := kid(e, "tblGrid"); grid != nil {
		list = append(list, prop{"tblGrid", r.text(r.part, grid), grid})
	}
	return r.close(n, list)
}

// cell reads what is in a cell. A cell of one paragraph is named like it.
func (r *reader) cell(e *etree.Element, where string) *node {
	n := &node{kind: cellNode, els: []*etree.Element{e}, where: where}
	r.push(where)
	defer r.pop()
	n.kids = r.blocks(e)
	if len(n.kids) == 1 && n.kids[0].kind == paraNode {
		n.kids[0].where = where
	}
	return r.close(n, r.propsOf(r.part, kid(e, "tcPr")))
}

// column is the letters of a column.
func column(n int) string {
	s := ""
	for ; n > 0; n = (n - 1) / 26 {
		s = string(rune('A'+(n-1)%26)) + s
	}
	return s
}

// isContents tells whether a content control is one that a program fills.
func isContents(e *etree.Element) bool {
	switch val(kid(kid(kid(e, "sdtPr"), "docPartObj"), "docPartGallery")) {
	case "Table of Contents", "Bibliographies":
		return true
	}
	return false
}

// unit reads what a program computes: its instructions and the text that it
// does not compute are all that counts.
func (r *reader) unit(n *node) {
	var f fieldDepth
	var b strings.Builder
	for _, e := range n.els {
		each(e, func(c *etree.Element) bool {
			inside := f.computed
			f.one(c)
			switch {
			case is(c, "instrText"):
				if f.depth() == 1 {
					b.WriteString("{" + strings.Join(strings.Fields(c.Text()), " ") + "}")
				}
			case is(c, "t", "delText") && !inside:
				b.WriteString(c.Text())
			case is(c, "p") && !inside:
				b.WriteByte('\n')
			}
			return true
		})
	}
	n.words = b.String()
	n.sum = string(unitNode) + n.words
	n.exact = n.sum
	for _, e := range n.els {
		n.exact += ooxml.Digest(r.text(r.part, e))
	}
}
