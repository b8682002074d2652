package ooxml

import (
	"bytes"
	"path"
	"strings"

	"github.com/beevik/etree"
)

// Parse reads a part into a tree, after the Scanner has found it well formed.
func Parse(part []byte) (*etree.Document, error) {
	if err := CheckXML(part); err != nil {
		return nil, err
	}
	doc := etree.NewDocument()
	doc.ReadSettings.MaxDepth = MaxDepth + 1
	doc.WriteSettings = etree.WriteSettings{CanonicalText: true, CanonicalAttrVal: true}
	if err := doc.ReadFromBytes(TrimMark(part)); err != nil {
		return nil, err
	}
	return doc, nil
}

// Encode writes a tree. A tree that was parsed and not changed means the same
// afterwards.
func Encode(doc *etree.Document) []byte {
	doc.WriteSettings = etree.WriteSettings{CanonicalText: true, CanonicalAttrVal: true}
	var b bytes.Buffer
	// Writing to a buffer does not fail.
	_, _ = doc.WriteTo(&b)
	return b.Bytes()
}

// XML parses a part.
func (p *Package) XML(name string) (*etree.Document, error) {
	data, err := p.Bytes(name)
	if err != nil {
		return nil, err
	}
	doc, err := Parse(data)
	if err != nil {
		return nil, unfit("part %q: %v", name, err)
	}
	return doc, nil
}

func (p *Package) xml(name string) (*etree.Element, error) {
	doc, err := p.XML(name)
	if err != nil {
		return nil, err
	}
	return doc.Root(), nil
}

// IsXML tells whether a part is of a type that is XML. Drawings in VML are
// not: programs write them so that no XML reader takes them.
func (p *Package) IsXML(name string) bool {
	t := p.Type(name)
	if strings.HasSuffix(t, "vmlDrawing") || strings.EqualFold(path.Ext(name), ".vml") {
		return false
	}
	return strings.HasSuffix(t, "+xml") || t == "application/xml" || t == "text/xml" || strings.EqualFold(path.Ext(name), ".rels") ||
		t == "" && strings.EqualFold(path.Ext(name), ".xml")
}
