//go:build unix

package worktree

import (
	"net"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/esync/esync/objects"
)

func TestLinksAndDevicesAreNoted(t *testing.T) {
	t.Parallel()
	x := newWorld(t, Options{})
	x.write("file", "f")
	x.write("became", "b")
	x.write("dir/in", "i")
	x.record()
	x.must(os.Symlink("file", x.path("link")))
	x.must(os.Symlink("dir", x.path("dirlink")))
	x.must(os.Symlink("/nowhere", x.path("dangling")))
	x.must(syscall.Mkfifo(x.path("pipe"), 0o666))
	l, err := net.Listen("unix", x.path("socket"))
	if err == nil {
		defer l.Close()
	} else {
		x.must(syscall.Mkfifo(x.path("socket"), 0o666)) // the path is too long for a socket
	}
	x.remove("became")
	x.must(os.Symlink("file", x.path("became")))
	s := x.scan()
	x.wantChanges(s.Changes)
	x.wantNotes(s.Notes, "symlink became", "symlink dangling", "symlink dirlink", "symlink link", "device pipe", "device socket")
	if rec := x.record(); rec.Tree != x.base || x.tree(rec.Tree)["became"] != "b" {
		t.Errorf("recorded %v", x.tree(rec.Tree))
	}
	if !strings.Contains(s.Notes[0].Text, "stays") {
		t.Errorf("note: %q", s.Notes[0].Text)
	}
}

// TestFifoRacer: a pipe takes the place of a file after it was listed. Reading
// neither hangs nor records anything of it.
func TestFifoRacer(t *testing.T) {
	t.Parallel()
	x := newWorld(t, Options{})
	x.write("f", "text")
	x.use(&hookFS{FS: x.files, opened: func(name string) {
		if name == "f" {
			os.Remove(x.path("f"))
			syscall.Mkfifo(x.path("f"), 0o666)
		}
	}}, x.state)
	rec := x.record()
	x.wantNotes(rec.Notes, "busy f")
	if rec.Tree != emptyTree {
		t.Errorf("recorded %v", x.tree(rec.Tree))
	}
}

// TestLinkInTheLastMoment: a link out of the folder takes the place of a file
// after it was listed.
func TestLinkInTheLastMoment(t *testing.T) {
	t.Parallel()
	x := newWorld(t, Options{})
	secret := t.TempDir() + "/secret"
	x.must(os.WriteFile(secret, []byte("secret"), 0o666))
	x.write("other", "secret too")
	for _, target := range []string{secret, "other"} {
		x.write("f", "text")
		x.use(&hookFS{FS: x.files, opened: func(name string) {
			if name == "f" {
				os.Remove(x.path("f"))
				os.Symlink(target, x.path("f"))
			}
		}}, x.state)
		rec, err := x.w.Record(t.Context(), x.store, x.store, objects.ID{}, RecordOptions{})
		if err == nil {
			if got, ok := x.tree(rec.Tree)["f"]; ok {
				t.Errorf("recorded %q through a link to %s", got, target)
			}
		}
		x.remove("f")
	}
}

func TestUnreadable(t *testing.T) {
	t.Parallel()
	if os.Getuid() == 0 {
		t.Skip("root may read everything")
	}
	x := newWorld(t, Options{})
	x.write("a", "1")
	x.write("d/b", "1")
	x.record()
	x.write("a", "22")
	x.must(os.Chmod(x.path("a"), 0))
	x.must(os.Chmod(x.path("d"), 0))
	t.Cleanup(func() { os.Chmod(x.path("d"), 0o777) })
	rec := x.record()
	x.wantNotes(rec.Notes, "unreadable a", "unreadable d")
	x.wantTree(rec.Tree, map[string]string{"a": "1", "d/": "", "d/b": "1"})
}
