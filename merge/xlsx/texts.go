package xlsx

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/esync/esync/merge/ooxml"
)

// text is a string of a cell: an item of the table of shared strings, or what
// stands in the cell itself.
type text struct {
	// key is equal for texts that mean the same: "t" and the characters, or
	// "r" and runs with their formats.
	key string
	// raw is the content of the element as written.
	raw []byte
	// prefix is what raw calls the namespace of workbooks by; foreign tells
	// that raw has names of others too.
	prefix  string
	foreign bool
}

// plain is the characters without their formats.
func (t text) plain() string { return plainOf(t.key) }

func plainOf(key string) string {
	if strings.HasPrefix(key, "t") {
		return key[1:]
	}
	var b strings.Builder
	for _, run := range strings.Split(strings.TrimPrefix(key, "r"), "\x00")[1:] {
		_, chars, _ := strings.Cut(run, "\x01")
		b.WriteString(chars)
	}
	return b.String()
}

// readText reads the content of an <si> or <is> element.
func readText(raw []byte, prefix string) (text, error) {
	t := text{raw: raw, prefix: prefix}
	wrapped := append(append([]byte("<x>"), raw...), "</x>"...)
	s := ooxml.NewScanner(wrapped)
	var all strings.Builder
	var runs []string
	format, rich := "", false
	var props []string // of the run that is open
	var inside []string
	var chars strings.Builder
	for {
		tok, err := s.Next()
		if err != nil {
			if !ooxml.IsEnd(err) {
				return t, err
			}
			break
		}
		switch tok.Kind {
		case ooxml.Start:
			if s.Depth() == 1 && !tok.Empty && len(inside) == 0 && string(tok.Name) == "x" && tok.Lo == 0 {
				continue
			}
			local, own := localName(tok.Name, prefix)
			t.foreign = t.foreign || !own
			switch {
			case len(inside) == 0 && local == "r":
				format, props = "", nil
				chars.Reset()
			case len(inside) == 1 && inside[0] == "r" && local == "rPr":
				props = nil
			case len(inside) == 2 && inside[1] == "rPr":
				if p := runProperty(local, &tok); p != "" {
					props = append(props, p)
				}
			}
			if !tok.Empty {
				inside = append(inside, local)
			}
		case ooxml.End:
			if len(inside) == 0 {
				continue
			}
			local := inside[len(inside)-1]
			inside = inside[:len(inside)-1]
			switch {
			case len(inside) == 1 && local == "rPr":
				slices.Sort(props)
				format = strings.Join(props, ";")
				rich = rich || format != ""
			case len(inside) == 0 && local == "r":
				runs = append(runs, "\x00"+format+"\x01"+chars.String())
				all.WriteString(chars.String())
			}
		case ooxml.Text:
			switch {
			case len(inside) == 1 && inside[0] == "t":
				all.WriteString(tok.String())
				runs = append(runs, "\x00\x01"+tok.String())
			case len(inside) == 2 && inside[0] == "r" && inside[1] == "t":
				chars.WriteString(tok.String())
			}
		}
	}
	if rich {
		t.key = "r" + strings.Join(runs, "")
	} else {
		t.key = "t" + all.String()
	}
	return t, nil
}

func runProperty(local string, tok *ooxml.Token) string {
	var attrs []string
	for _, a := range tok.Attrs {
		v, _ := ooxml.Unescape(a.Value)
		attrs = append(attrs, string(a.Name)+"="+v)
	}
	slices.Sort(attrs)
	if on, ok := tok.Attr("val"); ok && len(tok.Attrs) == 1 {
		switch local {
		case "b", "i", "strike", "outline", "shadow", "condense", "extend":
			if on == "0" || on == "false" {
				return ""
			}
			attrs = nil
		case "u":
			if on == "none" {
				return ""
			}
			if on == "single" {
				attrs = nil
			}
		}
	}
	if local == "rFont" {
		local = "name"
	}
	return local + " " + strings.Join(attrs, " ")
}

// localName takes the prefix off a name; own tells whether it had that prefix.
func localName(name []byte, prefix string) (local string, own bool) {
	i := bytes.IndexByte(name, ':')
	if i < 0 {
		return string(name), prefix == ""
	}
	if string(name[:i]) == prefix {
		return string(name[i+1:]), true
	}
	return string(name), false
}

// readStrings reads the table of shared strings.
func readStrings(part []byte) ([]text, error) {
	s := ooxml.NewScanner(part)
	var list []text
	prefix, from := "", 0
	for {
		tok, err := s.Next()
		if err != nil {
			if ooxml.IsEnd(err) {
				return list, nil
			}
			return nil, err
		}
		depth := s.Depth()
		switch {
		case tok.Kind == ooxml.Start && depth == 1 && !tok.Empty && tok.Name != nil && from == 0 && len(list) == 0 && prefix == "":
			if prefix, err = mainPrefix(&tok, "sst"); err != nil {
				return nil, err
			}
			from = -1
		case tok.Kind == ooxml.Start && (depth == 2 && !tok.Empty || depth == 1 && tok.Empty):
			local, own := localName(tok.Name, prefix)
			if !own || local != "si" {
				from = -1
				continue
			}
			if tok.Empty {
				list = append(list, text{key: "t", prefix: prefix})
				continue
			}
			from = tok.Hi
		case tok.Kind == ooxml.End && depth == 1 && from > 0:
			t, err := readText(part[from:tok.Lo], prefix)
			if err != nil {
				return nil, err
			}
			list = append(list, t)
			from = -1
		}
	}
}

// mainPrefix is the prefix by which a part's outermost element, of the given
// name, calls the namespace of workbooks.
func mainPrefix(tok *ooxml.Token, name string) (string, error) {
	prefix := ""
	local := string(tok.Name)
	if p, l, ok := strings.Cut(local, ":"); ok {
		prefix, local = p, l
	}
	if local != name {
		return "", fmt.Errorf("a %q where %q should be", local, name)
	}
	attr := "xmlns"
	if prefix != "" {
		attr += ":" + prefix
	}
	if uri, _ := tok.Attr(attr); uri != mainNS {
		return "", fmt.Errorf("namespace %q", uri)
	}
	return prefix, nil
}

const mainNS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
