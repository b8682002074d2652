package ooxml

import (
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
)

// RelNS is the namespace of attributes that name a relationship, and the
// beginning of most types of relationships.
const RelNS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

const relsNS = "http://schemas.openxmlformats.org/package/2006/relationships"

// Rel is one relationship of a part.
type Rel struct {
	ID, Type, Target string
	External         bool
	// Part is the part meant, "" when external, missing or a place in the
	// source itself.
	Part string
}

// Kind is the last word of the type: "worksheet", "comments", "vmlDrawing".
func (r Rel) Kind() string { return r.Type[strings.LastIndexByte(r.Type, '/')+1:] }

// Rels are the relationships of one part, in the order of the file.
type Rels struct {
	List    []Rel
	source  string
	changed bool
	index   map[string]int // into List by ID; nil when it must be made anew
}

func relsName(source string) string {
	dir, base := path.Split(source)
	return dir + "_rels/" + base + ".rels"
}

// Rels gives the relationships of a part, of the package itself for "". Those
// of a part that has none are empty.
func (p *Package) Rels(source string) (*Rels, error) {
	if r, ok := p.rels[source]; ok {
		return r, nil
	}
	r := &Rels{source: source}
	if name, ok := p.Find(relsName(source)); ok {
		root, err := p.xml(name)
		if err != nil {
			return nil, err
		}
		if root.Tag != "Relationships" || root.NamespaceURI() != relsNS {
			return nil, unfit("part %q has no relationships", name)
		}
		for _, e := range root.ChildElements() {
			if e.Tag != "Relationship" {
				continue
			}
			rel := Rel{
				ID: e.SelectAttrValue("Id", ""), Type: e.SelectAttrValue("Type", ""), Target: e.SelectAttrValue("Target", ""),
				External: e.SelectAttrValue("TargetMode", "") == "External",
			}
			if !rel.External {
				rel.Part, _ = p.resolve(source, rel.Target)
			}
			r.List = append(r.List, rel)
		}
	}
	p.rels[source] = r
	return r, nil
}

// resolve finds the part that a target names.
func (p *Package) resolve(source, target string) (string, bool) {
	target, _, _ = strings.Cut(target, "#")
	if target == "" {
		return "", false
	}
	full := target
	if strings.HasPrefix(target, "/") {
		full = target[1:]
	} else {
		full = path.Join(path.Dir(source), target)
	}
	full = path.Clean(full)
	if name, ok := p.Find(full); ok {
		return name, true
	}
	if plain, err := url.PathUnescape(full); err == nil {
		return p.Find(plain)
	}
	return "", false
}

// ByID finds a relationship by its ID.
func (r *Rels) ByID(id string) (Rel, bool) {
	if r.index == nil {
		r.index = make(map[string]int, len(r.List))
		for i, rel := range r.List {
			if _, twice := r.index[rel.ID]; !twice {
				r.index[rel.ID] = i
			}
		}
	}
	i, ok := r.index[id]
	if !ok {
		return Rel{}, false
	}
	return r.List[i], true
}

// ByKind lists the relationships of a kind.
func (r *Rels) ByKind(kind string) []Rel {
	var list []Rel
	for _, rel := range r.List {
		if rel.Kind() == kind {
			list = append(list, rel)
		}
	}
	return list
}

// Add puts a relationship to a part at the end and gives its new ID.
func (r *Rels) Add(kind, part string) string {
	return r.put(Rel{Type: kind, Target: relative(r.source, part), Part: part})
}

// AddExternal puts a relationship to something outside at the end.
func (r *Rels) AddExternal(kind, target string) string {
	return r.put(Rel{Type: kind, Target: target, External: true})
}

func (r *Rels) put(rel Rel) string {
	for i := len(r.List) + 1; ; i++ {
		rel.ID = "rId" + strconv.Itoa(i)
		if _, taken := r.ByID(rel.ID); !taken {
			break
		}
	}
	r.index[rel.ID] = len(r.List)
	r.List = append(r.List, rel)
	r.changed = true
	return rel.ID
}

// Insert puts a relationship with an ID of its own at the end; its Target is
// computed where it leads to a part.
func (r *Rels) Insert(rel Rel) {
	if rel.Part != "" {
		rel.Target = relative(r.source, rel.Part)
	}
	r.List = append(r.List, rel)
	r.changed, r.index = true, nil
}

// Drop takes relationships away.
func (r *Rels) Drop(ids ...string) {
	gone := make(map[string]bool, len(ids))
	for _, id := range ids {
		if _, ok := r.ByID(id); ok {
			gone[id] = true
		}
	}
	if len(gone) == 0 {
		return
	}
	// A new list, since the old one may be walked through just now.
	r.List = slices.DeleteFunc(slices.Clone(r.List), func(rel Rel) bool { return gone[rel.ID] })
	r.changed, r.index = true, nil
}

func relative(source, part string) string {
	if source == "" {
		return part
	}
	from := strings.Split(path.Dir(source), "/")
	if path.Dir(source) == "." {
		from = nil
	}
	to := strings.Split(part, "/")
	n := 0
	for n < len(from) && n < len(to)-1 && from[n] == to[n] {
		n++
	}
	return strings.Repeat("../", len(from)-n) + strings.Join(to[n:], "/")
}

func (r *Rels) encode() []byte {
	doc := newDocument()
	root := doc.CreateElement("Relationships")
	root.CreateAttr("xmlns", relsNS)
	for _, rel := range r.List {
		e := root.CreateElement("Relationship")
		e.CreateAttr("Id", rel.ID)
		e.CreateAttr("Type", rel.Type)
		e.CreateAttr("Target", rel.Target)
		if rel.External {
			e.CreateAttr("TargetMode", "External")
		}
	}
	return Encode(doc)
}
