package xlsx

import (
	"strings"

	"github.com/beevik/etree"

	"github.com/esync/esync/merge/ooxml"
)

// The ways in which single elements are compared.
var (
	viewCanon       = &ooxml.Canon{Attr: viewAttr, Drop: func(e *etree.Element, _ string) bool { return e.Tag == "selection" || e.Tag == "extLst" }}
	sizeCanon       = &ooxml.Canon{Attr: sizeAttr}
	pageCanon       = &ooxml.Canon{Attr: pageAttr}
	validationCanon = &ooxml.Canon{Attr: validationAttr}
)

// viewAttr keeps what a person sets: frozen panes and what is shown. Where
// the cursor was, and how large the window, is no change.
func viewAttr(e *etree.Element, uri, name, value string) (string, bool) {
	if uri != "" {
		return value, false
	}
	switch name {
	case "tabSelected", "topLeftCell", "workbookViewId", "zoomScale", "zoomScaleNormal", "zoomScalePageLayoutView", "zoomScaleSheetLayoutView",
		"activePane", "colorId", "defaultGridColor", "windowProtection":
		return value, false
	case "showGridLines", "showRowColHeaders", "showZeros", "showOutlineSymbols", "showRuler", "showWhiteSpace":
		return value, !truth(value)
	case "showFormulas", "rightToLeft":
		return value, truth(value)
	}
	return value, true
}

func sizeAttr(_ *etree.Element, uri, name, value string) (string, bool) {
	if uri != "" || strings.HasPrefix(name, "outlineLevel") {
		return value, false
	}
	if name == "baseColWidth" && value == "8" {
		return value, false
	}
	if n, ok := numberKey(value); ok {
		return n, true
	}
	return value, true
}

// pageAttr leaves out the settings of a printer, which are the machine's.
func pageAttr(_ *etree.Element, uri, name, value string) (string, bool) {
	if uri != "" {
		return value, false
	}
	switch name {
	case "horizontalDpi", "verticalDpi", "usePrinterDefaults":
		return value, false
	}
	return value, true
}

func validationAttr(_ *etree.Element, uri, name, value string) (string, bool) {
	if uri != "" {
		return value, false
	}
	switch name {
	case "allowBlank", "showInputMessage", "showErrorMessage", "showDropDown":
		return "1", truth(value)
	case "type":
		return value, value != "none"
	case "operator":
		return value, value != "between"
	case "errorStyle":
		return value, value != "stop"
	case "imeMode":
		return value, false
	}
	return value, true
}

// onlyNotes tells whether a drawing in VML has nothing but the boxes of
// comments.
func onlyNotes(vml []byte) bool {
	text := string(vml)
	return strings.Count(text, "ObjectType=") == strings.Count(text, `ObjectType="Note"`)+strings.Count(text, `ObjectType='Note'`)
}
