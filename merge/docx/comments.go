package docx

import (
	"cmp"
	"slices"
	"strings"

	"github.com/beevik/etree"

	"github.com/esync/esync/merge/ooxml"
)

// comments are those of a document. They are known by who made them, when, and
// what they say, since their numbers change.
type comments struct {
	part string
	byID map[string]*comment
	// ex are the entries about discussions, by the paragraph they name.
	ex map[string]*etree.Element
}

type comment struct {
	id     string
	el     *etree.Element
	name   string
	author string
	text   string
	para   string // ID of its last paragraph
}

func (d *document) readComments() error {
	c := &comments{byID: map[string]*comment{}, ex: map[string]*etree.Element{}}
	d.comments = c
	var err error
	if c.part, err = d.only("comments"); err != nil || c.part == "" {
		return err
	}
	root, err := d.root(c.part)
	if err != nil {
		return err
	}
	extended, err := d.only("commentsExtended")
	if err != nil {
		return err
	}
	if extended != "" {
		doc, err := d.tree(extended)
		if err != nil {
			return err
		}
		for _, e := range doc.Root().ChildElements() {
			c.ex[e.SelectAttrValue("w15:paraId", "")] = e
		}
	}
	byPara := map[string]*comment{}
	for _, e := range root.ChildElements() {
		if !is(e, "comment") {
			continue
		}
		one := &comment{id: att(e, "id"), el: e, author: att(e, "author"), text: strings.TrimSpace(plainText(e))}
		if c.byID[one.id] != nil {
			return unmergeable("comment %q is there twice", one.id)
		}
		for _, p := range e.ChildElements() {
			if is(p, "p") {
				one.para = p.SelectAttrValue("w14:paraId", "")
			}
		}
		r := &reader{document: d, part: c.part}
		one.name = strings.Join([]string{one.author, att(e, "date"), att(e, "initials"), r.story("comment", e).sum}, "|")
		c.byID[one.id], byPara[one.para] = one, one
	}
	// What a discussion says of a comment: which it answers, and that it is done.
	// One that answers another is a new one when that is: it names its paragraph.
	own := map[*comment]string{}
	for _, one := range c.byID {
		if ex := c.ex[one.para]; one.para != "" && ex != nil && truth(ex.SelectAttrValue("w15:done", "")) {
			one.name += "|done"
		}
		own[one] = one.name
	}
	for _, one := range c.byID {
		ex := c.ex[one.para]
		if one.para == "" || ex == nil {
			continue
		}
		if parent := byPara[ex.SelectAttrValue("w15:paraIdParent", "")]; parent != nil && parent.para != "" {
			one.name += "|answers " + own[parent]
		}
	}
	for _, one := range c.byID {
		one.name = ooxml.Digest(one.name)
	}
	return nil
}

// alike are the comments that are known by the same as one, by number.
func (c *comments) alike(one *comment) []*comment {
	var list []*comment
	for _, other := range c.byID {
		if other.name == one.name {
			list = append(list, other)
		}
	}
	slices.SortFunc(list, func(a, b *comment) int {
		return cmp.Or(cmp.Compare(number(a.id), number(b.id)), cmp.Compare(a.id, b.id))
	})
	return list
}

// nameOf is what a comment's number stands for.
func (c *comments) nameOf(id string) string {
	if one := c.byID[id]; one != nil {
		return one.name
	}
	return "missing " + id
}
