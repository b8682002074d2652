package docx

// The parts of richDoc.

const richTypes = `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` +
	`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
	`<Default Extension="xml" ContentType="application/xml"/><Default Extension="png" ContentType="image/png"/>` +
	`<Override PartName="/word/document.xml" ContentType="` + typeDocx + `"/>` +
	`<Override PartName="/word/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml"/>` +
	`<Override PartName="/word/numbering.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.numbering+xml"/>` +
	`<Override PartName="/word/settings.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.settings+xml"/>` +
	`<Override PartName="/word/fontTable.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.fontTable+xml"/>` +
	`<Override PartName="/word/header1.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.header+xml"/>` +
	`<Override PartName="/word/footer1.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.footer+xml"/>` +
	`<Override PartName="/word/footnotes.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"/>` +
	`<Override PartName="/word/endnotes.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.endnotes+xml"/>` +
	`<Override PartName="/word/comments.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.comments+xml"/>` +
	`<Override PartName="/word/commentsExtended.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.commentsExtended+xml"/>` +
	`<Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>` +
	`<Override PartName="/docProps/app.xml" ContentType="application/vnd.openxmlformats-officedocument.extended-properties+xml"/></Types>`

const richRootRels = `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` +
	`<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/>` +
	`<Relationship Id="rId2" Type="http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties" Target="docProps/core.xml"/>` +
	`<Relationship Id="rId3" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/extended-properties" Target="docProps/app.xml"/></Relationships>`

const officeRel = `http://schemas.openxmlformats.org/officeDocument/2006/relationships/`

const richRels = `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` +
	`<Relationship Id="rId1" Type="` + officeRel + `styles" Target="styles.xml"/>` +
	`<Relationship Id="rId2" Type="` + officeRel + `numbering" Target="numbering.xml"/>` +
	`<Relationship Id="rId3" Type="` + officeRel + `settings" Target="settings.xml"/>` +
	`<Relationship Id="rId4" Type="` + officeRel + `fontTable" Target="fontTable.xml"/>` +
	`<Relationship Id="rId5" Type="` + officeRel + `header" Target="header1.xml"/>` +
	`<Relationship Id="rId6" Type="` + officeRel + `footer" Target="footer1.xml"/>` +
	`<Relationship Id="rId7" Type="` + officeRel + `footnotes" Target="footnotes.xml"/>` +
	`<Relationship Id="rId8" Type="` + officeRel + `endnotes" Target="endnotes.xml"/>` +
	`<Relationship Id="rId9" Type="` + officeRel + `comments" Target="comments.xml"/>` +
	`<Relationship Id="rId10" Type="http://schemas.microsoft.com/office/2011/relationships/commentsExtended" Target="commentsExtended.xml"/>` +
	`<Relationship Id="rId11" Type="` + officeRel + `image" Target="media/image1.png"/>` +
	`<Relationship Id="rId12" Type="` + officeRel + `hyperlink" Target="https://example.com/standards?isa=320&amp;v=1" TargetMode="External"/></Relationships>`

