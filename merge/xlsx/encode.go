package xlsx

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/beevik/etree"

	"github.com/esync/esync/merge/ooxml"
)

// encode writes a sheet's part.
func (s *sheet) encode() ([]byte, error) {
	root := s.shell.Root()
	s.dimension()
	data := child(root, "sheetData")
	if data == nil {
		data = etree.NewElement(tagIn(root, "sheetData"))
		insertOrdered(root, data)
	}
	for _, c := range data.ChildElements() {
		data.RemoveChild(c)
	}
	const mark = "rows of this sheet stand here"
	for len(data.Child) > 0 {
		data.RemoveChildAt(0)
	}
	data.CreateComment(mark)
	shell := ooxml.Encode(s.shell)
	at := bytes.Index(shell, []byte("<!--"+mark+"-->"))
	if at < 0 || bytes.Count(shell, []byte(mark)) != 1 {
		return nil, fmt.Errorf("sheet %q cannot be written", s.name)
	}
	var out bytes.Buffer
	out.Grow(len(shell) + len(s.data) + 1024)
	out.Write(shell[:at])
	s.encodeRows(&out)
	out.Write(shell[at+len(mark)+len("<!---->"):])
	data.RemoveChildAt(0)
	return out.Bytes(), nil
}

// dimension widens what the sheet says of the area in use.
func (s *sheet) dimension() {
	e := child(s.shell.Root(), "dimension")
	if e == nil {
		return
	}
	a, ok := parseArea(e.SelectAttrValue("ref", ""))
	if !ok {
		return
	}
	for i := range s.rows {
		r := &s.rows[i]
		if len(r.cells) == 0 {
			continue
		}
		a.lo.row, a.hi.row = min(a.lo.row, r.r), max(a.hi.row, r.r)
		a.lo.col, a.hi.col = min(a.lo.col, r.cells[0].col), max(a.hi.col, r.cells[len(r.cells)-1].col)
	}
	if text := a.String(); text != e.SelectAttrValue("ref", "") {
		e.CreateAttr("ref", text)
	}
}

func (s *sheet) encodeRows(out *bytes.Buffer) {
	tag := func(local string) string {
		if s.prefix != "" {
			return s.prefix + ":" + local
		}
		return local
	}
	rowTag, cellTag, fTag, vTag, isTag := tag("row"), tag("c"), tag("f"), tag("v"), tag("is")
	for i := range s.rows {
		r := &s.rows[i]
		if !r.dirty && r.hi > 0 && !s.implicit {
			out.Write(s.data[r.lo:r.hi])
			continue
		}
		out.WriteString("<" + rowTag + ` r="` + itoa(r.r) + `"`)
		r.encode(out)
		if len(r.cells) == 0 && r.rest == "" {
			out.WriteString("/>")
			continue
		}
		out.WriteByte('>')
		for j := range r.cells {
			c := &r.cells[j]
			if c.hi > 0 && !s.implicit {
				out.Write(s.data[c.lo:c.hi])
				continue
			}
			c.encode(out, r.r, cellTag, fTag, vTag, isTag)
		}
		out.WriteString(r.rest)
		out.WriteString("</" + rowTag + ">")
	}
}

func (a *rowAttrs) encode(out *bytes.Buffer) {
	put := func(name, value string) {
		out.WriteString(" " + name + `="` + ooxml.Escape(value) + `"`)
	}
	if a.style != 0 {
		put("s", itoa(a.style))
	}
	if a.height != "" {
		put("ht", a.height)
	}
	if a.level != "" {
		put("outlineLevel", a.level)
	}
	for _, f := range []struct {
		name string
		on   bool
	}{
		{"customFormat", a.styled}, {"hidden", a.hidden}, {"customHeight", a.custom}, {"collapsed", a.closed}, {"thickTop", a.thick[0]},
		{"thickBot", a.thick[1]}, {"ph", a.phonic},
	} {
		if f.on {
			put(f.name, "1")
		}
	}
}

func (c *cell) encode(out *bytes.Buffer, inRow int, cellTag, fTag, vTag, isTag string) {
	out.WriteString("<" + cellTag + ` r="` + spot{inRow, c.col}.String() + `"`)
	if c.style != 0 {
		out.WriteString(` s="` + itoa(c.style) + `"`)
	}
	if t := c.kind.attr(); t != "" {
		out.WriteString(` t="` + t + `"`)
	}
	rest := ""
	if c.more != nil {
		for _, a := range []struct{ name, value string }{{"cm", c.more.cm}, {"vm", c.more.vm}, {"ph", c.more.ph}} {
			if a.value != "" {
				out.WriteString(" " + a.name + `="` + ooxml.Escape(a.value) + `"`)
			}
		}
		rest = c.more.rest
	}
	if c.f == nil && c.kind == noValue && rest == "" {
		out.WriteString("/>")
		return
	}
	out.WriteByte('>')
	if c.f != nil {
		c.f.encode(out, fTag)
	}
	switch c.kind {
	case noValue:
	case inlineValue:
		out.WriteString("<" + isTag + ">")
		out.Write(c.more.inline.raw)
		out.WriteString("</" + isTag + ">")
	default:
		space := ""
		if c.value != strings.TrimSpace(c.value) {
			space = ` xml:space="preserve"`
		}
		out.WriteString("<" + vTag + space + ">" + ooxml.EscapeText(c.value) + "</" + vTag + ">")
	}
	out.WriteString(rest)
	out.WriteString("</" + cellTag + ">")
}

func (f *formula) encode(out *bytes.Buffer, tag string) {
	out.WriteString("<" + tag)
	switch f.kind {
	case sharedFormula:
		out.WriteString(` t="shared"`)
	case arrayFormula:
		out.WriteString(` t="array"`)
	case tableFormula:
		out.WriteString(` t="dataTable"`)
	}
	if f.ref != "" {
		out.WriteString(` ref="` + ooxml.Escape(f.ref) + `"`)
	}
	if f.si != "" {
		out.WriteString(` si="` + ooxml.Escape(f.si) + `"`)
	}
	out.WriteString(f.rest)
	if f.text == "" {
		out.WriteString("/>")
		return
	}
	if f.text != strings.TrimSpace(f.text) {
		out.WriteString(` xml:space="preserve"`)
	}
	out.WriteString(">" + ooxml.EscapeText(f.text) + "</" + tag + ">")
}
