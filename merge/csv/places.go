package csv

import (
	"fmt"
	"unicode/utf8"

	"github.com/esync/esync/merge/align"
)

// decided tells what was chosen for a conflict; one that is not decided is
// noted.
func (m *merger) decided(p Place) Side {
	for n := 2; m.seen[p.Where]; n++ {
		p.Where = fmt.Sprintf("%s (%d)", p.Where, n)
	}
	m.seen[p.Where] = true
	side := m.choose[p.Where]
	if side != Ours && side != Theirs {
		m.result.Conflicts = append(m.result.Conflicts, p)
	}
	return side
}

// taken notes a place that one side alone changed.
func (m *merger) taken(side Side, p Place) {
	list := &m.result.FromOurs
	if side == Theirs {
		list = &m.result.FromTheirs
	}
	if len(*list) < MaxPlaces {
		*list = append(*list, p)
	}
}

// place names a row and, unless it is nil, a column, and shows what they hold.
func (m *merger) place(it align.Item, column *align.Item) Place {
	where := ""
	for _, version := range [3]int{1, 2, 0} {
		row := it.In(version)
		if row < 0 {
			continue
		}
		where = fmt.Sprintf("row %d", row+1)
		if m.key != nil && m.key.In(version) >= 0 && (row > 0 || !m.named) {
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
			shown[i] = cut(string(t.line(it.In(i))))
		case column.In(i) >= 0:
			shown[i] = cut(t.word(it.In(i), column.In(i)))
		}
	}
	return Place{where, shown[0], shown[1], shown[2]}
}

// name is a column as a person knows it: the name that it has now.
func (m *merger) name(c align.Item) string {
	for _, version := range [3]int{1, 2, 0} {
		if i := c.In(version); i >= 0 {
			if m.named {
				return m.v[version].word(0, i)
			}
			return fmt.Sprint(i + 1)
		}
	}
	return ""
}

// maxShown is the greatest length of a text in a Place.
const maxShown = 200

func cut(text string) string {
	if len(text) <= maxShown {
		return text
	}
	n := maxShown
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:n] + "…"
}
