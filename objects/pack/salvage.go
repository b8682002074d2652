package pack

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/esync/esync/internal/fsys"
	"github.com/esync/esync/objects"
)

// damagedSuffix is what a pack is renamed to of which something is lost.
const damagedSuffix = ".damaged"

// SalvageResult is what a salvage did.
type SalvageResult struct {
	// Packs are the packs that were damaged, and are in use no more.
	Packs []string
	// Objects is how many objects of theirs were sound.
	Objects int
	// Lost names the objects that are not sound anywhere, as far as their
	// names could be read.
	Lost []objects.ID
	// Kept are files that hold what is left of lost objects. Nothing reads
	// them any more, and Discard removes them.
	Kept []string
	// Unnamed: bytes were lost of which nobody knows what they were.
	Unnamed bool
}

// Salvage takes what is sound of damaged packs into new ones. A damaged pack
// then goes; where an object of it is not sound in any other pack it is kept
// under another name instead, for whoever wants to look into it. Frames are
// judged by their checksums. ErrBusy means that another process merges or
// collects. A crash leaves old and new.
func (s *Store) Salvage(ctx context.Context) (res SalvageResult, err error) {
	lock, err := s.fs.Lock(mergeLock)
	if errors.Is(err, fsys.ErrLocked) {
		return res, fmt.Errorf("salvage: %w", ErrBusy)
	}
	if err != nil {
		return res, fmt.Errorf("salvage: %w", err)
	}
	defer lock.Close()
	if err := s.Refresh(); err != nil {
		return res, fmt.Errorf("salvage: %w", err)
	}
	for _, p := range slices.Clone(*s.packs.Load()) {
		w, err := s.examine(ctx, p)
		if err == nil && w != nil {
			err = s.salvage(w, &res)
		}
		if err != nil {
			return res, fmt.Errorf("salvage pack %q: %w", p.name, err)
		}
	}
	return res, nil
}

// wreck is a damaged pack: the frames of it that are sound, and the objects
// whose frames are not.
type wreck struct {
	pack  *packFile
	file  fsys.File
	flags byte
	sound []record
	lost  []objects.ID
	// guessed are the sound ones that no index names. They may be anything
	// that looks like a frame, within a file of the user's perhaps.
	guessed map[objects.ID]bool
	skipped bool  // bytes were passed over that may have been frames
	end     int64 // of the frames, as far as that is known
}

// examine reads all frames of a pack. It gives nil when nothing is wrong with
// it, or it is gone. The caller closes the file.
func (s *Store) examine(ctx context.Context, p *packFile) (*wreck, error) {
	fresh := &packFile{name: p.name, modTime: p.modTime, cache: new(pageCache)}
	w := &wreck{pack: p, guessed: map[objects.ID]bool{}}
	var known []record
	whole := true
	switch err := fresh.use(s.fs); {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, ErrVersion):
		return nil, nil
	case errors.Is(err, ErrPack):
		whole = false
	case err != nil:
		return nil, err
	default:
		defer func() { fresh.done(); fresh.retire() }()
		w.flags, w.end = fresh.flags, fresh.layout.pages
		v := verifier{s: s, report: func(Damage) { whole = false }}
		known = v.index(fresh)
		v.gaps(fresh, known)
	}
	file, err := s.fs.OpenFile(p.name, os.O_RDONLY, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	w.file = file
	if err := w.read(ctx, s, known, !whole); err != nil {
		file.Close()
		return nil, err
	}
	if whole && len(w.lost) == 0 {
		return nil, file.Close()
	}
	return w, nil
}

// read finds the sound frames: those that the index names, and where that is
// damaged, all that stand between.
func (w *wreck) read(ctx context.Context, s *Store, known []record, search bool) error {
	if w.end == 0 {
		info, err := w.file.Stat()
		if err != nil {
			return err
		}
		w.end = info.Size
	}
	found := map[objects.ID]bool{}
	b := s.codec.buffers.get(MaxPiece + maxHeader)
	defer s.codec.buffers.put(b)
	at := int64(headerSize)
	for i := 0; i <= len(known); i++ {
		end := w.end
		if i < len(known) {
			end = known[i].offset
		}
		if search && at < end {
			if err := w.search(ctx, b, at, end, found); err != nil {
				return err
			}
		}
		if i == len(known) {
			break
		}
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
		rec := &known[i]
		f, err := w.frame(b, rec.offset, rec.length)
		switch {
		case errors.Is(err, ErrFrame), errors.Is(err, ErrPack), err == nil && !rec.matches(&f.FrameInfo):
			w.lost = append(w.lost, rec.id)
		case err != nil:
			return err
		default:
			w.keep(&f.FrameInfo, rec.offset, found)
			delete(w.guessed, f.ID)
		}
		at = max(at, rec.offset+int64(rec.length))
	}
	w.lost = slices.DeleteFunc(w.lost, func(id objects.ID) bool { return found[id] })
	return nil
}

func (w *wreck) keep(f *FrameInfo, at int64, found map[objects.ID]bool) {
	if !found[f.ID] {
		found[f.ID] = true
		w.sound = append(w.sound, recordOf(f, at))
	}
}

func (w *wreck) frame(b *buffer, at int64, n int) (frame, error) {
	if cap(b.b) < n {
		b.b = make([]byte, n)
	}
	b.b = b.b[:n]
	if err := readAt(w.file, b.b, at); err != nil {
		return frame{}, err
	}
	return parseFrame(b.b)
}

