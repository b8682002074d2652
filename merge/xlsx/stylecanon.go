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
	if name == "formatCode" {
		return codeKey(value), true
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
	case "scheme", "family":
		return true // they say how to find another font where this one is missing
	case "charset":
		return e.SelectAttrValue("val", "") == "1" // the default
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

// plainColours writes in one way what programs write in several: the colours
// of text and paper, where the theme has the usual ones.
var plainColours = strings.NewReplacer(` theme="1">`, ` rgb="FF000000">`, ` theme="0">`, ` rgb="FFFFFFFF">`,
	` indexed="64">`, ` rgb="FF000000">`, ` auto="1">`, ` rgb="FF000000">`)

func (s *styles) canon(e *etree.Element) string {
	text := formatCanon.String(e)
	if s.plain {
		text = plainColours.Replace(text)
	}
	return text
}

// fillCanon knows that of a solid fill only the one colour shows.
func (s *styles) fillCanon(e *etree.Element) string {
	p := child(e, "patternFill")
	if p == nil {
		return s.canon(e)
	}
	switch p.SelectAttrValue("patternType", "none") {
	case "none":
		return "none"
	case "solid":
		if fg := child(p, "fgColor"); fg != nil {
			return "solid " + s.canon(fg)
		}
		return "solid"
	}
	return s.canon(e)
}

// plainTheme tells whether a theme has black text on white paper, as all have
// that nobody made by hand.
func plainTheme(pkg *ooxml.Package, part string) bool {
	if part == "" {
		return true
	}
	doc, err := pkg.XML(part)
	if err != nil {
		return false
	}
	is := func(name, system, rgb string) bool {
		e := doc.FindElement("./theme/themeElements/clrScheme/" + name)
		if e == nil || len(e.ChildElements()) != 1 {
			return false
		}
		c := e.ChildElements()[0]
		v := c.SelectAttrValue("val", "")
		return len(c.ChildElements()) == 0 && (c.Tag == "sysClr" && v == system || c.Tag == "srgbClr" && v == rgb)
	}
	return is("dk1", "windowText", "000000") && is("lt1", "window", "FFFFFF")
}

// codeKey is equal for number formats that are written differently only in
// what stands for itself: a\-b, a"-"b and a-b.
func codeKey(code string) string {
	const plain = "$-+()!^&'~{}<> =" // characters that need no quotes
	var b strings.Builder
	for i := 0; i < len(code); i++ {
		switch c := code[i]; {
		case c == '[':
			n := strings.IndexByte(code[i:], ']')
			if n < 0 {
				return code
			}
			inside := code[i : i+n+1]
			if !strings.HasPrefix(inside, "[$") {
				inside = strings.ToUpper(inside)
			}
			b.WriteString(inside)
			i += n
		case c == '"':
			n := strings.IndexByte(code[i+1:], '"')
			if n < 0 {
				return code
			}
			for _, r := range code[i+1 : i+1+n] {
				b.WriteString("\x00" + string(r))
			}
			i += n + 1
		case c == '\\' && i+1 < len(code):
			i++
			b.WriteString("\x00" + code[i:i+1])
		case (c == '_' || c == '*') && i+1 < len(code): // a gap, or what fills it
			b.WriteString(code[i : i+2])
			i++
		case strings.IndexByte(plain, c) >= 0:
			b.WriteString("\x00" + code[i:i+1])
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}
