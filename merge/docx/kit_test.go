package docx

import (
	"archive/zip"
	"bytes"
	"image"
	"image/color"
	"image/png"
	"io"
	"strings"
	"testing"
)

// parts is a package unpacked for tests, in order.
type parts struct {
	names []string
	text  map[string]string
}

func unzip(t testing.TB, data []byte) *parts {
	t.Helper()
	zr, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	p := &parts{text: map[string]string{}}
	for _, f := range zr.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		p.names = append(p.names, f.Name)
		p.text[f.Name] = string(b)
	}
	return p
}

func (p *parts) zip(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, n := range p.names {
		text, ok := p.text[n]
		if !ok {
			continue
		}
		f, err := w.Create(n)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// replace changes the first occurrence of a text in a part, which must be there.
func (p *parts) replace(t testing.TB, part, old, with string) {
	t.Helper()
	if !strings.Contains(p.text[part], old) {
		t.Errorf("part %s has no %q", part, old)
	}
	p.text[part] = strings.Replace(p.text[part], old, with, 1)
}

// add puts a part to the end, or replaces it.
func (p *parts) add(name, text string) {
	if _, ok := p.text[name]; !ok {
		p.names = append(p.names, name)
	}
	p.text[name] = text
}

// relate adds a part with its content type and a relationship of the document.
func (p *parts) relate(t testing.TB, name, text, contentType, id, kind string) {
	t.Helper()
	p.add("word/"+name, text)
	p.replace(t, "[Content_Types].xml", "</Types>", `<Override PartName="/word/`+name+`" ContentType="`+contentType+`"/></Types>`)
	p.replace(t, "word/_rels/document.xml.rels", "</Relationships>", `<Relationship Id="`+id+`" Type="`+kind+`" Target="`+name+`"/></Relationships>`)
}

// patched is a document with texts of parts replaced: part, old, new and so on.
func patched(t testing.TB, data []byte, edits ...string) []byte {
	t.Helper()
	p := unzip(t, data)
	for i := 0; i < len(edits); i += 3 {
		p.replace(t, edits[i], edits[i+1], edits[i+2])
	}
	return p.zip(t)
}

// picture is a small image of one colour.
func picture(t testing.TB, shade uint8) []byte {
	t.Helper()
	m := image.NewGray(image.Rect(0, 0, 8, 8))
	for i := range m.Pix {
		m.Pix[i] = shade
	}
	m.Set(3, 3, color.White)
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const xmlHead = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"

// roots are the declarations that the parts of Word begin with.
const roots = ` xmlns:wpc="http://schemas.microsoft.com/office/word/2010/wordprocessingCanvas"` +
	` xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" xmlns:o="urn:schemas-microsoft-com:office:office"` +
	` xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"` +
	` xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" xmlns:v="urn:schemas-microsoft-com:vml"` +
	` xmlns:wp14="http://schemas.microsoft.com/office/word/2010/wordprocessingDrawing"` +
	` xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" xmlns:w10="urn:schemas-microsoft-com:office:word"` +
	` xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml"` +
	` xmlns:w15="http://schemas.microsoft.com/office/word/2012/wordml" xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"` +
	` mc:Ignorable="w14 w15 wp14"`

// plainDoc is a document of the paragraphs given, and nothing else.
func plainDoc(t testing.TB, paragraphs ...string) []byte {
	t.Helper()
	var body strings.Builder
	for _, text := range paragraphs {
		body.WriteString(para("", text))
	}
	p := &parts{text: map[string]string{}}
	p.add("[Content_Types].xml", xmlHead+`<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">`+
		`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>`+
		`<Override PartName="/word/document.xml" ContentType="`+typeDocx+`"/></Types>`)
	p.add("_rels/.rels", xmlHead+`<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">`+
		`<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>`)
	p.add("word/document.xml", xmlHead+`<w:document`+roots+`><w:body>`+body.String()+`<w:sectPr><w:pgSz w:w="11906" w:h="16838"/></w:sectPr></w:body></w:document>`)
	return p.zip(t)
}

// run is a run of text with the format given.
func run(format, text string) string {
	if format != "" {
		format = "<w:rPr>" + format + "</w:rPr>"
	}
	return `<w:r>` + format + `<w:t xml:space="preserve">` + text + `</w:t></w:r>`
}

// para is a paragraph of one run, in the style given.
func para(style, text string) string {
	if style != "" {
		style = `<w:pPr><w:pStyle w:val="` + style + `"/></w:pPr>`
	}
	return `<w:p>` + style + run("", text) + `</w:p>`
}

// richDoc has something of everything: an audit memorandum with headings,
// lists, a table, notes, comments, fields, pictures and tracked changes.
func richDoc(t testing.TB) []byte {
	t.Helper()
	p := &parts{text: map[string]string{}}
	p.add("[Content_Types].xml", xmlHead+richTypes)
	p.add("_rels/.rels", xmlHead+richRootRels)
	p.add("word/document.xml", xmlHead+`<w:document`+roots+`><w:body>`+richBody+`</w:body></w:document>`)
	p.add("word/_rels/document.xml.rels", xmlHead+richRels)
	p.add("word/styles.xml", xmlHead+richStyles)
	p.add("word/numbering.xml", xmlHead+richNumbering)
	p.add("word/settings.xml", xmlHead+richSettings)
	p.add("word/fontTable.xml", xmlHead+richFonts)
	p.add("word/header1.xml", xmlHead+`<w:hdr`+roots+`>`+richHeader+`</w:hdr>`)
	p.add("word/footer1.xml", xmlHead+`<w:ftr`+roots+`>`+richFooter+`</w:ftr>`)
	p.add("word/footnotes.xml", xmlHead+`<w:footnotes`+roots+`>`+richNotes("footnote", "agreed to the signed engagement letter")+`</w:footnotes>`)
	p.add("word/endnotes.xml", xmlHead+`<w:endnotes`+roots+`>`+richNotes("endnote", "see the closing file")+`</w:endnotes>`)
	p.add("word/comments.xml", xmlHead+`<w:comments`+roots+`>`+richComments+`</w:comments>`)
	p.add("word/commentsExtended.xml", xmlHead+`<w15:commentsEx`+roots+`>`+richExtended+`</w15:commentsEx>`)
	p.add("word/media/image1.png", string(picture(t, 40)))
	p.add("docProps/core.xml", xmlHead+richCore)
	p.add("docProps/app.xml", xmlHead+richApp)
	return p.zip(t)
}
