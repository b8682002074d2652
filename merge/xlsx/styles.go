package xlsx

import (
	"fmt"
	"sort"
	"strconv"
	"strings"

	"github.com/beevik/etree"

	"github.com/esync/esync/merge/ooxml"
)

// styles is the part with the formats of cells, read so that an index can be
// replaced by what it stands for.
type styles struct {
	part    string
	doc     *etree.Document
	root    *etree.Element
	formats map[int]string // codes by number, of this workbook
	fonts   *indexed
	fills   *indexed
	borders *indexed
	bases   *indexed // formats of named styles
	xfs     *indexed
	dxfs    *indexed
	named   []named
	// keys are the expanded formats by index into xfs, equal for what looks
	// the same; "" is the format of a cell that has none.
	keys  []string
	byKey map[string]int
	// full are the expanded formats, for people and for the default.
	full    []string
	changed bool
}

// indexed is a list of elements that others name by their place.
type indexed struct {
	tag   string
	el    *etree.Element // nil when there is none yet
	items []*etree.Element
	canon []string
	byKey map[string]int
}

type named struct {
	key, name string
	xf        int
	el        *etree.Element
}

// readStyles reads the styles of a workbook; a workbook may have none.
func readStyles(pkg *ooxml.Package, part string) (*styles, error) {
	s := &styles{part: part, formats: map[int]string{}}
	if part == "" {
		s.doc = etree.NewDocument()
		s.root = s.doc.CreateElement("styleSheet")
		s.root.CreateAttr("xmlns", mainNS)
	} else {
		doc, err := pkg.XML(part)
		if err != nil {
			return nil, err
		}
		s.doc, s.root = doc, doc.Root()
		if s.root.Tag != "styleSheet" || s.root.NamespaceURI() != mainNS {
			return nil, fmt.Errorf("part %q has no styles", part)
		}
	}
	if list := child(s.root, "numFmts"); list != nil {
		for _, e := range list.ChildElements() {
			id, err := strconv.Atoi(e.SelectAttrValue("numFmtId", ""))
			if err != nil {
				return nil, fmt.Errorf("number format %q", e.SelectAttrValue("numFmtId", ""))
			}
			s.formats[id] = e.SelectAttrValue("formatCode", "")
		}
	}
	s.fonts = s.list("fonts", fontCanon)
	s.fills = s.list("fills", fillCanon)
	s.borders = s.list("borders", borderCanon)
	s.dxfs = s.list("dxfs", dxfCanon)
	s.bases = s.list("cellStyleXfs", nil)
	s.xfs = s.list("cellXfs", nil)
	if list := child(s.root, "cellStyles"); list != nil {
		for _, e := range list.ChildElements() {
			n := named{name: e.SelectAttrValue("name", ""), el: e}
			n.xf, _ = strconv.Atoi(e.SelectAttrValue("xfId", "0"))
			n.key = namedKey(e)
			s.named = append(s.named, n)
		}
	}
	return s, s.expand()
}

// namedKey is what a named style is known by.
func namedKey(e *etree.Element) string {
	if id := e.SelectAttrValue("builtinId", ""); id != "" {
		if id == "0" {
			return "Normal"
		}
		return "builtin " + id + " " + e.SelectAttrValue("iLevel", "")
	}
	return e.SelectAttrValue("name", "")
}

func child(e *etree.Element, tag string) *etree.Element {
	for _, c := range e.ChildElements() {
		if c.Tag == tag && c.NamespaceURI() == mainNS {
			return c
		}
	}
	return nil
}

func (s *styles) list(tag string, canon func(*etree.Element) string) *indexed {
	x := &indexed{tag: tag, el: child(s.root, tag), byKey: map[string]int{}}
	if x.el == nil {
		return x
	}
	for _, e := range x.el.ChildElements() {
		if e = chosen(e); e == nil || e.NamespaceURI() != mainNS {
			continue
		}
		key := ""
		if canon != nil {
			key = canon(e)
			if _, ok := x.byKey[key]; !ok {
				x.byKey[key] = len(x.items)
			}
		}
		x.items, x.canon = append(x.items, e), append(x.canon, key)
	}
	return x
}

// chosen is the element that counts: of alternate content, what every program
// understands.
func chosen(e *etree.Element) *etree.Element {
	if e.Tag != "AlternateContent" {
		return e
	}
	for _, tag := range []string{"Fallback", "Choice"} {
		for _, branch := range e.ChildElements() {
			if inner := branch.ChildElements(); branch.Tag == tag && len(inner) > 0 {
				return inner[0]
			}
		}
	}
	return nil
}

