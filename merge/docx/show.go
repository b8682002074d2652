package docx

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/beevik/etree"

	"github.com/esync/esync/merge/ooxml"
)

// maxTold is how much of a text is looked at to show it.
const maxTold = 4000

// describe is a node as a person reads it, beside another version of it: what
// is not seen in the text alone is told where it differs.
func describe(n, other *node) string {
	text := ""
	switch n.kind {
	case paraNode:
		p := n.paragraph()
		text = p.text()
		if other != nil && other.kind == paraNode && other.sum != n.sum {
			if was := other.paragraph(); was.text() == text {
				text = strings.TrimSpace(text + " " + looksOf(p, was))
			}
		}
	case tableNode:
		text = "table of " + shape(n)
	case rowNode:
		var list []string
		for _, k := range n.kids {
			list = append(list, plain(k))
		}
		text = strings.Join(list, " | ")
	case unitNode:
		text = "computed by the program"
	default:
		text = plain(n)
		if text == "" {
			text = string(n.kind)
		}
	}
	if len(text) > maxTold {
		text = text[:maxTold]
	}
	return strings.ToValidUTF8(text, "")
}

func describeAll(list []*node) string {
	var texts []string
	for _, n := range list {
		texts = append(texts, describe(n, nil))
	}
	return strings.Join(texts, "\n")
}

// plain is the text of all paragraphs in a node.
func plain(n *node) string {
	var list []string
	n.leaves(func(l *node) {
		if l.kind == paraNode {
			if t := l.paragraph().text(); t != "" {
				list = append(list, t)
			}
		}
	})
	return strings.Join(list, " ")
}

// looksOf tells the format that a paragraph has and another has not.
func looksOf(p, other *paragraph) string {
	_, keys, _ := mergeProps(values(other.props), values(other.props), values(p.props))
	told := showProps(p.props, keys)
	have := map[string]bool{}
	for _, a := range other.atoms {
		have[a.key+"\x00"+a.looks] = true
		have[a.key+"\x00"+a.links] = true
	}
	format, around := "", ""
	for _, a := range p.atoms {
		if strings.TrimSpace(a.text) == "" {
			continue
		}
		if format == "" && a.isText() && !have[a.key+"\x00"+a.looks] {
			format = showProps(a.format, nil)
		}
		if around == "" && !have[a.key+"\x00"+a.links] {
			around = a.shown
		}
	}
	told = strings.Join(slices.DeleteFunc([]string{told, format, around}, func(s string) bool { return s == "" }), ", ")
	if told == "" {
		return ""
	}
	return "[" + told + "]"
}

// propNames are the properties that people know, as they know them.
var propNames = map[string]string{
	"b": "bold", "i": "italic", "u": "underlined", "strike": "struck through", "color": "colour", "sz": "size", "highlight": "highlighted", "rStyle": "style",
	"pStyle": "style", "jc": "aligned", "numPr": "list", "ind": "indented", "spacing": "spacing", "pgSz": "page size", "pgMar": "margins", "tblGrid": "columns",
	"tcW": "width", "shd": "shading", "vMerge": "merged", "gridSpan": "merged", "tblStyle": "style", "rFonts": "font",
}

// showProps names properties, all for no keys.
func showProps(list []prop, keys []string) string {
	var told []string
	for _, p := range list {
		if keys != nil {
			found := false
			for _, k := range keys {
				found = found || k == p.key
			}
			if !found {
				continue
			}
		}
		key := p.key[strings.LastIndexByte(p.key, '/')+1:]
		if strings.HasSuffix(key, "Cs") || key == "there" || p.el == nil {
			continue
		}
		name, known := propNames[key]
		if !known {
			name = key
		}
		if v := val(p.el); v != "" {
			if truth(v) {
				v = ""
			}
			name = strings.TrimSpace(fmt.Sprintf("%s %s", name, v))
		} else if p.el.Space == "w" && len(p.el.Attr) < 10 {
			for _, a := range p.el.Attr {
				if a.Space == "w" {
					name += " " + a.Key + " " + a.Value
				}
			}
		}
		told = append(told, name)
	}
	return strings.Join(told, ", ")
}

// showThing is what a person sees of a thing.
func (w *paraReader) showThing(e *etree.Element) string {
	switch {
	case is(e, "tab"):
		return "\t"
	case is(e, "br", "cr"):
		return "\n"
	case is(e, "noBreakHyphen"):
		return "-"
	case is(e, "drawing", "pict", "object"), e.Tag == "AlternateContent":
		return w.showPicture(e)
	case is(e, "footnoteReference", "endnoteReference"):
		kind := strings.TrimSuffix(e.Tag, "Reference")
		return fmt.Sprintf("[%s: %s]", kind, w.notes[kind].show(att(e, "id")))
	}
	return shortText(e)
}

// showPicture is a picture by its part, or the text in a box.
func (w *paraReader) showPicture(e *etree.Element) string {
	if text := plainText(e); text != "" {
		return "[box: " + text + "]"
	}
	found := ""
	each(e, func(c *etree.Element) bool {
		for _, a := range c.Attr {
			if a.Space == "" || a.Space == "xmlns" || found != "" || ooxml.URIOf(c, a.Space) != ooxml.RelNS {
				continue
			}
			rels, err := w.pkg.Rels(w.part)
			if err != nil {
				continue
			}
			if rel, ok := rels.ByID(a.Value); ok && rel.Part != "" {
				if data, err := w.pkg.Bytes(rel.Part); err == nil {
					found = fmt.Sprintf(" %s, %d bytes", path.Base(rel.Part), len(data))
				}
			}
		}
		return found == ""
	})
	return "[picture" + found + "]"
}

// showWrapper is what a person is told of what is around a word.
func (w *paraReader) showWrapper(e *etree.Element) string {
	switch {
	case is(e, "hyperlink"):
		to := att(e, "anchor")
		if rels, err := w.pkg.Rels(w.part); err == nil {
			if rel, ok := rels.ByID(relID(e)); ok {
				to = rel.Target
			}
		}
		return "link to " + to
	case is(e, "ins", "moveTo"):
		return "put in by " + att(e, "author")
	case is(e, "del", "moveFrom"):
		return "taken out by " + att(e, "author")
	}
	return e.Tag
}

func shortText(e *etree.Element) string {
	if e.Space == "m" {
		return "[formula]"
	}
	return plainText(e)
}
