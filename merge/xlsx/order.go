package xlsx

import (
	"slices"

	"github.com/beevik/etree"
)

// sheetOrder is the order in which CT_Worksheet has its elements.
var sheetOrder = []string{
	"sheetPr", "dimension", "sheetViews", "sheetFormatPr", "cols", "sheetData", "sheetCalcPr", "sheetProtection", "protectedRanges",
	"scenarios", "autoFilter", "sortState", "dataConsolidate", "customSheetViews", "mergeCells", "phoneticPr", "conditionalFormatting",
	"dataValidations", "hyperlinks", "printOptions", "pageMargins", "pageSetup", "headerFooter", "rowBreaks", "colBreaks", "customProperties",
	"cellWatches", "ignoredErrors", "smartTags", "drawing", "drawingHF", "legacyDrawing", "legacyDrawingHF", "picture", "oleObjects",
	"controls", "webPublishItems", "tableParts", "extLst",
}

// bookOrder is that of CT_Workbook.
var bookOrder = []string{
	"fileVersion", "fileSharing", "workbookPr", "workbookProtection", "bookViews", "sheets", "functionGroups", "externalReferences",
	"definedNames", "calcPr", "oleSize", "customWorkbookViews", "pivotCaches", "smartTagPr", "smartTagTypes", "webPublishing",
	"fileRecoveryPr", "webPublishObjects", "extLst",
}

// styleOrder is that of CT_Stylesheet.
var styleOrder = []string{
	"numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs", "cellStyles", "dxfs", "tableStyles", "colors", "extLst",
}

func orderOf(root *etree.Element) []string {
	switch root.Tag {
	case "workbook":
		return bookOrder
	case "styleSheet":
		return styleOrder
	}
	return sheetOrder
}

// insertOrdered puts an element where the schema wants it, behind those of its
// own kind.
func insertOrdered(root, e *etree.Element) {
	order := orderOf(root)
	rank := slices.Index(order, e.Tag)
	at := len(root.Child)
	for i := len(root.Child) - 1; i >= 0; i-- {
		c, ok := root.Child[i].(*etree.Element)
		if !ok {
			continue
		}
		if r := rankIn(order, c); r >= 0 && r <= rank {
			break
		} else if r > rank {
			at = i
		}
	}
	root.InsertChildAt(at, e)
}

// rankIn is an element's place in the schema; -1 of what the schema does not
// know, such as alternate content, which stands in the place of another.
func rankIn(order []string, e *etree.Element) int {
	if e.Tag == "AlternateContent" {
		if inner := e.FindElement("./Choice"); inner != nil {
			for _, c := range inner.ChildElements() {
				return slices.Index(order, c.Tag)
			}
		}
	}
	return slices.Index(order, e.Tag)
}
