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
	instruction string // its beginning, with the first word
	list        bool   // it makes paragraphs
	result      bool
}

// maxFields is how deep fields may be in each other. Programs take some twenty.
const maxFields = 64

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
		o := &f.open[n-1]
		if len(strings.Fields(o.instruction)) < 2 {
			o.instruction += e.Text()
			o.list = slices.Contains(listFields, fieldName(o.instruction))
		}
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
	inner := f.open[:min(len(f.open), maxFields)]
	f.computed = slices.ContainsFunc(inner, func(o openField) bool { return o.list })
}
