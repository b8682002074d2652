package soak

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// disk is a small file system in memory.
type disk struct {
	t    *testing.T
	path string
}

func newDisk(t *testing.T, kilobytes int) *disk {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("NOT TESTED: only root can mount a small disk")
	}
	d := &disk{t, t.TempDir()}
	if err := syscall.Mount("tmpfs", d.path, "tmpfs", 0, fmt.Sprintf("size=%dk", kilobytes)); err != nil {
		t.Skipf("NOT TESTED: cannot mount a small disk: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(d.path, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return d
}

// resize makes room, or takes it.
func (d *disk) resize(kilobytes int) {
	d.t.Helper()
	if err := syscall.Mount("tmpfs", d.path, "tmpfs", syscall.MS_REMOUNT, fmt.Sprintf("size=%dk", kilobytes)); err != nil {
		d.t.Fatal(err)
	}
}

// used is how many kilobytes stand on the disk.
func (d *disk) used() int {
	d.t.Helper()
	var st syscall.Statfs_t
	if err := syscall.Statfs(d.path, &st); err != nil {
		d.t.Fatal(err)
	}
	return int(st.Blocks-st.Bfree) * int(st.Bsize) / 1024
}

const noSpace = "no space left on device"

// fails runs a command that must fail, and say why.
func (p *person) fails(why string, args ...string) {
	p.t.Helper()
	out, err := p.try(args...)
	if err == nil {
		p.t.Fatalf("esync %v went well: %s", args, out)
	}
	if !strings.Contains(err.Error(), why) || !strings.Contains(err.Error(), "exit status 1:") || strings.Contains(err.Error(), "panic") {
		p.t.Fatalf("instead of %q: %v", why, err)
	}
}

// TestFullDisk lets the room end at many places of a commit, clone, pull and
// push, and then makes room.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	for room := 40; room < 1500; room += 240 {
		t.Run(fmt.Sprintf("%d KiB", room), func(t *testing.T) {
			t.Parallel()
			fillDisk(t, room)
		})
	}
}

func fillDisk(t *testing.T, room int) {
	d := newDisk(t, 64<<10)
	l := newLab(t)
	onDisk := func(name string) *person { return &person{lab: l, name: name, root: filepath.Join(d.path, name)} }
	here := &person{lab: l, name: "small", root: d.path}

	d.resize(room + 100)
	here.fails(noSpace, "clone", l.source, "copy")
	d.resize(64 << 10)
	here.must("clone", l.source, "copy")
	p := onDisk("copy")
	p.sound()
	p.clean()

	p.work(1)
	acknowledged, before := p.history(), p.papers()
	d.resize(d.used() + 1 + room/40)
	p.fails(noSpace, "commit", "-m", "full")
	d.resize(64 << 10)
	p.sound()
	p.keeps(acknowledged)
	l.same("after a commit without room", p.papers(), before)
	p.must("commit", "-m", "room")
	p.clean()

	q := &person{lab: l, name: "other", root: l.path("other")}
	(&person{lab: l, name: "other", root: l.dir}).must("clone", p.root, "other")
	q.work(2)
	big := make([]byte, 2<<20)
	for i := range big {
		big[i] = byte(l.rand.Uint32())
	}
	if err := os.WriteFile(filepath.Join(q.root, "big.bin"), big, 0o644); err != nil {
		t.Fatal(err)
	}
	q.must("commit", "-m", "big")
	acknowledged, before = p.history(), p.papers()
	d.resize(d.used() + room)
	q.fails("disk is full", "push")
	p.sound()
	p.keeps(acknowledged)
	l.same("after a push without room", p.papers(), before)
	p.must("status")
	p.fails(noSpace, "pull", q.root)
	p.sound()
	p.keeps(acknowledged)
	for path, text := range before {
		if now := p.papers()[path]; now != text && now != q.papers()[path] {
			t.Fatalf("after a pull without room %q is neither old nor new", path)
		}
	}
	d.resize(64 << 10)
	q.must("push")
	p.must("pull", q.root)
	p.clean()
	l.same("after a pull with room", p.papers(), q.papers())
}

// TestReadOnlyFolder: another user, who may not write, hears so.
func TestReadOnlyFolder(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("NOT TESTED: only root can work as another user")
	}
	const nobody = 65534
	l := newLab(t)
	kill := l.serve()
	defer kill()
	for _, dir := range []string{l.dir, filepath.Dir(l.dir), filepath.Dir(program)} {
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	p := &person{lab: l, name: "anna", root: l.path("anna")}
	remove(t, p.root)
	(&person{lab: l, name: "anna", root: l.dir}).must("clone", l.source, "anna")
	if out, err := exec.Command("chown", "-R", fmt.Sprint(nobody), p.root, p.home(), l.path("ssh_config"), l.path("known_hosts")).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	p.as = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody, NoSetGroups: true}}
	mode := func(mode os.FileMode, paths ...string) {
		t.Helper()
		for _, path := range paths {
			if err := os.Chmod(filepath.Join(p.root, path), mode); err != nil {
				t.Fatal(err)
			}
		}
	}
	own := func() {
		t.Helper()
		if out, err := exec.Command("chown", "-R", fmt.Sprint(nobody), p.root).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	p.work(1)
	own()
	before, acknowledged := p.papers(), p.history()
	mode(0o555, ".esync", ".esync/objects", ".esync/refs", "")
	p.fails("permission denied", "commit", "-m", "may not")
	p.must("log")
	p.must("status")
	mode(0o755, ".esync", ".esync/objects", ".esync/refs", "")
	p.sound()
	p.keeps(acknowledged)
	p.must("commit", "-m", "may")
	p.clean()
	l.same("after a commit", p.papers(), before)

	// A paper that cannot be read is never taken for a deleted one.
	mode(0o000, "of anna/paper 1")
	p.work(2)
	own()
	out, err := p.try("commit", "-m", "unreadable")
	text := fmt.Sprint(out, err)
	if !strings.Contains(text, "paper 1") && err != nil {
		t.Errorf("commit of an unreadable paper: %s", text)
	}
	mode(0o644, "of anna/paper 1")
	if out, err := p.try("commit", "-m", "readable"); err != nil && !strings.Contains(err.Error(), "nothing") {
		t.Fatalf("%v%s", err, out)
	}
	for path := range p.papers() {
		p.must("cat", "HEAD:"+path)
	}
	p.clean()

	// Papers in a folder that may not be written to wait.
	l.top.edit(1)
	if err := os.WriteFile(filepath.Join(l.top.root, "new.txt"), []byte("new"), 0o644); err != nil {
		t.Fatal(err)
	}
	l.top.must("commit", "-m", "new")
	mode(0o555, "")
	acknowledged = p.history()
	out, err = p.try("pull", l.source)
	if err != nil && !strings.Contains(err.Error(), "permission denied") {
		t.Errorf("pull into a folder that may not be written to: %v%s", err, out)
	}
	mode(0o755, "")
	p.sound()
	p.keeps(acknowledged)
	p.must("pull", l.source)
	if got := p.papers()["new.txt"]; got != "new" {
		t.Errorf("after the next pull: %q", got)
	}
	p.clean()
}
