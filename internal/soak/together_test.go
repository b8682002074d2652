package soak

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// TestTwoPushAtOnce: both end with everything, round after round, and so does
// the parent, by way of its server and of its folder.
func TestTwoPushAtOnce(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	kill := l.serve()
	defer kill()
	var people []*person
	for _, name := range []string{"anna", "ben"} {
		remove(t, l.path(name))
		l.clone(name)
		people = append(people, &person{lab: l, name: name, root: l.path(name)})
	}
	for round := 1; round <= *rounds; round++ {
		for _, p := range people {
			p.work(round)
		}
		together(t,
			func() error {
				_, err := people[0].try("sync", "-m", "work", []string{l.source, l.top.root}[round%2])
				return err
			},
			func() error { _, err := people[1].try("sync", "-m", "work"); return err },
		)
	}
	for range 2 {
		for _, p := range people {
			p.must("sync")
		}
	}
	want := people[0].papers()
	for _, p := range []*person{l.top, people[1]} {
		l.same(p.name, p.papers(), want)
	}
	for _, p := range append(people, l.top) {
		p.sound()
		p.clean()
		p.keeps(people[0].history())
		p.keeps(people[1].history())
	}
}

// TestTwoCommitAtOnce: two processes in one copy come one after the other.
func TestTwoCommitAtOnce(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	p := l.top
	for round := 1; round <= *rounds; round++ {
		for i := range 2 {
			name := filepath.Join(p.root, fmt.Sprintf("note %d of %d", i, round))
			if err := os.WriteFile(name, []byte(name), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		var commits []func() error
		for i := range 2 {
			commits = append(commits, func() error {
				_, err := p.try("commit", "-m", "at once", fmt.Sprintf("note %d of %d", i, round))
				return err
			})
		}
		together(t, commits...)
	}
	p.sound()
	p.clean()
	if got, want := len(p.history()), 1+2**rounds; got != want {
		t.Errorf("%d commits instead of %d", got, want)
	}
}

// TestReadingWhileTidying: whoever reads while gc runs sees everything.
func TestReadingWhileTidying(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	p := l.top
	kill := l.serve()
	defer kill()
	for round := 1; round <= *rounds; round++ {
		p.edit(round)
		p.must("commit", "-m", "more")
		remove(t, l.path("copy"))
		together(t,
			func() error { _, err := p.try("gc", "--grace", "0s"); return err },
			func() error {
				for _, args := range [][]string{{"log"}, {"status"}, {"cat", "HEAD:.esyncignore"}, {"diff", "HEAD~1", "HEAD"}} {
					if _, err := p.try(args...); err != nil && args[0] != "cat" {
						return err
					}
				}
				return nil
			},
			func() error {
				_, err := (&person{lab: l, name: "copy", root: l.dir}).try("clone", l.source, "copy")
				return err
			},
		)
		l.same("clone", (&person{lab: l, name: "copy", root: l.path("copy")}).papers(), p.papers())
	}
	p.sound()
	p.clean()
}

// TestGrowingFile: a paper that somebody appends to all the time is recorded
// as it was at one moment, or reported, and comes whole when he stops.
func TestGrowingFile(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	p := l.top
	name := filepath.Join(p.root, "journal.csv")
	file, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	stop, stopped := make(chan struct{}), make(chan error)
	go func() {
		line := "2026-03-02;4711;100.00;\n"
		for {
			select {
			case <-stop:
				stopped <- file.Close()
				return
			default:
			}
			if info, err := file.Stat(); err == nil && info.Size() > 64<<20 {
				continue
			}
			if _, err := file.WriteString(line); err != nil {
				stopped <- err
				return
			}
		}
	}()
	recorded, busy := 0, 0
	var sizes []int
	for range *rounds {
		p.work(len(sizes))
		out, err := p.command("commit", "-m", "growing").CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		if strings.Contains(string(out), "journal.csv") {
			busy++
		}
		if text, err := p.try("cat", "HEAD:journal.csv"); err == nil {
			recorded++
			sizes = append(sizes, len(text))
			whole, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasPrefix(string(whole), text) {
				t.Fatalf("%d bytes are recorded that never stood in the file", len(text))
			}
		}
	}
	close(stop)
	if err := <-stopped; err != nil {
		t.Fatal(err)
	}
	if _, err := p.try("commit", "-m", "it stopped"); err != nil && !strings.Contains(err.Error(), "nothing") {
		t.Fatal(err)
	}
	p.clean()
	p.sound()
	whole, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if p.must("cat", "HEAD:journal.csv") != string(whole) {
		t.Error("the last commit has not the whole file")
	}
	t.Logf("%d commits, %d times recorded with %v bytes, %d times named", *rounds, recorded, sizes, busy)
}

// together runs functions at once and wants all to go well.
func together(t *testing.T, todo ...func() error) {
	t.Helper()
	errs := make([]error, len(todo))
	var group sync.WaitGroup
	for i, do := range todo {
		group.Go(func() { errs[i] = do() })
	}
	group.Wait()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}
