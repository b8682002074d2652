package ooxml

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"

	"github.com/beevik/etree"
)

// Canon writes what an element means: namespaces in full, attributes sorted,
// nothing of prefixes, of whitespace between elements, or of what the rules
// call noise. Equal text is equal meaning.
type Canon struct {
	// Rel gives what a relationship's ID stands for; nil keeps the ID.
	Rel func(id string) string
	// Attr may drop an attribute or give it another value; nil keeps all.
	Attr func(e *etree.Element, uri, name, value string) (string, bool)
	// Drop tells which elements are noise; nil keeps all.
	Drop func(e *etree.Element, uri string) bool
	// Sorted tells of which elements the children have no order.
	Sorted func(e *etree.Element, uri string) bool
}

// Namespaces that say how to read a part rather than what is in it.
const (
	CompatNS = "http://schemas.openxmlformats.org/markup-compatibility/2006"
	xmlNS    = "http://www.w3.org/XML/1998/namespace"
)

// scope is what the prefixes mean at an element: the attributes of the elements
// around it that declare any.
type scope struct {
	up    *scope
	attrs []etree.Attr
}

func (s *scope) find(prefix string) string {
	for ; s != nil; s = s.up {
		for i := range s.attrs {
			a := &s.attrs[i]
			if prefix == "" && a.Space == "" && a.Key == "xmlns" || prefix != "" && a.Space == "xmlns" && a.Key == prefix {
				return a.Value
			}
		}
	}
	if prefix == "xml" {
		return xmlNS
	}
	return ""
}

// enter adds what an element declares.
func (s *scope) enter(e *etree.Element) *scope {
	if slices.ContainsFunc(e.Attr, declares) {
		return &scope{s, e.Attr}
	}
	return s
}

func declares(a etree.Attr) bool { return a.Space == "xmlns" || a.Space == "" && a.Key == "xmlns" }

// scopeOf is the scope around an element.
func scopeOf(e *etree.Element) *scope {
	up := e.Parent()
	if up == nil {
		return nil
	}
	return scopeOf(up).enter(up)
}

// String is the canonical form of an element.
func (c *Canon) String(e *etree.Element) string {
	var b strings.Builder
	c.write(&b, e, scopeOf(e))
	return b.String()
}

// Children is the canonical form of what is in an element.
func (c *Canon) Children(e *etree.Element) string {
	var b strings.Builder
	c.content(&b, e, scopeOf(e).enter(e))
	return b.String()
}

func (c *Canon) write(b *strings.Builder, e *etree.Element, s *scope) {
	s = s.enter(e)
	uri := s.find(e.Space)
	if c.Drop != nil && c.Drop(e, uri) {
		return
	}
	b.WriteByte('<')
	b.WriteString(uri)
	b.WriteByte(' ')
	b.WriteString(e.Tag)
	var attrs []string
	for _, a := range e.Attr {
		if declares(a) {
			continue
		}
		uri := ""
		if a.Space != "" {
			uri = s.find(a.Space)
		}
		if uri == CompatNS && a.Key == "Ignorable" || uri == xmlNS && a.Key == "space" {
			continue
		}
		value, keep := a.Value, true
		if c.Rel != nil && value != "" && (uri == RelNS || a.Key == "relid" && uri == "urn:schemas-microsoft-com:office:office") {
			value = c.Rel(value)
		}
		if c.Attr != nil {
			value, keep = c.Attr(e, uri, a.Key, value)
		}
		if keep {
			attrs = append(attrs, uri+" "+a.Key+"="+strconv.Quote(value))
		}
	}
	slices.Sort(attrs)
	for _, a := range attrs {
		b.WriteByte(' ')
		b.WriteString(a)
	}
	b.WriteByte('>')
	if c.Sorted != nil && c.Sorted(e, uri) {
		var list []string
		for child := range e.ChildElementsSeq() {
			var one strings.Builder
			c.write(&one, child, s)
			list = append(list, one.String())
		}
		slices.Sort(list)
		b.WriteString(strings.Join(list, ""))
	} else {
		c.content(b, e, s)
	}
	b.WriteString("</>")
}

func (c *Canon) content(b *strings.Builder, e *etree.Element, s *scope) {
	elements := false
	for _, child := range e.Child {
		if _, ok := child.(*etree.Element); ok {
			elements = true
			break
		}
	}
	for i := 0; i < len(e.Child); i++ {
		switch child := e.Child[i].(type) {
		case *etree.Element:
			c.write(b, child, s)
		case *etree.CharData:
			text := child.Data
			for i+1 < len(e.Child) {
				next, ok := e.Child[i+1].(*etree.CharData)
				if !ok {
					break
				}
				text += next.Data
				i++
			}
			if elements && strings.Trim(text, " \t\r\n") == "" {
				continue
			}
			b.WriteString(Escape(text))
		}
	}
}

// Digest is a short stand-in for a canonical form.
func Digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:16])
}

// Deep gives digests of parts together with all that they lead to, so that
// equal digests are equal content whatever the parts and IDs are called.
type Deep struct {
	pkg   *Package
	canon Canon
	// follow tells whether a relationship belongs to what its source means.
	follow func(Rel) bool
	known  map[string]string
}

// NewDeep compares by the rules of canon, whose Rel is set here. A nil follow
// follows everything.
func NewDeep(pkg *Package, canon Canon, follow func(Rel) bool) *Deep {
	return &Deep{pkg: pkg, canon: canon, follow: follow, known: map[string]string{}}
}

// Part is the digest of a part. Parts that lead back to themselves count by
// their own content there.
func (d *Deep) Part(name string) (string, error) {
	if sum, ok := d.known[name]; ok {
		return sum, nil
	}
	data, err := d.pkg.Bytes(name)
	if err != nil {
		return "", err
	}
	d.known[name] = "round " + d.pkg.Type(name)
	own := string(data)
	if d.pkg.IsXML(name) {
		doc, err := d.pkg.XML(name)
		if err != nil {
			return "", err
		}
		if own, err = d.Element(name, doc.Root()); err != nil {
			return "", err
		}
	}
	rels, err := d.pkg.Rels(name)
	if err != nil {
		return "", err
	}
	var list []string
	for _, rel := range rels.List {
		if d.follow != nil && !d.follow(rel) {
			continue
		}
		to, err := d.rel(rel)
		if err != nil {
			return "", err
		}
		list = append(list, to)
	}
	slices.Sort(list)
	sum := Digest(own + "\n" + strings.Join(list, "\n"))
	d.known[name] = sum
	return sum, nil
}

func (d *Deep) rel(rel Rel) (string, error) {
	if rel.Part == "" {
		return rel.Type + " " + rel.Target, nil
	}
	sum, err := d.Part(rel.Part)
	return rel.Type + " " + sum, err
}

// Element is the canonical form of an element of a part, its relationships
// replaced by the digests of what they lead to.
func (d *Deep) Element(part string, e *etree.Element) (string, error) {
	return d.run(part, func(c *Canon) string { return c.String(e) })
}

// Children is Element for what is in an element.
func (d *Deep) Children(part string, e *etree.Element) (string, error) {
	return d.run(part, func(c *Canon) string { return c.Children(e) })
}

func (d *Deep) run(part string, write func(*Canon) string) (string, error) {
	rels, err := d.pkg.Rels(part)
	if err != nil {
		return "", err
	}
	c := d.canon
	var first error
	c.Rel = func(id string) string {
		rel, ok := rels.ByID(id)
		if !ok {
			return "missing"
		}
		to, err := d.rel(rel)
		if err != nil && first == nil {
			first = err
		}
		return to
	}
	text := write(&c)
	return text, first
}