// richBody is the memorandum. The numbers of its paragraphs count up.
const richBody = `<w:p w14:paraId="10000001" w14:textId="77777777"><w:pPr><w:pStyle w:val="Title"/></w:pPr><w:r><w:t>Planning memorandum</w:t></w:r></w:p>` +
	`<w:sdt><w:sdtPr><w:id w:val="-1001"/><w:docPartObj><w:docPartGallery w:val="Table of Contents"/><w:docPartUnique/></w:docPartObj></w:sdtPr><w:sdtContent>` +
	`<w:p w14:paraId="10000002" w14:textId="77777777"><w:pPr><w:pStyle w:val="TOC1"/><w:tabs><w:tab w:val="right" w:pos="9016"/></w:tabs></w:pPr>` +
	`<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve"> TOC \o "1-2" \h \z \u </w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>` +
	`<w:hyperlink w:anchor="_Toc100000001" w:history="1"><w:r><w:rPr><w:rStyle w:val="Hyperlink"/></w:rPr><w:t>Materiality</w:t></w:r><w:r><w:tab/></w:r>` +
	`<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve"> PAGEREF _Toc100000001 \h </w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>` +
	`<w:r><w:t>1</w:t></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r></w:hyperlink></w:p>` +
	`<w:p w14:paraId="10000003" w14:textId="77777777"><w:r><w:fldChar w:fldCharType="end"/></w:r></w:p></w:sdtContent></w:sdt>` +
	`<w:p w14:paraId="10000004" w14:textId="77777777"><w:pPr><w:pStyle w:val="Heading1"/></w:pPr><w:bookmarkStart w:id="0" w:name="_Toc100000001"/><w:r><w:t>Materiality</w:t></w:r><w:bookmarkEnd w:id="0"/></w:p>` +
	`<w:p w14:paraId="10000005" w14:textId="77777777" w:rsidR="00A1B2C3" w:rsidRDefault="00A1B2C3"><w:r><w:t xml:space="preserve">Overall materiality is set at </w:t></w:r>` +
	`<w:r w:rsidRPr="00D4E5F6"><w:rPr><w:b/><w:bCs/></w:rPr><w:t>120,000</w:t></w:r><w:r><w:t xml:space="preserve"> for the year</w:t></w:r><w:r><w:rPr><w:rStyle w:val="FootnoteReference"/></w:rPr><w:footnoteReference w:id="1"/></w:r><w:r><w:t>.</w:t></w:r></w:p>` +
	`<w:p w14:paraId="10000006" w14:textId="77777777"><w:commentRangeStart w:id="0"/><w:commentRangeStart w:id="1"/><w:proofErr w:type="spellStart"/><w:r><w:t>Performance</w:t></w:r><w:proofErr w:type="spellEnd"/>` +
	`<w:r><w:t xml:space="preserve"> materiality is 75 percent of it.</w:t></w:r><w:commentRangeEnd w:id="0"/><w:r><w:rPr><w:rStyle w:val="CommentReference"/></w:rPr><w:commentReference w:id="0"/></w:r>` +
	`<w:commentRangeEnd w:id="1"/><w:r><w:rPr><w:rStyle w:val="CommentReference"/></w:rPr><w:commentReference w:id="1"/></w:r></w:p>` +
	`<w:p w14:paraId="10000007" w14:textId="77777777"><w:bookmarkStart w:id="1" w:name="Threshold"/><w:r><w:t>The trivial threshold is 6,000</w:t></w:r><w:bookmarkEnd w:id="1"/><w:r><w:t xml:space="preserve"> as agreed with the </w:t></w:r>` +
	`<w:hyperlink r:id="rId12"><w:r><w:rPr><w:rStyle w:val="Hyperlink"/></w:rPr><w:t>standard</w:t></w:r></w:hyperlink><w:r><w:t>.</w:t></w:r></w:p>` +
	`<w:p w14:paraId="10000008" w14:textId="77777777"><w:pPr><w:pStyle w:val="Heading1"/></w:pPr><w:r><w:t>Risks</w:t></w:r></w:p>` +
	`<w:p w14:paraId="10000009" w14:textId="77777777"><w:pPr><w:pStyle w:val="ListParagraph"/><w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr></w:pPr><w:r><w:t>Revenue recognition</w:t></w:r></w:p>` +
	`<w:p w14:paraId="1000000A" w14:textId="77777777"><w:pPr><w:pStyle w:val="ListParagraph"/><w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr></w:pPr><w:r><w:t>Management override</w:t></w:r></w:p>` +
	`<w:p w14:paraId="1000000B" w14:textId="77777777"><w:pPr><w:pStyle w:val="ListParagraph"/><w:numPr><w:ilvl w:val="0"/><w:numId w:val="2"/></w:numPr></w:pPr><w:r><w:t>Inventory count in March</w:t></w:r></w:p>` +
	richTable +
	`<w:p w14:paraId="10000020" w14:textId="77777777"><w:r><w:t xml:space="preserve">See </w:t></w:r><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve"> REF Threshold \h </w:instrText></w:r>` +
	`<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>The trivial threshold is 6,000</w:t></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r><w:r><w:t xml:space="preserve"> above</w:t></w:r>` +
	`<w:r><w:rPr><w:rStyle w:val="EndnoteReference"/></w:rPr><w:endnoteReference w:id="1"/></w:r><w:r><w:t>.</w:t></w:r></w:p>` +
	`<w:p w14:paraId="10000021" w14:textId="77777777"><w:r><w:t xml:space="preserve">Fieldwork starts in </w:t></w:r><w:del w:id="10" w:author="AB" w:date="2024-01-05T10:00:00Z"><w:r><w:delText>April</w:delText></w:r></w:del>` +
	`<w:ins w:id="11" w:author="AB" w:date="2024-01-05T10:00:00Z"><w:r><w:t>May</w:t></w:r></w:ins><w:r><w:t xml:space="preserve"> at the client.</w:t></w:r></w:p>` +
	`<w:sdt><w:sdtPr><w:alias w:val="Partner"/><w:tag w:val="partner"/><w:id w:val="-1002"/><w:text/></w:sdtPr><w:sdtContent><w:p w14:paraId="10000022" w14:textId="77777777"><w:r><w:t>Partner: C. Day</w:t></w:r></w:p></w:sdtContent></w:sdt>` +
	`<w:p w14:paraId="10000023" w14:textId="77777777"><w:r><w:t xml:space="preserve">Rating: </w:t></w:r><w:sdt><w:sdtPr><w:tag w:val="rating"/><w:id w:val="-1003"/></w:sdtPr><w:sdtContent><w:r><w:t>moderate</w:t></w:r></w:sdtContent></w:sdt></w:p>` +
	`<w:p w14:paraId="10000024" w14:textId="77777777">` + richPicture + `</w:p>` +
	`<w:p w14:paraId="10000025" w14:textId="77777777"><w:pPr><w:sectPr><w:headerReference w:type="default" r:id="rId5"/><w:footerReference w:type="default" r:id="rId6"/><w:pgSz w:w="11906" w:h="16838"/>` +
	`<w:pgMar w:top="1440" w:right="1440" w:bottom="1440" w:left="1440" w:header="708" w:footer="708" w:gutter="0"/></w:sectPr></w:pPr></w:p>` +
	`<w:p w14:paraId="10000026" w14:textId="77777777"><w:pPr><w:pStyle w:val="Heading2"/></w:pPr><w:r><w:t>Appendix</w:t></w:r></w:p>` +
	`<w:p w14:paraId="10000027" w14:textId="77777777">` + richBox + `<w:r><w:t>Organisation of the group.</w:t></w:r></w:p>` +
	`<w:sectPr><w:headerReference w:type="default" r:id="rId5"/><w:pgSz w:w="16838" w:h="11906" w:orient="landscape"/>` +
	`<w:pgMar w:top="1440" w:right="1440" w:bottom="1440" w:left="1440" w:header="708" w:footer="708" w:gutter="0"/><w:cols w:space="708"/></w:sectPr>`

