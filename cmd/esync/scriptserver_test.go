package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// server is an "esync serve" of a story.
type server struct {
	cmd  *exec.Cmd
	done chan error
}

// start NAME VERB [ARGUMENT…]: starts a verb that goes on until it is stopped. What it says is in NAME.log.
func cmdStart(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: start NAME VERB [ARGUMENT…]")
	}
	begin(ts, args[0], args[1:], false)
}

// begin starts a verb, and gives the first line that it prints where that is wanted.
func begin(ts *testscript.TestScript, name string, args []string, listens bool) (first string, logFile string) {
	esync, err := exec.LookPath("esync")
	ts.Check(err)
	cmd := exec.Command(esync, args...)
	cmd.Dir = ts.MkAbs(".")
	cmd.Env = scriptEnv(ts)
	log, err := os.Create(filepath.Join(ts.Getenv("WORK"), name+".log"))
	ts.Check(err)
	cmd.Stderr = log
	stdout, err := cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	s := &server{cmd, make(chan error, 1)}
	servers(ts)[name] = s
	ts.Defer(func() {
		s.end()
		log.Close()
	})
	lines := bufio.NewReader(stdout)
	if listens {
		first, _ = lines.ReadString('\n')
	}
	go func() {
		_, _ = io.Copy(log, lines)
		s.done <- cmd.Wait()
	}()
	return first, log.Name()
}

// serve NAME [ARGUMENT…]: starts "esync serve" on the loopback address. Afterwards the SSH configuration knows the machine
// NAME, and known_hosts its key; NAME_ADDR and NAME_KEY say what it printed.
func cmdServe(ts *testscript.TestScript, neg bool, args []string) { listen(ts, neg, "serve", args) }

// hub NAME [ARGUMENT…]: the same with "esync hub".
func cmdHub(ts *testscript.TestScript, neg bool, args []string) { listen(ts, neg, "hub", args) }

func listen(ts *testscript.TestScript, neg bool, verb string, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: %s NAME [ARGUMENT…]", verb)
	}
	name := args[0]
	first, logFile := begin(ts, name, append([]string{verb, "--listen", "127.0.0.1:0"}, args[1:]...), true)
	words := strings.Fields(first)
	var event eventRecord
	if json.Unmarshal([]byte(first), &event) == nil { // serve --json
		words = []string{event.Event, event.Address, event.Engagement, event.Level, event.HostKey}
	}
	if len(words) != 5 || words[0] != "listening" {
		text, _ := os.ReadFile(logFile)
		ts.Fatalf("serve printed %q and %q", first, text)
	}
	ts.Logf("%s", first)
	_, port, _ := strings.Cut(words[1], ":")
	public, err := os.ReadFile(filepath.Join(ts.Getenv("ESYNC_HOME"), "host_ed25519.pub"))
	ts.Check(err)
	key := strings.Join(strings.Fields(string(public))[:2], " ")
	appendFile(ts, ts.Getenv("ESYNC_SSH_CONFIG"), fmt.Sprintf("Host %s\n\tHostName 127.0.0.1\n\tPort %s\n", name, port))
	appendFile(ts, filepath.Join(ts.Getenv("WORK"), "known_hosts"), fmt.Sprintf("[127.0.0.1]:%s %s\n", port, key))
	ts.Setenv(name+"_ADDR", words[1])
	ts.Setenv(name+"_KEY", words[4])
}

func servers(ts *testscript.TestScript) map[string]*server {
	return ts.Value("servers").(map[string]*server)
}

// end interrupts the server, and kills it if that does not help.
func (s *server) end() (err error) {
	if s.done == nil {
		return nil
	}
	if runtime.GOOS == "windows" {
		_ = s.cmd.Process.Kill()
	} else {
		_ = s.cmd.Process.Signal(os.Interrupt)
	}
	select {
	case err = <-s.done:
	case <-time.After(10 * time.Second):
		_ = s.cmd.Process.Kill()
		err = errors.New("did not end when interrupted")
		<-s.done
	}
	s.done = nil
	return err
}

// stop NAME: interrupts a server, which must end by itself.
func cmdStop(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 || servers(ts)[args[0]] == nil {
		ts.Fatalf("usage: stop NAME")
	}
	err := servers(ts)[args[0]].end()
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || exit.ExitCode() != codeInterrupted) && runtime.GOOS != "windows" {
		ts.Fatalf("server: %v", err)
	}
}

// await FILE [PATTERN]: waits until the file is there, with a line that matches.
func cmdAwait(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 || len(args) > 2 {
		ts.Fatalf("usage: await FILE [PATTERN]")
	}
	pattern := regexp.MustCompile("")
	if len(args) == 2 {
		pattern = regexp.MustCompile("(?m)" + args[1])
	}
	path := ts.MkAbs(args[0])
	for deadline := time.Now().Add(waitsFor); ; time.Sleep(20 * time.Millisecond) {
		text, err := os.ReadFile(path)
		if err == nil && pattern.Match(text) {
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("%s: %v, and no %s in %q", args[0], err, pattern, text)
		}
	}
}

// waitsFor is how long a story waits for something that another process does.
const waitsFor = 30 * time.Second
