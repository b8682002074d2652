package xlsx

import (
	"fmt"
	"sort"
	"strconv"
	"strings"

	"github.com/beevik/etree"
)

// elementLabels are what people call the elements of a sheet.
var elementLabels = map[string]string{
	"sheetPr": "sheet properties", "sheetCalcPr": "calculation", "sheetProtection": "protection", "protectedRanges": "protected ranges",
	"scenarios": "scenarios", "autoFilter": "filter", "sortState": "sorting", "dataConsolidate": "consolidation",
	"printOptions": "print options", "pageMargins": "page margins", "pageSetup": "page setup", "headerFooter": "header and footer",
	"picture": "background picture", "oleObjects": "embedded objects", "controls": "controls", "webPublishItems": "web publishing",
	"drawing": "pictures and charts", "legacyDrawing": "shapes", "legacyDrawingHF": "header pictures", "cellWatches": "watches",
	"customProperties": "properties", "conditionalFormatting": "conditional formats", "dataValidations": "validations",
	"hyperlinks": "links", "mergeCells": "merged cells", "tableParts": "tables", "ignoredErrors": "ignored errors", "rowBreaks": "page breaks", "colBreaks": "column page breaks",
}

func label(tag string) string {
	if l, ok := elementLabels[tag]; ok {
		return l
	}
	return tag
}

// sheetBlocks reads everything of a sheet but its cells, rows and columns.
func (b *book) sheetBlocks(s *sheet) (blocks, error) {
	l := blocks{}
	l.add(&block{key: "state", label: "visibility", value: s.state})
	if s.kind != "worksheet" {
		sum, err := b.deep.Part(s.part)
		l.add(&block{key: "part", label: s.kind, value: s.kind + sum})
		return l, err
	}
	r := &blockReader{b: b, s: s, out: l}
	for _, e := range s.shell.Root().ChildElements() {
		r.element(e)
	}
	r.formats()
	r.related()
	return l, r.err
}

type blockReader struct {
	b     *book
	s     *sheet
	out   blocks
	rules []rule
	x14   bool
	err   error
}

// rule is one rule of a conditional format.
type rule struct {
	priority int
	item     item
}

func (r *blockReader) canon(e *etree.Element) string {
	text, err := r.b.deep.Element(r.s.part, e)
	if err != nil && r.err == nil {
		r.err = err
	}
	return text
}

// maxItems bounds the time to compare the items of a list.
const maxItems = 100_000

func (r *blockReader) element(e *etree.Element) {
	if len(e.Child) > maxItems && r.err == nil {
		r.err = fmt.Errorf("%d %s", len(e.Child), label(e.Tag))
		return
	}
	switch e.Tag {
	case "dimension", "cols", "sheetData", "smartTags", "phoneticPr", "customSheetViews", "tableParts", "legacyDrawing":
		// Rows and columns are read apart; the rest is derived, or what a
		// program notes for itself. tableParts and legacyDrawing come with the
		// parts they lead to.
	case "sheetViews":
		r.out.add(&block{key: "view", label: "view", value: viewCanon.String(e), soft: true, el: e})
	case "sheetFormatPr":
		r.out.add(&block{key: "sheetFormatPr", label: "row heights", value: sizeCanon.String(e), soft: true, el: e})
	case "ignoredErrors":
		r.out.add(&block{key: e.Tag, label: label(e.Tag), value: r.canon(e), soft: true, el: e})
	case "sheetPr":
		r.properties(e)
	case "headerFooter":
		if len(e.ChildElements()) > 0 {
			r.out.add(&block{key: e.Tag, label: label(e.Tag), value: r.canon(e), el: e})
		}
	case "pageSetup":
		r.out.add(&block{key: e.Tag, label: label(e.Tag), value: pageCanon.String(e), el: e})
	case "mergeCells":
		r.byAttr(e, "ref", nil)
	case "hyperlinks":
		r.byAttr(e, "ref", func(c *etree.Element) string {
			if rel, ok := r.s.rels.ByID(relID(c)); ok {
				return rel.Target
			}
			return c.SelectAttrValue("location", "")
		})
	case "rowBreaks", "colBreaks":
		r.byAttr(e, "id", nil)
	case "conditionalFormatting":
		r.rulesOf(e)
	case "dataValidations":
		r.validations(e)
	case "drawing":
		r.drawing(e)
	case "extLst":
		for _, x := range e.ChildElements() {
			uri := x.SelectAttrValue("uri", "")
			if noisyExt(strings.ToUpper(uri)) {
				continue
			}
			r.x14 = r.x14 || strings.EqualFold(uri, "{78C0D931-6437-407d-A8EE-F0AAD7539E65}")
			r.out.add(&block{key: "ext " + strings.ToUpper(uri), label: extLabel(uri), value: r.canon(x), el: x})
		}
	default:
		r.out.add(&block{key: e.Tag, label: label(e.Tag), value: r.canon(e), el: e})
	}
}

