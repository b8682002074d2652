package docx

import (
	"slices"

	"github.com/beevik/etree"
)

// Namespaces of a document.
const (
	mainNS   = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
	mathNS   = "http://schemas.openxmlformats.org/officeDocument/2006/math"
	schemaNS = "http://schemas.openxmlformats.org/schemaLibrary/2006/main"
)

// The order in which the schema (ECMA-376 part 4, wml.xsd) has the children of
// an element. Names are those of the main namespace; "m:" and "sl:" stand
// for mathematics and schema libraries. What is in no table has no order there.
var (
	orderDocument = []string{"background", "body"}
	orderP        = []string{"pPr"}
	orderR        = []string{"rPr"}
	orderTbl      = []string{"tblPr", "tblGrid"}
	orderTr       = []string{"tblPrEx", "trPr"}
	orderTc       = []string{"tcPr"}
	orderSdt      = []string{"sdtPr", "sdtEndPr", "sdtContent"}

	// orderPPr is that of CT_PPr and its kin.
	orderPPr = []string{
		"pStyle", "keepNext", "keepLines", "pageBreakBefore", "framePr", "widowControl", "numPr", "suppressLineNumbers", "pBdr", "shd",
		"tabs", "suppressAutoHyphens", "kinsoku", "wordWrap", "overflowPunct", "topLinePunct", "autoSpaceDE", "autoSpaceDN", "bidi",
		"adjustRightInd", "snapToGrid", "spacing", "ind", "contextualSpacing", "mirrorIndents", "suppressOverlap", "jc", "textDirection",
		"textAlignment", "textboxTightWrap", "outlineLvl", "divId", "cnfStyle", "rPr", "sectPr", "pPrChange",
	}
	// orderRPr is the order in which programs write CT_RPr and CT_ParaRPr. The
	// schema fixes only that tracked changes of the paragraph mark come first
	// and rPrChange last.
	orderRPr = []string{
		"ins", "del", "moveFrom", "moveTo", "rStyle", "rFonts", "b", "bCs", "i", "iCs", "caps", "smallCaps", "strike", "dstrike", "outline",
		"shadow", "emboss", "imprint", "noProof", "snapToGrid", "vanish", "webHidden", "color", "spacing", "w", "kern", "position", "sz",
		"szCs", "highlight", "u", "effect", "bdr", "shd", "fitText", "vertAlign", "rtl", "cs", "em", "lang", "eastAsianLayout", "specVanish",
		"oMath", "rPrChange",
	}
	orderNumPr = []string{"ilvl", "numId", "numberingChange", "ins"}
	orderPBdr  = []string{"top", "left", "bottom", "right", "between", "bar"}

	// orderTblPr is that of CT_TblPr.
	orderTblPr = []string{
		"tblStyle", "tblpPr", "tblOverlap", "bidiVisual", "tblStyleRowBandSize", "tblStyleColBandSize", "tblW", "jc", "tblCellSpacing",
		"tblInd", "tblBorders", "shd", "tblLayout", "tblCellMar", "tblLook", "tblCaption", "tblDescription", "tblPrChange",
	}
	orderTblPrEx = []string{"tblW", "jc", "tblCellSpacing", "tblInd", "tblBorders", "shd", "tblLayout", "tblCellMar", "tblLook", "tblPrExChange"}
	orderTblGrid = []string{"gridCol", "tblGridChange"}
	// orderTrPr is the order in which programs write CT_TrPr. The schema fixes
	// only that ins, del and trPrChange come last.
	orderTrPr = []string{
		"cnfStyle", "divId", "gridBefore", "gridAfter", "wBefore", "wAfter", "cantSplit", "trHeight", "tblHeader", "tblCellSpacing", "jc",
		"hidden", "ins", "del", "trPrChange",
	}
	// orderTcPr is that of CT_TcPr.
	orderTcPr = []string{
		"cnfStyle", "tcW", "gridSpan", "hMerge", "vMerge", "tcBorders", "shd", "noWrap", "tcMar", "textDirection", "tcFitText", "vAlign",
		"hideMark", "headers", "cellIns", "cellDel", "cellMerge", "tcPrChange",
	}
	orderBorders = []string{"top", "start", "left", "bottom", "end", "right", "insideH", "insideV", "tl2br", "tr2bl"}

	// orderSectPr is that of CT_SectPr; the references come in any order.
	orderSectPr = []string{
		"headerReference", "footerReference", "footnotePr", "endnotePr", "type", "pgSz", "pgMar", "paperSrc", "pgBorders", "lnNumType",
		"pgNumType", "cols", "formProt", "vAlign", "noEndnote", "titlePg", "textDirection", "bidi", "rtlGutter", "docGrid",
		"printerSettings", "sectPrChange",
	}
	orderNotePr = []string{"pos", "numFmt", "numStart", "numRestart", "footnote", "endnote"}

	orderStyles = []string{"docDefaults", "latentStyles", "style"}
	orderStyle  = []string{
		"name", "aliases", "basedOn", "next", "link", "autoRedefine", "hidden", "uiPriority", "semiHidden", "unhideWhenUsed", "qFormat",
		"locked", "personal", "personalCompose", "personalReply", "rsid", "pPr", "rPr", "tblPr", "trPr", "tcPr", "tblStylePr",
	}
	orderTblStylePr  = []string{"pPr", "rPr", "tblPr", "trPr", "tcPr"}
	orderNumbering   = []string{"numPicBullet", "abstractNum", "num", "numIdMacAtCleanup"}
	orderAbstractNum = []string{"nsid", "multiLevelType", "tmpl", "name", "styleLink", "numStyleLink", "lvl"}
	orderNum         = []string{"abstractNumId", "lvlOverride"}
	orderLvlOverride = []string{"startOverride", "lvl"}
	orderLvl         = []string{
		"start", "numFmt", "lvlRestart", "pStyle", "isLgl", "suff", "lvlText", "lvlPicBulletId", "legacy", "lvlJc", "pPr", "rPr",
	}

	// orderSettings is that of CT_Settings; later namespaces come behind it.
	orderSettings = []string{
		"writeProtection", "view", "zoom", "removePersonalInformation", "removeDateAndTime", "doNotDisplayPageBoundaries",
		"displayBackgroundShape", "printPostScriptOverText", "printFractionalCharacterWidth", "printFormsData", "embedTrueTypeFonts",
		"embedSystemFonts", "saveSubsetFonts", "saveFormsData", "mirrorMargins", "alignBordersAndEdges", "bordersDoNotSurroundHeader",
		"bordersDoNotSurroundFooter", "gutterAtTop", "hideSpellingErrors", "hideGrammaticalErrors", "activeWritingStyle", "proofState",
		"formsDesign", "attachedTemplate", "linkStyles", "stylePaneFormatFilter", "stylePaneSortMethod", "documentType", "mailMerge",
		"revisionView", "trackRevisions", "doNotTrackMoves", "doNotTrackFormatting", "documentProtection", "autoFormatOverride",
		"styleLockTheme", "styleLockQFSet", "defaultTabStop", "autoHyphenation", "consecutiveHyphenLimit", "hyphenationZone",
		"doNotHyphenateCaps", "showEnvelope", "summaryLength", "clickAndTypeStyle", "defaultTableStyle", "evenAndOddHeaders",
		"bookFoldRevPrinting", "bookFoldPrinting", "bookFoldPrintingSheets", "drawingGridHorizontalSpacing", "drawingGridVerticalSpacing",
		"displayHorizontalDrawingGridEvery", "displayVerticalDrawingGridEvery", "doNotUseMarginsForDrawingGridOrigin",
		"drawingGridHorizontalOrigin", "drawingGridVerticalOrigin", "doNotShadeFormData", "noPunctuationKerning",
		"characterSpacingControl", "printTwoOnOne", "strictFirstAndLastChars", "noLineBreaksAfter", "noLineBreaksBefore",
		"savePreviewPicture", "doNotValidateAgainstSchema", "saveInvalidXml", "ignoreMixedContent", "alwaysShowPlaceholderText",
		"doNotDemarcateInvalidXml", "saveXmlDataOnly", "useXSLTWhenSaving", "saveThroughXslt", "showXMLTags", "alwaysMergeEmptyNamespace",
		"updateFields", "hdrShapeDefaults", "footnotePr", "endnotePr", "compat", "docVars", "rsids", "m:mathPr", "uiCompat97To2003",
		"attachedSchema", "themeFontLang", "clrSchemeMapping", "doNotIncludeSubdocsInStats", "doNotAutoCompressPictures", "forceUpgrade",
		"captions", "readModeInkLockDown", "smartTagType", "sl:schemaLibrary", "shapeDefaults", "doNotEmbedSmartTags", "decimalSymbol",
		"listSeparator",
	}
)

