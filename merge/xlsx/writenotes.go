package xlsx

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"

	"github.com/beevik/etree"

	"github.com/esync/esync/merge/ooxml"
)

// putComments writes the comments of a sheet. When all come from the other
// side its parts are taken; else the result's parts get what is new.
func (w *writer) putComments(s, o *sheet, picks []pick) error {
	mine, theirs := s.rels.ByKind("comments"), o.rels.ByKind("comments")
	legacy := child(s.shell.Root(), "legacyDrawing")
	boxes := ""
	if legacy != nil {
		if rel, ok := s.rels.ByID(relID(legacy)); ok {
			boxes = rel.Part
		}
	}
	var drawn []byte
	if boxes != "" {
		data, err := w.b.pkg.Bytes(boxes)
		if err != nil {
			return err
		}
		drawn = data
	}
	if len(mine) == 0 && len(drawn) == 0 {
		if len(picks) == 0 {
			return nil
		}
		return w.graftComments(s, o, theirs)
	}
	if len(mine) != 1 || boxes == "" {
		return fmt.Errorf("comments of sheet %q cannot be put together", s.name)
	}
	return w.editComments(s, o, mine[0].Part, boxes, picks)
}

// graftComments brings comments and their boxes to a sheet that has none.
func (w *writer) graftComments(s, o *sheet, theirs []ooxml.Rel) error {
	e := child(o.shell.Root(), "legacyDrawing")
	if e == nil || len(theirs) != 1 {
		return fmt.Errorf("comments of sheet %q have no boxes", s.name)
	}
	to, err := w.grafts.Part(theirs[0].Part)
	if err != nil {
		return err
	}
	s.rels.Add(theirs[0].Type, to)
	return w.takeElement(s.shell.Root(), s.part, o.part, "legacyDrawing", &block{el: e})
}

func (w *writer) editComments(s, o *sheet, part, boxes string, picks []pick) error {
	doc, err := w.b.pkg.XML(part)
	if err != nil {
		return err
	}
	root := doc.Root()
	list, authors := child(root, "commentList"), child(root, "authors")
	if list == nil || authors == nil {
		return fmt.Errorf("comments of sheet %q cannot be put together", s.name)
	}
	keep := map[string]bool{}
	for _, p := range picks {
		if !p.other {
			keep[p.key] = true
		}
	}
	vml, err := w.b.pkg.Bytes(boxes)
	if err != nil {
		return err
	}
	if len(picks)+len(list.Child) > maxComments {
		return fmt.Errorf("too many comments in sheet %q", s.name)
	}
	vml = bytes.Clone(vml)
	boxed := map[string]bool{} // comments that go on having a box
	for _, e := range list.ChildElements() {
		ref := e.SelectAttrValue("ref", "")
		if keep[ref] {
			continue
		}
		list.RemoveChild(e)
		if findPick(picks, ref) != nil {
			boxed[ref] = true
			continue
		}
		if vml, err = dropBox(vml, ref); err != nil {
			return err
		}
	}
	from := ""
	for _, rel := range o.rels.ByKind("comments") {
		from = rel.Part
	}
	for _, p := range picks {
		if !p.other {
			continue
		}
		e, err := w.element(p.el, from, root, part)
		if err != nil {
			return err
		}
		author, _, _ := strings.Cut(p.value, "\x00")
		e.CreateAttr("authorId", itoa(authorIndex(authors, author)))
		e.RemoveAttr("shapeId")
		putComment(list, e)
		if !boxed[p.key] {
			if vml, err = addBox(vml, p.key); err != nil {
				return err
			}
		}
	}
	w.b.pkg.Set(part, ooxml.Encode(doc), "")
	w.b.pkg.Set(boxes, vml, "")
	return nil
}

// maxComments bounds the time to find their boxes.
const maxComments = 5000

func findPick(picks []pick, key string) *pick {
	for i := range picks {
		if picks[i].key == key {
			return &picks[i]
		}
	}
	return nil
}

func authorIndex(authors *etree.Element, name string) int {
	list := authors.ChildElements()
	for i, a := range list {
		if a.Text() == name {
			return i
		}
	}
	authors.CreateElement(tagIn(authors, "author")).SetText(name)
	return len(list)
}

