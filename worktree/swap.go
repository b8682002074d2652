package worktree

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/esync/esync/internal/fsys"
)

// swap puts the prepared content into place and removes what is to go: first
// the folders, because a file may take a folder's place, then the files, then
// what lies below the folders that stay.
func (a *applier) swap(f *planFolder, dir fsys.FS) error {
	if err := a.ctx.Err(); err != nil {
		return err
	}
	if dir == nil {
		return nil
	}
	touched := false
	for _, sub := range f.subs {
		if sub.to != nil || sub.blocked {
			continue
		}
		touched = true
		if err := within(dir, sub.name, func(d fsys.FS) error { return a.swap(sub, d) }); err != nil {
			return err
		}
		if err := removeEmpty(dir, sub); err != nil {
			return err
		}
	}
	for i := range f.steps {
		s := &f.steps[i]
		if s.done.state != ready && s.done.state != prepared {
			continue
		}
		if err := a.swapStep(f, s, dir); err != nil {
			return err
		}
		if s.done.state == waits {
			dir.Remove(tempName(s))
		}
		touched = true
	}
	for _, sub := range f.subs {
		if sub.to == nil || sub.blocked {
			continue
		}
		touched = touched || sub.from == nil
		if err := within(dir, sub.name, func(d fsys.FS) error { return a.swap(sub, d) }); err != nil {
			return err
		}
	}
	if touched && a.flusher == nil {
		return dir.SyncDir(".")
	}
	return nil
}

// removeEmpty removes a folder. One that still holds something, if only what
// is not recorded, or that another program holds, stays.
func removeEmpty(dir fsys.FS, f *planFolder) error {
	if i, err := dir.Lstat(f.name); err != nil || !i.IsDir() {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	}
	err := dir.Remove(f.name)
	if err == nil || held(err) || errors.Is(err, fs.ErrPermission) {
		return nil
	}
	if left, lerr := dir.ReadDir(f.name); lerr != nil || len(left) == 0 {
		return fmt.Errorf("remove folder %q: %w", f.path, err)
	}
	return nil
}

// swapStep changes one file, if it is still what it was when it was checked.
func (a *applier) swapStep(f *planFolder, s *step, dir fsys.FS) error {
	name := s.name
	if s.done.moved {
		name = s.oldName()
	}
	now, err := dir.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist) && s.done.seen.Name == "":
	case errors.Is(err, fs.ErrNotExist):
		a.wait(f, s, whyDeleted)
		return nil
	case err != nil:
		return err
	case s.done.seen.Name == "":
		a.wait(f, s, whyThere)
		return nil
	case !unchanged(&now, &s.done.seen):
		a.wait(f, s, whyChanged)
		return nil
	}
	if s.done.moved {
		if other, err := dir.Lstat(s.name); err == nil && (other.Inode != now.Inode || !a.system.foldsCase() && other.Inode == 0) {
			a.wait(f, s, whyThere)
			return nil
		}
		if err := dir.Rename(name, s.name); err != nil {
			return a.refused(f, s, err)
		}
	}
	switch {
	case s.to == nil:
		if err := dir.Remove(s.name); err != nil {
			return a.refused(f, s, err)
		}
		a.removed.Add(1)
		a.finish(s, fsys.Info{})
		return nil
	case s.sameContent():
		if a.system.hasModes() && s.from.Mode != s.to.Mode {
			if err := dir.Chmod(s.name, permOf(s.to.Mode, now.Mode)); err != nil {
				return a.refused(f, s, err)
			}
		}
		if now.Time().UnixMilli() != s.to.ModTime {
			// The time is for people; a system that does not set it may not.
			dir.Chtimes(s.name, s.to.Time())
		}
	default:
		if a.system.hasModes() && s.done.seen.Name != "" {
			// Keep who may read it; only the executable bit is the tree's.
			if err := dir.Chmod(tempName(s), permOf(s.to.Mode, now.Mode)); err != nil {
				return err
			}
		}
		if err := dir.Rename(tempName(s), s.name); err != nil {
			return a.refused(f, s, err)
		}
	}
	if s.from == nil || !s.from.Same(*s.to) || s.from.Name != s.to.Name {
		a.updated.Add(1)
	}
	now, err = dir.Lstat(s.name)
	if err != nil {
		now = fsys.Info{}
	}
	a.finish(s, now)
	return nil
}

// refused makes a step wait when another program holds its file; other errors
// end the whole.
func (a *applier) refused(f *planFolder, s *step, err error) error {
	if !held(err) && !errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("change %q: %w", join(f.path, s.name), err)
	}
	a.wait(f, s, whyInUse)
	return nil
}
