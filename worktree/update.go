package worktree

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"golang.org/x/sync/errgroup"

	"github.com/esync/esync/internal/fsys"
	"github.com/esync/esync/objects"
)

// writeProbe opens a file that is there for writing, without changing it.
const writeProbe = os.O_RDWR

// update changes files that users work with: everything is checked, all new
// content is written beside the files and synced, and only then do the files
// change, each after one more look.
func (a *applier) update() error {
	var err error
	if a.base, err = a.Worktree.base(a.src, a.plan.From); err != nil {
		return err
	}
	a.sweepOld()
	if err := a.check(a.plan.root, a.files, a.base.top); err != nil {
		return err
	}
	if a.opt.AllOrNothing {
		if waiting := a.notes.sorted(); len(waiting) > 0 {
			return &WaitingError{Waiting: waiting}
		}
	}
	if err := a.begin(a.plan.From, a.plan.To); err != nil {
		return err
	}
	a.stamp = a.Worktree.stamp()
	err = a.prepare(a.plan.root, a.files)
	if err == nil {
		err = a.durable()
	}
	if err == nil {
		err = a.swap(a.plan.root, a.files)
	}
	if err != nil {
		removeTemps(a.plan.root, a.files)
		return err
	}
	if a.flusher != nil {
		return a.flusher.SyncAll()
	}
	return nil
}

// manyFiles is from where on one flush of the whole file system is cheaper
// than a sync of each file.
const manyFiles = 32

// durable makes the new content durable before any file is replaced by it:
// all at once where many files are concerned and the system can, else one by
// one, and then swap syncs each folder as well.
func (a *applier) durable() error {
	if all, ok := a.files.(fsys.Flusher); ok && a.plan.Files >= manyFiles {
		err := all.SyncAll()
		if err == nil {
			a.flusher = all
		}
		if !errors.Is(err, errors.ErrUnsupported) {
			return err
		}
	}
	return a.sync(a.plan.root, a.files)
}

// sweepOld removes what an earlier plan left in folders this one does not
// come to. It helps where it can and is silent where not.
func (a *applier) sweepOld() {
	from, to, pending, err := a.Pending()
	if err != nil || !pending || from == a.plan.From && to == a.plan.To {
		return
	}
	p, err := a.Plan(a.ctx, a.src, from, to, PlanOptions{})
	if err != nil {
		return
	}
	removeTemps(p.root, a.files)
}

// removeTemps removes what was written beside files and never took their
// place. Where it cannot, the next plan does.
func removeTemps(f *planFolder, dir fsys.FS) {
	if dir == nil {
		return
	}
	for i := range f.steps {
		dir.Remove(tempName(&f.steps[i]))
	}
	for _, sub := range f.subs {
		_ = within(dir, sub.name, func(d fsys.FS) error {
			removeTemps(sub, d)
			return nil
		})
	}
}

// tempName is the same on every try, so that none is left for ever.
func tempName(s *step) string {
	id := objects.Sum(objects.KindBlob, []byte(s.name))
	return tempPrefix + hex.EncodeToString(id[:8])
}

// below goes on with the folders below, but for those that are blocked.
func (a *applier) below(f *planFolder, dir fsys.FS, do func(*planFolder, fsys.FS) error) error {
	if err := a.ctx.Err(); err != nil {
		return err
	}
	for _, sub := range f.subs {
		if sub.blocked {
			continue
		}
		if err := within(dir, sub.name, func(d fsys.FS) error { return do(sub, d) }); err != nil {
			return err
		}
	}
	return nil
}

