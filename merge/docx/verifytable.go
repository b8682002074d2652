package docx

import (
	"strconv"

	"github.com/beevik/etree"
)

// table checks that a table has rows, rows have cells, and the cells fit into
// the table's grid.
func (s *storyVerifier) table(e *etree.Element) {
	grid := childOf(e, "tblGrid")
	if grid == nil {
		s.add("table-grid", "a table without its columns")
	}
	if childOf(e, "tblPr") == nil {
		s.add("table-properties", "a table without properties")
	}
	list := allWithin(e, "tr")
	if len(list) == 0 {
		s.add("table-empty", "a table without rows")
	}
	columns := len(childrenOf(grid, "gridCol"))
	var above map[int]int // where merged cells of the row above begin, and how wide they are
	for _, row := range list {
		pr := childOf(row, "trPr")
		at := numberOr(valOf(pr, "gridBefore"), 0)
		merged := map[int]int{}
		cells := allWithin(row, "tc")
		if len(cells) == 0 {
			s.add("row-empty", "a row without cells")
		}
		for _, cell := range cells {
			pr := childOf(cell, "tcPr")
			span := max(numberOr(valOf(pr, "gridSpan"), 1), 1)
			if merge := childOf(pr, "vMerge"); merge != nil {
				if attrOf(merge, "val") != "restart" && above[at] == 0 {
					s.add("merged-cell", "a cell goes on from one above it that does not")
				}
				merged[at] = span
			}
			at += span
		}
		if at += numberOr(valOf(pr, "gridAfter"), 0); columns > 0 && at > columns {
			s.add("grid", "a row of %d columns in a table of %d", at, columns)
		}
		above = merged
	}
}

// allWithin lists the elements of a name below another, through content controls
// and alternatives but not through elements of that name.
func allWithin(e *etree.Element, tag string) []*etree.Element {
	var list []*etree.Element
	for _, c := range e.ChildElements() {
		switch c.Tag {
		case tag:
			list = append(list, c)
		case "sdt", "sdtContent", "customXml", "AlternateContent", "Choice":
			list = append(list, allWithin(c, tag)...)
		}
	}
	return list
}

func (s *storyVerifier) cell(e *etree.Element) {
	if last := lastBlock(e); last == nil || last.Tag != "p" {
		s.add("cell-end", "a cell does not end with a paragraph")
	}
}

// numberOr reads a number of the schema, other where there is none.
func numberOr(text string, other int) int {
	if n, err := strconv.Atoi(text); err == nil && n >= 0 && n < 1<<16 {
		return n
	}
	return other
}