func extLabel(uri string) string {
	switch strings.ToUpper(uri) {
	case "{78C0D931-6437-407D-A8EE-F0AAD7539E65}":
		return "conditional formats (newer kinds)"
	case "{CCE6A557-97BC-4B89-ADB6-D9C93CAAB3DF}":
		return "validations (newer kinds)"
	case "{05C60535-1F16-4FD2-B633-F4F36F0B64E0}":
		return "sparklines"
	case "{A8765BA9-456A-4DAB-B4F3-ACF838C121DE}", "{3A4CF648-6AED-40F4-86FF-DC5316D8AED3}":
		return "slicers"
	}
	return "extension " + uri
}

// properties takes the children of sheetPr one by one.
func (r *blockReader) properties(e *etree.Element) {
	for _, c := range e.ChildElements() {
		if !hasContent(c) {
			continue
		}
		name := map[string]string{"tabColor": "tab colour", "outlinePr": "outline", "pageSetUpPr": "fit to page"}[c.Tag]
		if name == "" {
			name = c.Tag
		}
		r.out.add(&block{key: "sheetPr " + c.Tag, label: name, value: formatCanon.String(c), el: c})
	}
	for _, a := range e.Attr {
		if a.Space == "" && a.Key != "xmlns" && a.Key != "filterMode" && a.Key != "codeName" {
			r.out.add(&block{key: "sheetPr @" + a.Key, label: "sheet property " + a.Key, value: a.Value, el: e})
		}
	}
}

// byAttr reads a list whose entries are known by an attribute.
func (r *blockReader) byAttr(e *etree.Element, attr string, show func(*etree.Element) string) {
	b := &block{key: e.Tag, label: label(e.Tag), el: e, items: []item{}}
	for _, c := range e.ChildElements() {
		i := item{key: c.SelectAttrValue(attr, ""), value: r.canon(c), el: c}
		i.label = i.key
		i.show = i.key
		if show != nil {
			i.show = show(c)
		}
		if a, ok := parseArea(i.key); ok && attr == "ref" {
			i.areas = []area{a}
		}
		b.items = append(b.items, i)
	}
	sort.SliceStable(b.items, func(i, j int) bool { return b.items[i].key < b.items[j].key })
	r.out.add(b)
}

func (r *blockReader) rulesOf(e *etree.Element) {
	where := e.SelectAttrValue("sqref", "")
	areas, _ := parseAreas(where)
	pivot := ""
	if truth(e.SelectAttrValue("pivot", "")) {
		pivot = "pivot "
	}
	for _, c := range e.ChildElements() {
		if c.Tag != "cfRule" {
			continue
		}
		n, _ := strconv.Atoi(c.SelectAttrValue("priority", ""))
		r.rules = append(r.rules, rule{n, item{key: pivot + where + " " + r.canon(c), label: where, show: ruleText(c), el: c, areas: areas}})
	}
}

func ruleText(c *etree.Element) string {
	text := c.SelectAttrValue("type", "rule")
	for _, f := range c.ChildElements() {
		if f.Tag == "formula" {
			text += " " + f.Text()
		}
	}
	return text
}

