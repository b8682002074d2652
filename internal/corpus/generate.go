package corpus

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"
)

// generator makes the files of one engagement.
type generator struct {
	dir    string
	preset Preset
	seed   uint64
	theme  []byte
}

// Generate makes an engagement in dir, which is created when missing.
func Generate(dir string, preset Preset, seed uint64) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("make corpus: %w", err)
	}
	g := &generator{dir: dir, preset: preset, seed: seed, theme: theme()}
	if err := g.ordinary(); err != nil {
		return err
	}
	return g.large()
}

// ordinary makes the many files, on all cores.
func (g *generator) ordinary() error {
	next := make(chan int)
	errs := make([]error, runtime.NumCPU())
	var workers sync.WaitGroup
	for w := range errs {
		workers.Go(func() {
			for i := range next {
				if errs[w] == nil { // after an error the rest is only drained
					errs[w] = g.file(i)
				}
			}
		})
	}
	for i := range g.preset.Files {
		next <- i
	}
	close(next)
	workers.Wait()
	return errors.Join(errs...)
}

func (g *generator) file(i int) error {
	extension, data, err := g.content(i)
	if err != nil {
		return err
	}
	path := filepath.Join(g.dir, filepath.FromSlash(g.name(i, extension)))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("make corpus: %w", err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		return fmt.Errorf("make corpus: %w", err)
	}
	return stamp(path, i)
}

// content decides the kind of file i and makes it. It depends on nothing but the seed and i, so a copy is made by making
// the earlier file once more.
func (g *generator) content(i int) (extension string, data []byte, err error) {
	r := source(g.seed, fmt.Sprint("file", i))
	if g.preset.Tiny {
		var b bytes.Buffer
		err := journalLines(&b, r, int64(400+r.IntN(3200)), i)
		return "csv", b.Bytes(), err
	}
	const alone = 50 // the first files are nobody's copy
	if i > alone && r.IntN(100) < 6 {
		return g.content(r.IntN(i/2) + 1)
	}
	kind := r.IntN(100)
	mean := g.preset.MeanKB * 1000
	switch {
	case kind < 38:
		data, err = g.workbook(r, spread(r, 0.45*mean, 1.0)+9000)
		return "xlsx", data, err
	case kind < 58:
		data, err = g.document(r, spread(r, 0.55*mean, 1.0)+7000)
		return "docx", data, err
	case kind < 84:
		return "pdf", scan(r, spread(r, 2.2*mean, 1.1)+3000), nil
	case kind < 94:
		var attachment []byte
		if i > alone && r.IntN(100) < 40 {
			if _, attachment, err = g.content(r.IntN(i/2) + 1); err != nil {
				return "", nil, err
			}
		}
		return "msg", mail(r, spread(r, 0.3*mean, 0.8), attachment), nil
	case kind < 97:
		var b bytes.Buffer
		err := journalLines(&b, r, int64(spread(r, 1.5*mean, 1.0)), 1)
		return "csv", b.Bytes(), err
	default:
		var b bytes.Buffer
		err := table(&b, r, spread(r, 1.5*mean, 1.0)/recordSize)
		return "dbf", b.Bytes(), err
	}
}

func table(w io.Writer, r *rand.Rand, records int) error {
	if _, err := w.Write(tableHead(uint32(records))); err != nil {
		return err
	}
	return tableRecords(w, r, records)
}

// sections are the top-level folders of an engagement.
var sections = []string{
	"A Planning", "B Risk assessment", "C Internal control", "D Cash and bank", "E Receivables", "F Inventory", "G Fixed assets",
	"H Payables", "I Payroll", "J Revenue", "K Taxes", "L Equity", "M Completion", "N Prüfungsnachweise", "O 監査調書", scanFolder,
}

const (
	scanFolder = "P Scans"
	dataFolder = "Q Data"
)

func (g *generator) name(i int, extension string) string {
	r := source(g.seed, fmt.Sprint("name", i))
	s := sections[r.IntN(len(sections))]
	if g.preset.Tiny {
		return fmt.Sprintf("%s/%03d/%c%d tick %06d.csv", s, i/200, s[0], r.IntN(90), i)
	}
	sub := fmt.Sprintf("%c%d0 %s", s[0], 1+r.IntN(9), words[source(g.seed, fmt.Sprint(s, r.IntN(9))).IntN(60)])
	return fmt.Sprintf("%s/%s/%c%d.%d %s %s %04d.%s", s, sub, s[0], 1+r.IntN(9), r.IntN(40), words[r.IntN(60)], words[r.IntN(60)], i, extension)
}

// large makes the few large files, as streams.
func (g *generator) large() error {
	if err := g.stream("GL export 2025.csv", g.preset.CSV, func(w io.Writer) error {
		return journalLines(w, source(g.seed, "csv"), g.preset.CSV, 1)
	}); err != nil {
		return err
	}
	if err := g.stream("JOURNAL.DBF", g.preset.DBF, func(w io.Writer) error {
		return table(w, source(g.seed, "dbf"), int(g.preset.DBF/recordSize))
	}); err != nil {
		return err
	}
	return g.stream("Mailbox archive.7z", g.preset.Archive, func(w io.Writer) error {
		r := source(g.seed, "blob")
		for n := int64(0); n < g.preset.Archive; n += 1 << 20 {
			if _, err := w.Write(noise(r, 1<<20)); err != nil {
				return err
			}
		}
		return nil
	})
}

func (g *generator) stream(name string, size int64, write func(io.Writer) error) error {
	if size == 0 {
		return nil
	}
	path := filepath.Join(g.dir, dataFolder, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("make corpus: %w", err)
	}
	f, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("make corpus: %w", err)
	}
	w := bufio.NewWriterSize(f, 1<<20)
	if err := errors.Join(write(w), w.Flush(), f.Close()); err != nil {
		return fmt.Errorf("make corpus %q: %w", name, err)
	}
	return stamp(path, 0)
}

// stamp gives file i its time: one a minute from the first of March 2025 on.
func stamp(path string, i int) error {
	t := time.Date(2025, 3, 1, 8, i, 0, 0, time.UTC)
	if err := os.Chtimes(path, t, t); err != nil {
		return fmt.Errorf("make corpus: %w", err)
	}
	return nil
}
