package story

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/esync/esync/internal/netlab"
)

// patience bounds every command; nothing in the story takes nearly as long.
const patience = 60 * time.Second

// person is someone with a machine, keys, settings and a copy of his own.
type person struct {
	*world
	name   string
	author string
	host   *netlab.Host
	port   *netlab.Port // on the Wi-Fi, nil at the office

	at      string // where he serves, HOST:PORT
	serving *netlab.Process
}

func (w *world) person(name, author string, host *netlab.Host, port *netlab.Port) *person {
	w.t.Helper()
	p := &person{world: w, name: name, author: author, host: host, port: port}
	w.check(os.MkdirAll(p.home(), 0o700))
	w.check(os.MkdirAll(p.folder(), 0o755))
	w.check(os.WriteFile(p.config(), fmt.Appendf(nil,
		"UserKnownHostsFile %q\nGlobalKnownHostsFile none\nIdentityAgent none\nIdentityFile none\n", filepath.Join(p.home(), "known_hosts")), 0o600))
	return p
}

func (p *person) home() string   { return filepath.Join(p.dir, p.name+"-home") }
func (p *person) config() string { return filepath.Join(p.home(), "ssh_config") }
func (p *person) folder() string { return filepath.Join(p.dir, p.name) }
func (p *person) copy() string   { return filepath.Join(p.folder(), "eng1") }

func (w *world) check(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// said is what a command printed, and how it ended.
type said struct {
	out, err string
	code     int
	took     time.Duration
}

func (p *person) command(args ...string) *exec.Cmd {
	cmd := p.host.Command(program, args...)
	if cmd.Dir = p.copy(); !exists(cmd.Dir) {
		cmd.Dir = p.folder()
	}
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + p.home(), "ESYNC_HOME=" + p.home(), "ESYNC_AUTHOR=" + p.author,
		"ESYNC_SSH_CONFIG=" + p.config(), "SSH_AUTH_SOCK=", "ESYNC_AGENT=off", "LC_ALL=C.UTF-8", "TMPDIR=" + p.dir,
	}
	return cmd
}

// tries runs a command to its end, whatever that is.
func (p *person) tries(args ...string) said {
	p.t.Helper()
	begin := time.Now()
	process, err := p.host.Start(p.command(args...))
	p.check(err)
	select {
	case <-process.Done():
	case <-time.After(patience):
		process.Quit()
		p.t.Fatalf("%s: esync %s does not end:\n%s%s", p.name, strings.Join(args, " "), process.Stdout(), process.Stderr())
	}
	s := said{out: process.Stdout(), err: process.Stderr(), took: time.Since(begin)}
	var exit *exec.ExitError
	if err := process.Wait(); errors.As(err, &exit) {
		s.code = exit.ExitCode()
	} else {
		p.check(err)
	}
	p.t.Logf("%s$ esync %s   [%d, %.2f s]\n%s%s", p.name, strings.Join(args, " "), s.code, s.took.Seconds(), indent(start(s.out)), indent(s.err))
	return s
}

// types runs a command that does what it should.
func (p *person) types(args ...string) said {
	p.t.Helper()
	return p.typesFor(0, args...)
}

// typesFor runs a command that ends with a code.
func (p *person) typesFor(code int, args ...string) said {
	p.t.Helper()
	s := p.tries(args...)
	if s.code != code {
		p.t.Fatalf("%s: esync %s ends with %d, want %d:\n%s%s", p.name, strings.Join(args, " "), s.code, code, s.out, s.err)
	}
	return s
}

// reads checks that a text has all of the words.
func (p *person) reads(text string, words ...string) {
	p.t.Helper()
	for _, word := range words {
		if !strings.Contains(text, word) {
			p.t.Fatalf("%s does not read %q in:\n%s", p.name, word, text)
		}
	}
}

// servePort is where everybody serves.
const servePort = "7472"

// serves starts "esync serve", and waits until it listens.
func (p *person) serves(args ...string) {
	p.t.Helper()
	args = append([]string{"serve", "--listen", "0.0.0.0:" + servePort}, args...)
	process, err := p.host.Start(p.command(args...))
	p.check(err)
	p.serving = process
	p.t.Cleanup(func() {
		if p.serving == process {
			p.t.Logf("%s's server printed:\n%s%s", p.name, indent(process.Stdout()), indent(process.Stderr()))
		}
	})
	p.awaits("its server listens", func() bool {
		select {
		case <-process.Done():
			p.t.Fatalf("%s: serve ended:\n%s%s", p.name, process.Stdout(), process.Stderr())
		default:
		}
		return strings.Contains(process.Stdout(), "listening ")
	})
	addr := p.officeAddr
	if p.port != nil {
		addr = p.port.Addr.String()
	}
	p.at = addr + ":" + servePort
	p.t.Logf("%s$ esync %s\n%s", p.name, strings.Join(args, " "), indent(process.Stdout()))
}