// insertOrdered puts a child where the schema's order wants it, behind those
// of its own kind. Children that the order does not name stay where they are; a
// child that it does not name goes to the end.
func insertOrdered(parent, child *etree.Element, order []string) {
	rank := rankIn(order, child, parent)
	if rank < 0 {
		parent.AddChild(child)
		return
	}
	at := 0
	for i, t := range parent.Child {
		if e, ok := t.(*etree.Element); ok {
			if r := rankIn(order, e, parent); r >= 0 && r <= rank {
				at = i + 1
			}
		}
	}
	parent.InsertChildAt(at, child)
}

// rankIn is an element's place in an order, -1 of what it does not name. An
// element that stands in no tree yet is read by the prefixes of its parent to
// be. Alternate content stands in the place of what it is an alternative to.
func rankIn(order []string, e, parent *etree.Element) int {
	uri := e.NamespaceURI()
	if e.Parent() == nil && uri == "" && e.Space == parent.Space {
		uri = parent.NamespaceURI()
	}
	if e.Tag == "AlternateContent" {
		for _, choice := range e.ChildElements() {
			for _, inner := range choice.ChildElements() {
				if r := slices.Index(order, nameIn(inner.NamespaceURI(), inner.Tag)); r >= 0 {
					return r
				}
			}
		}
		return -1
	}
	return slices.Index(order, nameIn(uri, e.Tag))
}

