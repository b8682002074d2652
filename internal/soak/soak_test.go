package soak

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestKilledCommit: the files are never touched, and what was recorded stays.
func TestKilledCommit(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	p := l.top
	p.edit(0)
	whole := p.timed("commit", "-m", "timed")
	done := 0
	for round := 1; round <= *rounds; round++ {
		acknowledged := p.history()
		p.edit(round)
		p.work(round)
		before := p.papers()
		if p.cut(l.moment(whole), "commit", "-m", "cut") {
			done++
		}
		l.same("after the kill", p.papers(), before)
		p.sound()
		p.keeps(acknowledged)
		p.finishCommit()
		l.same("after the next commit", p.papers(), before)
		p.clean()
	}
	t.Logf("%d of %d commits were done before the kill", done, *rounds)
}

// finishCommit records what a killed commit did not.
func (p *person) finishCommit() {
	p.t.Helper()
	if out, err := p.try("commit", "-m", "again"); err != nil && !strings.Contains(err.Error(), "nothing") {
		p.t.Fatalf("%v%s", err, out)
	}
}

// TestKilledClone: the same command goes on, and sends little of it twice.
func TestKilledClone(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	kill := l.serve()
	defer kill()
	warm := &person{lab: l, name: "warm", root: l.path("warm")}
	remove(t, warm.root)
	start := time.Now()
	total := l.clone("warm")
	whole := time.Since(start)
	want := l.top.papers()
	kills, twice := 0, int64(0)
	for kills < *rounds {
		p := &person{lab: l, name: "copy", root: l.path("copy")}
		remove(t, p.root)
		cuts := 0
		for range 1 + l.rand.IntN(3) {
			if p.below().cut(l.moment(whole), "clone", l.source, "copy") {
				break
			}
			cuts++
		}
		kills += max(cuts, 1)
		held := p.held()
		got := l.clone("copy")
		if again := held + got - total; got > 0 && held > 0 {
			twice = max(twice, again)
			// What the killed process had not handed to the system yet, for
			// every time it was killed, and the list of what there is.
			if limit := int64(1+cuts) * (1<<20 + 256<<10); again > limit {
				t.Fatalf("%d bytes had come, %d came again: %d of %d twice", held, got, again, total)
			}
		}
		l.same("clone", p.papers(), want)
		p.sound()
		p.clean()
		p.must("pull")
	}
	t.Logf("%d kills; at most %d of %d bytes came twice", kills, twice, total)
}

