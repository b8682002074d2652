package ooxml

import (
	"fmt"
	"strings"
)

// Problem is something that a program may refuse in a package.
type Problem struct {
	// Part it is in, "" for the package.
	Part string
	// Rule is one word for the rule that is broken.
	Rule string
	Text string
}

// String says it for people.
func (p Problem) String() string {
	if p.Part == "" {
		return p.Text
	}
	return fmt.Sprintf("%s: %s", p.Part, p.Text)
}

// Problems gathers problems.
type Problems []Problem

// Add puts one to the list.
func (l *Problems) Add(part, rule, format string, args ...any) {
	*l = append(*l, Problem{part, rule, fmt.Sprintf(format, args...)})
}

// Err is nil when there are none.
func (l Problems) Err() error {
	if len(l) == 0 {
		return nil
	}
	text := l[0].String()
	if len(l) > 1 {
		text += fmt.Sprintf(" (and %d more)", len(l)-1)
	}
	return fmt.Errorf("%w: %s", ErrUnfit, text)
}

// RelsType is the content type of relationships.
const RelsType = "application/vnd.openxmlformats-package.relationships+xml"

// Verify checks what holds for every package: types, relationships, IDs, and
// that each part can be read.
func (p *Package) Verify() Problems {
	var l Problems
	p.verifyTypes(&l)
	names := p.Names()
	for _, name := range names {
		if name == typesName {
			continue
		}
		data, err := p.Bytes(name)
		if err != nil {
			l.Add(name, "unpack", "%v", err)
			continue
		}
		if p.IsXML(name) {
			p.verifyXML(&l, name, data)
		}
	}
	for _, source := range append([]string{""}, names...) {
		p.verifyRels(&l, source)
	}
	for _, name := range names {
		source, ok := relsSource(name)
		if ok && source != "" && !p.Has(source) {
			l.Add(name, "rels-source", "relationships of a part that is missing")
		}
	}
	root, err := p.Rels("")
	if err == nil {
		main := root.ByKind("officeDocument")
		if len(main) != 1 || main[0].Part == "" {
			l.Add("", "main", "the package does not name its main part")
		}
	}
	return l
}

func relsSource(name string) (string, bool) {
	if !strings.HasSuffix(name, ".rels") {
		return "", false
	}
	i := strings.LastIndex(name, "_rels/")
	if i < 0 || strings.Contains(name[i+6:], "/") {
		return "", false
	}
	return name[:i] + strings.TrimSuffix(name[i+6:], ".rels"), true
}

func (p *Package) verifyTypes(l *Problems) {
	seen := map[string]bool{}
	for _, d := range p.types.defaults {
		key := strings.ToLower(d.key)
		if seen[key] {
			l.Add(typesName, "types-twice", "extension %q is there twice", d.key)
		}
		seen[key] = true
		if d.value == "" || d.key == "" {
			l.Add(typesName, "types-empty", "an empty entry")
		}
	}
	seen = map[string]bool{}
	for _, o := range p.types.overrides {
		key := strings.ToLower(o.key)
		if seen[key] {
			l.Add(typesName, "types-twice", "part %q is there twice", o.key)
		}
		seen[key] = true
		if _, ok := p.Find(o.key); !ok {
			l.Add(typesName, "types-missing", "part %q is not in the package", o.key)
		}
		if o.value == "" {
			l.Add(typesName, "types-empty", "an empty entry")
		}
	}
	for _, name := range p.Names() {
		if name == typesName {
			continue
		}
		t := p.Type(name)
		_, isRels := relsSource(name)
		switch {
		case t == "":
			l.Add(name, "types-none", "has no content type")
		case isRels && t != RelsType:
			l.Add(name, "types-rels", "relationships of type %q", t)
		}
	}
}

func (p *Package) verifyRels(l *Problems, source string) {
	if _, ok := relsSource(source); ok {
		return
	}
	rels, err := p.Rels(source)
	if err != nil {
		l.Add(source, "rels-broken", "%v", err)
		return
	}
	seen := map[string]bool{}
	for _, rel := range rels.List {
		name := relsName(source)
		switch {
		case rel.ID == "" || rel.Type == "" || rel.Target == "" && rel.Kind() != "hyperlink":
			l.Add(name, "rels-empty", "relationship %q lacks something", rel.ID)
		case seen[rel.ID]:
			l.Add(name, "rels-twice", "relationship %q is there twice", rel.ID)
		case !rel.External && rel.Part == "" && !strings.HasPrefix(rel.Target, "#"):
			l.Add(name, "rels-missing", "relationship %q leads to %q, which is missing", rel.ID, rel.Target)
		}
		seen[rel.ID] = true
	}
}

// verifyXML reads a part and looks up the relationships that it names.
func (p *Package) verifyXML(l *Problems, name string, data []byte) {
	rels, err := p.Rels(name)
	if err != nil {
		return // told by verifyRels
	}
	s := NewScanner(data)
	prefixes := map[string]bool{}
	told := map[string]bool{}
	for {
		t, err := s.Next()
		if err != nil {
			if !IsEnd(err) {
				l.Add(name, "xml", "%v", err)
			}
			return
		}
		if t.Kind != Start {
			continue
		}
		for _, a := range t.Attrs {
			if prefix, ok := strings.CutPrefix(string(a.Name), "xmlns:"); ok && string(a.Value) == RelNS {
				prefixes[prefix] = true
			}
		}
		for _, a := range t.Attrs {
			prefix, _, ok := strings.Cut(string(a.Name), ":")
			if !ok || !prefixes[prefix] || len(a.Value) == 0 {
				continue
			}
			if _, ok := rels.ByID(string(a.Value)); !ok && !told[string(a.Value)] {
				told[string(a.Value)] = true
				l.Add(name, "rel-id", "names relationship %q, which is missing", a.Value)
			}
		}
	}
}
