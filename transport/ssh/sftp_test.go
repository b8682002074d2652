package ssh

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/esync/esync/transport/sftp"
)

// Stock sftp fetches from a server of ours, straight and through a hub, and can change nothing there.
func TestStockSFTP(t *testing.T) {
	t.Parallel()
	program, err := exec.LookPath("sftp")
	if err != nil {
		t.Skip("NOT TESTED: there is no sftp on this machine")
	}
	folder := t.TempDir()
	data := pattern(20 << 20)
	write(t, filepath.Join(folder, "@main", "balance.xlsx"), string(data))
	shown := func(s *testServer) {
		s.config.Subsystems = map[string]func(context.Context, Peer, Stream){
			"sftp": func(_ context.Context, _ Peer, stream Stream) { _ = sftp.Serve(stream, os.DirFS(folder)) },
		}
	}
	hub := startHub(t, nil)
	bob, bobs := newKey(t)
	hub.grant(bob, Grant{Level: LevelRead, Name: "bob"})
	relayed, direct := startPeer(t, hub, hub.member("lead"), shown, nil), startServer(t, shown)
	s := newStock(t)
	s.host("hub", "someone", hub.addr.Port, bobs, hub.host.PublicKey())
	s.host("lead", "someone", 0, bobs, relayed.host.PublicKey())
	s.host("office", "someone", direct.addr.Port, bobs, direct.host.PublicKey())
	relayed.grant(bob, Grant{Level: LevelRead, Name: "rob"})
	direct.grant(bob, Grant{Level: LevelRead, Name: "rob"})
	for name, args := range map[string][]string{"direct": {"office"}, "through the hub": {"-J", "hub", "lead"}} {
		into := t.TempDir()
		run := func(batch string) (string, int) {
			cmd := s.command(program, append([]string{"-b", "-"}, args...)...)
			cmd.Dir, cmd.Stdin = into, strings.NewReader(batch)
			out, _ := cmd.CombinedOutput()
			return string(out), cmd.ProcessState.ExitCode()
		}
		if out, status := run("ls /@main\nget /@main/balance.xlsx\n"); status != 0 || !strings.Contains(out, "balance.xlsx") {
			t.Errorf("%s: status %d, %s", name, status, out)
		}
		if got, err := os.ReadFile(filepath.Join(into, "balance.xlsx")); err != nil || !bytes.Equal(got, data) {
			t.Errorf("%s: %d bytes, %v", name, len(got), err)
		}
		if out, status := run("put balance.xlsx /@main/new\n"); status == 0 || !strings.Contains(out, "ermission denied") {
			t.Errorf("%s: a put ends with %d, %s", name, status, out)
		}
	}
	if entries, err := os.ReadDir(filepath.Join(folder, "@main")); err != nil || len(entries) != 1 {
		t.Errorf("%v, %v", entries, err)
	}
	// A session in progress ends with the key.
	cmd := s.command(program, "office")
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer stdin.Close()
	direct.await(Connected, 2)
	direct.withdraw(bob)
	if err := cmd.Wait(); err == nil {
		t.Error("sftp ended well after its key was withdrawn")
	}
}