// searchAhead is how much of a file is looked through at once, and more than
// the longest frame that a search finds where the one before is damaged.
const searchAhead = 1 << 20

// search finds frames in a part of the file of which no index tells.
func (w *wreck) search(ctx context.Context, b *buffer, at, end int64, found map[objects.ID]bool) error {
	for at < end {
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
		// One behind the other, as long as they are sound.
		var head [lengthSize]byte
		if err := readAt(w.file, head[:], at); err != nil {
			return ignoreTorn(err)
		}
		if n, err := FrameLength(head); err == nil && at+int64(n) <= end {
			f, err := w.frame(b, at, n)
			if err == nil {
				if !found[f.ID] {
					w.guessed[f.ID] = true
				}
				w.keep(&f.FrameInfo, at, found)
				at += int64(n)
				continue
			}
			if !errors.Is(err, ErrFrame) {
				return err
			}
		}
		w.skipped = true
		next, err := w.resume(at+1, end)
		if err != nil {
			return err
		}
		at = next
	}
	return nil
}

// resume finds where the next frame begins behind a damaged one, or the end.
func (w *wreck) resume(at, end int64) (int64, error) {
	buf := make([]byte, searchAhead)
	for at < end {
		n := int(min(end-at, searchAhead))
		if err := readAt(w.file, buf[:n], at); err != nil {
			return end, ignoreTorn(err)
		}
		for i := 0; i+minFrame <= n; i++ {
			size, err := FrameLength([lengthSize]byte(buf[i:]))
			if err != nil || size > MaxPiece+maxHeader || i+size > n {
				continue
			}
			if _, err := parseFrame(buf[i : i+size]); err == nil {
				return at + int64(i), nil
			}
		}
		if n < searchAhead {
			return end, nil
		}
		at += searchAhead - MaxPiece - maxHeader // a frame may begin here and end behind
	}
	return end, nil
}

// salvage stores what is sound of a wreck anew, and takes it out of use.
func (s *Store) salvage(w *wreck, res *SalvageResult) error {
	defer w.file.Close()
	if err := s.store(w); err != nil {
		return err
	}
	res.Packs = append(res.Packs, w.pack.name)
	res.Objects += len(w.sound)
	var lost []objects.ID
	for _, id := range w.lost {
		_, b, err := s.load(id, anyDepth)
		if err != nil {
			lost = append(lost, id)
			continue
		}
		s.codec.buffers.put(b)
	}
	res.Lost = append(res.Lost, lost...)
	res.Unnamed = res.Unnamed || w.skipped
	w.file.Close()
	if len(lost) == 0 && !w.skipped {
		return s.discard([]*packFile{w.pack})
	}
	kept := strings.TrimSuffix(w.pack.name, packSuffix) + damagedSuffix
	w.pack.retire()
	if err := s.fs.Rename(w.pack.name, kept); err != nil {
		return err
	}
	res.Kept = append(res.Kept, kept)
	return errors.Join(s.fs.SyncDir("."), s.Refresh())
}

// Discard removes files that Salvage kept.
func (s *Store) Discard(kept []string) error {
	for _, name := range kept {
		if path.Base(name) != name || !strings.HasSuffix(name, damagedSuffix) {
			return fmt.Errorf("discard %q: %w", name, fs.ErrInvalid)
		}
		if err := s.fs.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// store writes the sound frames of a wreck into a new pack. Of those that were
// guessed it leaves out what is no object after all.
func (s *Store) store(w *wreck) error {
	for {
		out, err := s.Begin()
		if err != nil {
			return err
		}
		wrong, err := w.copy(out)
		if err == nil && len(wrong) == 0 && len(w.sound) > 0 {
			_, err = out.commit()
		}
		if closeErr := out.Close(); err == nil {
			err = closeErr
		}
		if err != nil || len(wrong) == 0 {
			return err
		}
		w.sound = slices.DeleteFunc(w.sound, func(r record) bool { return wrong[r.id] })
	}
}

// copy writes the sound frames, and tells which of the guessed ones are wrong.
func (w *wreck) copy(out *Writer) (wrong map[objects.ID]bool, err error) {
	out.flags = w.flags
	b := out.s.codec.buffers.get(MaxPiece + maxHeader)
	defer out.s.codec.buffers.put(b)
	for i := range w.sound {
		f, err := w.frame(b, w.sound[i].offset, w.sound[i].length)
		if err != nil {
			return nil, err
		}
		if err := out.add(b.b, f.FrameInfo); err != nil {
			return nil, err
		}
	}
	wrong = map[objects.ID]bool{}
	for i := range w.sound {
		r := &w.sound[i]
		if !w.guessed[r.id] {
			continue
		}
		err := out.resolver().check(r.id, r.kind)
		if err == nil {
			continue
		}
		if !errors.Is(err, objects.ErrCorrupt) && !errors.Is(err, objects.ErrNotFound) {
			return nil, err
		}
		// What lacks its base, or a piece, may be right; it must not stand in
		// the way of a copy that is.
		_, other, err := out.s.load(r.id, anyDepth)
		if err == nil {
			out.s.codec.buffers.put(other)
		}
		wrong[r.id] = err == nil || !r.form.HasBase() && !r.form.IsList()
	}
	maps.DeleteFunc(wrong, func(_ objects.ID, is bool) bool { return !is })
	return wrong, nil
}
