package docx

import (
	"slices"

	"github.com/beevik/etree"
)

// many are the children of which an element with an order may have several.
var many = words("gridCol style tblStylePr numPicBullet abstractNum num lvlOverride lvl headerReference footerReference footnote endnote" +
	" activeWritingStyle attachedSchema smartTagType")

// closedOrders are the elements of which the order names all children of the main
// namespace.
var closedOrders = words("pPr rPr numPr pBdr tblPr tblPrEx tblGrid trPr tcPr tblBorders tcBorders tblCellMar tcMar sectPr footnotePr endnotePr" +
	" styles style tblStylePr numbering abstractNum num lvlOverride lvl settings document")

// ordered checks the children of an element against the order that the schema
// has for them.
func (v *verifier) ordered(part string, e *etree.Element) {
	order := orderOf(e.Tag)
	if order == nil {
		return
	}
	last, seen := -1, map[string]*etree.Element{}
	for i, c := range e.ChildElements() {
		rank := rankIn(order, c, e)
		if rank < 0 {
			if closedOrders[e.Tag] && c.NamespaceURI() == mainNS {
				v.add(part, "element", "%s in %s, where the schema has none", c.Tag, e.Tag)
			}
			continue
		}
		// LibreOffice puts the section ahead of a paragraph's style.
		if rank = loose(e.Tag, rank); e.Tag != "pPr" || c.Tag != "sectPr" {
			if rank < last {
				v.add(part, "element-order", "%s in %s stands too late", c.Tag, e.Tag)
			}
			last = max(last, rank)
		}
		if c.Tag == "AlternateContent" {
			continue
		}
		// LibreOffice writes <w:b/><w:b/>, which says the same twice.
		if was := seen[c.Tag]; was != nil && !many[c.Tag] && (e.Tag != "rPr" || !slices.Equal(was.Attr, c.Attr)) {
			v.add(part, "element-twice", "%s in %s is there twice", c.Tag, e.Tag)
		}
		seen[c.Tag] = c
		if i > 0 && (e.Tag == "p" || e.Tag == "r" || e.Tag == "tc") {
			v.add(part, "properties-first", "%s in %s does not come first", c.Tag, e.Tag)
		}
	}
}

// unordered are the first and last of the children among which the schema has
// no order, or programs keep none.
var unordered = map[string][][2]string{
	"rPr":    {{"ins", "moveTo"}, {"rStyle", "oMath"}},
	"trPr":   {{"cnfStyle", "hidden"}},
	"sectPr": {{"headerReference", "footerReference"}},
	"tcPr":   {{"cellIns", "cellMerge"}},
	"lvl":    {{"numFmt", "pStyle"}},
}

// loose joins the ranks of those.
func loose(tag string, rank int) int {
	order := orderOf(tag)
	for _, pair := range unordered[tag] {
		from := slices.Index(order, pair[0])
		if rank >= from && rank <= slices.Index(order, pair[1]) {
			return from
		}
	}
	return rank
}

// orderedBelow checks an element and all below it, in parts that have no
// stories.
func (v *verifier) orderedBelow(part string, e *etree.Element) {
	if e.NamespaceURI() == mainNS {
		v.ordered(part, e)
	}
	for _, c := range e.ChildElements() {
		v.orderedBelow(part, c)
	}
}
