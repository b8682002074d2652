package docx

import (
	"slices"
	"strings"

	"github.com/beevik/etree"
)

// computedFields are the fields whose result a program computes from what
// stands elsewhere.
var computedFields = []string{
	"PAGE", "NUMPAGES", "SECTION", "SECTIONPAGES", "PAGEREF", "REF", "NOTEREF", "STYLEREF", "SEQ", "DATE", "TIME", "SAVEDATE", "PRINTDATE", "CREATEDATE",
	"EDITTIME", "FILENAME", "FILESIZE", "NUMWORDS", "NUMCHARS", "LASTSAVEDBY", "REVNUM", "TOC", "TOA", "INDEX", "BIBLIOGRAPHY", "LISTNUM", "AUTONUM",
}

// listFields are those whose result has paragraphs.
var listFields = []string{"TOC", "TOA", "INDEX", "BIBLIOGRAPHY"}

// fieldName is the first word of a field's instruction.
func fieldName(instruction string) string {
	words := strings.Fields(instruction)
	if len(words) == 0 {
		return ""
	}
	return strings.ToUpper(words[0])
}

// fieldDepth follows the fields of a story. Computed holds inside of one that
// makes paragraphs.
type fieldDepth struct {
	open     []openField
	computed bool
}

type openField struct {
	instruction string
	result      bool
}

func (f *fieldDepth) depth() int { return len(f.open) }

// scan goes through an element with all that is in it.
func (f *fieldDepth) scan(e *etree.Element) {
	each(e, func(c *etree.Element) bool {
		f.one(c)
		return true
	})
}

func (f *fieldDepth) one(e *etree.Element) {
	n := len(f.open)
	switch {
	case is(e, "instrText") && n > 0:
		f.open[n-1].instruction += e.Text()
	case is(e, "fldChar"):
		switch att(e, "fldCharType") {
		case "begin":
			f.open = append(f.open, openField{})
		case "separate":
			if n > 0 {
				f.open[n-1].result = true
			}
		case "end":
			if n > 0 {
				f.open = f.open[:n-1]
			}
		}
	default:
		return
	}
	f.computed = slices.ContainsFunc(f.open, func(o openField) bool {
		return slices.Contains(listFields, fieldName(o.instruction))
	})
}
