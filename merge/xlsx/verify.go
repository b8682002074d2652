package xlsx

import (
	"fmt"
	"slices"
	"strings"

	"github.com/beevik/etree"

	"github.com/esync/esync/merge/formulas"
	"github.com/esync/esync/merge/ooxml"
)

// Verify tells what a program might refuse in a workbook: nil when nothing
// was found. It checks what holds for every package, then the rules of
// workbooks: numbers that lead nowhere, things out of order or there twice.
func Verify(pkg []byte) error {
	_, err := verified(pkg, nil)
	return err
}

// lenient are the rules that programs break now and then and others pass over.
// A workbook that breaks them may be merged, and the result may break those
// that a side broke, but for the order of calculation, which it then lacks.
var lenient = map[string]bool{"formula-table": true, "chain": true, "style-base": true, "style-count": true, "count": true, "comment-box": true, "element-order": true}

// verified is the workbook, read and found sound but for the rules allowed.
func verified(pkg []byte, allowed map[string]bool) (*book, error) {
	b, err := openBook(pkg)
	if err != nil {
		return nil, err
	}
	b.broken = map[string]bool{}
	var l ooxml.Problems
	for _, p := range b.problems() {
		if allowed[p.Rule] {
			b.broken[p.Rule] = true
		} else {
			l = append(l, p)
		}
	}
	if len(l) > 0 {
		return nil, fmt.Errorf("%w: %w", ErrUnmergeable, l.Err())
	}
	return b, nil
}

// problems are all that Verify finds once the workbook could be read.
func (b *book) problems() ooxml.Problems {
	v := &verifier{b: b, l: b.pkg.Verify(), sheets: map[string]bool{}}
	for _, s := range b.sheets {
		v.sheets[strings.ToLower(s.name)] = true
	}
	v.columnsOf = b.tableColumns()
	v.workbook()
	v.styles()
	v.tables = map[string]bool{}
	v.tableIDs = map[string]bool{}
	for _, s := range b.sheets {
		if s.kind == "worksheet" {
			v.sheet(s)
		}
	}
	v.chain()
	return v.l
}

type verifier struct {
	b        *book
	l        ooxml.Problems
	sheets   map[string]bool // names of sheets, lower case
	names    map[string]bool // defined names, lower case
	tables   map[string]bool // names of tables, lower case
	tableIDs map[string]bool
	// columnsOf are the columns of tables, all in lower case.
	columnsOf map[string][]string
}

func (v *verifier) add(part, rule, format string, args ...any) { v.l.Add(part, rule, format, args...) }

// inOrder checks the children of an element against the schema's order.
func (v *verifier) inOrder(part string, root *etree.Element, many ...string) {
	order := orderOf(root)
	last, seen := -1, map[string]bool{}
	for _, e := range root.ChildElements() {
		rank := rankIn(order, e)
		if rank < 0 {
			if e.NamespaceURI() == mainNS {
				v.add(part, "element", "element %q is not one that belongs here", e.Tag)
			}
			continue
		}
		if rank < last {
			v.add(part, "element-order", "element %q stands too late", e.Tag)
		}
		last = max(last, rank)
		if seen[e.Tag] && e.Tag != "AlternateContent" && !slices.Contains(many, e.Tag) {
			v.add(part, "element-twice", "element %q is there twice", e.Tag)
		}
		seen[e.Tag] = true
	}
}

func (v *verifier) workbook() {
	b := v.b
	v.inOrder(b.main, b.root, "fileRecoveryPr")
	names, ids, rels, parts := map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}
	visible := false
	for _, s := range b.sheets {
		if err := sheetName(s.name); err != nil {
			v.add(b.main, "sheet-name", "sheet name %q: %v", s.name, err)
		}
		low := strings.ToLower(s.name)
		if names[low] {
			v.add(b.main, "sheet-name", "two sheets are called %q", s.name)
		}
		names[low] = true
		if n, ok := parseIndex(s.id); !ok || n < 1 || n > 65534 {
			v.add(b.main, "sheet-id", "sheet %q has number %q", s.name, s.id)
		}
		if ids[s.id] {
			v.add(b.main, "sheet-id", "two sheets have number %s", s.id)
		}
		ids[s.id] = true
		if rels[s.rel] || parts[s.part] {
			v.add(b.main, "sheet-part", "two sheets have the part %q", s.part)
		}
		rels[s.rel], parts[s.part] = true, true
		visible = visible || s.state == ""
		switch s.state {
		case "", "hidden", "veryHidden":
		default:
			v.add(b.main, "sheet-state", "sheet %q is %q", s.name, s.state)
		}
		v.sheetType(s)
	}
	if !visible {
		v.add(b.main, "sheet-visible", "no sheet is visible")
	}
	v.views()
	v.definedNames()
	v.caches()
	v.mainRels()
}

