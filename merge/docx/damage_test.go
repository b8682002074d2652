package docx

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/esync/esync/merge/ooxml"
)

// TestVerifySound: what is sound is found so. DUMP names a file into which the
// rich document is written, to be opened by other programs.
func TestVerifySound(t *testing.T) {
	t.Parallel()
	data := richDoc(t)
	if name := os.Getenv("DUMP"); name != "" {
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, data := range map[string][]byte{"rich": data, "plain": plainDoc(t, "One.", "Two."), "empty": plainDoc(t)} {
		if err := Verify(data); err != nil {
			t.Errorf("%s document: %v", name, err)
		}
	}
}

// TestVerifyPapers reads the documents of the corpus, which Word wrote.
func TestVerifyPapers(t *testing.T) {
	t.Parallel()
	list, err := filepath.Glob("../../testdata/papers/*.docx")
	if err != nil || len(list) < 5 {
		t.Fatalf("%d documents: %v", len(list), err)
	}
	for _, name := range list {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := Verify(data); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestVerifyPassesOver: what programs write and others read is no problem,
// though it looks like one.
func TestVerifyPassesOver(t *testing.T) {
	t.Parallel()
	const doc = "word/document.xml"
	data := richDoc(t)
	for name, edits := range map[string][]string{
		"document with macros":                {"[Content_Types].xml", typeDocx, typeDocm},
		"bold twice (LibreOffice)":            {doc, `<w:b/><w:bCs/>`, `<w:b/><w:b/><w:bCs w:val="0"/>`},
		"run format in another order":         {doc, `<w:b/><w:bCs/>`, `<w:bCs/><w:b/>`},
		"section ahead (LibreOffice)":         {doc, `</w:sectPr></w:pPr>`, `</w:sectPr><w:rPr/></w:pPr>`},
		"level's style ahead (LibreOffice)":   {"word/numbering.xml", `<w:numFmt w:val="decimal"/>`, `<w:pStyle w:val="Heading1"/><w:numFmt w:val="decimal"/>`},
		"footer ahead of header":              {doc, `<w:headerReference w:type="default" r:id="rId5"/><w:footerReference w:type="default" r:id="rId6"/>`, `<w:footerReference w:type="default" r:id="rId6"/><w:headerReference w:type="default" r:id="rId5"/>`},
		"cell in a control":                   {doc, `<w:tr><w:tc><w:tcPr><w:tcW w:w="3000" w:type="dxa"/><w:vMerge/></w:tcPr><w:p w14:paraId="10000011" w14:textId="77777777"/></w:tc>`, `<w:tr><w:sdt><w:sdtContent><w:tc><w:tcPr><w:tcW w:w="3000" w:type="dxa"/><w:vMerge/></w:tcPr><w:p/></w:tc></w:sdtContent></w:sdt>`},
		"control at the end of a cell":        {doc, `<w:p w14:paraId="10000011" w14:textId="77777777"/>`, `<w:sdt><w:sdtContent><w:p/></w:sdtContent></w:sdt>`},
		"columns skipped":                     {doc, `<w:tr><w:tc><w:tcPr><w:tcW w:w="3000" w:type="dxa"/><w:vMerge/></w:tcPr><w:p w14:paraId="10000011" w14:textId="77777777"/></w:tc>`, `<w:tr><w:trPr><w:gridBefore w:val="1"/></w:trPr>`},
		"bookmark over two paragraphs":        {doc, `<w:bookmarkEnd w:id="0"/></w:p>`, `</w:p><w:bookmarkEnd w:id="0"/>`},
		"later format of a run":               {doc, `<w:b/><w:bCs/>`, `<w:b/><w14:ligatures w14:val="all"/>`},
		"deleted text in an insertion":        {doc, `<w:r><w:t>May</w:t></w:r>`, `<w:del w:id="13" w:author="CD"><w:r><w:delText>May</w:delText></w:r></w:del>`},
		"a move":                              {doc, `<w:r><w:t>Risks</w:t></w:r>`, `<w:moveFromRangeStart w:id="20" w:author="A" w:name="m"/><w:moveFrom w:id="21" w:author="A"><w:r><w:t>Risks</w:t></w:r></w:moveFrom><w:moveFromRangeEnd w:id="20"/><w:moveToRangeStart w:id="22" w:author="A" w:name="m"/><w:moveTo w:id="23" w:author="A"><w:r><w:t>Risks</w:t></w:r></w:moveTo><w:moveToRangeEnd w:id="22"/>`},
		"comment on a place":                  {doc, `<w:commentRangeStart w:id="0"/><w:commentRangeStart w:id="1"/>`, `<w:commentRangeStart w:id="1"/><w:commentRangeStart w:id="0"/>`},
		"a setting of a later version":        {"word/settings.xml", `<w:listSeparator w:val=","/>`, `<w:listSeparator w:val=","/><w15:docId xmlns:w15="http://schemas.microsoft.com/office/word/2012/wordml" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" mc:Ignorable="w15" w15:val="{1}"/>`},
		"a formula":                           {doc, `<w:r><w:t>Risks</w:t></w:r>`, `<m:oMath><m:r><m:t>a+b</m:t></m:r></m:oMath>`},
		"a field without a result":            {doc, `<w:r><w:t>Risks</w:t></w:r>`, `<w:r><w:fldChar w:fldCharType="begin"/><w:instrText> PAGE </w:instrText><w:fldChar w:fldCharType="end"/></w:r>`},
		"no style is called anything":         {"word/styles.xml", `<w:name w:val="header"/>`, ``},
		"no list at all":                      {doc, `<w:numId w:val="2"/>`, `<w:numId w:val="0"/>`},
		"link to the top":                     {doc, `w:anchor="_Toc100000001"`, `w:anchor="_top"`},
		"bookmark named in other letters":     {doc, ` REF Threshold `, ` REF THRESHOLD `},
		"alternative among paragraphs":        {doc, `<w:sdt><w:sdtPr><w:alias`, `<mc:AlternateContent><mc:Choice Requires="w15"><w:p/></mc:Choice><mc:Fallback><w:p/></mc:Fallback></mc:AlternateContent><w:sdt><w:sdtPr><w:alias`},
		"a namespace that may be passed over": {doc, `mc:Ignorable="w14`, `xmlns:x="urn:nobody" x:y="1" mc:Ignorable="x w14`},
	} {
		if err := Verify(patched(t, data, edits...)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestVerifyNoticesDamage breaks a sound document in every way that a merge
// might, one at a time; each must be noticed by the rule for it.
func TestVerifyNoticesDamage(t *testing.T) {
	t.Parallel()
	data := richDoc(t)
	const (
		types     = "[Content_Types].xml"
		rootRels  = "_rels/.rels"
		doc       = "word/document.xml"
		rels      = "word/_rels/document.xml.rels"
		styles    = "word/styles.xml"
		numbering = "word/numbering.xml"
		settings  = "word/settings.xml"
		comments  = "word/comments.xml"
		extended  = "word/commentsExtended.xml"
		footnotes = "word/footnotes.xml"
		header    = "word/header1.xml"
		heading   = `<w:r><w:t>Risks</w:t></w:r></w:p>`
		trivial   = `<w:bookmarkStart w:id="1" w:name="Threshold"/>`
	)
	text := func(part, old, with string) func(*parts) {
		return func(p *parts) { p.replace(t, part, old, with) }
	}
	drop := func(part string) func(*parts) { return func(p *parts) { delete(p.text, part) } }
	behind := func(part, old, more string) func(*parts) { return text(part, old, old+more) }
	for _, c := range []struct {
		name, rule string
		damage     func(*parts)
	}{
		// The package.
		{"picture missing", "rels-missing", drop("word/media/image1.png")},
		{"styles missing", "rels-missing", drop(styles)},
		{"comments missing", "rels-missing", drop(comments)},
		{"document missing", "main", drop(doc)},
		{"main relationship missing", "main", text(rootRels, "officeDocument\" Target", "officeDocuments\" Target")},
		{"relationships missing", "rel-id", drop(rels)},
		{"no type for a part", "types-none", text(types, `Extension="png"`, `Extension="pmg"`)},
		{"relationship twice", "rels-twice", text(rels, `Id="rId2"`, `Id="rId1"`)},
		{"picture without relationship", "rel-id", text(doc, `r:embed="rId11"`, `r:embed="rId99"`)},
		{"xml cut off", "xml", func(p *parts) { p.text[doc] = p.text[doc][:len(p.text[doc])-20] }},
		{"a workbook", "main-type", text(types, typeDocx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml")},
		{"a template", "main-type", text(types, typeDocx, "application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml")},
		{"the strict dialect", "root", text(doc, mainNS, "http://purl.oclc.org/ooxml/wordprocessingml/main")},
		{"part that nothing leads to", "part-unused", func(p *parts) { p.add("word/media/image9.png", "x") }},
		{"two parts of styles", "part-twice", text(rels, "</Relationships>", `<Relationship Id="rId90" Type="`+officeRel+`styles" Target="styles.xml"/></Relationships>`)},
		{"header of the wrong type", "rel-type", text(types, "wordprocessingml.header+xml", "wordprocessingml.footer+xml")},
		{"macros in a plain document", "macros", func(p *parts) {
			p.relate(t, "vbaProject.bin", "x", "application/vnd.ms-office.vbaProject", "rId90", "http://schemas.microsoft.com/office/2006/relationships/vbaProject")
		}},
		// Names and namespaces.
		{"prefix not declared", "prefix", text(doc, `<w:t>Risks</w:t>`, `<w16:t>Risks</w16:t>`)},
		{"prefix of an attribute not declared", "prefix", text(doc, `w:rsidR="`, `w99:rsidR="`)},
		{"ignorable prefix not declared", "ignorable", text(doc, `mc:Ignorable="w14`, `mc:Ignorable="w16se w14`)},
		{"new namespace not ignorable", "namespace-new", text(doc, `mc:Ignorable="w14`, `mc:Ignorable="`)},
		{"unknown namespace", "namespace", text(doc, heading, heading+`<x:y xmlns:x="urn:nobody"/>`)},
		{"alternative without a choice", "alternate", text(doc, `<mc:AlternateContent><mc:Choice Requires="wps">`, `<mc:AlternateContent/><mc:AlternateContent><mc:Choice Requires="wps">`)},
		{"choice that requires nothing", "alternate", text(doc, `<mc:Choice Requires="wps">`, `<mc:Choice>`)},
		{"choice of a prefix not declared", "ignorable", text(doc, `<mc:Choice Requires="wps">`, `<mc:Choice Requires="wpz">`)},
		// The body.
		{"two bodies", "body", text(doc, `</w:body>`, `</w:body><w:body/>`)},
		{"no body", "body", func(p *parts) {
			p.replace(t, doc, `<w:body>`, `<w:background>`)
			p.replace(t, doc, `</w:body>`, `</w:background>`)
		}},
		{"paragraph behind the section", "section-last", text(doc, `</w:sectPr></w:body>`, `</w:sectPr><w:p/></w:body>`)},
		{"run among paragraphs", "block-child", behind(doc, heading, run("", "lost"))},
		{"row among paragraphs", "block-child", behind(doc, heading, `<w:tr><w:tc><w:p/></w:tc></w:tr>`)},
		{"paragraph in a paragraph", "paragraph-child", text(doc, `<w:t>Risks</w:t></w:r>`, `<w:t>Risks</w:t></w:r><w:p/>`)},
		{"text outside of a run", "paragraph-child", text(doc, `<w:r><w:t>Risks</w:t></w:r>`, `<w:t>Risks</w:t>`)},
		{"run in a run", "run-child", text(doc, `<w:r><w:t>Risks</w:t></w:r>`, `<w:r><w:r><w:t>Risks</w:t></w:r></w:r>`)},
		{"paragraph in a table", "table-child", text(doc, `</w:tblGrid>`, `</w:tblGrid><w:p/>`)},
		{"paragraph in a row", "row-child", text(doc, `<w:tr><w:tc>`, `<w:tr><w:p/><w:tc>`)},
		{"header without a paragraph", "story-end", func(p *parts) {
			p.text[header] = p.text[header][:strings.Index(p.text[header], "<w:p ")] + `</w:hdr>`
		}},
		{"text box without a paragraph", "story-end", text(doc, `<wps:txbx><w:txbxContent><w:p w14:paraId="10000030" w14:textId="77777777"><w:r><w:t>Parent company</w:t></w:r></w:p>`, `<wps:txbx><w:txbxContent>`)},
		// Tables.
		{"table without rows", "table-empty", behind(doc, heading, `<w:tbl><w:tblPr/><w:tblGrid/></w:tbl><w:p/>`)},
		{"row without cells", "row-empty", text(doc, `<w:tr><w:tc>`, `<w:tr/><w:tr><w:tc>`)},
		{"cell without content", "cell-end", text(doc, `<w:p w14:paraId="10000011" w14:textId="77777777"/>`, ``)},
		{"cell that ends with a table", "cell-end", behind(doc, `<w:p w14:paraId="10000011" w14:textId="77777777"/>`, `<w:tbl><w:tblPr/><w:tblGrid/><w:tr><w:tc><w:p/></w:tc></w:tr></w:tbl>`)},
		{"table without columns", "table-grid", text(doc, `<w:tblGrid><w:gridCol w:w="3000"/><w:gridCol w:w="3000"/><w:gridCol w:w="3000"/></w:tblGrid>`, ``)},
		{"table without properties", "table-properties", text(doc, `<w:tblPr><w:tblStyle w:val="TableGrid"/><w:tblW w:w="0" w:type="auto"/><w:tblLook w:val="04A0"/></w:tblPr>`, ``)},
		{"row wider than the table", "grid", text(doc, `<w:gridSpan w:val="2"/>`, `<w:gridSpan w:val="3"/>`)},
		{"column missing", "grid", text(doc, `<w:gridCol w:w="3000"/><w:gridCol`, `<w:gridCol`)},
		{"merged cell without its beginning", "merged-cell", text(doc, `<w:vMerge w:val="restart"/>`, ``)},
		// Properties.
		{"properties behind the text", "properties-first", text(doc, `<w:r><w:t>Risks</w:t></w:r>`, `<w:r><w:t>Risks</w:t><w:rPr/></w:r>`)},
		{"properties twice", "element-twice", text(doc, `<w:pPr><w:pStyle w:val="Title"/></w:pPr>`, `<w:pPr><w:pStyle w:val="Title"/></w:pPr><w:pPr/>`)},
		{"size twice", "element-twice", text(doc, `<w:b/><w:bCs/>`, `<w:b/><w:b w:val="0"/>`)},
		{"style twice", "element-twice", text(doc, `<w:pStyle w:val="Title"/>`, `<w:pStyle w:val="Title"/><w:pStyle w:val="Normal"/>`)},
		{"paragraph properties out of order", "element-order", text(doc, `<w:pStyle w:val="Title"/>`, `<w:jc w:val="left"/><w:pStyle w:val="Title"/>`)},
		{"change of the format ahead", "element-order", text(doc, `<w:b/><w:bCs/>`, `<w:rPrChange w:id="9" w:author="AB"><w:rPr/></w:rPrChange><w:b/><w:bCs/>`)},
		{"table properties out of order", "element-order", text(doc, `<w:tblStyle w:val="TableGrid"/><w:tblW w:w="0" w:type="auto"/>`, `<w:tblW w:w="0" w:type="auto"/><w:tblStyle w:val="TableGrid"/>`)},
		{"cell properties out of order", "element-order", text(doc, `<w:tcW w:w="6000" w:type="dxa"/><w:gridSpan w:val="2"/>`, `<w:gridSpan w:val="2"/><w:tcW w:w="6000" w:type="dxa"/>`)},
		{"row properties out of order", "element-order", text(doc, `<w:tblHeader/>`, `<w:ins w:id="12" w:author="AB"/><w:tblHeader/>`)},
		{"section properties out of order", "element-order", text(doc, `<w:cols w:space="708"/></w:sectPr>`, `<w:cols w:space="708"/><w:type w:val="nextPage"/></w:sectPr>`)},
		{"unknown property", "element", text(doc, `<w:b/><w:bCs/>`, `<w:b/><w:bold/>`)},
		{"lists ahead of definitions", "element-order", text(numbering, `<w:abstractNum w:abstractNumId="0">`, `<w:num w:numId="3"><w:abstractNumId w:val="0"/></w:num><w:abstractNum w:abstractNumId="0">`)},
		{"settings out of order", "element-order", text(settings, `<w:zoom w:percent="100"/><w:defaultTabStop w:val="720"/>`, `<w:defaultTabStop w:val="720"/><w:zoom w:percent="100"/>`)},
		{"unknown setting", "element", text(settings, `<w:zoom w:percent="100"/>`, `<w:zoom w:percent="100"/><w:zooms/>`)},
		{"style out of order", "element-order", text(styles, `<w:qFormat/><w:pPr><w:spacing w:after="0"/></w:pPr>`, `<w:pPr><w:spacing w:after="0"/></w:pPr><w:qFormat/>`)},
		// Comments.
		{"comment missing", "comment-missing", text(comments, `<w:comment w:id="0"`, `<w:comment w:id="5"`)},
		{"comment twice", "comment-id", text(comments, `<w:comment w:id="1"`, `<w:comment w:id="0"`)},
		{"comment that nothing refers to", "comment-unused", text(doc, `<w:commentReference w:id="1"/>`, ``)},
		{"comment referred to twice", "comment-twice", text(doc, `<w:commentReference w:id="1"/>`, `<w:commentReference w:id="0"/>`)},
		{"comment that does not begin", "comment-pair", text(doc, `<w:commentRangeStart w:id="0"/>`, ``)},
		{"comment that does not end", "comment-pair", text(doc, `<w:commentRangeEnd w:id="0"/>`, ``)},
		{"comment without a paragraph", "story-end", behind(comments, `<w:comment w:id="1" w:author="CD" w:date="2024-01-04T11:00:00Z" w:initials="CD">`, `</w:comment><w:comment w:id="2" w:author="AB">`)},
		{"reply to nothing", "comment-extended", text(extended, `w15:paraIdParent="40000001"`, `w15:paraIdParent="40000009"`)},
		{"done of nothing", "comment-extended", text(comments, `w14:paraId="40000001"`, `w14:paraId="40000009"`)},
		// Notes.
		{"footnote missing", "footnote-missing", text(doc, `<w:footnoteReference w:id="1"/>`, `<w:footnoteReference w:id="2"/>`)},
		{"endnotes missing", "endnote-missing", func(p *parts) {
			delete(p.text, "word/endnotes.xml")
			p.replace(t, rels, `<Relationship Id="rId8" Type="`+officeRel+`endnotes" Target="endnotes.xml"/>`, ``)
		}},
		{"footnote twice", "note-id", text(footnotes, `w:type="continuationSeparator" w:id="0"`, `w:type="continuationSeparator" w:id="1"`)},
		{"footnote that nothing refers to", "note-unused", text(doc, `<w:footnoteReference w:id="1"/>`, ``)},
		{"footnote referred to twice", "note-twice", text(doc, `<w:footnoteReference w:id="1"/>`, `<w:footnoteReference w:id="1"/><w:footnoteReference w:id="1"/>`)},
		{"no separator", "note-separator", text(footnotes, `w:type="separator" w:id="-1"`, `w:type="separator" w:id="-2"`)},
		// Bookmarks, links, fields, moves, permissions.
		{"bookmark that does not end", "bookmark-pair", text(doc, `<w:bookmarkEnd w:id="1"/>`, ``)},
		{"bookmark that does not begin", "bookmark-pair", text(doc, trivial, ``)},
		{"bookmark ends first", "bookmark-pair", func(p *parts) {
			p.replace(t, doc, `<w:bookmarkEnd w:id="1"/>`, ``)
			p.replace(t, doc, trivial, `<w:bookmarkEnd w:id="1"/>`+trivial)
		}},
		{"bookmark number twice", "bookmark-id", text(doc, trivial, `<w:bookmarkStart w:id="0" w:name="Threshold"/>`)},
		{"bookmark name twice", "bookmark-name", text(doc, trivial, `<w:bookmarkStart w:id="1" w:name="_TOC100000001"/>`)},
		{"link to a missing bookmark", "link-anchor", text(doc, `w:anchor="_Toc100000001"`, `w:anchor="_Toc100000009"`)},
		{"field of a missing bookmark", "field-reference", text(doc, ` REF Threshold `, ` REF Limit `)},
		{"link to a picture", "link-kind", text(doc, `<w:hyperlink r:id="rId12">`, `<w:hyperlink r:id="rId11">`)},
		{"field that does not end", "field", text(doc, `<w:r><w:fldChar w:fldCharType="end"/></w:r><w:r><w:t xml:space="preserve"> above`, `<w:r><w:t xml:space="preserve"> above`)},
		{"field that does not begin", "field", text(doc, `<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve"> REF`, `<w:r><w:instrText xml:space="preserve"> REF`)},
		{"field separated twice", "field", text(doc, `<w:fldChar w:fldCharType="separate"/>`, `<w:fldChar w:fldCharType="separate"/><w:fldChar w:fldCharType="separate"/>`)},
		{"field that ends in another story", "field", text(header, `<w:r><w:t>Engagement`, `<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:t>Engagement`)},
		{"move without its other half", "move-pair", text(doc, heading, `<w:moveFromRangeStart w:id="20" w:author="AB" w:name="move1"/>`+heading[:len(heading)-6]+`<w:moveFromRangeEnd w:id="20"/></w:p>`)},
		{"move that does not end", "move-pair", text(doc, heading, `<w:moveToRangeStart w:id="20" w:author="AB" w:name="move1"/>`+heading)},
		{"permission that does not end", "perm-pair", text(doc, heading, `<w:permStart w:id="20" w:edGrp="everyone"/>`+heading)},
		{"range that does not end", "range-pair", text(doc, heading, `<w:customXmlInsRangeStart w:id="20" w:author="AB"/>`+heading)},
		// Tracked changes.
		{"plain text in a deletion", "deleted-text", text(doc, `<w:delText>April</w:delText>`, `<w:t>April</w:t>`)},
		{"deleted text outside", "deleted-text", text(doc, `<w:t>May</w:t>`, `<w:delText>May</w:delText>`)},
		{"change without an author", "change", text(doc, `<w:ins w:id="11" w:author="AB"`, `<w:ins w:id="11"`)},
		// Numbers that are there once.
		{"number of a paragraph", "para-id", text(doc, `w14:paraId="10000001"`, `w14:paraId="F0000001"`)},
		{"number of a paragraph, short", "para-id", text(doc, `w14:paraId="10000001"`, `w14:paraId="1001"`)},
		{"number of a paragraph twice", "para-id-twice", text(doc, `w14:paraId="10000001"`, `w14:paraId="10000004"`)},
		{"number of a drawing twice", "drawing-id", text(doc, `<wp:docPr id="2"`, `<wp:docPr id="1"`)},
		{"number of a control twice", "control-id", text(doc, `<w:id w:val="-1003"/>`, `<w:id w:val="-1002"/>`)},
		// Styles and lists.
		{"style of a paragraph missing", "style-missing", text(doc, `<w:pStyle w:val="Heading2"/>`, `<w:pStyle w:val="Heading9"/>`)},
		{"style of a run missing", "style-missing", text(doc, `<w:rStyle w:val="FootnoteReference"/>`, `<w:rStyle w:val="Footnote"/>`)},
		{"style of a table missing", "style-missing", text(doc, `<w:tblStyle w:val="TableGrid"/>`, `<w:tblStyle w:val="TableList"/>`)},
		{"style of another type", "style-type", text(doc, `<w:pStyle w:val="Heading2"/>`, `<w:pStyle w:val="Heading1Char"/>`)},
		{"base of a style missing", "style-link", text(styles, `<w:basedOn w:val="TableNormal"/>`, `<w:basedOn w:val="TableOdd"/>`)},
		{"style twice in the list", "style-id", text(styles, `w:styleId="Heading2"`, `w:styleId="Heading1"`)},
		{"name of a style twice", "style-name", text(styles, `<w:name w:val="heading 2"/>`, `<w:name w:val="heading 1"/>`)},
		{"two default styles", "style-default", text(styles, `<w:style w:type="paragraph" w:styleId="Heading2">`, `<w:style w:type="paragraph" w:default="1" w:styleId="Heading2">`)},
		{"style based on itself", "style-loop", text(styles, `w:default="1" w:styleId="Normal"><w:name w:val="Normal"/>`, `w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:basedOn w:val="Footer"/>`)},
		{"list missing", "num-missing", text(doc, `<w:numId w:val="2"/>`, `<w:numId w:val="7"/>`)},
		{"list of a style missing", "num-missing", text(styles, `<w:ind w:left="720"/><w:contextualSpacing/>`, `<w:numPr><w:numId w:val="7"/></w:numPr><w:ind w:left="720"/><w:contextualSpacing/>`)},
		{"list twice", "num-id", text(numbering, `<w:num w:numId="2">`, `<w:num w:numId="1">`)},
		{"definition of a list missing", "num-abstract", text(numbering, `<w:num w:numId="2"><w:abstractNumId w:val="1"/>`, `<w:num w:numId="2"><w:abstractNumId w:val="8"/>`)},
		{"definition of a list twice", "num-id", text(numbering, `<w:abstractNum w:abstractNumId="1">`, `<w:abstractNum w:abstractNumId="0">`)},
		{"style of a list missing", "num-style", text(numbering, `<w:tmpl w:val="22222222"/>`, `<w:tmpl w:val="22222222"/><w:numStyleLink w:val="Lists"/>`)},
		{"picture of a list missing", "num-picture", text(numbering, `<w:lvlText w:val="-"/>`, `<w:lvlText w:val="-"/><w:lvlPicBulletId w:val="3"/>`)},
		{"level of a list", "num-level", text(doc, `<w:ilvl w:val="0"/>`, `<w:ilvl w:val="12"/>`)},
		// Headers and footers.
		{"header leads to a footer", "section-reference", text(doc, `<w:headerReference w:type="default" r:id="rId5"/><w:footer`, `<w:headerReference w:type="default" r:id="rId6"/><w:footer`)},
		{"two headers of a type", "section-reference", text(doc, `<w:headerReference w:type="default" r:id="rId5"/><w:footer`, `<w:headerReference w:type="default" r:id="rId5"/><w:headerReference w:type="default" r:id="rId5"/><w:footer`)},
		{"header of no type", "section-reference", text(doc, `<w:headerReference w:type="default" r:id="rId5"/><w:footer`, `<w:headerReference w:type="odd" r:id="rId5"/><w:footer`)},
	} {
		p := unzip(t, data)
		c.damage(p)
		broken := p.zip(t)
		if err := Verify(broken); !errors.Is(err, ooxml.ErrUnfit) {
			t.Errorf("%s: not noticed (%v)", c.name, err)
			continue
		}
		pkg, err := ooxml.Open(broken)
		if err != nil {
			t.Fatal(err)
		}
		l := verifyPackage(pkg, nil)
		if !slices.ContainsFunc(l, func(p ooxml.Problem) bool { return p.Rule == c.rule }) {
			t.Errorf("%s: not by rule %q: %v", c.name, c.rule, l)
		}
	}
}

// TestLenientRules looks for rules that no damage shows.
func TestLenientRules(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("damage_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for rule := range lenientRules {
		if !strings.Contains(string(source), `"`+rule+`"`) {
			t.Errorf("no test breaks rule %q", rule)
		}
	}
}

// FuzzVerify: whatever a document's main part is, nothing panics.
func FuzzVerify(f *testing.F) {
	rich := richDoc(f)
	p := unzip(f, rich)
	for _, part := range []string{"word/document.xml", "word/styles.xml", "word/numbering.xml", "word/comments.xml", "word/settings.xml", "word/footnotes.xml"} {
		f.Add(part, []byte(p.text[part]))
	}
	f.Add("word/document.xml", []byte(`<w:document xmlns:w="`+mainNS+`"><w:body><w:tbl><w:tr><w:tc/></w:tr></w:tbl></w:body></w:document>`))
	f.Fuzz(func(t *testing.T, part string, data []byte) {
		_ = Verify(data)
		if strings.HasSuffix(part, "/") {
			return // the name of a folder, into which archive/zip writes no bytes
		}
		p := unzip(t, rich)
		p.add(part, string(data))
		_ = Verify(p.zip(t))
	})
}

// TestBrokenOnceMore: that a rule is broken already is no leave to break it once
// more.
func TestBrokenOnceMore(t *testing.T) {
	t.Parallel()
	ref := func(to string) string { return `<w:p>` + fieldXML("", codeXML("REF "+to), "see there") + `</w:p>` }
	base := edit{`<w:p w14:paraId="10000026"`, ref("Missing") + `<w:p w14:paraId="10000026"`}.apply(t, richDoc(t))
	ours := edit{`<w:bookmarkStart w:id="1" w:name="Threshold"/>`, "", `<w:bookmarkEnd w:id="1"/>`, ""}.apply(t, base)
	theirs := edit{`<w:p w14:paraId="10000020"`, ref("Threshold") + `<w:p w14:paraId="10000020"`}.apply(t, base)
	if r, err := Merge(base, ours, theirs); !errors.Is(err, ErrUnmergeable) {
		t.Errorf("%v, conflicts %+v", err, r.Conflicts)
	}
	if r, err := Merge(base, edit{"Risks", "Our risks"}.apply(t, base), theirs); err != nil || len(r.Conflicts) > 0 {
		t.Errorf("%v, conflicts %+v", err, r.Conflicts)
	}
}
