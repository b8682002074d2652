package docx

import (
	"fmt"
	"slices"
	"strings"

	"github.com/beevik/etree"

	"github.com/esync/esync/merge/ooxml"
)

// partChange is a part of the package that the result gets, or loses, as a
// whole, or the properties in it that are taken.
type partChange struct {
	source, kind string
	keys         []string // properties taken; nil for the whole part
}

// ownKinds are the kinds of parts that are merged by what is in them, or come
// along with what names them.
var ownKinds = []string{
	"styles", "numbering", "settings", "footnotes", "endnotes", "comments", "commentsExtended", "commentsIds", "commentsExtensible", "people", "header", "footer",
	"hyperlink", "image", "core-properties", "extended-properties", "custom-properties",
}

// noisyKinds are those that say nothing of the document itself.
var noisyKinds = []string{"fontTable", "webSettings", "stylesWithEffects", "thumbnail", "printerSettings"}

// noisySettings are the settings that programs write for themselves.
var noisySettings = []string{
	"rsids", "proofState", "zoom", "view", "hdrShapeDefaults", "shapeDefaults", "themeFontLang", "decimalSymbol", "listSeparator",
	"w14:docId", "w15:docId", "w15:chartTrackingRefBased", "w16cid:durableId", "w14:conflictMode", "activeWritingStyle", "stylePaneFormatFilter", "stylePaneSortMethod",
	"smartTagType", "doNotEmbedSmartTags", "attachedSchema", "m:mathPr", "characterSpacingControl", "clrSchemeMapping", "revisionView",
}

// noisyCore are the document properties that every save changes.
var noisyCore = []string{"cp:lastModifiedBy", "cp:revision", "dcterms:modified", "dcterms:created", "cp:lastPrinted", "cp:version"}

// ownApp are the only ones of the program's properties that people write.
var ownApp = []string{"Company", "Manager", "HyperlinkBase"}

// listPart is a part that is a list of properties.
type listPart struct {
	kind, label string
	noisy       func(key string) bool
	key         func(*etree.Element) string
}

var listParts = []listPart{
	{"settings", "settings", func(key string) bool { return slices.Contains(noisySettings, key) }, nil},
	{"core-properties", "properties", func(key string) bool { return slices.Contains(noisyCore, key) }, nil},
	{"extended-properties", "properties", func(key string) bool { return !slices.Contains(ownApp, key) }, nil},
	{"custom-properties", "properties", func(string) bool { return false }, func(e *etree.Element) string { return e.SelectAttrValue("name", "") }},
}

// labelPrefix begins the names of the properties that are a label of protection.
const labelPrefix = "MSIP_Label_"

// labelOf is the label among properties.
func labelOf(list []prop) string {
	label := props{}
	for _, p := range list {
		if strings.HasPrefix(p.key, labelPrefix) {
			label[p.key] = p.value
		}
	}
	return label.String()
}

// sourceOf is the part that names parts of a kind; "" is the package.
func (d *document) sourceOf(kind string) string {
	if strings.HasSuffix(kind, "-properties") {
		return ""
	}
	return d.main
}