// prepare makes the folders that are new and writes the new content beside
// the files.
func (a *applier) prepare(f *planFolder, dir fsys.FS) error {
	if dir == nil {
		return nil // a folder that is to go, and went
	}
	group, ctx := errgroup.WithContext(a.ctx)
	group.SetLimit(a.workers)
	for i := range f.steps {
		s := &f.steps[i]
		if s.done.state != ready || s.to == nil || s.sameContent() {
			continue
		}
		if ctx.Err() != nil {
			break
		}
		group.Go(func() error {
			if err := a.writeTemp(dir, s); err != nil {
				return fmt.Errorf("write %q: %w", join(f.path, s.name), err)
			}
			s.done.state = prepared
			a.count.add(1, s.to.Size)
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	for _, sub := range f.subs {
		if sub.to == nil || sub.blocked {
			continue
		}
		if err := a.makeFolder(f, sub, dir); err != nil {
			return err
		}
	}
	return a.below(f, dir, a.prepare)
}

// makeFolder makes or renames a folder; a file in its place that is to go goes
// now.
func (a *applier) makeFolder(f, sub *planFolder, dir fsys.FS) error {
	for i := range f.steps {
		s := &f.steps[i]
		if s.name != sub.name || s.to != nil || s.done.state != ready {
			continue
		}
		if err := a.swapStep(f, s, dir); err != nil {
			return err
		}
		if s.done.state != finished {
			a.block(sub, whyPlace)
			return nil
		}
	}
	if old := sub.oldName(); old != sub.name {
		_, gone := dir.Lstat(old)
		here, err := dir.Lstat(sub.name)
		if gone == nil && (err != nil || here.Name != old) {
			if err := dir.Rename(old, sub.name); err != nil {
				a.block(sub, whyInUse)
			}
			return nil
		}
	}
	switch err := dir.Mkdir(sub.name, 0o777); {
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrExist):
		if i, err := dir.Lstat(sub.name); err == nil && !i.IsDir() {
			a.block(sub, whyPlace)
		}
		return nil
	default:
		return err
	}
}

// writeTemp writes a step's new content beside its file.
func (a *applier) writeTemp(dir fsys.FS, s *step) error {
	temp := tempName(s)
	err := a.create(dir, temp, s.to)
	if errors.Is(err, fs.ErrExist) {
		if err = dir.Remove(temp); err == nil {
			err = a.create(dir, temp, s.to)
		}
	}
	return err
}

// create makes a file that was not there, with content, mode and time.
func (a *applier) create(dir fsys.FS, name string, e *objects.Entry) error {
	f, err := dir.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, permOf(e.Mode, 0))
	if err != nil {
		return err
	}
	err = a.copyTo(f, e)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = dir.Chtimes(name, e.Time())
	}
	if err != nil {
		dir.Remove(name)
	}
	return err
}

// wholeBlob is the longest blob that is read whole into memory.
const wholeBlob = 1 << 20

func (a *applier) copyTo(f io.Writer, e *objects.Entry) error {
	if e.Size <= wholeBlob {
		b, err := a.src.Get(objects.KindBlob, e.ID)
		if err != nil {
			return err
		}
		if int64(len(b)) != e.Size {
			return &objects.ObjectError{ID: e.ID, Err: objects.ErrMalformed}
		}
		if len(b) == 0 {
			return nil
		}
		_, err = f.Write(b)
		return err
	}
	b, err := a.src.Blob(e.ID)
	if err != nil {
		return err
	}
	defer b.Close()
	if b.Size() != e.Size {
		return &objects.ObjectError{ID: e.ID, Err: objects.ErrMalformed}
	}
	_, err = b.WriteTo(f)
	return err
}

// permOf gives the permission bits of a file of that mode, which had those
// before.
func permOf(m objects.Mode, before fs.FileMode) fs.FileMode {
	perm := before.Perm()
	if perm == 0 {
		perm = 0o666
	}
	if m == objects.ModeExecutable {
		return perm | perm&0o444>>2
	}
	return perm &^ 0o111
}

// sync syncs the new content file by file.
func (a *applier) sync(f *planFolder, dir fsys.FS) error {
	if dir == nil {
		return nil
	}
	var group errgroup.Group
	group.SetLimit(syncsAtOnce)
	for i := range f.steps {
		s := &f.steps[i]
		if s.done.state != prepared {
			continue
		}
		group.Go(func() error {
			file, err := dir.OpenFile(tempName(s), os.O_WRONLY, 0)
			if err != nil {
				return err
			}
			err = file.Sync()
			if cerr := file.Close(); err == nil {
				err = cerr
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	return a.below(f, dir, a.sync)
}

// syncsAtOnce lets the file system join many syncs into one write of its
// journal.
const syncsAtOnce = 16
