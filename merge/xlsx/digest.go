package xlsx

import (
	"strings"

	"github.com/beevik/etree"

	"github.com/esync/esync/merge/ooxml"
)

// newDeep prepares the comparison of parts by content. It is made anew after
// parts have changed.
func (b *book) newDeep() {
	b.deep = ooxml.NewDeep(b.pkg, ooxml.Canon{Attr: b.partAttr, Drop: dropNoise}, func(rel ooxml.Rel) bool {
		return rel.Kind() != "printerSettings"
	})
	b.metadata = ""
	for _, kind := range []string{"sheetMetadata", "metadata"} {
		if part := b.partOf(kind); part != "" {
			b.metadata, _ = b.deep.Part(part)
		}
	}
}

// Namespaces of Office whose attributes say nothing that a person would.
var noiseSpaces = []string{
	"http://schemas.microsoft.com/office/spreadsheetml/2009/9/ac",
	"http://schemas.microsoft.com/office/spreadsheetml/2010/11/ac",
	"http://schemas.microsoft.com/office/spreadsheetml/2014/revision",
	"http://schemas.microsoft.com/office/spreadsheetml/2015/revision2",
	"http://schemas.microsoft.com/office/spreadsheetml/2016/revision3",
	"http://schemas.microsoft.com/office/spreadsheetml/2016/revision6",
	"http://schemas.microsoft.com/office/spreadsheetml/2016/revision10",
}

func noisySpace(uri string) bool {
	for _, n := range noiseSpaces {
		if uri == n {
			return true
		}
	}
	return false
}

// partAttr replaces numbers that mean nothing outside of their workbook.
func (b *book) partAttr(e *etree.Element, uri, name, value string) (string, bool) {
	if noisySpace(uri) {
		return value, false
	}
	if uri == "" && strings.HasSuffix(name, "xfId") {
		return b.dxf(value), true
	}
	if uri == "" {
		switch {
		case e.Tag == "pivotTableDefinition" && name == "cacheId":
			return "", false
		case e.Tag == "pivotCacheDefinition" && (name == "refreshedDate" || name == "refreshedBy" || name == "refreshedVersion"):
			return "", false
		case e.Tag == "table" && (name == "id" || name == "headerRowCount" && value == "1" || name == "totalsRowCount" && value == "0"):
			return "", false
		case name == "count" && (e.Tag == "tableColumns" || e.Tag == "sortState"):
			return "", false
		case e.Tag == "cfRule" && name == "priority":
			return "", false
		case (e.Tag == "axId" || e.Tag == "crossAx") && name == "val":
			return axisNumber(e, value), true
		case e.Tag == "cNvPr" && name == "id":
			return "", false
		case (e.Tag == "stCxn" || e.Tag == "endCxn") && name == "id":
			return shapeName(e, value), true
		}
	}
	return value, true
}

// top is the outermost element around one.
func top(e *etree.Element) *etree.Element {
	for e.Parent() != nil {
		e = e.Parent()
	}
	return e
}

// axisNumber gives the place of an axis among those that a chart names, since
// some programs make up new numbers at every save.
func axisNumber(e *etree.Element, number string) string {
	seen := map[string]bool{}
	for _, a := range top(e).FindElements(".//axId") {
		v := a.SelectAttrValue("val", "")
		if v == number {
			return "axis " + itoa(len(seen))
		}
		seen[v] = true
	}
	return number
}

// shapeName gives the name of the shape that a connector ends at.
func shapeName(e *etree.Element, number string) string {
	for _, p := range top(e).FindElements(".//cNvPr") {
		if p.SelectAttrValue("id", "") == number {
			return "shape " + p.SelectAttrValue("name", "")
		}
	}
	return number
}

// dxf gives what the number of a differential format stands for.
func (b *book) dxf(number string) string {
	n, _ := parseIndex(number)
	if n < 0 || n >= len(b.styles.dxfs.canon) {
		return "missing " + number
	}
	return b.styles.dxfs.canon[n]
}

// dropNoise tells which elements are caches or say nothing that a person would.
func dropNoise(e *etree.Element, uri string) bool {
	switch e.Tag {
	case "numCache", "strCache", "multiLvlStrCache":
		return strings.Contains(uri, "/drawingml/")
	case "revisionPtr", "absPath":
		return noisySpace(uri)
	case "tableStyleInfo":
		return true // compared apart
	case "creationId":
		return strings.HasPrefix(uri, "http://schemas.microsoft.com/office/drawing/")
	}
	return false
}
