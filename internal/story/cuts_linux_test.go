package story

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/esync/esync/internal/netlab"
)

var cuts = flag.Int("cuts", 20, "places in which a pull and a push are cut, in all")

const (
	// cutPatience is how long a command may take to see that the line is silent (45 s), and to look for others.
	cutPatience = 45 * time.Second
	// cutAtOnce is how many networks there are at a time. They mostly wait.
	cutAtOnce = 24
	// heldSlack is what may be sent again, and what greetings cost.
	heldSlack = 256<<10 + 128<<10
)

// line is an office and a laptop with a single line between them, and what they have on their disks.
type line struct {
	*world
	link           *netlab.Link
	office, laptop *person
}

func newLine(t *testing.T, dir string) *line {
	lab := netlab.New(t)
	w := &world{t: t, lab: lab, dir: dir, begin: time.Now()}
	laptop, office := lab.Host("laptop"), lab.Host("office")
	l := &line{world: w, link: lab.Link(laptop, office, netlab.Shape{Delay: 2 * time.Millisecond, Mbit: 8, Queue: 128})}
	w.officeAddr = l.link.B.String()
	l.office = w.person("office", "Olga Office <olga@firm.example>", office, nil)
	l.laptop = w.person("laptop", "Lea Laptop <lea@firm.example>", laptop, nil)
	return l
}

// cutVerbs are what is cut, and which way its papers go.
func cutVerbs() map[string]netlab.Direction {
	return map[string]netlab.Direction{"pull": netlab.BToA, "push": netlab.AToB}
}

// prepare makes an engagement in which each side has something that the other lacks, for the verb that will be cut.
func (l *line) prepare(verb string) {
	l.t.Helper()
	random := rand.NewChaCha8([32]byte{7})
	scan := func(size int) []byte {
		b := make([]byte, size)
		_, _ = random.Read(b)
		return b
	}
	l.check(os.MkdirAll(l.office.copy(), 0o755))
	l.office.writes("checklist.xlsx", l.read(save(0)))
	l.office.types("init", "--name", "eng1")
	l.office.types("commit", "-m", "first")
	l.office.serves()
	l.laptop.types("clone", strings.TrimSpace(l.office.types("invite", "--name", "laptop", "--level", "full").out))
	who := l.office
	if verb == "push" {
		who = l.laptop
	}
	who.writes("scan.pdf", scan(700<<10))
	who.saves("checklist.xlsx", l.read(save(1)))
	for i := range 8 {
		who.writes(fmt.Sprintf("scans/%d.jpg", i), scan(40<<10))
	}
	who.types("commit", "-m", "scans")
	l.office.stops()
}

// TestCuts cuts a pull and a push in many places: the line goes silent, both ways. The command ends with an error by itself;
// when the line is back, the same command does its work, and does not send again what had arrived.
func TestCuts(t *testing.T) {
	if testing.Short() {
		t.Skip("silence takes its time")
	}
	netlab.Require(t)
	t.Parallel()
	var running sync.WaitGroup
	slots := make(chan struct{}, cutAtOnce)
	for verb, papers := range cutVerbs() {
		template := t.TempDir()
		var uncut [2]int64
		t.Run(verb, func(t *testing.T) {
			newLine(t, template).prepare(verb)
			uncut = newLine(t, copied(t, template)).uncut(verb)
			t.Logf("%s sends %d bytes, and gets %d", verb, uncut[netlab.AToB], uncut[netlab.BToA])
		})
		for _, d := range []netlab.Direction{netlab.AToB, netlab.BToA} {
			n := *cuts / 4
			for i := range n {
				// From within the first packets to the last ones, of which there may be a few less the next time.
				at := 1 + uncut[d]*int64(i)/int64(n)*9/10
				running.Go(func() {
					slots <- struct{}{}
					defer func() { <-slots }()
					t.Run(fmt.Sprintf("%s after %d bytes %s", verb, at, [...]string{"up", "down"}[d]), func(t *testing.T) {
						newLine(t, copied(t, template)).cutAt(verb, d, at, papers, uncut[papers])
					})
				})
			}
		}
	}
	running.Wait()
}

// copied is a copy of all that a line has on disk.
func copied(t *testing.T, template string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "line")
	if err := os.CopyFS(dir, os.DirFS(template)); err != nil {
		t.Fatal(err)
	}
	for _, home := range []string{"office-home", "laptop-home"} { // CopyFS leaves the modes of folders to the umask
		if err := os.Chmod(filepath.Join(dir, home), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// passed are the bytes that went over the line so far.
func (l *line) passed() [2]int64 {
	return [2]int64{l.link.Passed(netlab.AToB), l.link.Passed(netlab.BToA)}
}

// uncut runs the verb, and returns the bytes that it moves each way.
func (l *line) uncut(verb string) [2]int64 {
	l.t.Helper()
	l.office.serves()
	before := l.passed()
	l.laptop.types(verb)
	after := l.passed()
	return [2]int64{after[0] - before[0], after[1] - before[1]}
}

// cutAt runs the verb, cuts the line, waits for the error, and runs it again. Papers go in one direction, whole bytes of it.
func (l *line) cutAt(verb string, d netlab.Direction, at int64, papers netlab.Direction, whole int64) {
	l.office.serves()
	before := l.passed()
	reached := l.link.CutAfter(d, at)
	begin := time.Now()
	process, err := l.laptop.host.Start(l.laptop.command(verb))
	l.check(err)
	select {
	case <-process.Done():
	case <-time.After(cutPatience):
		process.Quit()
		l.t.Fatalf("%s does not end %v after the line went silent:\n%s", verb, time.Since(begin), process.Stderr())
	}
	took := time.Since(begin)
	select {
	case <-reached:
	default:
		l.t.Skipf("%s was done before %d bytes", verb, at)
	}
	done := process.Wait() == nil
	if said := process.Stderr(); !done && !strings.HasPrefix(said, "esync: ") && !strings.Contains(said, "\nesync: ") {
		l.t.Errorf("%s says nothing of the silence: %q", verb, said)
	}
	first := l.passed()[papers] - before[papers]
	l.link.Restore()
	l.laptop.types(verb)
	all := l.passed()[papers] - before[papers]
	l.t.Logf("an end after %.1f s; %d bytes, then %d", took.Seconds(), first, all-first)
	if all > whole+heldSlack {
		l.t.Errorf("%d bytes went before the cut, %d after it, for %d", first, all-first, whole)
	}
	if a, b := l.office.status(), l.laptop.status(); a.Head != b.Head || !a.Clean || !b.Clean {
		l.t.Errorf("the office is at %v, the laptop at %v", a, b)
	}
	if name := differs(l.office.copy(), l.laptop.copy()); name != "" {
		l.t.Errorf("%q differs", name)
	}
	l.office.types("fsck")
	l.laptop.types("fsck")
}
