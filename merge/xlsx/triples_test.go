package xlsx

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

var (
	itemRE  = regexp.MustCompile(`(?s)<si>.*?</si>`)
	indexRE = regexp.MustCompile(`(<c [^>]*t="s"[^>]*>(?:<f>[^<]*</f>)?<v>)(\d+)(</v>)`)
	xfRE    = regexp.MustCompile(`(?s)<xf [^>]*?(?:/>|>.*?</xf>)`)
	styleRE = regexp.MustCompile(`(<(?:c|row) [^>]*?\bs=")(\d+)(")`)
	colRE   = regexp.MustCompile(`(<col [^>]*?\bstyle=")(\d+)(")`)
)

// renumbered is a workbook whose strings and formats stand in another order,
// as after a save; "" when it is written in a way that this does not know.
func renumbered(t testing.TB, data []byte) []byte {
	t.Helper()
	p := unzip(t, data)
	const sst, styles = "xl/sharedStrings.xml", "xl/styles.xml"
	items := itemRE.FindAllString(p.text[sst], -1)
	n := len(items)
	if n > 1 && !strings.Contains(p.text[sst], "<si/>") {
		// Item i goes to place n-1-i.
		i := n
		p.text[sst] = itemRE.ReplaceAllStringFunc(p.text[sst], func(string) string { i--; return items[i] })
	} else {
		n = 0
	}
	m := 0
	if lo, hi := strings.Index(p.text[styles], "<cellXfs"), strings.Index(p.text[styles], "</cellXfs>"); lo > 0 && hi > lo {
		list := p.text[styles][lo:hi]
		if xfs := xfRE.FindAllString(list[8:], -1); len(xfs) > 2 {
			// The default stays; the others are turned round.
			m = len(xfs)
			i := -1
			head := list[:strings.IndexByte(list, '>')+1]
			body := xfRE.ReplaceAllStringFunc(list[len(head):], func(string) string {
				if i++; i == 0 {
					return xfs[0]
				}
				return xfs[m-i]
			})
			p.text[styles] = p.text[styles][:lo] + head + body + p.text[styles][hi:]
		}
	}
	for name, text := range p.text {
		if !strings.HasPrefix(name, "xl/worksheets/") || strings.Contains(name, "_rels") {
			continue
		}
		swap := func(re *regexp.Regexp, text string, to func(int) int) string {
			return re.ReplaceAllStringFunc(text, func(one string) string {
				g := re.FindStringSubmatch(one)
				k, _ := parseIndex(g[2])
				return g[1] + itoa(to(k)) + g[3]
			})
		}
		if n > 0 {
			text = swap(indexRE, text, func(k int) int { return n - 1 - k })
		}
		if m > 0 {
			turn := func(k int) int {
				if k == 0 {
					return 0
				}
				return m - k
			}
			text = swap(styleRE, text, turn)
			text = swap(colRE, text, turn)
		}
		p.text[name] = text
	}
	return p.zip(t)
}

func TestRenumberingIsNoChange(t *testing.T) {
	t.Parallel()
	n := 0
	for _, name := range realBooks(t) {
		data := read(t, name)
		again := renumbered(t, data)
		if bytes.Equal(data, again) {
			continue
		}
		n++
		changes, err := Diff(data, again)
		if err != nil || len(changes) > 0 {
			t.Errorf("%s: %v, %d changes, %+v", name, err, len(changes), changes[:min(len(changes), 3)])
		}
	}
	if n < 15 {
		t.Errorf("only %d workbooks", n)
	}
}

// someCells are cells of a workbook that hold a number or a text.
func someCells(t testing.TB, data []byte, r *rand.Rand, n int) []string {
	t.Helper()
	b, err := openBook(data)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, s := range b.sheets {
		if s.kind != "worksheet" {
			continue
		}
		headers := map[spot]bool{}
		for _, rel := range s.rels.ByKind("table") {
			doc, err := b.pkg.XML(rel.Part)
			if err != nil {
				t.Fatal(err)
			}
			a, _ := parseArea(doc.Root().SelectAttrValue("ref", ""))
			for c := a.lo.col; c <= a.hi.col; c++ {
				headers[spot{a.lo.row, c}] = true
			}
		}
		for i := range s.rows {
			for j := range s.rows[i].cells {
				at := spot{s.rows[i].r, s.rows[i].cells[j].col}
				if c, _ := b.content(s, at.row, &s.rows[i].cells[j]); (c.kind == number || c.kind == letters) && !headers[at] {
					all = append(all, s.name+"!"+at.String())
				}
			}
		}
	}
	r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all[:min(n, len(all))]
}

