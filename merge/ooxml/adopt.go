package ooxml

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/beevik/etree"
)

// Adopt copies an element for another document, whose element root it goes
// below, with the namespaces that it needs declared on it where they mean
// something else there. Attributes with one of the prefixes in notes, which
// programs write for themselves, stay behind.
func Adopt(from, root *etree.Element, notes ...string) (*etree.Element, error) {
	e := from.Copy()
	need := map[string]bool{}
	prefixes(e, need, map[string]bool{}, notes)
	for _, prefix := range slices.Sorted(maps.Keys(need)) {
		uri := URIOf(from, prefix)
		if uri == "" && prefix != "" {
			if prefix == "xml" {
				continue
			}
			return nil, fmt.Errorf("prefix %q means nothing", prefix)
		}
		if URIOf(root, prefix) == uri {
			continue
		}
		if prefix == "" {
			e.CreateAttr("xmlns", uri)
		} else {
			e.CreateAttr("xmlns:"+prefix, uri)
		}
	}
	return e, nil
}

// prefixes gathers the prefixes that an element uses and does not declare, and
// takes the notes away.
func prefixes(e *etree.Element, need, declared map[string]bool, notes []string) {
	inner := declared
	for _, a := range e.Attr {
		name := ""
		switch {
		case a.Space == "xmlns":
			name = a.Key
		case a.Space == "" && a.Key == "xmlns":
		default:
			continue
		}
		inner = maps.Clone(inner)
		inner[name] = true
	}
	use := func(prefix string) {
		if !inner[prefix] {
			need[prefix] = true
		}
	}
	use(e.Space)
	for i := len(e.Attr) - 1; i >= 0; i-- {
		a := e.Attr[i]
		if a.Space == "" || a.Space == "xmlns" {
			continue
		}
		if slices.Contains(notes, a.Space) {
			e.RemoveAttr(a.FullKey())
			continue
		}
		use(a.Space)
	}
	if e.Tag == "Choice" {
		for _, p := range strings.Fields(e.SelectAttrValue("Requires", "")) {
			use(p)
		}
	}
	for _, c := range e.ChildElements() {
		prefixes(c, need, inner, notes)
	}
}

// URIOf is the namespace that a prefix means at an element, "" for none.
func URIOf(e *etree.Element, prefix string) string {
	for ; e != nil; e = e.Parent() {
		for _, a := range e.Attr {
			if prefix == "" && a.Space == "" && a.Key == "xmlns" || prefix != "" && a.Space == "xmlns" && a.Key == prefix {
				return a.Value
			}
		}
	}
	return ""
}

// Declarations are the namespaces that are declared at an element.
func Declarations(e *etree.Element) []etree.Attr {
	var list []etree.Attr
	seen := map[string]bool{}
	for ; e != nil; e = e.Parent() {
		for _, a := range e.Attr {
			if declares(a) && !seen[a.FullKey()] {
				seen[a.FullKey()] = true
				list = append(list, a)
			}
		}
	}
	return list
}