func (v *verifier) sheetType(s *sheet) {
	word := map[string]string{"worksheet": "worksheet", "chartsheet": "chartsheet", "dialogsheet": "dialogsheet"}[s.kind]
	t := v.b.pkg.Type(s.part)
	if word != "" && !strings.Contains(t, "."+word+"+xml") {
		v.add(s.part, "sheet-type", "sheet %q is of type %q", s.name, t)
	}
}

// sheetName tells what is wrong with a sheet's name.
func sheetName(name string) error {
	switch {
	case name == "":
		return fmt.Errorf("empty")
	case len([]rune(name)) > 31:
		return fmt.Errorf("longer than 31 characters")
	case strings.ContainsAny(name, `:\/?*[]`):
		return fmt.Errorf("a character that sheet names may not have")
	case strings.HasPrefix(name, "'") || strings.HasSuffix(name, "'"):
		return fmt.Errorf("an apostrophe at its end")
	}
	return nil
}

func (v *verifier) views() {
	list := child(v.b.root, "bookViews")
	if list == nil {
		return
	}
	for _, e := range list.ChildElements() {
		for _, a := range []string{"activeTab", "firstSheet"} {
			if n, ok := parseIndex(e.SelectAttrValue(a, "0")); !ok || n >= len(v.b.sheets) {
				v.add(v.b.main, "active-tab", "%s %q of %d sheets", a, e.SelectAttrValue(a, ""), len(v.b.sheets))
			}
		}
	}
}

func (v *verifier) definedNames() {
	v.names = map[string]bool{}
	list := child(v.b.root, "definedNames")
	if list == nil {
		return
	}
	seen := map[string]bool{}
	for _, e := range list.ChildElements() {
		name := e.SelectAttrValue("name", "")
		scope := e.SelectAttrValue("localSheetId", "")
		if scope != "" {
			if n, ok := parseIndex(scope); !ok || n >= len(v.b.sheets) {
				v.add(v.b.main, "name-scope", "name %q belongs to sheet %q of %d", name, scope, len(v.b.sheets))
			}
		} else {
			v.names[strings.ToLower(name)] = true
		}
		key := scope + "!" + strings.ToLower(name)
		if name == "" || strings.ContainsAny(name, " !:()") || seen[key] {
			v.add(v.b.main, "name", "name %q is there twice, or is none", name)
		}
		seen[key] = true
		v.formula(v.b.main, "name "+name, e.Text())
	}
}

// formula checks that the sheets and workbooks that a formula names are there.
func (v *verifier) formula(part, where, text string) {
	if strings.IndexByte(text, '!') < 0 && strings.IndexByte(text, '[') < 0 {
		return
	}
	for _, t := range formulas.Lex(text) {
		if t.Kind == formulas.KindTable && t.Prefix == "" {
			v.tableFormula(part, where, t.Body)
		}
		if t.Prefix == "" {
			continue
		}
		if t.Book != "" {
			if n, ok := parseIndex(t.Book); ok && n > len(v.b.links) {
				v.add(part, "formula-link", "%s reads workbook %s of %d", where, t.Book, len(v.b.links))
			}
			continue
		}
		for _, name := range t.Sheets {
			if name != "" && !strings.HasPrefix(name, "#") && !v.sheets[strings.ToLower(name)] {
				v.add(part, "formula-sheet", "%s reads sheet %q, which is missing", where, name)
			}
		}
	}
}

// tableFormula checks that the table of a reference in brackets is there.
func (v *verifier) tableFormula(part, where, body string) {
	table, columns, _ := strings.Cut(strings.ToLower(body), "[")
	have, there := v.columnsOf[table]
	switch {
	case table == "":
	case !there:
		v.add(part, "formula-table", "%s reads table %q, which is missing", where, table)
	case !strings.ContainsAny(columns, "[#'@:") && columns != "]" && !slices.Contains(have, columnText(strings.TrimSuffix(columns, "]"))):
		v.add(part, "formula-table", "%s reads column %q of table %q, which is missing", where, columns, table)
	}
}

