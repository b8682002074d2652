package xlsx

import (
	"fmt"
	"slices"
	"strings"

	"github.com/beevik/etree"

	"github.com/esync/esync/merge/ooxml"
)

// moveElements moves what a sheet has beside cells.
func (b *book) moveElements(s *sheet, to *shape) error {
	root := s.shell.Root()
	for _, e := range root.ChildElements() {
		switch e.Tag {
		case "dimension":
			moveRef(e, "ref", to)
		case "mergeCells", "hyperlinks":
			for _, c := range e.ChildElements() {
				if !moveRef(c, "ref", to) || e.Tag == "mergeCells" && single(c.SelectAttrValue("ref", "")) {
					b.gone(s, c)
					e.RemoveChild(c)
				}
			}
			recount(root, e)
		case "conditionalFormatting":
			if !moveRefs(e, "sqref", to) {
				b.gone(s, e)
				root.RemoveChild(e)
			}
		case "dataValidations", "protectedRanges", "ignoredErrors":
			for _, c := range e.ChildElements() {
				if c.SelectAttr("sqref") != nil && !moveRefs(c, "sqref", to) {
					b.gone(s, c)
					e.RemoveChild(c)
				}
			}
			recount(root, e)
		case "autoFilter", "sortState":
			if !moveFilter(e, to) {
				root.RemoveChild(e)
			}
		case "rowBreaks", "colBreaks":
			a := to.rows
			if e.Tag == "colBreaks" {
				a = to.cols
			}
			for _, c := range e.ChildElements() {
				// A break is numbered by the line ahead of it.
				n, _ := parseIndex(c.SelectAttrValue("id", ""))
				if at, ok := a.pos(n); ok {
					c.CreateAttr("id", itoa(at))
				} else {
					e.RemoveChild(c)
				}
			}
			recount(root, e)
		case "extLst":
			if !moveExt(e, to) {
				return fmt.Errorf("sheet %q: an extension would be left without cells", s.name)
			}
		}
	}
	return nil
}

func single(ref string) bool {
	a, ok := parseArea(ref)
	return ok && a.lo == a.hi
}

// recount corrects the count of a list; an empty one goes.
func recount(root, e *etree.Element) {
	n := len(e.ChildElements())
	if n == 0 {
		root.RemoveChild(e)
		return
	}
	if e.SelectAttr("count") != nil {
		e.CreateAttr("count", itoa(n))
	}
}

func moveRef(e *etree.Element, attr string, to *shape) bool {
	v := e.SelectAttr(attr)
	if v == nil {
		return true
	}
	a, ok := parseArea(v.Value)
	if !ok {
		return true
	}
	if n, sorted := to.sorted[a.lo.row]; sorted && a.lo.row == a.hi.row {
		a.lo.row, a.hi.row = n, n
	}
	if a, ok = to.area(a); !ok {
		return false
	}
	v.Value = a.String()
	return true
}

func moveAreas(text string, to *shape) (string, bool) {
	areas, ok := parseAreas(text)
	if !ok {
		return text, true
	}
	var out []area
	for _, a := range areas {
		if a, ok := to.area(a); ok {
			out = append(out, a)
		}
	}
	return areasText(out), len(out) > 0
}

func moveRefs(e *etree.Element, attr string, to *shape) bool {
	text, ok := moveAreas(e.SelectAttrValue(attr, ""), to)
	if ok {
		e.CreateAttr(attr, text)
	}
	return ok
}

// moveFilter moves a filter or a sort order with all that is in it.
func moveFilter(e *etree.Element, to *shape) bool {
	was, ok := parseArea(e.SelectAttrValue("ref", ""))
	if !ok || !moveRef(e, "ref", to) {
		return !ok
	}
	now, _ := parseArea(e.SelectAttrValue("ref", ""))
	for _, c := range e.ChildElements() {
		switch c.Tag {
		case "filterColumn":
			n, _ := parseIndex(c.SelectAttrValue("colId", ""))
			col, ok := to.cols.pos(was.lo.col + n)
			if !ok {
				e.RemoveChild(c)
				continue
			}
			c.CreateAttr("colId", itoa(col-now.lo.col))
		case "sortState":
			if !moveFilter(c, to) {
				e.RemoveChild(c)
			}
		case "sortCondition":
			if !moveRef(c, "ref", to) {
				e.RemoveChild(c)
			}
		}
	}
	return true
}

// moveExt moves the areas of extensions; their formulas were moved before.
func moveExt(e *etree.Element, to *shape) bool {
	if e.Tag == "sqref" && len(e.ChildElements()) == 0 {
		text, ok := moveAreas(e.Text(), to)
		if ok {
			e.SetText(text)
		}
		return ok
	}
	for _, c := range e.ChildElements() {
		if !moveExt(c, to) {
			return false
		}
	}
	return true
}

