package ooxml

import (
	"path"
	"slices"
	"strings"

	"github.com/beevik/etree"
)

const typesNS = "http://schemas.openxmlformats.org/package/2006/content-types"

// contentTypes says of what type each part is: by its name, else by its
// extension.
type contentTypes struct {
	defaults  []typeEntry // by extension
	overrides []typeEntry // by part name, without the leading slash
	changed   bool
}

type typeEntry struct{ key, value string }

func (p *Package) readTypes() error {
	real, ok := p.Find(typesName)
	if !ok {
		return unfit("it has no list of content types")
	}
	root, err := p.xml(real)
	if err != nil {
		return err
	}
	if root.Tag != "Types" || root.NamespaceURI() != typesNS {
		return unfit("its list of content types is none")
	}
	for _, e := range root.ChildElements() {
		value := e.SelectAttrValue("ContentType", "")
		switch e.Tag {
		case "Default":
			p.types.defaults = append(p.types.defaults, typeEntry{e.SelectAttrValue("Extension", ""), value})
		case "Override":
			p.types.overrides = append(p.types.overrides, typeEntry{strings.TrimPrefix(e.SelectAttrValue("PartName", ""), "/"), value})
		}
	}
	return nil
}

// Type is a part's content type; "" when the package does not say.
func (p *Package) Type(name string) string {
	for _, o := range p.types.overrides {
		if strings.EqualFold(o.key, name) {
			return o.value
		}
	}
	ext := strings.TrimPrefix(path.Ext(name), ".")
	for _, d := range p.types.defaults {
		if strings.EqualFold(d.key, ext) {
			return d.value
		}
	}
	return ""
}

// SetType gives a part another content type.
func (p *Package) SetType(name, contentType string) { p.types.set(name, contentType) }

func (t *contentTypes) set(name, value string) {
	t.changed = true
	for i := range t.overrides {
		if strings.EqualFold(t.overrides[i].key, name) {
			t.overrides[i].value = value
			return
		}
	}
	t.overrides = append(t.overrides, typeEntry{name, value})
}

func (t *contentTypes) drop(name string) {
	n := len(t.overrides)
	t.overrides = slices.DeleteFunc(t.overrides, func(e typeEntry) bool { return strings.EqualFold(e.key, name) })
	t.changed = t.changed || len(t.overrides) != n
}

func (t *contentTypes) encode() []byte {
	doc := newDocument()
	root := doc.CreateElement("Types")
	root.CreateAttr("xmlns", typesNS)
	for _, d := range t.defaults {
		e := root.CreateElement("Default")
		e.CreateAttr("Extension", d.key)
		e.CreateAttr("ContentType", d.value)
	}
	for _, o := range t.overrides {
		e := root.CreateElement("Override")
		e.CreateAttr("PartName", "/"+o.key)
		e.CreateAttr("ContentType", o.value)
	}
	return Encode(doc)
}

func newDocument() *etree.Document {
	doc := etree.NewDocument()
	doc.CreateProcInst("xml", `version="1.0" encoding="UTF-8" standalone="yes"`)
	doc.CreateText("\n")
	return doc
}