// richTable has a heading over two columns and a cell over two rows.
const richTable = `<w:tbl><w:tblPr><w:tblStyle w:val="TableGrid"/><w:tblW w:w="0" w:type="auto"/><w:tblLook w:val="04A0"/></w:tblPr>` +
	`<w:tblGrid><w:gridCol w:w="3000"/><w:gridCol w:w="3000"/><w:gridCol w:w="3000"/></w:tblGrid>` +
	`<w:tr><w:trPr><w:tblHeader/></w:trPr><w:tc><w:tcPr><w:tcW w:w="3000" w:type="dxa"/></w:tcPr><w:p w14:paraId="1000000C" w14:textId="77777777"><w:r><w:t>Area</w:t></w:r></w:p></w:tc>` +
	`<w:tc><w:tcPr><w:tcW w:w="6000" w:type="dxa"/><w:gridSpan w:val="2"/></w:tcPr><w:p w14:paraId="1000000D" w14:textId="77777777"><w:r><w:t>Balance</w:t></w:r></w:p></w:tc></w:tr>` +
	`<w:tr><w:tc><w:tcPr><w:tcW w:w="3000" w:type="dxa"/><w:vMerge w:val="restart"/></w:tcPr><w:p w14:paraId="1000000E" w14:textId="77777777"><w:r><w:t>Receivables</w:t></w:r></w:p></w:tc>` +
	`<w:tc><w:tcPr><w:tcW w:w="3000" w:type="dxa"/></w:tcPr><w:p w14:paraId="1000000F" w14:textId="77777777"><w:r><w:t>450,000</w:t></w:r></w:p></w:tc>` +
	`<w:tc><w:tcPr><w:tcW w:w="3000" w:type="dxa"/></w:tcPr><w:p w14:paraId="10000010" w14:textId="77777777"><w:r><w:t>confirmed</w:t></w:r></w:p></w:tc></w:tr>` +
	`<w:tr><w:tc><w:tcPr><w:tcW w:w="3000" w:type="dxa"/><w:vMerge/></w:tcPr><w:p w14:paraId="10000011" w14:textId="77777777"/></w:tc>` +
	`<w:tc><w:tcPr><w:tcW w:w="3000" w:type="dxa"/></w:tcPr><w:p w14:paraId="10000012" w14:textId="77777777"><w:r><w:t>30,000</w:t></w:r></w:p></w:tc>` +
	`<w:tc><w:tcPr><w:tcW w:w="3000" w:type="dxa"/></w:tcPr><w:p w14:paraId="10000013" w14:textId="77777777"><w:r><w:t>provided for</w:t></w:r></w:p></w:tc></w:tr></w:tbl>`

