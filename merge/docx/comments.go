package docx

import (
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
	exPart string
	ex     map[string]*etree.Element
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
	if c.exPart, err = d.only("commentsExtended"); err != nil {
		return err
	}
	if c.exPart != "" {
		doc, err := d.tree(c.exPart)
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
	own := map[*comment]string{}
	for _, one := range c.byID {
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
		if truth(ex.SelectAttrValue("w15:done", "")) {
			one.name += "|done"
		}
	}
	for _, one := range c.byID {
		one.name = ooxml.Digest(one.name)
	}
	return nil
}

// nameOf is what a comment's number stands for.
func (c *comments) nameOf(id string) string {
	if one := c.byID[id]; one != nil {
		return one.name
	}
	return "missing " + id
}
