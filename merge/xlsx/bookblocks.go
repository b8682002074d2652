package xlsx

import (
	"sort"
	"strings"

	"github.com/beevik/etree"
)

// bookBlocks reads everything of a workbook but its sheets.
func (b *book) bookBlocks() (blocks, error) {
	l := blocks{}
	for _, e := range b.root.ChildElements() {
		switch e.Tag {
		case "fileVersion", "AlternateContent", "revisionPtr", "bookViews", "sheets", "customWorkbookViews", "fileRecoveryPr", "pivotCaches",
			"externalReferences", "smartTagPr", "smartTagTypes":
			// Noise, or read apart.
		case "workbookPr":
			for _, a := range e.Attr {
				if a.Space == "" && a.Key == "date1904" {
					if truth(a.Value) {
						l.add(&block{key: "date1904", label: "date system", value: "1904", el: e})
					}
				} else if a.Space == "" && !noisyProperty(a.Key) {
					l.add(&block{key: "workbookPr @" + a.Key, label: "workbook property " + a.Key, value: a.Value, el: e})
				}
			}
		case "definedNames":
			l.add(b.names(e))
		case "calcPr":
			if v := calcCanon(e); v != "" {
				l.add(&block{key: "calcPr", label: "calculation settings", value: v, el: e})
			}
		case "extLst":
			for _, x := range e.ChildElements() {
				uri := strings.ToUpper(x.SelectAttrValue("uri", ""))
				if noisyExt(uri) {
					continue
				}
				text, err := b.deep.Element(b.main, x)
				if err != nil {
					return nil, err
				}
				l.add(&block{key: "ext " + uri, label: "extension " + uri, value: text, el: x})
			}
		default:
			text, err := b.deep.Element(b.main, e)
			if err != nil {
				return nil, err
			}
			l.add(&block{key: e.Tag, label: e.Tag, value: text, el: e})
		}
	}
	if err := b.parts(l); err != nil {
		return nil, err
	}
	b.styleBlocks(l)
	return l, nil
}

func noisyProperty(key string) bool {
	switch key {
	case "defaultThemeVersion", "hidePivotFieldList", "showInkAnnotation", "autoCompressPictures", "saveExternalLinkValues", "updateLinks",
		"checkCompatibility", "codeName", "xmlns", "backupFile", "promptedSolutions", "publishItems", "showBorderUnselectedTables", "showObjects",
		"filterPrivacy", "allowRefreshQuery", "refreshAllConnections":
		return true
	}
	return false
}

// noisyExt tells which extensions are notes of the program to itself.
func noisyExt(uri string) bool {
	switch uri {
	case "HTTP://SCHEMAS.MICROSOFT.COM/OFFICE/MAC/EXCEL/2008/MAIN", "{79F54976-1DA5-4618-B147-4CDE4B953A38}", "{B58B0392-4F1F-4190-BB64-5DF3571DCE5F}", "{7523E5D3-25F3-A5E0-1632-64F254C22452}",
		"{140A7094-0E35-4892-8432-C4D2E57EDEB5}", "{7626C862-2A13-11E5-B345-FEFF819CDC9F}", "{C40A2FC1-9F5E-4A7B-8D2C-6C3C4F9C3A2B}":
		return true
	}
	return false
}

func calcCanon(e *etree.Element) string {
	var list []string
	for _, a := range e.Attr {
		switch {
		case a.Space != "" || a.Key == "calcId" || a.Key == "fullCalcOnLoad" || a.Key == "forceFullCalc" || a.Key == "calcCompleted" ||
			a.Key == "calcOnSave" || a.Key == "concurrentCalc" || a.Key == "concurrentManualCount":
		case a.Key == "calcMode" && a.Value == "auto", a.Key == "refMode" && a.Value == "A1", a.Key == "iterate" && !truth(a.Value),
			a.Key == "iterateCount" && a.Value == "100", a.Key == "fullPrecision" && truth(a.Value):
		case a.Key == "iterateDelta":
			if n, _ := numberKey(a.Value); n != "0.001" {
				list = append(list, "iterateDelta="+n)
			}
		default:
			list = append(list, a.Key+"="+a.Value)
		}
	}
	sort.Strings(list)
	return strings.Join(list, " ")
}

