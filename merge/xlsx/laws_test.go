package xlsx

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"
)

// FuzzVerify holds that no bytes make the reader panic.
func FuzzVerify(f *testing.F) {
	f.Add(ledger(f))
	f.Add(read(f, "../../testdata/papers/51963.xlsx"))
	f.Add([]byte("PK\x03\x04"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := Verify(data); err != nil && !errors.Is(err, ErrUnmergeable) {
			t.Fatal(err)
		}
		if _, err := Diff(data, data); err != nil && !errors.Is(err, ErrUnmergeable) {
			t.Fatal(err)
		}
	})
}

// FuzzMerge puts texts into parts of both sides. Whatever they are, merging
// must not panic, must be the same both ways, and must end in a sound workbook
// or none.
func FuzzMerge(f *testing.F) {
	base := ledger(f)
	p := unzip(f, base)
	put := func(t testing.TB, part uint8, at uint16, cut uint8, text string) []byte {
		q := &parts{names: p.names, text: map[string]string{}}
		for k, v := range p.text {
			q.text[k] = v
		}
		name := p.names[int(part)%len(p.names)]
		old := q.text[name]
		i := int(at) % (len(old) + 1)
		q.text[name] = old[:i] + text + old[min(len(old), i+int(cut)):]
		return q.zip(t)
	}
	index := func(name string) uint8 { return uint8(slices.Index(p.names, name)) }
	sheet := index("xl/worksheets/sheet1.xml")
	row := uint16(strings.Index(p.text["xl/worksheets/sheet1.xml"], "<row r=\"3\""))
	f.Add(sheet, row, uint8(0), "", sheet, row, uint8(0), `<row r="2"/>`)
	f.Add(sheet, row+14, uint8(2), "77", sheet, row+90, uint8(1), "8")
	f.Add(index("xl/styles.xml"), uint16(4000), uint8(3), "x", index("xl/workbook.xml"), uint16(900), uint8(0), " ")
	f.Add(index("xl/comments1.xml"), uint16(300), uint8(1), "D", index("[Content_Types].xml"), uint16(200), uint8(5), "")
	f.Fuzz(func(t *testing.T, part1 uint8, at1 uint16, cut1 uint8, text1 string, part2 uint8, at2 uint16, cut2 uint8, text2 string) {
		x, y := put(t, part1, at1, cut1, text1), put(t, part2, at2, cut2, text2)
		r, err := Merge(base, x, y)
		m, err2 := Merge(base, y, x)
		if (err == nil) != (err2 == nil) || !bytes.Equal(r.Bytes, m.Bytes) || len(r.Conflicts) != len(m.Conflicts) {
			t.Fatalf("%v, %v: not the same both ways", err, err2)
		}
		if r.Bytes != nil && !bytes.Equal(r.Bytes, x) && !bytes.Equal(r.Bytes, y) {
			if _, err := verified(r.Bytes, lenient); err != nil {
				t.Fatal(err)
			}
		}
		if r, err := Merge(base, base, y); err != nil || !bytes.Equal(r.Bytes, y) {
			t.Fatalf("one side: %v", err)
		}
	})
}

