package ooxml

import (
	"archive/zip"
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestScanner(t *testing.T) {
	t.Parallel()
	for text, good := range map[string]bool{
		`<a/>`:                      true,
		`<a b="1" c='2'>x</a>`:      true,
		"\xef\xbb\xbf<a/>":          true,
		`<?xml version="1.0"?><a/>`: true,
		`<?xml version="1.0" encoding="UTF-8" standalone="yes"?><a></a>`: true,
		`<?xml version="1.0" encoding="UTF-16"?><a/>`:                    false,
		`<?xml version='1.0' encoding='windows-1252'?><a/>`:              false,
		`<!DOCTYPE a><a/>`:                         false,
		`<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>`: false,
		`<a>&x;</a>`:                               false,
		`<a>&#0;</a>`:                              false,
		`<a>&#x41;&amp;</a>`:                       true,
		`<a b="&x;"/>`:                             false,
		`<a><b></a></b>`:                           false,
		`<a>`:                                      false,
		`</a>`:                                     false,
		`<a/><b/>`:                                 false,
		`x<a/>`:                                    false,
		`<a b="1" b="2"/>`:                         false,
		`<a b="1"c="2"/>`:                          false,
		`<a b=1/>`:                                 false,
		`<a b="<"/>`:                               false,
		"<a>\x01</a>":                              false,
		"<a>\xff</a>":                              false,
		`<a><![CDATA[<x>]]></a>`:                   true,
		`<a><![CDATA[</a>`:                         false,
		`<a>]]></a>`:                               false,
		`<a><!-- x --></a>`:                        true,
		`<a><!-- x -- y --></a>`:                   false,
		`<1/>`:                                     false,
		`<a:b:c/>`:                                 false,
		``:                                         false,
		strings.Repeat("<a>", MaxDepth+1):          false,
		strings.Repeat("<a>", 9) + strings.Repeat("</a>", 9): true,
	} {
		if err := CheckXML([]byte(text)); (err == nil) != good {
			t.Errorf("%.60q: %v", text, err)
		}
	}
}

func FuzzScanner(f *testing.F) {
	for _, s := range []string{"<a/>", `<a b="&lt;">&#10;<![CDATA[x]]></a>`, "<?xml version='1.0'?><x:a xmlns:x='u'/>"} {
		f.Add([]byte(s))
	}
	// What the scanner takes, the tree takes, and it means the same after it was written.
	f.Fuzz(func(t *testing.T, data []byte) {
		doc, err := Parse(data)
		if err != nil {
			return
		}
		again, err := Parse(Encode(doc))
		if err != nil {
			t.Fatalf("%q written as %q: %v", data, Encode(doc), err)
		}
		c := &Canon{}
		if a, b := c.String(doc.Root()), c.String(again.Root()); a != b {
			t.Fatalf("%q means %q, written %q", data, a, b)
		}
	})
}

func FuzzEscape(f *testing.F) {
	f.Add("a<b>&\"'\r\n\t")
	f.Fuzz(func(t *testing.T, s string) {
		if !validText([]byte(s)) {
			return
		}
		if got, err := Unescape([]byte(Escape(s))); err != nil || got != s {
			t.Fatalf("%q became %q, %v", s, got, err)
		}
		if got, err := Unescape([]byte(EscapeText(s))); err != nil || got != s {
			t.Fatalf("%q became %q, %v", s, got, err)
		}
	})
}

// zipOf makes a package of names and contents.
func zipOf(t testing.TB, members ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(members); i += 2 {
		f, err := w.Create(members[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(members[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const noTypes = `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>`

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	good := zipOf(t, typesName, noTypes, "a.xml", "<a/>")
	if _, err := Open(good); err != nil {
		t.Fatal(err)
	}
	flip := func(at int, with byte) []byte {
		b := bytes.Clone(good)
		b[at] ^= with
		return b
	}
	for name, data := range map[string][]byte{
		"empty":         nil,
		"text":          []byte("hello"),
		"compound":      append([]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), good...),
		"cut":           good[:len(good)-10],
		"no types":      zipOf(t, "a.xml", "<a/>"),
		"types":         zipOf(t, typesName, "<a/>"),
		"doctype":       zipOf(t, typesName, "<!DOCTYPE x>"+noTypes),
		"twice":         zipOf(t, typesName, noTypes, "a.xml", "1", "a.xml", "2"),
		"twice by case": zipOf(t, typesName, noTypes, "a.xml", "1", "A.xml", "2"),
		"above":         zipOf(t, typesName, noTypes, "../a.xml", "1"),
		"inside above":  zipOf(t, typesName, noTypes, "x/../../a.xml", "1"),
		"absolute":      zipOf(t, typesName, noTypes, "/a.xml", "1"),
		"drive":         zipOf(t, typesName, noTypes, `C:\a.xml`, "1"),
		"backslash":     zipOf(t, typesName, noTypes, `x\a.xml`, "1"),
		"bomb":          zipOf(t, typesName, noTypes, "a.xml", strings.Repeat("\x00", 64<<20)),
		"damaged":       flip(45, 1),
	} {
		p, err := Open(data)
		if err == nil {
			if l := p.Verify(); len(l) > 0 {
				err = l.Err()
			}
		}
		if !errors.Is(err, ErrUnfit) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func realPackages(t testing.TB) []string {
	t.Helper()
	var list []string
	for _, p := range []string{"xlsx", "xlsm", "docx", "docm", "pptx"} {
		for _, dir := range []string{"../../testdata/*", os.Getenv("ESYNC_TEST_PAPERS")} { // more of them, where somebody has some
			found, err := filepath.Glob(filepath.Join(dir, "*."+p))
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, found...)
		}
	}
	if len(list) < 25 {
		t.Fatalf("%d real packages", len(list))
	}
	return list
}

func TestRealPackagesPass(t *testing.T) {
	t.Parallel()
	for _, name := range realPackages(t) {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.HasPrefix(data, []byte("PK")) {
			continue // an older format under a newer name
		}
		p, err := Open(data)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, l := range p.Verify() {
			t.Errorf("%s: %s: %s", name, l.Rule, l)
		}
		// Parts read and written as trees mean the same.
		for _, part := range p.Names() {
			if !p.IsXML(part) {
				continue
			}
			doc, err := p.XML(part)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			again, err := Parse(Encode(doc))
			if c := (&Canon{}); err != nil || c.String(again.Root()) != c.String(doc.Root()) {
				t.Errorf("%s: part %s changes when written: %v", name, part, err)
			}
		}
		same, err := p.Write()
		if err != nil {
			t.Fatal(err)
		}
		q, err := Open(same)
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range p.Names() {
			a, _ := p.Bytes(part)
			if b, err := q.Bytes(part); err != nil || !bytes.Equal(a, b) {
				t.Errorf("%s: part %s is not what it was: %v", name, part, err)
			}
		}
	}
}

// TestFoldersInZip holds that a package with entries for folders can be changed.
func TestFoldersInZip(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../../testdata/papers/decimal-format.xlsx")
	if err != nil {
		t.Fatal(err)
	}
	p, err := Open(data)
	if err != nil {
		t.Fatal(err)
	}
	p.Set("xl/new1.xml", []byte("<a/>"), "application/xml")
	out, err := p.Write()
	if err != nil {
		t.Fatal(err)
	}
	q, err := Open(out)
	if err != nil || len(q.Names()) != len(p.Names()) || q.Has("xl/") {
		t.Error(err, q.Names())
	}
}

// TestDeleteTakesTypes holds that of a part that goes no content type is left,
// and none of its relationships, however they were given.
func TestDeleteTakesTypes(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../../testdata/saves/000.xlsx")
	if err != nil {
		t.Fatal(err)
	}
	const sheet = "xl/worksheets/sheet1.xml"
	p, err := Open(data)
	if err != nil {
		t.Fatal(err)
	}
	p.Set("xl/a.xml", []byte("<a/>"), "application/xml")
	p.SetType(relsName(sheet), RelsType)
	p.SetType(relsName("xl/a.xml"), RelsType)
	p.Set(relsName("xl/a.xml"), []byte(`<Relationships xmlns="`+relsNS+`"><Relationship Id="rId1" Type="x" Target="workbook.xml"/></Relationships>`), RelsType)
	p.Delete("xl/a.xml")
	rels, err := p.Rels(sheet)
	if err != nil || len(rels.List) == 0 {
		t.Fatal(err, len(rels.List))
	}
	for len(rels.List) > 0 {
		rels.Drop(rels.List[0].ID)
	}
	out, err := p.Write()
	if err != nil {
		t.Fatal(err)
	}
	q, err := Open(out)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range q.Verify() {
		if strings.Contains(l.Text, "not in the package") {
			t.Error(l)
		}
	}
}

func TestWriteKeepsBytes(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../../testdata/saves/000.xlsx")
	if err != nil {
		t.Fatal(err)
	}
	p, err := Open(data)
	if err != nil {
		t.Fatal(err)
	}
	p.Set("xl/new1.xml", []byte("<a/>"), "application/xml")
	p.Delete("xl/calcChain.xml")
	if got := p.FreeName("xl/new1.xml"); got != "xl/new2.xml" {
		t.Errorf("free name %q", got)
	}
	out, err := p.Write()
	if err != nil {
		t.Fatal(err)
	}
	before, _ := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	after, err := zip.NewReader(bytes.NewReader(out), int64(len(out)))
	if err != nil {
		t.Fatal(err)
	}
	raw := func(f *zip.File) string {
		r, err := f.OpenRaw()
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if _, err := b.ReadFrom(r); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	kept := map[string]string{}
	for _, f := range after.File {
		kept[f.Name] = raw(f)
	}
	for _, f := range before.File {
		switch f.Name {
		case "xl/calcChain.xml":
			if _, there := kept[f.Name]; there {
				t.Error("the part is still there")
			}
		case typesName:
		default:
			if kept[f.Name] != raw(f) {
				t.Errorf("%s is not the same bytes", f.Name)
			}
		}
	}
	q, err := Open(out)
	if err != nil {
		t.Fatal(err)
	}
	if q.Type("xl/new1.xml") != "application/xml" || q.Has("xl/calcChain.xml") {
		t.Error("the change is not in it")
	}
}
