package merge_test

import (
	"fmt"
	"path"
	"sort"
	"strings"
	"testing"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/objects/mem"
)

// failer is a test of either kind.
type failer interface {
	Helper()
	Fatalf(format string, args ...any)
	Fatal(args ...any)
}

var (
	_ failer = (*testing.T)(nil)
	_ failer = (*testing.B)(nil)
)

// world is a store of trees written as words: "d/f=text" is a file, "f*=x" an
// executable one, "d/" an empty folder, "f@5=x" a file changed at time 5. In a
// text "," is a line feed and "\0" a NUL. It counts what is read.
type world struct {
	*mem.Store
	t     failer
	reads int
}

func newWorld(t failer) *world { return &world{Store: mem.New(), t: t} }

func (w *world) Get(kind objects.Kind, id objects.ID) ([]byte, error) {
	w.reads++
	return w.Store.Get(kind, id)
}

func (w *world) tree(words string) objects.ID {
	w.t.Helper()
	files := map[string]*objects.Entry{}
	for word := range strings.FieldsSeq(words) {
		p, content, isFile := strings.Cut(word, "=")
		if !isFile {
			files[strings.TrimSuffix(p, "/")] = nil
			continue
		}
		e := &objects.Entry{Mode: objects.ModeFile}
		p, when, timed := strings.Cut(p, "@")
		if timed {
			fmt.Sscan(when, &e.ModTime)
		}
		if exe, ok := strings.CutSuffix(p, "*"); ok {
			p, e.Mode = exe, objects.ModeExecutable
		}
		content = strings.NewReplacer(",", "\n", `\0`, "\x00").Replace(content)
		e.ID, e.Size = w.put(objects.KindBlob, []byte(content)), int64(len(content))
		files[p] = e
	}
	return w.folder("", files).ID
}

func (w *world) put(kind objects.Kind, content []byte) objects.ID {
	w.t.Helper()
	id, err := w.Put(kind, content, objects.ID{})
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

// folder stores the folder at prefix out of all files.
func (w *world) folder(prefix string, files map[string]*objects.Entry) objects.Entry {
	w.t.Helper()
	below := map[string]bool{}
	var tr objects.Tree
	for p, e := range files {
		rest, ok := strings.CutPrefix(p, prefix)
		if !ok || rest == "" {
			continue
		}
		name, _, deeper := strings.Cut(rest, "/")
		if deeper || e == nil {
			below[name] = true
			continue
		}
		f := *e
		f.Name = name
		tr.Entries = append(tr.Entries, f)
	}
	for name := range below {
		tr.Entries = append(tr.Entries, w.folder(prefix+name+"/", files))
	}
	tr.Sort()
	return objects.Entry{Name: path.Base(prefix), Mode: objects.ModeFolder, ID: w.put(objects.KindTree, tr.Encode()), Size: tr.Size()}
}

// words writes a tree as tree reads it, in order.
func (w *world) words(id objects.ID) string {
	w.t.Helper()
	var list []string
	w.list("", id, &list)
	sort.Strings(list)
	return strings.Join(list, " ")
}

func (w *world) list(prefix string, id objects.ID, list *[]string) {
	w.t.Helper()
	tr, err := objects.ReadTree(w.Store, id)
	if err != nil {
		w.t.Fatal(err)
	}
	if prefix != "" && len(tr.Entries) == 0 {
		*list = append(*list, prefix)
	}
	for _, e := range tr.Entries {
		if e.Mode.IsFolder() {
			w.list(prefix+e.Name+"/", e.ID, list)
			continue
		}
		*list = append(*list, prefix+w.word(&e))
	}
}

// word writes one file, or says what else an entry is.
func (w *world) word(e *objects.Entry) string {
	w.t.Helper()
	if e == nil {
		return "-"
	}
	if e.Mode.IsFolder() {
		return e.Name + "/"
	}
	b, err := w.Store.Get(objects.KindBlob, e.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	if int64(len(b)) != e.Size {
		w.t.Fatalf("%q is %d bytes, its entry says %d", e.Name, len(b), e.Size)
	}
	s := e.Name
	if e.Mode == objects.ModeExecutable {
		s += "*"
	}
	if e.ModTime != 0 {
		s += fmt.Sprint("@", e.ModTime)
	}
	return s + "=" + strings.NewReplacer("\n", ",", "\x00", `\0`).Replace(string(b))
}
