package docx

import (
	"strings"

	"github.com/beevik/etree"

	"github.com/esync/esync/merge/ooxml"
)

// Namespaces of what programs note for themselves.
const (
	word2010NS = "http://schemas.microsoft.com/office/word/2010/wordml"
	drawIDNS   = "http://schemas.microsoft.com/office/word/2010/wordprocessingDrawing"
)

// attr gives attributes the values that they have in canonical form: what is
// numbered anew at every save is replaced by what it stands for.
func (d *document) attr(e *etree.Element, uri, name, value string) (string, bool) {
	switch uri {
	case mainNS:
		return d.mainAttr(e, name, value)
	case word2010NS:
		return value, name != "paraId" && name != "textId"
	case drawIDNS:
		return value, name != "anchorId" && name != "editId"
	case officeNS:
		return value, name != "spid" && name != "gfxdata"
	case "":
		switch e.Tag {
		case "docPr", "cNvPr":
			return value, name != "id" && name != "name"
		}
	}
	return value, true
}

func (d *document) mainAttr(e *etree.Element, name, value string) (string, bool) {
	if strings.HasPrefix(name, "rsid") {
		return "", false
	}
	switch e.Tag {
	case "pStyle", "rStyle", "tblStyle", "basedOn", "next", "link", "numStyleLink", "styleLink":
		if name == "val" {
			return d.styles.nameOf(value), true
		}
	case "numId":
		if name == "val" {
			return d.lists.nameOf(value), true
		}
	case "lvlPicBulletId":
		if name == "val" {
			return d.lists.pictures[value], true
		}
	case "footnoteReference", "endnoteReference":
		if name == "id" {
			return d.notes[strings.TrimSuffix(e.Tag, "Reference")].nameOf(d, value), true
		}
	case "commentReference", "commentRangeStart", "commentRangeEnd":
		if name == "id" {
			return d.comments.nameOf(value), true
		}
	case "ins", "del", "moveFrom", "moveTo", "bookmarkStart", "bookmarkEnd", "rPrChange", "pPrChange", "sectPrChange", "tblPrChange", "trPrChange",
		"tcPrChange", "tblGridChange", "numberingChange", "cellIns", "cellDel", "cellMerge", "moveFromRangeStart", "moveFromRangeEnd",
		"moveToRangeStart", "moveToRangeEnd", "permStart", "permEnd":
		if name == "id" {
			return "", false
		}
	}
	if name == "val" {
		switch {
		case is(e, "vMerge", "hMerge") && value == "continue":
			return "", false
		case is(e, "tblLook"):
			return strings.ToLower(value), true
		}
		switch value {
		case "1", "true", "on":
			return "", false
		case "false", "off":
			return "0", true
		}
	}
	return value, true
}

// drop tells which elements say nothing of the document.
func (d *document) drop(e *etree.Element, uri string) bool {
	if uri != mainNS {
		return false
	}
	switch e.Tag {
	case "proofErr", "lastRenderedPageBreak", "lang":
		return true
	case "bookmarkStart", "bookmarkEnd":
		return e.Tag == "bookmarkEnd" || att(e, "name") == "_GoBack"
	case "id":
		p := e.Parent()
		return p != nil && is(p, "sdtPr")
	case "nsid", "tmpl", "rsid":
		return true
	case "uiPriority", "semiHidden", "unhideWhenUsed", "qFormat", "locked":
		// How a program lists a style.
		p := e.Parent()
		return p != nil && is(p, "style")
	}
	return false
}

// text is the canonical form of an element of a part.
func (d *document) text(part string, e *etree.Element) string {
	s, err := d.deep.Element(part, e)
	d.fail(err)
	return s
}

// fail notes an error: a document that has one is not merged.
func (d *document) fail(err error) {
	if err != nil && d.err == nil {
		d.err = err
	}
}

// shell is the canonical form of an element without what is in it.
func (d *document) shell(part string, e *etree.Element) string {
	s, err := d.deep.Element(part, bare(e))
	d.fail(err)
	return s
}

// bare is an element without its content, in a holder that has the namespaces.
func bare(e *etree.Element) *etree.Element {
	holder := etree.NewElement("holder")
	for _, a := range ooxml.Declarations(e) {
		holder.CreateAttr(a.FullKey(), a.Value)
	}
	one := holder.CreateElement(e.FullTag())
	for _, a := range e.Attr {
		one.CreateAttr(a.FullKey(), a.Value)
	}
	return one
}
