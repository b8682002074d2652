package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// matrix is where the permission matrix is tried: an engagement with two copies that serve, one of them for reading only,
// a hub, a stock sshd in front of both, and people of every kind. Each person's program runs in this process, but for those
// that sshd starts.
type matrix struct {
	t    *testing.T
	dir  string
	sshd bool
	next atomic.Int64

	addr map[string]string // HOST:PORT of who serves, by "full" and "readonly", and of the hubs
	copy map[string]string // folder of the copy that serves
}

func newMatrix(t *testing.T) *matrix {
	m := &matrix{t: t, dir: t.TempDir(), addr: map[string]string{}, copy: map[string]string{}}
	m.write("ssh_config", fmt.Sprintf("UserKnownHostsFile %q\nGlobalKnownHostsFile none\nIdentityAgent none\nIdentityFile none\n", m.path("known_hosts")))
	m.people()
	for served, office := range map[string]string{"full": "office", "readonly": "second"} {
		m.copy[served] = m.path(office)
	}
	m.serveAll()
	m.startSSHDs()
	return m
}

func (m *matrix) path(name string) string { return filepath.Join(m.dir, name) }

func (m *matrix) write(name, text string) {
	m.t.Helper()
	f, err := os.OpenFile(m.path(name), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err == nil {
		_, err = f.WriteString(text)
		f.Close()
	}
	if err != nil {
		m.t.Fatal(err)
	}
}

// environment is somebody's world.
func (m *matrix) environment(who, dir string) (environment, *bytes.Buffer, *bytes.Buffer) {
	vars := map[string]string{
		"ESYNC_HOME": m.path("home-" + who), "ESYNC_AUTHOR": who + " <" + who + "@example.com>", "ESYNC_LAN": "off", "ESYNC_AGENT": "off",
		"ESYNC_SSH_CONFIG": m.path("ssh_config"), "PATH": os.Getenv("PATH"),
	}
	var out, said bytes.Buffer
	return environment{
		stdin: strings.NewReader(""), stdout: &out, stderr: &said, dir: dir, home: m.dir, random: rand.Reader, now: time.Now, device: who + "-laptop",
		getenv: func(name string) string { return vars[name] },
	}, &out, &said
}

// do runs one command of somebody to its end.
func (m *matrix) do(who, dir string, args ...string) (code int, out, said string) {
	env, stdout, stderr := m.environment(who, dir)
	ctx, cancel := context.WithTimeout(m.t.Context(), time.Minute)
	defer cancel()
	code = run(ctx, env, args)
	return code, stdout.String(), stderr.String()
}

func (m *matrix) must(who, dir string, args ...string) string {
	m.t.Helper()
	code, out, said := m.do(who, dir, args...)
	if code != codeDone {
		m.t.Fatalf("%s: esync %s: %d %s%s", who, strings.Join(args, " "), code, out, said)
	}
	return strings.TrimSpace(out)
}

// people makes the engagement and everybody in it. The copy "seed" is from before some of them lost what they had.
func (m *matrix) people() {
	office := m.path("office")
	m.must("office", m.dir, "init", "--name", "eng1", office)
	m.write("office/notes.txt", "Cash agreed.\n")
	m.must("office", office, "commit", "-m", "first")
	m.must("office", office, "grant", "second", "admin", "--key", m.must("second", m.dir, "key"), "--host-key", m.must("second", m.dir, "key", "--host"))
	for _, c := range callers {
		key := m.must(c.name, m.dir, "key")
		switch c.name {
		case "nokey", "unknown":
		case "read", "admin":
			m.must("office", office, "grant", c.name, c.name, "--key", key)
		default:
			m.must("office", office, "grant", c.name, "full", "--key", key)
		}
	}
	m.must("office", m.dir, "clone", office, m.path("seed"))
	m.write("office/later.txt", "Receivables: two differences.\n")
	m.must("office", office, "commit", "-m", "later")
	m.must("office", office, "revoke", "revoked")
	m.must("office", office, "grant", "none", "none")
	m.must("office", office, "grant", "expired", "full", "--expires", "2020-01-01T00:00:00Z")
	m.must("second", m.dir, "clone", office, m.path("second"))
	m.must("office", m.dir, "clone", "--bare", office, m.path("keeper"))
	if err := os.WriteFile(filepath.Join(m.path("home-nokey"), userKeyFile), []byte("no key at all\n"), 0o600); err != nil {
		m.t.Fatal(err)
	}
}

// begin starts a verb that goes on, and gives its first lines until one that is wanted.
func (m *matrix) begin(who, dir string, want string, args ...string) string {
	m.t.Helper()
	env, _, said := m.environment(who, dir)
	reader, writer := io.Pipe()
	env.stdout = writer
	ctx, cancel := context.WithCancel(context.WithoutCancel(m.t.Context()))
	done := make(chan struct{})
	go func() {
		defer close(done)
		run(ctx, env, args)
		writer.Close()
	}()
	m.t.Cleanup(func() { cancel(); <-done })
	lines := bufio.NewScanner(reader)
	for lines.Scan() {
		if strings.Contains(lines.Text(), want) {
			line := lines.Text()
			go io.Copy(io.Discard, reader)
			return line
		}
	}
	m.t.Fatalf("%s: esync %s said %s", who, strings.Join(args, " "), said)
	return ""
}

// serveAll starts the hubs and both servers, and makes the SSH configuration know the ways: direct-full, hub-readonly, and so on.
func (m *matrix) serveAll() {
	hub := func(name string, args ...string) {
		line := m.begin("keeper", m.dir, "listening", append([]string{"hub", "--listen", "127.0.0.1:0"}, args...)...)
		m.knows(name, "keeper", strings.Fields(line)[1], "")
	}
	// One hub for the matrix lets everybody pass who has a key, so that only who serves decides; the other is for members.
	for _, who := range append([]string{"unknown", "office", "second"}, m.callerNames()...) {
		if text, err := os.ReadFile(filepath.Join(m.path("home-"+who), userKeyFile+".pub")); err == nil {
			m.write("hub-keys", string(text))
		}
	}
	hub("relay", "--authorized-keys", m.path("hub-keys"))
	hub("club", m.path("keeper"))
	for served, who := range map[string]string{"full": "office", "readonly": "second"} {
		args := []string{"serve", "--listen", "127.0.0.1:0", "--via", "relay"}
		if served == "readonly" {
			args = append(args, "--readonly")
		}
		args = append(args, m.copy[served])
		env := m.servedBoth(who, args)
		m.knows("direct-"+served, who, strings.Fields(env[0])[1], "")
		_, port, _ := strings.Cut(strings.Fields(env[1])[1], "localhost:")
		m.knows("hub-"+served, who, "localhost:"+port, "relay")
		m.addr[served] = strings.Fields(env[0])[1]
	}
}

func (m *matrix) callerNames() []string {
	var names []string
	for _, c := range callers {
		names = append(names, c.name)
	}
	return names
}

// servedBoth starts a server that is reached directly and by a hub, and gives what it prints about both.
func (m *matrix) servedBoth(who string, args []string) [2]string {
	env, _, said := m.environment(who, m.dir)
	reader, writer := io.Pipe()
	env.stdout = writer
	ctx, cancel := context.WithCancel(context.WithoutCancel(m.t.Context()))
	done := make(chan struct{})
	go func() {
		defer close(done)
		run(ctx, env, args)
		writer.Close()
	}()
	m.t.Cleanup(func() { cancel(); <-done })
	lines := bufio.NewScanner(reader)
	var both [2]string
	for i := range both {
		if !lines.Scan() {
			m.t.Fatalf("%s: esync %s said %s", who, strings.Join(args, " "), said)
		}
		both[i] = lines.Text()
	}
	go io.Copy(io.Discard, reader)
	return both
}

// knows puts a machine into the SSH configuration and known_hosts of all.
func (m *matrix) knows(name, owner, address, jump string) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		m.t.Fatal(err)
	}
	entry := fmt.Sprintf("Host %s\n\tHostName %s\n\tPort %s\n\tHostKeyAlias %s\n", name, host, port, name)
	if jump != "" {
		entry += "\tProxyJump " + jump + "\n"
	}
	m.write("ssh_config", entry)
	if owner != "" {
		m.write("known_hosts", name+" "+m.must(owner, m.dir, "key", "--host")+"\n")
	}
}