// moveParts moves what stands in a sheet's own parts.
func (b *book) moveParts(s *sheet, to *shape) error {
	for _, rel := range s.rels.List {
		if rel.Part == "" {
			continue
		}
		switch rel.Kind() {
		case "table", "drawing", "comments", "threadedComment":
			doc, err := b.pkg.XML(rel.Part)
			if err != nil {
				return err
			}
			if err := movePart(rel.Kind(), doc.Root(), to, func(e *etree.Element) { b.gone(s, e) }); err != nil {
				return fmt.Errorf("sheet %q: %w", s.name, err)
			}
			b.pkg.Set(rel.Part, ooxml.Encode(doc), "")
		case "vmlDrawing":
			if e := child(s.shell.Root(), "legacyDrawing"); e == nil || relID(e) != rel.ID {
				continue
			}
			data, err := b.pkg.Bytes(rel.Part)
			if err != nil {
				return err
			}
			if !onlyNotes(data) {
				return fmt.Errorf("sheet %q has shapes of an older kind", s.name)
			}
			if len(noteData.FindAllIndex(data, maxComments+1)) > maxComments {
				return fmt.Errorf("sheet %q has too many comments", s.name)
			}
			for _, shape := range noteData.Split(string(data), -1)[1:] {
				// The boxes of comments that go away with their cells.
				at, ok := boxSpot(shape)
				if _, there := to.spot(at); ok && !there {
					if data, err = dropBox(slices.Clone(data), at.String()); err != nil {
						return err
					}
				}
			}
			b.pkg.Set(rel.Part, moveBoxes(data, to), "")
		}
	}
	return nil
}

func movePart(kind string, root *etree.Element, to *shape, gone func(*etree.Element)) error {
	switch kind {
	case "table":
		if !moveRef(root, "ref", to) {
			return fmt.Errorf("a table was deleted with its rows")
		}
		if f := child(root, "autoFilter"); f != nil && !moveFilter(f, to) {
			root.RemoveChild(f)
		}
		if f := child(root, "sortState"); f != nil && !moveFilter(f, to) {
			root.RemoveChild(f)
		}
	case "comments":
		list := child(root, "commentList")
		if list == nil {
			return nil
		}
		for _, c := range list.ChildElements() {
			if !moveRef(c, "ref", to) {
				gone(c)
				list.RemoveChild(c)
			}
		}
	case "threadedComment":
		for _, c := range root.ChildElements() {
			if !moveRef(c, "ref", to) {
				gone(c)
				root.RemoveChild(c)
			}
		}
	case "drawing":
		for _, a := range root.ChildElements() {
			for _, end := range []string{"from", "to"} {
				if e := a.SelectElement(end); e != nil {
					moveAnchor(e, "row", to.rows)
					moveAnchor(e, "col", to.cols)
				}
			}
		}
	}
	return nil
}

// moveAnchor moves one end of an object; anchors count from 0.
func moveAnchor(e *etree.Element, tag string, a axis) {
	c := e.SelectElement(tag)
	if c == nil {
		return
	}
	n, ok := parseIndex(strings.TrimSpace(c.Text()))
	if !ok {
		return
	}
	at, there := a.pos(n + 1)
	if !there {
		at = a.gap(n + 1)
	}
	c.SetText(itoa(max(at-1, 0)))
}

// moveBoxes moves the boxes of comments.
func moveBoxes(vml []byte, to *shape) []byte {
	text := string(vml)
	starts := noteData.FindAllStringIndex(text, -1)
	var out strings.Builder
	last := 0
	for n, at := range starts {
		end := len(text)
		if n+1 < len(starts) {
			end = starts[n+1][0]
		}
		out.WriteString(text[last:at[0]])
		out.WriteString(moveBox(text[at[0]:end], to))
		last = end
	}
	out.WriteString(text[last:])
	return []byte(out.String())
}

// boxSpot is the cell that a box belongs to.
func boxSpot(data string) (spot, bool) {
	r, c := noteRow.FindStringSubmatch(data), noteCol.FindStringSubmatch(data)
	if r == nil || c == nil {
		return spot{}, false
	}
	row, ok := parseIndex(r[1])
	col, ok2 := parseIndex(c[1])
	return spot{row + 1, col + 1}, ok && ok2
}

func moveBox(data string, to *shape) string {
	r, c := noteRow.FindStringSubmatchIndex(data), noteCol.FindStringSubmatchIndex(data)
	if r == nil || c == nil {
		return data
	}
	row, _ := parseIndex(data[r[2]:r[3]])
	col, _ := parseIndex(data[c[2]:c[3]])
	at, ok := to.spot(spot{row + 1, col + 1})
	if !ok {
		return data
	}
	if r[2] < c[2] {
		return data[:r[2]] + itoa(at.row-1) + data[r[3]:c[2]] + itoa(at.col-1) + data[c[3]:]
	}
	return data[:c[2]] + itoa(at.col-1) + data[c[3]:r[2]] + itoa(at.row-1) + data[r[3]:]
}
