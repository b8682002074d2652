package docx

import (
	"strings"
	"testing"

	"github.com/beevik/etree"
)

// element reads one element of the main namespace, whatever prefixes of the
// usual ones it uses.
func element(t testing.TB, xml string) *etree.Element {
	t.Helper()
	head := ` xmlns:w="` + mainNS + `" xmlns:m="` + mathNS + `" xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"`
	i := strings.IndexAny(xml, "/>")
	doc := etree.NewDocument()
	if err := doc.ReadFromString(xml[:i] + head + xml[i:]); err != nil {
		t.Fatal(err)
	}
	return doc.Root()
}

func tags(e *etree.Element) string {
	var list []string
	for _, c := range e.ChildElements() {
		list = append(list, c.FullTag())
	}
	return strings.Join(list, " ")
}

func TestInsertOrdered(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ parent, child, want string }{
		{`<w:pPr/>`, "jc", "w:jc"},
		{`<w:pPr><w:pStyle/><w:rPr/></w:pPr>`, "jc", "w:pStyle w:jc w:rPr"},
		{`<w:pPr><w:jc/></w:pPr>`, "pStyle", "w:pStyle w:jc"},
		{`<w:pPr><w:jc/></w:pPr>`, "pPrChange", "w:jc w:pPrChange"},
		{`<w:rPr><w14:shadow/></w:rPr>`, "b", "w:b w14:shadow"},
		{`<w:rPr><w:b/><w14:shadow/><w:rPrChange/></w:rPr>`, "i", "w:b w:i w14:shadow w:rPrChange"},
		{`<w:sectPr><w:headerReference/><w:pgSz/></w:sectPr>`, "headerReference", "w:headerReference w:headerReference w:pgSz"},
		{`<w:sectPr><w:headerReference/><w:footerReference/><w:pgSz/></w:sectPr>`, "titlePg", "w:headerReference w:footerReference w:pgSz w:titlePg"},
		{`<w:tbl><w:bookmarkStart/><w:tblPr/><w:tr/></w:tbl>`, "tblGrid", "w:bookmarkStart w:tblPr w:tblGrid w:tr"},
		{`<w:settings><w:rsids/><m:mathPr/><w:listSeparator/><w14:docId/></w:settings>`, "themeFontLang", "w:rsids m:mathPr w:themeFontLang w:listSeparator w14:docId"},
		{`<w:numbering><w:abstractNum/><w:num/><w:num/></w:numbering>`, "abstractNum", "w:abstractNum w:abstractNum w:num w:num"},
		{`<w:tcPr><mc:AlternateContent><mc:Choice><w:shd/></mc:Choice></mc:AlternateContent></w:tcPr>`, "tcW", "w:tcW mc:AlternateContent"},
		{`<w:tcPr><mc:AlternateContent><mc:Choice><w:shd/></mc:Choice></mc:AlternateContent></w:tcPr>`, "vAlign", "mc:AlternateContent w:vAlign"},
		{`<w:tcPr><w:tcW/></w:tcPr>`, "unknown", "w:tcW w:unknown"},
	} {
		parent := element(t, c.parent)
		order := orderOf(parent.Tag)
		if order == nil {
			t.Fatalf("%s has no order", parent.Tag)
		}
		child := etree.NewElement(c.child)
		child.Space = "w"
		insertOrdered(parent, child, order)
		if got := tags(parent); got != c.want {
			t.Errorf("%s into %s: %s, want %s", c.child, c.parent, got, c.want)
		}
	}
}

// TestOrders looks for names given twice.
func TestOrders(t *testing.T) {
	t.Parallel()
	for _, tag := range strings.Fields("document p r tbl tr tc sdt pPr rPr numPr pBdr tblPr tblPrEx tblGrid trPr tcPr tblBorders sectPr footnotePr styles style tblStylePr numbering abstractNum num lvlOverride lvl settings") {
		seen := map[string]bool{}
		for _, name := range orderOf(tag) {
			if seen[name] {
				t.Errorf("%s has %s twice", tag, name)
			}
			seen[name] = true
		}
		if len(seen) == 0 {
			t.Errorf("%s has no order", tag)
		}
	}
	if orderOf("t") != nil {
		t.Error("text has an order")
	}
}
