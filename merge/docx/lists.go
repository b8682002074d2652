package docx

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/beevik/etree"

	"github.com/esync/esync/merge/ooxml"
)

// lists are the numberings of a document. A paragraph names one by a number
// that programs give out anew, so each is named after the list of the base that
// it is.
type lists struct {
	d     *document
	part  string
	byID  map[string]*list
	order []*list // by number
	// pictures are what the pictures say that stand before points, by number.
	pictures map[string]string
}

type list struct {
	id   string
	name string         // "" until related
	el   *etree.Element // w:num
	def  *etree.Element // w:abstractNum
	// canon is what the list looks like; look is that without its own overrides.
	canon, look string
}

func (d *document) readLists() error {
	l := &lists{d: d, byID: map[string]*list{}, pictures: map[string]string{}}
	d.lists = l
	var err error
	if l.part, err = d.only("numbering"); err != nil || l.part == "" {
		return err
	}
	root, err := d.root(l.part)
	if err != nil {
		return err
	}
	defs := map[string]*etree.Element{}
	for _, e := range root.ChildElements() {
		switch {
		case is(e, "numPicBullet"):
			l.pictures[att(e, "numPicBulletId")] = ooxml.Digest(d.canonChildren(l.part, e))
		case is(e, "abstractNum"):
			defs[att(e, "abstractNumId")] = e
		case is(e, "num"):
			one := &list{id: att(e, "numId"), el: e, def: defs[val(kid(e, "abstractNumId"))]}
			if one.def == nil || l.byID[one.id] != nil {
				return unmergeable("list %q is broken", one.id)
			}
			l.byID[one.id] = one
			l.order = append(l.order, one)
		}
	}
	for _, one := range l.order {
		one.look = d.canonChildren(l.part, one.def)
		one.canon = one.look
		for _, e := range one.el.ChildElements() {
			if is(e, "lvlOverride") {
				one.canon += d.text(l.part, e)
			}
		}
	}
	slices.SortStableFunc(l.order, func(a, b *list) int { return cmp.Compare(number(a.id), number(b.id)) })
	return nil
}

func (d *document) canonChildren(part string, e *etree.Element) string {
	s, err := d.deep.Children(part, e)
	d.fail(err)
	return s
}

// number reads a number; what is none is 0.
func number(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}

// relate names the lists after those of the base: the one of the same number
// and look, else one of the same look, else the one whose paragraphs it has.
func (l *lists) relate(base *lists, same bool) {
	if same {
		for _, one := range l.order {
			one.name = "list " + one.id
		}
		return
	}
	taken := map[*list]bool{}
	name := func(one, as *list) {
		one.name, taken[as] = as.name, true
	}
	for _, one := range l.order {
		if b := base.byID[one.id]; b != nil && b.canon == one.canon {
			name(one, b)
		}
	}
	for _, one := range l.order {
		for _, b := range base.order {
			if one.name == "" && !taken[b] && b.canon == one.canon {
				name(one, b)
			}
		}
	}
	votes := l.votes(base)
	for _, v := range votes {
		if v.one.name == "" && !taken[v.base] {
			name(v.one, v.base)
		}
	}
	for i, one := range l.order {
		if one.name == "" {
			one.name = "new list " + strconv.Itoa(i+1) + " " + ooxml.Digest(one.canon)
		}
	}
}

type vote struct {
	one, base *list
	n         int
}

// votes counts the paragraphs of equal text that two lists have.
func (l *lists) votes(base *lists) []vote {
	texts := map[string]string{}
	base.paragraphs(func(text, id string) { texts[text] = id })
	count := map[[2]string]int{}
	l.paragraphs(func(text, id string) {
		if was, ok := texts[text]; ok {
			count[[2]string{id, was}]++
		}
	})
	var votes []vote
	for pair, n := range count {
		one, b := l.byID[pair[0]], base.byID[pair[1]]
		if one != nil && b != nil {
			votes = append(votes, vote{one, b, n})
		}
	}
	slices.SortFunc(votes, func(a, b vote) int {
		return cmp.Or(cmp.Compare(b.n, a.n), cmp.Compare(number(a.one.id), number(b.one.id)), cmp.Compare(number(a.base.id), number(b.base.id)))
	})
	return votes
}

// paragraphs visits the paragraphs of the body that are in a list.
func (l *lists) paragraphs(visit func(text, id string)) {
	each(l.d.body, func(e *etree.Element) bool {
		if !is(e, "p") {
			return true
		}
		if id := val(kid(kid(kid(e, "pPr"), "numPr"), "numId")); id != "" {
			visit(plainText(e), id)
		}
		return false
	})
}

// plainText is all text in an element.
func plainText(e *etree.Element) string {
	var b strings.Builder
	each(e, func(c *etree.Element) bool {
		if is(c, "t", "delText") {
			b.WriteString(c.Text())
		}
		return true
	})
	return b.String()
}

// nameOf is what a number of a list stands for.
func (l *lists) nameOf(id string) string {
	if one := l.byID[id]; one != nil {
		return one.name
	}
	if number(id) == 0 {
		return "no list"
	}
	return "missing " + id
}

// named finds a list by its name.
func (l *lists) named(name string) *list {
	for _, one := range l.order {
		if one.name == name {
			return one
		}
	}
	return nil
}