// expand computes the keys of all cell formats.
func (s *styles) expand() error {
	n := len(s.xfs.items)
	s.keys, s.full, s.byKey = make([]string, n), make([]string, n), make(map[string]int, n)
	for i, e := range s.xfs.items {
		full, err := s.expandXF(e)
		if err != nil {
			return fmt.Errorf("cell format %d: %w", i, err)
		}
		s.full[i] = full
		if full != s.full[0] {
			s.keys[i] = ooxml.Digest(full)
		}
		if _, ok := s.byKey[s.keys[i]]; !ok {
			s.byKey[s.keys[i]] = i
		}
	}
	return nil
}

func (s *styles) expandXF(e *etree.Element) (string, error) {
	at := func(attr string, x *indexed) (string, error) {
		n, err := strconv.Atoi(e.SelectAttrValue(attr, "0"))
		if err != nil || n < 0 || n >= len(x.items) && (n > 0 || len(x.items) > 0) {
			return "", fmt.Errorf("%s %q", attr, e.SelectAttrValue(attr, "0"))
		}
		if n >= len(x.items) {
			return "", nil
		}
		return x.canon[n], nil
	}
	font, err := at("fontId", s.fonts)
	if err != nil {
		return "", err
	}
	fill, err := at("fillId", s.fills)
	if err != nil {
		return "", err
	}
	border, err := at("borderId", s.borders)
	if err != nil {
		return "", err
	}
	id, err := strconv.Atoi(e.SelectAttrValue("numFmtId", "0"))
	if err != nil {
		return "", fmt.Errorf("number format %q", e.SelectAttrValue("numFmtId", "0"))
	}
	parts := []string{"format " + s.code(id), "font " + font, "fill " + fill, "border " + border}
	for _, c := range e.ChildElements() {
		if text := formatCanon.String(c); c.Tag != "extLst" && hasContent(c) {
			parts = append(parts, text)
		}
	}
	if base := s.base(e); base != "" && base != "Normal" {
		parts = append(parts, "style "+base)
	}
	for _, a := range []string{"quotePrefix", "pivotButton"} {
		if truth(e.SelectAttrValue(a, "")) {
			parts = append(parts, a)
		}
	}
	sort.Strings(parts[4:])
	return strings.Join(parts, "\n"), nil
}

// base is the key of the named style that a cell format builds on.
func (s *styles) base(e *etree.Element) string {
	n, err := strconv.Atoi(e.SelectAttrValue("xfId", ""))
	if err != nil {
		return ""
	}
	for _, one := range s.named {
		if one.xf == n {
			return one.key
		}
	}
	return ""
}

// key is the expanded format that an index stands for.
func (s *styles) key(i int) (string, error) {
	if i == 0 {
		return "", nil
	}
	if i < 0 || i >= len(s.keys) {
		return "", fmt.Errorf("cell format %d of %d", i, len(s.keys))
	}
	return s.keys[i], nil
}

// defaultKey is the format of cells that have none.
func (s *styles) defaultKey() string {
	if len(s.full) == 0 {
		return ""
	}
	return s.full[0]
}

// code is a number format's text. Formats that depend on where the program
// runs have no text and stay numbers.
func (s *styles) code(id int) string {
	if code, ok := s.formats[id]; ok {
		return code
	}
	if code, ok := builtinFormats[id]; ok {
		return code
	}
	return "number " + strconv.Itoa(id)
}

var builtinFormats = map[int]string{
	0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?", 13: "# ??/??",
	48: "##0.0E+0", 49: "@",
}

// formatCanon compares the elements of formats: children have no order, and
// what says the default says nothing.
var formatCanon = &ooxml.Canon{
	Attr:   formatAttr,
	Drop:   dropFormat,
	Sorted: func(*etree.Element, string) bool { return true },
}

func formatAttr(e *etree.Element, uri, name, value string) (string, bool) {
	if uri != "" {
		return value, false // dyDescent, knownFonts and the like
	}
	switch value {
	case "true":
		value = "1"
	case "false":
		value = "0"
	}
	switch e.Tag {
	case "alignment":
		if name == "horizontal" && value == "general" || name == "vertical" && value == "bottom" || name != "horizontal" && name != "vertical" && value == "0" {
			return value, false
		}
	case "protection":
		if name == "locked" && value == "1" || name == "hidden" && value == "0" {
			return value, false
		}
	case "b", "i", "strike", "outline", "shadow", "condense", "extend":
		if name == "val" && value == "1" {
			return value, false
		}
	case "u":
		if name == "val" && value == "single" {
			return value, false
		}
	case "color", "fgColor", "bgColor":
		if name == "tint" {
			n, _ := numberKey(value)
			return n, n != "0"
		}
		if name == "rgb" {
			return strings.ToUpper(value), true
		}
	case "border":
		if (name == "diagonalUp" || name == "diagonalDown") && value == "0" || name == "outline" && value == "1" {
			return value, false
		}
	case "left", "right", "top", "bottom", "diagonal", "start", "end", "vertical", "horizontal":
		if name == "style" && value == "none" {
			return value, false
		}
	case "outlinePr":
		if name == "applyStyles" && value == "0" || name != "applyStyles" && value == "1" {
			return value, false
		}
	case "pageSetUpPr":
		if name == "autoPageBreaks" && value == "1" || name == "fitToPage" && value == "0" {
			return value, false
		}
	case "sz":
		n, _ := numberKey(value)
		return n, true
	}
	return value, true
}

