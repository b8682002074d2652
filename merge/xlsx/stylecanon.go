package xlsx

import (
	"strings"

	"github.com/beevik/etree"

	"github.com/esync/esync/merge/ooxml"
)

// formatCanon compares the elements of formats: children have no order, and
// what says the default says nothing.
var formatCanon = &ooxml.Canon{
	Attr:   formatAttr,
	Drop:   dropFormat,
	Sorted: func(*etree.Element, string) bool { return true },
}

func formatAttr(e *etree.Element, uri, name, value string) (string, bool) {
	if uri != "" {
		return value, false // dyDescent, knownFonts and the like
	}
	switch value {
	case "true":
		value = "1"
	case "false":
		value = "0"
	}
	switch e.Tag {
	case "alignment":
		if name == "horizontal" && value == "general" || name == "vertical" && value == "bottom" || name != "horizontal" && name != "vertical" && value == "0" {
			return value, false
		}
	case "protection":
		if name == "locked" && value == "1" || name == "hidden" && value == "0" {
			return value, false
		}
	case "b", "i", "strike", "outline", "shadow", "condense", "extend":
		if name == "val" && value == "1" {
			return value, false
		}
	case "u":
		if name == "val" && value == "single" {
			return value, false
		}
	case "color", "fgColor", "bgColor":
		if name == "tint" {
			n, _ := numberKey(value)
			return n, n != "0"
		}
		if name == "rgb" {
			return strings.ToUpper(value), true
		}
	case "border":
		if (name == "diagonalUp" || name == "diagonalDown") && value == "0" || name == "outline" && value == "1" {
			return value, false
		}
	case "left", "right", "top", "bottom", "diagonal", "start", "end", "vertical", "horizontal":
		if name == "style" && value == "none" {
			return value, false
		}
	case "outlinePr":
		if name == "applyStyles" && value == "0" || name != "applyStyles" && value == "1" {
			return value, false
		}
	case "pageSetUpPr":
		if name == "autoPageBreaks" && value == "1" || name == "fitToPage" && value == "0" {
			return value, false
		}
	case "sz":
		n, _ := numberKey(value)
		return n, true
	}
	return value, true
}

func dropFormat(e *etree.Element, uri string) bool {
	switch e.Tag {
	case "left", "right", "top", "bottom", "diagonal", "start", "end", "vertical", "horizontal", "alignment", "protection":
		return !hasContent(e)
	case "b", "i", "strike", "outline", "shadow", "condense", "extend":
		v := e.SelectAttrValue("val", "1")
		return v == "0" || v == "false"
	case "u":
		return e.SelectAttrValue("val", "") == "none"
	case "vertAlign":
		return e.SelectAttrValue("val", "") == "baseline"
	case "extLst":
		return true
	}
	return false
}

// hasContent tells whether an element says something but defaults.
func hasContent(e *etree.Element) bool {
	for _, a := range e.Attr {
		if a.Space == "xmlns" || a.Key == "xmlns" {
			continue
		}
		if _, keep := formatAttr(e, a.Space, a.Key, a.Value); keep {
			return true
		}
	}
	return len(e.ChildElements()) > 0
}

func fontCanon(e *etree.Element) string   { return formatCanon.String(e) }
func borderCanon(e *etree.Element) string { return formatCanon.String(e) }
func dxfCanon(e *etree.Element) string    { return formatCanon.String(e) }

// fillCanon knows that of a solid fill only the one colour shows.
func fillCanon(e *etree.Element) string {
	p := child(e, "patternFill")
	if p == nil {
		return formatCanon.String(e)
	}
	switch p.SelectAttrValue("patternType", "none") {
	case "none":
		return "none"
	case "solid":
		if fg := child(p, "fgColor"); fg != nil {
			return "solid " + formatCanon.String(fg)
		}
		return "solid"
	}
	return formatCanon.String(e)
}
