package corpus

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// replace writes a file as an office program does: a new file, renamed over the old one.
func replace(path string, data []byte) error {
	temporary := path + ".tmp~"
	if err := os.WriteFile(temporary, data, 0o644); err != nil {
		return err
	}
	return os.Rename(temporary, path)
}

// rewrite saves an office document anew with the first wanted part changed, and who saved it when.
func rewrite(path string, r *rand.Rand, want func(name string) bool, change func([]byte) []byte) error {
	old, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	parts, err := unpack(old)
	if err != nil {
		return err
	}
	done := false
	for i := range parts {
		switch {
		case !done && want(parts[i].name):
			parts[i].data = change(parts[i].data)
			done = true
		case parts[i].name == corePart:
			parts[i].data = core(r)
		}
	}
	data, err := pack(parts)
	if err != nil {
		return err
	}
	return replace(path, data)
}

// splice returns data with data[from:to] replaced, in new memory.
func splice(data []byte, from, to int, with []byte) []byte {
	out := make([]byte, 0, len(data)+len(with))
	return append(append(append(out, data[:from]...), with...), data[to:]...)
}

var amount = regexp.MustCompile(`<v>\d+\.\d+</v>`)

// changeCell gives one cell of the first sheet another amount.
func changeCell(r *rand.Rand, path string) error {
	want := func(name string) bool { return strings.HasPrefix(name, sheetFolder) }
	return rewrite(path, r, want, func(data []byte) []byte {
		cells := amount.FindAllIndex(data, -1)
		if len(cells) == 0 {
			return data
		}
		cell := cells[r.IntN(len(cells))]
		return splice(data, cell[0], cell[1], fmt.Appendf(nil, "<v>%d.%02d</v>", r.IntN(1000000), r.IntN(100)))
	})
}

// addParagraph puts a paragraph a third of the way into the text.
func addParagraph(r *rand.Rand, path string) error {
	want := func(name string) bool { return name == documentPart }
	return rewrite(path, r, want, func(data []byte) []byte {
		const end = "</w:p>"
		at := bytes.Index(data[len(data)/3:], []byte(end))
		if at < 0 {
			return data
		}
		at += len(data)/3 + len(end)
		text := fmt.Appendf(nil, `<w:p w:rsidR="%08X"><w:r><w:t>%s</w:t></w:r></w:p>`, r.Uint32(), sentence(r, 40))
		return splice(data, at, at, text)
	})
}

// appendLines adds rows to a CSV export, in place.
func appendLines(r *rand.Rand, path string, rows int) error {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	const lineSize, firstNew = 60, 90000000
	return errors.Join(journalLines(f, r, int64(rows)*lineSize, firstNew), f.Close())
}

// appendRecords adds records to a DBF file, in place, and counts them in its header.
func appendRecords(r *rand.Rand, path string, records int) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(growTable(f, r, records), f.Close())
}

func growTable(f *os.File, r *rand.Rand, records int) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := tableRecords(&b, r, records); err != nil {
		return err
	}
	if _, err := f.WriteAt(b.Bytes(), info.Size()); err != nil {
		return err
	}
	var count [4]byte
	if _, err := f.ReadAt(count[:], recordCountAt); err != nil {
		return err
	}
	binary.LittleEndian.PutUint32(count[:], binary.LittleEndian.Uint32(count[:])+uint32(records))
	_, err = f.WriteAt(count[:], recordCountAt)
	return err
}

// insertBytes puts ten bytes near the front, so that all that follows moves.
func insertBytes(r *rand.Rand, path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	at := min(1000, len(data))
	return replace(path, splice(data, at, at, noise(r, 10)))
}

// addScans adds n scanned documents of 120 to 380 kB.
func addScans(r *rand.Rand, dir string, n int) error {
	for i := range n {
		path := filepath.Join(dir, scanFolder, fmt.Sprintf("batch %08x", r.Uint32()&0xff), fmt.Sprintf("scan %08x %03d.pdf", r.Uint32(), i))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, scan(r, 120000+r.IntN(260000)), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// renameSection renames one of the top-level folders, but never that of the large files.
func renameSection(r *rand.Rand, dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	var names []string
	for _, e := range entries {
		if e.IsDir() && !strings.HasPrefix(e.Name(), ".") && !strings.HasPrefix(e.Name(), dataFolder[:1]) {
			names = append(names, e.Name())
		}
	}
	if len(names) == 0 {
		return fmt.Errorf("folder to rename: %w", ErrNothing)
	}
	name := names[r.IntN(len(names))]
	return os.Rename(filepath.Join(dir, name), filepath.Join(dir, fmt.Sprintf("%s (final %d)", name, r.IntN(1000))))
}
