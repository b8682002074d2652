package merge_test

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/esync/esync/objects"
)

// borrow lets the repository read the objects of another one, which stays as it
// is whatever is merged.
func (g *git) borrow(dir string) {
	g.t.Helper()
	text := g.run("", "--git-dir="+dir, "rev-parse", "--path-format=absolute", "--git-path", "objects")
	if err := os.WriteFile(filepath.Join(g.dir, "objects", "info", "alternates"), []byte(text), 0o600); err != nil {
		g.t.Fatal(err)
	}
}

// gitReader reads objects of a repository through one process of git.
type gitReader struct {
	g    *git
	ask  io.Writer
	says *bufio.Reader
}

// reader starts to read; the end of the test ends it.
func (g *git) reader() *gitReader {
	g.t.Helper()
	cmd := exec.Command(g.program, "cat-file", "--batch")
	cmd.Dir, cmd.Env = g.dir, g.env
	in, err := cmd.StdinPipe()
	if err != nil {
		g.t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		g.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		g.t.Fatal(err)
	}
	g.t.Cleanup(func() {
		in.Close()
		if err := cmd.Wait(); err != nil {
			g.t.Errorf("git cat-file: %v", err)
		}
	})
	return &gitReader{g, in, bufio.NewReader(out)}
}

// read gives the content of an object.
func (r *gitReader) read(name string) []byte {
	r.g.t.Helper()
	fmt.Fprintln(r.ask, name)
	head, err := r.says.ReadString('\n')
	var id, kind string
	n := 0
	if _, scanErr := fmt.Sscan(head, &id, &kind, &n); err != nil || scanErr != nil {
		r.g.t.Fatalf("git cat-file %s: %q %v", name, head, err)
	}
	content := make([]byte, n+1) // and a line feed
	if _, err := io.ReadFull(r.says, content); err != nil {
		r.g.t.Fatalf("git cat-file %s: %v", name, err)
	}
	return content[:n]
}

// importer makes trees of git into trees of ours, each once.
type importer struct {
	*gitReader
	w     *world
	trees map[string]imported
	blobs map[string]objects.Entry
}

// imported is a tree of git as one of ours.
type imported struct {
	id    objects.ID
	size  int64
	empty bool
	// foreign lists what no tree of ours holds, and this one lacks: links,
	// submodules, and what has a name that some system cannot keep.
	foreign string
}

func newImporter(g *git, w *world) *importer {
	return &importer{g.reader(), w, map[string]imported{}, map[string]objects.Entry{}}
}

// tree takes over the tree of the given name.
func (m *importer) tree(name string) imported {
	if t, ok := m.trees[name]; ok {
		return t
	}
	var t objects.Tree
	var foreign strings.Builder
	for rest := m.read(name); len(rest) > 0; {
		head, tail, _ := bytes.Cut(rest, []byte{0})
		id := hex.EncodeToString(tail[:20])
		rest = tail[20:]
		mode, name, _ := strings.Cut(string(head), " ")
		var e objects.Entry
		switch {
		case objects.CheckName(name) != nil, mode == "120000", mode == "160000":
			fmt.Fprintf(&foreign, "%s %s %s\n", mode, id, name)
			continue
		case mode == "40000":
			below := m.tree(id)
			if below.foreign != "" {
				fmt.Fprintf(&foreign, "%s/{\n%s}\n", name, below.foreign)
			}
			if below.empty {
				continue
			}
			e = objects.Entry{Mode: objects.ModeFolder, ID: below.id, Size: below.size}
		default:
			if e = m.blob(id); mode == "100755" {
				e.Mode = objects.ModeExecutable
			}
		}
		e.Name = name
		t.Entries = append(t.Entries, e)
	}
	t.Sort()
	out := imported{m.w.put(objects.KindTree, t.Encode()), t.Size(), len(t.Entries) == 0, foreign.String()}
	m.trees[name] = out
	return out
}

func (m *importer) blob(name string) objects.Entry {
	e, ok := m.blobs[name]
	if !ok {
		content := m.read(name)
		e = objects.Entry{Mode: objects.ModeFile, ID: m.w.put(objects.KindBlob, content), Size: int64(len(content))}
		m.blobs[name] = e
	}
	return e
}