func dropFormat(e *etree.Element, uri string) bool {
	switch e.Tag {
	case "left", "right", "top", "bottom", "diagonal", "start", "end", "vertical", "horizontal", "alignment", "protection":
		return !hasContent(e)
	case "b", "i", "strike", "outline", "shadow", "condense", "extend":
		v := e.SelectAttrValue("val", "1")
		return v == "0" || v == "false"
	case "u":
		return e.SelectAttrValue("val", "") == "none"
	case "vertAlign":
		return e.SelectAttrValue("val", "") == "baseline"
	case "extLst":
		return true
	}
	return false
}

// hasContent tells whether an element says something but defaults.
func hasContent(e *etree.Element) bool {
	for _, a := range e.Attr {
		if a.Space == "xmlns" || a.Key == "xmlns" {
			continue
		}
		if _, keep := formatAttr(e, a.Space, a.Key, a.Value); keep {
			return true
		}
	}
	return len(e.ChildElements()) > 0
}

func fontCanon(e *etree.Element) string   { return formatCanon.String(e) }
func borderCanon(e *etree.Element) string { return formatCanon.String(e) }
func dxfCanon(e *etree.Element) string    { return formatCanon.String(e) }

// fillCanon knows that of a solid fill only the one colour shows.
func fillCanon(e *etree.Element) string {
	p := child(e, "patternFill")
	if p == nil {
		return formatCanon.String(e)
	}
	switch p.SelectAttrValue("patternType", "none") {
	case "none":
		return "none"
	case "solid":
		if fg := child(p, "fgColor"); fg != nil {
			return "solid " + formatCanon.String(fg)
		}
		return "solid"
	}
	return formatCanon.String(e)
}

// show describes a cell format in few words.
func (s *styles) show(i int) string {
	if i < 0 || i >= len(s.xfs.items) {
		return "default"
	}
	e := s.xfs.items[i]
	var list []string
	if id, _ := parseIndex(e.SelectAttrValue("numFmtId", "0")); id > 0 {
		list = append(list, s.code(id))
	}
	if n, ok := parseIndex(e.SelectAttrValue("fontId", "0")); ok && n < len(s.fonts.items) {
		f := s.fonts.items[n]
		for _, p := range []struct{ tag, word string }{{"b", "bold"}, {"i", "italic"}, {"u", "underlined"}, {"strike", "struck out"}} {
			if c := child(f, p.tag); c != nil && !dropFormat(c, mainNS) {
				list = append(list, p.word)
			}
		}
		name, size := "", ""
		if c := child(f, "name"); c != nil {
			name = c.SelectAttrValue("val", "")
		}
		if c := child(f, "sz"); c != nil {
			size = " " + c.SelectAttrValue("val", "")
		}
		list = append(list, name+size)
		if c := child(f, "color"); c != nil {
			list = append(list, "colour "+colourText(c))
		}
	}
	if n, ok := parseIndex(e.SelectAttrValue("fillId", "0")); ok && n < len(s.fills.items) {
		if p := child(s.fills.items[n], "patternFill"); p != nil {
			if fg := child(p, "fgColor"); fg != nil {
				list = append(list, "filled "+colourText(fg))
			}
		}
	}
	if n, ok := parseIndex(e.SelectAttrValue("borderId", "0")); ok && n < len(s.borders.items) && s.borders.canon[n] != s.borders.canon[0] {
		list = append(list, "borders")
	}
	if a := child(e, "alignment"); a != nil && hasContent(a) {
		list = append(list, "aligned")
	}
	if p := child(e, "protection"); p != nil && hasContent(p) {
		list = append(list, "unprotected")
	}
	if base := s.base(e); base != "" && base != "Normal" {
		for _, n := range s.named {
			if n.key == base {
				list = append(list, "style "+n.name)
				break
			}
		}
	}
	return strings.Join(list, ", ")
}

func colourText(e *etree.Element) string {
	for _, a := range []string{"rgb", "theme", "indexed"} {
		if v := e.SelectAttrValue(a, ""); v != "" {
			if a == "rgb" {
				return v
			}
			return a + " " + v
		}
	}
	return "automatic"
}

// showKey describes the format that a key stands for.
func (s *styles) showKey(key string) string {
	i, ok := s.byKey[key]
	if !ok {
		return "default"
	}
	return s.show(i)
}
