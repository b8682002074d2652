package worktree

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/esync/esync/internal/fsys"
)

const zip = "PK\x03\x04"

// TestExcelSave goes through the steps by which Excel and Word save. After
// each of them a record holds the document, old or new, and nothing else.
func TestExcelSave(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		doc   string
		steps []func(x *world)
		open  bool // the owner file stays to the end
	}{
		{"excel", "Budget.xlsx", []func(x *world){
			func(x *world) { x.write("~$Budget.xlsx", "owner") },
			func(x *world) { x.write("1A2B3C4D", "") },
			func(x *world) { x.write("1A2B3C4D", zip+"new") },
			func(x *world) { x.remove("Budget.xlsx") },
			func(x *world) { x.rename("1A2B3C4D", "Budget.xlsx") },
		}, true},
		{"excel without owner file", "Budget.xls", []func(x *world){
			func(x *world) { x.write("00C0FFEE", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1new") },
			func(x *world) { x.remove("Budget.xls") },
			func(x *world) { x.rename("00C0FFEE", "Budget.xls") },
		}, false},
		{"excel on a share", "Budget.xlsm", []func(x *world){
			func(x *world) { x.write("5E0B1000.tmp", zip+"new") },
			func(x *world) { x.remove("Budget.xlsm") },
			func(x *world) { x.rename("5E0B1000.tmp", "Budget.xlsm") },
		}, false},
		{"word", "Memorandum.docx", []func(x *world){
			func(x *world) { x.write("~$morandum.docx", "owner") },
			func(x *world) { x.write("~WRD0000.tmp", zip+"new") },
			func(x *world) { x.rename("Memorandum.docx", "~WRL0001.tmp") },
			func(x *world) { x.rename("~WRD0000.tmp", "Memorandum.docx") },
			func(x *world) { x.remove("~WRL0001.tmp") },
		}, true},
		{"libreoffice", "Sheet.ods", []func(x *world){
			func(x *world) { x.write(".~lock.Sheet.ods#", "owner") },
			func(x *world) { x.remove("Sheet.ods") },
			func(x *world) { x.write("Sheet.ods", zip+"new") },
		}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			x := newWorld(t, Options{})
			x.write(c.doc, zip+"old")
			x.write("else.txt", "e")
			x.record()
			for i, step := range c.steps {
				step(x)
				scan := x.scan()
				for _, ch := range scan.Changes {
					if ch.Kind == Deleted || ch.Path != c.doc {
						t.Errorf("step %d: scan says %s %s", i, ch.Kind, ch.Path)
					}
				}
				_, err := os.Stat(x.path(c.doc))
				if missing := err != nil; missing {
					x.wantNotes(scan.Notes, "busy "+c.doc)
					if !strings.Contains(scan.Notes[0].Text, "close the document") {
						t.Errorf("note names no fix: %q", scan.Notes[0].Text)
					}
				}
				x.record()
				got := x.tree(x.base)
				if len(got) != 2 || got[c.doc] != zip+"old" && got[c.doc] != x.read(c.doc) {
					t.Errorf("step %d: recorded %v", i, got)
				}
			}
			if got := x.tree(x.base)[c.doc]; !strings.HasSuffix(got, "new") {
				t.Errorf("at the end the tree holds %q", got)
			}
			// A document that is really deleted, with nothing open, is gone.
			for _, n := range []string{"~$" + c.doc, "~$morandum.docx", ".~lock." + c.doc + "#"} {
				x.remove(n)
			}
			x.remove(c.doc)
			x.wantChanges(x.scan().Changes, "deleted "+c.doc)
		})
	}
}

// TestStaleTemp: what a crashed Excel left behind long ago hides no deletion.
func TestStaleTemp(t *testing.T) {
	t.Parallel()
	later := time.Now().Add(24 * time.Hour)
	x := newWorld(t, Options{Now: func() time.Time { return later }})
	x.write("Budget.xlsx", zip)
	x.record()
	x.write("1A2B3C4D", zip)
	x.remove("Budget.xlsx")
	x.wantChanges(x.scan().Changes, "deleted Budget.xlsx")
}

func TestDatabaseTables(t *testing.T) {
	t.Parallel()
	x := newWorld(t, Options{})
	x.write("cw/CLIENT.dbf", "data")
	x.write("cw/CLIENT.cdx", "index")
	x.write("cw/CLIENT.fpt", "memo")
	x.write("cw/OTHER.dbf", "other")
	first := x.record()
	x.write("cw/client.lck", "")
	x.write("cw/CLIENT.dbf", "data 2")
	x.write("cw/CLIENT.ndx", "new")
	x.remove("cw/CLIENT.fpt")
	x.write("cw/OTHER.dbf", "other 2")
	s := x.scan()
	x.wantChanges(s.Changes, "modified cw/OTHER.dbf")
	x.wantNotes(s.Notes, "busy cw/CLIENT.dbf", "busy cw/CLIENT.fpt", "busy cw/CLIENT.ndx")
	x.record()
	got := x.tree(x.base)
	if got["cw/CLIENT.dbf"] != "data" || got["cw/CLIENT.fpt"] != "memo" || got["cw/OTHER.dbf"] != "other 2" || first.Tree == x.base {
		t.Errorf("recorded %v", got)
	}
	x.remove("cw/client.lck")
	x.wantChanges(x.record("cw/CLIENT.dbf").Changes, "modified cw/CLIENT.dbf", "deleted cw/CLIENT.fpt", "added cw/CLIENT.ndx")
	x.wantChanges(x.scan().Changes)
}

