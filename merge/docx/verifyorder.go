package docx

import "github.com/beevik/etree"

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
	last, seen := -1, map[string]bool{}
	for i, c := range e.ChildElements() {
		rank := rankIn(order, c, e)
		if rank < 0 {
			if closedOrders[e.Tag] && c.NamespaceURI() == mainNS {
				v.add(part, "element", "%s in %s, where the schema has none", c.Tag, e.Tag)
			}
			continue
		}
		if rank = loose(e.Tag, rank); rank < last {
			v.add(part, "element-order", "%s in %s stands too late", c.Tag, e.Tag)
		}
		last = max(last, rank)
		if c.Tag == "AlternateContent" {
			continue
		}
		if seen[c.Tag] && !many[c.Tag] {
			v.add(part, "element-twice", "%s in %s is there twice", c.Tag, e.Tag)
		}
		seen[c.Tag] = true
		if i > 0 && (e.Tag == "p" || e.Tag == "r" || e.Tag == "tc") {
			v.add(part, "properties-first", "%s in %s does not come first", c.Tag, e.Tag)
		}
	}
}

// loose joins the ranks among which the schema has no order.
func loose(tag string, rank int) int {
	group := func(lo, hi string) int {
		order := orderOf(tag)
		from, to := index(order, lo), index(order, hi)
		if rank >= from && rank <= to {
			return from
		}
		return rank
	}
	switch tag {
	case "rPr":
		if at := group("rStyle", "oMath"); at != rank {
			return at
		}
		return group("ins", "moveTo")
	case "trPr":
		return group("cnfStyle", "hidden")
	case "sectPr":
		return group("headerReference", "footerReference")
	case "tcPr":
		return group("cellIns", "cellMerge")
	}
	return rank
}

func index(order []string, name string) int {
	for i, n := range order {
		if n == name {
			return i
		}
	}
	return -1
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
