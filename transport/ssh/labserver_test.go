package ssh

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"testing"
	"time"
)

// labSetup is what a server or hub in a process of its own is told on stdin.
type labSetup struct {
	Kind      string // "server" or "hub"
	Host      []byte
	Keys      map[string]string // fingerprint to name
	Ask, Dead time.Duration
	Limits    Limits
}

// labStats is what it says of itself.
type labStats struct {
	Goroutines int
	Heap       uint64 // in use, with stacks, after a collection
	RSS        uint64
}

// helperLab is the process: it reads its setup, prints its port, logs to stderr, and ends with its input. A line on stdin
// asks for labStats.
func helperLab() int {
	var setup labSetup
	input := json.NewDecoder(os.Stdin)
	if err := input.Decode(&setup); err != nil {
		return 9
	}
	host, err := ParseKey(setup.Host)
	if err != nil {
		return 9
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 9
	}
	fmt.Println(l.Addr().(*net.TCPAddr).Port)
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		defer cancel()
		for {
			var line string
			if input.Decode(&line) != nil {
				return
			}
			_ = json.NewEncoder(os.Stdout).Encode(measure())
		}
	}()
	authorize := func(key PublicKey) (Grant, error) {
		if name, ok := setup.Keys[Fingerprint(key)]; ok {
			return Grant{Level: LevelFull, Name: name}, nil
		}
		return Grant{}, ErrNotAuthorized
	}
	log := func(e Event) { fmt.Fprintf(os.Stderr, "%+v\n", e) }
	pace := timing{ask: setup.Ask, dead: setup.Dead}
	if setup.Kind == "hub" {
		_ = ServeHub(ctx, l, HubConfig{HostKey: host, Authorize: authorize, Log: log, timing: pace, Limits: HubLimits{Limits: setup.Limits}})
		return 0
	}
	data := pattern(32 << 10)
	_ = Serve(ctx, l, ServerConfig{
		HostKey: host, Authorize: authorize, Log: log, timing: pace, Limits: setup.Limits,
		Handle: func(ctx context.Context, peer Peer, stream Stream, request []byte) {
			switch string(request) {
			case "pour":
				for {
					if _, err := stream.Write(data); err != nil {
						return
					}
				}
			case "idle":
				<-ctx.Done()
			default:
				echo(ctx, peer, stream, request)
			}
		},
	})
	return 0
}

func measure() labStats {
	debug.FreeOSMemory()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return labStats{runtime.NumGoroutine(), m.HeapInuse + m.StackInuse, rss(os.Getpid())}
}

// rss is what a process holds of the machine's memory; 0 where the system does not tell.
func rss(pid int) uint64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		var kib uint64
		if n, _ := fmt.Sscanf(line, "VmRSS: %d kB", &kib); n == 1 {
			return kib << 10
		}
	}
	return 0
}

// lab is a server or hub in a process of its own, seen from the test. Its testServer can be dialled, and nothing else.
type lab struct {
	*testServer
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	stdout *bufio.Reader

	mu  sync.Mutex
	log bytes.Buffer
}

func (l *lab) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.log.Write(p)
}

func (l *lab) logged() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.log.String()
}

// startLab starts one that admits keys, by their names.
func startLab(t testing.TB, setup labSetup, keys map[string]Signer) *lab {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	l := &lab{}
	host, private := newKey(t)
	setup.Host, setup.Keys = private, map[string]string{}
	for name, key := range keys {
		setup.Keys[Fingerprint(key.PublicKey())] = name
	}
	l.cmd = exec.CommandContext(t.Context(), self, "helper", "lab")
	l.cmd.Stderr = l
	if l.stdin, err = l.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := l.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	l.stdout = bufio.NewReader(out)
	if err := l.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.end)
	if err := json.NewEncoder(l.stdin).Encode(setup); err != nil {
		t.Fatal(err)
	}
	var port int
	if _, err := fmt.Fscanln(l.stdout, &port); err != nil {
		t.Fatal(err)
	}
	l.testServer = &testServer{t: t, home: t.TempDir(), host: host, addr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port}}
	l.know(host.PublicKey())
	return l
}

// end lets the process finish, and waits for it.
func (l *lab) end() {
	l.stdin.Close()
	_ = l.cmd.Wait()
}

func (l *lab) stats() (s labStats) {
	l.t.Helper()
	if err := json.NewEncoder(l.stdin).Encode("stats"); err != nil {
		l.t.Fatal(err)
	}
	line, err := l.stdout.ReadString('\n')
	if err == nil {
		err = json.Unmarshal([]byte(line), &s)
	}
	if err != nil {
		l.t.Fatal(err)
	}
	return s
}