// hookFS does something when a file is opened or read.
type hookFS struct {
	fsys.FS
	opened func(name string)
	read   func(name string)
}

func (h *hookFS) OpenFile(name string, flag int, perm os.FileMode) (fsys.File, error) {
	if h.opened != nil {
		h.opened(name)
	}
	f, err := h.FS.OpenFile(name, flag, perm)
	if err != nil {
		return nil, err
	}
	return &hookFile{f, name, h}, nil
}

func (h *hookFS) Sub(name string) (fsys.FS, error) {
	s, err := h.FS.Sub(name)
	if err != nil {
		return nil, err
	}
	in := func(hook func(string)) func(string) {
		return func(n string) {
			if hook != nil {
				hook(name + "/" + n)
			}
		}
	}
	return &hookFS{s, in(h.opened), in(h.read)}, nil
}

type hookFile struct {
	fsys.File
	name string
	h    *hookFS
}

func (f *hookFile) Read(p []byte) (int, error) {
	n, err := f.File.Read(p)
	if f.h.read != nil {
		f.h.read(f.name)
	}
	return n, err
}

// TestTornFile has a file that grows, is rewritten in place or is replaced
// while it is read, once or all the time, small and large.
func TestTornFile(t *testing.T) {
	t.Parallel()
	small, large := "some text", strings.Repeat("a large file ", 60_000)
	for _, content := range []string{small, large} {
		for _, c := range []struct {
			name string
			move func(x *world, n int)
		}{
			{"grows", func(x *world, n int) {
				f, err := os.OpenFile(x.path("f"), os.O_APPEND|os.O_WRONLY, 0)
				x.must(err)
				fmt.Fprintf(f, "%d", n)
				x.must(f.Close())
			}},
			{"rewritten", func(x *world, n int) {
				f, err := os.OpenFile(x.path("f"), os.O_WRONLY, 0)
				x.must(err)
				fmt.Fprintf(f, "%d", n)
				x.must(f.Close())
				when := longAgo.Add(time.Duration(n) * time.Hour)
				x.must(os.Chtimes(x.path("f"), when, when))
			}},
			{"cut", func(x *world, n int) { x.must(os.Truncate(x.path("f"), int64(len(content)/(n+1)))) }},
		} {
			for _, always := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s/%d/%t", c.name, len(content), always), func(t *testing.T) {
					t.Parallel()
					x := newWorld(t, Options{})
					x.write("f", "before")
					x.write("g", "unmoved")
					x.record()
					x.write("f", content)
					x.write("new", content)
					n := 0
					h := &hookFS{FS: x.files, read: func(name string) {
						if name == "f" && (always || n == 0) {
							n++
							c.move(x, n)
						}
					}}
					x.use(h, x.state)
					rec := x.record()
					got := x.tree(rec.Tree)
					if got["new"] != content {
						t.Error("the file beside it is not recorded")
					}
					if always {
						x.wantNotes(rec.Notes, "busy f")
						if got["f"] != "before" {
							t.Errorf("recorded %.20q", got["f"])
						}
						return
					}
					x.wantNotes(rec.Notes)
					if got["f"] != x.read("f") {
						t.Errorf("recorded %.20q, disk holds %.20q", got["f"], x.read("f"))
					}
				})
			}
		}
	}
}

// TestTornNewFile: what never came to rest is not recorded at all.
func TestTornNewFile(t *testing.T) {
	t.Parallel()
	x := newWorld(t, Options{})
	x.write("d/f", "0")
	x.write("d/g", "0")
	n := 0
	x.use(&hookFS{FS: x.files, read: func(name string) {
		if name == "d/f" {
			n++
			x.write(name, strings.Repeat("x", n))
		}
	}}, x.state)
	rec := x.record()
	x.wantNotes(rec.Notes, "busy d/f")
	x.wantTree(rec.Tree, map[string]string{"d/": "", "d/g": "0"})
	x.use(x.files, x.state)
	x.wantChanges(x.scan().Changes, "added d/f")
}

// TestTornTable: one member of a table moves after it was read.
func TestTornTable(t *testing.T) {
	t.Parallel()
	for _, always := range []bool{false, true} {
		x := newWorld(t, Options{})
		x.write("t.cdx", "1")
		x.write("t.dbf", "1")
		x.write("t.fpt", "1")
		x.old("t.cdx", "t.dbf", "t.fpt")
		x.record()
		x.write("t.cdx", "22")
		x.write("t.dbf", "22")
		n := 0
		x.use(&hookFS{FS: x.files, opened: func(name string) {
			if name == "t.dbf" && (always || n == 0) {
				n++
				x.write("t.cdx", strings.Repeat("3", 3+n))
				x.write("t.fpt", strings.Repeat("3", 3+n))
			}
		}}, x.state)
		rec := x.record()
		got := x.tree(rec.Tree)
		// The memo file was not asked for when the scan came by, so in either
		// case the table is left as it was.
		x.wantNotes(rec.Notes, "busy t.cdx", "busy t.dbf")
		if got["t.cdx"] != "1" || got["t.dbf"] != "1" || got["t.fpt"] != "1" {
			t.Errorf("recorded %v", got)
		}
		x.use(x.files, x.state)
		x.record()
		if got := x.tree(x.base); got["t.cdx"] != x.read("t.cdx") || got["t.fpt"] != x.read("t.fpt") || got["t.dbf"] != "22" {
			t.Errorf("recorded at rest %v", got)
		}
	}
}
