package docx

import (
	"cmp"
	"slices"
	"strings"

	"github.com/beevik/etree"

	"github.com/esync/esync/merge/ooxml"
)

// Content types of a main part that is a document.
const (
	typeDocx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
	typeDocm = "application/vnd.ms-word.document.macroEnabled.main+xml"
)

// Verify tells what a program might refuse or repair in a document: nil when
// nothing was found. It checks what holds for every package, then the rules of
// documents: elements where the schema has none, things that lead nowhere, are
// there twice, or lack their other half.
func Verify(doc []byte) error {
	pkg, err := ooxml.Open(doc)
	if err != nil {
		return err
	}
	return verifyPackage(pkg, nil).Err()
}

// lenientRules are the rules that programs break now and then and others pass
// over. A document that breaks them may be merged, and the result may break
// them where a side did. What breaks any other rule is not understood well enough
// to be merged.
var lenientRules = map[string]bool{
	"element-order": true, "element-twice": true, "element": true, "properties-first": true, "namespace-new": true,
	"grid": true, "merged-cell": true, "part-unused": true, "rel-type": true,
	"bookmark-pair": true, "bookmark-name": true, "bookmark-id": true, "link-anchor": true, "field-reference": true,
	"comment-pair": true, "comment-unused": true, "comment-extended": true, "note-unused": true, "note-twice": true, "note-separator": true,
	"move-pair": true, "perm-pair": true, "range-pair": true, "change": true, "deleted-text": true,
	"style-missing": true, "style-link": true, "style-type": true, "style-name": true, "style-default": true,
	"num-missing": true, "num-style": true, "num-level": true,
	"drawing-id": true, "para-id": true, "para-id-twice": true, "control-id": true,
}

// verifyPackage gives all that is found in a package that should be a
// document. Every problem has a rule, by which one that an input had already
// can be told from a new one. trees are the parts that are parsed already.
func verifyPackage(pkg *ooxml.Package, trees map[string]*etree.Document) ooxml.Problems {
	l := problemsOf(pkg, trees)
	slices.SortStableFunc(l, func(a, b ooxml.Problem) int {
		return cmp.Or(cmp.Compare(a.Part, b.Part), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Text, b.Text))
	})
	return l
}

func problemsOf(pkg *ooxml.Package, trees map[string]*etree.Document) ooxml.Problems {
	v := &verifier{
		pkg: pkg, trees: trees, l: pkg.Verify(), styles: map[string]string{}, nums: map[string]bool{}, bookmarks: map[string]bool{},
		comments: entries{word: "comment", uses: map[string]int{}}, notes: map[string]*entries{},
	}
	root, err := pkg.Rels("")
	if err != nil {
		return v.l // told already
	}
	if main := root.ByKind("officeDocument"); len(main) == 1 {
		v.main = main[0].Part
	}
	if v.main == "" {
		return v.l // told already
	}
	if t := pkg.Type(v.main); t != typeDocx && t != typeDocm {
		v.add(v.main, "main-type", "the main part is of type %q", t)
		return v.l
	}
	if v.rels, err = pkg.Rels(v.main); err != nil {
		return v.l
	}
	for _, name := range pkg.Names() {
		if pkg.IsXML(name) {
			v.namespaces(name)
		}
	}
	doc := v.tree(v.main, "document")
	if doc == nil {
		return v.l
	}
	v.parts()
	v.readStyles()
	v.readNumbering()
	v.readComments()
	v.readNotes("footnote")
	v.readNotes("endnote")
	v.document(doc)
	for _, rel := range v.rels.List {
		if kind := rel.Kind(); (kind == "header" || kind == "footer") && rel.Part != "" {
			if e := v.tree(rel.Part, map[string]string{"header": "hdr", "footer": "ftr"}[kind]); e != nil {
				v.story(rel.Part, e)
			}
		}
	}
	v.comments.used(v)
	for _, word := range []string{"footnote", "endnote"} {
		if n := v.notes[word]; n != nil {
			n.used(v)
		}
	}
	v.settings()
	v.anchored()
	return v.l
}

// verifier gathers what the parts of a document say of each other.
type verifier struct {
	pkg       *ooxml.Package
	trees     map[string]*etree.Document
	l         ooxml.Problems
	main      string
	rels      *ooxml.Rels
	styles    map[string]string // type by ID
	styleNums []*etree.Element  // where styles name lists
	nums      map[string]bool   // by numId
	bookmarks map[string]bool   // names, lower case
	anchors   []anchor
	comments  entries
	notes     map[string]*entries // by "footnote" and "endnote"
}

func (v *verifier) add(part, rule, format string, args ...any) { v.l.Add(part, rule, format, args...) }

