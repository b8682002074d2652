package ssh

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	gossh "golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
)

// sshd is a stock OpenSSH server on the loopback address: one `sshd -i` for each connection.
type sshd struct {
	addr *net.TCPAddr
	home string // of the client
	user Signer
	host map[string]PublicKey // by the type's short name
}

func startSSHD(t testing.TB, options string) *sshd {
	t.Helper()
	program, err := exec.LookPath("sshd")
	if err != nil {
		if program = "/usr/sbin/sshd"; !exists(program) {
			t.Skip("NOT TESTED: there is no sshd on this machine")
		}
	}
	if runtime.GOOS == "windows" {
		t.Skip("NOT TESTED: sshd -i is not used on Windows")
	}
	if os.Getuid() == 0 && !exists("/run/sshd") {
		t.Skip("NOT TESTED: sshd needs /run/sshd")
	}
	s := &sshd{home: t.TempDir(), host: map[string]PublicKey{}}
	var private []byte
	s.user, private = newKey(t)
	write(t, filepath.Join(s.home, ".ssh", "id_ed25519"), string(private))
	write(t, filepath.Join(s.home, "authorized"), PublicLine(s.user.PublicKey(), "")+"\n")
	config := fmt.Sprintf("AuthorizedKeysFile %s\nStrictModes no\nUsePAM no\nPermitRootLogin yes\nPasswordAuthentication no\nKbdInteractiveAuthentication no\nLogLevel QUIET\n%s\n",
		filepath.Join(s.home, "authorized"), options)
	for _, kind := range []string{"ed25519", "ecdsa"} {
		path := filepath.Join(s.home, "host_"+kind)
		if out, err := exec.Command("ssh-keygen", "-q", "-t", kind, "-N", "", "-f", path).CombinedOutput(); err != nil {
			t.Skipf("NOT TESTED: ssh-keygen: %v %s", err, out)
		}
		config += "HostKey " + path + "\n"
		s.host[kind] = publicOf(path + ".pub")
	}
	write(t, filepath.Join(s.home, "sshd_config"), config)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.addr = l.Addr().(*net.TCPAddr)
	s.know("ecdsa")
	ctx, cancel := context.WithCancel(context.Background())
	var wait sync.WaitGroup
	t.Cleanup(func() { l.Close(); cancel(); wait.Wait() })
	wait.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			file, err := conn.(*net.TCPConn).File()
			conn.Close()
			if err != nil {
				continue
			}
			cmd := exec.CommandContext(ctx, program, "-i", "-f", filepath.Join(s.home, "sshd_config"))
			cmd.Stdin, cmd.Stdout = file, file
			if err := cmd.Start(); err == nil {
				wait.Go(func() { _ = cmd.Wait() })
			}
			file.Close()
		}
	})
	return s
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func (s *sshd) know(kind string) {
	_ = os.WriteFile(filepath.Join(s.home, ".ssh", "known_hosts"),
		fmt.Appendf(nil, "[127.0.0.1]:%d %s\n", s.addr.Port, PublicLine(s.host[kind], "")), 0o600)
}

func (s *sshd) config(t testing.TB, helper string) Config {
	t.Helper()
	config := filepath.Join(s.home, "config")
	if !exists(config) {
		write(t, config, fmt.Sprintf("Host box\nHostName 127.0.0.1\nPort %d\n", s.addr.Port))
	}
	return Config{Home: s.home, ConfigFile: config, Getenv: func(string) string { return "" }, RemoteCommand: command(t, helper)}
}

func command(t testing.TB, helper string) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return self + " helper " + helper
}

