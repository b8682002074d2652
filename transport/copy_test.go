package transport

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/esync/esync/internal/fsys"
	"github.com/esync/esync/objects"
	"github.com/esync/esync/objects/pack"
	"github.com/esync/esync/refs"
)

// copyOf is a repository as far as this package sees one: a store and names.
type copyOf struct {
	t      testing.TB
	dir    string
	store  *pack.Store
	refs   *refs.Store
	id     objects.ID
	name   string
	ro     bool
	lists  *Lists
	frames Frames // of serving, the store when nil
	// inspect is asked of what a push brings, and of what a fetch does.
	inspect func(context.Context, Arrived) error
	receipt []byte
	join    func(id objects.ID, payload []byte) error
	closed  atomic.Bool // to everybody

	plain   atomic.Int32 // PlainFrame calls while serving
	read    atomic.Int32 // Frame calls while serving
	updates atomic.Int32
	mu      sync.Mutex
	pushed  Pushed
}

var main = refs.MustName("heads/main")

func newCopy(t testing.TB, engagement string) *copyOf {
	t.Helper()
	c := &copyOf{t: t, dir: t.TempDir(), id: objects.Sum(objects.KindBlob, []byte(engagement)), name: engagement, lists: NewLists()}
	c.reopen()
	return c
}

// reopen opens the folder anew, as the next process does.
func (c *copyOf) reopen() {
	c.t.Helper()
	dir, err := fsys.Open(c.dir)
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { dir.Close() })
	if err := fsys.MkdirAll(dir, "objects", 0o700); err != nil {
		c.t.Fatal(err)
	}
	sub, err := dir.Sub("objects")
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { sub.Close() })
	if c.store, err = pack.Open(sub, pack.Options{}); err != nil {
		c.t.Fatal(err)
	}
	store := c.store
	c.t.Cleanup(func() { store.Close() })
	if c.refs, err = refs.Open(dir, refs.Options{}); err != nil {
		c.t.Fatal(err)
	}
}

// Host and Engagement.

func (c *copyOf) Open(_ context.Context, engagement string, _ objects.ID) (Engagement, error) {
	if c.closed.Load() {
		return nil, ErrNotMember
	}
	if engagement != c.name && engagement != "" {
		return nil, ErrUnknownEngagement
	}
	if c.ro {
		return reading{c}, nil
	}
	return writing{reading{c}}, nil
}

func (c *copyOf) Lists() *Lists { return c.lists }

func (c *copyOf) Join(_ context.Context, id objects.ID, payload []byte) error {
	if c.join == nil {
		return ErrRefused
	}
	return c.join(id, payload)
}

type reading struct{ c *copyOf }

func (r reading) ID() objects.ID             { return r.c.id }
func (r reading) Name() string               { return r.c.name }
func (r reading) State() (refs.State, error) { return r.c.refs.State() }
func (r reading) Receipt() []byte            { return r.c.receipt }
func (r reading) Frames() Frames {
	if r.c.frames != nil {
		return r.c.frames
	}
	return counting{r.c.store, r.c}
}

type counting struct {
	Frames
	c *copyOf
}

func (f counting) Frame(id objects.ID, buf []byte) ([]byte, error) {
	f.c.read.Add(1)
	return f.Frames.Frame(id, buf)
}

func (f counting) PlainFrame(id objects.ID, buf []byte) ([]byte, error) {
	f.c.plain.Add(1)
	return f.Frames.PlainFrame(id, buf)
}

type writing struct{ reading }

func (w writing) Receive(key string) (*pack.Writer, error) { return w.c.store.Receive(key) }

func (w writing) Inspect(ctx context.Context, _ []refs.Change, a Arrived) error {
	if w.c.inspect == nil {
		return nil
	}
	return w.c.inspect(ctx, a)
}