// TestRandomEdits holds that edits of different cells end as when one person
// had made them all, and that those of the same cell are told, each by name.
func TestRandomEdits(t *testing.T) {
	t.Parallel()
	base := ledger(t)
	apply := func(t *rapid.T, edits map[string]any) []byte {
		f, err := excelize.OpenReader(bytes.NewReader(base))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		for where, v := range edits {
			sheet, cell, _ := strings.Cut(where, "!")
			if text, ok := v.(string); ok && strings.HasPrefix(text, "=") {
				err = f.SetCellFormula(sheet, cell, text[1:])
			} else {
				err = f.SetCellValue(sheet, cell, v)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		b, err := f.WriteToBuffer()
		if err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	anyEdits := func(t *rapid.T, name string) map[string]any {
		edits := map[string]any{}
		for range rapid.IntRange(1, 6).Draw(t, name) {
			where := rapid.SampledFrom([]string{"TB", "Lead"}).Draw(t, "sheet") + "!" + spot{rapid.IntRange(1, 22).Draw(t, "row"), rapid.IntRange(1, 8).Draw(t, "col")}.String()
			if where == "TB!B17" || where == "TB!C17" {
				where = "TB!A17" // they are one cell, to the other program as well
			}
			switch rapid.IntRange(0, 4).Draw(t, "kind") {
			case 0:
				edits[where] = nil
			case 1:
				edits[where] = "=A1+" + itoa(rapid.IntRange(1, 3).Draw(t, "n"))
			case 2:
				edits[where] = rapid.SampledFrom([]string{"x", "y", "account 5", " z "}).Draw(t, "text")
			default:
				edits[where] = rapid.IntRange(1, 4).Draw(t, "number")
			}
		}
		return edits
	}
	left := 30 // each takes as long as a hundred of others
	rapid.Check(t, func(t *rapid.T) {
		if left--; left < 0 {
			return
		}
		ours, theirs := anyEdits(t, "ours"), anyEdits(t, "theirs")
		both := map[string]any{}
		var clash []string
		was := func(where string) string { return cellOf(t, base, where) }
		x, y := apply(t, ours), apply(t, theirs)
		for where, v := range ours {
			both[where] = v
		}
		for where, v := range theirs {
			o, mine, theirs := was(where), cellOf(t, x, where), cellOf(t, y, where)
			if _, ok := ours[where]; ok && mine != o && theirs != o && mine != theirs {
				clash = append(clash, where)
			}
			if theirs != o || both[where] == nil {
				if _, ok := ours[where]; !ok || mine == o {
					both[where] = v
				}
			}
		}
		slices.Sort(clash)
		r, err := Merge(base, x, y)
		if err != nil {
			t.Fatal(err)
		}
		if wheres(r.Conflicts) != strings.Join(clash, "; ") {
			t.Fatalf("%v and %v: conflicts %q, want %q", ours, theirs, wheres(r.Conflicts), clash)
		}
		if len(clash) > 0 {
			return
		}
		changes, err := Diff(apply(t, both), r.Bytes)
		if err != nil || len(changes) > 0 {
			t.Fatalf("%v and %v: %v, %+v", ours, theirs, err, changes)
		}
	})
}

func cellOf(t *rapid.T, data []byte, where string) string {
	b, err := openBook(data)
	if err != nil {
		t.Fatal(err)
	}
	sheet, cell, _ := strings.Cut(where, "!")
	at, _ := parseSpot(cell)
	s := b.sheetNamed(sheet)
	r := s.row(at.row)
	if r == nil {
		return ""
	}
	c, err := b.contentOf(s, at.row, r.cell(at.col))
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(c.kind, c.text)
}

// TestChoices resolves conflicts place by place.
func TestChoices(t *testing.T) {
	t.Parallel()
	base := richBook(t)
	ok := must(t)
	ours := edited(t, base, func(f *excelize.File) {
		ok(f.SetCellValue("TB", "C3", 1))
		ok(f.SetCellValue("TB", "C4", 1))
		ok(f.SetCellValue("TB", "C5", 1))
		ok(f.SetColWidth("TB", "C", "C", 30))
		ok(f.SetDefinedName(&excelize.DefinedName{Name: "One", RefersTo: "TB!$A$1"}))
	})
	theirs := edited(t, base, func(f *excelize.File) {
		ok(f.SetCellValue("TB", "C3", 2))
		ok(f.SetCellValue("TB", "C4", 2))
		ok(f.SetCellValue("TB", "C6", 2))
		ok(f.SetColWidth("TB", "C", "C", 31))
		ok(f.SetDefinedName(&excelize.DefinedName{Name: "One", RefersTo: "TB!$A$2"}))
	})
	r := check(t, base, ours, theirs)
	if got := wheres(r.Conflicts); got != "TB column C; TB!C3; TB!C4; names: One" {
		t.Fatal(got)
	}
	if c := r.Conflicts[1]; c != (Place{Where: "TB!C3", Base: "15.25", Ours: "1", Theirs: "2"}) {
		t.Errorf("%+v", c)
	}
	choose := map[string]Side{"TB!C3": Ours, "TB!C4": Theirs, "TB column C": Theirs}
	r, err := MergeWith(base, ours, theirs, choose)
	if err != nil || wheres(r.Conflicts) != "names: One" || r.Bytes != nil {
		t.Fatal(err, wheres(r.Conflicts))
	}
	choose["names: One"] = Ours
	r, err = MergeWith(base, ours, theirs, choose)
	if err != nil || r.Bytes == nil {
		t.Fatal(err, wheres(r.Conflicts))
	}
	for where, want := range map[string]string{"TB!C3": "1", "TB!C4": "2", "TB!C5": "1", "TB!C6": "2"} {
		if got := shown(t, r.Bytes, where); got != want {
			t.Errorf("%s is %q, want %q", where, got, want)
		}
	}
	if len(r.Kept) != 3 {
		t.Errorf("kept %q", wheres(r.Kept))
	}
	if got := wheres(r.Changes); got != "TB column C; TB!C4; TB!C6" && got != "TB!C4; TB!C6; TB column C" {
		t.Errorf("changes %q", got)
	}
	mirrored := map[string]Side{"TB!C3": Theirs, "TB!C4": Ours, "TB column C": Ours, "names: One": Theirs}
	m, err := MergeWith(base, theirs, ours, mirrored)
	if err != nil || !bytes.Equal(m.Bytes, r.Bytes) {
		t.Error("choices are not mirrored", err)
	}
}

// TestDeletedSheetChosen lets a sheet go that the other side changed.
func TestDeletedSheetChosen(t *testing.T) {
	t.Parallel()
	base := richBook(t)
	ok := must(t)
	ours := edited(t, base, func(f *excelize.File) { ok(f.DeleteSheet("Notes & more")) })
	theirs := edited(t, base, func(f *excelize.File) {
		ok(f.SetCellValue("Notes & more", "B3", "x"))
		ok(f.SetCellValue("TB", "C3", 1))
	})
	r := check(t, base, ours, theirs)
	if got := wheres(r.Conflicts); got != "Notes & more!B3; sheet Notes & more" {
		t.Fatal(got)
	}
	r, err := MergeWith(base, ours, theirs, map[string]Side{"sheet Notes & more": Ours})
	if err != nil || r.Bytes == nil || shown(t, r.Bytes, "TB!C3") != "1" {
		t.Fatal(err, wheres(r.Conflicts))
	}
	r, err = MergeWith(base, theirs, ours, map[string]Side{"sheet Notes & more": Theirs})
	if err != nil || r.Bytes == nil {
		t.Fatal(err, wheres(r.Conflicts))
	}
	rows := ledger(t)
	gone := edited(t, rows, func(f *excelize.File) { ok(f.RemoveRow("TB", 4)) })
	edit := edited(t, rows, func(f *excelize.File) { ok(f.SetCellValue("TB", "C4", 1)); ok(f.SetCellValue("TB", "C5", 7)) })
	if r := check(t, rows, gone, edit); wheres(r.Conflicts) != "TB!C4" {
		t.Errorf("deleted row: %q", wheres(r.Conflicts))
	}
	r, err = MergeWith(rows, gone, edit, map[string]Side{"TB!C4": Ours})
	if err != nil || r.Bytes == nil || shown(t, r.Bytes, "TB!C4") != "7" {
		t.Errorf("deleted row chosen: %v, %q", err, wheres(r.Conflicts))
	}
	two := patched(t, base, "xl/workbook.xml", `name="Notes &amp; more"`, `name="A"`)
	three := patched(t, base, "xl/workbook.xml", `name="Notes &amp; more"`, `name="B"`)
	if r := check(t, base, two, three); wheres(r.Conflicts) != "sheet Notes & more" {
		t.Errorf("two names: %q", wheres(r.Conflicts))
	}
}

// TestHostile holds that packages which are not what they seem are refused.
func TestHostile(t *testing.T) {
	t.Parallel()
	base := ledger(t)
	good := edited(t, base, func(f *excelize.File) { must(t)(f.SetCellValue("TB", "C3", 1)) })
	const tb = "xl/worksheets/sheet1.xml"
	with := func(change func(*parts)) []byte {
		p := unzip(t, base)
		change(p)
		return p.zip(t)
	}
	deep := strings.Repeat("<a>", 3000) + strings.Repeat("</a>", 3000)
	for name, data := range map[string][]byte{
		"encrypted": append([]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), make([]byte, 512)...),
		"cut":       base[:len(base)/2],
		"empty":     {},
		"entities":  with(func(p *parts) { p.text[tb] = `<!DOCTYPE x [<!ENTITY a "aaaa">]>` + p.text[tb] }),
		"external": with(func(p *parts) {
			p.text["xl/styles.xml"] = `<!DOCTYPE x SYSTEM "file:///etc/passwd">` + p.text["xl/styles.xml"]
		}),
		"deep":    with(func(p *parts) { p.replace(t, tb, "<sheetData>", deep+"<sheetData>") }),
		"bomb":    with(func(p *parts) { p.add("xl/media/x.xml", strings.Repeat("<a></a>", 40<<20/7)) }),
		"outside": with(func(p *parts) { p.add("../../x.xml", "<a/>") }),
		"twice":   with(func(p *parts) { p.add(tb, p.text[tb]) }),
		"strict": with(func(p *parts) {
			p.text["xl/workbook.xml"] = strings.ReplaceAll(p.text["xl/workbook.xml"], mainNS, "http://purl.oclc.org/ooxml/spreadsheetml/main")
		}),
		"binary": with(func(p *parts) {
			p.replace(t, "[Content_Types].xml", "sheet.main+xml", "sheet.binary.macroEnabled.main")
		}),
		"far row":   with(func(p *parts) { p.replace(t, tb, `<row r="2"`, `<row r="99999999999999999999"`) }),
		"rows back": with(func(p *parts) { p.replace(t, tb, `<row r="3"`, `<row r="2"`) }),
	} {
		for _, order := range [][3][]byte{{base, good, data}, {base, data, good}, {data, base, good}} {
			if _, err := Merge(order[0], order[1], order[2]); !errors.Is(err, ErrUnmergeable) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if r, err := Merge(base, base, data); err != nil || !bytes.Equal(r.Bytes, data) {
			t.Errorf("%s: one-sided: %v", name, err)
		}
	}
}
