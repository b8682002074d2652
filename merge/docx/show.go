package docx

import (
	"fmt"
	"strings"
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
	}
	for _, a := range p.atoms {
		if a.isText() && !have[a.key+"\x00"+a.looks] && strings.TrimSpace(a.text) != "" {
			if s := showProps(a.format, nil); s != "" {
				told = strings.TrimSpace(told + " " + s)
			}
			break
		}
	}
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
		}
		told = append(told, name)
	}
	return strings.Join(told, ", ")
}
