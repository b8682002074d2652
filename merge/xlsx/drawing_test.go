package xlsx

import (
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// TestObjectsGo holds that of objects that were deleted nothing is left that
// another reader would show.
func TestObjectsGo(t *testing.T) {
	t.Parallel()
	ok := must(t)
	base := richBook(t)
	for i := range 4 { // each side is what the result is made of now and then
		ours := cellSet(t, base, "TB", "C3", i)
		r := check(t, base, ours, edited(t, base, func(f *excelize.File) { ok(f.DeletePicture("Lead", "D20")) }))
		if r.Bytes == nil {
			t.Fatal(wheres(r.Conflicts))
		}
		p := unzip(t, r.Bytes)
		for name, text := range p.text {
			if strings.HasPrefix(name, "xl/media/") || strings.HasSuffix(name, ".rels") && strings.Contains(text, "/image") {
				t.Errorf("%s is there", name)
			}
		}
		// An edited chart is in the place of what it was.
		r = check(t, base, ours, built(t, base, func(p *parts) { p.replace(t, "xl/charts/chart1.xml", "$B$7", "$B$6") }))
		p = unzip(t, r.Bytes)
		n := 0
		for name := range p.text {
			n += bit(strings.HasPrefix(name, "xl/charts/chart"))
		}
		if n != 1 {
			t.Errorf("%d charts", n)
		}
		// Programs that give every sheet with a filter an empty drawing.
		r = check(t, base, cellSet(t, base, "TB", "C3", i), built(t, base, func(p *parts) {
			p.related(t, partTBRels, "rId77", relBase+"drawing", "../drawings/drawing77.xml", "xl/drawings/drawing77.xml", "application/vnd.openxmlformats-officedocument.drawing+xml",
				`<xdr:wsDr xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"></xdr:wsDr>`)
			p.replace(t, partTB, "<legacyDrawing", `<drawing r:id="rId77"/><legacyDrawing`)
			p.replace(t, partTB, "507.25", "507.5")
		}))
		if r.Bytes == nil || shown(t, r.Bytes, "TB!C9") != "507.5" {
			t.Errorf("empty drawing: %v", wheres(r.Conflicts))
		}
	}
}

// TestConnectors holds that a connector that comes from the other side ends at
// the shapes at which it ended there.
func TestConnectors(t *testing.T) {
	t.Parallel()
	const drawing = "xl/drawings/drawing1.xml"
	base := richBook(t)
	shape := func(id, name string) string {
		return `<xdr:twoCellAnchor><xdr:from><xdr:col>1</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>1</xdr:row><xdr:rowOff>0</xdr:rowOff></xdr:from><xdr:to><xdr:col>2</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>3</xdr:row><xdr:rowOff>0</xdr:rowOff></xdr:to><xdr:sp macro="" textlink=""><xdr:nvSpPr><xdr:cNvPr id="` + id + `" name="` + name + `"/><xdr:cNvSpPr/></xdr:nvSpPr><xdr:spPr/></xdr:sp><xdr:clientData/></xdr:twoCellAnchor>`
	}
	line := `<xdr:twoCellAnchor><xdr:from><xdr:col>1</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>1</xdr:row><xdr:rowOff>0</xdr:rowOff></xdr:from><xdr:to><xdr:col>2</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>3</xdr:row><xdr:rowOff>0</xdr:rowOff></xdr:to><xdr:cxnSp macro=""><xdr:nvCxnSpPr><xdr:cNvPr id="14" name="Line"/><xdr:cNvCxnSpPr><a:stCxn id="12" idx="1"/><a:endCxn id="13" idx="2"/></xdr:cNvCxnSpPr></xdr:nvCxnSpPr><xdr:spPr/></xdr:cxnSp><xdr:clientData/></xdr:twoCellAnchor>`
	with := func(text string) []byte {
		return built(t, base, func(p *parts) { p.replace(t, drawing, "</xdr:wsDr>", text+"</xdr:wsDr>") })
	}
	r := check(t, base, with(shape("12", "Mine")+shape("13", "Mine too")), with(shape("12", "Box 1")+shape("13", "Box 2")+line))
	if r.Bytes == nil {
		t.Fatal(wheres(r.Conflicts))
	}
	b, err := openBook(r.Bytes)
	must(t)(err)
	doc, err := b.pkg.XML(drawing)
	must(t)(err)
	for end, want := range map[string]string{"stCxn": "shape Box 1", "endCxn": "shape Box 2"} {
		e := doc.FindElement("//" + end)
		if got := shapeName(e, e.SelectAttrValue("id", "")); got != want {
			t.Errorf("%s leads to %q, want %q", end, got, want)
		}
	}
	if n := len(anchorsOf(doc.Root())); n != 7 {
		t.Errorf("%d objects", n)
	}
}