// formats puts the rules of all conditional formats in the order in which
// they hold.
func (r *blockReader) formats() {
	if len(r.rules) == 0 {
		return
	}
	if len(r.rules) > maxItems && r.err == nil {
		r.err = fmt.Errorf("%d conditional formats", len(r.rules))
		return
	}
	sort.SliceStable(r.rules, func(i, j int) bool { return r.rules[i].priority < r.rules[j].priority })
	b := &block{key: "conditionalFormatting", label: label("conditionalFormatting"), items: []item{}}
	count := map[string]int{}
	for _, one := range r.rules {
		count[one.item.key]++
		if n := count[one.item.key]; n > 1 {
			one.item.key += " #" + itoa(n)
		}
		b.items = append(b.items, one.item)
	}
	r.out.add(b)
}

// validations takes each area of each rule for one.
func (r *blockReader) validations(e *etree.Element) {
	b := &block{key: e.Tag, label: label(e.Tag), el: e, items: []item{}}
	for _, c := range e.ChildElements() {
		where := c.SelectAttrValue("sqref", "")
		areas, ok := parseAreas(where)
		if !ok || len(areas)+len(b.items) > maxItems {
			b.items = nil
			b.value = r.canon(e)
			break
		}
		bare := c.Copy()
		bare.RemoveAttr("sqref")
		holder := etree.NewElement("x")
		for _, a := range e.Parent().Attr {
			if a.Space == "xmlns" || a.Key == "xmlns" {
				holder.CreateAttr(a.FullKey(), a.Value)
			}
		}
		holder.AddChild(bare)
		value := validationCanon.String(bare)
		for _, a := range areas {
			b.items = append(b.items, item{key: a.String(), label: a.String(), value: value, show: validationText(c), el: c, areas: []area{a}})
		}
	}
	sort.SliceStable(b.items, func(i, j int) bool { return b.items[i].key < b.items[j].key })
	r.out.add(b)
}

func validationText(c *etree.Element) string {
	text := c.SelectAttrValue("type", "any value")
	for _, f := range c.ChildElements() {
		text += " " + f.Text()
	}
	return text
}

// drawing reads the pictures, charts and shapes of a sheet.
func (r *blockReader) drawing(e *etree.Element) {
	rel, ok := r.s.rels.ByID(relID(e))
	if !ok || rel.Part == "" {
		return
	}
	sum, err := r.b.deep.Part(rel.Part)
	if err != nil && r.err == nil {
		r.err = err
		return
	}
	b := &block{key: "drawing", label: label("drawing"), value: sum, el: e, items: []item{}}
	doc, err := r.b.pkg.XML(rel.Part)
	if err != nil {
		r.err = err
		return
	}
	for _, a := range anchorsOf(doc.Root()) {
		text, err := r.b.deep.Element(rel.Part, a.el)
		if err != nil && r.err == nil {
			r.err = err
		}
		b.items = append(b.items, item{key: a.key, label: a.name, value: text, show: a.name, el: a.el})
	}
	if len(b.items) > 0 { // some programs give every sheet with a filter one
		r.out.add(b)
	}
}

// anchor is a place in a drawing where an object is.
type anchor struct {
	el        *etree.Element
	name, key string
}

// anchorsOf lists the objects of a drawing. They are known by their names,
// those that share one by their numbers as well, which some programs give out
// anew.
func anchorsOf(root *etree.Element) []anchor {
	var list []anchor
	count := map[string]int{}
	ids := map[*etree.Element]string{}
	for _, e := range root.ChildElements() {
		a := anchor{el: e, name: "object"}
		if p := e.FindElement(".//cNvPr"); p != nil {
			a.name = p.SelectAttrValue("name", "")
			ids[e] = p.SelectAttrValue("id", "")
		}
		count[a.name]++
		list = append(list, a)
	}
	for i := range list {
		a := &list[i]
		a.key = a.name
		if count[a.name] > 1 || a.name == "" {
			a.key = ids[a.el] + " " + a.name
		}
	}
	return list
}
