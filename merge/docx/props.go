package docx

import (
	"slices"
	"strconv"
	"strings"

	"github.com/beevik/etree"
)

// prop is a property of a paragraph, a run, a table and so on: one child of
// pPr, rPr and their like. What is inside of rPr and sectPr, and of all that a
// style has, is taken apart as well and named by a path: "rPr/b".
type prop struct {
	key, value string
	el         *etree.Element
}

// props are properties by their key, in canonical form.
type props map[string]string

// nested are the properties that are taken apart.
var nested = []string{"pPr", "rPr", "sectPr", "tblPr", "trPr", "tcPr"}

// propsOf reads the properties that stand in an element of a part; nil has
// none.
func (d *document) propsOf(part string, e *etree.Element) []prop {
	if e == nil {
		return nil
	}
	g := gatherer{document: d, part: part, have: map[[2]string]bool{}, times: map[string]int{}}
	g.gather(e, "")
	return g.list
}

type gatherer struct {
	*document
	part  string
	list  []prop
	have  map[[2]string]bool // name and value
	times map[string]int     // by name
}

func (g *gatherer) add(key, value string, e *etree.Element) {
	g.list = append(g.list, prop{key, value, e})
}

func (g *gatherer) gather(e *etree.Element, path string) {
	for c := range e.ChildElementsSeq() {
		key := path + nameOf(c)
		switch {
		case g.drop(c, c.NamespaceURI()), g.isDefault(c):
			continue
		case c.Space == "w" && slices.Contains(nested, c.Tag):
			if c.Tag == "sectPr" {
				g.add(key, "there", nil)
			}
			g.gather(c, key+"/")
			continue
		case is(c, "headerReference", "footerReference"):
			g.add(key+" "+att(c, "type"), g.heads.nameOf(g.document, c), c)
			continue
		case is(c, "tblStylePr"):
			key += " " + att(c, "type")
		}
		value := g.text(g.part, c)
		// LibreOffice says some things twice.
		if g.have[[2]string{key, value}] {
			continue
		}
		g.have[[2]string{key, value}] = true
		if g.times[key]++; g.times[key] > 1 {
			key += " " + strconv.Itoa(g.times[key])
		}
		g.add(key, value, c)
	}
}

// nameOf is an element's name: the plain one in the main vocabulary.
func nameOf(e *etree.Element) string {
	if e.Space == "w" {
		return e.Tag
	}
	return e.FullTag()
}

// isDefault tells whether a property says what holds without it.
func (d *document) isDefault(e *etree.Element) bool {
	switch {
	case is(e, "pStyle"):
		return d.styles.isDefault("paragraph", val(e))
	case is(e, "rStyle"):
		return d.styles.isDefault("character", val(e))
	case is(e, "sdtEndPr"):
		return true
	}
	return false
}

// values are properties without their elements.
func values(list []prop) props {
	p := make(props, len(list))
	for _, one := range list {
		p[one.key] = one.value
	}
	return p
}

// String is the canonical form of all of them.
func (p props) String() string {
	list := make([]prop, 0, len(p))
	for key, value := range p {
		list = append(list, prop{key: key, value: value})
	}
	return canonical(list)
}

// canonical is the String of the values of properties.
func canonical(list []prop) string {
	list = slices.SortedFunc(slices.Values(list), func(a, b prop) int { return strings.Compare(a.key, b.key) })
	var b []byte
	for _, p := range list {
		b = append(b, p.key...)
		b = append(b, '=')
		b = strconv.AppendQuote(b, p.value)
		b = append(b, ';')
	}
	return string(b)
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// mergeProps merges properties one by one. take are the keys that come from
// the other side, clash those that both changed in two ways.
func mergeProps(b, s, o props) (merged props, take, clash []string) {
	merged = make(props, len(s))
	for key, value := range s {
		merged[key] = value
	}
	all := make(map[string]bool, len(s)+2)
	for _, p := range []props{b, s, o} {
		for key := range p {
			all[key] = true
		}
	}
	for _, key := range sortedKeys(all) {
		switch x, y, z := b[key], s[key], o[key]; {
		case y == z, x == z:
		case x == y:
			take = append(take, key)
			if z == "" {
				delete(merged, key)
			} else {
				merged[key] = z
			}
		default:
			clash = append(clash, key)
		}
	}
	return merged, take, clash
}
