package docx

import (
	"strings"

	"github.com/beevik/etree"
)

// styles are the styles of a document. They are known by kind and name, since
// programs give them IDs of their own.
type styles struct {
	part     string
	byID     map[string]*style
	byName   map[string]*style
	defaults map[string]string // by kind, the ID of the style that holds where none is named
}

type style struct {
	id, kind, name string
	el             *etree.Element
	canon          string
}

func (d *document) readStyles() error {
	s := &styles{byID: map[string]*style{}, byName: map[string]*style{}, defaults: map[string]string{}}
	d.styles = s
	var err error
	if s.part, err = d.only("styles"); err != nil || s.part == "" {
		return err
	}
	root, err := d.root(s.part)
	if err != nil {
		return err
	}
	for _, e := range root.ChildElements() {
		if !is(e, "style") {
			continue
		}
		one := &style{id: att(e, "styleId"), kind: att(e, "type"), el: e}
		if one.kind == "" {
			one.kind = "paragraph"
		}
		if one.name = val(kid(e, "name")); one.name == "" {
			one.name = one.id
		}
		if s.byID[one.id] != nil {
			return unmergeable("style %q is there twice", one.id)
		}
		s.byID[one.id] = one
		if other := s.byName[one.key()]; other != nil {
			// LibreOffice writes two of one name; the one that has its ID from it
			// is the one that others mean.
			if one.id == strings.ReplaceAll(one.name, " ", "") {
				one, other = other, one
			}
			s.byName[other.key()] = other
			one.name += " (" + one.id + ")"
		}
		s.byName[one.key()] = one
		if truth(att(e, "default")) {
			s.defaults[att(e, "type")] = att(e, "styleId")
		}
	}
	return nil
}

// look reads what the styles say, once the lists have their names.
func (d *document) look() {
	for _, one := range d.styles.byName {
		one.canon = canonical(d.propsOf(d.styles.part, one.el))
	}
}

func truth(value string) bool { return value == "1" || value == "true" || value == "on" }

// key is what a style is known by.
func (s *style) key() string { return s.kind + " " + strings.ToLower(s.name) }

// nameOf is what a style's ID stands for.
func (s *styles) nameOf(id string) string {
	if one := s.byID[id]; one != nil {
		return one.key()
	}
	return "missing " + id
}

func (s *styles) isDefault(kind, id string) bool { return s.defaults[kind] == id && id != "" }

// title is a style's name as a program shows it.
func (s *styles) title(key string) string {
	if one := s.byName[key]; one != nil {
		return one.name
	}
	_, name, _ := strings.Cut(key, " ")
	return name
}
