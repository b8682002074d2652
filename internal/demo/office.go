package main

import (
	"archive/zip"
	"bytes"
	"fmt"
	"os"
	"path/filepath"

	"github.com/xuri/excelize/v2"
)

// enters puts a value into a cell of a workbook.
func (p *person) enters(book, sheet, cell string, value any) {
	if p.err != nil {
		return
	}
	fmt.Fprintf(p.out, "%s  (enters %v into %s!%s of %s)\n", p.name, value, sheet, cell, book)
	f, err := excelize.OpenFile(filepath.Join(p.copy(), book))
	if err != nil {
		p.check(err)
		return
	}
	defer f.Close()
	p.check(f.SetCellValue(sheet, cell, value))
	p.check(f.Save())
}

// rewords puts other words into a document.
func (p *person) rewords(document, words, other string) {
	if p.err != nil {
		return
	}
	fmt.Fprintf(p.out, "%s  (writes %q for %q in %s)\n", p.name, other, words, document)
	path := filepath.Join(p.copy(), document)
	before, err := os.ReadFile(path)
	p.check(err)
	after, err := replacedInPackage(before, "word/document.xml", words, other)
	p.check(err)
	p.check(os.WriteFile(path, after, 0o644))
}

// replacedInPackage gives a package of which one part has other words.
func replacedInPackage(b []byte, part, words, other string) ([]byte, error) {
	r, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, f := range r.File {
		if f.Name != part {
			if err := w.Copy(f); err != nil {
				return nil, err
			}
			continue
		}
		content, err := r.Open(part)
		if err != nil {
			return nil, err
		}
		var text bytes.Buffer
		if _, err := text.ReadFrom(content); err != nil {
			return nil, err
		}
		if !bytes.Contains(text.Bytes(), []byte(words)) {
			return nil, fmt.Errorf("%q is not in %s", words, part)
		}
		to, err := w.Create(part)
		if err != nil {
			return nil, err
		}
		if _, err := to.Write(bytes.Replace(text.Bytes(), []byte(words), []byte(other), 1)); err != nil {
			return nil, err
		}
	}
	err = w.Close()
	return out.Bytes(), err
}
