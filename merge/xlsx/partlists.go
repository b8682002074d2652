package xlsx

import (
	"fmt"
	"sort"
	"strings"

	"github.com/beevik/etree"

	"github.com/esync/esync/merge/ooxml"
)

// listParts are the parts of a workbook that are lists, by the kind of their
// relationship: each of their elements is compared for itself.
var listParts = map[string]struct {
	block, label string
	key          func(*etree.Element) string
}{
	"person":            {"people", "people", func(e *etree.Element) string { return e.SelectAttrValue("id", "") }},
	"custom-properties": {"properties", "document properties", func(e *etree.Element) string { return e.SelectAttrValue("name", "") }},
	"core-properties":   {"core", "document properties", coreKey},
}

// coreKey is what a property of every document is known by; "" for those that
// programs write by themselves, and for one that is empty.
func coreKey(e *etree.Element) string {
	switch e.Tag {
	case "title", "subject", "creator", "description", "keywords", "category", "contentStatus", "identifier":
		if strings.TrimSpace(e.Text()) != "" {
			return e.Tag
		}
	}
	return ""
}

// threadKey is what a comment in a discussion is known by.
func threadKey(e *etree.Element) string {
	return e.SelectAttrValue("ref", "") + " " + e.SelectAttrValue("id", "")
}

// partItems reads a part that is a list.
func (b *book) partItems(l blocks, key, name, part string, keyOf func(*etree.Element) string) error {
	if part == "" {
		return nil
	}
	doc, err := b.pkg.XML(part)
	if err != nil {
		return err
	}
	canon := &ooxml.Canon{Attr: func(_ *etree.Element, uri, name, value string) (string, bool) {
		return value, name != "pid" && !noisySpace(uri)
	}}
	one := l[key]
	if one == nil {
		one = &block{key: key, label: name, items: []item{}}
	}
	for _, e := range doc.Root().ChildElements() {
		k := keyOf(e)
		if strings.Trim(k, " ") == "" {
			continue
		}
		shown := k
		if key == "threads" {
			shown, _, _ = strings.Cut(k, " ")
		}
		one.items = append(one.items, item{key: k, label: shown, value: canon.String(e), show: e.Text() + innerText(e), el: e})
	}
	sort.SliceStable(one.items, func(i, j int) bool { return one.items[i].key < one.items[j].key })
	one.value = ""
	l.add(one)
	return nil
}

func innerText(e *etree.Element) string {
	text := ""
	for _, c := range e.ChildElements() {
		text += c.Text()
	}
	return text
}

// putChildren writes a part that is a list: what is not among the picks goes,
// and what comes from the other side stands at the end.
func (w *writer) putChildren(source, fromSource, kind string, keyOf func(*etree.Element) string, picks []pick) error {
	ours, err := w.b.pkg.Rels(source)
	if err != nil {
		return err
	}
	mine := ours.ByKind(kind)
	if len(mine) == 0 || len(picks) == 0 {
		return w.takeRels(source, fromSource, kind)
	}
	theirs, err := w.o.pkg.Rels(fromSource)
	if err != nil {
		return err
	}
	from := theirs.ByKind(kind)
	if len(mine) != 1 || len(from) != 1 || mine[0].Part == "" || from[0].Part == "" {
		return fmt.Errorf("parts of kind %q cannot be put together", kind)
	}
	doc, err := w.b.pkg.XML(mine[0].Part)
	if err != nil {
		return err
	}
	root := doc.Root()
	keep := map[string]bool{}
	for _, p := range picks {
		if !p.other {
			keep[p.key] = true
		}
	}
	next := 2
	for _, e := range root.ChildElements() {
		if n, ok := parseIndex(e.SelectAttrValue("pid", "")); ok {
			next = max(next, n+1)
		}
		if k := keyOf(e); k != "" && !keep[k] {
			root.RemoveChild(e)
		}
	}
	for _, p := range picks {
		if !p.other {
			continue
		}
		e, err := adoptElement(p.el, root)
		if err != nil {
			return err
		}
		if kind == "core-properties" {
			if empty := root.SelectElement(e.Tag); empty != nil {
				root.RemoveChild(empty)
			}
		}
		if e.SelectAttr("pid") != nil {
			e.CreateAttr("pid", itoa(next))
			next++
		}
		root.AddChild(e)
	}
	w.b.pkg.Set(mine[0].Part, ooxml.Encode(doc), "")
	return nil
}
