package ooxml

import (
	"bytes"
	"fmt"
	"strings"
)

// Grafter brings parts of one package into another, each once, with all that
// they lead to.
type Grafter struct {
	from, to *Package
	// Refuse tells of which content types parts cannot be carried over; nil
	// refuses none.
	Refuse func(contentType string) bool
	// Rewrite gives the bytes that a part in XML has in the other package; nil
	// keeps them.
	Rewrite func(part string, data []byte) ([]byte, error)
	parts   map[string]string
	rels    map[[3]string]string
}

// NewGrafter brings parts from one package to another.
func NewGrafter(from, to *Package) *Grafter {
	return &Grafter{from: from, to: to, parts: map[string]string{}, rels: map[[3]string]string{}}
}

// Rel gives a part of the other package a relationship like the one that a
// part of this has under an ID, and returns its ID there.
func (g *Grafter) Rel(fromPart, id, toPart string) (string, error) {
	key := [3]string{fromPart, id, toPart}
	if got, ok := g.rels[key]; ok {
		return got, nil
	}
	theirs, err := g.from.Rels(fromPart)
	if err != nil {
		return "", err
	}
	rel, ok := theirs.ByID(id)
	if !ok {
		return "", fmt.Errorf("relationship %q of %q is missing", id, fromPart)
	}
	ours, err := g.to.Rels(toPart)
	if err != nil {
		return "", err
	}
	got := ""
	switch {
	case rel.External:
		got = ours.AddExternal(rel.Type, rel.Target)
	case rel.Part == "":
		return "", fmt.Errorf("relationship %q of %q leads nowhere", id, fromPart)
	default:
		part, err := g.Part(rel.Part)
		if err != nil {
			return "", err
		}
		got = ours.Add(rel.Type, part)
	}
	g.rels[key] = got
	return got, nil
}

// Part brings a part over, under a free name, and returns that name. A picture
// that is there already under the same name is not brought again.
func (g *Grafter) Part(part string) (string, error) {
	if name, ok := g.parts[part]; ok {
		return name, nil
	}
	data, err := g.from.Bytes(part)
	if err != nil {
		return "", err
	}
	kind := g.from.Type(part)
	if g.Refuse != nil && g.Refuse(kind) {
		return "", fmt.Errorf("part %q cannot be carried over", part)
	}
	if strings.HasPrefix(kind, "image/") && g.to.Has(part) && g.to.Type(part) == kind {
		if have, err := g.to.Bytes(part); err == nil && bytes.Equal(have, data) {
			g.parts[part] = part
			return part, nil
		}
	}
	name := part
	if _, taken := g.to.Find(name); taken {
		name = g.to.FreeName(part)
	}
	g.parts[part] = name
	if g.Rewrite != nil && g.from.IsXML(part) {
		if data, err = g.Rewrite(part, data); err != nil {
			return "", err
		}
	}
	g.to.Set(name, data, kind)
	return name, g.follow(part, name)
}

// follow brings over what a part leads to, under the same IDs.
func (g *Grafter) follow(part, name string) error {
	theirs, err := g.from.Rels(part)
	if err != nil || len(theirs.List) == 0 {
		return err
	}
	ours, err := g.to.Rels(name)
	if err != nil {
		return err
	}
	for _, rel := range theirs.List {
		if rel.Part != "" {
			if rel.Part, err = g.Part(rel.Part); err != nil {
				return err
			}
		}
		ours.Insert(rel)
	}
	return nil
}

// Reachable are the parts that can be reached from the package.
func (p *Package) Reachable() (map[string]bool, error) {
	seen := map[string]bool{}
	todo := []string{""}
	for len(todo) > 0 {
		source := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		rels, err := p.Rels(source)
		if err != nil {
			return nil, err
		}
		for _, rel := range rels.List {
			if rel.Part != "" && !seen[rel.Part] {
				seen[rel.Part] = true
				todo = append(todo, rel.Part)
			}
		}
	}
	return seen, nil
}

// Sweep takes the parts away that could be reached before and can be no more.
func (p *Package) Sweep(before map[string]bool) error {
	after, err := p.Reachable()
	if err != nil {
		return err
	}
	for _, name := range p.Names() {
		if before[name] && !after[name] {
			p.Delete(name)
		}
	}
	return nil
}
