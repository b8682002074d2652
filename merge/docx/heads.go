package docx

import (
	"strconv"
	"strings"

	"github.com/beevik/etree"

	"github.com/esync/esync/merge/ooxml"
)

// heads are the headers and footers of a document, in the order in which its
// sections name them. Those that a side has in the same place as the base are
// merged as a text of their own; any other is part of what its section says.
type heads struct {
	list   []*head
	places map[string]*head // by section and kind
	byPart map[string]*head
}

type head struct {
	name  string // "header 1", "" where it is in another place than in the base
	place string
	part  string
	kind  string
	text  string
}

func (d *document) readHeads() error {
	h := &heads{places: map[string]*head{}, byPart: map[string]*head{}}
	d.heads = h
	rels, err := d.pkg.Rels(d.main)
	if err != nil {
		return unmergeable("%v", err)
	}
	section := 0
	each(d.body, func(e *etree.Element) bool {
		switch {
		case is(e, "sectPr"):
			section++
		case is(e, "headerReference", "footerReference"):
			rel, ok := rels.ByID(relID(e))
			if !ok || rel.Part == "" {
				d.fail(unmergeable("a section names a header that is missing"))
				return false
			}
			place := strconv.Itoa(section) + " " + e.Tag + " " + att(e, "type")
			one := h.byPart[rel.Part]
			if one == nil {
				one = &head{part: rel.Part, place: place, kind: strings.TrimSuffix(e.Tag, "Reference")}
				root, err := d.root(rel.Part)
				if err != nil {
					d.fail(err)
					return false
				}
				one.text = plainText(root)
				h.list = append(h.list, one)
				h.byPart[rel.Part] = one
			}
			h.places[place] = one
		}
		return true
	})
	return d.err
}

// relID is the relationship that an element names.
func relID(e *etree.Element) string {
	for _, a := range e.Attr {
		if a.Key == "id" && a.Space != "" && ooxml.URIOf(e, a.Space) == ooxml.RelNS {
			return a.Value
		}
	}
	return ""
}

// relate names headers and footers after those of the base: by the places that
// they have, where the sections have as many; else by their parts.
func (h *heads) relate(base *heads) {
	same := len(h.places) == len(base.places)
	for i, one := range base.list {
		mine := h.places[one.place]
		if !same {
			mine = h.byPart[one.part]
		}
		if mine == nil || mine.kind != one.kind || same && mine.place != one.place || !same && base.means(mine.text, one) {
			continue
		}
		mine.name = one.kind + " " + strconv.Itoa(1+countKind(base.list[:i], one.kind))
	}
}

// means tells whether a text is that of another header than one.
func (h *heads) means(text string, one *head) bool {
	for _, other := range h.list {
		if other != one && other.text == text && other.text != one.text {
			return true
		}
	}
	return false
}

// agree takes the names of headers away that not all versions have: an edit of
// such a header is a change of its section, in all of them.
func agree(versions []*document) {
	count := map[string]int{}
	for _, d := range versions {
		for _, h := range d.heads.list {
			count[h.name]++
		}
	}
	for _, d := range versions {
		for _, h := range d.heads.list {
			if count[h.name] != len(versions) {
				h.name = ""
			}
		}
	}
}

// follow names headers and footers as another reading of the same parts has
// them.
func (h *heads) follow(other *heads) {
	for part, one := range h.byPart {
		if named := other.byPart[part]; named != nil {
			one.name = named.name
		}
	}
}

func countKind(list []*head, kind string) int {
	n := 0
	for _, one := range list {
		if one.kind == kind {
			n++
		}
	}
	return n
}

// nameOf is what a section's reference stands for: the place in the base, else
// all that is in the header.
func (h *heads) nameOf(d *document, ref *etree.Element) string {
	rels, err := d.pkg.Rels(d.main)
	if err != nil {
		d.fail(err)
		return ""
	}
	rel, _ := rels.ByID(relID(ref))
	one := h.byPart[rel.Part]
	if one == nil {
		return "missing"
	}
	if one.name != "" {
		return one.name
	}
	sum, err := d.deep.Part(rel.Part)
	d.fail(err)
	return sum
}
