package main

import (
	"archive/zip"
	"bytes"
	"io"
	"os"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// memo FILE OLD NEW: puts one text for another in the main part of a document, as Word would when it saves.
func cmdMemo(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: memo FILE OLD NEW")
	}
	file := ts.MkAbs(args[0])
	data, err := os.ReadFile(file)
	ts.Check(err)
	in, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	ts.Check(err)
	var b bytes.Buffer
	out := zip.NewWriter(&b)
	for _, f := range in.File {
		r, err := f.Open()
		ts.Check(err)
		part, err := io.ReadAll(r)
		ts.Check(err)
		if f.Name == "word/document.xml" {
			if !strings.Contains(string(part), args[1]) {
				ts.Fatalf("the document has no %q", args[1])
			}
			part = []byte(strings.Replace(string(part), args[1], args[2], 1))
		}
		w, err := out.Create(f.Name)
		ts.Check(err)
		_, err = w.Write(part)
		ts.Check(err)
	}
	ts.Check(out.Close())
	ts.Check(os.WriteFile(file, b.Bytes(), 0o666))
}
