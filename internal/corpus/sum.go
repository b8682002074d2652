package corpus

import (
	"crypto/sha256"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Total is what a folder holds.
type Total struct {
	// Hash is taken over names and bytes: two folders with the same hash hold the same papers.
	Hash  [sha256.Size]byte
	Files int
	Bytes int64
}

// String is the hash, cut to 16 bytes, and the numbers.
func (t Total) String() string {
	return fmt.Sprintf("%x files=%d bytes=%d", t.Hash[:16], t.Files, t.Bytes)
}

// Sum totals the papers in dir. Names with a leading dot are left out, whatever tool put them there.
func Sum(dir string) (Total, error) {
	var total Total
	h := sha256.New()
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		hidden := strings.HasPrefix(entry.Name(), ".") && path != dir
		switch {
		case entry.IsDir() && hidden:
			return fs.SkipDir
		case entry.IsDir() || hidden:
			return nil
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		one, n, err := sumFile(path)
		if err != nil {
			return err
		}
		total.Files++
		total.Bytes += n
		fmt.Fprintf(h, "%s\x00%x\n", filepath.ToSlash(name), one) // a hash never fails
		return nil
	})
	if err != nil {
		return Total{}, fmt.Errorf("sum %q: %w", dir, err)
	}
	h.Sum(total.Hash[:0])
	return total, nil
}

func sumFile(path string) ([]byte, int64, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, err
	}
	defer f.Close()
	h := sha256.New()
	n, err := io.Copy(h, f)
	return h.Sum(nil), n, err
}
