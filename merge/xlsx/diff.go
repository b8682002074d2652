package xlsx

import (
	"fmt"
	"slices"
	"strings"
)

// ChangeKind tells what was changed.
type ChangeKind string

// The kinds of changes.
const (
	ValueChanged   ChangeKind = "value"
	FormulaChanged ChangeKind = "formula"
	FormatChanged  ChangeKind = "format"
	SizeChanged    ChangeKind = "size" // of a row or a column, or that it is hidden
	SheetAdded     ChangeKind = "sheet added"
	SheetDeleted   ChangeKind = "sheet deleted"
	SheetRenamed   ChangeKind = "sheet renamed"
	SheetsOrdered  ChangeKind = "sheets reordered"
	Inserted       ChangeKind = "inserted" // rows or columns
	Deleted        ChangeKind = "deleted"
	Moved          ChangeKind = "moved"
	Other          ChangeKind = "other" // names, comments, pictures, macros and so on
)

// Change is one difference of two workbooks.
type Change struct {
	Kind ChangeKind
	// Sheet it is on, by its later name; "" for the workbook.
	Sheet string
	// Where it is: "C3", "row 14", "column C", "comments B2", "names: Total".
	Where string
	// Before and After are as a person would read them, "" for nothing.
	Before, After string
}

// Place is where the change is, with the sheet's name.
func (c Change) Place() string {
	switch {
	case c.Sheet == "":
		return c.Where
	case c.Where == "":
		return c.Sheet
	case isSpot(c.Where):
		return c.Sheet + "!" + c.Where
	}
	return c.Sheet + " " + c.Where
}

func isSpot(s string) bool { _, ok := parseSpot(s); return ok }

// Diff compares two workbooks cell by cell. Numbering of strings and formats,
// stored results of formulas and the like are no differences.
func Diff(before, after []byte) ([]Change, error) {
	a, err := openBook(before)
	if err != nil {
		return nil, fmt.Errorf("earlier version: %w", err)
	}
	b, err := openBook(after)
	if err != nil {
		return nil, fmt.Errorf("later version: %w", err)
	}
	d := &differ{a: a, b: b, pairs: matchSheets(a, b)}
	if err := d.follow(); err != nil {
		// Some of what moved cannot be followed: cells are compared where they stand.
		if d.a, err = openBook(before); err != nil {
			return nil, err
		}
		d.pairs, d.out = matchSheets(d.a, b), nil
	}
	return d.run()
}

// follow gives the earlier version the later one's names of sheets, and its
// rows and columns their later places, so that only what was changed differs.
func (d *differ) follow() error {
	to := map[string]string{}
	m := shapes{}
	for _, s := range d.a.sheets {
		o := d.pairs[s]
		if o == nil {
			continue
		}
		if s.name != o.name {
			to[strings.ToLower(s.name)] = o.name
		}
		if s.kind != "worksheet" {
			continue
		}
		did := detect(newGrid(d.a, s), newGrid(d.b, o))
		if did.none() {
			continue
		}
		m[strings.ToLower(o.name)] = did
		d.tellMoves(s, o, did)
	}
	for _, s := range d.a.sheets {
		if o := d.pairs[s]; o != nil && s.name != o.name {
			d.add(SheetRenamed, o, "", s.name, o.name)
		}
	}
	if len(to) > 0 {
		if err := d.a.renameSheets(to); err != nil {
			return err
		}
	}
	if len(m) == 0 {
		return nil
	}
	_, err := d.a.reshape(m)
	return err
}

// tellMoves notes rows and columns that were put in, taken out or sorted.
func (d *differ) tellMoves(s, o *sheet, did *shape) {
	for _, where := range did.texts() {
		text, how, _ := cutWord(where)
		kind := map[string]ChangeKind{"inserted": Inserted, "deleted": Deleted, "sorted": Moved}[how]
		c := ""
		if n, ok := strings.CutPrefix(text, "row "); ok && kind == Deleted {
			i, _ := parseIndex(n)
			c = d.a.rowText(s, i)
		}
		d.add(kind, o, text, c, "")
	}
}

// cutWord cuts the last word off.
func cutWord(s string) (rest, word string, ok bool) {
	i := strings.LastIndexByte(s, ' ')
	if i < 0 {
		return "", s, false
	}
	return s[:i], s[i+1:], true
}

// rowText is what stands in a row, for people.
func (b *book) rowText(s *sheet, n int) string {
	r := s.row(n)
	if r == nil {
		return ""
	}
	var list []string
	for i := range r.cells {
		if c, err := b.content(s, n, &r.cells[i]); err == nil && c.kind != empty && len(list) < 8 {
			list = append(list, c.show())
		}
	}
	return strings.Join(list, ", ")
}

type differ struct {
	a, b  *book
	pairs map[*sheet]*sheet
	out   []Change
}

