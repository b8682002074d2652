package main

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// sshd NAME OPTIONS|@FILE [PERSON…]: starts a stock sshd on the loopback address, for the user who runs the tests. The keys of those
// people (ada when nobody is named) come in, with the options, or whom the lines of FILE let in; the engagements are those of office-home. Afterwards the SSH
// configuration knows the machine NAME.
func cmdSSHD(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: sshd NAME OPTIONS [PERSON…]")
	}
	people := args[2:]
	if len(people) == 0 {
		people = []string{"ada"}
	}
	name, work := args[0], ts.Getenv("WORK")
	dir := filepath.Join(work, "sshd-"+name)
	ts.Check(os.Mkdir(dir, 0o700))
	program, err := sshdProgram()
	ts.Check(err)
	hostKey := filepath.Join(dir, "host")
	if out, err := exec.Command("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", hostKey).CombinedOutput(); err != nil {
		ts.Fatalf("ssh-keygen: %v\n%s", err, out)
	}
	authorized := filepath.Join(dir, "authorized_keys")
	if lines, ok := strings.CutPrefix(args[1], "@"); ok {
		appendFile(ts, authorized, ts.ReadFile(lines))
		people = nil
	}
	for _, name := range people {
		public, err := os.ReadFile(filepath.Join(work, name+"-home", "id_ed25519.pub"))
		ts.Check(err)
		appendFile(ts, authorized, strings.TrimSpace(args[1]+" "+string(public))+"\n")
	}
	esync, err := exec.LookPath("esync")
	ts.Check(err)
	port := freePort(ts)
	config := fmt.Sprintf(`ListenAddress 127.0.0.1:%s
HostKey "%s"
AuthorizedKeysFile "%s"
PidFile none
UsePAM no
StrictModes no
PasswordAuthentication no
KbdInteractiveAuthentication no
LogLevel ERROR
SetEnv PATH="%s:/usr/bin:/bin" ESYNC_HOME="%s" HOME="%s" ESYNC_LAN=off GORACE=atexit_sleep_ms=0
`, port, hostKey, authorized, filepath.Dir(esync), filepath.Join(work, "office-home"), filepath.Join(work, "home"))
	file := filepath.Join(dir, "config")
	ts.Check(os.WriteFile(file, []byte(config), 0o600))
	log, err := os.Create(filepath.Join(dir, "log"))
	ts.Check(err)
	cmd := exec.Command(program, "-D", "-e", "-f", file)
	cmd.Stderr = log
	ts.Check(cmd.Start())
	ts.Defer(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		log.Close()
	})
	awaitPort(ts, port)
	key, err := os.ReadFile(hostKey + ".pub")
	ts.Check(err)
	known := strings.Join(strings.Fields(string(key))[:2], " ")
	appendFile(ts, ts.Getenv("ESYNC_SSH_CONFIG"), fmt.Sprintf("Host %s\n\tHostName 127.0.0.1\n\tPort %s\n", name, port))
	appendFile(ts, filepath.Join(work, "known_hosts"), fmt.Sprintf("[127.0.0.1]:%s %s\n", port, known))
}

// sshdProgram finds sshd, which is not on everybody's PATH.
func sshdProgram() (string, error) {
	if program, err := exec.LookPath("sshd"); err == nil {
		return program, nil
	}
	return exec.LookPath("/usr/sbin/sshd")
}

// scriptCondition knows [sshd]: OpenSSH's server and its tool for keys are here.
func scriptCondition(name string) (bool, error) {
	if name != "sshd" {
		return false, fmt.Errorf("unknown condition %q", name)
	}
	_, noServer := sshdProgram()
	_, noKeys := exec.LookPath("ssh-keygen")
	return noServer == nil && noKeys == nil, nil
}

// freePort gives a port that was free a moment ago: sshd takes none by itself.
func freePort(ts *testscript.TestScript) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	ts.Check(err)
	return port
}

// awaitPort returns when something listens.
func awaitPort(ts *testscript.TestScript, port string) {
	deadline := time.Now().Add(10 * time.Second)
	for {
		conn, err := net.DialTimeout("tcp", "127.0.0.1:"+port, time.Second)
		if err == nil {
			conn.Close()
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("sshd does not listen: %v", err)
		}
	}
}
