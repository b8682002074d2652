package xlsx

import (
	"errors"
	"fmt"
	"strings"

	"github.com/beevik/etree"

	"github.com/esync/esync/merge/formulas"
	"github.com/esync/esync/merge/ooxml"
)

// ErrUnmergeable: a workbook cannot be merged or compared from the inside; the
// message has the reason. The caller keeps both sides as a conflict.
var ErrUnmergeable = errors.New("workbook cannot be merged")

func unmergeable(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrUnmergeable, fmt.Sprintf(format, args...))
}

// book is a workbook read. Its parts are trees; the rows of sheets are lists.
type book struct {
	pkg      *ooxml.Package
	main     string // part
	doc      *etree.Document
	root     *etree.Element
	rels     *ooxml.Rels
	sheets   []*sheet
	sst      string // part, "" for none
	strings  []text
	styles   *styles
	links    []string // targets of the workbooks it reads, in order
	metadata string   // what cm and vm attributes count in, as a digest
	deep     *ooxml.Deep
	// took counts what was taken away with rows and columns, by what it was.
	took   map[string]int
	broken map[string]bool // rules that it breaks, of those that many do
	dirty  bool            // the main part must be written anew
}

// sheet is a sheet of a book.
type sheet struct {
	name  string
	id    string
	state string // hidden, veryHidden or ""
	rel   string
	part  string
	kind  string // worksheet, chartsheet, dialogsheet, xlMacrosheet
	el    *etree.Element
	// Of worksheets only:
	data    []byte
	shell   *etree.Document // the part with no rows in it
	prefix  string
	rows    []row
	columns []column
	shared  map[string]*sharedMaster
	arrays  []area // of array formulas and data tables
	rels    *ooxml.Rels
	dirty   bool // its part must be written anew
	// implicit tells that rows or cells do not say where they are.
	implicit bool
}

// sharedMaster is the cell that has the text of a shared formula.
type sharedMaster struct {
	at   spot
	text string
	ref  area
}

const mainTypes = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml " +
	"application/vnd.ms-excel.sheet.macroEnabled.main+xml " +
	"application/vnd.openxmlformats-officedocument.spreadsheetml.template.main+xml " +
	"application/vnd.ms-excel.template.macroEnabled.main+xml"

// openBook reads a workbook. Every error is an ErrUnmergeable.
func openBook(data []byte) (*book, error) {
	b, err := readBook(data)
	if err != nil && !errors.Is(err, ErrUnmergeable) {
		return nil, fmt.Errorf("%w: %w", ErrUnmergeable, err)
	}
	return b, err
}

func readBook(data []byte) (*book, error) {
	pkg, err := ooxml.Open(data)
	if err != nil {
		return nil, err
	}
	return loadBook(pkg)
}

func loadBook(pkg *ooxml.Package) (*book, error) {
	root, err := pkg.Rels("")
	if err != nil {
		return nil, err
	}
	main := root.ByKind("officeDocument")
	if len(main) != 1 || main[0].Part == "" {
		return nil, unmergeable("it has no main part")
	}
	b := &book{pkg: pkg, main: main[0].Part}
	if t := pkg.Type(b.main); t == "" || !strings.Contains(mainTypes, t) {
		return nil, unmergeable("its main part is of type %q", t)
	}
	if b.doc, err = pkg.XML(b.main); err != nil {
		return nil, err
	}
	b.root = b.doc.Root()
	if b.root.Tag != "workbook" || b.root.NamespaceURI() != mainNS {
		return nil, unmergeable("its main part is not of the usual kind of workbook")
	}
	if b.rels, err = pkg.Rels(b.main); err != nil {
		return nil, err
	}
	if err := b.readTables(); err != nil {
		return nil, err
	}
	list := child(b.root, "sheets")
	if list == nil {
		return nil, unmergeable("it has no sheets")
	}
	for _, e := range list.ChildElements() {
		s, err := b.readSheet(e)
		if err != nil {
			return nil, err
		}
		b.sheets = append(b.sheets, s)
	}
	b.newDeep()
	return b, nil
}

// readTables reads what cells name by number.
func (b *book) readTables() error {
	part := func(kind string) (string, error) {
		list := b.rels.ByKind(kind)
		if len(list) > 1 || len(list) == 1 && list[0].Part == "" {
			return "", unmergeable("it has %d parts of kind %q", len(list), kind)
		}
		if len(list) == 0 {
			return "", nil
		}
		return list[0].Part, nil
	}
	var err error
	if b.sst, err = part("sharedStrings"); err != nil {
		return err
	}
	if b.sst != "" {
		data, err := b.pkg.Bytes(b.sst)
		if err != nil {
			return err
		}
		if b.strings, err = readStrings(data); err != nil {
			return unmergeable("part %q: %v", b.sst, err)
		}
	}
	at, err := part("styles")
	if err != nil {
		return err
	}
	theme, err := part("theme")
	if err != nil {
		return err
	}
	if b.styles, err = readStyles(b.pkg, at, theme); err != nil {
		return unmergeable("styles: %v", err)
	}
	for _, kind := range []string{"revisionHeaders", "usernames"} {
		if len(b.rels.ByKind(kind)) > 0 {
			return unmergeable("it is shared and keeps its changes in itself")
		}
	}
	if list := child(b.root, "externalReferences"); list != nil {
		for _, e := range list.ChildElements() {
			b.links = append(b.links, b.linkTarget(relID(e)))
		}
	}
	return nil
}

