package xlsx

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"

	"github.com/esync/esync/merge/formulas"
	"github.com/esync/esync/merge/ooxml"
)

// readRows reads the rows of a sheet. Rows and cells must ascend.
func readRows(part []byte) (*rowReader, error) {
	r := &rowReader{part: part, s: ooxml.NewScanner(part)}
	return r, r.read()
}

type rowReader struct {
	part   []byte
	s      *ooxml.Scanner
	prefix string
	rows   []row
	cells  []cell // of the row that is read
	count  int
	// lo and hi are where the rows begin and end; both 0 without any.
	lo, hi int
	// implicit tells that a row or a cell does not say where it is.
	implicit bool
}

// maxCells bounds the memory of a sheet.
const maxCells = 2 << 20

func (r *rowReader) read() error {
	first := true
	for {
		tok, err := r.s.Next()
		if err != nil {
			if ooxml.IsEnd(err) {
				return nil
			}
			return err
		}
		if tok.Kind != ooxml.Start {
			continue
		}
		if first {
			if r.prefix, err = mainPrefix(&tok, "worksheet"); err != nil {
				return err
			}
			first = false
			continue
		}
		if r.s.Depth() != 2-bit(tok.Empty) {
			continue
		}
		if local, own := localName(tok.Name, r.prefix); !own || local != "sheetData" {
			continue
		}
		if r.hi > 0 {
			return fmt.Errorf("cells given twice")
		}
		r.lo, r.hi = tok.Hi, tok.Hi
		if tok.Empty {
			r.lo, r.hi = tok.Lo, tok.Hi
			continue
		}
		if err := r.readData(); err != nil {
			return err
		}
	}
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (r *rowReader) readData() error {
	at := 0
	for {
		tok, err := r.s.Next()
		if err != nil {
			return err
		}
		switch tok.Kind {
		case ooxml.End:
			r.hi = tok.Lo
			return nil
		case ooxml.Text:
			if !blank(tok.Text) {
				return fmt.Errorf("text between rows")
			}
		case ooxml.Start:
			if local, own := localName(tok.Name, r.prefix); !own || local != "row" {
				return fmt.Errorf("element %q between rows", tok.Name)
			}
			one, err := r.readRow(&tok, at)
			if err != nil {
				return err
			}
			at = one.r
			if r.count += len(one.cells); r.count > maxCells {
				return fmt.Errorf("more than %d cells", maxCells)
			}
			r.rows = append(r.rows, one)
		}
	}
}

func blank(b []byte) bool {
	for _, c := range b {
		if c != ' ' && c != '\n' && c != '\t' && c != '\r' {
			return false
		}
	}
	return true
}

func truth(s string) bool { return s == "1" || s == "true" || s == "on" }

func (r *rowReader) readRow(tok *ooxml.Token, before int) (row, error) {
	one := row{r: before + 1, lo: tok.Lo}
	placed := false
	for _, a := range tok.Attrs {
		v, _ := ooxml.Unescape(a.Value)
		switch string(a.Name) {
		case "r":
			n, m := formulas.ParseRow(v)
			if n == 0 || m != len(v) || n <= before {
				return one, fmt.Errorf("row %q after row %d", v, before)
			}
			one.r, placed = n, true
		case "s":
			n, err := strconv.Atoi(v)
			if err != nil || n < 0 {
				return one, fmt.Errorf("style %q of row %d", v, one.r)
			}
			one.style = n
		case "customFormat":
			one.styled = truth(v)
		case "ht":
			one.height = v
		case "customHeight":
			one.custom = truth(v)
		case "hidden":
			one.hidden = truth(v)
		case "outlineLevel":
			if v != "0" {
				one.level = v
			}
		case "collapsed":
			one.closed = truth(v)
		case "thickTop":
			one.thick[0] = truth(v)
		case "thickBot":
			one.thick[1] = truth(v)
		case "ph":
			one.phonic = truth(v)
		}
	}
	r.implicit = r.implicit || !placed
	if one.r > formulas.MaxRow {
		return one, fmt.Errorf("row %d", one.r)
	}
	if tok.Empty {
		one.hi = tok.Hi
		return one, nil
	}
	col := 0
	r.cells = r.cells[:0]
	for {
		tok, err := r.s.Next()
		if err != nil {
			return one, err
		}
		switch tok.Kind {
		case ooxml.End:
			one.hi, one.cells = tok.Hi, slices.Clone(r.cells)
			return one, nil
		case ooxml.Text:
			if !blank(tok.Text) {
				return one, fmt.Errorf("text between the cells of row %d", one.r)
			}
		case ooxml.Start:
			local, own := localName(tok.Name, r.prefix)
			if !own || local != "c" {
				lo := tok.Lo
				hi, err := r.skip(&tok)
				if err != nil {
					return one, err
				}
				one.rest += string(r.part[lo:hi])
				continue
			}
			c, err := r.readCell(&tok, one.r, col)
			if err != nil {
				return one, err
			}
			col = c.col
			r.cells = append(r.cells, c)
		}
	}
}

// skip reads to the end of the element that tok begins, and says where it is.
func (r *rowReader) skip(tok *ooxml.Token) (int, error) {
	if tok.Empty {
		return tok.Hi, nil
	}
	depth := r.s.Depth()
	for {
		t, err := r.s.Next()
		if err != nil {
			return 0, err
		}
		if t.Kind == ooxml.End && r.s.Depth() < depth {
			return t.Hi, nil
		}
	}
}

func (r *rowReader) readCell(tok *ooxml.Token, inRow, before int) (cell, error) {
	c := cell{col: before + 1, lo: tok.Lo, hi: tok.Hi}
	kind, kindOK, placed := numberValue, true, false
	for _, a := range tok.Attrs {
		switch string(a.Name) {
		case "r":
			at, ok := parseSpot(string(a.Value))
			if !ok || at.row != inRow || at.col <= before {
				return c, fmt.Errorf("cell %q in row %d after column %d", a.Value, inRow, before)
			}
			c.col, placed = at.col, true
		case "s":
			n, err := strconv.Atoi(string(a.Value))
			if err != nil || n < 0 {
				return c, fmt.Errorf("style %q of a cell in row %d", a.Value, inRow)
			}
			c.style = n
		case "t":
			kind, kindOK = kindNames[string(a.Value)]
		case "cm":
			c.extra().cm = string(a.Value)
		case "vm":
			c.extra().vm = string(a.Value)
		case "ph":
			c.extra().ph = string(a.Value)
		}
	}
	r.implicit = r.implicit || !placed
	if c.col > formulas.MaxCol || !kindOK {
		return c, fmt.Errorf("cell %s", spot{inRow, c.col})
	}
	if tok.Empty {
		return c, nil
	}
	for {
		tok, err := r.s.Next()
		if err != nil {
			return c, err
		}
		switch tok.Kind {
		case ooxml.End:
			c.hi = tok.Hi
			return c, nil
		case ooxml.Text:
			if !blank(tok.Text) {
				return c, fmt.Errorf("text in cell %s", spot{inRow, c.col})
			}
		case ooxml.Start:
			if err := r.readInside(&c, &tok, kind); err != nil {
				return c, fmt.Errorf("cell %s: %w", spot{inRow, c.col}, err)
			}
		}
	}
}

func (c *cell) extra() *more {
	if c.more == nil {
		c.more = &more{}
	}
	return c.more
}

func (r *rowReader) readInside(c *cell, tok *ooxml.Token, kind valueKind) error {
	local, own := localName(tok.Name, r.prefix)
	if !own {
		local = "other"
	}
	switch local {
	case "v":
		v, _, err := r.content(tok)
		if err != nil {
			return err
		}
		if kind == textValue || kind == sharedValue || v != "" {
			c.value, c.kind = v, kind
		}
		return nil
	case "f":
		c.f = readFormula(tok)
		v, _, err := r.content(tok)
		c.f.text = v
		c.f.master = v != ""
		return err
	case "is":
		lo := tok.Hi
		hi, err := r.skip(tok)
		if err != nil {
			return err
		}
		raw := []byte(nil)
		if !tok.Empty {
			raw = r.part[lo : lo+lastTag(r.part[lo:hi])]
		}
		t, err := readText(raw, r.prefix)
		if err != nil {
			return err
		}
		if kind == inlineValue {
			c.kind, c.value = inlineValue, t.key
			c.extra().inline = t
		}
		return nil
	}
	lo := tok.Lo
	hi, err := r.skip(tok)
	if err != nil {
		return err
	}
	c.extra().rest += string(r.part[lo:hi])
	return nil
}

// lastTag is where the last end tag begins, with which an element ends.
func lastTag(b []byte) int { return bytes.LastIndex(b, []byte("</")) }

func readFormula(tok *ooxml.Token) *formula {
	f := &formula{}
	for _, a := range tok.Attrs {
		switch string(a.Name) {
		case "t":
			switch string(a.Value) {
			case "shared":
				f.kind = sharedFormula
			case "array":
				f.kind = arrayFormula
			case "dataTable":
				f.kind = tableFormula
			}
		case "ref":
			f.ref = string(a.Value)
		case "si":
			f.si = string(a.Value)
		case "xml:space":
		default:
			v, _ := ooxml.Unescape(a.Value)
			f.rest += " " + string(a.Name) + `="` + ooxml.Escape(v) + `"`
		}
	}
	return f
}

// content is the text in an element that has nothing else in it.
func (r *rowReader) content(tok *ooxml.Token) (string, int, error) {
	if tok.Empty {
		return "", tok.Hi, nil
	}
	text := ""
	for {
		t, err := r.s.Next()
		if err != nil {
			return "", 0, err
		}
		switch t.Kind {
		case ooxml.Text:
			text += t.String()
		case ooxml.End:
			return text, t.Hi, nil
		case ooxml.Start:
			return "", 0, fmt.Errorf("element %q in a value", t.Name)
		}
	}
}
