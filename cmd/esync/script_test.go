package main

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"esync": main})
}

// TestScripts runs the stories of testdata/script with the real program.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("..", "..", "testdata", "script"),
		Cmds:                scriptCommands(),
		Setup:               scriptSetup,
		Condition:           scriptCondition,
		RequireUniqueNames:  true,
		RequireExplicitExec: false,
	})
}

// scriptVars are what a story's processes may know of the world.
var scriptVars = []string{"PATH", "HOME", "ESYNC_HOME", "ESYNC_AUTHOR", "ESYNC_DATE", "ESYNC_SSH_CONFIG", "ESYNC_AGENT", "ESYNC_LAN", "GORACE", "TMPDIR", "SYSTEMROOT", "TZ"}

func scriptSetup(e *testscript.Env) error {
	e.Vars = append(e.Vars,
		"HOME="+filepath.Join(e.WorkDir, "home"),
		"ESYNC_HOME="+filepath.Join(e.WorkDir, "office-home"),
		"ESYNC_AUTHOR=Ada Lovelace <ada@example.com>",
		"ESYNC_DATE=2026-11-22T10:00:00Z",
		"ESYNC_SSH_CONFIG="+filepath.Join(e.WorkDir, "ssh_config"),
		"ESYNC_AGENT=off",
		"GORACE=atexit_sleep_ms=0", // under the race detector every process would sleep for a second at its end
		"ESYNC_LAN=off",
		"TZ=UTC",
	)
	papers, err := filepath.Abs(filepath.Join("..", "..", "testdata", "papers"))
	if err != nil {
		return err
	}
	e.Vars = append(e.Vars, "PAPERS="+papers)
	e.Values["servers"] = map[string]*server{}
	config := "UserKnownHostsFile \"" + filepath.Join(e.WorkDir, "known_hosts") + "\"\nGlobalKnownHostsFile none\nIdentityAgent none\nIdentityFile none\n"
	if err := os.WriteFile(filepath.Join(e.WorkDir, "ssh_config"), []byte(config), 0o600); err != nil {
		return err
	}
	return os.Mkdir(filepath.Join(e.WorkDir, "home"), 0o755)
}

func scriptCommands() map[string]func(*testscript.TestScript, bool, []string) {
	return map[string]func(*testscript.TestScript, bool, []string){
		"fails":      cmdFails,
		"serve":      cmdServe,
		"hub":        cmdHub,
		"start":      cmdStart,
		"await":      cmdAwait,
		"stop":       cmdStop,
		"guest":      cmdGuest,
		"withagent":  cmdWithAgent,
		"as":         cmdAs,
		"admit":      cmdAdmit,
		"invitation": cmdInvitation,
		"same":       cmdSame,
		"damage":     cmdDamage,
		"papers":     cmdPapers,
		"touchat":    cmdTouchAt,
		"cell":       cmdCell,
		"memo":       cmdMemo,
		"append":     cmdAppend,
		"readme":     cmdReadme,
		"sshd":       cmdSSHD,
	}
}

// fails CODE COMMAND…: the command must end with exactly this exit code.
func cmdFails(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: fails CODE COMMAND [ARGUMENT…]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		ts.Fatalf("%v", err)
	}
	got := 0
	if exit != nil {
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// as NAME: from here on the story's commands are those of that person, who has keys of his own in NAME-home.
func cmdAs(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: as NAME")
	}
	for name, value := range personVars(ts, args[0]) {
		ts.Setenv(name, value)
	}
}

// withagent: from here on commands use the agent, which is ended with the story.
func cmdWithAgent(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: withagent")
	}
	ts.Setenv("ESYNC_AGENT", "on")
	esync, err := exec.LookPath("esync")
	ts.Check(err)
	stop := exec.Command(esync, "agent", "--stop")
	stop.Env = scriptEnv(ts)
	ts.Defer(func() { _ = stop.Run() })
}

// personVars are what makes the commands somebody's.
func personVars(ts *testscript.TestScript, name string) map[string]string {
	author := fmt.Sprintf("%s <%s@example.com>", name, name)
	if name == "ada" {
		author = "Ada Lovelace <ada@example.com>"
	}
	return map[string]string{"ESYNC_HOME": filepath.Join(ts.Getenv("WORK"), name+"-home"), "ESYNC_AUTHOR": author}
}

// admit COPY NAME [LEVEL]: the office, whose copy that is, makes somebody a member by his key.
func cmdAdmit(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 || len(args) > 3 {
		ts.Fatalf("usage: admit COPY NAME [LEVEL]")
	}
	level := "full"
	if len(args) == 3 {
		level = args[2]
	}
	key := runAs(ts, args[1], ".", "key")
	runAs(ts, "office", args[0], "grant", args[1], level, "--key", strings.TrimSpace(key))
}

