package soak

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/esync/esync/internal/corpus"
)

var (
	seed   = flag.Uint64("seed", 0, "seed of the moments at which the program is killed; 0: one of the clock")
	rounds = flag.Int("rounds", 12, "kills of each verb")
)

// program is the esync that all tests run.
var program string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	flag.Parse()
	dir, err := os.MkdirTemp("", "soak")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	program = filepath.Join(dir, "esync")
	if runtime.GOOS == "windows" {
		program += ".exe"
	}
	build := exec.Command("go", "build", "-o", program, "github.com/esync/esync/cmd/esync")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "build esync:", err)
		return 1
	}
	if *seed == 0 {
		*seed = uint64(time.Now().UnixNano())
	}
	return m.Run()
}

// people are all who have copies in the tests; each is a member.
var people = []string{"anna", "ben", "copy", "warm", "other", "small"}

// lab is an engagement with a parent and people who have copies.
type lab struct {
	t    *testing.T
	dir  string
	rand *rand.Rand
	top  *person
	// source is where the parent is cloned from.
	source string
}

// newLab makes a parent with a few megabytes of papers.
func newLab(t *testing.T) *lab {
	t.Helper()
	t.Logf("seed %d, %d kills", *seed, *rounds)
	var salt uint64
	for _, c := range []byte(t.Name()) {
		salt = salt*31 + uint64(c)
	}
	l := &lab{t: t, dir: t.TempDir(), rand: rand.New(rand.NewPCG(*seed, salt))}
	if err := os.WriteFile(l.path("ssh_config"), fmt.Appendf(nil,
		"UserKnownHostsFile %q\nGlobalKnownHostsFile none\nIdentityAgent none\nIdentityFile none\n", l.path("known_hosts")), 0o600); err != nil {
		t.Fatal(err)
	}
	l.top = l.person("top")
	if err := corpus.Generate(l.top.root, corpus.Preset{Files: 60, MeanKB: 40, CSV: 2 << 20, Archive: 4 << 20}, *seed); err != nil {
		t.Fatal(err)
	}
	l.top.must("init", "--name", "eng1")
	for _, name := range people {
		key := (&person{lab: l, name: name, root: l.dir}).must("key")
		l.top.must("grant", name, "full", "--key", strings.TrimSpace(key))
	}
	l.top.must("commit", "-m", "first")
	l.source = l.top.root
	return l
}

func (l *lab) path(name string) string { return filepath.Join(l.dir, name) }

// person is someone with a copy and a home of his own.
type person struct {
	*lab
	name string
	root string
	as   *syscall.SysProcAttr // nil: as this user
}

func (l *lab) person(name string) *person {
	p := &person{lab: l, name: name, root: l.path(name)}
	if err := os.MkdirAll(p.root, 0o755); err != nil {
		l.t.Fatal(err)
	}
	return p
}

func (p *person) home() string { return p.path("home-" + p.name) }

func (p *person) command(args ...string) *exec.Cmd {
	c := exec.Command(program, args...)
	c.Dir, c.SysProcAttr = p.root, p.as
	c.Env = append(os.Environ(), "ESYNC_HOME="+p.home(), "ESYNC_AUTHOR="+p.name+" <"+p.name+"@example.com>",
		"ESYNC_SSH_CONFIG="+p.path("ssh_config"), "ESYNC_LAN=off", "ESYNC_AGENT=off", "SSH_AUTH_SOCK=", "HOME="+p.dir)
	return c
}

// try runs a command to its end.
func (p *person) try(args ...string) (stdout string, err error) {
	c := p.command(args...)
	var out, text bytes.Buffer
	c.Stdout, c.Stderr = &out, &text
	if err := c.Run(); err != nil {
		return out.String(), fmt.Errorf("%s: esync %s: %w: %s%s", p.name, strings.Join(args, " "), err, out.String(), text.String())
	}
	return out.String(), nil
}

func (p *person) must(args ...string) string {
	p.t.Helper()
	out, err := p.try(args...)
	if err != nil {
		p.t.Fatal(err)
	}
	return out
}

// isThere is what a clone says that was killed when it had done all its work.
const isThere = "exists already"

// cut runs a command and kills it after a while; it tells whether the command
// had ended by itself, and well.
func (p *person) cut(after time.Duration, args ...string) (done bool) {
	p.t.Helper()
	c := p.command(args...)
	var text bytes.Buffer
	c.Stderr = &text
	if err := c.Start(); err != nil {
		p.t.Fatal(err)
	}
	timer := time.AfterFunc(after, func() { _ = c.Process.Kill() })
	defer timer.Stop()
	err := c.Wait()
	var exit *exec.ExitError
	if args[0] == "clone" && strings.Contains(text.String(), isThere) {
		return true
	}
	if errors.As(err, &exit) && exit.Exited() && runtime.GOOS != "windows" {
		p.t.Fatalf("%s: esync %s failed by itself: %v: %s", p.name, strings.Join(args, " "), err, text.String())
	}
	return err == nil
}

// moment is a random part of the time that a command takes.
func (l *lab) moment(whole time.Duration) time.Duration {
	return time.Duration(l.rand.Int64N(int64(whole)*11/10 + 1))
}

