package repo

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/esync/esync/merge"
	"github.com/esync/esync/objects"
	"github.com/esync/esync/refs/roster"
)

var lifeSeed = flag.Uint64("life", 0, "seed of the one life of conflicts to try, 0 for several")

// TestConflictLife: two people have conflicts of many kinds, and go on working on
// their versions, exchanging what they have and deciding. Whatever is open,
// "ours" is what the person's folder holds; and when all is decided both have the
// same.
func TestConflictLife(t *testing.T) {
	t.Parallel()
	if *lifeSeed != 0 {
		newLife(t, *lifeSeed).live()
		return
	}
	for seed := range uint64(4) {
		t.Run(fmt.Sprint(seed+1), func(t *testing.T) {
			t.Parallel()
			newLife(t, seed+1).live()
		})
	}
}

// life is that of the conflicts of two people.
type life struct {
	t      *testing.T
	rand   *rand.Rand
	people [2]*Repo
	count  int
	past   []string
}

func newLife(t *testing.T, seed uint64) *life {
	l := &life{t: t, rand: rand.New(rand.NewPCG(seed, 1))}
	office, anna, ben := newUser(t, "office"), newUser(t, "anna"), newUser(t, "ben")
	dir := t.TempDir()
	top := office.init(filepath.Join(dir, "office"), "eng1")
	lines := func(name string) string { return strings.Repeat("line of "+name+"\n", 30) }
	for path, content := range map[string]string{
		"text.txt": lines("text"), "2023/tb.csv": tb, "2023/a.txt": lines("a"), "2023/b.txt": lines("b"), "some.bin": "\x00base",
		"gone.txt": lines("gone"), "swap.txt": lines("swap"), "name.txt": lines("name"), "folder/x.txt": "x\n",
	} {
		write(t, top, path, content)
	}
	commit(t, top, "base")
	office.admit(top, roster.Full, anna, ben)
	l.people = [2]*Repo{anna.clone(top.Root(), filepath.Join(dir, "anna")), ben.clone(top.Root(), filepath.Join(dir, "ben"))}
	for i, r := range l.people {
		who := []string{"anna", "ben"}[i]
		write(t, r, "text.txt", who+"\n"+lines("text"))
		write(t, r, "2023/tb.csv", replaced(tb, "1000,10", "1000,1"+who))
		write(t, r, "some.bin", "\x00"+who)
		write(t, r, "new.txt", who+"\n")
		l.move(r, "name.txt", who+".txt")
		if who == "anna" {
			l.move(r, "2023", "2024")
			l.remove(r, "gone.txt")
			l.remove(r, "swap.txt")
			write(t, r, "swap.txt/inner.txt", "inner\n")
			l.remove(r, "folder")
			write(t, r, "folder", "a file now\n")
		} else {
			write(t, r, "gone.txt", lines("gone")+"ben\n")
			write(t, r, "swap.txt", lines("swap")+"ben\n")
			write(t, r, "folder/x.txt", "x of ben\n")
		}
		commit(t, r, who)
	}
	return l
}

func (l *life) move(r *Repo, from, to string) {
	if err := os.Rename(filepath.Join(r.Root(), from), filepath.Join(r.Root(), to)); err != nil {
		l.t.Fatal(err)
	}
}

func (l *life) remove(r *Repo, path string) {
	if err := os.RemoveAll(filepath.Join(r.Root(), path)); err != nil {
		l.t.Fatal(err)
	}
}

func (l *life) live() {
	l.exchange(0)
	if l.rand.IntN(2) == 0 { // ben goes on before he knows of any conflict
		for _, c := range l.open(0) {
			for _, e := range c.Take(merge.Theirs) {
				if path := l.unmoved(c, e.Path); e.Entry != nil && l.rand.IntN(2) == 0 {
					l.append(1, path, e.Entry.Mode.IsFolder())
				}
			}
		}
		if l.count > 0 {
			commit(l.t, l.people[1], "goes on")
		}
	}
	l.exchange(1)
	if list := l.open(0); len(list) < 8 {
		l.t.Fatalf("only %d conflicts", len(list))
	}
	for range 25 {
		who := l.rand.IntN(2)
		switch l.rand.IntN(6) {
		case 0:
			l.exchange(who)
		case 1:
			l.resolve(who)
		default:
			l.edit(who)
		}
	}
	for round := 0; ; round++ {
		l.exchange(0)
		l.exchange(1)
		l.exchange(0)
		list := l.open(0)
		if len(list) == 0 {
			break
		}
		if round == 10 {
			l.t.Fatalf("after all decisions there is left %v", list)
		}
		for len(l.open(0)) > 0 {
			l.resolve(0)
		}
	}
	for _, r := range l.people {
		wantClean(l.t, r)
		wantSound(l.t, r)
	}
	if a, b := papers(l.t, l.people[0].Root()), papers(l.t, l.people[1].Root()); fmt.Sprint(a) != fmt.Sprint(b) {
		l.fail("they have %v and %v", a, b)
	}
}

