package corpus

import (
	"errors"
	"fmt"
)

// ErrUnknown is returned for a preset or an operation that does not exist.
var ErrUnknown = errors.New("unknown name")

// Preset says how large an engagement is.
type Preset struct {
	Name  string
	Files int
	// MeanKB is the mean size of an ordinary file.
	MeanKB float64
	// CSV and DBF are the sizes of the two exports of the general ledger, Archive that of a mailbox archive, which does not
	// compress; 0 leaves the file away.
	CSV, DBF, Archive int64
	// Tiny makes all files small CSV files.
	Tiny bool
}

// Presets returns all presets, smallest first.
//
//	XS     300 files,  21 MB        T 200,000 files, 405 MB, all tiny
//	S    2,002 files, 201 MB        B two files of 500 MiB each
//	M   10,003 files, 2.1 GB, with a CSV of 500 MiB, a DBF of 200 MiB and an archive of 150 MiB
func Presets() []Preset {
	return []Preset{
		{Name: "XS", Files: 300, MeanKB: 68},
		{Name: "S", Files: 2000, MeanKB: 88, CSV: 16 << 20, DBF: 8 << 20},
		{Name: "M", Files: 10000, MeanKB: 115, CSV: 500 << 20, DBF: 200 << 20, Archive: 150 << 20},
		{Name: "T", Files: 200000, Tiny: true},
		{Name: "B", CSV: 500 << 20, Archive: 500 << 20},
	}
}

// ParsePreset returns the preset of that name, or an error that is ErrUnknown.
func ParsePreset(name string) (Preset, error) {
	for _, p := range Presets() {
		if p.Name == name {
			return p, nil
		}
	}
	return Preset{}, fmt.Errorf("preset %q: %w", name, ErrUnknown)
}
