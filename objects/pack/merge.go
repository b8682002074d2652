package pack

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/esync/esync/internal/fsys"
)

// Packs are merged geometrically: four of about one size become one of the
// next, four times as large. So a thousand small commits leave a score of
// packs, and every byte has been copied about five times by then.
const (
	mergeFan   = 4
	firstTier  = 16 << 10
	mergeLimit = 256 << 20 // what a Commit may copy at most; GC has no limit
)

// tier is the size class of a pack.
func tier(size int64) int {
	t := 0
	for limit := int64(firstTier); size >= limit; limit *= mergeFan {
		t++
	}
	return t
}

// chooseMerge picks the packs that should become one, by their sizes: those of
// the lowest class that is full, and those above it that fill up thereby.
func chooseMerge(sizes []int64, limit int64) []int {
	byTier := map[int][]int{}
	top := 0
	for i, size := range sizes {
		t := tier(size)
		byTier[t] = append(byTier[t], i)
		top = max(top, t)
	}
	var chosen []int
	var sum int64
	for t := 0; t <= top; t++ {
		carried := 0
		if len(chosen) > 0 && tier(sum) == t {
			carried = 1
		}
		if len(byTier[t])+carried < mergeFan {
			continue
		}
		more := sum
		for _, i := range byTier[t] {
			more += sizes[i]
		}
		if more > limit {
			break
		}
		chosen, sum = append(chosen, byTier[t]...), more
	}
	return chosen
}

// Merge rolls small packs up into larger ones, where there are many. Commit
// calls it. While another process is at it, it does nothing.
func (s *Store) Merge() error {
	if packs, _ := s.mergeable(); len(packs) < mergeFan {
		return nil
	}
	lock, err := s.fs.Lock(mergeLock)
	if errors.Is(err, fsys.ErrLocked) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("merge packs: %w", err)
	}
	defer lock.Close()
	if err := s.Refresh(); err != nil {
		return fmt.Errorf("merge packs: %w", err)
	}
	packs, sizes := s.mergeable()
	var chosen []*packFile
	for _, i := range chooseMerge(sizes, mergeLimit) {
		chosen = append(chosen, packs[i])
	}
	if len(chosen) == 0 {
		return nil
	}
	if err := s.replace(chosen, func(*record) fate { return keepIt }); err != nil {
		return fmt.Errorf("merge packs: %w", err)
	}
	return nil
}

// mergeable are the packs that are in use, and their sizes. Packs that cannot
// be opened, and those set aside, stay as they are.
func (s *Store) mergeable() (packs []*packFile, sizes []int64) {
	for _, p := range *s.packs.Load() {
		if p.use(s.fs) != nil {
			continue
		}
		if p.flags&flagSetAside == 0 {
			packs, sizes = append(packs, p), append(sizes, p.size)
		}
		p.done()
	}
	return packs, sizes
}

// fate is what becomes of an object when its pack is rewritten.
type fate int

const (
	keepIt fate = iota
	setItAside
	dropIt
)

// copied is a record and the pack that holds it.
type copied struct {
	record
	pack int
}

// replace writes what the packs hold into a new one, and what is to be set
// aside into a second one, and removes the packs. Readers find every object at
// any moment. A crash leaves both old and new.
func (s *Store) replace(packs []*packFile, judge func(*record) fate) error {
	// Oldest first: bases then stand before what needs them.
	slices.Reverse(packs)
	for i, p := range packs {
		if err := p.use(s.fs); err != nil {
			for _, used := range packs[:i] {
				used.done()
			}
			return err
		}
	}
	release := func() {
		for _, p := range packs {
			p.done()
		}
	}
	keep, aside, err := selectRecords(packs, judge)
	if err == nil {
		err = s.rewrite(packs, aside, flagSetAside)
	}
	if err == nil {
		err = s.rewrite(packs, keep, 0)
	}
	release()
	if err != nil {
		return err
	}
	return s.discard(packs)
}

// selectRecords picks one copy of every object, in the order in which they are
// best copied. Of several copies it takes the one with the least depth, so
// that whatever names the object as its base still finds it below itself, and
// of those the newest.
func selectRecords(packs []*packFile, judge func(*record) fate) (keep, aside []copied, err error) {
	var all []copied
	for i, p := range packs {
		for r, err := range p.records() {
			if err != nil {
				return nil, nil, err
			}
			all = append(all, copied{r, i})
		}
	}
	slices.SortFunc(all, func(a, b copied) int {
		return cmp.Or(a.id.Compare(b.id), cmp.Compare(a.depth, b.depth), cmp.Compare(b.pack, a.pack))
	})
	all = slices.CompactFunc(all, func(a, b copied) bool { return a.id == b.id })
	slices.SortFunc(all, func(a, b copied) int {
		return cmp.Or(cmp.Compare(a.pack, b.pack), cmp.Compare(a.offset, b.offset))
	})
	for i := range all {
		switch judge(&all[i].record) {
		case keepIt:
			keep = append(keep, all[i])
		case setItAside:
			aside = append(aside, all[i])
		}
	}
	return keep, aside, nil
}

// rewrite copies frames, as they are stored, into a new pack of the store.
func (s *Store) rewrite(packs []*packFile, records []copied, flags byte) error {
	if len(records) == 0 {
		return nil
	}
	w, err := s.Begin()
	if err != nil {
		return err
	}
	defer w.Close()
	w.flags = flags
	b := s.codec.buffers.get(MaxPiece + maxHeader)
	defer s.codec.buffers.put(b)
	for i := range records {
		r := &records[i]
		var f frame
		if err := packs[r.pack].frame(&r.record, b, &f); err != nil {
			// Another copy that is no deeper is as good, where there is one.
			sound, other, otherErr := s.load(r.id, r.depth+1)
			if otherErr != nil {
				return fmt.Errorf("copy object %s: %w", r.id.Short(), err)
			}
			err = w.add(other.b, sound.FrameInfo)
			s.codec.buffers.put(other)
			if err != nil {
				return err
			}
			continue
		}
		if err := w.add(b.b, f.FrameInfo); err != nil {
			return err
		}
	}
	_, err = w.commit()
	return err
}

// discard removes packs whose objects stand elsewhere by now. One that cannot
// be removed, because some program of Windows has it open, stays for the next
// time.
func (s *Store) discard(packs []*packFile) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	rest := slices.DeleteFunc(slices.Clone(*s.packs.Load()), func(p *packFile) bool { return slices.Contains(packs, p) })
	s.packs.Store(&rest)
	for _, p := range packs {
		p.retire()
		s.fs.Remove(p.name)
	}
	return s.refresh()
}
