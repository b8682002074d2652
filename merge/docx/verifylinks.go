package docx

import (
	"slices"
	"strings"

	"github.com/beevik/etree"

	"github.com/esync/esync/merge/ooxml"
)

const (
	drawingNS = "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"
	picsNS    = "http://schemas.openxmlformats.org/drawingml/2006/main"
	chartNS   = "http://schemas.openxmlformats.org/drawingml/2006/chart"
	vmlNS     = "urn:schemas-microsoft-com:vml"
	officeNS  = "urn:schemas-microsoft-com:office:office"
)

// linkKinds are the kinds of relationships that an element may name.
var linkKinds = map[[2]string][]string{
	{mainNS, "hyperlink"}: {"hyperlink"}, {mainNS, "altChunk"}: {"aFChunk"}, {mainNS, "subDoc"}: {"subDocument"},
	{picsNS, "blip"}: {"image"}, {picsNS, "hlinkClick"}: {"hyperlink"}, {picsNS, "hlinkHover"}: {"hyperlink"},
	{chartNS, "chart"}: {"chart"}, {vmlNS, "imagedata"}: {"image"}, {officeNS, "OLEObject"}: {"oleObject", "package"},
}

// relNamed is the relationship that an element names by an attribute.
func relNamed(e *etree.Element, key string) string {
	for _, a := range e.Attr {
		if a.Key == key && a.Space != "" && a.Space != "xmlns" && a.NamespaceURI() == ooxml.RelNS {
			return a.Value
		}
	}
	return ""
}

// leads checks that what an element names is of the kind that it wants; that it
// is there at all is a rule of packages.
func (s *storyVerifier) leads(e *etree.Element, uri string) {
	kinds := linkKinds[[2]string{uri, e.Tag}]
	if kinds == nil {
		return
	}
	for _, key := range []string{"id", "embed", "link"} {
		if id := relNamed(e, key); id != "" {
			if rel, ok := s.rels.ByID(id); ok && !slices.Contains(kinds, rel.Kind()) {
				s.add("link-kind", "%s leads to something of kind %s", e.Tag, rel.Kind())
			}
		}
	}
}

// section checks the headers and footers of a section.
func (s *storyVerifier) section(e *etree.Element) {
	seen := map[string]bool{}
	for _, c := range e.ChildElements() {
		kind, ok := strings.CutSuffix(c.Tag, "Reference")
		if !ok || c.NamespaceURI() != mainNS {
			continue
		}
		key := kind + " " + attrOf(c, "type")
		switch t := attrOf(c, "type"); {
		case t != "default" && t != "first" && t != "even":
			s.add("section-reference", "a %s of type %q", kind, t)
		case seen[key]:
			s.add("section-reference", "a section has two of %s", key)
		}
		seen[key] = true
		if rel, ok := s.rels.ByID(relNamed(c, "id")); !ok || rel.Kind() != kind || rel.Part == "" {
			s.add("section-reference", "a %s of a section leads to none", kind)
		}
	}
}
