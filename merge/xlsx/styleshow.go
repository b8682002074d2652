package xlsx

import (
	"strings"

	"github.com/beevik/etree"
)

// show describes a cell format in few words.
func (s *styles) show(i int) string {
	if i < 0 || i >= len(s.xfs.items) {
		return "default"
	}
	e := s.xfs.items[i]
	var list []string
	if id, _ := parseIndex(e.SelectAttrValue("numFmtId", "0")); id > 0 {
		list = append(list, s.code(id))
	}
	if n, ok := parseIndex(e.SelectAttrValue("fontId", "0")); ok && n < len(s.fonts.items) {
		f := s.fonts.items[n]
		for _, p := range []struct{ tag, word string }{{"b", "bold"}, {"i", "italic"}, {"u", "underlined"}, {"strike", "struck out"}} {
			if c := child(f, p.tag); c != nil && !dropFormat(c, mainNS) {
				list = append(list, p.word)
			}
		}
		name, size := "", ""
		if c := child(f, "name"); c != nil {
			name = c.SelectAttrValue("val", "")
		}
		if c := child(f, "sz"); c != nil {
			size = " " + c.SelectAttrValue("val", "")
		}
		list = append(list, name+size)
		if c := child(f, "color"); c != nil {
			list = append(list, "colour "+colourText(c))
		}
	}
	if n, ok := parseIndex(e.SelectAttrValue("fillId", "0")); ok && n < len(s.fills.items) {
		if p := child(s.fills.items[n], "patternFill"); p != nil {
			if fg := child(p, "fgColor"); fg != nil {
				list = append(list, "filled "+colourText(fg))
			}
		}
	}
	if n, ok := parseIndex(e.SelectAttrValue("borderId", "0")); ok && n < len(s.borders.items) && s.borders.canon[n] != s.borders.canon[0] {
		list = append(list, "borders")
	}
	if a := child(e, "alignment"); a != nil && hasContent(a) {
		list = append(list, "aligned")
	}
	if p := child(e, "protection"); p != nil && hasContent(p) {
		list = append(list, "unprotected")
	}
	if base := s.base(e); base != "" && base != "Normal" {
		for _, n := range s.named {
			if n.key == base {
				list = append(list, "style "+n.name)
				break
			}
		}
	}
	return strings.Join(list, ", ")
}

func colourText(e *etree.Element) string {
	for _, a := range []string{"rgb", "theme", "indexed"} {
		if v := e.SelectAttrValue(a, ""); v != "" {
			if a == "rgb" {
				return v
			}
			return a + " " + v
		}
	}
	return "automatic"
}

// showKey describes the format that a key stands for.
func (s *styles) showKey(key string) string {
	i, ok := s.byKey[key]
	if !ok {
		return "default"
	}
	return s.show(i)
}