func (l *life) fail(format string, args ...any) {
	l.t.Helper()
	l.t.Fatalf("%s\nafter %s", fmt.Sprintf(format, args...), strings.Join(l.past, ", "))
}

func (l *life) did(format string, args ...any) { l.past = append(l.past, fmt.Sprintf(format, args...)) }

// exchange pulls what the other one has.
func (l *life) exchange(who int) {
	l.t.Helper()
	l.did("%d pulls", who)
	if _, err := l.people[who].Pull(context.Background(), l.people[1-who].Root()); err != nil {
		l.fail("pull: %v", err)
	}
	l.check(who)
	if *lifeSeed != 0 {
		for _, c := range l.open(who) {
			l.did("[%s %s %s]", c.Path, sideName(c.Ours), sideName(c.Theirs))
		}
	}
}

func sideName(e *objects.Entry) string {
	if e == nil {
		return "-"
	}
	return e.ID.Short()
}

// open lists what is left to decide.
func (l *life) open(who int) []Conflict {
	l.t.Helper()
	list, err := l.people[who].Conflicts(context.Background())
	if err != nil {
		l.fail("conflicts: %v", err)
	}
	return list
}

// check holds that ours, in every conflict, is what the folder has.
func (l *life) check(who int) {
	l.t.Helper()
	for _, c := range l.open(who) {
		for _, e := range c.Take(merge.Ours) {
			if got := l.at(who, e.Path); e.Entry == nil && got != "nothing" || e.Entry != nil && got != l.is(*e.Entry) {
				l.fail("%d has %q at %q, which is not ours of conflict %q (%s): %v %v", who, got, e.Path, c.Path, c.Kind, c.Ours, c.Theirs)
			}
		}
	}
}

// at tells what stands at a path of the folder.
func (l *life) at(who int, path string) string {
	info, err := os.Stat(filepath.Join(l.people[who].Root(), path))
	switch {
	case err != nil:
		return "nothing"
	case info.IsDir():
		return "a folder"
	}
	return objects.Sum(objects.KindBlob, []byte(read(l.t, l.people[who], path))).Short()
}

func (l *life) is(e objects.Entry) string {
	if e.Mode.IsFolder() {
		return "a folder"
	}
	return e.ID.Short()
}

// edit goes on with one's own version of a conflict.
func (l *life) edit(who int) {
	l.t.Helper()
	r, list := l.people[who], l.open(who)
	if len(list) == 0 {
		return
	}
	c := list[l.rand.IntN(len(list))]
	edits := c.Take(merge.Ours)
	e := edits[l.rand.IntN(len(edits))]
	if e.Entry == nil {
		return
	}
	if l.rand.IntN(6) == 0 && c.Base != nil && c.Kind != merge.RenamedApart { // of which nothing but the name is open
		l.did("%d removes %s", who, e.Path)
		l.remove(r, e.Path)
	} else {
		l.append(who, e.Path, e.Entry.Mode.IsFolder())
	}
	if _, err := r.Commit(context.Background(), CommitOptions{Message: "goes on"}); err != nil {
		l.fail("commit: %v", err)
	}
	l.check(who)
}

// append adds a line to a file, or a file to a folder.
func (l *life) append(who int, path string, folder bool) {
	l.t.Helper()
	l.count++
	before := ""
	if folder {
		path += "/more.txt"
	} else {
		before = read(l.t, l.people[who], path)
	}
	l.did("%d edits %s", who, path)
	// Each at his end, below the first line.
	first, rest, _ := strings.Cut(before, "\n")
	line := fmt.Sprintf("%d,%d,%d\n", l.count+100, l.count, l.count)
	if who == 0 && rest != "" {
		write(l.t, l.people[who], path, first+"\n"+line+rest)
		return
	}
	write(l.t, l.people[who], path, before+line)
}

// unmoved is where ben has something that anna's renamed folder holds.
func (l *life) unmoved(c Conflict, path string) string {
	if c.TheirsPath != "" && path == c.Path {
		return c.TheirsPath
	}
	return path
}

// resolve decides one conflict.
func (l *life) resolve(who int) {
	l.t.Helper()
	list := l.open(who)
	if len(list) == 0 {
		return
	}
	c := list[l.rand.IntN(len(list))]
	o := ResolveOptions{Path: c.Path, Take: []string{"ours", "theirs", "both"}[l.rand.IntN(3)]}
	if o.Take == "both" && c.Kind == merge.RenamedApart {
		o.Take = "ours" // of one file, a third decision beside the two names is a collision
	}
	if len(c.Places) > 0 && l.rand.IntN(2) == 0 && o.Take != "both" {
		o.Places = []string{c.Places[0].Where}
	}
	l.did("%d resolves %s (%s) %v --%s", who, o.Path, c.Kind, o.Places, o.Take)
	if _, err := l.people[who].Resolve(context.Background(), o); err != nil && !errors.Is(err, ErrUsage) && !errors.Is(err, merge.ErrNotSettled) {
		l.fail("resolve: %v", err)
	}
	l.check(who)
}
