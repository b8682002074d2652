package csv

import (
	"fmt"

	"github.com/esync/esync/merge/align"
	"github.com/esync/esync/merge/ruling"
)

// place names a row and, unless it is nil, a column, and shows what they hold.
func (m *merger) place(it align.Item, column *align.Item) Place {
	where := ""
	for _, version := range [3]int{1, 2, 0} {
		row := it.In(version)
		if row < 0 {
			continue
		}
		where = fmt.Sprintf("row %d", row+1)
		if m.key != nil && m.key.In(version) >= 0 && row >= m.head {
			where = m.v[version].word(row, m.key.In(version))
		}
		break
	}
	if column != nil {
		where += "!" + m.name(*column)
	}
	var shown [3]string
	for i, t := range m.v {
		switch {
		case it.In(i) < 0:
		case column == nil:
			shown[i] = ruling.Cut(string(t.line(it.In(i))))
		case column.In(i) >= 0:
			shown[i] = ruling.Cut(t.word(it.In(i), column.In(i)))
		}
	}
	return Place{Where: where, Base: shown[0], Ours: shown[1], Theirs: shown[2]}
}

// name is a column as a person knows it: the name that it has now.
func (m *merger) name(c align.Item) string {
	for _, version := range [3]int{1, 2, 0} {
		if i := c.In(version); i >= 0 {
			if m.head > 0 {
				return m.v[version].word(m.head-1, i)
			}
			return fmt.Sprint(i + 1)
		}
	}
	return ""
}
