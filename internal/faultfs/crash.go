package faultfs

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path"

	"github.com/esync/esync/internal/fsys"
)

// undo takes back one change of a folder's names.
type undo struct {
	folder string // whose SyncDir makes the change certain
	back   func(root fsys.FS) error
}

// Crash ends the process that used f: files are closed, locks freed, and with
// Plan.Drop everything that was not synced is taken back, so that what stays
// is the least a disk may hold after power loss. Nothing of f works after it;
// the folder that was wrapped does. Without Drop all that was written stays:
// the most a disk may hold.
func (f *FS) Crash() error {
	m := f.m
	m.mu.Lock()
	defer m.mu.Unlock()
	m.stopped = true
	for c := range m.open {
		c.Close()
	}
	clear(m.open)
	if !m.plan.Drop {
		return nil
	}
	for name, size := range m.synced {
		if err := cut(m.root, name, size); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	for i := len(m.journal) - 1; i >= 0; i-- {
		if err := m.journal[i].back(m.root); err != nil {
			return err
		}
	}
	m.journal = nil
	return nil
}

func cut(root fsys.FS, name string, size int64) error {
	file, err := root.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer file.Close()
	return file.Truncate(size)
}

func (m *machine) add(u undo) {
	if m.plan.Drop && u.back != nil {
		m.journal = append(m.journal, u)
	}
}

func (m *machine) noteMade(name string) {
	m.add(undo{path.Dir(name), func(root fsys.FS) error {
		if err := removeAll(root, name); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil // moved to another folder, and that is certain
	}})
}

// removeAll removes a folder with what it holds: lock files are in no journal,
// and names may be certain in a folder whose own name is not.
func removeAll(root fsys.FS, name string) error {
	info, err := root.Lstat(name)
	if err != nil {
		return err
	}
	if info.IsDir() {
		infos, err := root.ReadDir(name)
		if err != nil {
			return err
		}
		for _, below := range infos {
			if err := removeAll(root, path.Join(name, below.Name)); err != nil {
				return err
			}
		}
	}
	return root.Remove(name)
}

// noteCut: bytes below size that had been synced are certain still; a file cut
// to less keeps less.
func (m *machine) noteCut(name string, size int64) {
	if old, ok := m.synced[name]; ok && old > size {
		m.synced[name] = size
	}
}

// noteGone keeps the content of what is about to be removed.
func (m *machine) noteGone(name string) undo {
	if !m.plan.Drop {
		return undo{}
	}
	info, err := m.root.Lstat(name)
	if err != nil {
		return undo{}
	}
	if info.IsDir() {
		return undo{path.Dir(name), func(root fsys.FS) error { return root.Mkdir(name, info.Mode.Perm()) }}
	}
	content, err := fsys.ReadFile(m.root, name, 1<<30)
	if err != nil {
		return undo{}
	}
	return undo{path.Dir(name), func(root fsys.FS) error { return restore(root, name, content, info) }}
}

func (m *machine) noteMoved(from, to string) undo {
	target := m.noteGone(to)
	return undo{path.Dir(to), func(root fsys.FS) error {
		if err := root.Rename(to, from); err != nil {
			return err
		}
		if target.back == nil {
			return nil
		}
		return target.back(root)
	}}
}

// renamed keeps the account of un-synced bytes under the new name.
func (m *machine) renamed(from, to string) {
	delete(m.synced, to)
	if size, ok := m.synced[from]; ok {
		delete(m.synced, from)
		m.synced[to] = size
	}
}

func restore(root fsys.FS, name string, content []byte, info fsys.Info) error {
	file, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, info.Mode.Perm())
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	return errors.Join(err, file.Close(), root.Chtimes(name, info.Time()))
}

// unsynced remembers how long a file was at its last Sync.
func (m *machine) unsynced(name string, before int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.synced[name]; !ok {
		m.synced[name] = before
	}
}

// settled forgets the changes that a SyncDir made certain.
func (m *machine) settled(folder string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	rest := m.journal[:0]
	for _, u := range m.journal {
		if u.folder != folder {
			rest = append(rest, u)
		}
	}
	m.journal = rest
}

var (
	_ fsys.FS   = (*FS)(nil)
	_ fsys.File = (*faultFile)(nil)
	_ io.Closer = held{}
)
