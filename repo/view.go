package repo

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"path"
	"sort"
	"strings"
	"time"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/objects/graph"
	"github.com/esync/esync/refs"
	"github.com/esync/esync/transport"
)

// View shows lines and tags as folders that can only be read: the root has
// "@main" and "@final", and below each lie the papers as of its newest commit.
// A slash in the name of a line shows as a colon. Content is verified as it is
// read; times and sizes are those that were recorded.
func (r *Repo) View() fs.FS { return lineFS{&served{repo: r}, "."} }

// View shows what one peer may read, as Repo.View does; where the Host has
// several engagements each is a folder of its own. What the peer may see is
// asked anew with every name.
func (h *Host) View(ctx context.Context, p Peer) fs.FS {
	return hostView{ctx, h, h.For(p)}
}

// shown is an engagement as far as a view needs it.
type shown interface {
	State() (refs.State, error)
	Frames() transport.Frames
}

// hostView leads to the views of the engagements of a Host.
type hostView struct {
	ctx  context.Context // of the session that the view is for
	host *Host
	as   transport.Host
}

// engagement splits a path into the view that it leads to and the rest.
func (v hostView) engagement(name string) (fs.FS, string, error) {
	if !fs.ValidPath(name) {
		return nil, "", fs.ErrInvalid
	}
	first, rest, base := name, ".", name
	if list := v.host.Engagements(); len(list) == 1 {
		first, rest, base = list[0].Name, name, "."
	} else if i := strings.IndexByte(name, '/'); i >= 0 {
		first, rest = name[:i], name[i+1:]
	}
	e, err := v.as.Open(v.ctx, first, objects.ID{})
	if err != nil {
		return nil, "", fmt.Errorf("%w: %w", fs.ErrNotExist, err)
	}
	return lineFS{e, base}, rest, nil
}

// top tells whether a name is the list of engagements.
func (v hostView) top(name string) bool { return name == "." && len(v.host.Engagements()) != 1 }

// Open implements fs.FS.
func (v hostView) Open(name string) (fs.File, error) {
	if v.top(name) {
		return &viewFolder{info: viewInfo{entry: objects.Entry{Name: ".", Mode: objects.ModeFolder}}, list: func() ([]fs.DirEntry, error) { return v.ReadDir(name) }}, nil
	}
	fsys, rest, err := v.engagement(name)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	return fsys.Open(rest)
}

// ReadDir implements fs.ReadDirFS.
func (v hostView) ReadDir(name string) ([]fs.DirEntry, error) {
	if !v.top(name) {
		fsys, rest, err := v.engagement(name)
		if err != nil {
			return nil, &fs.PathError{Op: "readdir", Path: name, Err: err}
		}
		return fs.ReadDir(fsys, rest)
	}
	var out []fs.DirEntry
	for _, e := range v.host.Engagements() {
		if _, err := v.as.Open(v.ctx, e.Name, objects.ID{}); err == nil {
			out = append(out, fs.FileInfoToDirEntry(viewInfo{entry: objects.Entry{Name: e.Name, Mode: objects.ModeFolder}}))
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Name() < out[j].Name() })
	return out, nil
}

// lineFS shows one engagement.
type lineFS struct {
	of   shown
	name string // of its root
}

// Open implements fs.FS.
func (v lineFS) Open(name string) (fs.File, error) {
	info, err := v.find(name)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	if info.IsDir() {
		return &viewFolder{info: info, list: func() ([]fs.DirEntry, error) { return v.ReadDir(name) }}, nil
	}
	f := &viewFile{info: info, src: v.of.Frames()}
	if err := f.rewind(); err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	return f, nil
}

// Stat implements fs.StatFS.
func (v lineFS) Stat(name string) (fs.FileInfo, error) {
	info, err := v.find(name)
	if err != nil {
		return nil, &fs.PathError{Op: "stat", Path: name, Err: err}
	}
	return info, nil
}

// ReadDir implements fs.ReadDirFS.
func (v lineFS) ReadDir(name string) ([]fs.DirEntry, error) {
	infos, err := v.list(name)
	if err != nil {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: err}
	}
	out := make([]fs.DirEntry, len(infos))
	for i, info := range infos {
		out[i] = fs.FileInfoToDirEntry(info)
	}
	return out, nil
}

