package csv

import (
	"bytes"
	"strconv"
	"unicode"

	"github.com/esync/esync/merge/align"
)

// maxTitles is how many records may stand in front of the names of the columns.
const maxTitles = 10

// header finds the record that has the names of the columns. Titles may stand in
// front of it, of which less than half of the fields are filled.
func header(t *table) (row int, names []string, ok bool) {
	width, _ := t.width()
	for row := range min(maxTitles, len(t.recs)) {
		names, ok := t.names(row)
		if ok && int(t.recs[row].n) == width {
			return row, names, true
		}
		if !t.isTitle(row, width) {
			break
		}
	}
	if len(t.recs) > 0 && t.recs[0].n > 1 {
		names, ok = t.names(0)
	}
	return 0, names, ok
}

// names gives the fields of a record when they are names: all different, none
// empty and none a number but for years, and with letters in at least half of
// the others.
func (t *table) names(row int) (names []string, ok bool) {
	letters, signs := 0, 0
	seen := map[string]bool{}
	for i := range int(t.recs[row].n) {
		name := t.word(row, i)
		if name == "" || seen[name] {
			return nil, false
		}
		seen[name] = true
		names = append(names, name)
		switch n, err := strconv.ParseFloat(name, 64); {
		case err == nil && (len(name) != 4 || n < 1900 || n >= 2100):
			return nil, false
		case err == nil:
		case bytes.IndexFunc([]byte(name), unicode.IsLetter) < 0:
			signs++
		default:
			letters++
		}
	}
	return names, letters > 0 && signs <= letters
}

// isTitle tells whether a record is a line of a title rather than of a table.
func (t *table) isTitle(row, width int) bool {
	filled := 0
	for i := range int(t.recs[row].n) {
		if len(t.value(row, i)) > 0 {
			filled++
		}
	}
	return 2*filled <= width
}

// title merges a record in front of the names of columns which are not the same
// in all versions. Its fields are in no column.
func (m *merger) title(it align.Item) {
	b, o, t := m.v[0].trimmed(it.Base), m.v[1].trimmed(it.Ours), m.v[2].trimmed(it.Theirs)
	version := 1
	switch {
	case bytes.Equal(o, t):
	case bytes.Equal(b, t):
		m.Take(Ours, m.place(it, nil))
	case bytes.Equal(b, o):
		m.Take(Theirs, m.place(it, nil))
		version = 2
	case m.Decide(m.place(it, nil)) == Theirs:
		version = 2
	}
	row, from := it.In(version), m.v[version]
	line := from.trimmed(row)
	m.out = append(m.out, line...)
	if n := int(from.recs[row].n); n > 1 && n == m.count[version] {
		filled := max(1, n-bytes.Count(from.line(row)[len(line):], []byte{from.sep}))
		m.out = append(m.out, bytes.Repeat([]byte{from.sep}, max(0, len(m.list)-filled))...)
	}
	m.end(from.eol(row))
}

// trimmed is a record without the empty fields at its end.
func (t *table) trimmed(row int) []byte {
	return bytes.TrimRight(t.line(row), string(t.sep))
}
