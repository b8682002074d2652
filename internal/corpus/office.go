package corpus

import (
	"bytes"
	"fmt"
	"math/rand/v2"
)

const (
	sheetFolder  = "xl/worksheets/"
	documentPart = "word/document.xml"
	// cellCost is about what one cell takes, deflated; measured.
	cellCost = 8
)

// workbook makes an .xlsx of about that size.
func (g *generator) workbook(r *rand.Rand, size int) ([]byte, error) {
	sheets := 1 + r.IntN(5)
	columns := 6 + r.IntN(8)
	rows := max(12, (size-9000)/(cellCost*columns*sheets))
	var texts bytes.Buffer
	texts.WriteString(xmlHead + `<sst>`)
	for range 400 {
		texts.WriteString("<si><t>" + sentence(r, 1+r.IntN(5)) + "</t></si>")
	}
	texts.WriteString(`</sst>`)
	parts := []part{
		{"[Content_Types].xml", []byte(xmlHead + `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>`)},
		{"_rels/.rels", []byte(xmlHead + `<Relationships/>`)},
		{"xl/workbook.xml", []byte(xmlHead + `<workbook/>`)},
	}
	for i := 1; i <= sheets; i++ {
		parts = append(parts, part{fmt.Sprintf("%ssheet%d.xml", sheetFolder, i), sheet(r, rows, columns)})
	}
	return pack(append(parts,
		part{"xl/theme/theme1.xml", g.theme}, part{"xl/styles.xml", g.theme[:len(g.theme)/2]},
		part{"xl/sharedStrings.xml", texts.Bytes()}, part{corePart, core(r)}))
}

// sheet has texts, amounts and a formula in every fourth column.
func sheet(r *rand.Rand, rows, columns int) []byte {
	var b bytes.Buffer
	b.WriteString(xmlHead + `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>`)
	for i := 1; i <= rows; i++ {
		fmt.Fprintf(&b, `<row r="%d" spans="1:%d">`, i, columns)
		for c := range columns {
			switch c % 4 {
			case 0:
				fmt.Fprintf(&b, `<c r="%c%d" s="3" t="s"><v>%d</v></c>`, 'A'+c, i, r.IntN(400))
			case 3:
				fmt.Fprintf(&b, `<c r="%c%d" s="7"><f>SUM(B%d:C%d)</f><v>%d</v></c>`, 'A'+c, i, i, i, r.IntN(10000000))
			default:
				fmt.Fprintf(&b, `<c r="%c%d" s="5"><v>%d.%02d</v></c>`, 'A'+c, i, r.IntN(1000000), r.IntN(100))
			}
		}
		b.WriteString(`</row>`)
	}
	b.WriteString(`</sheetData></worksheet>`)
	return b.Bytes()
}

// document makes a .docx of about that size; a large one is mostly pictures.
func (g *generator) document(r *rand.Rand, size int) ([]byte, error) {
	parts := []part{
		{"[Content_Types].xml", []byte(xmlHead + `<Types/>`)},
		{"_rels/.rels", []byte(xmlHead + `<Relationships/>`)},
	}
	text := size - 6000
	if size > 60000 {
		text = size / 4
		n := 1 + r.IntN(3)
		for i := 1; i <= n; i++ {
			parts = append(parts, part{fmt.Sprintf("word/media/image%d.jpeg", i), noise(r, (size-text)/n)})
		}
	}
	var b bytes.Buffer
	b.WriteString(xmlHead + `<w:document><w:body>`)
	for n := 0; n < text*3; { // text deflates to about a third
		p := paragraph(r, 10, 50)
		n += len(p)
		b.WriteString(p)
	}
	b.WriteString(`</w:body></w:document>`)
	return pack(append(parts, part{documentPart, b.Bytes()}, part{"word/theme/theme1.xml", g.theme},
		part{"word/styles.xml", g.theme[:len(g.theme)*3/4]}, part{corePart, core(r)}))
}

func paragraph(r *rand.Rand, least, more int) string {
	return fmt.Sprintf(`<w:p w:rsidR="%08X"><w:r><w:t>%s</w:t></w:r></w:p>`, r.Uint32(), sentence(r, least+r.IntN(more)))
}