func (w writing) Update(ctx context.Context, changes []refs.Change, from Pushed) error {
	w.c.mu.Lock()
	w.c.pushed = from
	w.c.mu.Unlock()
	w.c.updates.Add(1)
	_, err := w.c.refs.Apply(ctx, refs.Operation{Command: "push", Changes: changes})
	return err
}

// What a user does.

func (c *copyOf) tip(n refs.Name) objects.ID {
	c.t.Helper()
	s, err := c.refs.State()
	if err != nil {
		c.t.Fatal(err)
	}
	id, err := s.Get(n).ID()
	if err != nil {
		c.t.Fatal(err)
	}
	return id
}

func (c *copyOf) move(n refs.Name, to objects.ID) {
	c.t.Helper()
	ch := refs.Change{Name: n, Old: refs.IDValue(c.tip(n)), New: refs.IDValue(to)}
	if _, err := c.refs.Apply(context.Background(), refs.Operation{Command: "test", Changes: []refs.Change{ch}}); err != nil {
		c.t.Fatal(err)
	}
}

// files is a folder's content by path.
type files map[string]string

func (f files) clone() files {
	g := files{}
	for k, v := range f {
		g[k] = v
	}
	return g
}

// commit records files on top of parents and moves main.
func (c *copyOf) commit(f files, prev files, parents ...objects.ID) objects.ID {
	c.t.Helper()
	id := c.record(f, prev, parents...)
	c.move(main, id)
	return id
}

func (c *copyOf) record(f files, prev files, parents ...objects.ID) objects.ID {
	c.t.Helper()
	w, err := c.store.Begin()
	if err != nil {
		c.t.Fatal(err)
	}
	tree := c.tree(w, f, prev, "")
	commit := &objects.Commit{Tree: tree, Parents: parents, Generation: 1, Author: objects.Person{Name: "A"}, When: time.UnixMilli(1e12).UTC(), Message: fmt.Sprint(len(f))}
	for _, p := range parents {
		pc, err := objects.ReadCommit(c.store, p)
		if err != nil {
			c.t.Fatal(err)
		}
		commit.Generation = max(commit.Generation, pc.Generation+1)
	}
	var before objects.ID
	if len(parents) > 0 {
		before = parents[0]
	}
	id, err := w.Put(objects.KindCommit, commit.Encode(), before)
	if err != nil {
		c.t.Fatal(err)
	}
	if err := w.Commit(); err != nil {
		c.t.Fatal(err)
	}
	return id
}

func (c *copyOf) tree(w *pack.Writer, f, prev files, prefix string) objects.ID {
	c.t.Helper()
	t := &objects.Tree{}
	done := map[string]bool{}
	var paths []string
	for p := range f {
		if strings.HasPrefix(p, prefix) {
			paths = append(paths, p)
		}
	}
	sort.Strings(paths)
	for _, p := range paths {
		name, below, folder := strings.Cut(p[len(prefix):], "/")
		if done[name] {
			continue
		}
		done[name] = true
		e := objects.Entry{Name: name, Mode: objects.ModeFile}
		if folder {
			_ = below
			e.Mode, e.ID = objects.ModeFolder, c.tree(w, f, prev, prefix+name+"/")
			for q, content := range f {
				if strings.HasPrefix(q, prefix+name+"/") {
					e.Size += int64(len(content))
				}
			}
		} else {
			var before objects.ID
			if old, ok := prev[p]; ok {
				before = objects.Sum(objects.KindBlob, []byte(old))
			}
			var err error
			if e.ID, e.Size, err = w.PutBlob(strings.NewReader(f[p]), int64(len(f[p])), before); err != nil {
				c.t.Fatal(err)
			}
		}
		t.Entries = append(t.Entries, e)
	}
	t.Sort()
	var before objects.ID
	if prev != nil {
		// The earlier tree of the path, named by building it without storing.
		before = treeID(prev, prefix)
	}
	id, err := w.Put(objects.KindTree, t.Encode(), before)
	if err != nil {
		c.t.Fatal(err)
	}
	return id
}

