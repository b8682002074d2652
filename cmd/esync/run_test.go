package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// testEnvironment is a world with nothing in it but two folders.
func testEnvironment(t *testing.T) (environment, *bytes.Buffer, *bytes.Buffer) {
	t.Helper()
	dir := t.TempDir()
	vars := map[string]string{
		"ESYNC_HOME": filepath.Join(dir, "home"), "ESYNC_AUTHOR": "A <a@b>", "ESYNC_DATE": "1700000000",
		"ESYNC_LAN": "off", "ESYNC_AGENT": "off",
		"ESYNC_SSH_CONFIG": filepath.Join(dir, "ssh_config"),
	}
	if err := os.WriteFile(vars["ESYNC_SSH_CONFIG"], []byte("IdentityAgent none\nIdentityFile none\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var out, err bytes.Buffer
	return environment{
		stdin: strings.NewReader(""), stdout: &out, stderr: &err, dir: dir, home: dir,
		getenv: func(name string) string { return vars[name] }, now: time.Now, random: zeros{}, device: "test",
	}, &out, &err
}

// zeros is not random at all, which nobody here minds.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// A peer that never answers is left when the user interrupts, with the exit code that says so.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	env, out, said := testEnvironment(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		_, _ = io.ReadFull(conn, make([]byte, 1)) // the client has begun
		cancel()
		_, _ = io.Copy(io.Discard, conn)
	}()
	code := run(ctx, env, []string{"clone", "ssh://" + l.Addr().String() + "/eng1"})
	if code != codeInterrupted || out.Len() > 0 || !strings.HasPrefix(said.String(), "esync: interrupted\n") {
		t.Errorf("code %d, %q, %q", code, out, said)
	}
	if _, err := os.Stat(filepath.Join(env.dir, "eng1")); !os.IsNotExist(err) {
		t.Errorf("something is there: %v", err)
	}
}

// Every verb has help, and wrong usage of it never does anything.
func TestHelpOfEveryVerb(t *testing.T) {
	t.Parallel()
	for _, v := range verbs() {
		env, out, said := testEnvironment(t)
		if code := run(t.Context(), env, []string{v.name, "--help"}); code != codeDone || !strings.Contains(out.String(), "sage: esync ") {
			t.Errorf("%s --help: %d %q %q", v.name, code, out, said)
		}
		env, out, said = testEnvironment(t)
		if code := run(t.Context(), env, []string{v.name, "--no-such-flag"}); code != codeUsage || out.Len() > 0 {
			t.Errorf("%s --no-such-flag: %d %q %q", v.name, code, out, said)
		}
		hints := strings.Count(said.String(), "\nhint: ")
		if lines := strings.Count(said.String(), "\n"); hints > 2 || lines != 1+hints {
			t.Errorf("%s: more than an error and two hints: %q", v.name, said)
		}
	}
}

// Verbs that need an engagement say so where there is none.
func TestOutsideOfAnEngagement(t *testing.T) {
	t.Parallel()
	for _, line := range []string{
		"status", "diff", "log", "show", "cat HEAD:a", "commit -m x", "restore a", "undo", "redo", "branch", "switch a", "tag", "merge a",
		"conflicts", "resolve a --ours", "remote", "parent", "pull", "push", "sync", "serve", "fsck", "gc",
		"watch", "peers", "hub", "bundle create x", "invite", "members", "grant a full", "revoke a", "settings", "fsck --heal",
	} {
		env, out, said := testEnvironment(t)
		if code := run(t.Context(), env, strings.Fields(line)); code != codeFailed || out.Len() > 0 {
			t.Errorf("%s: %d %q", line, code, out)
		}
		if !strings.Contains(said.String(), "not an engagement") || !strings.Contains(said.String(), "\nhint: ") {
			t.Errorf("%s: %q", line, said)
		}
	}
}

// full is a disk without room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

// Output that got lost is an error, however short it was.
func TestOutputLost(t *testing.T) {
	t.Parallel()
	for _, line := range []string{"version", "version --json", "help", "completion bash"} {
		env, _, said := testEnvironment(t)
		env.stdout = full{}
		if code := run(t.Context(), env, strings.Fields(line)); code != codeFailed || !strings.Contains(said.String(), "write output") {
			t.Errorf("%s: %d %q", line, code, said)
		}
	}
}