// startSSHDs starts a stock sshd for each copy. Every key comes in there: what it may do is decided behind it.
func (m *matrix) startSSHDs() {
	program, err := sshdProgram()
	if _, noTool := exec.LookPath("ssh-keygen"); err != nil || noTool != nil {
		return
	}
	esync, err := exec.LookPath("esync")
	if err != nil {
		m.t.Fatal(err)
	}
	m.sshd = true
	for served := range m.copy {
		name := "stdio-" + served
		hostKey := m.path(name + ".key")
		if out, err := exec.Command("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", hostKey).CombinedOutput(); err != nil {
			m.t.Fatalf("ssh-keygen: %v %s", err, out)
		}
		owner := map[string]string{"full": "office", "readonly": "second"}[served]
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			m.t.Fatal(err)
		}
		address := l.Addr().String()
		l.Close()
		_, port, _ := net.SplitHostPort(address)
		m.write(name+".conf", fmt.Sprintf("ListenAddress 127.0.0.1:%s\nHostKey %q\nAuthorizedKeysFile %q\nPidFile none\nUsePAM no\nStrictModes no\nMaxStartups 100\n"+
			"PasswordAuthentication no\nKbdInteractiveAuthentication no\nLogLevel ERROR\nSetEnv PATH=\"%s:/usr/bin:/bin\" ESYNC_HOME=%q HOME=%q ESYNC_LAN=off GORACE=atexit_sleep_ms=0\n",
			port, hostKey, m.path(name+".authorized"), filepath.Dir(esync), m.path("home-"+owner), m.dir))
		cmd := exec.Command(program, "-D", "-e", "-f", m.path(name+".conf"))
		if err := cmd.Start(); err != nil {
			m.t.Fatal(err)
		}
		m.t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
		for deadline := time.Now().Add(waitsFor); ; time.Sleep(20 * time.Millisecond) {
			if conn, err := net.Dial("tcp", address); err == nil {
				conn.Close()
				break
			} else if time.Now().After(deadline) {
				m.t.Fatal(err)
			}
		}
		m.knows(name, "", address, "")
		public, err := os.ReadFile(hostKey + ".pub")
		if err != nil {
			m.t.Fatal(err)
		}
		m.write("known_hosts", name+" "+string(public))
	}
	for _, who := range m.callerNames() {
		if who != "nokey" {
			m.admitBySSHD(who)
		}
	}
}

// admitBySSHD lets a key in at the doors of sshd.
func (m *matrix) admitBySSHD(who string) {
	for served, dir := range m.copy {
		command := "esync serve --stdio"
		if served == "readonly" {
			command += " --readonly"
		}
		m.write("stdio-"+served+".authorized", fmt.Sprintf("command=\"%s %s\",restrict %s\n", command, dir, m.must(who, m.dir, "key")))
	}
}