const richPicture = `<w:r><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent cx="952500" cy="952500"/><wp:docPr id="1" name="Picture 1"/>` +
	`<a:graphic xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture">` +
	`<pic:pic xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:nvPicPr><pic:cNvPr id="1" name="chart.png"/><pic:cNvPicPr/></pic:nvPicPr>` +
	`<pic:blipFill><a:blip r:embed="rId11"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill><pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="952500" cy="952500"/></a:xfrm>` +
	`<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>`

// richBox is a text box as Word writes it, twice: once for programs that know
// no shapes.
const richBox = `<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wp:anchor distT="0" distB="0" distL="114300" distR="114300" simplePos="0" relativeHeight="251659264"` +
	` behindDoc="0" locked="0" layoutInCell="1" allowOverlap="1"><wp:simplePos x="0" y="0"/><wp:positionH relativeFrom="column"><wp:posOffset>0</wp:posOffset></wp:positionH>` +
	`<wp:positionV relativeFrom="paragraph"><wp:posOffset>0</wp:posOffset></wp:positionV><wp:extent cx="1800000" cy="600000"/><wp:wrapSquare wrapText="bothSides"/><wp:docPr id="2" name="Text Box 2"/>` +
	`<a:graphic xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><a:graphicData uri="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"><wps:wsp><wps:cNvSpPr txBox="1"/>` +
	`<wps:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="1800000" cy="600000"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></wps:spPr>` +
	`<wps:txbx><w:txbxContent><w:p w14:paraId="10000030" w14:textId="77777777"><w:r><w:t>Parent company</w:t></w:r></w:p></w:txbxContent></wps:txbx><wps:bodyPr/></wps:wsp></a:graphicData></a:graphic></wp:anchor></w:drawing></mc:Choice>` +
	`<mc:Fallback><w:pict><v:shape id="TextBox2" style="position:absolute;width:141.75pt;height:47.25pt"><v:textbox><w:txbxContent><w:p w14:paraId="10000030" w14:textId="77777777"><w:r><w:t>Parent company</w:t></w:r></w:p>` +
	`</w:txbxContent></v:textbox></v:shape></w:pict></mc:Fallback></mc:AlternateContent></w:r>`

