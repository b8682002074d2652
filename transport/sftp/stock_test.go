package sftp

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// The stock sftp program lists and fetches; what it would change it is refused.
func TestStockProgram(t *testing.T) {
	t.Parallel()
	program, err := exec.LookPath("sftp")
	if err != nil || runtime.GOOS == "windows" {
		t.Skip("NOT TESTED: there is no stock sftp on this machine")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	folder, into := t.TempDir(), t.TempDir()
	data := bytes.Repeat([]byte("0123456789abcdef"), 5<<16) // 5 MiB
	for name, data := range map[string][]byte{"@main/balance.xlsx": data, "@main/notes/plan.txt": []byte("plan"), "@main/notes/bad\u202ename": []byte("x")} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(folder, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, name), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	run := func(batch string) (string, int) {
		cmd := exec.CommandContext(t.Context(), program, "-b", "-", "-D", self+" serve "+folder)
		cmd.Dir, cmd.Stdin = into, strings.NewReader(batch)
		out, _ := cmd.CombinedOutput()
		return string(out), cmd.ProcessState.ExitCode()
	}
	out, status := run("ls -la /@main\nget -r /@main all\nget /@main/balance.xlsx\nget /@main/notes/bad{U+202E}name turned\n")
	if status != 0 || !strings.Contains(out, "-r--r--r--") || strings.Contains(out, "rw-") {
		t.Errorf("status %d:\n%s", status, out)
	}
	for name, want := range map[string][]byte{
		"all/balance.xlsx": data, "all/notes/plan.txt": []byte("plan"), "balance.xlsx": data, "turned": []byte("x"), "all/notes/bad{U+202E}name": []byte("x"),
	} {
		if got, err := os.ReadFile(filepath.Join(into, name)); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%q: %d bytes, %v", name, len(got), err)
		}
	}
	before := snapshot(t, folder)
	for _, command := range []string{"put balance.xlsx /@main/new", "rm /@main/balance.xlsx", "mkdir /x", "rename /@main /x", "chmod 777 /@main", "ln -s /a /b", "rmdir /@main/notes"} {
		if out, status := run(command + "\n"); status == 0 || !strings.Contains(out, "ermission denied") {
			t.Errorf("%q: status %d, %s", command, status, out)
		}
	}
	if snapshot(t, folder) != before {
		t.Error("something changed")
	}
}