// TestKilledPull: own commits and unsaved papers stay, and the next pull brings
// all that there is.
func TestKilledPull(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	kill := l.serve()
	defer kill()
	remove(t, l.path("copy"))
	l.clone("copy")
	p := &person{lab: l, name: "copy", root: l.path("copy")}
	l.top.edit(0)
	l.top.must("commit", "-m", "timed")
	whole := p.timed("pull")
	done := 0
	for round := 1; round <= *rounds; round++ {
		l.top.edit(round)
		l.top.must("commit", "-m", "new")
		if round%2 == 0 { // a merge, else the line is just moved on
			p.work(round)
			p.must("commit", "-m", "mine")
		}
		acknowledged := p.history()
		unsaved := filepath.Join(p.root, "unsaved.txt")
		if err := os.WriteFile(unsaved, []byte("unsaved\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		before := p.papers()
		if p.cut(l.moment(whole), "pull") {
			done++
		}
		p.sound()
		p.keeps(acknowledged)
		after := l.top.papers()
		for path, text := range p.papers() {
			if text != before[path] && text != after[path] && !strings.HasPrefix(filepath.Base(path), ".esync-tmp-") {
				t.Fatalf("after the kill %q is neither old nor new", path)
			}
		}
		p.must("pull")
		p.keeps(acknowledged)
		p.keeps(l.top.history())
		for path, text := range before {
			if strings.HasPrefix(path, "of copy/") || path == "unsaved.txt" {
				after[path] = text
			}
		}
		l.same("after the next pull", p.papers(), after)
		if err := os.Remove(unsaved); err != nil {
			t.Fatal(err)
		}
		p.clean()
	}
	t.Logf("%d of %d pulls were done before the kill", done, *rounds)
}

// TestKilledPush kills who pushes and who is pushed to, in turn.
func TestKilledPush(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	kill := l.serve()
	defer func() { kill() }()
	remove(t, l.path("copy"))
	l.clone("copy")
	p := &person{lab: l, name: "copy", root: l.path("copy")}
	p.work(0)
	p.must("commit", "-m", "timed")
	whole := p.timed("push")
	done := 0
	for round := 1; round <= *rounds; round++ {
		p.work(round)
		p.must("commit", "-m", "mine")
		acknowledged := l.top.history()
		before := l.top.papers()
		if round%2 == 0 {
			if p.cut(l.moment(whole), "push") {
				done++
			}
		} else {
			timer := time.AfterFunc(l.moment(whole), kill)
			_, err := p.try("push")
			if err == nil {
				done++
				acknowledged = p.history()
			}
			timer.Stop()
			kill()
			kill = l.serve()
		}
		l.top.sound()
		p.sound()
		l.top.keeps(acknowledged)
		after := p.papers()
		for path, text := range l.top.papers() {
			if text != before[path] && text != after[path] && !strings.HasPrefix(filepath.Base(path), ".esync-tmp-") {
				t.Fatalf("after the kill the parent's %q is neither old nor new", path)
			}
		}
		p.must("push")
		l.top.keeps(p.history())
		l.same("the parent after the next push", l.top.papers(), p.papers())
		l.top.clean()
	}
	t.Logf("%d of %d pushes were done before the kill", done, *rounds)
}

// TestKilledGC: everything that can be reached stays readable.
func TestKilledGC(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	p := l.top
	for round := range 6 {
		p.edit(round)
		p.work(round)
		p.must("commit", "-m", "history")
	}
	whole := p.timed("gc", "--grace", "0s")
	done := 0
	for round := 1; round <= *rounds; round++ {
		p.work(round)
		p.must("commit", "-m", "more")
		if round%3 == 0 { // something to drop
			p.must("switch", "-c", "gone")
			p.work(round + 1)
			p.must("commit", "-m", "gone")
			p.must("switch", "main")
			p.must("branch", "-D", "gone")
		}
		acknowledged, before := p.history(), p.papers()
		args := []string{"gc"}
		if round%2 == 0 {
			args = []string{"gc", "--grace", "0s"}
		}
		if p.cut(l.moment(whole), args...) {
			done++
		}
		p.sound()
		p.keeps(acknowledged)
		p.must(args...)
		p.sound()
		p.keeps(acknowledged)
		l.same("after gc", p.papers(), before)
		p.clean()
	}
	t.Logf("%d of %d collections were done before the kill", done, *rounds)
}

// clone makes, or finishes, somebody's copy and tells how much came.
func (l *lab) clone(name string) (received int64) {
	l.t.Helper()
	out, err := (&person{lab: l, name: name, root: l.dir}).try("clone", "--json", l.source, name)
	switch {
	case err != nil && strings.Contains(err.Error(), isThere):
		return 0
	case err != nil:
		l.t.Fatal(err)
	}
	var r struct {
		Received int64 `json:"bytes_received"`
	}
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		l.t.Fatal(err)
	}
	return r.Received
}

// below is the same person at work in the folder that all copies lie in.
func (p *person) below() *person { return &person{lab: p.lab, name: p.name, root: p.dir} }

// held is how many bytes of a clone have come and are kept.
func (p *person) held() int64 {
	var n int64
	for _, pattern := range []string{"*.pack", "incoming/*.part", "objects/*.pack", "objects/incoming/*.part"} {
		names, _ := filepath.Glob(filepath.Join(p.root, ".esync", filepath.FromSlash(pattern)))
		for _, name := range names {
			if info, err := os.Stat(name); err == nil {
				n += info.Size()
			}
		}
	}
	return n
}

func remove(t *testing.T, dir string) {
	t.Helper()
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
}