const richHeader = `<w:p w14:paraId="20000001" w14:textId="77777777"><w:pPr><w:pStyle w:val="Header"/></w:pPr><w:r><w:t>Engagement 2024</w:t></w:r></w:p>`

const richFooter = `<w:p w14:paraId="20000002" w14:textId="77777777"><w:pPr><w:pStyle w:val="Footer"/></w:pPr><w:r><w:t xml:space="preserve">Page </w:t></w:r>` +
	`<w:fldSimple w:instr=" PAGE "><w:r><w:t>1</w:t></w:r></w:fldSimple></w:p>`

// richNotes are footnotes or endnotes: the two separators and one of text.
func richNotes(word, text string) string {
	style := map[string]string{"footnote": "Footnote", "endnote": "Endnote"}[word]
	return `<w:` + word + ` w:type="separator" w:id="-1"><w:p w14:paraId="30000001" w14:textId="77777777"><w:r><w:separator/></w:r></w:p></w:` + word + `>` +
		`<w:` + word + ` w:type="continuationSeparator" w:id="0"><w:p w14:paraId="30000002" w14:textId="77777777"><w:r><w:continuationSeparator/></w:r></w:p></w:` + word + `>` +
		`<w:` + word + ` w:id="1"><w:p w14:paraId="30000003" w14:textId="77777777"><w:pPr><w:pStyle w:val="` + style + `Text"/></w:pPr><w:r><w:rPr><w:rStyle w:val="` + style + `Reference"/></w:rPr><w:` + word + `Ref/></w:r>` +
		`<w:r><w:t xml:space="preserve"> ` + text + `</w:t></w:r></w:p></w:` + word + `>`
}

const richComments = `<w:comment w:id="0" w:author="AB" w:date="2024-01-04T09:00:00Z" w:initials="AB"><w:p w14:paraId="40000001" w14:textId="77777777"><w:pPr><w:pStyle w:val="CommentText"/></w:pPr>` +
	`<w:r><w:rPr><w:rStyle w:val="CommentReference"/></w:rPr><w:annotationRef/></w:r><w:r><w:t>Why 75 percent?</w:t></w:r></w:p></w:comment>` +
	`<w:comment w:id="1" w:author="CD" w:date="2024-01-04T11:00:00Z" w:initials="CD"><w:p w14:paraId="40000002" w14:textId="77777777"><w:pPr><w:pStyle w:val="CommentText"/></w:pPr>` +
	`<w:r><w:rPr><w:rStyle w:val="CommentReference"/></w:rPr><w:annotationRef/></w:r><w:r><w:t>As last year.</w:t></w:r></w:p></w:comment>`

const richExtended = `<w15:commentEx w15:paraId="40000001" w15:done="0"/><w15:commentEx w15:paraId="40000002" w15:paraIdParent="40000001" w15:done="0"/>`

const mainDecl = ` xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"`

const richNumbering = `<w:numbering` + mainDecl + `>` +
	`<w:abstractNum w:abstractNumId="0"><w:nsid w:val="11111111"/><w:multiLevelType w:val="hybridMultilevel"/><w:tmpl w:val="22222222"/>` +
	`<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1."/><w:lvlJc w:val="left"/><w:pPr><w:ind w:left="720" w:hanging="360"/></w:pPr></w:lvl></w:abstractNum>` +
	`<w:abstractNum w:abstractNumId="1"><w:nsid w:val="33333333"/><w:multiLevelType w:val="hybridMultilevel"/><w:tmpl w:val="44444444"/>` +
	`<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="bullet"/><w:lvlText w:val="-"/><w:lvlJc w:val="left"/><w:pPr><w:ind w:left="720" w:hanging="360"/></w:pPr><w:rPr><w:rFonts w:ascii="Arial" w:hAnsi="Arial" w:hint="default"/></w:rPr></w:lvl></w:abstractNum>` +
	`<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num></w:numbering>`