func TestStockServer(t *testing.T) {
	t.Parallel()
	d := startSSHD(t, "")
	c, err := Dial(t.Context(), Target{Host: "box"}, d.config(t, "echo"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if c.Ours() || c.HostKey().Type() != d.host["ecdsa"].Type() {
		t.Errorf("ours=%v, host key %s; it has two, and the known one is ecdsa", c.Ours(), c.HostKey().Type())
	}
	if again, err := c.Another(t.Context()); err != nil {
		t.Errorf("another connection: %v", err)
	} else {
		again.Close()
	}
	for _, request := range []string{"", "fetch", string(pattern(MaxRequest))} {
		stream := open(t, c, request)
		data := pattern(5 << 20)
		go func() {
			_, _ = stream.Write(data)
			_ = stream.CloseWrite()
		}()
		if got := read(t, stream); got != request+string(data) {
			t.Errorf("a request of %d bytes and %d of data came back as %d", len(request), len(data), len(got))
		}
		stream.Close()
	}
}

func TestStockServerFailures(t *testing.T) {
	t.Parallel()
	d := startSSHD(t, "")
	for name, check := range map[string]struct {
		command string
		status  int
		stderr  string
	}{
		"the program fails": {command(t, "fail"), 5, "no such ?[31mengagement"},
		"no such program":   {"esync-is-not-here serve --stdio", StatusNotFound, "not found"},
	} {
		cfg := d.config(t, "")
		cfg.RemoteCommand = check.command
		c, err := Dial(t.Context(), Target{Host: "box"}, cfg)
		if err != nil {
			t.Fatal(err)
		}
		stream, err := c.Open(t.Context(), []byte("x"))
		if err == nil {
			_, err = io.ReadAll(stream)
			if _, again := stream.Write([]byte("x")); !errors.Is(again, ErrRemote) {
				t.Errorf("%s: writing after the end: %v", name, again)
			}
		}
		var failure *RemoteError
		if !errors.As(err, &failure) || failure.Status != check.status || !strings.Contains(failure.Stderr, check.stderr) {
			t.Errorf("%s: %v", name, err)
		}
		c.Close()
	}
	stranger, private := newKey(t)
	write(t, filepath.Join(d.home, ".ssh", "id_ed25519"), string(private))
	_, err := Dial(t.Context(), Target{Host: "box"}, d.config(t, "echo"))
	want(t, err, ErrAuth)
	if !strings.Contains(err.Error(), Fingerprint(stranger.PublicKey())) {
		t.Error(err)
	}
	var many []Signer
	for range 10 {
		signer, _ := newKey(t)
		many = append(many, signer)
	}
	cfg := d.config(t, "echo")
	cfg.Signers = many
	_, err = Dial(t.Context(), Target{Host: "box"}, cfg)
	want(t, err, ErrAuth)
}

func TestEncryptedKeyAndAgent(t *testing.T) {
	t.Parallel()
	d := startSSHD(t, "")
	path := filepath.Join(d.home, ".ssh", "id_ed25519")
	plain, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("ssh-keygen", "-q", "-p", "-P", "", "-N", "open sesame", "-f", path).CombinedOutput(); err != nil {
		t.Skipf("NOT TESTED: ssh-keygen: %v %s", err, out)
	}
	_, err = Dial(t.Context(), Target{Host: "box"}, d.config(t, "echo"))
	want(t, err, ErrAuth)
	var failure *AuthError
	if !errors.As(err, &failure) || len(failure.Skipped) != 1 || !strings.Contains(failure.Skipped[0], "passphrase") {
		t.Errorf("the error is %v", err)
	}
	cfg := d.config(t, "echo")
	asked := 0
	cfg.Passphrase = func(string) ([]byte, error) { asked++; return []byte("open sesame"), nil }
	c, err := Dial(t.Context(), Target{Host: "box"}, cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	more, err := c.Another(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	more.Close()
	if asked != 1 {
		t.Errorf("the passphrase was asked for %d times", asked)
	}
	cfg.Passphrase = func(string) ([]byte, error) { return []byte("wrong"), nil }
	_, err = Dial(t.Context(), Target{Host: "box"}, cfg)
	want(t, err, ErrKey)

	// With the key in an agent nobody is asked.
	raw, err := gossh.ParseRawPrivateKey(plain)
	if err != nil {
		t.Fatal(err)
	}
	ring := agent.NewKeyring()
	if err := ring.Add(agent.AddedKey{PrivateKey: raw}); err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "esync-agent") // t.TempDir may be too long for a socket's name
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	l, err := net.Listen("unix", filepath.Join(dir, "s"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() { _ = agent.ServeAgent(ring, conn); conn.Close() }()
		}
	}()
	cfg.Passphrase = nil
	cfg.Getenv = func(string) string { return l.Addr().String() }
	c, err = Dial(t.Context(), Target{Host: "box"}, cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	more, err = c.Another(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	more.Close()
}

// Our server behind a stock sshd, reached by ProxyJump, and by a proxy command.
func TestJumpAndProxyCommand(t *testing.T) {
	t.Parallel()
	d := startSSHD(t, "")
	s := startServer(t, nil)
	known, err := os.ReadFile(filepath.Join(s.home, ".ssh", "known_hosts"))
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.OpenFile(filepath.Join(d.home, ".ssh", "known_hosts"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = file.Write(known)
	file.Close()
	base := fmt.Sprintf("Host box\nHostName 127.0.0.1\nPort %d\nHost inner*\nHostName 127.0.0.1\nPort %d\n", d.addr.Port, s.addr.Port)
	for name, config := range map[string]string{
		"one jump":        "Host inner\nProxyJump box\n",
		"two jumps":       "Host inner\nProxyJump box,box\n",
		"a jump's jump":   "Host hop\nHostName 127.0.0.1\nPort 1\nHost inner\nProxyJump inner2\nHost inner2\nProxyJump none\n",
		"a proxy command": "Host inner\nProxyCommand " + command(t, "x") + "\n",
	} {
		if name == "a jump's jump" { // our own server is no jump host, and says so
			path := filepath.Join(d.home, "config-jump")
			write(t, path, base+config)
			cfg := d.config(t, "echo")
			cfg.ConfigFile, cfg.Signers = path, []Signer{s.user}
			_, err := Dial(t.Context(), Target{Host: "inner"}, cfg)
			want(t, err, ErrUnreachable)
			continue
		}
		if name == "a proxy command" {
			ssh, err := exec.LookPath("ssh")
			if err != nil {
				continue
			}
			config = fmt.Sprintf("Host inner\nProxyCommand %s -F %s -i %s -o UserKnownHostsFile=%s -W %%h:%%p box\n", ssh, filepath.Join(d.home, "config"),
				filepath.Join(d.home, ".ssh", "id_ed25519"), filepath.Join(d.home, ".ssh", "known_hosts"))
		}
		cfg := d.config(t, "echo")
		path := filepath.Join(d.home, "config "+name)
		write(t, path, base+config)
		cfg.ConfigFile, cfg.Signers = path, []Signer{s.user}
		c, err := Dial(t.Context(), Target{Host: "inner"}, cfg)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		stream := open(t, c, name)
		data := pattern(3 << 20)
		go func() {
			_, _ = stream.Write(data)
			_ = stream.CloseWrite()
		}()
		if got := read(t, stream); got != "full ann:"+name+string(data) {
			t.Errorf("%s: %d bytes came back", name, len(got))
		}
		c.Close()
	}
}

func TestStockClient(t *testing.T) {
	t.Parallel()
	ssh, err := exec.LookPath("ssh")
	if err != nil {
		t.Skip("NOT TESTED: there is no ssh on this machine")
	}
	s := startServer(t, nil)
	private, public, err := GenerateKey(bytes.NewReader(pattern(32)), "")
	if err != nil {
		t.Fatal(err)
	}
	_ = public
	signer, err := ParseKey(private)
	if err != nil {
		t.Fatal(err)
	}
	s.grant(signer, Grant{Level: LevelRead, Name: "rob"})
	key := filepath.Join(s.home, "key")
	write(t, key, string(private))
	run := func(stdin io.Reader, args ...string) (stdout, stderr string, status int) {
		cmd := exec.CommandContext(t.Context(), ssh, append([]string{"-F", "none", "-p", itoa(s.addr.Port), "-i", key, "-o", "IdentitiesOnly=yes", "-o", "IdentityAgent=none",
			"-o", "UserKnownHostsFile=" + filepath.Join(s.home, ".ssh", "known_hosts"), "-o", "BatchMode=yes"}, args...)...)
		var out, fail bytes.Buffer
		cmd.Stdin, cmd.Stdout, cmd.Stderr = stdin, &out, &fail
		_ = cmd.Run()
		return out.String(), fail.String(), cmd.ProcessState.ExitCode()
	}
	request, _ := frameRequest([]byte("fetch"))
	data := string(pattern(4 << 20))
	out, fail, status := run(strings.NewReader(string(request)+data), "someone@127.0.0.1", "esync", "serve", "--stdio", "--level", "full")
	if out != "read rob:fetch"+data || status != 0 {
		t.Errorf("%d bytes came back, status %d, stderr %q", len(out), status, fail)
	}
	for _, words := range [][]string{{"someone@127.0.0.1", "id"}, {"someone@127.0.0.1"}, {"-s", "someone@127.0.0.1", "sftp"}, {"someone@127.0.0.1", "esync", "log"}} {
		out, fail, status := run(strings.NewReader(""), words...)
		if out != "" || status != 1 || !strings.Contains(fail, "serves esync and nothing else") {
			t.Errorf("%q: %q, status %d, stderr %q", words, out, status, fail)
		}
	}
	s.withdraw(signer)
	if _, fail, status := run(nil, "someone@127.0.0.1", "esync", "serve", "--stdio"); status != 255 || !strings.Contains(fail, "Permission denied") {
		t.Errorf("a key that was withdrawn: status %d, stderr %q", status, fail)
	}
}
