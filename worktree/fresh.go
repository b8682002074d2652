package worktree

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"sync/atomic"

	"github.com/esync/esync/internal/fsys"
)

// freshFiles is how many files of one folder a worker makes at a time.
const freshFiles = 256

// handle is an open folder that several tasks share.
type handle struct {
	fsys.FS
	users atomic.Int32
}

// share hands the folder to so many more users; each calls done.
func (h *handle) share(n int) { h.users.Add(int32(n)) }

func (h *handle) done() {
	if h.users.Add(-1) == 0 {
		h.FS.Close()
	}
}

// freshTask makes a folder in dir, or some files of one that is made.
type freshTask struct {
	dir   *handle
	f     *planFolder
	files bool
	steps []step
}

// fresh fills a folder that was made for it. Nothing is replaced, so files are
// written in place, and the system may write them out when it likes: until the
// journal says that all is done, another try looks at every file again.
func (a *applier) fresh() error {
	a.base = emptyCache()
	if err := a.begin(a.plan.From, a.plan.To); err != nil {
		return err
	}
	a.stamp = a.Worktree.stamp()
	root := &handle{FS: a.files}
	root.share(2) // one more than its tasks: it is the caller's to close
	return spread(a.ctx, a.workers, freshTask{dir: root, f: a.plan.root}, a.freshTask)
}

func (a *applier) freshTask(t freshTask) ([]freshTask, error) {
	defer t.dir.done()
	if t.files {
		for i := range t.steps {
			if err := a.freshFile(t.f, &t.steps[i], t.dir); err != nil {
				return nil, err
			}
		}
		return nil, nil
	}
	dir := t.dir
	if t.f != a.plan.root {
		sub, err := a.freshFolder(t.f, t.dir)
		if sub == nil {
			return nil, err
		}
		dir = &handle{FS: sub}
		dir.share(1)
		defer dir.done()
	}
	var more []freshTask
	for _, sub := range t.f.subs {
		more = append(more, freshTask{dir: dir, f: sub})
	}
	steps := t.f.steps
	for len(steps) > freshFiles {
		more = append(more, freshTask{dir: dir, f: t.f, files: true, steps: steps[:freshFiles]})
		steps = steps[freshFiles:]
	}
	dir.share(len(more))
	for i := range steps {
		if err := a.freshFile(t.f, &steps[i], dir); err != nil {
			return nil, err
		}
	}
	return more, nil
}

// freshFolder makes and opens a folder; nil if something else stands there.
func (a *applier) freshFolder(f *planFolder, parent fsys.FS) (fsys.FS, error) {
	if err := parent.Mkdir(f.name, 0o777); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("make folder %q: %w", f.path, err)
	}
	dir, err := openFolder(parent, f.name)
	if errors.Is(err, ErrLink) {
		a.block(f, whyPlace)
		return nil, nil
	}
	return dir, err
}

// freshFile makes one file, or takes the one that an earlier try has made.
func (a *applier) freshFile(f *planFolder, s *step, dir fsys.FS) error {
	if s.to == nil {
		return nil
	}
	err := a.create(dir, s.name, s.to)
	if errors.Is(err, fs.ErrExist) {
		return a.freshThere(f, s, dir)
	}
	if err != nil {
		return fmt.Errorf("write %q: %w", join(f.path, s.name), err)
	}
	return a.freshDone(s, dir)
}

func (a *applier) freshDone(s *step, dir fsys.FS) error {
	now, err := dir.Lstat(s.name)
	if err != nil {
		return err
	}
	if now.Size != s.to.Size {
		now = fsys.Info{} // someone was quicker than we; let scans read it
	}
	a.updated.Add(1)
	a.count.add(1, s.to.Size)
	a.finish(s, now)
	return nil
}

// freshThere looks at a file that is there already. It is kept if it holds
// what is wanted, and replaced if it is the beginning of that: a try that was
// interrupted. Anything else is the user's.
func (a *applier) freshThere(f *planFolder, s *step, dir fsys.FS) error {
	i, err := dir.Lstat(s.name)
	if err != nil {
		return err
	}
	if !i.Regular() || i.Size > s.to.Size {
		a.wait(f, s, whyThere)
		return nil
	}
	begins, whole, err := a.begins(dir, s, &i)
	switch {
	case err != nil:
		return fmt.Errorf("compare %q: %w", join(f.path, s.name), err)
	case !begins:
		a.wait(f, s, whyThere)
		return nil
	case whole:
		a.adopt(dir, s, &i)
		return nil
	}
	if err := a.writeTemp(dir, s); err != nil {
		return fmt.Errorf("write %q: %w", join(f.path, s.name), err)
	}
	now, err := dir.Lstat(s.name)
	if err != nil || !unchanged(&now, &i) {
		dir.Remove(tempName(s))
		a.wait(f, s, whyThere)
		return nil
	}
	if err := dir.Rename(tempName(s), s.name); err != nil {
		dir.Remove(tempName(s))
		return a.refused(f, s, err)
	}
	return a.freshDone(s, dir)
}

// begins tells whether a file holds the beginning of a blob, perhaps followed
// by zeros where the system lost what it had not written out, and whether it
// holds the whole.
func (a *applier) begins(dir fsys.FS, s *step, i *fsys.Info) (begins, whole bool, err error) {
	f, err := dir.OpenFile(s.name, readOnly, 0)
	if err != nil {
		return false, false, err
	}
	defer f.Close()
	if now, err := f.Stat(); err != nil || !unchanged(&now, i) {
		return false, false, err
	}
	blob, err := a.src.Blob(s.to.ID)
	if err != nil {
		return false, false, err
	}
	defer blob.Close()
	x, y := bufio.NewReaderSize(f, 64<<10), bufio.NewReaderSize(blob, 64<<10)
	zeros := false
	for range i.Size {
		got, err := x.ReadByte()
		if err != nil {
			return false, false, err
		}
		want, err := y.ReadByte()
		if err != nil {
			return false, false, err
		}
		if zeros = zeros || got != want; zeros && got != 0 {
			return false, false, nil
		}
	}
	return true, !zeros && i.Size == s.to.Size, nil
}
