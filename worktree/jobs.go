package worktree

import (
	"context"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/esync/esync/internal/fsys"
	"github.com/esync/esync/objects"
)

const (
	jobFiles  = 64      // files of one folder that one worker takes at a time
	largeFile = 4 << 20 // such files are begun first, so that none is left for the end
)

// job is some files of one folder that have to be read.
type job struct {
	f     *folder
	items []*item
	table string // a job for one database table
}

// jobs gathers what has to be read below a folder, large files first. Members
// of a table come in one job when tables is set.
func (f *folder) jobs(tables bool, wanted func(*item) bool) []job {
	var large, rest []job
	var visit func(f *folder)
	visit = func(f *folder) {
		open := job{f: f}
		byTable := map[string]*job{}
		for i := range f.items {
			it := &f.items[i]
			switch {
			case it.what == below:
				visit(it.sub)
			case tables && it.group != "":
				t := byTable[it.group]
				if t == nil {
					t = &job{f: f, table: it.group}
					byTable[it.group] = t
				}
				t.items = append(t.items, it)
			case it.what != content || it.hashed || !wanted(it):
			case it.info.Size >= largeFile:
				large = append(large, job{f: f, items: []*item{it}})
			default:
				if open.items = append(open.items, it); len(open.items) == jobFiles {
					rest = append(rest, open)
					open = job{f: f}
				}
			}
		}
		if len(open.items) > 0 {
			rest = append(rest, open)
		}
		for _, t := range byTable {
			large = append(large, *t)
		}
	}
	visit(f)
	return append(large, rest...)
}

// progress counts what was read and tells the caller.
type progress struct {
	mu    sync.Mutex
	files int
	bytes int64
	tell  func(files int, bytes int64)
}

func (p *progress) add(files int, bytes int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.files += files
	p.bytes += bytes
	if p.tell != nil {
		p.tell(p.files, p.bytes)
	}
}

// readAll reads the files of all jobs, some at once.
func (k *walk) readAll(ctx context.Context, jobs []job, sink objects.Sink, done *progress) error {
	if len(jobs) == 0 {
		return nil
	}
	group, ctx := errgroup.WithContext(ctx)
	next := make(chan *job)
	for range min(k.workers, len(jobs)) {
		group.Go(func() error {
			buf := make([]byte, smallFile+1)
			for j := range next {
				if err := k.read(ctx, j, sink, buf, done); err != nil {
					return err
				}
			}
			return nil
		})
	}
	group.Go(func() error {
		defer close(next)
		for i := range jobs {
			select {
			case next <- &jobs[i]:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	return group.Wait()
}

func (k *walk) read(ctx context.Context, j *job, sink objects.Sink, buf []byte, done *progress) error {
	dir, prefix := k.files, j.f.path
	if len(j.items) > 1 && prefix != "" {
		sub, err := k.files.Sub(prefix)
		if err == nil {
			defer sub.Close()
			dir, prefix = sub, ""
		}
	}
	if j.table != "" {
		return k.readTable(ctx, dir, prefix, j, sink, buf, done)
	}
	for _, it := range j.items {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := k.readItem(ctx, dir, join(prefix, it.name), j.f, it, sink, buf); err != nil {
			return err
		}
		if it.hashed {
			done.add(1, it.entry.Size)
		}
	}
	return nil
}

// readTable reads the changed files of one database table, and makes sure that
// no member of the table moved from the first read to the last.
func (k *walk) readTable(ctx context.Context, dir fsys.FS, prefix string, j *job, sink objects.Sink, buf []byte, done *progress) error {
	skip := false
	for try := 1; ; try++ {
		for _, it := range j.items {
			if it.what == gone || it.what == mode && try == 1 {
				continue
			}
			if err := k.readItem(ctx, dir, join(prefix, it.name), j.f, it, sink, buf); err != nil {
				return err
			}
			if skip = skip || it.skip; skip {
				break
			}
		}
		if skip {
			break
		}
		still, err := k.tableStill(dir, prefix, j)
		if err != nil {
			return err
		}
		if still {
			break
		}
		if try > retries {
			skip = true
			break
		}
		if err := k.pause(ctx, try); err != nil {
			return err
		}
	}
	for _, it := range j.items {
		if skip {
			it.skip = true
			k.notes.add(join(j.f.path, it.name), NoteBusy, "belongs to a database whose files change while they are read; close it, then try again")
		} else if it.hashed {
			done.add(1, it.entry.Size)
		}
	}
	return nil
}

// tableStill tells whether all members of a table stand as they were read, or
// as the base has them.
func (k *walk) tableStill(dir fsys.FS, prefix string, j *job) (bool, error) {
	listing, err := dir.ReadDir(at(prefix))
	if err != nil {
		return false, err
	}
	if _, locked := lockOf(listing, j.table); locked {
		return false, nil
	}
	read := make(map[string]*item, len(j.items))
	for _, it := range j.items {
		read[it.name] = it
	}
	present := 0
	known := map[string]record{}
	b := k.base.block(j.f.at)
	for r := b.next(); r.ok(); r = b.next() {
		if name := string(r.name()); groupOf(name) == j.table {
			known[name] = r
		}
	}
	for n := range listing {
		i := &listing[n]
		if groupOf(i.Name) != j.table || !i.Regular() {
			continue
		}
		if it := read[i.Name]; it != nil {
			if it.what == gone || !unchanged(i, &it.info) {
				return false, nil
			}
			present++
		} else if r, ok := known[i.Name]; ok && !r.unmoved(i) {
			return false, nil
		}
	}
	for _, it := range j.items {
		if it.what != gone {
			present--
		}
	}
	return present == 0, nil
}
