package docx

import (
	"fmt"
	"slices"

	"github.com/beevik/etree"

	"github.com/esync/esync/merge/ooxml"
)

// document is one version, taken apart.
type document struct {
	pkg   *ooxml.Package
	trees map[string]*etree.Document // parts that were parsed, by name
	dirty map[string]bool            // trees that were changed
	canon ooxml.Canon
	deep  *ooxml.Deep

	main     string // part
	body     *etree.Element
	styles   *styles
	lists    *lists
	comments *comments
	notes    map[string]*notes // by kind: footnote, endnote
	heads    *heads

	stories   []*story
	broken    map[string]int                       // how often it breaks each of the rules that many do
	bookmarks map[*etree.Element]map[string]string // names by ID, of each part
	err       error                                // the first that came up while something was read
}

// story is a text of its own: the body, a header, a footer.
type story struct {
	name, part string
	el         *etree.Element
	node       *node
}

// maxXML bounds the parts that become trees: a merge takes some twenty times the
// memory of the three versions' parts. A document of a thousand pages has 10 MiB.
const maxXML = 16 << 20

// openAll opens the base and other versions. What is known by a number is named after the
// first of them, so that it has one name in all.
func openAll(versions ...[]byte) ([]*document, error) {
	list := make([]*document, len(versions))
	for i, data := range versions {
		d, err := open(data)
		if err != nil {
			return list, err
		}
		list[i] = d
	}
	for _, d := range list {
		d.lists.relate(list[0].lists, d == list[0])
		d.heads.relate(list[0].heads)
	}
	agree(list)
	for _, d := range list {
		if err := d.read(); err != nil {
			return list, err
		}
	}
	return list, nil
}

// open takes a document apart as far as it can be without another one.
func open(data []byte) (*document, error) {
	pkg, err := ooxml.Open(data)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnmergeable, err)
	}
	d := &document{pkg: pkg, trees: map[string]*etree.Document{}, dirty: map[string]bool{}}
	root, err := pkg.Rels("")
	if err != nil {
		return nil, unmergeable("%v", err)
	}
	if main := root.ByKind("officeDocument"); len(main) == 1 {
		d.main = main[0].Part
	}
	switch {
	case pkg.Type(d.main) != typeDocx && pkg.Type(d.main) != typeDocm:
		return nil, unmergeable("it is no document of Word")
	case len(root.ByKind("origin")) > 0:
		return nil, unmergeable("it is signed")
	}
	size := 0
	for _, name := range pkg.Names() {
		if !pkg.IsXML(name) {
			continue
		}
		part, err := pkg.Bytes(name)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrUnmergeable, err)
		}
		if size += len(part); size > maxXML {
			return nil, unmergeable("it has more than %d MiB of text", maxXML>>20)
		}
	}
	doc, err := d.root(d.main)
	if err != nil {
		return nil, err
	}
	if d.body = kid(doc, "body"); d.body == nil {
		return nil, unmergeable("it has no body")
	}
	d.canon = ooxml.Canon{Attr: d.attr, Drop: d.drop}
	d.deep = ooxml.NewDeep(pkg, d.canon, nil)
	for _, step := range []func() error{d.readStyles, d.readLists, d.readNotes, d.readHeads} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// read reads the stories.
func (d *document) read() error {
	d.stories = nil
	d.look()
	if err := d.readComments(); err != nil {
		return err
	}
	r := &reader{document: d, part: d.main}
	d.stories = append(d.stories, &story{part: d.main, el: d.body, node: r.story("", d.body)})
	for _, h := range d.heads.list {
		if h.name == "" {
			continue
		}
		root, err := d.root(h.part)
		if err != nil {
			return err
		}
		r := &reader{document: d, part: h.part}
		d.stories = append(d.stories, &story{name: h.name, part: h.part, el: root, node: r.story(h.name, root)})
	}
	if d.err != nil {
		return unmergeable("%v", d.err)
	}
	return nil
}

// story finds a story by its name; nil when it is not there.
func (d *document) story(name string) *story {
	for _, s := range d.stories {
		if s.name == name {
			return s
		}
	}
	return nil
}

// root is the root of a part's tree. Parts in the main vocabulary must write
// it with the prefix w, as all programs do.
func (d *document) root(part string) (*etree.Element, error) {
	doc, err := d.tree(part)
	if err != nil {
		return nil, err
	}
	root := doc.Root()
	if root.Space != "w" || ooxml.URIOf(root, "w") != mainNS {
		return nil, unmergeable("part %q is in another dialect", part)
	}
	return root, nil
}

func (d *document) tree(part string) (*etree.Document, error) {
	if doc, ok := d.trees[part]; ok {
		return doc, nil
	}
	doc, err := d.pkg.XML(part)
	if err != nil {
		return nil, unmergeable("%v", err)
	}
	if again := redeclared(doc.Root()); again {
		return nil, unmergeable("part %q is in another dialect", part)
	}
	d.trees[part] = doc
	return doc, nil
}

// redeclared tells whether the prefix w means something else further down.
func redeclared(e *etree.Element) bool {
	for c := range e.ChildElementsSeq() {
		if a := c.SelectAttr("xmlns:w"); a != nil && a.Value != mainNS {
			return true
		}
		if redeclared(c) {
			return true
		}
	}
	return false
}

// only is the part that the main part has of a kind; "" for none.
func (d *document) only(kind string) (string, error) {
	rels, err := d.pkg.Rels(d.main)
	if err != nil {
		return "", unmergeable("%v", err)
	}
	list := rels.ByKind(kind)
	switch {
	case len(list) == 0:
		return "", nil
	case len(list) > 1 || list[0].Part == "":
		return "", unmergeable("it has no single part for %s", kind)
	}
	return list[0].Part, nil
}

// distance counts what is other than in the base.
func (d *document) distance(base *document) int {
	n := 0
	for _, name := range d.pkg.Names() {
		if !base.pkg.Has(name) {
			n++
		}
	}
	have := map[string]int{}
	for _, s := range base.stories {
		s.node.leaves(func(l *node) { have[l.sum]++ })
	}
	for _, s := range d.stories {
		s.node.leaves(func(l *node) {
			if have[l.sum]--; have[l.sum] < 0 {
				n++
			}
		})
	}
	for key, one := range d.styles.byName {
		if other := base.styles.byName[key]; other == nil || other.canon != one.canon {
			n++
		}
	}
	return n
}

// is tells whether an element is of the main vocabulary, and of a name.
func is(e *etree.Element, tags ...string) bool {
	return e.Space == "w" && slices.Contains(tags, e.Tag)
}

// kid is the first child of a name; nil when there is none.
func kid(e *etree.Element, tag string) *etree.Element {
	if e == nil {
		return nil
	}
	for c := range e.ChildElementsSeq() {
		if is(c, tag) {
			return c
		}
	}
	return nil
}

// val is the value of an element's w:val.
func val(e *etree.Element) string { return att(e, "val") }

func att(e *etree.Element, name string) string {
	if e == nil {
		return ""
	}
	return e.SelectAttrValue("w:"+name, "")
}

// each visits an element and all below it until visit says false.
func each(e *etree.Element, visit func(*etree.Element) bool) {
	if !visit(e) {
		return
	}
	for c := range e.ChildElementsSeq() {
		each(c, visit)
	}
}
