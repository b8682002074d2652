package layers

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Package is one folder with Go files.
type Package struct {
	// Dir is the folder, slash-separated and relative to the module.
	Dir string
	// Name is the name in the package clauses.
	Name string
	// Doc reports whether there is a doc.go.
	Doc bool
	// Imports are those of all files, for every operating system.
	Imports []Import
}

// Import is one import of one file.
type Import struct {
	Path string
	// File is the file that has it, relative to the module.
	File string
	// Test reports whether that is a test file.
	Test bool
}

// Read takes the packages of the module in root from the sources, sorted by folder. Folders that the go command
// passes over (testdata, names with a leading dot or underscore) are passed over here.
func Read(root fs.FS) ([]Package, error) {
	packages := map[string]*Package{}
	err := fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if name != "." && (entry.Name() == "testdata" || strings.HasPrefix(entry.Name(), ".") || strings.HasPrefix(entry.Name(), "_")) {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		return readFile(root, name, packages)
	})
	if err != nil {
		return nil, err
	}
	var sorted []Package
	for _, p := range packages {
		sorted = append(sorted, *p)
	}
	slices.SortFunc(sorted, func(a, b Package) int { return strings.Compare(a.Dir, b.Dir) })
	return sorted, nil
}

func readFile(root fs.FS, name string, packages map[string]*Package) error {
	source, err := fs.ReadFile(root, name)
	if err != nil {
		return fmt.Errorf("read %q: %w", name, err)
	}
	file, err := parser.ParseFile(token.NewFileSet(), name, source, parser.ImportsOnly)
	if err != nil {
		return fmt.Errorf("parse %q: %w", name, err)
	}
	dir := path.Dir(name)
	p := packages[dir]
	if p == nil {
		p = &Package{Dir: dir}
		packages[dir] = p
	}
	test := strings.HasSuffix(name, "_test.go")
	if !test {
		p.Name = file.Name.Name
	}
	if path.Base(name) == "doc.go" {
		p.Doc = true
	}
	for _, spec := range file.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return fmt.Errorf("parse %q: %w", name, err)
		}
		p.Imports = append(p.Imports, Import{Path: imported, File: name, Test: test})
	}
	return nil
}