// relID is the relationship that an element names by its r:id.
func relID(e *etree.Element) string {
	for _, a := range e.Attr {
		if a.Key == "id" && a.Space != "" && a.NamespaceURI() == ooxml.RelNS {
			return a.Value
		}
	}
	return ""
}

// linkTarget is the workbook that an external link leads to.
func (b *book) linkTarget(id string) string {
	rel, ok := b.rels.ByID(id)
	if !ok || rel.Part == "" {
		return "?"
	}
	rels, err := b.pkg.Rels(rel.Part)
	if err != nil || len(rels.List) == 0 {
		return "?" + rel.Part
	}
	return rels.List[0].Target
}

// link gives what the number in the brackets of a formula stands for.
func (b *book) link(number string) string {
	n, ok := parseIndex(number)
	if !ok || n < 1 || n > len(b.links) {
		return number
	}
	return "link " + b.links[n-1]
}

func (b *book) readSheet(e *etree.Element) (*sheet, error) {
	s := &sheet{
		name: e.SelectAttrValue("name", ""), id: e.SelectAttrValue("sheetId", ""), state: e.SelectAttrValue("state", ""), rel: relID(e), el: e,
	}
	if s.state == "visible" {
		s.state = ""
	}
	rel, ok := b.rels.ByID(s.rel)
	if !ok || rel.Part == "" {
		return nil, unmergeable("sheet %q has no part", s.name)
	}
	s.part, s.kind = rel.Part, rel.Kind()
	var err error
	if s.rels, err = b.pkg.Rels(s.part); err != nil {
		return nil, err
	}
	if s.kind != "worksheet" {
		return s, nil
	}
	if s.data, err = b.pkg.Bytes(s.part); err != nil {
		return nil, err
	}
	r, err := readRows(s.data)
	if err != nil {
		return nil, unmergeable("sheet %q: %v", s.name, err)
	}
	s.rows, s.prefix, s.implicit = r.rows, r.prefix, r.implicit
	shell := s.data
	if len(r.rows) > 0 {
		shell = append(append([]byte(nil), s.data[:r.lo]...), s.data[r.hi:]...)
	}
	if s.shell, err = ooxml.Parse(shell); err != nil {
		return nil, unmergeable("sheet %q: %v", s.name, err)
	}
	if err := s.readColumns(); err != nil {
		return nil, unmergeable("sheet %q: %v", s.name, err)
	}
	if err := s.readFormulas(); err != nil {
		return nil, unmergeable("sheet %q: %v", s.name, err)
	}
	return s, b.checkCells(s)
}

// readFormulas gathers the masters of shared formulas and the areas of arrays.
func (s *sheet) readFormulas() error {
	s.shared, s.arrays = map[string]*sharedMaster{}, nil
	for i := range s.rows {
		for j := range s.rows[i].cells {
			c := &s.rows[i].cells[j]
			if c.f == nil {
				continue
			}
			at := spot{s.rows[i].r, c.col}
			switch c.f.kind {
			case sharedFormula:
				if !c.f.master {
					continue
				}
				ref, ok := parseArea(c.f.ref)
				if !ok {
					// Some programs leave it out; then it holds for the cell alone.
					ref = area{at, at}
				}
				if _, twice := s.shared[c.f.si]; twice && c.f.ref != "" {
					return fmt.Errorf("cell %s: shared formula %q given twice", at, c.f.si)
				} else if !twice {
					s.shared[c.f.si] = &sharedMaster{at, c.f.text, ref}
				}
			case arrayFormula, tableFormula:
				ref, ok := parseArea(c.f.ref)
				if !ok || !ref.has(at) {
					return fmt.Errorf("cell %s: array %q", at, c.f.ref)
				}
				if len(s.arrays) < maxArrays && ref.lo != ref.hi {
					s.arrays = append(s.arrays, ref)
				} else if ref.lo != ref.hi {
					return fmt.Errorf("too many arrays")
				}
			}
		}
	}
	return nil
}

// maxArrays bounds the time to find out whether a value belongs to an array.
const maxArrays = 1000

// checkCells looks up every number that a cell names.
func (b *book) checkCells(s *sheet) error {
	for _, c := range s.columns {
		if _, err := b.styles.key(c.style); err != nil {
			return unmergeable("sheet %q, column %s: %v", s.name, formulas.ColName(c.min), err)
		}
	}
	for i := range s.rows {
		r := &s.rows[i]
		if _, err := b.styles.key(r.style); err != nil {
			return unmergeable("sheet %q, row %d: %v", s.name, r.r, err)
		}
		for j := range r.cells {
			c := &r.cells[j]
			if _, err := b.styles.key(c.style); err != nil {
				return unmergeable("cell %s!%s: %v", s.name, spot{r.r, c.col}, err)
			}
			if _, err := b.content(s, r.r, c); err != nil {
				return unmergeable("cell %s!%s: %v", s.name, spot{r.r, c.col}, err)
			}
		}
	}
	return nil
}

// sheetNamed finds a sheet.
func (b *book) sheetNamed(name string) *sheet {
	for _, s := range b.sheets {
		if strings.EqualFold(s.name, name) {
			return s
		}
	}
	return nil
}

// workbook parts that others name by kind.
func (b *book) partOf(kind string) string {
	for _, rel := range b.rels.List {
		if rel.Kind() == kind {
			return rel.Part
		}
	}
	return ""
}
