package xlsx

import (
	"fmt"

	"github.com/esync/esync/merge/ooxml"
)

// text gives a cell a text; it goes to the end of the shared strings unless
// they have it.
func (w *writer) text(c *cell, t text) error {
	n, ok := w.texts[t.key]
	if !ok {
		item, err := t.item(w.stringPrefix())
		if err != nil {
			return err
		}
		n = len(w.b.strings)
		w.b.strings = append(w.b.strings, t)
		w.texts[t.key] = n
		w.added = append(w.added, item)
	}
	c.kind, c.value = sharedValue, itoa(n)
	return nil
}

// stringPrefix is what the table of shared strings calls its namespace by.
func (w *writer) stringPrefix() string {
	if len(w.b.strings) > 0 {
		return w.b.strings[0].prefix
	}
	return ""
}

// item writes a text as an item of the table of shared strings.
func (t text) item(prefix string) ([]byte, error) {
	p := ""
	if prefix != "" {
		p = prefix + ":"
	}
	if t.key[0] == 't' {
		chars := t.key[1:]
		return []byte("<" + p + "si><" + p + `t xml:space="preserve">` + ooxml.EscapeText(chars) + "</" + p + "t></" + p + "si>"), nil
	}
	if t.foreign {
		return nil, fmt.Errorf("its text has formats that are not known")
	}
	inner, err := reprefix(t.raw, t.prefix, p)
	if err != nil {
		return nil, err
	}
	return []byte("<" + p + "si>" + string(inner) + "</" + p + "si>"), nil
}

// reprefix writes elements with another prefix, without phonetic guides, which
// count fonts.
func reprefix(raw []byte, from, p string) ([]byte, error) {
	s := ooxml.NewScanner(append(append([]byte("<x>"), raw...), "</x>"...))
	var out []byte
	skip := 0
	for {
		tok, err := s.Next()
		if err != nil {
			if ooxml.IsEnd(err) {
				return out, nil
			}
			return nil, err
		}
		depth := s.Depth()
		switch tok.Kind {
		case ooxml.Start:
			if depth == 1 && !tok.Empty {
				continue
			}
			local, _ := localName(tok.Name, from)
			if skip == 0 && (local == "rPh" || local == "phoneticPr") && !tok.Empty {
				skip = depth
			}
			if skip > 0 || local == "rPh" || local == "phoneticPr" {
				continue
			}
			out = append(out, "<"+p+local...)
			for _, a := range tok.Attrs {
				v, _ := ooxml.Unescape(a.Value)
				out = append(out, " "+string(a.Name)+`="`+ooxml.Escape(v)+`"`...)
			}
			if tok.Empty {
				out = append(out, '/')
			}
			out = append(out, '>')
		case ooxml.End:
			if depth == 0 {
				continue
			}
			if skip > 0 {
				if depth < skip {
					skip = 0
				}
				continue
			}
			local, _ := localName(tok.Name, from)
			out = append(out, "</"+p+local+">"...)
		case ooxml.Text:
			if skip == 0 {
				out = append(out, ooxml.EscapeText(tok.String())...)
			}
		}
	}
}

// finishStrings puts the new texts at the end of the table.
func (w *writer) finishStrings() error {
	b := w.b
	var out []byte
	if b.sst == "" {
		part := b.pkg.FreeName("xl/sharedStrings.xml")
		if !b.pkg.Has("xl/sharedStrings.xml") {
			part = "xl/sharedStrings.xml"
		}
		b.rels.Add(ooxml.RelNS+"/sharedStrings", part)
		out = append(out, `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>`+"\n"+`<sst xmlns="`+mainNS+`" count="`+itoa(len(w.added))+`" uniqueCount="`+itoa(len(w.added))+`">`...)
		for _, item := range w.added {
			out = append(out, item...)
		}
		b.pkg.Set(part, append(out, "</sst>"...), sstType)
		return nil
	}
	data, err := b.pkg.Bytes(b.sst)
	if err != nil {
		return err
	}
	sc := ooxml.NewScanner(data)
	for {
		tok, err := sc.Next()
		if err != nil {
			return err
		}
		if tok.Kind != ooxml.Start {
			continue
		}
		out = append(out, data[:tok.Lo]...)
		name := string(tok.Name)
		out = append(out, "<"+name...)
		for _, a := range tok.Attrs {
			v, _ := ooxml.Unescape(a.Value)
			switch n, ok := parseIndex(v); {
			case string(a.Name) == "uniqueCount":
				v = itoa(len(b.strings))
			case string(a.Name) == "count" && ok:
				v = itoa(max(n+len(w.added), len(b.strings)))
			}
			out = append(out, " "+string(a.Name)+`="`+ooxml.Escape(v)+`"`...)
		}
		out = append(out, '>')
		end := tok.Hi
		if !tok.Empty {
			end = lastTag(data)
		}
		out = append(out, data[tok.Hi:end]...)
		for _, item := range w.added {
			out = append(out, item...)
		}
		b.pkg.Set(b.sst, append(out, "</"+name+">"...), "")
		return nil
	}
}

const sstType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
