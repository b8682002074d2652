package repo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/esync/esync/internal/fsys"
	"github.com/esync/esync/objects"
	"github.com/esync/esync/objects/graph"
	"github.com/esync/esync/refs"
	"github.com/esync/esync/worktree"
)

const (
	formatFile = "format"
	formatText = "esync repository 1\n"
	lockFile   = "lock"

	// DefaultLine is the line that a new engagement begins with.
	DefaultLine = "main"

	// lockWait is how long a verb waits for another one in the same copy.
	lockWait = 15 * time.Second
)

// Names of settings and of the state of the files.
var (
	nameEngagement = refs.MustName("config/engagement")
	nameName       = refs.MustName("config/name")
	nameBare       = refs.MustName("config/bare")
	nameParent     = refs.MustName("config/parent")
	nameBase       = refs.MustName("work/base")
	nameStand      = refs.MustName("work/tree") // see standing
	nameLine       = refs.MustName("work/line")
	nameSettings   = refs.MustName("meta/settings")
)

// Roots of names.
const (
	underHeads   = "heads"
	underTags    = "tags"
	underRemotes = "remotes"
	underRemote  = "config/remote"
	underWork    = "work"
	underMeta    = "meta"
	underAdmit   = "meta/admit"
	underInvite  = "config/invite"
)

// Repo is one open copy. Its methods may be called one at a time; several
// Repos may be open on one copy, also in several processes.
type Repo struct {
	env   Env
	root  string
	files fsys.FS // the folder that the user works in
	meta  fsys.FS // .esync
	store *store
	refs  *refs.Store
	graph *graph.Cache
	tree  *worktree.Worktree // nil when bare
	known knowledge          // of who is a member
}

// Open opens the copy that dir lies in: dir itself or the nearest folder above
// that has a .esync. The error is ErrNoRepository when there is none.
func Open(ctx context.Context, env Env, dir string) (*Repo, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	for at := abs; ; at = filepath.Dir(at) {
		if fi, err := os.Stat(filepath.Join(at, objects.MetaDir, formatFile)); err == nil && fi.Mode().IsRegular() {
			return openAt(env, at)
		}
		if at == filepath.Dir(at) {
			return nil, fmt.Errorf("%q: %w, and neither is a folder above it", abs, ErrNoRepository)
		}
	}
}

// openAt opens the copy whose root is exactly root.
func openAt(env Env, root string) (*Repo, error) {
	if err := checkOwner(root); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	files, err := env.folder(root)
	if err != nil {
		return nil, err
	}
	r, err := openFS(env, root, files)
	if err != nil {
		files.Close()
	}
	return r, err
}

// openFS opens the copy in the folder files.
func openFS(env Env, root string, files fsys.FS) (*Repo, error) {
	meta, err := files.Sub(objects.MetaDir)
	if err != nil {
		return nil, err
	}
	r := &Repo{env: env, root: root, files: files, meta: meta}
	if err := r.open(); err != nil {
		if r.store != nil {
			r.store.Close()
		}
		meta.Close()
		return nil, err
	}
	return r, nil
}

// open reads what the methods need.
func (r *Repo) open() error {
	format, err := fsys.ReadFile(r.meta, formatFile, 1024)
	if err != nil {
		return fmt.Errorf("%q: %w: %w", r.root, ErrNoRepository, err)
	}
	if string(format) != formatText {
		return fmt.Errorf("%q: %w (%q)", r.root, ErrFormat, strings.TrimSpace(string(format)))
	}
	if r.refs, err = refs.Open(r.meta, refs.Options{Now: r.env.Now}); err != nil {
		return err
	}
	if r.store, err = openStore(r.env, r.meta); err != nil {
		return err
	}
	r.graph = graph.NewCache(r.store)
	state, err := r.refs.State()
	if err != nil {
		return err
	}
	if state.Get(nameEngagement) == "" { // the first record of every copy has it
		return fmt.Errorf("%q: %w: it does not say which engagement this is", r.root, refs.ErrCorrupt)
	}
	if state.Get(nameBare) == "" {
		if r.tree, err = worktree.Open(r.files, r.meta, worktree.Options{Now: r.env.Now, Ignore: r.ignored(state)}); err != nil {
			return err
		}
	}
	return nil
}

// Close releases the copy's files.
func (r *Repo) Close() error {
	return errors.Join(r.store.Close(), r.meta.Close(), r.files.Close())
}

// Root is the absolute path of the folder that the user works in.
func (r *Repo) Root() string { return r.root }

// Bare tells whether the copy keeps history only and no files.
func (r *Repo) Bare() bool { return r.tree == nil }

// Name is the engagement's name.
func (r *Repo) Name() string { return string(r.state().Get(nameName)) }

// ID is the engagement's permanent ID.
func (r *Repo) ID() objects.ID { return idOf(r.state().Get(nameEngagement)) }

// Line is the current line.
func (r *Repo) Line() string { return currentLine(r.state()) }

// state is the present state of all names. A log that cannot be read shows as
// an empty state here; verbs that matter call refs.State themselves.
func (r *Repo) state() refs.State {
	s, _ := r.refs.State()
	return s
}

func currentLine(s refs.State) string {
	if l := s.Get(nameLine); l != "" {
		return string(l)
	}
	return DefaultLine
}

// nameIn gives the name text under one of the roots; text that cannot be part
// of a name gives the zero Name, which no state has.
func nameIn(root, text string) refs.Name {
	n, err := refs.ParseName(root + "/" + text)
	if err != nil {
		return refs.Name{}
	}
	return n
}

func headName(line string) refs.Name { return nameIn(underHeads, line) }

func trackingName(peer, line string) refs.Name { return nameIn(underRemotes, peer+"/"+line) }

// idOf reads the ID that a name holds; a name that is absent holds the zero ID.
func idOf(v refs.Value) objects.ID {
	id, err := v.ID()
	if err != nil {
		return objects.ID{}
	}
	return id
}

// valueOf is the inverse of idOf.
func valueOf(id objects.ID) refs.Value {
	if id.IsZero() {
		return ""
	}
	return refs.IDValue(id)
}

func waitLock(ctx context.Context, dir fsys.FS, name string, wait time.Duration) (io.Closer, error) {
	deadline := time.After(wait)
	for {
		l, err := dir.Lock(name)
		if !errors.Is(err, fsys.ErrLocked) {
			return l, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-deadline:
			return nil, ErrBusy
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// treeOf gives the tree of a commit; the zero commit has the empty tree.
func (r *Repo) treeOf(commit objects.ID) (objects.ID, error) {
	if commit.IsZero() {
		return objects.ID{}, nil
	}
	c, err := r.graph.Commit(commit)
	if err != nil {
		return objects.ID{}, fmt.Errorf("read commit %s: %w", commit.Short(), err)
	}
	return c.Tree, nil
}

// operation begins the record of a verb.
func (r *Repo) operation(command string, changes ...refs.Change) refs.Operation {
	return refs.Operation{
		Time: r.env.Now(), Command: command, Author: r.env.Author.String(), Device: r.env.Device,
		Changes: changes,
	}
}

// change gives the move of a name from what state holds to a new value.
func change(s refs.State, name refs.Name, to refs.Value) refs.Change {
	return refs.Change{Name: name, Old: s.Get(name), New: to}
}

// changed drops the moves that change nothing.
func changed(cs ...refs.Change) []refs.Change {
	var out []refs.Change
	for _, c := range cs {
		if c.Old != c.New {
			out = append(out, c)
		}
	}
	return out
}

// exists tells whether the file system holds something at name.
func exists(dir fsys.FS, name string) (bool, error) {
	_, err := dir.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}
