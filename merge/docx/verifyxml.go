package docx

import (
	"bytes"
	"maps"
	"slices"
	"strings"

	"github.com/esync/esync/merge/ooxml"
)

// Namespaces that later versions added. What does not know them must be told
// to pass them over, by mc:Ignorable or as an alternative.
var newNS = []string{
	"http://schemas.microsoft.com/office/word/2010/", "http://schemas.microsoft.com/office/word/2012/",
	"http://schemas.microsoft.com/office/word/2015/", "http://schemas.microsoft.com/office/word/2016/",
	"http://schemas.microsoft.com/office/word/2018/", "http://schemas.microsoft.com/office/word/2020/",
	"http://schemas.microsoft.com/office/word/2023/", "http://schemas.microsoft.com/office/word/2024/",
}

// knownNS are the beginnings of namespaces that every program for documents
// knows.
var knownNS = []string{
	"http://schemas.openxmlformats.org/", "http://schemas.microsoft.com/office/word/2006/wordml", "http://www.w3.org/XML/1998/namespace",
	"http://schemas.microsoft.com/office/2006/", "http://schemas.microsoft.com/office/drawing/", "urn:schemas-microsoft-com:",
}

// level is what an element of a part says of names in it.
type level struct {
	name      string
	uris      map[string]string
	ignorable map[string]bool // namespaces
	word      bool            // the element is of the main namespace
	choices   int
}

// namespaces checks the prefixes of a part: that each is declared, that what
// may be passed over is known by name, and that alternatives are such.
func (v *verifier) namespaces(part string) {
	data, err := v.pkg.Bytes(part)
	if err != nil {
		return // told already
	}
	n := &names{v: v, part: part, stack: []level{{uris: map[string]string{"xml": "http://www.w3.org/XML/1998/namespace"}}}, told: map[string]bool{}}
	for s := ooxml.NewScanner(data); ; {
		t, err := s.Next()
		if err != nil {
			return // told already, or the end
		}
		switch t.Kind {
		case ooxml.Start:
			n.start(&t)
			if t.Empty {
				n.end()
			}
		case ooxml.End:
			n.end()
		}
	}
}

type names struct {
	v     *verifier
	part  string
	stack []level
	told  map[string]bool
}

// tell adds a problem once for a part.
func (n *names) tell(rule, format string, args ...any) {
	key := rule + format
	for _, a := range args {
		if s, ok := a.(string); ok {
			key += " " + s
		}
	}
	if !n.told[key] {
		n.told[key] = true
		n.v.add(n.part, rule, format, args...)
	}
}

func cutName(name []byte) (prefix, local string) {
	if i := bytes.IndexByte(name, ':'); i >= 0 {
		return string(name[:i]), string(name[i+1:])
	}
	return "", string(name)
}

func (n *names) start(t *ooxml.Token) {
	up := &n.stack[len(n.stack)-1]
	l := level{uris: up.uris, ignorable: up.ignorable}
	own := false
	for _, a := range t.Attrs {
		prefix, local := cutName(a.Name)
		if prefix != "xmlns" && (prefix != "" || local != "xmlns") {
			continue
		}
		if prefix == "" {
			local = ""
		}
		if !own {
			l.uris, own = maps.Clone(up.uris), true
		}
		value, _ := ooxml.Unescape(a.Value)
		l.uris[local] = value
	}
	prefix, local := cutName(t.Name)
	uri := n.uri(&l, prefix, "element", local)
	for _, a := range t.Attrs {
		p, key := cutName(a.Name)
		if p == "xmlns" || p == "" {
			continue
		}
		if n.uri(&l, p, "attribute", key) == ooxml.CompatNS {
			n.compat(&l, key, string(a.Value))
		}
	}
	if uri == ooxml.CompatNS {
		n.alternative(&l, up, local, t)
	}
	l.name, l.word = local, uri == mainNS
	if l.word || up.word {
		n.known(&l, uri, "element", local)
		for _, a := range t.Attrs {
			if p, key := cutName(a.Name); p != "" && p != "xmlns" && l.word {
				n.known(&l, l.uris[p], "attribute", key)
			}
		}
	}
	n.stack = append(n.stack, l)
}

// uri is what a prefix stands for.
func (n *names) uri(l *level, prefix, what, local string) string {
	uri, ok := l.uris[prefix]
	if !ok && prefix != "" {
		n.tell("prefix", "%s %q has a prefix that is not declared", what, prefix+":"+local)
	}
	return uri
}

// compat reads the attributes that say which prefixes may be passed over.
func (n *names) compat(l *level, key, value string) {
	if key != "Ignorable" && key != "MustUnderstand" && key != "ProcessContent" && key != "PreserveElements" && key != "PreserveAttributes" {
		n.tell("compat", "attribute %q of the compatibility namespace", key)
		return
	}
	ignorable := maps.Clone(l.ignorable)
	if ignorable == nil {
		ignorable = map[string]bool{}
	}
	for _, p := range strings.Fields(value) {
		p, _, _ = strings.Cut(p, ":")
		uri, ok := l.uris[p]
		if !ok {
			n.tell("ignorable", "prefix %q that may be passed over is not declared", p)
		}
		if key == "Ignorable" {
			ignorable[uri] = true
		}
	}
	l.ignorable = ignorable
}

// alternative checks alternate content, and lets what an alternative requires
// be used in it.
func (n *names) alternative(l, up *level, local string, t *ooxml.Token) {
	switch local {
	case "AlternateContent":
	case "Choice", "Fallback":
		if up.name != "AlternateContent" {
			n.tell("alternate", "an alternative stands alone")
		}
		if local == "Fallback" {
			break
		}
		up.choices++
		requires, _ := t.Attr("Requires")
		if strings.TrimSpace(requires) == "" {
			n.tell("alternate", "an alternative that requires nothing")
		}
		n.compat(l, "Ignorable", requires)
	default:
		n.tell("alternate", "element %q of the compatibility namespace", local)
	}
}

func (n *names) end() {
	l := &n.stack[len(n.stack)-1]
	if l.name == "AlternateContent" && l.choices == 0 && len(n.stack) > 1 {
		n.tell("alternate", "alternate content without a choice")
	}
	n.stack = n.stack[:len(n.stack)-1]
}

// known checks that a namespace is one that programs know or may pass over.
func (n *names) known(l *level, uri, what, local string) {
	begins := func(p string) bool { return strings.HasPrefix(uri, p) }
	switch {
	case uri == "" || l.ignorable[uri] || slices.ContainsFunc(knownNS, begins):
	case slices.ContainsFunc(newNS, begins):
		n.tell("namespace-new", "%s %q is of namespace %q, which may not be passed over", what, local, uri)
	default:
		n.tell("namespace", "%s %q is of namespace %q, which nobody knows", what, local, uri)
	}
}