// setText puts a text into a cell by changing the part, so that nothing else
// is touched.
func setText(t testing.TB, data []byte, where, text string) []byte {
	t.Helper()
	sheet, cell, _ := cutLast(where)
	b, err := openBook(data)
	if err != nil {
		t.Fatal(err)
	}
	s := b.sheetNamed(sheet)
	at, _ := parseSpot(cell)
	c := s.row(at.row).cell(at.col)
	p := unzip(t, data)
	style := ""
	if c.style != 0 {
		style = ` s="` + itoa(c.style) + `"`
	}
	tag := "c"
	if s.prefix != "" {
		tag = s.prefix + ":c"
	}
	in := strings.TrimSuffix(tag, "c")
	one := "<" + tag + ` r="` + cell + `"` + style + ` t="inlineStr"><` + in + "is><" + in + "t>" + text + "</" + in + "t></" + in + "is></" + tag + ">"
	p.text[s.part] = string(s.data[:c.lo]) + one + string(s.data[c.hi:])
	return p.zip(t)
}

func cutLast(where string) (sheet, cell string, ok bool) {
	i := strings.LastIndexByte(where, '!')
	return where[:i], where[i+1:], true
}

// TestRealTriples edits real workbooks on both sides: at different cells, both
// must be there; at the same cell, it must be told. One side is saved anew by
// another program or has its numbering turned round.
func TestRealTriples(t *testing.T) {
	t.Parallel()
	merged, told, refused := 0, 0, 0
	for seed, name := range realBooks(t) {
		if strings.Contains(name, "shared") || strings.Contains(name, "saves/") && !strings.HasSuffix(name, "004.xlsx") {
			continue // the same ones again, or much alike
		}
		data := read(t, name)
		r := rand.New(rand.NewPCG(uint64(seed), 1))
		cells := someCells(t, data, r, 5)
		if len(cells) < 2 {
			continue
		}
		plain := func(where, text string) []byte { return setText(t, data, where, text) }
		turned := func(where, text string) []byte { return renumbered(t, setText(t, data, where, text)) }
		other := func(where, text string) []byte {
			sheet, cell, _ := cutLast(where)
			return edited(t, data, func(f *excelize.File) { must(t)(f.SetCellValue(sheet, cell, text)) })
		}
		for kind, second := range map[string]func(string, string) []byte{"plain": plain, "renumbered": turned, "other program": other} {
			label := fmt.Sprintf("%s, %s", filepath.Base(name), kind)
			ours, theirs := plain(cells[0], "ours was here"), second(cells[1], "theirs was here")
			if kind == "other program" && Verify(theirs) != nil {
				continue // what the other program wrote is not sound
			}
			res, err := Merge(data, ours, theirs)
			switch {
			case err != nil:
				refused++
				t.Logf("%s: %v", label, err)
			case len(res.Conflicts) > 0:
				refused++
				t.Logf("%s: conflicts %v", label, wheres(res.Conflicts))
			default:
				merged++
				for where, want := range map[string]string{cells[0]: "ours was here", cells[1]: "theirs was here"} {
					if got := shownAt(t, res.Bytes, where); got != want {
						t.Errorf("%s: %s is %q", label, where, got)
					}
				}
				f, err := excelize.OpenReader(bytes.NewReader(res.Bytes))
				if err != nil {
					t.Errorf("%s: %v", label, err)
					continue
				}
				sheet, cell, _ := cutLast(cells[1])
				if got, err := f.GetCellValue(sheet, cell); err != nil || got != "theirs was here" {
					t.Errorf("%s: the other reader has %q, %v", label, got, err)
				}
				_ = f.Close()
			}
			res, err = Merge(data, plain(cells[0], "ours"), second(cells[0], "theirs"))
			if err == nil && wheres(res.Conflicts) != cells[0] {
				t.Errorf("%s: conflicts %q, want %q", label, wheres(res.Conflicts), cells[0])
			}
			if err == nil {
				told++
			}
		}
	}
	t.Logf("%d merged, %d told, %d refused", merged, told, refused)
	if merged < 35 || refused > merged/20 {
		t.Errorf("%d merged, %d told, %d refused", merged, told, refused)
	}
}

