package main

import (
	"context"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/esync/esync/internal/corpus"
)

// TestRun runs all rows with two tools that tests have, on a small engagement: every row yields a sample, every clone equals its source.
func TestRun(t *testing.T) {
	t.Parallel()
	for _, program := range []string{"git", "rsync", "ssh", "ssh-keygen", "/usr/sbin/sshd"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("%s is not installed", program)
		}
	}
	dir := t.TempDir()
	if err := checkPath(dir); err != nil {
		t.Skip(err)
	}
	l, err := openLab(t.Context(), filepath.Join(dir, "lab"), filepath.Join(dir, "esync"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	preset := corpus.Preset{Name: "test", Files: 150, Tiny: true}
	r := &runner{lab: l, plain: map[[2]string]time.Duration{}, preset: preset, source: filepath.Join(dir, "source"), seed: 1, log: t.Output(), wanted: func(string) bool { return true }}
	if err := corpus.Generate(r.source, preset, 1); err != nil {
		t.Fatal(err)
	}
	rows := map[string]int{}
	r.keep = func(s sample) {
		rows[s.Line+" "+s.Row]++
		switch {
		case s.Failed != "":
			t.Errorf("%s with %s: %s", s.Row, s.Tool, s.Failed)
		case s.Wall <= 0 || s.Line != "local" && (s.Up == 0 || s.Down == 0):
			t.Errorf("%s with %s measured nothing: %+v", s.Row, s.Tool, s)
		}
	}
	tools, missing, err := choose([]string{"git", "rsync", "esync"}, "/no/such/esync")
	if err != nil || len(tools) != 2 || len(missing) != 1 {
		t.Fatalf("got %d tools, missing %q, %v", len(tools), missing, err)
	}
	var contenders []*contender
	for _, m := range tools {
		contenders = append(contenders, r.prepare(t.Context(), m))
	}
	r.local(t.Context(), contenders)
	r.publish(t.Context(), contenders)
	r.remote(t.Context(), contenders, line{name: "near", clones: []int{2}, cut: true})
	r.remote(t.Context(), contenders, line{name: "far", delay: 10 * time.Millisecond})
	for _, c := range contenders {
		if c.broken != nil {
			t.Errorf("%s: %v", c.tool.name, c.broken)
		}
	}
	for _, row := range []string{
		"local first commit", "local commit of 100 tiny files", "local commit of a renamed folder", "near clone",
		"near clone again after a kill at half", "near pull of nothing", "near push of 100 tiny files", "near 2 clones at once", "far pull of 100 tiny files",
	} {
		if rows[row] != len(tools) {
			t.Errorf("row %q has %d samples, want %d", row, rows[row], len(tools))
		}
	}
}

// TestServer takes the address from what a server says first, and says what a server said that is no address.
func TestServer(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("no sh")
	}
	serve := func(script string) (*server, error) {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		t.Cleanup(cancel)
		return start(ctx, exec.CommandContext(ctx, "sh", "-c", script), "", nil)
	}
	s, err := serve("echo listening 127.0.0.1:4022 bench full key; exec cat /dev/zero")
	if err != nil {
		t.Fatal(err)
	}
	if s.address != "127.0.0.1:4022" {
		t.Errorf("got address %q", s.address)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if _, err := serve("echo no such folder >&2; exit 1"); err == nil || !strings.Contains(err.Error(), "no such folder") {
		t.Errorf("got %v", err)
	}
}

func TestCheckPath(t *testing.T) {
	t.Parallel()
	for path, good := range map[string]bool{"/tmp/esync-bench-12/lab": true, "/tmp/my papers": false, "/tmp/$x": false, "/tmp/it's": false} {
		if got := checkPath(path) == nil; got != good {
			t.Errorf("%q: got %v", path, got)
		}
	}
}