func (d *differ) add(kind ChangeKind, s *sheet, where, before, after string) {
	c := Change{Kind: kind, Where: where, Before: before, After: after}
	if s != nil {
		c.Sheet = s.name
	}
	d.out = append(d.out, c)
}

func (d *differ) run() ([]Change, error) {
	old := map[*sheet]*sheet{} // of b to that of a
	for s, o := range d.pairs {
		old[o] = s
	}
	for _, s := range d.a.sheets {
		if d.pairs[s] == nil {
			d.add(SheetDeleted, s, "", s.name, "")
		}
	}
	for _, o := range d.b.sheets {
		s := old[o]
		if s == nil {
			d.add(SheetAdded, o, "", "", o.name)
			continue
		}
		if err := d.sheet(s, o); err != nil {
			return nil, err
		}
	}
	if d.reordered(old) {
		d.add(SheetsOrdered, nil, "sheets", sheetNames(d.a), sheetNames(d.b))
	}
	before, err := d.a.bookBlocks()
	if err != nil {
		return nil, unmergeable("%v", err)
	}
	after, err := d.b.bookBlocks()
	if err != nil {
		return nil, unmergeable("%v", err)
	}
	d.blocks(nil, before, after)
	return d.out, nil
}

func sheetNames(b *book) string {
	var names []string
	for _, s := range b.sheets {
		names = append(names, s.name)
	}
	return strings.Join(names, ", ")
}

// reordered tells whether the sheets that both have stand in another order.
func (d *differ) reordered(old map[*sheet]*sheet) bool {
	var was, is []*sheet
	for _, s := range d.a.sheets {
		if d.pairs[s] != nil {
			was = append(was, s)
		}
	}
	for _, o := range d.b.sheets {
		if old[o] != nil {
			is = append(is, old[o])
		}
	}
	return !slices.Equal(was, is)
}

func (d *differ) sheet(s, o *sheet) error {
	if s.kind == "worksheet" {
		if err := d.cells(s, o); err != nil {
			return err
		}
		d.columns(s, o)
	}
	before, err := d.a.sheetBlocks(s)
	if err != nil {
		return unmergeable("sheet %q: %v", s.name, err)
	}
	after, err := d.b.sheetBlocks(o)
	if err != nil {
		return unmergeable("sheet %q: %v", o.name, err)
	}
	d.blocks(o, before, after)
	return nil
}

func (d *differ) cells(s, o *sheet) error {
	return eachRow([]*sheet{s, o}, func(r int, rows []*row) error {
		d.row(o, r, rows)
		return eachCell(rows, func(col int, cells []*cell) error {
			x, err := d.a.look(s, r, rows[0], col, cells[0])
			if err != nil {
				return unmergeable("%v", err)
			}
			y, err := d.b.look(o, r, rows[1], col, cells[1])
			if err != nil {
				return unmergeable("%v", err)
			}
			at := spot{r, col}.String()
			if x.content != y.content {
				kind := ValueChanged
				if x.isFormula() || y.isFormula() {
					kind = FormulaChanged
				}
				d.add(kind, o, at, x.show(), y.show())
			}
			if x.style != y.style {
				d.add(FormatChanged, o, at, d.a.styles.show(s.styleAt(rows[0], col, cells[0])), d.b.styles.show(o.styleAt(rows[1], col, cells[1])))
			}
			return nil
		})
	})
}

func (d *differ) blocks(s *sheet, before, after blocks) {
	for _, key := range keysOf(before, after) {
		x, y := before[key], after[key]
		if before.value(key) == after.value(key) {
			continue
		}
		one := x
		if one == nil {
			one = y
		}
		n := len(d.out)
		if (x == nil || x.items != nil) && (y == nil || y.items != nil) {
			was, is := finder(before.items(key)), finder(after.items(key))
			for _, k := range itemKeys(before.items(key), after.items(key)) {
				i, j := was(k), is(k)
				switch {
				case i == nil:
					d.add(Other, s, itemPlace(s, one, j), "", j.show)
				case j == nil:
					d.add(Other, s, itemPlace(s, one, i), i.show, "")
				case i.value != j.value:
					d.add(Other, s, itemPlace(s, one, j), i.show, j.show)
				}
			}
		}
		if len(d.out) == n {
			d.add(Other, s, one.label, "", "")
		}
	}
}

// itemPlace says where an item is: "names: Total", "comments B2".
func itemPlace(s *sheet, b *block, i *item) string {
	if s == nil {
		return b.label + ": " + i.label
	}
	return b.label + " " + i.label
}

func itemKeys(lists ...[]item) []string {
	var keys []string
	seen := map[string]bool{}
	for _, l := range lists {
		for _, i := range l {
			if !seen[i.key] {
				seen[i.key] = true
				keys = append(keys, i.key)
			}
		}
	}
	return keys
}