func (v *verifier) caches() {
	seen := map[string]bool{}
	known := map[string]bool{}
	if list := child(v.b.root, "pivotCaches"); list != nil {
		for _, e := range list.ChildElements() {
			id := e.SelectAttrValue("cacheId", "")
			if id == "" || seen[id] {
				v.add(v.b.main, "pivot-cache", "pivot cache %q is there twice", id)
			}
			seen[id] = true
			if rel, ok := v.b.rels.ByID(relID(e)); ok {
				known[rel.Part] = true
			}
		}
	}
	for _, s := range v.b.sheets {
		for _, rel := range s.rels.ByKind("pivotTable") {
			doc, err := v.b.pkg.XML(rel.Part)
			if err != nil {
				continue // told already
			}
			if id := doc.Root().SelectAttrValue("cacheId", ""); !seen[id] {
				v.add(rel.Part, "pivot-cache", "pivot cache %q is missing", id)
			}
			rels, err := v.b.pkg.Rels(rel.Part)
			if err != nil {
				continue
			}
			for _, c := range rels.ByKind("pivotCacheDefinition") {
				if !known[c.Part] {
					v.add(rel.Part, "pivot-cache", "pivot cache %q is not one of the workbook's", c.Part)
				}
			}
		}
	}
}

// mainRels checks that what the workbook leads to is of the right type.
func (v *verifier) mainRels() {
	words := map[string]string{
		"sharedStrings": "sharedStrings+xml", "styles": "styles+xml", "theme": "theme+xml", "calcChain": "calcChain+xml",
		"vbaProject": "vbaProject", "externalLink": "externalLink+xml",
	}
	for _, rel := range v.b.rels.List {
		if word, ok := words[rel.Kind()]; ok && rel.Part != "" && !strings.HasSuffix(v.b.pkg.Type(rel.Part), word) {
			v.add(rel.Part, "rel-type", "%s is of type %q", rel.Kind(), v.b.pkg.Type(rel.Part))
		}
	}
	macros := strings.Contains(v.b.pkg.Type(v.b.main), "macroEnabled")
	if (v.b.partOf("vbaProject") != "") && !macros {
		v.add(v.b.main, "macros", "macros in a workbook of a kind that has none")
	}
	if list := child(v.b.root, "externalReferences"); list != nil {
		for _, e := range list.ChildElements() {
			if rel, ok := v.b.rels.ByID(relID(e)); !ok || rel.Kind() != "externalLink" {
				v.add(v.b.main, "link", "a link to another workbook leads nowhere")
			}
		}
	}
}

// styles checks the numbers in the styles; those of cell formats were looked
// up when they were read.
func (v *verifier) styles() {
	s := v.b.styles
	v.inOrder(s.part, s.root)
	for i, e := range s.bases.items {
		if _, err := s.expandXF(e); err != nil {
			v.add(s.part, "style-index", "format %d of the cell styles: %v", i, err)
		}
	}
	for _, n := range s.named {
		if n.xf < 0 || n.xf >= len(s.bases.items) {
			v.add(s.part, "style-index", "cell style %q has format %d of %d", n.name, n.xf, len(s.bases.items))
		}
	}
	for i, e := range s.xfs.items {
		if n, ok := parseIndex(e.SelectAttrValue("xfId", "0")); (!ok || n >= len(s.bases.items)) && (ok && n > 0) {
			v.add(s.part, "style-base", "format %d builds on cell style %d of %d", i, n, len(s.bases.items))
		}
	}
	for i, e := range append(slices.Clone(s.xfs.items), s.bases.items...) {
		if id, _ := parseIndex(e.SelectAttrValue("numFmtId", "0")); id >= 164 {
			if _, ok := s.formats[id]; !ok {
				v.add(s.part, "style-format", "format %d has number format %d, which is missing", i, id)
			}
		}
	}
	for _, x := range []*indexed{s.fonts, s.fills, s.borders, s.bases, s.xfs, s.dxfs} {
		if x.el == nil {
			continue
		}
		if n, ok := parseIndex(x.el.SelectAttrValue("count", itoa(len(x.items)))); !ok || n != len(x.items) {
			v.add(s.part, "style-count", "%s says %s and has %d", x.tag, x.el.SelectAttrValue("count", ""), len(x.items))
		}
	}
	seen := map[string]bool{}
	if list := child(s.root, "numFmts"); list != nil {
		for _, e := range list.ChildElements() {
			id := e.SelectAttrValue("numFmtId", "")
			if seen[id] {
				v.add(s.part, "style-format", "number format %s is there twice", id)
			}
			seen[id] = true
		}
	}
	v.dxfs(s.part, s.root)
}

// dxfs checks the differential formats that are named below an element.
func (v *verifier) dxfs(part string, e *etree.Element) {
	for _, a := range e.Attr {
		if a.Space == "" && strings.HasSuffix(strings.ToLower(a.Key), "dxfid") {
			if n, ok := parseIndex(a.Value); !ok || n >= len(v.b.styles.dxfs.items) {
				v.add(part, "dxf", "differential format %q of %d", a.Value, len(v.b.styles.dxfs.items))
			}
		}
	}
	for _, c := range e.ChildElements() {
		v.dxfs(part, c)
	}
}
