package xlsx

import (
	"errors"
	"os"
	"strings"
	"testing"
)

// TestVerifyNoticesDamage breaks a sound workbook in every way that a merge
// might, one at a time; each must be noticed.
func TestVerifyNoticesDamage(t *testing.T) {
	t.Parallel()
	data := richBook(t)
	if os.Getenv("DUMP") != "" {
		_ = os.WriteFile(os.Getenv("DUMP"), data, 0o600)
	}
	if err := Verify(data); err != nil {
		t.Fatalf("sound workbook: %v", err)
	}
	const (
		types  = "[Content_Types].xml"
		book   = "xl/workbook.xml"
		rels   = "xl/_rels/workbook.xml.rels"
		tb     = "xl/worksheets/sheet1.xml"
		tbRels = "xl/worksheets/_rels/sheet1.xml.rels"
		lead   = "xl/worksheets/sheet2.xml"
		notes  = "xl/worksheets/sheet3.xml"
		styles = "xl/styles.xml"
		sst    = "xl/sharedStrings.xml"
		table  = "xl/tables/table1.xml"
	)
	text := func(part, old, with string) func(*parts) {
		return func(p *parts) { p.replace(t, part, old, with) }
	}
	drop := func(part string) func(*parts) { return func(p *parts) { delete(p.text, part) } }
	for name, damage := range map[string]func(*parts){
		"part missing":                drop(tb),
		"strings missing":             drop(sst),
		"styles missing":              drop(styles),
		"picture missing":             drop("xl/media/image1.png"),
		"table missing":               drop(table),
		"comments missing":            drop("xl/comments1.xml"),
		"boxes missing":               drop("xl/drawings/vmlDrawing1.vml"),
		"types missing":               drop(types),
		"relationships missing":       drop(rels),
		"sheet relationships missing": drop(tbRels),
		"main relationship missing":   drop("_rels/.rels"),
		"no type for a part":          text(types, `Extension="png"`, `Extension="pmg"`),
		"type of a missing part":      text(types, "/xl/styles.xml", "/xl/styles9.xml"),
		"type given twice":            text(types, "</Types>", `<Override PartName="/xl/styles.xml" ContentType="application/x"/></Types>`),
		"sheet of the wrong type":     text(types, "spreadsheetml.worksheet+xml", "spreadsheetml.comments+xml"),
		"relationship to nothing":     text(rels, "worksheets/sheet2.xml", "worksheets/sheet9.xml"),
		"relationship twice":          text(rels, `Id="rId2"`, `Id="rId1"`),
		"two sheets, one part":        text(rels, "worksheets/sheet2.xml", "worksheets/sheet1.xml"),
		"sheet without relationship":  text(book, `r:id="rId`, `r:id="rIdX`),
		"sheet name twice":            text(book, `name="Lead"`, `name="tb"`),
		"sheet name too long":         text(book, `name="Lead"`, `name="`+strings.Repeat("x", 32)+`"`),
		"sheet name with a colon":     text(book, `name="Lead"`, `name="a:b"`),
		"sheet number twice":          text(book, `sheetId="2"`, `sheetId="1"`),
		"no visible sheet": func(p *parts) {
			p.text[book] = strings.ReplaceAll(p.text[book], `<sheet name=`, `<sheet state="hidden" name=`)
		},
		"active tab":                  text(book, `<workbookView`, `<workbookView activeTab="7"`),
		"name of a missing sheet":     text(book, "TB!$C$15", "TC!$C$15"),
		"name twice":                  text(book, `<definedName name="Total"`, `<definedName name="TOTAL">1</definedName><definedName name="Total"`),
		"name of sheet 9":             text(book, `localSheetId="1"`, `localSheetId="9"`),
		"elements of the book":        text(book, "<sheets>", "<definedNames></definedNames><sheets>"),
		"xml cut off":                 func(p *parts) { p.text[tb] = p.text[tb][:len(p.text[tb])-20] },
		"entity":                      text(tb, "<worksheet", "<!DOCTYPE x [<!ENTITY a 'b'>]><worksheet"),
		"string index":                text(tb, `t="s"><v>0<`, `t="s"><v>999<`),
		"string index no number":      text(tb, `t="s"><v>0<`, `t="s"><v>x<`),
		"number":                      text(tb, `<v>1000</v>`, `<v>1,000</v>`),
		"cell type":                   text(tb, `t="s"`, `t="q"`),
		"truth value":                 text(notes, `t="b"><v>1<`, `t="b"><v>7<`),
		"style index":                 text(tb, `r="A1" s="1"`, `r="A1" s="99"`),
		"rows out of order":           text(tb, `<row r="3"`, `<row r="1"`),
		"cells out of order":          text(tb, `r="B2"`, `r="A2"`),
		"cell in the wrong row":       text(tb, `r="B2"`, `r="B3"`),
		"cell beyond the sheet":       text(tb, `r="E2"`, `r="XFE2"`),
		"shared formula without text": text(tb, `<f t="shared" ref="E2:E13" si="0">C2-D2</f>`, `<f t="shared" si="0"/>`),
		"shared formula number":       text(tb, `<f t="shared" si="0"`, `<f t="shared" si="5"`),
		"shared formula area":         text(tb, `ref="E2:E13"`, `ref="E2:E3"`),
		"formula of a missing sheet":  text(lead, "TB!E3*2", "TBB!E3*2"),
		"formula left open":           text(lead, "SUM(TB!C2:C13)", "SUM(TB!C2:C13"),
		"formula of a missing book":   text(lead, "TB!E3*2", "[3]TB!E3*2"),
		"merged cells overlap":        text(tb, `<mergeCell ref="A17:C17"`, `<mergeCell ref="B17:D18"/><mergeCell ref="A17:C17"`),
		"merged cells nowhere":        text(tb, `ref="A17:C17"`, `ref="A17:"`),
		"conditional format":          text(tb, `dxfId="0"`, `dxfId="4"`),
		"conditional format nowhere":  text(tb, `<conditionalFormatting sqref="C2:C13"`, `<conditionalFormatting sqref=""`),
		"validation nowhere":          text(tb, `sqref="A2:A13"`, `sqref="A2:A"`),
		"validation count":            text(tb, `<dataValidations count="1"`, `<dataValidations count="2"`),
		"link to nothing":             text(tbRels, `relationships/hyperlink`, `relationships/hyperlinks`),
		"link nowhere":                text(tb, `ref="A20"`, `ref="20"`),
		"elements of a sheet":         text(tb, "<sheetData>", "<pageMargins left=\"1\" right=\"1\" top=\"1\" bottom=\"1\" header=\"1\" footer=\"1\"/><sheetData>"),
		"cells twice":                 text(tb, "</sheetData>", "</sheetData><sheetData/>"),
		"columns overlap":             text(tb, `<col customWidth`, `<col min="1" max="3" width="9"/><col customWidth`),
		"font index":                  text(styles, `fontId="1"`, `fontId="77"`),
		"fill index":                  text(styles, `fillId="2"`, `fillId="77"`),
		"border index":                text(styles, `borderId="1"`, `borderId="77"`),
		"number format":               text(styles, `<numFmt numFmtId="164`, `<numFmt numFmtId="174`),
		"styles count":                text(styles, `<cellXfs count="`, `<cellXfs count="9`),
		"cell style":                  text(styles, `<cellStyle name="Normal" xfId="0"`, `<cellStyle name="Normal" xfId="8"`),
		"table name taken":            text(table, `displayName="NoteList"`, `displayName="Total"`),
		"table columns":               text(table, `ref="A1:C6"`, `ref="A1:D6"`),
		"table header":                text(table, `name="Note"`, `name="Notes"`),
		"table column twice":          text(table, `name="Note"`, `name="Ref"`),
		"table column number":         text(table, `<tableColumn id="2"`, `<tableColumn id="1"`),
		"table nowhere":               text(table, `ref="A1:C6"`, `ref="A1"`),
		"comment without author":      text("xl/comments1.xml", `authorId="1"`, `authorId="5"`),
		"comment nowhere":             text("xl/comments1.xml", `ref="C3"`, `ref="C"`),
		"comment without box":         text("xl/comments1.xml", `ref="C3"`, `ref="C9"`),
		"drawing leads to nothing":    text("xl/drawings/drawing1.xml", `r:embed="rId2"`, `r:embed="rId7"`),
		"chart of a missing sheet":    text("xl/charts/chart1.xml", "Lead!$B$2:$B$7", "Leads!$B$2:$B$7"),
		"object beyond the sheet":     text("xl/drawings/drawing1.xml", "<xdr:col>3<", "<xdr:col>99999<"),
		"order of calculation": func(p *parts) {
			p.add("xl/calcChain.xml", `<calcChain xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><c r="A1" i="1"/></calcChain>`)
			p.replace(t, types, "</Types>", `<Override PartName="/xl/calcChain.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.calcChain+xml"/></Types>`)
			p.replace(t, rels, "</Relationships>", `<Relationship Id="rId99" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/calcChain" Target="calcChain.xml"/></Relationships>`)
		},
		"macros in a plain workbook": func(p *parts) {
			p.add("xl/vbaProject.bin", "x")
			p.replace(t, types, "</Types>", `<Override PartName="/xl/vbaProject.bin" ContentType="application/vnd.ms-office.vbaProject"/></Types>`)
			p.replace(t, rels, "</Relationships>", `<Relationship Id="rId99" Type="http://schemas.microsoft.com/office/2006/relationships/vbaProject" Target="vbaProject.bin"/></Relationships>`)
		},
		"relationships of nothing": func(p *parts) {
			p.add("xl/worksheets/_rels/sheet8.xml.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"/>`)
		},
	} {
		p := unzip(t, data)
		damage(p)
		if err := Verify(p.zip(t)); !errors.Is(err, ErrUnmergeable) {
			t.Errorf("%s: not noticed (%v)", name, err)
		}
	}
}