// treeID names the tree that files make.
func treeID(f files, prefix string) objects.ID {
	t := &objects.Tree{}
	sizes := map[string]int64{}
	folders := map[string]bool{}
	for p, content := range f {
		if !strings.HasPrefix(p, prefix) {
			continue
		}
		name, _, folder := strings.Cut(p[len(prefix):], "/")
		sizes[name] += int64(len(content))
		folders[name] = folder
	}
	if len(sizes) == 0 {
		return objects.ID{}
	}
	for name, size := range sizes {
		e := objects.Entry{Name: name, Mode: objects.ModeFile, Size: size}
		if folders[name] {
			e.Mode, e.ID = objects.ModeFolder, treeID(f, prefix+name+"/")
		} else {
			e.ID = objects.Sum(objects.KindBlob, []byte(f[prefix+name]))
		}
		t.Entries = append(t.Entries, e)
	}
	t.Sort()
	return objects.Sum(objects.KindTree, t.Encode())
}

// local is the copy as a client.
func (c *copyOf) local() Local {
	c.t.Helper()
	l := Local{Store: c.store, Engagement: c.id, Inspect: c.inspect}
	s, err := c.refs.State()
	if err != nil {
		c.t.Fatal(err)
	}
	for n, v := range s.List("") {
		id, err := v.ID()
		if err != nil {
			continue
		}
		if _, ok := n.Under("remotes"); ok {
			l.Tracking = append(l.Tracking, id)
		} else {
			l.Tips = append(l.Tips, id)
		}
	}
	return l
}

var tracked = refs.MustName("remotes/peer/main")

// pull fetches and takes over main when it can.
func (c *copyOf) pull(o Opener) (FetchResult, error) {
	c.t.Helper()
	res, err := Fetch(context.Background(), o, FetchRequest{Sender: c.dir[max(0, len(c.dir)-60):]}, c.local())
	if err != nil {
		return res, err
	}
	if id := res.Tips.Get(main); !id.IsZero() {
		c.move(tracked, id)
		c.move(main, id)
	}
	return res, nil
}

func (c *copyOf) push(o Opener) (PushResult, error) {
	c.t.Helper()
	req := PushRequest{Sender: c.dir[max(0, len(c.dir)-60):], Changes: []refs.Change{{
		Name: main, Old: refs.IDValue(c.tip(tracked)), New: refs.IDValue(c.tip(main)),
	}}}
	l := c.local()
	res, err := Push(context.Background(), o, req, l)
	if err == nil {
		c.move(tracked, c.tip(main))
	}
	return res, err
}

// text makes compressible content, noise incompressible.
func text(r *rand.Rand, n int) string {
	var b strings.Builder
	for b.Len() < n {
		fmt.Fprintf(&b, "%d;invoice;%d.00;EUR;note %x\n", r.IntN(1e6), r.IntN(1e5), r.Uint32())
	}
	return b.String()[:n]
}

func noise(r *rand.Rand, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return string(b)
}

func seeded(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 1)) }

// someFiles is a small engagement with every stored form in it.
func someFiles(r *rand.Rand) files {
	f := files{}
	for i := range 20 {
		f[fmt.Sprintf("papers/%02d/letter.txt", i%5)+fmt.Sprint(i)] = text(r, 500+r.IntN(3000))
	}
	f["big/ledger.csv"] = text(r, 900<<10)
	f["big/scan.pdf"] = noise(r, 700<<10)
	f["top.txt"] = "top"
	return f
}

// pushNew pushes main to a peer that has nothing.
func (c *copyOf) pushNew(o Opener) (PushResult, error) {
	c.t.Helper()
	req := PushRequest{Sender: "new", Changes: []refs.Change{{Name: main, New: refs.IDValue(c.tip(main))}}}
	l := c.local()
	l.Tracking = nil
	return Push(context.Background(), o, req, l)
}