// nameIn is an element's name as the orders have it.
func nameIn(uri, tag string) string {
	switch uri {
	case mainNS:
		return tag
	case mathNS:
		return "m:" + tag
	case schemaNS:
		return "sl:" + tag
	}
	return "?" + tag
}

// orderOf is the order of an element's children, by its name in the main
// namespace; nil where there is none.
func orderOf(tag string) []string {
	switch tag {
	case "document":
		return orderDocument
	case "p":
		return orderP
	case "r":
		return orderR
	case "tbl":
		return orderTbl
	case "tr":
		return orderTr
	case "tc":
		return orderTc
	case "sdt":
		return orderSdt
	case "pPr":
		return orderPPr
	case "rPr":
		return orderRPr
	case "numPr":
		return orderNumPr
	case "pBdr":
		return orderPBdr
	case "tblPr":
		return orderTblPr
	case "tblPrEx":
		return orderTblPrEx
	case "tblGrid":
		return orderTblGrid
	case "trPr":
		return orderTrPr
	case "tcPr":
		return orderTcPr
	case "tblBorders", "tcBorders", "tblCellMar", "tcMar":
		return orderBorders
	case "sectPr":
		return orderSectPr
	case "footnotePr", "endnotePr":
		return orderNotePr
	case "styles":
		return orderStyles
	case "style":
		return orderStyle
	case "tblStylePr":
		return orderTblStylePr
	case "numbering":
		return orderNumbering
	case "abstractNum":
		return orderAbstractNum
	case "num":
		return orderNum
	case "lvlOverride":
		return orderLvlOverride
	case "lvl":
		return orderLvl
	case "settings":
		return orderSettings
	}
	return nil
}
