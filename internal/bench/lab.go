package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// lab is a scratch folder with a stock sshd on the loopback address, which knows one key and one user: the one who runs the bench.
type lab struct {
	dir   string
	user  string
	sshd  *server
	esync string
	net   *network // nil: everything is on one machine, and sshd on its loopback address
}

// server is a process that serves, and where.
type server struct {
	cmd     *exec.Cmd
	address string
	// rest collects what it prints later, so that it never waits for a reader.
	rest sync.WaitGroup
}

func (s *server) pid() int { return s.cmd.Process.Pid }

// Close ends the server and what it started.
func (s *server) Close() error {
	err := s.cmd.Cancel()
	s.rest.Wait()
	s.cmd.Wait() // says that it was ended
	return err
}

// openLab makes the folder, the keys and the sshd, in the network's server if there is one.
func openLab(ctx context.Context, dir, esyncPath string, on *network) (*lab, error) {
	me, err := user.Current()
	if err != nil {
		return nil, fmt.Errorf("open lab: %w", err)
	}
	l := &lab{dir: dir, user: me.Username, esync: esyncPath, net: on}
	if err := os.MkdirAll(l.home(), 0o755); err != nil {
		return nil, fmt.Errorf("open lab: %w", err)
	}
	for _, name := range []string{"id", "host"} {
		if out, err := exec.CommandContext(ctx, "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", l.path(name)).CombinedOutput(); err != nil {
			return nil, fmt.Errorf("make key %q: %w: %s", name, err, out)
		}
	}
	if err := l.startSSHD(ctx); err != nil {
		return nil, fmt.Errorf("start sshd: %w", err)
	}
	return l, nil
}

func (l *lab) path(name string) string { return filepath.Join(l.dir, name) }
func (l *lab) home() string            { return l.path("home") }

func (l *lab) startSSHD(ctx context.Context) error {
	program, err := exec.LookPath("sshd")
	if err != nil {
		program = "/usr/sbin/sshd" // seldom in the path of a user
	}
	if os.Geteuid() == 0 {
		if err := os.MkdirAll("/run/sshd", 0o755); err != nil { // sshd separates its privileges there
			return err
		}
	}
	// sshd cannot be asked for any free port, so one is found first.
	var address string
	err = l.net.atServer(func() error {
		probe, err := net.Listen("tcp", l.net.address()+":0")
		if err != nil {
			return err
		}
		address = probe.Addr().String()
		return probe.Close()
	})
	if err != nil {
		return err
	}
	host, port, _ := net.SplitHostPort(address)
	config := fmt.Sprintf(`Port %s
ListenAddress %s
HostKey %s
AuthorizedKeysFile %s
StrictModes no
UsePAM no
PermitRootLogin yes
PasswordAuthentication no
MaxStartups 200
MaxSessions 200
PidFile none
Subsystem sftp internal-sftp
SetEnv HOME=%s ESYNC_HOME=%s PATH=%s:/usr/local/bin:/usr/bin:/bin
`, port, host, l.path("host"), l.path("id.pub"), l.home(), l.path("server-esync-home"), filepath.Dir(l.esync))
	if err := os.WriteFile(l.path("sshd.conf"), []byte(config), 0o644); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, program, "-D", "-e", "-f", l.path("sshd.conf"))
	l.sshd, err = start(ctx, cmd, address, l.net)
	if err != nil {
		return err
	}
	for range 100 {
		err := l.net.atClient(func() error {
			conn, err := net.Dial("tcp", address)
			if err != nil {
				return err
			}
			return conn.Close()
		})
		if err == nil {
			return nil
		}
		time.Sleep(20 * time.Millisecond)
	}
	return fmt.Errorf("no answer on %s", address)
}

// start starts a server in a process group of its own, in the network's server if there is one. Without an address, it waits for the line "listening ADDRESS ...".
func start(ctx context.Context, cmd *exec.Cmd, address string, on *network) (*server, error) {
	inGroup(cmd)
	var stderr bytes.Buffer
	s := &server{cmd: cmd, address: address}
	if address != "" {
		return s, on.atServer(cmd.Start)
	}
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := on.atServer(cmd.Start); err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { cmd.Cancel() })
	defer stop()
	lines := bufio.NewReader(out)
	line, err := lines.ReadString('\n')
	fields := strings.Fields(line)
	if err != nil || len(fields) < 2 || fields[0] != "listening" {
		cmd.Cancel()
		cmd.Wait()
		return nil, fmt.Errorf("server said %q: %w: %s", line, errors.Join(err, ctx.Err()), stderr.String())
	}
	s.address = fields[1]
	s.rest.Go(func() { io.Copy(io.Discard, lines) })
	return s, nil
}

// Close ends sshd.
func (l *lab) Close() error { return l.sshd.Close() }

// configure writes the SSH configuration of one place: "srv" is sshd, "peer" is the tool's own server.
func (l *lab) configure(path, address string) error {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return err
	}
	return os.WriteFile(path, fmt.Appendf(nil, `Host srv peer
  HostName %s
  Port %s
  User %s
  IdentityFile %s
  IdentitiesOnly yes
  StrictHostKeyChecking no
  UserKnownHostsFile /dev/null
  LogLevel ERROR
`, host, port, l.user, l.path("id")), 0o644)
}