// timed is how long a command takes that nobody kills.
func (p *person) timed(args ...string) time.Duration {
	p.t.Helper()
	start := time.Now()
	p.must(args...)
	return time.Since(start)
}

// sound verifies a copy.
func (p *person) sound() {
	p.t.Helper()
	if out, err := p.try("fsck"); err != nil {
		p.t.Fatalf("%v%s", err, out)
	}
}

// history lists the commits of a copy.
func (p *person) history() map[string]bool {
	p.t.Helper()
	ids := map[string]bool{}
	for line := range strings.Lines(p.must("log", "--json")) {
		var c struct{ ID string }
		if err := json.Unmarshal([]byte(line), &c); err != nil {
			p.t.Fatal(err)
		}
		ids[c.ID] = true
	}
	return ids
}

// keeps checks that a copy has all those commits.
func (p *person) keeps(acknowledged map[string]bool) {
	p.t.Helper()
	now := p.history()
	for id := range acknowledged {
		if !now[id] {
			status, err := p.try("status", "--json")
			p.t.Fatalf("%s: commit %s is lost: %s, %v, servers: %s", p.name, id, status, err, p.served())
		}
	}
}

// clean checks that the files are what is recorded.
func (p *person) clean() {
	p.t.Helper()
	var s struct {
		Clean   bool
		Changes []struct{ Path, Kind string }
	}
	if err := json.Unmarshal([]byte(p.must("status", "--json")), &s); err != nil {
		p.t.Fatal(err)
	}
	if !s.Clean {
		p.t.Fatalf("%s: not clean: %v", p.name, s.Changes)
	}
}

// papers gives the content of all files by path.
func (p *person) papers() map[string]string {
	p.t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(p.root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			if err == nil && d.Name() == ".esync" {
				return fs.SkipDir
			}
			return err
		}
		b, err := os.ReadFile(path)
		rel, _ := filepath.Rel(p.root, path)
		files[filepath.ToSlash(rel)] = string(b)
		return err
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return files
}

// same checks that two folders hold the same, but for names that ignore has.
func (l *lab) same(what string, got, want map[string]string) {
	l.t.Helper()
	for path, text := range want {
		if now, ok := got[path]; !ok || now != text {
			l.t.Fatalf("%s: %q holds %d bytes (%v) instead of %d", what, path, len(now), ok, len(text))
		}
	}
	for path := range got {
		if _, ok := want[path]; !ok {
			l.t.Fatalf("%s: %q is there and should not", what, path)
		}
	}
}

// work writes papers into a folder that only this person uses.
func (p *person) work(round int) {
	p.t.Helper()
	dir := filepath.Join(p.root, "of "+p.name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		p.t.Fatal(err)
	}
	for i := range 3 {
		b := make([]byte, 1+p.rand.IntN(200<<10))
		for i := range b {
			b[i] = byte(p.rand.Uint32())
		}
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("paper %d", (round+i)%5)), b, 0o644); err != nil {
			p.t.Fatal(err)
		}
	}
}

// edit changes papers as an auditor does.
func (p *person) edit(round int) {
	p.t.Helper()
	for _, op := range []string{"step", "cell", "csv", "insert10blob"}[:1+p.rand.IntN(4)] {
		if err := corpus.Edit(p.root, op, *seed+uint64(round)); err != nil && !errors.Is(err, corpus.ErrNothing) {
			p.t.Fatal(err)
		}
	}
}

// served is the end of what the servers said.
func (l *lab) served() string {
	b, _ := os.ReadFile(l.path("serve.log"))
	return string(b[max(0, len(b)-2000):])
}

// serve starts a server of the parent on the loopback address and makes it the
// source of clones. The function it returns kills the server.
func (l *lab) serve() (kill func()) {
	l.t.Helper()
	listen := "127.0.0.1:0"
	if host, ok := strings.CutPrefix(l.source, "ssh://"); ok {
		listen, _, _ = strings.Cut(host, "/")
	}
	c := l.top.command("serve", "--listen", listen)
	out, err := c.StdoutPipe()
	if err != nil {
		l.t.Fatal(err)
	}
	log, err := os.OpenFile(l.path("serve.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		l.t.Fatal(err)
	}
	defer log.Close() // the server has its own descriptor
	c.Stderr = log
	if err := c.Start(); err != nil {
		l.t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	words := strings.Fields(line)
	if err != nil || len(words) < 5 {
		_ = c.Process.Kill()
		_ = c.Wait()
		l.t.Fatalf("serve printed %q: %v: %s", line, err, l.served())
	}
	key, err := os.ReadFile(filepath.Join(l.top.home(), "host_ed25519.pub"))
	if err != nil {
		l.t.Fatal(err)
	}
	host, port, _ := strings.Cut(words[1], ":")
	if err := os.WriteFile(l.path("known_hosts"), fmt.Appendf(nil, "[%s]:%s %s\n", host, port, key), 0o600); err != nil {
		l.t.Fatal(err)
	}
	l.source = "ssh://" + words[1] + "/eng1"
	end := make(chan struct{})
	go func() {
		_ = c.Wait()
		close(end)
	}()
	return func() {
		_ = c.Process.Kill()
		<-end
	}
}