// stops ends the person's server, as Ctrl-C does.
func (p *person) stops() {
	p.t.Helper()
	if err := p.serving.Interrupt(); err != nil {
		p.t.Logf("%s: serve ended: %v", p.name, err)
	}
	p.t.Logf("%s ends serving, which printed:\n%s%s", p.name, indent(p.serving.Stdout()), indent(p.serving.Stderr()))
	p.serving = nil
}

// awaits waits for something that comes by itself.
func (p *person) awaits(what string, is func() bool) {
	p.t.Helper()
	for deadline := time.Now().Add(patience); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			p.t.Fatalf("%s waits in vain until %s", p.name, what)
		}
	}
}

// writes puts a document into the copy.
func (p *person) writes(name string, content []byte) {
	p.t.Helper()
	file := filepath.Join(p.copy(), filepath.FromSlash(name))
	p.check(os.MkdirAll(filepath.Dir(file), 0o755))
	p.check(os.WriteFile(file, content, 0o644))
}

// saves writes a document as Excel does: the new content under another name, the old file deleted, the new one renamed.
func (p *person) saves(name string, content []byte) {
	p.t.Helper()
	temp := filepath.Join(p.copy(), "7C1A2B3D")
	p.check(os.WriteFile(temp, content, 0o644))
	file := filepath.Join(p.copy(), filepath.FromSlash(name))
	if err := os.Remove(file); !errors.Is(err, fs.ErrNotExist) {
		p.check(err)
	}
	p.check(os.Rename(temp, file))
}

// opens puts Excel's owner file beside a workbook; the result closes it.
func (p *person) opens(name string) (closes func()) {
	p.t.Helper()
	owner := filepath.Join(p.copy(), "~$"+name)
	p.check(os.WriteFile(owner, []byte(p.name), 0o600))
	return func() { p.check(os.Remove(owner)) }
}

// has tells whether the copy has a document with this content.
func (p *person) has(name string, content []byte) bool {
	got, err := os.ReadFile(filepath.Join(p.copy(), filepath.FromSlash(name)))
	return err == nil && bytes.Equal(got, content)
}

// status is what "esync status --json" tells.
type status struct {
	Engagement string `json:"engagement"`
	Head       string `json:"head"`
	Clean      bool   `json:"clean"`
	Ahead      int    `json:"ahead"`
	Behind     int    `json:"behind"`
	// Arrived is what is known to have reached the top-level parent.
	Arrived *struct {
		Head    string `json:"head"`
		Time    string `json:"time"`
		All     bool   `json:"all"`
		Missing int    `json:"missing"`
	} `json:"arrived"`
}

func (p *person) status() (st status) {
	p.t.Helper()
	p.decode(p.types("status", "--json").out, &st)
	return st
}

// exchange is what "esync pull|push|sync --json" tells.
type exchange struct {
	Peer          string `json:"peer"`
	From          string `json:"from"`
	To            string `json:"to"`
	Commits       int    `json:"commits"`
	BytesSent     int64  `json:"bytes_sent"`
	BytesReceived int64  `json:"bytes_received"`
	RoundTrips    int    `json:"round_trips"`
}

func (p *person) exchanges(args ...string) (x exchange) {
	p.t.Helper()
	p.decode(p.types(append(args, "--json")...).out, &x)
	return x
}

// entry is a line of "esync log --json".
type entry struct {
	ID     string `json:"id"`
	Author struct {
		Name string `json:"name"`
		Mail string `json:"mail"`
	} `json:"author"`
	Device  string   `json:"device"`
	Message string   `json:"message"`
	Parents []string `json:"parents"`
}

func (p *person) log() (entries []entry) {
	p.t.Helper()
	for line := range strings.Lines(p.types("log", "--json").out) {
		var e entry
		p.decode(line, &e)
		entries = append(entries, e)
	}
	return entries
}

// decode reads the first JSON object of a text.
func (p *person) decode(text string, into any) {
	p.t.Helper()
	if err := json.NewDecoder(strings.NewReader(text)).Decode(into); err != nil {
		p.t.Fatalf("%s reads no JSON in %q: %v", p.name, text, err)
	}
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// start is the beginning of what was printed, which is enough for people.
func start(text string) string {
	const enough = 600
	if len(text) > enough {
		return text[:enough] + "…"
	}
	return text
}

func indent(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString("    " + strings.TrimSuffix(line, "\n") + "\n")
	}
	return b.String()
}