const richSettings = `<w:settings` + mainDecl + ` xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"><w:zoom w:percent="100"/><w:defaultTabStop w:val="720"/><w:characterSpacingControl w:val="doNotCompress"/>` +
	`<w:footnotePr><w:footnote w:id="-1"/><w:footnote w:id="0"/></w:footnotePr><w:endnotePr><w:endnote w:id="-1"/><w:endnote w:id="0"/></w:endnotePr>` +
	`<w:compat><w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat>` +
	`<w:rsids><w:rsidRoot w:val="00A1B2C3"/><w:rsid w:val="00A1B2C3"/><w:rsid w:val="00D4E5F6"/></w:rsids><m:mathPr><m:mathFont m:val="Cambria Math"/></m:mathPr>` +
	`<w:themeFontLang w:val="en-GB"/><w:decimalSymbol w:val="."/><w:listSeparator w:val=","/></w:settings>`

const richFonts = `<w:fonts` + mainDecl + `><w:font w:name="Calibri"><w:family w:val="swiss"/><w:pitch w:val="variable"/></w:font></w:fonts>`

const richCore = `<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/"` +
	` xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><dc:title>Planning memorandum</dc:title><dc:creator>AB</dc:creator>` +
	`<cp:lastModifiedBy>AB</cp:lastModifiedBy><cp:revision>2</cp:revision><dcterms:created xsi:type="dcterms:W3CDTF">2024-01-03T08:00:00Z</dcterms:created>` +
	`<dcterms:modified xsi:type="dcterms:W3CDTF">2024-01-05T10:00:00Z</dcterms:modified></cp:coreProperties>`

const richApp = `<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"><Application>Microsoft Office Word</Application><Company>Example LLP</Company></Properties>`

// styleXML is one style of richStyles.
func styleXML(kind, id, name, rest string) string {
	return `<w:style w:type="` + kind + `" w:styleId="` + id + `"><w:name w:val="` + name + `"/>` + rest + `</w:style>`
}