func (b *book) names(e *etree.Element) *block {
	l := &block{key: "names", label: "names", el: e, items: []item{}}
	for _, c := range e.ChildElements() {
		if c.Tag != "definedName" {
			continue
		}
		name, scope := c.SelectAttrValue("name", ""), ""
		if n, ok := parseIndex(c.SelectAttrValue("localSheetId", "")); ok && n < len(b.sheets) {
			scope = b.sheets[n].name
		}
		i := item{key: strings.ToLower(scope) + "!" + strings.ToLower(name), el: c, show: c.Text()}
		i.label = name
		if scope != "" {
			i.label = scope + "!" + name
		}
		value := []string{name, b.canonical(c.Text())}
		for _, a := range c.Attr {
			if a.Space == "" && a.Key != "name" && a.Key != "localSheetId" && !(a.Value == "0" || a.Value == "false") {
				value = append(value, a.Key+"="+strings.Replace(a.Value, "true", "1", 1))
			}
		}
		sort.Strings(value[2:])
		i.value = strings.Join(value, "\x00")
		l.items = append(l.items, i)
	}
	sort.SliceStable(l.items, func(i, j int) bool { return l.items[i].key < l.items[j].key })
	return l
}

// parts reads the parts of a workbook that are not read otherwise, by kind.
func (b *book) parts(l blocks) error {
	groups := map[string][]string{}
	for _, source := range []string{"", b.main} {
		rels, err := b.pkg.Rels(source)
		if err != nil {
			return err
		}
		for _, rel := range rels.List {
			if rel.Part == "" || ownKind(rel.Kind()) {
				continue
			}
			if own, ok := listParts[rel.Kind()]; ok {
				if err := b.partItems(l, own.block, own.label, rel.Part, own.key); err != nil {
					return err
				}
				continue
			}
			sum, err := b.deep.Part(rel.Part)
			if err != nil {
				return err
			}
			groups[rel.Kind()] = append(groups[rel.Kind()], sum)
		}
	}
	for kind, sums := range groups {
		sort.Strings(sums)
		l.add(&block{key: "part " + kind, label: partLabel(kind), value: strings.Join(sums, " ")})
	}
	for i, target := range b.links {
		rel := b.linkPart(i)
		if rel == "" {
			continue
		}
		sum, err := b.deep.Part(rel)
		if err != nil {
			return err
		}
		key := "link " + target
		for n := 2; l[key] != nil; n++ {
			key = "link " + target + " #" + itoa(n)
		}
		l.add(&block{key: key, label: "link to " + target, value: sum})
	}
	return nil
}

// linkPart is the part of the i-th workbook that this one reads.
func (b *book) linkPart(i int) string {
	e := child(b.root, "externalReferences")
	if e == nil || i >= len(e.ChildElements()) {
		return ""
	}
	rel, _ := b.rels.ByID(relID(e.ChildElements()[i]))
	return rel.Part
}

// ownKind tells which parts are read otherwise, or are noise.
func ownKind(kind string) bool {
	switch kind {
	case "officeDocument", "worksheet", "chartsheet", "dialogsheet", "xlMacrosheet", "xlIntlMacrosheet", "sharedStrings", "styles", "calcChain",
		"extended-properties", "thumbnail", "externalLink", "pivotCacheDefinition", "volatileDependencies",
		"printerSettings":
		return true
	}
	return false
}

func partLabel(kind string) string {
	switch kind {
	case "vbaProject":
		return "xl/vbaProject.bin"
	case "theme":
		return "theme"
	case "customXml":
		return "custom data"
	case "connections":
		return "connections"
	case "classificationlabels":
		return "sensitivity label"
	}
	return kind
}

// styleBlocks reads what styles.xml has beside formats of cells.
func (b *book) styleBlocks(l blocks) {
	s := b.styles
	l.add(&block{key: "default format", label: "default format", value: s.defaultKey()})
	base := &block{key: "cell styles", label: "cell styles", items: []item{}}
	seen := map[string]bool{}
	for _, n := range s.named {
		if n.xf < 0 || n.xf >= len(s.bases.items) || seen[n.key] {
			continue
		}
		seen[n.key] = true
		full, err := s.expandXF(s.bases.items[n.xf])
		if err != nil {
			continue
		}
		base.items = append(base.items, item{key: n.key, label: n.name, value: full, show: n.name, el: n.el})
	}
	sort.SliceStable(base.items, func(i, j int) bool { return base.items[i].key < base.items[j].key })
	l.add(base)
	for _, tag := range []string{"tableStyles", "colors"} {
		if e := child(s.root, tag); e != nil {
			if text, err := b.deep.Element(s.part, e); err == nil && (tag != "tableStyles" || len(e.ChildElements()) > 0) {
				l.add(&block{key: tag, label: map[string]string{"tableStyles": "table styles", "colors": "palette"}[tag], value: text, el: e})
			}
		}
	}
}