// listOf reads a part that is a list; what programs write for themselves is
// left out: in a label of protection that is when it was given, in the settings
// of notes the notes that are lines, and all but the version to be like in those
// of compatibility.
func (d *document) listOf(l listPart) ([]prop, string) {
	rels, err := d.pkg.Rels(d.sourceOf(l.kind))
	if err != nil {
		d.fail(err)
		return nil, ""
	}
	found := rels.ByKind(l.kind)
	if len(found) != 1 || found[0].Part == "" {
		return nil, ""
	}
	part := found[0].Part
	doc, err := d.tree(part)
	if err != nil {
		d.fail(err)
		return nil, ""
	}
	canon := d.canon
	canon.Attr = func(e *etree.Element, uri, name, value string) (string, bool) {
		if l.key != nil && name == "pid" {
			return "", false
		}
		return d.attr(e, uri, name, value)
	}
	canon.Drop = func(e *etree.Element, uri string) bool { return isLine(e) || d.drop(e, uri) }
	deep := ooxml.NewDeep(d.pkg, canon, nil)
	text := func(e *etree.Element) string {
		s, err := deep.Element(part, e)
		d.fail(err)
		return s
	}
	var list []prop
	for _, e := range doc.Root().ChildElements() {
		key := nameOf(e)
		if l.key != nil {
			key = l.key(e)
		}
		switch {
		case l.noisy(key), len(e.Child) == 0 && len(e.Attr) == 0 && l.kind != "settings":
		case strings.HasPrefix(key, labelPrefix) && (strings.HasSuffix(key, "_SetDate") || strings.HasSuffix(key, "_ActionId")):
			list = append(list, prop{key, "there", e})
		case is(e, "compat"):
			if like := versionLike(e); like != nil {
				list = append(list, prop{"compat", text(like), like})
			}
		case is(e, "footnotePr", "endnotePr") && !slices.ContainsFunc(e.ChildElements(), func(c *etree.Element) bool { return !isLine(c) }):
		default:
			list = append(list, prop{key, text(e), e})
		}
	}
	return list, part
}

// isLine tells of the settings of notes whether one names a note that is a line
// between text and notes.
func isLine(e *etree.Element) bool {
	return is(e, "footnote", "endnote") && e.Parent() != nil && is(e.Parent(), "footnotePr", "endnotePr")
}

// versionLike is the setting that names the version of Word to be like.
func versionLike(compat *etree.Element) *etree.Element {
	for _, c := range compat.ChildElements() {
		if is(c, "compatSetting") && att(c, "name") == "compatibilityMode" {
			return c
		}
	}
	return nil
}

// decideParts merges the settings, the document's properties, and the other
// parts of the package.
func (m *merger) decideParts() error {
	m.wantParts = map[string]string{}
	for _, l := range listParts {
		x, _ := m.b.listOf(l)
		y, have := m.s.listOf(l)
		z, theirs := m.o.listOf(l)
		if b, s, o := labelOf(x), labelOf(y), labelOf(z); s != o && s != b && o != b {
			return unmergeable("both sides gave it a label of protection")
		}
		merged, keys, clash := mergeProps(values(x), values(y), values(z))
		for _, key := range clash {
			if m.clash(l.label+" "+key, textOf(x, key), textOf(y, key), textOf(z, key)) == take {
				keys = append(keys, key)
				merged[key] = values(z)[key]
			}
		}
		for _, key := range keys {
			if !slices.Contains(clash, key) {
				m.note(take, l.label+" "+key, textOf(x, key), textOf(y, key), textOf(z, key))
			}
		}
		_, mine, _ := mergeProps(values(x), values(x), values(y))
		for _, key := range mine {
			if !slices.Contains(clash, key) {
				m.note(keep, l.label+" "+key, textOf(x, key), textOf(y, key), textOf(z, key))
			}
		}
		switch {
		case len(keys) == 0:
		case have != "":
			m.parts = append(m.parts, partChange{m.s.sourceOf(l.kind), l.kind, keys})
		case theirs != "":
			m.parts = append(m.parts, partChange{m.s.sourceOf(l.kind), l.kind, nil})
		}
		m.wantParts[l.kind] = merged.String()
	}
	m.decideBackground()
	if !m.sameLines() {
		return unmergeable("the line above the notes was changed")
	}
	if m.b.pkg.Type(m.b.main) != m.s.pkg.Type(m.s.main) || m.b.pkg.Type(m.b.main) != m.o.pkg.Type(m.o.main) {
		return unmergeable("one of them has macros and another has not")
	}
	return m.wholeParts()
}

// textOf is what a person is told of a property: its value or text, else what
// its attributes say; "" when it is not there.
func textOf(list []prop, key string) string {
	i := slices.IndexFunc(list, func(p prop) bool { return p.key == key })
	if i < 0 {
		return ""
	}
	e := list[i].el
	if v := val(e); v != "" {
		return v
	}
	text := strings.TrimSpace(e.Text())
	for _, c := range e.ChildElements() {
		text += c.Text()
	}
	if text != "" {
		return text
	}
	var words []string
	each(e, func(c *etree.Element) bool {
		for _, a := range c.Attr {
			if a.Space == "w" {
				words = append(words, a.Value)
			}
		}
		return true
	})
	if len(words) == 0 {
		return "yes"
	}
	return strings.Join(words, " ")
}