var richStyles = `<w:styles` + mainDecl + `><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="Calibri" w:hAnsi="Calibri" w:cs="Calibri"/><w:sz w:val="22"/><w:szCs w:val="22"/><w:lang w:val="en-GB" w:eastAsia="en-US" w:bidi="ar-SA"/></w:rPr></w:rPrDefault>` +
	`<w:pPrDefault><w:pPr><w:spacing w:after="160" w:line="259" w:lineRule="auto"/></w:pPr></w:pPrDefault></w:docDefaults>` +
	`<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:qFormat/></w:style>` +
	`<w:style w:type="character" w:default="1" w:styleId="DefaultParagraphFont"><w:name w:val="Default Paragraph Font"/><w:uiPriority w:val="1"/><w:semiHidden/></w:style>` +
	`<w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/><w:uiPriority w:val="99"/><w:semiHidden/><w:tblPr><w:tblInd w:w="0" w:type="dxa"/>` +
	`<w:tblCellMar><w:top w:w="0" w:type="dxa"/><w:left w:w="108" w:type="dxa"/><w:bottom w:w="0" w:type="dxa"/><w:right w:w="108" w:type="dxa"/></w:tblCellMar></w:tblPr></w:style>` +
	`<w:style w:type="numbering" w:default="1" w:styleId="NoList"><w:name w:val="No List"/><w:semiHidden/></w:style>` +
	styleXML("paragraph", "Title", "Title", `<w:basedOn w:val="Normal"/><w:next w:val="Normal"/><w:qFormat/><w:pPr><w:spacing w:after="0"/></w:pPr><w:rPr><w:sz w:val="56"/></w:rPr>`) +
	styleXML("paragraph", "Heading1", "heading 1", `<w:basedOn w:val="Normal"/><w:next w:val="Normal"/><w:link w:val="Heading1Char"/><w:qFormat/><w:pPr><w:keepNext/><w:spacing w:before="240"/><w:outlineLvl w:val="0"/></w:pPr><w:rPr><w:b/><w:sz w:val="32"/></w:rPr>`) +
	styleXML("character", "Heading1Char", "Heading 1 Char", `<w:basedOn w:val="DefaultParagraphFont"/><w:link w:val="Heading1"/><w:rPr><w:b/><w:sz w:val="32"/></w:rPr>`) +
	styleXML("paragraph", "Heading2", "heading 2", `<w:basedOn w:val="Normal"/><w:next w:val="Normal"/><w:qFormat/><w:pPr><w:keepNext/><w:outlineLvl w:val="1"/></w:pPr><w:rPr><w:b/><w:sz w:val="26"/></w:rPr>`) +
	styleXML("paragraph", "ListParagraph", "List Paragraph", `<w:basedOn w:val="Normal"/><w:qFormat/><w:pPr><w:ind w:left="720"/><w:contextualSpacing/></w:pPr>`) +
	styleXML("paragraph", "TOC1", "toc 1", `<w:basedOn w:val="Normal"/><w:next w:val="Normal"/><w:uiPriority w:val="39"/><w:pPr><w:spacing w:after="100"/></w:pPr>`) +
	styleXML("character", "Hyperlink", "Hyperlink", `<w:basedOn w:val="DefaultParagraphFont"/><w:rPr><w:color w:val="0563C1"/><w:u w:val="single"/></w:rPr>`) +
	styleXML("paragraph", "Header", "header", `<w:basedOn w:val="Normal"/><w:pPr><w:tabs><w:tab w:val="center" w:pos="4513"/></w:tabs></w:pPr>`) +
	styleXML("paragraph", "Footer", "footer", `<w:basedOn w:val="Normal"/>`) +
	styleXML("paragraph", "FootnoteText", "footnote text", `<w:basedOn w:val="Normal"/><w:rPr><w:sz w:val="20"/></w:rPr>`) +
	styleXML("character", "FootnoteReference", "footnote reference", `<w:basedOn w:val="DefaultParagraphFont"/><w:rPr><w:vertAlign w:val="superscript"/></w:rPr>`) +
	styleXML("paragraph", "EndnoteText", "endnote text", `<w:basedOn w:val="Normal"/><w:rPr><w:sz w:val="20"/></w:rPr>`) +
	styleXML("character", "EndnoteReference", "endnote reference", `<w:basedOn w:val="DefaultParagraphFont"/><w:rPr><w:vertAlign w:val="superscript"/></w:rPr>`) +
	styleXML("paragraph", "CommentText", "annotation text", `<w:basedOn w:val="Normal"/><w:rPr><w:sz w:val="20"/></w:rPr>`) +
	styleXML("character", "CommentReference", "annotation reference", `<w:basedOn w:val="DefaultParagraphFont"/><w:rPr><w:sz w:val="16"/></w:rPr>`) +
	styleXML("table", "TableGrid", "Table Grid", `<w:basedOn w:val="TableNormal"/><w:tblPr><w:tblBorders><w:top w:val="single" w:sz="4" w:space="0" w:color="auto"/><w:left w:val="single" w:sz="4" w:space="0" w:color="auto"/>`+
		`<w:bottom w:val="single" w:sz="4" w:space="0" w:color="auto"/><w:right w:val="single" w:sz="4" w:space="0" w:color="auto"/><w:insideH w:val="single" w:sz="4" w:space="0" w:color="auto"/>`+
		`<w:insideV w:val="single" w:sz="4" w:space="0" w:color="auto"/></w:tblBorders></w:tblPr>`) +
	`</w:styles>`
