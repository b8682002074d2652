package story

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// sshd starts a stock sshd on the hub: whoever of these people comes may forward ports, and nothing else. Everybody learns its
// host key. The results are the hub as it is typed, and what sshd logs.
func (w *world) sshd(people ...*person) (hub string, log func() string) {
	w.t.Helper()
	const program = "/usr/sbin/sshd"
	if !exists(program) {
		w.t.Skip("there is no sshd here (package openssh-server)")
	}
	dir := filepath.Join(w.dir, "hub")
	w.check(os.Mkdir(dir, 0o700))
	hostKey := filepath.Join(dir, "host")
	if out, err := exec.Command("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", hostKey).CombinedOutput(); err != nil {
		w.t.Fatalf("ssh-keygen: %v\n%s", err, out)
	}
	var keys strings.Builder
	public := strings.Join(strings.Fields(string(w.read(hostKey + ".pub")))[:2], " ")
	for _, p := range people {
		fmt.Fprintf(&keys, "restrict,port-forwarding %s", w.read(filepath.Join(p.home(), "id_ed25519.pub")))
		p.knows(w.hubAddr, public)
	}
	authorized := filepath.Join(dir, "authorized_keys")
	w.check(os.WriteFile(authorized, []byte(keys.String()), 0o600))
	config := filepath.Join(dir, "config")
	w.check(os.WriteFile(config, fmt.Appendf(nil, `ListenAddress 0.0.0.0:22
HostKey "%s"
AuthorizedKeysFile "%s"
PidFile none
UsePAM no
StrictModes no
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
GatewayPorts no
LogLevel VERBOSE

`, hostKey, authorized), 0o600))
	cmd := w.hubHost.Command(program, "-D", "-e", "-f", config)
	process, err := w.hubHost.Start(cmd)
	w.check(err)
	w.t.Cleanup(func() {
		if w.t.Failed() {
			w.t.Logf("sshd of the hub:\n%s", indent(process.Stderr()))
		}
	})
	w.awaitPort(net.JoinHostPort(w.hubAddr, "22"))
	return "ssh://root@" + w.hubAddr, process.Stderr
}

// awaitPort waits until the hub takes connections.
func (w *world) awaitPort(address string) {
	w.t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		err := w.hubHost.Do(func() error {
			conn, err := net.DialTimeout("tcp", address, time.Second)
			if err == nil {
				conn.Close()
			}
			return err
		})
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			w.t.Fatalf("nobody listens at %s: %v", address, err)
		}
	}
}

// knows notes a machine's host key in the person's known_hosts.
func (p *person) knows(host, key string) {
	p.t.Helper()
	file, err := os.OpenFile(filepath.Join(p.home(), "known_hosts"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	p.check(err)
	defer file.Close()
	_, err = fmt.Fprintf(file, "%s %s\n", host, key)
	p.check(err)
}

// shows returns the words that stand in clear in any of the frames.
func shows(frames [][]byte, words ...string) (shown []string) {
	for _, word := range words {
		for _, f := range frames {
			if bytes.Contains(f, []byte(word)) {
				shown = append(shown, word)
				break
			}
		}
	}
	return shown
}
