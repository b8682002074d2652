package corpus

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
)

// part is one member of an office document, which is a zip archive.
type part struct {
	name string
	data []byte
}

const (
	xmlHead  = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	corePart = "docProps/core.xml"
)

// pack makes the archive. Pictures are stored, all else is deflated, as office programs do.
func pack(parts []part) ([]byte, error) {
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	for _, p := range parts {
		h := &zip.FileHeader{Name: p.name, Method: zip.Deflate}
		if strings.Contains(p.name, "/media/") {
			h.Method = zip.Store
		}
		f, err := w.CreateHeader(h)
		if err != nil {
			return nil, fmt.Errorf("pack %q: %w", p.name, err)
		}
		if _, err := f.Write(p.data); err != nil {
			return nil, fmt.Errorf("pack %q: %w", p.name, err)
		}
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("pack: %w", err)
	}
	return buf.Bytes(), nil
}

func unpack(archive []byte) ([]part, error) {
	r, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		return nil, fmt.Errorf("unpack: %w", err)
	}
	var parts []part
	for _, f := range r.File {
		rc, err := f.Open()
		if err != nil {
			return nil, fmt.Errorf("unpack %q: %w", f.Name, err)
		}
		data, err := io.ReadAll(rc)
		rc.Close()
		if err != nil {
			return nil, fmt.Errorf("unpack %q: %w", f.Name, err)
		}
		parts = append(parts, part{f.Name, data})
	}
	return parts, nil
}

// theme returns what is the same in every document of a firm: fonts, colours, styles.
func theme() []byte {
	r := source(42, "filler")
	var b bytes.Buffer
	b.WriteString(xmlHead + `<a:theme xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" name="Firm">`)
	for range 160 {
		fmt.Fprintf(&b, `<a:font script="%s" typeface="%s"/><a:srgbClr val="%06X"/>`, words[r.IntN(40)], words[r.IntN(60)], r.IntN(1<<24))
	}
	b.WriteString(`</a:theme>`)
	return b.Bytes()
}

// core returns who saved the document last and when: it changes with every save.
func core(r *rand.Rand) []byte {
	return fmt.Appendf(nil, xmlHead+`<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" `+
		`xmlns:dcterms="http://purl.org/dc/terms/"><cp:lastModifiedBy>%s</cp:lastModifiedBy>`+
		`<dcterms:modified>2026-%02d-%02dT%02d:%02d:%02dZ</dcterms:modified></cp:coreProperties>`,
		word(r), 1+r.IntN(12), 1+r.IntN(28), r.IntN(24), r.IntN(60), r.IntN(60))
}
