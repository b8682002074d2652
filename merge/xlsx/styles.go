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
	plain   bool // the theme has black text on white paper
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
func readStyles(pkg *ooxml.Package, part, theme string) (*styles, error) {
	s := &styles{part: part, formats: map[int]string{}, plain: plainTheme(pkg, theme)}
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
	s.fonts = s.list("fonts", s.canon)
	s.fills = s.list("fills", s.fillCanon)
	s.borders = s.list("borders", s.canon)
	s.dxfs = s.list("dxfs", s.canon)
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
	parts := []string{"format " + codeKey(s.code(id)), "font " + font, "fill " + fill, "border " + border}
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