// find gives what stands at a path.
func (v lineFS) find(name string) (viewInfo, error) {
	if !fs.ValidPath(name) {
		return viewInfo{}, fs.ErrInvalid
	}
	if name == "." {
		return viewInfo{entry: objects.Entry{Name: v.name, Mode: objects.ModeFolder}}, nil
	}
	first, rest, _ := strings.Cut(name, "/")
	tops, err := v.tops()
	if err != nil {
		return viewInfo{}, err
	}
	id, ok := tops[first]
	if !ok {
		return viewInfo{}, fs.ErrNotExist
	}
	c, err := objects.ReadCommit(v.of.Frames(), id)
	if err != nil {
		return viewInfo{}, err
	}
	e, ok, err := graph.Lookup(v.of.Frames(), c.Tree, rest)
	if err == nil && !ok {
		err = fs.ErrNotExist
	}
	e.Name = path.Base(name)
	return viewInfo{e, c.When}, err
}

// list gives what a folder holds, by name.
func (v lineFS) list(name string) ([]viewInfo, error) {
	at, err := v.find(name)
	if err != nil {
		return nil, err
	}
	var out []viewInfo
	if name == "." {
		tops, err := v.tops()
		if err != nil {
			return nil, err
		}
		for top := range tops {
			info, err := v.find(top)
			if err != nil {
				return nil, err
			}
			out = append(out, info)
		}
		sort.Slice(out, func(i, j int) bool { return out[i].entry.Name < out[j].entry.Name })
		return out, nil
	}
	if !at.IsDir() {
		return nil, fmt.Errorf("%w: not a folder", fs.ErrInvalid)
	}
	t, err := objects.ReadTree(v.of.Frames(), at.entry.ID)
	if err != nil {
		return nil, err
	}
	for _, e := range t.Entries {
		out = append(out, viewInfo{e, at.when})
	}
	return out, nil
}

// tops are the folders of the root and the commits behind them. A line hides
// a tag of the same name.
func (v lineFS) tops() (map[string]objects.ID, error) {
	state, err := v.of.State()
	if err != nil {
		return nil, err
	}
	out := map[string]objects.ID{}
	for _, root := range []string{underTags, underHeads} {
		for name, value := range state.List(root) {
			short, _ := name.Under(root)
			if id := idOf(value); !id.IsZero() {
				out["@"+strings.ReplaceAll(short, "/", ":")] = id
			}
		}
	}
	return out, nil
}

// viewInfo is what a listing says of a paper or folder.
type viewInfo struct {
	entry objects.Entry
	when  time.Time // of the commit, which stands for that of folders
}

func (i viewInfo) Name() string { return i.entry.Name }
func (i viewInfo) Size() int64  { return i.entry.Size }
func (i viewInfo) IsDir() bool  { return i.entry.Mode.IsFolder() }
func (i viewInfo) Sys() any     { return nil }

func (i viewInfo) Mode() fs.FileMode {
	switch i.entry.Mode {
	case objects.ModeFolder:
		return fs.ModeDir | 0o555
	case objects.ModeExecutable:
		return 0o555
	}
	return 0o444
}

func (i viewInfo) ModTime() time.Time {
	if i.IsDir() {
		return i.when
	}
	return i.entry.Time()
}

// viewFolder is an open folder.
type viewFolder struct {
	info viewInfo
	list func() ([]fs.DirEntry, error)
	rest []fs.DirEntry
	read bool
}

func (f *viewFolder) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *viewFolder) Close() error               { return nil }

func (f *viewFolder) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: f.info.Name(), Err: fs.ErrInvalid}
}

// ReadDir implements fs.ReadDirFile.
func (f *viewFolder) ReadDir(n int) ([]fs.DirEntry, error) {
	if !f.read {
		rest, err := f.list()
		if err != nil {
			return nil, err
		}
		f.rest, f.read = rest, true
	}
	if n <= 0 {
		n = len(f.rest)
	} else if len(f.rest) == 0 {
		return nil, io.EOF
	}
	n = min(n, len(f.rest))
	out := f.rest[:n]
	f.rest = f.rest[n:]
	return out, nil
}