func (v *verifier) parse(part string) (*etree.Document, error) {
	if doc := v.trees[part]; doc != nil {
		return doc, nil
	}
	return v.pkg.XML(part)
}

// tree is the root of a part, nil when it is not the element that it should
// be or cannot be read.
func (v *verifier) tree(part, tag string) *etree.Element {
	doc, err := v.parse(part)
	if err != nil {
		return nil // told already
	}
	root := doc.Root()
	if root.Tag != tag || root.NamespaceURI() != mainNS {
		v.add(part, "root", "is no %s of a transitional document", tag)
		return nil
	}
	return root
}

// partOf is the part that the main part has of a kind, "" for none.
func (v *verifier) partOf(kind string) string {
	for _, rel := range v.rels.ByKind(kind) {
		if rel.Part != "" {
			return rel.Part
		}
	}
	return ""
}

// document checks what is in the main part.
func (v *verifier) document(doc *etree.Element) {
	bodies := childrenOf(doc, "body")
	if len(bodies) != 1 {
		v.add(v.main, "body", "the document has %d bodies", len(bodies))
		return
	}
	list := bodies[0].ChildElements()
	for i, e := range list {
		if isWord(e, "sectPr") && i < len(list)-1 {
			v.add(v.main, "section-last", "the properties of the last section are not last")
		}
	}
	v.story(v.main, doc)
}

// partTypes are the ends of the content types that the main part's
// relationships of a kind lead to.
var partTypes = map[string]string{
	"styles": "styles+xml", "numbering": "numbering+xml", "settings": "settings+xml", "fontTable": "fontTable+xml",
	"comments": "comments+xml", "commentsExtended": "commentsExtended+xml", "footnotes": "footnotes+xml", "endnotes": "endnotes+xml",
	"header": "header+xml", "footer": "footer+xml", "theme": "theme+xml", "vbaProject": "vbaProject",
}

// single are the kinds of parts of which a document has at most one.
var single = []string{
	"styles", "numbering", "settings", "fontTable", "comments", "commentsExtended", "commentsIds", "commentsExtensible", "footnotes",
	"endnotes", "theme", "vbaProject", "webSettings", "people", "glossaryDocument",
}

// parts checks what the main part leads to, and that everything is led to.
func (v *verifier) parts() {
	for _, kind := range single {
		if n := len(v.rels.ByKind(kind)); n > 1 {
			v.add(v.main, "part-twice", "the document has %d parts of kind %s", n, kind)
		}
	}
	for _, rel := range v.rels.List {
		if end, ok := partTypes[rel.Kind()]; ok && rel.Part != "" && !strings.HasSuffix(v.pkg.Type(rel.Part), end) {
			v.add(rel.Part, "rel-type", "%s is of type %q", rel.Kind(), v.pkg.Type(rel.Part))
		}
	}
	if v.partOf("vbaProject") != "" && v.pkg.Type(v.main) != typeDocm {
		v.add(v.main, "macros", "macros in a document of a kind that has none")
	}
	reached := map[string]bool{}
	var reach func(string)
	reach = func(source string) {
		rels, err := v.pkg.Rels(source)
		if err != nil {
			return // told already
		}
		for _, rel := range rels.List {
			if rel.Part != "" && !reached[rel.Part] {
				reached[rel.Part] = true
				reach(rel.Part)
			}
		}
	}
	reach("")
	for _, name := range v.pkg.Names() {
		if !reached[name] && !strings.HasSuffix(name, ".rels") && !strings.HasPrefix(name, "[") {
			v.add(name, "part-unused", "no relationship leads to it")
		}
	}
}

// isWord tells whether an element is that of the main namespace.
func isWord(e *etree.Element, tag string) bool { return e.Tag == tag && e.NamespaceURI() == mainNS }

// childrenOf lists the children that have a name of the main namespace; none
// of nil.
func childrenOf(e *etree.Element, tag string) []*etree.Element {
	if e == nil {
		return nil
	}
	var list []*etree.Element
	for _, c := range e.ChildElements() {
		if isWord(c, tag) {
			list = append(list, c)
		}
	}
	return list
}

// childOf is the first of childrenOf, or nil.
func childOf(e *etree.Element, tag string) *etree.Element {
	if e != nil {
		for _, c := range e.ChildElements() {
			if isWord(c, tag) {
				return c
			}
		}
	}
	return nil
}

// attrOf is the value of an attribute of an element's own namespace, "" when
// it is not there.
func attrOf(e *etree.Element, key string) string {
	if e == nil {
		return ""
	}
	for _, a := range e.Attr {
		if a.Key == key && a.Space == e.Space {
			return a.Value
		}
	}
	return ""
}

// valOf is the val of a child, "" when there is none.
func valOf(e *etree.Element, tag string) string { return attrOf(childOf(e, tag), "val") }
