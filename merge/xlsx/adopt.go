package xlsx

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/beevik/etree"

	"github.com/esync/esync/merge/ooxml"
)

// adoptElement copies an element for another document, with the namespaces
// that it needs declared on it where they differ there. What programs note for
// themselves stays behind.
func adoptElement(from *etree.Element, root *etree.Element) (*etree.Element, error) {
	e := from.Copy()
	need := map[string]bool{}
	prefixes(e, need, map[string]bool{})
	for _, prefix := range slices.Sorted(maps.Keys(need)) {
		uri := uriOf(from, prefix)
		if uri == "" && prefix != "" {
			if prefix == "xml" {
				continue
			}
			return nil, fmt.Errorf("prefix %q means nothing", prefix)
		}
		if uriOf(root, prefix) == uri {
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
// takes the attributes away that say nothing.
func prefixes(e *etree.Element, need, declared map[string]bool) {
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
		switch a.Space {
		case "xr", "xr2", "xr3", "xr6", "xr10", "x14ac", "x15ac":
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
		prefixes(c, need, inner)
	}
}

// uriOf is what a prefix means at an element.
func uriOf(e *etree.Element, prefix string) string {
	for ; e != nil; e = e.Parent() {
		for _, a := range e.Attr {
			if prefix == "" && a.Space == "" && a.Key == "xmlns" || prefix != "" && a.Space == "xmlns" && a.Key == prefix {
				return a.Value
			}
		}
	}
	return ""
}

// element copies an element of a part of the other side into a part of the
// result: what it leads to comes along, and the numbers in it become those of
// the result.
func (w *writer) element(from *etree.Element, fromPart string, root *etree.Element, toPart string) (*etree.Element, error) {
	e, err := adoptElement(from, root)
	if err != nil {
		return nil, err
	}
	holder := etree.NewElement("holder")
	for _, a := range declarations(root) {
		holder.CreateAttr(a.FullKey(), a.Value)
	}
	holder.AddChild(e)
	err = w.renumber(e, func(id string) (string, error) { return w.rel(fromPart, id, toPart) })
	holder.RemoveChild(e)
	return e, err
}

// declarations are the namespaces that are declared at an element.
func declarations(e *etree.Element) []etree.Attr {
	var list []etree.Attr
	seen := map[string]bool{}
	for ; e != nil; e = e.Parent() {
		for _, a := range e.Attr {
			if (a.Space == "xmlns" || a.Space == "" && a.Key == "xmlns") && !seen[a.FullKey()] {
				seen[a.FullKey()] = true
				list = append(list, a)
			}
		}
	}
	return list
}

// renumber replaces the relationships, differential formats and workbooks that
// an element names. A nil rel keeps relationships.
func (w *writer) renumber(e *etree.Element, rel func(string) (string, error)) error {
	for i := range e.Attr {
		a := &e.Attr[i]
		var err error
		switch {
		case a.Value == "":
		case rel != nil && a.Space != "" && a.Space != "xmlns" && a.NamespaceURI() == ooxml.RelNS:
			a.Value, err = rel(a.Value)
		case a.Space == "" && strings.HasSuffix(strings.ToLower(a.Key), "dxfid"):
			a.Value, err = w.dxf(a.Value)
		}
		if err != nil {
			return err
		}
	}
	var failed error
	if len(e.ChildElements()) == 0 {
		mapElement(e, nil, func(_ *sheet, formula string) string {
			text, err := w.formula(formula)
			if err != nil {
				failed = err
			}
			return text
		})
	}
	for _, c := range e.ChildElements() {
		if err := w.renumber(c, rel); err != nil {
			return err
		}
	}
	return failed
}

// formula gives a formula of the other side the result's numbers of other
// workbooks.
func (w *writer) formula(text string) (string, error) {
	if strings.IndexByte(text, '[') < 0 {
		return text, nil
	}
	var failed error
	out := rewrite(text, func(t *token) string {
		if t.book == "" {
			return t.text
		}
		n, ok := parseIndex(t.book)
		if !ok || n < 1 || n > len(w.o.links) {
			return t.text
		}
		for i, target := range w.b.links {
			if target == w.o.links[n-1] {
				return prefixText(itoa(i+1), t.sheets) + t.body
			}
		}
		if err := w.addLink(w.o.links[n-1]); err != nil {
			failed = err
		}
		return prefixText(itoa(len(w.b.links)), t.sheets) + t.body
	})
	return out, failed
}

// addLink adds a workbook that formulas read.
func (w *writer) addLink(target string) error {
	for _, have := range w.b.links {
		if have == target {
			return nil
		}
	}
	for i, t := range w.o.links {
		if t != target {
			continue
		}
		part, err := w.graft(w.o.linkPart(i))
		if err != nil {
			return err
		}
		list := child(w.b.root, "externalReferences")
		if list == nil {
			list = etree.NewElement(tagIn(w.b.root, "externalReferences"))
			insertOrdered(w.b.root, list)
		}
		e := list.CreateElement(tagIn(w.b.root, "externalReference"))
		e.CreateAttr(w.relAttr(w.b.root), w.b.rels.Add(ooxml.RelNS+"/externalLink", part))
		w.b.links = append(w.b.links, target)
		w.b.dirty = true
		return nil
	}
	return fmt.Errorf("a link to %q is missing", target)
}

// relAttr is how a document writes r:id; the prefix is declared when it is not.
func (w *writer) relAttr(root *etree.Element) string {
	for _, a := range root.Attr {
		if a.Space == "xmlns" && a.Value == ooxml.RelNS {
			return a.Key + ":id"
		}
	}
	root.CreateAttr("xmlns:r", ooxml.RelNS)
	return "r:id"
}

// updateLink takes the other side's stored values of another workbook.
func (w *writer) updateLink(target string) error {
	find := func(b *book) string {
		for i, t := range b.links {
			if t == target {
				return b.linkPart(i)
			}
		}
		return ""
	}
	to, from := find(w.b), find(w.o)
	data, err := w.o.pkg.Bytes(from)
	if err != nil {
		return err
	}
	if to == "" {
		return fmt.Errorf("a link to %q is missing", target)
	}
	ours, err := w.b.pkg.Rels(to)
	if err != nil {
		return err
	}
	theirs, err := w.o.pkg.Rels(from)
	if err != nil {
		return err
	}
	if len(ours.List) != 1 || len(theirs.List) != 1 || ours.List[0] != theirs.List[0] {
		return fmt.Errorf("the link to %q was changed", target)
	}
	w.b.pkg.Set(to, data, "")
	return nil
}

// rel gives a part of the result a relationship like one of the other side's.
func (w *writer) rel(fromPart, id, toPart string) (string, error) {
	key := [3]string{fromPart, id, toPart}
	if got, ok := w.rels[key]; ok {
		return got, nil
	}
	theirs, err := w.o.pkg.Rels(fromPart)
	if err != nil {
		return "", err
	}
	rel, ok := theirs.ByID(id)
	if !ok {
		return "", fmt.Errorf("relationship %q of %q is missing", id, fromPart)
	}
	ours, err := w.b.pkg.Rels(toPart)
	if err != nil {
		return "", err
	}
	got := ""
	switch {
	case rel.External:
		got = ours.AddExternal(rel.Type, rel.Target)
	case rel.Part == "":
		return "", fmt.Errorf("relationship %q of %q leads nowhere", id, fromPart)
	default:
		part, err := w.graft(rel.Part)
		if err != nil {
			return "", err
		}
		got = ours.Add(rel.Type, part)
	}
	w.rels[key] = got
	return got, nil
}

// graft brings a part of the other side, with all that it leads to, into the
// result, under a free name.
func (w *writer) graft(part string) (string, error) {
	if name, ok := w.parts[part]; ok {
		return name, nil
	}
	data, err := w.o.pkg.Bytes(part)
	if err != nil {
		return "", err
	}
	kind := w.o.pkg.Type(part)
	if strings.Contains(kind, ".main+xml") || strings.HasSuffix(kind, "sheet+xml") || strings.Contains(kind, "pivot") || strings.Contains(kind, "slicer") {
		return "", fmt.Errorf("part %q cannot be carried over", part)
	}
	if strings.HasPrefix(kind, "image/") && w.b.pkg.Has(part) && w.b.pkg.Type(part) == kind {
		if have, err := w.b.pkg.Bytes(part); err == nil && bytes.Equal(have, data) {
			w.parts[part] = part
			return part, nil
		}
	}
	name := part
	if _, taken := w.b.pkg.Find(name); taken {
		name = w.b.pkg.FreeName(part)
	}
	w.parts[part] = name
	if w.o.pkg.IsXML(part) {
		if data, err = w.renumbered(part, data); err != nil {
			return "", err
		}
	}
	w.b.pkg.Set(name, data, kind)
	theirs, err := w.o.pkg.Rels(part)
	if err != nil {
		return "", err
	}
	if len(theirs.List) == 0 {
		return name, nil
	}
	ours, err := w.b.pkg.Rels(name)
	if err != nil {
		return "", err
	}
	for _, rel := range theirs.List {
		if rel.Part != "" {
			if rel.Part, err = w.graft(rel.Part); err != nil {
				return "", err
			}
		}
		ours.Insert(rel)
	}
	return name, nil
}

// renumbered is a part of the other side with the numbers of the result. One
// without such numbers keeps its bytes.
func (w *writer) renumbered(part string, data []byte) ([]byte, error) {
	table := strings.HasSuffix(w.o.pkg.Type(part), "spreadsheetml.table+xml")
	links := bytes.IndexByte(data, '[') >= 0 && len(w.o.links) > 0
	if !table && !links && !bytes.Contains(bytes.ToLower(data), []byte("dxfid=")) {
		return data, nil
	}
	doc, err := ooxml.Parse(data)
	if err != nil {
		return nil, err
	}
	if err := w.renumber(doc.Root(), nil); err != nil {
		return nil, err
	}
	if table {
		id, err := w.freeTableID()
		if err != nil {
			return nil, err
		}
		doc.Root().CreateAttr("id", itoa(id))
	}
	return ooxml.Encode(doc), nil
}

// freeTableID is a number that no table of the result has.
func (w *writer) freeTableID() (int, error) {
	next := 1
	for _, name := range w.b.pkg.Names() {
		if !strings.HasSuffix(w.b.pkg.Type(name), "spreadsheetml.table+xml") {
			continue
		}
		doc, err := w.b.pkg.XML(name)
		if err != nil {
			return 0, err
		}
		if n, ok := parseIndex(doc.Root().SelectAttrValue("id", "")); ok {
			next = max(next, n+1)
		}
	}
	return next, nil
}

// reachable are the parts that can be reached from the package.
func reachable(pkg *ooxml.Package) (map[string]bool, error) {
	seen := map[string]bool{}
	todo := []string{""}
	for len(todo) > 0 {
		source := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		rels, err := pkg.Rels(source)
		if err != nil {
			return nil, err
		}
		for _, rel := range rels.List {
			if rel.Part != "" && !seen[rel.Part] {
				seen[rel.Part] = true
				todo = append(todo, rel.Part)
			}
		}
	}
	return seen, nil
}

// sweep takes the parts away to which nothing leads any more.
func (w *writer) sweep(before map[string]bool) error {
	after, err := reachable(w.b.pkg)
	if err != nil {
		return err
	}
	for _, name := range w.b.pkg.Names() {
		if before[name] && !after[name] {
			w.b.pkg.Delete(name)
		}
	}
	return nil
}
