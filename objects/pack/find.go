package pack

import (
	"encoding/hex"
	"errors"
	"io/fs"
	"strings"

	"github.com/esync/esync/objects"
)

// Find gives up to limit IDs of one kind that begin with the given
// hexadecimal digits. It reads one or two pages of each index.
func (s *Store) Find(digits string, limit int, kind objects.Kind) ([]objects.ID, error) {
	if len(digits) > 2*objects.IDSize {
		return nil, nil
	}
	var low, high objects.ID
	if _, err := hex.Decode(low[:], []byte(pad(digits, "0"))); err != nil {
		return nil, nil // no ID begins so
	}
	hex.Decode(high[:], []byte(pad(digits, "f")))
	if err := s.Refresh(); err != nil {
		return nil, err
	}
	found := map[objects.ID]bool{}
	var ids []objects.ID
	for _, p := range *s.packs.Load() {
		if len(ids) >= limit {
			break
		}
		err := s.eachBetween(p, low, high, func(r *record) bool {
			if r.kind == kind && !found[r.id] {
				found[r.id] = true
				ids = append(ids, r.id)
			}
			return len(ids) < limit
		})
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	return ids, nil
}

// pad extends the digits of an ID to their full number.
func pad(digits, with string) string {
	return digits + strings.Repeat(with, max(0, 2*objects.IDSize-len(digits)))
}

// eachBetween visits the records of a pack from low to high, until visit
// returns false.
func (s *Store) eachBetween(p *packFile, low, high objects.ID, visit func(*record) bool) error {
	if err := p.use(s.fs); err != nil {
		return err
	}
	defer p.done()
	// IDs with the same first bytes may begin on the page before.
	for i := max(0, pageOf(p.direct, low)-1); i < len(p.direct); i++ {
		page, err := p.page(i)
		if err != nil {
			return err
		}
		for ; len(page) > 0; page = page[recordSize:] {
			r := readRecord(page)
			switch {
			case r.id.Compare(low) < 0:
				continue
			case r.id.Compare(high) > 0:
				return nil
			}
			if !visit(&r) {
				return nil
			}
		}
	}
	return nil
}
