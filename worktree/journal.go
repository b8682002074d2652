package worktree

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"

	"github.com/esync/esync/internal/fsys"
	"github.com/esync/esync/objects"
)

const (
	journalFile  = "apply"
	journalMagic = "ESYNCAP\x01"
	journalLen   = len(journalMagic) + 2*objects.IDSize + 4
)

// Pending tells of an Apply that did not come to its end: the files stand on
// the first tree or on the second, each of them whole. Planning from the one
// to the other once more and applying that brings them to the second; so does
// any other plan from the first.
func (w *Worktree) Pending() (from, to objects.ID, pending bool, err error) {
	b, err := fsys.ReadFile(w.state, journalFile, int64(journalLen))
	if errors.Is(err, fs.ErrNotExist) {
		return from, to, false, nil
	}
	if err != nil {
		return from, to, false, fmt.Errorf("read journal: %w", err)
	}
	if len(b) != journalLen || string(b[:len(journalMagic)]) != journalMagic ||
		crc32.Checksum(b[:journalLen-4], castagnoli) != binary.LittleEndian.Uint32(b[journalLen-4:]) {
		return from, to, false, fmt.Errorf("read journal: %w: %q is damaged", objects.ErrCorrupt, journalFile)
	}
	b = b[len(journalMagic):]
	return objects.ID(b), objects.ID(b[objects.IDSize:]), true, nil
}

// begin notes that the files are about to change.
func (w *Worktree) begin(from, to objects.ID) error {
	b := append([]byte(journalMagic), from[:]...)
	b = append(b, to[:]...)
	b = binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
	if err := fsys.WriteFile(w.state, journalFile, b, 0o666); err != nil {
		return fmt.Errorf("write journal: %w", err)
	}
	return nil
}

// Forget drops what Pending tells: the files are to stay as they are.
func (w *Worktree) Forget() error { return w.end() }

// end forgets the note of begin.
func (w *Worktree) end() error {
	if err := w.state.Remove(journalFile); err != nil {
		return fmt.Errorf("remove journal: %w", err)
	}
	return w.state.SyncDir(".")
}
