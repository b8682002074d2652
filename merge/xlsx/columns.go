package xlsx

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/beevik/etree"

	"github.com/esync/esync/merge/formulas"
)

// column is what a sheet says about columns next to each other that are alike.
type column struct {
	min, max int
	colAttrs
}

type colAttrs struct {
	width  string // "" for the default width
	custom bool
	best   bool
	hidden bool
	level  string
	closed bool
	phonic bool
	style  int
}

// readColumns reads the cols elements of a sheet.
func (s *sheet) readColumns() error {
	s.columns = nil
	for _, list := range s.shell.Root().ChildElements() {
		if list.Tag != "cols" {
			continue
		}
		for _, e := range list.ChildElements() {
			c := column{}
			var err1, err2 error
			c.min, err1 = strconv.Atoi(e.SelectAttrValue("min", ""))
			c.max, err2 = strconv.Atoi(e.SelectAttrValue("max", ""))
			if err1 != nil || err2 != nil || c.min < 1 || c.max < c.min || c.max > formulas.MaxCol {
				return fmt.Errorf("columns %q to %q", e.SelectAttrValue("min", ""), e.SelectAttrValue("max", ""))
			}
			if w := e.SelectAttrValue("width", ""); w != "" {
				c.width, _ = numberKey(w)
			}
			c.custom = truth(e.SelectAttrValue("customWidth", ""))
			c.best = truth(e.SelectAttrValue("bestFit", ""))
			c.hidden = truth(e.SelectAttrValue("hidden", ""))
			c.closed = truth(e.SelectAttrValue("collapsed", ""))
			c.phonic = truth(e.SelectAttrValue("phonetic", ""))
			if l := e.SelectAttrValue("outlineLevel", "0"); l != "0" {
				c.level = l
			}
			var err error
			if c.style, err = strconv.Atoi(e.SelectAttrValue("style", "0")); err != nil || c.style < 0 {
				return fmt.Errorf("style %q of a column", e.SelectAttrValue("style", ""))
			}
			s.columns = append(s.columns, c)
		}
	}
	slices.SortStableFunc(s.columns, func(a, b column) int { return a.min - b.min })
	for i := 1; i < len(s.columns); i++ {
		if s.columns[i].min <= s.columns[i-1].max {
			return fmt.Errorf("column %s is there twice", formulas.ColName(s.columns[i].min))
		}
	}
	return nil
}

// column gives the attributes of a column; zero when the sheet has none.
func (s *sheet) column(n int) colAttrs {
	i, _ := slices.BinarySearchFunc(s.columns, n, func(c column, n int) int { return c.max - n })
	if i < len(s.columns) && s.columns[i].min <= n {
		return s.columns[i].colAttrs
	}
	return colAttrs{}
}

// writeColumns puts the columns back into the shell.
func (s *sheet) writeColumns() {
	root := s.shell.Root()
	for _, e := range root.ChildElements() {
		if e.Tag == "cols" {
			root.RemoveChild(e)
		}
	}
	if len(s.columns) == 0 {
		return
	}
	list := etree.NewElement(tagIn(root, "cols"))
	for _, c := range s.columns {
		e := list.CreateElement(tagIn(root, "col"))
		e.CreateAttr("min", itoa(c.min))
		e.CreateAttr("max", itoa(c.max))
		// A width is asked for by programs even where the schema does not.
		width := c.width
		if width == "" {
			width = s.defaultWidth()
		}
		e.CreateAttr("width", width)
		if c.style != 0 {
			e.CreateAttr("style", itoa(c.style))
		}
		for _, f := range []struct {
			name string
			on   bool
		}{{"hidden", c.hidden}, {"bestFit", c.best}, {"customWidth", c.custom}, {"phonetic", c.phonic}} {
			if f.on {
				e.CreateAttr(f.name, "1")
			}
		}
		if c.level != "" {
			e.CreateAttr("outlineLevel", c.level)
		}
		if c.closed {
			e.CreateAttr("collapsed", "1")
		}
	}
	insertOrdered(root, list)
}

func (s *sheet) defaultWidth() string {
	if e := child(s.shell.Root(), "sheetFormatPr"); e != nil {
		if w := e.SelectAttrValue("defaultColWidth", ""); w != "" {
			return w
		}
	}
	return "9.140625"
}

// tagIn is a tag of the workbook's namespace as the part of e writes it.
func tagIn(e *etree.Element, tag string) string {
	if e.Space != "" {
		return e.Space + ":" + tag
	}
	return tag
}
