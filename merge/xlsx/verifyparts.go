package xlsx

import (
	"regexp"
	"strings"

	"github.com/esync/esync/merge/formulas"
	"github.com/esync/esync/merge/ooxml"
)

// commentsOf checks the comments of a sheet and that each has its box.
func (v *verifier) commentsOf(s *sheet) {
	for _, rel := range s.rels.ByKind("comments") {
		if rel.Part == "" {
			continue
		}
		list, err := v.b.readComments(rel.Part)
		if err != nil {
			v.add(rel.Part, "comment", "%v", err)
			continue
		}
		boxes, known := v.boxes(s)
		seen := map[string]bool{}
		for _, c := range list {
			at, ok := parseSpot(c.ref)
			if !ok || seen[c.ref] {
				v.add(rel.Part, "comment", "a comment at %q, or two", c.ref)
				continue
			}
			seen[c.ref] = true
			if known && !boxes[at] {
				v.add(rel.Part, "comment-box", "the comment at %s has no box", c.ref)
			}
		}
		if !known && len(list) > 0 {
			v.add(s.part, "comment-box", "comments without boxes")
		}
	}
}

var (
	noteRow  = regexp.MustCompile(`<(?:\w+:)?Row>\s*(\d+)\s*</`)
	noteCol  = regexp.MustCompile(`<(?:\w+:)?Column>\s*(\d+)\s*</`)
	noteData = regexp.MustCompile(`<(?:\w+:)?ClientData\b`)
)

// boxes are the cells whose comments have a box in the sheet's shapes; known
// is false when the sheet has no shapes.
func (v *verifier) boxes(s *sheet) (boxes map[spot]bool, known bool) {
	e := child(s.shell.Root(), "legacyDrawing")
	if e == nil {
		return nil, false
	}
	rel, ok := s.rels.ByID(relID(e))
	if !ok || rel.Part == "" {
		return nil, false
	}
	data, err := v.b.pkg.Bytes(rel.Part)
	if err != nil {
		return nil, false
	}
	boxes = map[spot]bool{}
	for _, shape := range noteData.Split(string(data), -1)[1:] {
		if at, ok := boxSpot(shape); ok {
			boxes[at] = true
		}
	}
	return boxes, true
}

// drawingsOf checks the pictures and charts of a sheet.
func (v *verifier) drawingsOf(s *sheet) {
	for _, rel := range s.rels.ByKind("drawing") {
		if rel.Part == "" {
			continue
		}
		doc, err := v.b.pkg.XML(rel.Part)
		if err != nil {
			continue // told already
		}
		root := doc.Root()
		if root.Tag != "wsDr" {
			v.add(rel.Part, "drawing", "a %q where a drawing should be", root.Tag)
			continue
		}
		ids := map[string]bool{}
		for _, a := range root.ChildElements() {
			for _, e := range a.FindElements(".//cNvPr") {
				if id := e.SelectAttrValue("id", ""); id == "" {
					v.add(rel.Part, "drawing-id", "object %q has no number", e.SelectAttrValue("name", ""))
				} else {
					ids[id] = true
				}
			}
			if strings.HasSuffix(a.Tag, "CellAnchor") {
				for _, at := range []string{"from", "to"} {
					e := a.SelectElement(at)
					if e == nil {
						continue
					}
					for _, n := range []struct {
						tag string
						max int
					}{{"col", formulas.MaxCol}, {"row", formulas.MaxRow}} {
						if c := e.SelectElement(n.tag); c == nil {
							v.add(rel.Part, "drawing-anchor", "an object is nowhere")
						} else if i, ok := parseIndex(strings.TrimSpace(c.Text())); !ok || i >= n.max {
							v.add(rel.Part, "drawing-anchor", "an object is at %s %q", n.tag, c.Text())
						}
					}
				}
			}
		}
		v.charts(rel.Part)
	}
}

// charts checks that the sheets that charts read are there.
func (v *verifier) charts(drawing string) {
	rels, err := v.b.pkg.Rels(drawing)
	if err != nil {
		return
	}
	for _, rel := range rels.ByKind("chart") {
		if rel.Part == "" {
			continue
		}
		data, err := v.b.pkg.Bytes(rel.Part)
		if err != nil {
			continue
		}
		sc := ooxml.NewScanner(data)
		inside := false
		for {
			t, err := sc.Next()
			if err != nil {
				break
			}
			switch t.Kind {
			case ooxml.Start:
				inside = !t.Empty && (string(t.Name) == "c:f" || string(t.Name) == "f")
			case ooxml.End:
				inside = false
			case ooxml.Text:
				if inside {
					v.formula(rel.Part, "a chart", t.String())
				}
			}
		}
	}
}

// chain checks that the order of calculation, where there is one, names cells
// with formulas.
func (v *verifier) chain() {
	part := v.b.partOf("calcChain")
	if part == "" {
		return
	}
	data, err := v.b.pkg.Bytes(part)
	if err != nil {
		return // told already
	}
	byID := map[string]*sheet{}
	for _, s := range v.b.sheets {
		byID[s.id] = s
	}
	id := ""
	sc := ooxml.NewScanner(data)
	for {
		t, err := sc.Next()
		if err != nil {
			return
		}
		if t.Kind != ooxml.Start || string(t.Name) != "c" {
			continue
		}
		if i, ok := t.Attr("i"); ok {
			id = i
		}
		ref, _ := t.Attr("r")
		at, ok := parseSpot(ref)
		s := byID[id]
		if !ok || s == nil {
			v.add(part, "chain", "the order of calculation names %q of sheet %q", ref, id)
			return
		}
		r := s.row(at.row)
		if s.kind != "worksheet" {
			continue
		}
		if r == nil || r.cell(at.col) == nil || r.cell(at.col).f == nil && !v.inArray(s, at) {
			v.add(part, "chain", "the order of calculation names %s!%s, which has no formula", s.name, at)
			return
		}
	}
}

func (v *verifier) inArray(s *sheet, at spot) bool {
	for _, a := range s.arrays {
		if a.has(at) {
			return true
		}
	}
	return false
}
