package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// stage is where the story happens.
type stage struct {
	ctx      context.Context
	esync    string
	dir      string // everything is below it
	out      io.Writer
	servers  []*server
	compared int
	err      error // the first thing that went wrong; nothing happens after it
}

// person is someone with keys and settings of his own.
type person struct {
	*stage
	name, author string
}

func (s *stage) person(name, author string) *person {
	p := &person{s, name, author}
	s.check(os.MkdirAll(p.home(), 0o700))
	s.check(os.WriteFile(p.config(), []byte(fmt.Sprintf(
		"UserKnownHostsFile \"%s\"\nGlobalKnownHostsFile none\nIdentityAgent none\nIdentityFile none\n", filepath.ToSlash(p.known()))), 0o600))
	return p
}

func (p *person) home() string   { return filepath.Join(p.dir, p.name+"-home") }
func (p *person) config() string { return filepath.Join(p.home(), "ssh_config") }
func (p *person) known() string  { return filepath.Join(p.home(), "known_hosts") }
func (p *person) copy() string   { return filepath.Join(p.dir, p.name, "eng1") }

func (s *stage) check(err error) {
	if s.err == nil {
		s.err = err
	}
	if s.err == nil {
		s.err = context.Cause(s.ctx)
	}
}

func (s *stage) failf(format string, args ...any) { s.check(fmt.Errorf(format, args...)) }

// say begins a chapter.
func (s *stage) say(format string, args ...any) {
	if s.err == nil {
		fmt.Fprintf(s.out, "\n== %s\n", fmt.Sprintf(format, args...))
	}
}

func (p *person) command(dir string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(p.ctx, p.esync, args...)
	cmd.Dir = dir
	for _, v := range os.Environ() {
		name, _, _ := strings.Cut(v, "=")
		if !strings.HasPrefix(name, "ESYNC_") && name != "SSH_AUTH_SOCK" && name != "HOME" {
			cmd.Env = append(cmd.Env, v)
		}
	}
	cmd.Env = append(cmd.Env, "HOME="+p.home(), "ESYNC_HOME="+p.home(), "ESYNC_AUTHOR="+p.author, "ESYNC_SSH_CONFIG="+p.config(), "ESYNC_AGENT=off", "ESYNC_LAN=loopback")
	return cmd
}

// types runs esync in the person's copy, or above it while there is none, and wants the exit code 0.
func (p *person) types(args ...string) string { return p.typesFor(0, args...) }

// typesFor wants another exit code. It returns all that was said.
func (p *person) typesFor(code int, args ...string) string {
	if p.err != nil {
		return ""
	}
	dir := p.copy()
	if _, err := os.Stat(dir); err != nil {
		dir = filepath.Dir(dir)
		p.check(os.MkdirAll(dir, 0o755))
	}
	fmt.Fprintf(p.out, "%s$ esync %s\n", p.name, typed(args))
	cmd := p.command(dir, args...)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	err := cmd.Run()
	for line := range strings.Lines(said.String()) {
		fmt.Fprintf(p.out, "    %s", strings.ReplaceAll(line, p.dir, ""))
	}
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		p.check(err)
	} else if got := cmd.ProcessState.ExitCode(); got != code {
		p.failf("%q ended with exit code %d instead of %d", "esync "+typed(args), got, code)
	} else if code != 0 {
		fmt.Fprintf(p.out, "    (exit code %d)\n", code)
	}
	return said.String()
}

func typed(args []string) string {
	words := make([]string, len(args))
	for i, arg := range args {
		words[i] = arg
		if strings.ContainsAny(arg, " ") {
			words[i] = "\"" + arg + "\""
		}
	}
	return strings.Join(words, " ")
}

// server is a running "esync serve".
type server struct {
	cmd     *exec.Cmd
	done    chan error
	address string
}

// anyPort lets the system choose.
const anyPort = "127.0.0.1:0"

// serves starts the person's server.
func (p *person) serves(address string, more ...string) *server {
	if p.err != nil {
		return nil
	}
	args := append([]string{"serve", "--listen", address}, more...)
	fmt.Fprintf(p.out, "%s$ esync %s &\n", p.name, typed(args))
	cmd := p.command(p.copy(), args...)
	stdout, err := cmd.StdoutPipe()
	p.check(err)
	p.check(cmd.Start())
	if p.err != nil {
		return nil
	}
	s := &server{cmd: cmd, done: make(chan error, 1)}
	p.servers = append(p.servers, s)
	lines := bufio.NewReader(stdout)
	line, err := lines.ReadString('\n')
	fmt.Fprintf(p.out, "    %s", line)
	go func() {
		_, _ = io.Copy(io.Discard, lines)
		s.done <- cmd.Wait()
	}()
	words := strings.Fields(line)
	if err != nil || len(words) != 5 {
		p.failf("serve said %q", line)
		return s
	}
	s.address = words[1]
	return s
}

// again starts a server where it was before.
func (p *person) again(s *server) *server {
	if p.err != nil {
		return nil
	}
	return p.serves(s.address)
}

// at is where a server listens.
func (s *server) at() string {
	if s == nil {
		return ""
	}
	return s.address
}

// stop interrupts a server, which must end by itself.
func (s *stage) stop(server *server) {
	if server == nil || server.done == nil {
		return
	}
	if runtime.GOOS == "windows" {
		_ = server.cmd.Process.Kill() // there is no interrupt for another process
	} else {
		_ = server.cmd.Process.Signal(os.Interrupt)
	}
	select {
	case <-server.done:
	case <-time.After(10 * time.Second):
		_ = server.cmd.Process.Kill()
		<-server.done
		s.failf("a server did not end when it was interrupted")
	}
	server.done = nil
}

func (s *stage) stopAll() {
	for _, server := range s.servers {
		s.stop(server)
	}
}
