package docx

import (
	"github.com/beevik/etree"
)

// readStyles reads the styles and checks what they say of each other.
func (v *verifier) readStyles() {
	part := v.partOf("styles")
	if part == "" {
		return
	}
	root := v.tree(part, "styles")
	if root == nil {
		return
	}
	v.orderedBelow(part, root)
	v.styleNums = root.FindElements(".//numPr")
	styles, named, defaults := map[string]*etree.Element{}, map[string]bool{}, map[string]bool{}
	for _, e := range childrenOf(root, "style") {
		id, kind, name := attrOf(e, "styleId"), attrOf(e, "type"), valOf(e, "name")
		if styles[id] != nil || id == "" {
			v.add(part, "style-id", "two styles are called %q", id)
		}
		styles[id], v.styles[id] = e, kind
		if name != "" && named[name] {
			v.add(part, "style-name", "two styles have the name %q", name)
		}
		named[name] = true
		if d := attrOf(e, "default"); d == "1" || d == "true" || d == "on" {
			if defaults[kind] {
				v.add(part, "style-default", "two styles of type %s are the default", kind)
			}
			defaults[kind] = true
		}
	}
	for id, e := range styles {
		for _, tag := range []string{"basedOn", "next", "link"} {
			if to := valOf(e, tag); to != "" && styles[to] == nil {
				v.add(part, "style-link", "style %q names style %q, which is missing", id, to)
			}
		}
		seen := map[string]bool{}
		for at := id; at != "" && styles[at] != nil; at = valOf(styles[at], "basedOn") {
			if seen[at] {
				v.add(part, "style-loop", "style %q is based on itself", id)
				break
			}
			seen[at] = true
		}
	}
}

// style checks that a style that is used is there.
func (v *verifier) style(part, id, kind string) {
	switch have, ok := v.styles[id]; {
	case id == "" || v.partOf("styles") == "":
	case !ok:
		v.add(part, "style-missing", "names style %q, which is missing", id)
	case have != kind:
		v.add(part, "style-type", "names style %q, which is of type %q", id, have)
	}
}

// readNumbering reads the lists and checks that each has its definition.
func (v *verifier) readNumbering() {
	part := v.partOf("numbering")
	var abstract map[string]bool
	if part != "" {
		if root := v.tree(part, "numbering"); root != nil {
			v.orderedBelow(part, root)
			abstract = v.readAbstract(part, root)
			v.readNums(part, root, abstract)
		}
	}
	for _, e := range v.styleNums {
		v.num(v.partOf("styles"), e)
	}
}

func (v *verifier) readAbstract(part string, root *etree.Element) map[string]bool {
	seen := map[string]bool{}
	pictures := map[string]bool{}
	for _, e := range childrenOf(root, "numPicBullet") {
		pictures[attrOf(e, "numPicBulletId")] = true
	}
	for _, e := range childrenOf(root, "abstractNum") {
		id := attrOf(e, "abstractNumId")
		if seen[id] || id == "" {
			v.add(part, "num-id", "two definitions of lists have number %q", id)
		}
		seen[id] = true
		levels := map[string]bool{}
		for _, lvl := range childrenOf(e, "lvl") {
			n := attrOf(lvl, "ilvl")
			if levels[n] || numberOr(n, 9) > 8 {
				v.add(part, "num-level", "list definition %s has level %q twice, or it is none", id, n)
			}
			levels[n] = true
			if pic := valOf(lvl, "lvlPicBulletId"); pic != "" && !pictures[pic] {
				v.add(part, "num-picture", "list definition %s has picture %s, which is missing", id, pic)
			}
			if style := valOf(lvl, "pStyle"); style != "" {
				v.style(part, style, "paragraph")
			}
		}
		for _, tag := range []string{"styleLink", "numStyleLink"} {
			if style := valOf(e, tag); style != "" && v.styles[style] == "" {
				v.add(part, "num-style", "list definition %s names style %q, which is missing", id, style)
			}
		}
	}
	return seen
}

func (v *verifier) readNums(part string, root *etree.Element, abstract map[string]bool) {
	for _, e := range childrenOf(root, "num") {
		id := attrOf(e, "numId")
		if v.nums[id] || id == "" {
			v.add(part, "num-id", "two lists have number %q", id)
		}
		v.nums[id] = true
		if to := valOf(e, "abstractNumId"); !abstract[to] {
			v.add(part, "num-abstract", "list %s has definition %q, which is missing", id, to)
		}
	}
}

// num checks that a list that is used is there.
func (v *verifier) num(part string, pr *etree.Element) {
	if id := valOf(pr, "numId"); id != "" && id != "0" && !v.nums[id] {
		v.add(part, "num-missing", "names list %s, which is missing", id)
	}
	if n := valOf(pr, "ilvl"); n != "" && numberOr(n, 9) > 8 {
		v.add(part, "num-level", "level %q of a list", n)
	}
}
