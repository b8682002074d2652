package agent

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// Somebody else gets no word from an agent, even where the folder lets him through.
func TestOtherUser(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("NOT TESTED: only root can be somebody else")
	}
	folder, _ := startAgent(t, Options{})
	for _, path := range []string{filepath.Dir(folder), folder, filepath.Join(folder, socketName)} {
		if err := os.Chmod(path, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	program := filepath.Join(filepath.Dir(folder), "knock")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(self)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(program, data, 0o755); err != nil {
		t.Fatal(err)
	}
	knock := func(uid uint32) string {
		cmd := exec.CommandContext(t.Context(), program, "knock", filepath.Join(folder, socketName))
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: uid}}
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		return string(out)
	}
	if got := knock(65534); got != `""` {
		t.Errorf("somebody else is told %s", got)
	}
}

// A command starts the agent as a process of its own, and the next finds it, with the connection.
func TestStart(t *testing.T) {
	t.Parallel()
	o := startOffice(t, 0)
	folder := shortFolder(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	start := func() error { return Start(folder, self, []string{"serve", folder}, os.Environ()) }
	began := time.Now()
	c, err := DialOrStart(t.Context(), folder, "v1", o.spec(), start)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("start, connection and all took %v", time.Since(began).Round(time.Millisecond))
	if got := ask(t, c, "x", "y"); got != "ann:xy" || c.Kept() {
		t.Error(got, c.Kept())
	}
	if c, err = DialOrStart(t.Context(), folder, "v1", o.spec(), start); err != nil || !c.Kept() {
		t.Errorf("%v, %v", c, err)
	}
	if err := Stop(t.Context(), folder); err != nil {
		t.Error(err)
	}
	eventually(t, "it does not end", func() bool {
		l, err := Listen(folder)
		if err == nil {
			l.Close()
		}
		return err == nil
	})
	if err := Start(folder, "esync", nil, nil); err == nil {
		t.Error("a program is looked for")
	}
}