// wholeParts merges what no element names: the theme, macros, custom data.
func (m *merger) wholeParts() error {
	var sums [3]map[string]string
	for i, d := range []*document{m.b, m.s, m.o} {
		sums[i] = d.implicit()
		if d.err != nil {
			return unmergeable("%v", d.err)
		}
	}
	all := map[string]bool{}
	for _, list := range sums {
		for key := range list {
			all[key] = true
		}
	}
	for _, key := range sortedKeys(all) {
		source, kind, _ := strings.Cut(key, " ")
		b, s, o := sums[0][key], sums[1][key], sums[2][key]
		m.wantParts[key] = s
		label := m.o.partName(source, kind)
		if label == "" {
			label = m.s.partName(source, kind)
		}
		switch {
		case s == o, b == o:
			if s != b {
				m.note(keep, label, m.b.sizeOf(source, kind), m.s.sizeOf(source, kind), m.o.sizeOf(source, kind))
			}
			continue
		case s == b:
			m.note(take, label, m.b.sizeOf(source, kind), m.s.sizeOf(source, kind), m.o.sizeOf(source, kind))
		case m.clash(label, m.b.sizeOf(source, kind), m.s.sizeOf(source, kind), m.o.sizeOf(source, kind)) == keep:
			continue
		}
		m.wantParts[key] = o
		if source == "main" {
			source = m.s.main
		} else {
			source = ""
		}
		m.parts = append(m.parts, partChange{source, kind, nil})
	}
	return nil
}

// implicit gives the content of the parts that nothing in the main part names:
// by "main" or "package" and their kind.
func (d *document) implicit() map[string]string {
	sums := map[string]string{}
	named := d.namedRels(d.main)
	for _, source := range []string{d.main, ""} {
		rels, err := d.pkg.Rels(source)
		if err != nil {
			d.fail(err)
			return sums
		}
		label := "main "
		if source == "" {
			label = "package "
		}
		var kinds []string
		lists := map[string][]string{}
		for _, rel := range rels.List {
			kind := rel.Kind()
			if slices.Contains(ownKinds, kind) || slices.Contains(noisyKinds, kind) || kind == "officeDocument" || source != "" && named[rel.ID] {
				continue
			}
			sum := rel.Target
			if rel.Part != "" {
				if sum, err = d.deep.Part(rel.Part); err != nil {
					d.fail(err)
					return sums
				}
			}
			kinds = append(kinds, kind)
			lists[kind] = append(lists[kind], sum)
		}
		for _, kind := range kinds {
			slices.Sort(lists[kind])
			sums[label+kind] = strings.Join(lists[kind], " ")
		}
	}
	return sums
}

// namedRels are the relationships that elements of a part name.
func (d *document) namedRels(part string) map[string]bool {
	named := map[string]bool{}
	each(d.trees[part].Root(), func(e *etree.Element) bool {
		for _, a := range e.Attr {
			if a.Space != "" && a.Space != "xmlns" && a.Space != "w" && ooxml.URIOf(e, a.Space) == ooxml.RelNS || a.Key == "relid" {
				named[a.Value] = true
			}
		}
		return true
	})
	return named
}

// sizeOf tells of the first part of a kind how large it is.
func (d *document) sizeOf(source, kind string) string {
	name := d.partName(source, kind)
	if name == "" {
		return ""
	}
	data, err := d.pkg.Bytes(name)
	if err != nil {
		return ""
	}
	return fmt.Sprintf("%d bytes", len(data))
}

// partName is the name of the first part of a kind.
func (d *document) partName(source, kind string) string {
	if source == "main" {
		source = d.main
	} else {
		source = ""
	}
	rels, err := d.pkg.Rels(source)
	if err != nil {
		return ""
	}
	for _, rel := range rels.ByKind(kind) {
		if rel.Part != "" {
			return rel.Part
		}
	}
	return ""
}