func shownAt(t testing.TB, data []byte, where string) string {
	t.Helper()
	sheet, cell, _ := cutLast(where)
	b, err := openBook(data)
	if err != nil {
		t.Fatal(err)
	}
	at, _ := parseSpot(cell)
	s := b.sheetNamed(sheet)
	c, err := b.contentOf(s, at.row, s.row(at.row).cell(at.col))
	if err != nil {
		t.Fatal(err)
	}
	return c.show()
}

// TestRealSaves merges a real save with an edit of the version before it.
func TestRealSaves(t *testing.T) {
	t.Parallel()
	for _, dir := range []string{"../../testdata/saves"} {
		list, _ := filepath.Glob(dir + "/*.xlsx")
		for i := 1; i < len(list); i += 2 {
			base, next := read(t, list[i-1]), read(t, list[i])
			changed := map[string]bool{}
			changes, err := Diff(base, next)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range changes {
				changed[c.Place()] = true
			}
			edits := 0
			for _, where := range someCells(t, base, rand.New(rand.NewPCG(uint64(i), 2)), 30) {
				if changed[where] {
					continue
				}
				if edits++; edits > 1 {
					break
				}
				theirs := setText(t, base, where, "edited")
				r, err := Merge(base, next, theirs)
				if err != nil || len(r.Conflicts) > 0 {
					t.Errorf("%s, %s: %v, conflicts %v", list[i], where, err, wheres(r.Conflicts))
					continue
				}
				// The result is the real save with that one edit.
				left, err := Diff(next, r.Bytes)
				if err != nil || len(left) != 1 || left[0].After != "edited" {
					t.Errorf("%s, %s: %v, %d changes, %+v", list[i], where, err, len(left), left[:min(3, len(left))])
				}
			}
		}
	}
}

// TestRealMovedRows puts rows into real workbooks on one side and edits a cell
// on the other: the edit must stand where its row went.
func TestRealMovedRows(t *testing.T) {
	t.Parallel()
	merged, refused := 0, 0
	for seed, name := range realBooks(t) {
		if strings.Contains(name, "shared") || strings.Contains(name, "saves/") && !strings.HasSuffix(name, "004.xlsx") {
			continue
		}
		data := read(t, name)
		r := rand.New(rand.NewPCG(uint64(seed), 3))
		for _, where := range someCells(t, data, r, 3) {
			sheet, cell, _ := cutLast(where)
			at, _ := parseSpot(cell)
			row := 1 + r.IntN(at.row+3)
			f, err := excelize.OpenReader(bytes.NewReader(data))
			if err != nil {
				t.Fatal(err)
			}
			if f.InsertRows(sheet, row, 2) != nil || f.SetCellValue(sheet, "A"+itoa(row), "put in") != nil {
				continue
			}
			ours := bytesOf(t, f)
			_ = f.Close()
			if _, err := verified(ours, lenient); err != nil {
				continue // what the other program wrote is not sound
			}
			res, err := Merge(data, ours, setText(t, data, where, "edited"))
			if err != nil || len(res.Conflicts) > 0 {
				refused++
				t.Logf("%s, %s, rows at %d: %v, conflicts %v", filepath.Base(name), where, row, err, wheres(res.Conflicts))
				continue
			}
			merged++
			if row <= at.row {
				at.row += 2
			}
			if got := shownAt(t, res.Bytes, sheet+"!"+at.String()); got != "edited" {
				t.Errorf("%s, %s, rows at %d: %q at %s", filepath.Base(name), where, row, got, at)
			}
		}
	}
	t.Logf("%d merged, %d refused", merged, refused)
	if merged < 3*refused {
		t.Errorf("%d merged, %d refused", merged, refused)
	}
}