// guest FILE NAME: the key of that person is one of those in the file from here on.
func cmdGuest(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: guest FILE NAME")
	}
	appendFile(ts, ts.MkAbs(args[0]), runAs(ts, args[1], ".", "key"))
}

// invitation FILE: from here on $INVITATION is the line in the file.
func cmdInvitation(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: invitation FILE")
	}
	ts.Setenv("INVITATION", strings.TrimSpace(ts.ReadFile(args[0])))
}

// runAs runs esync for somebody, whoever's story it is at the moment.
func runAs(ts *testscript.TestScript, name, dir string, args ...string) string {
	esync, err := exec.LookPath("esync")
	ts.Check(err)
	cmd := exec.Command(esync, args...)
	cmd.Dir = ts.MkAbs(dir)
	cmd.Env = scriptEnv(ts)
	for v, value := range personVars(ts, name) {
		cmd.Env = append(cmd.Env, v+"="+value)
	}
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		ts.Fatalf("%s: esync %s: %v: %s", name, strings.Join(args, " "), err, said.String())
	}
	return string(out)
}

// scriptEnv is the environment of processes that a story starts.
func scriptEnv(ts *testscript.TestScript) []string {
	var env []string
	for _, v := range scriptVars {
		env = append(env, v+"="+ts.Getenv(v))
	}
	return env
}

func appendFile(ts *testscript.TestScript, path, text string) {
	ts.Check(os.MkdirAll(filepath.Dir(path), 0o755))
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	ts.Check(err)
	_, err = f.WriteString(text)
	ts.Check(errors.Join(err, f.Close()))
}

// append FILE TEXT: adds a line.
func cmdAppend(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: append FILE TEXT")
	}
	appendFile(ts, ts.MkAbs(args[0]), args[1]+"\n")
}

// same A B: the two folders hold the same files, byte for byte and with the same dates, not counting .esync.
func cmdSame(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: same A B")
	}
	a, b := listing(ts, ts.MkAbs(args[0])), listing(ts, ts.MkAbs(args[1]))
	if (a == b) == neg {
		ts.Fatalf("same is %v:\n%s\n%s", a == b, a, b)
	}
	if a == "" {
		ts.Fatalf("the folders are empty")
	}
}

func listing(ts *testscript.TestScript, root string) string {
	var b strings.Builder
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == root {
			return err
		}
		if d.Name() == ".esync" {
			return filepath.SkipDir
		}
		rel, err := filepath.Rel(root, path)
		if err != nil || d.IsDir() {
			fmt.Fprintf(&b, "%s/\n", rel)
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		fmt.Fprintf(&b, "%s %x %s\n", rel, sha256.Sum256(content), info.ModTime().UTC().Format("2006-01-02T15:04:05.000"))
		return nil
	})
	ts.Check(err)
	return b.String()
}

// damage FOLDER: flips one bit in the middle of the largest file there.
func cmdDamage(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: damage FOLDER")
	}
	var largest string
	var size int64
	ts.Check(filepath.WalkDir(ts.MkAbs(args[0]), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if info, err := d.Info(); err == nil && info.Size() > size {
			largest, size = path, info.Size()
		}
		return nil
	}))
	content, err := os.ReadFile(largest)
	ts.Check(err)
	content[len(content)/2] ^= 0x10
	ts.Check(os.Chmod(largest, 0o644))
	ts.Check(os.WriteFile(largest, content, 0o644))
}

// papers DIR: copies the real documents there, with dates of their own.
func cmdPapers(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: papers DIR")
	}
	dir := ts.MkAbs(args[0])
	ts.Check(os.MkdirAll(dir, 0o755))
	entries, err := os.ReadDir(ts.Getenv("PAPERS"))
	ts.Check(err)
	for i, e := range entries {
		content, err := os.ReadFile(filepath.Join(ts.Getenv("PAPERS"), e.Name()))
		ts.Check(err)
		path := filepath.Join(dir, e.Name())
		ts.Check(os.WriteFile(path, content, 0o644))
		at := time.Date(2024, 3, 1, 9, 0, 0, 123e6, time.UTC).Add(time.Duration(i) * time.Hour)
		ts.Check(os.Chtimes(path, at, at))
	}
}

// touchat FILE TIME: sets the date of a file.
func cmdTouchAt(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: touchat FILE TIME")
	}
	at, err := time.Parse(time.RFC3339, args[1])
	ts.Check(err)
	ts.Check(os.Chtimes(ts.MkAbs(args[0]), at, at))
}
