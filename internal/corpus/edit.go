package corpus

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
)

// ErrNothing is returned when an engagement has no file of the kind that an operation changes.
var ErrNothing = errors.New("nothing to change")

// operation changes the engagement in dir.
type operation struct {
	name string
	do   func(r *rand.Rand, dir string) error
}

func operations() []operation {
	return []operation{
		{"cell", on(smallWorkbook, changeCell)},
		{"para", on(anyOf("docx"), addParagraph)},
		{"csv", on(largestOf("csv"), lines(500))},
		{"dbf", on(largestOf("dbf"), records(500))},
		{"insert10", on(largestOf("csv", "7z"), insertBytes)},
		{"insert10blob", on(largestOf("7z"), insertBytes)},
		{"rename", renameSection},
		{"scans", func(r *rand.Rand, dir string) error { return addScans(r, dir, 200) }},
		{"first30", some(30, false)},
		{"last30", some(30, true)},
		{"mixed", mixed},
		{"step", step},
		{"tiny", tiny},
	}
}

// Operations returns the names of what Edit can do:
//
//	cell para csv dbf        one cell, one paragraph, 500 rows more in the largest CSV or DBF file
//	insert10 insert10blob    ten bytes near the front of the largest CSV file or archive
//	rename scans             another name for one section, 200 scans more
//	first30 last30           one cell in each of the first, or last, 30 workbooks, or fewer: never the same ones
//	mixed                    a day of a team of five: 20 cells, 10 paragraphs, rows, 15 scans, a rename, 3 mails removed
//	step                     one to three small edits: one commit of a long history
//	tiny                     100 CSV files grow by two rows
func Operations() []string {
	var names []string
	for _, op := range operations() {
		names = append(names, op.name)
	}
	return names
}

// Edit changes the engagement in dir. The same tree, operation and seed give the same result. Names with a leading dot are never
// touched. An operation that does not exist is ErrUnknown; one that finds no file of its kind is ErrNothing.
func Edit(dir, name string, seed uint64) error {
	for _, op := range operations() {
		if op.name == name {
			if err := op.do(source(seed, name), dir); err != nil {
				return fmt.Errorf("edit %q in %q: %w", name, dir, err)
			}
			return nil
		}
	}
	return fmt.Errorf("edit %q: %w", name, ErrUnknown)
}

// choose picks a file of an engagement; change changes one.
type (
	choose func(r *rand.Rand, dir string) (string, error)
	change func(r *rand.Rand, path string) error
)

func on(pick choose, do change) func(*rand.Rand, string) error {
	return func(r *rand.Rand, dir string) error {
		path, err := pick(r, dir)
		if err != nil {
			return err
		}
		return do(r, path)
	}
}

func lines(n int) change {
	return func(r *rand.Rand, path string) error { return appendLines(r, path, n) }
}
func records(n int) change {
	return func(r *rand.Rand, path string) error { return appendRecords(r, path, n) }
}

func mixed(r *rand.Rand, dir string) error {
	var plan []func(*rand.Rand, string) error
	add := func(n int, do func(*rand.Rand, string) error) {
		for range n {
			plan = append(plan, do)
		}
	}
	add(20, on(anyOf("xlsx"), changeCell))
	add(10, on(anyOf("docx"), addParagraph))
	add(1, on(largestOf("csv"), lines(500)))
	add(1, on(largestOf("dbf"), records(500)))
	add(1, func(r *rand.Rand, dir string) error { return addScans(r, dir, 15) })
	add(1, renameSection)
	add(3, on(anyOf("msg"), func(_ *rand.Rand, path string) error { return os.Remove(path) }))
	for _, do := range plan {
		if err := do(r, dir); err != nil {
			return err
		}
	}
	return nil
}

func step(r *rand.Rand, dir string) error {
	for range 1 + r.IntN(3) {
		var do func(*rand.Rand, string) error
		switch k := r.IntN(10); {
		case k < 5:
			do = on(anyOf("xlsx"), changeCell)
		case k < 8:
			do = on(anyOf("docx"), addParagraph)
		case k < 9:
			do = on(anyOf("csv"), lines(20))
		default:
			do = func(r *rand.Rand, dir string) error { return addScans(r, dir, 1) }
		}
		if err := do(r, dir); err != nil {
			return err
		}
	}
	return nil
}

func tiny(r *rand.Rand, dir string) error {
	files, err := list(dir, "csv")
	if err != nil {
		return err
	}
	for range 100 {
		if err := appendLines(r, files[r.IntN(len(files))], 2); err != nil {
			return err
		}
	}
	return nil
}

// list returns the files with that extension, in any letter case, sorted.
func list(dir, extension string) ([]string, error) {
	var files []string
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		hidden := strings.HasPrefix(entry.Name(), ".") && path != dir
		switch {
		case entry.IsDir() && hidden:
			return fs.SkipDir
		case !entry.IsDir() && !hidden && strings.EqualFold(filepath.Ext(path), "."+extension):
			files = append(files, path)
		}
		return nil
	})
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("file with extension %q: %w", extension, ErrNothing)
	}
	return files, err
}

// some changes a cell in each of the first n workbooks, or of the last, but no more than half of all.
func some(n int, last bool) func(*rand.Rand, string) error {
	return func(r *rand.Rand, dir string) error {
		files, err := list(dir, "xlsx")
		if err != nil {
			return err
		}
		n := min(n, len(files)/2)
		if last {
			files = files[len(files)-n:]
		}
		for _, path := range files[:n] {
			if err := changeCell(r, path); err != nil {
				return err
			}
		}
		return nil
	}
}

func anyOf(extension string) choose {
	return func(r *rand.Rand, dir string) (string, error) {
		files, err := list(dir, extension)
		if err != nil {
			return "", err
		}
		return files[r.IntN(len(files))], nil
	}
}

func largestOf(extensions ...string) choose {
	return func(_ *rand.Rand, dir string) (string, error) {
		var best string
		var most int64
		var missing error
		for _, extension := range extensions {
			files, err := list(dir, extension)
			if err != nil {
				missing = err
				continue
			}
			for _, path := range files {
				info, err := os.Stat(path)
				if err != nil {
					return "", err
				}
				if info.Size() > most {
					best, most = path, info.Size()
				}
			}
		}
		if best == "" {
			return "", missing
		}
		return best, nil
	}
}

// smallWorkbook picks one of 15 to 60 kB, the size people edit most, or any where there is none.
func smallWorkbook(r *rand.Rand, dir string) (string, error) {
	files, err := list(dir, "xlsx")
	if err != nil {
		return "", err
	}
	for _, i := range r.Perm(len(files)) {
		info, err := os.Stat(files[i])
		if err != nil {
			return "", err
		}
		if info.Size() > 15000 && info.Size() < 60000 {
			return files[i], nil
		}
	}
	return files[0], nil
}