// putComment keeps comments in the order of cells.
func putComment(list, e *etree.Element) {
	at, _ := parseSpot(e.SelectAttrValue("ref", ""))
	for _, c := range list.ChildElements() {
		x, _ := parseSpot(c.SelectAttrValue("ref", ""))
		if x.row > at.row || x.row == at.row && x.col > at.col {
			list.InsertChildAt(c.Index(), e)
			return
		}
	}
	list.AddChild(e)
}

var shapeID = regexp.MustCompile(`_x0000_s(\d+)`)

var shapeStart = regexp.MustCompile(`<(\w+:)?shape\s`)

// boxOf finds the shape of a comment.
func boxOf(vml []byte, ref string) (lo, hi int) {
	want, _ := parseSpot(ref)
	for _, m := range shapeStart.FindAllSubmatchIndex(vml, -1) {
		prefix := ""
		if m[2] >= 0 {
			prefix = string(vml[m[2]:m[3]])
		}
		end := []byte("</" + prefix + "shape>")
		n := bytes.Index(vml[m[0]:], end)
		if n < 0 {
			return -1, -1
		}
		hi := m[0] + n + len(end)
		shape := string(vml[m[0]:hi])
		if at, ok := boxSpot(shape); ok && at == want && strings.Contains(shape, "Note") {
			return m[0], hi
		}
	}
	return -1, -1
}

func dropBox(vml []byte, ref string) ([]byte, error) {
	lo, hi := boxOf(vml, ref)
	if lo < 0 {
		return nil, fmt.Errorf("the comment at %s has no box", ref)
	}
	return append(vml[:lo:lo], vml[hi:]...), nil
}

const allSpaces = ` xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:x="urn:schemas-microsoft-com:office:excel"`

// addBox draws the box of a new comment, hidden, beside its cell.
func addBox(vml []byte, ref string) ([]byte, error) {
	at, ok := parseSpot(ref)
	end := bytes.LastIndex(vml, []byte("</xml>"))
	if !ok || end < 0 {
		return nil, fmt.Errorf("the comment at %s gets no box", ref)
	}
	id := 1025
	for _, m := range shapeID.FindAllSubmatch(vml, -1) {
		if n, ok := parseIndex(string(m[1])); ok && n < 1<<30 {
			id = max(id, n+1)
		}
	}
	// Some programs do not declare the usual prefixes for the whole part.
	spaces := ""
	head, _, _ := strings.Cut(string(vml), ">")
	for prefix, uri := range map[string]string{"v": "urn:schemas-microsoft-com:vml", "o": "urn:schemas-microsoft-com:office:office", "x": "urn:schemas-microsoft-com:office:excel"} {
		if !strings.Contains(head, "xmlns:"+prefix+`="`+uri+`"`) && !strings.Contains(head, "xmlns:"+prefix+"='"+uri+"'") {
			spaces = allSpaces
		}
	}
	kind := ""
	if !bytes.Contains(vml, []byte(`id="_x0000_t202"`)) {
		kind = `<v:shapetype` + spaces + ` id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe"><v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>`
	}
	row, col := at.row-1, at.col-1
	shape := kind + fmt.Sprintf(`<v:shape%s id="_x0000_s%d" type="#_x0000_t202" style='position:absolute;margin-left:59.25pt;margin-top:1.5pt;width:108pt;height:59.25pt;z-index:1;visibility:hidden' fillcolor="#ffffe1" o:insetmode="auto"><v:fill color2="#ffffe1"/><v:shadow on="t" color="black" obscured="t"/><v:path o:connecttype="none"/><v:textbox style='mso-direction-alt:auto'><div style='text-align:left'></div></v:textbox><x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/><x:Anchor>%d, 15, %d, 2, %d, 31, %d, 1</x:Anchor><x:AutoFill>False</x:AutoFill><x:Row>%d</x:Row><x:Column>%d</x:Column></x:ClientData></v:shape>`,
		spaces, id, col+1, max(row-1, 0), col+3, row+3, row, col)
	return append(vml[:end:end], append([]byte(shape), vml[end:]...)...), nil
}
