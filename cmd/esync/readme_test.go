package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// readme: types the worked example of README.md line by line, in one shell, and compares what is printed. The example is
// the first block of kind "console": "$ " begins what is typed, the rest is what it says; "..." stands for anything.
func cmdReadme(ts *testscript.TestScript, _ bool, _ []string) {
	text, err := os.ReadFile(filepath.Join(ts.Getenv("PAPERS"), "..", "..", "README.md"))
	ts.Check(err)
	_, rest, found := strings.Cut(string(text), "```console\n")
	block, _, closed := strings.Cut(rest, "```")
	if !found || !closed {
		ts.Fatalf("README.md has no worked example")
	}
	shell, err := exec.LookPath("bash")
	if err != nil {
		ts.Fatalf("no bash: %v", err)
	}
	var typed, said []string // said[i] is what follows typed[i]
	for _, line := range strings.Split(strings.TrimSuffix(block, "\n"), "\n") {
		if command, ok := strings.CutPrefix(line, "$ "); ok {
			typed, said = append(typed, command), append(said, "")
			continue
		}
		if len(typed) == 0 {
			ts.Fatalf("README.md: output before the first command: %q", line)
		}
		said[len(said)-1] += line + "\n"
	}
	if len(typed) < 10 {
		ts.Fatalf("README.md: only %d commands in the worked example", len(typed))
	}
	const mark = "\x01"
	script := "exec 2>&1\n"
	for _, command := range typed {
		script += command + "\nprintf '" + mark + "'\n"
	}
	err = ts.Exec(shell, "--norc", "-c", script)
	got := strings.Split(ts.ReadFile("stdout"), mark)
	if err != nil || len(got) != len(typed)+1 {
		ts.Fatalf("%v: %d of %d commands ran: %q", err, len(got)-1, len(typed), got)
	}
	wrong := 0
	for i := range typed {
		if !matches(said[i], got[i]) {
			ts.Logf("$ %s\n%swant\n%s", typed[i], got[i], said[i])
			wrong++
		}
	}
	if wrong > 0 {
		ts.Fatalf("%d answers of the worked example are not those of README.md", wrong)
	}
}

// matches compares text in which "..." stands for anything.
func matches(want, got string) bool {
	pieces := strings.Split(want, "...")
	if !strings.HasPrefix(got, pieces[0]) {
		return false
	}
	got = got[len(pieces[0]):]
	for i, piece := range pieces[1:] {
		if i == len(pieces)-2 {
			return strings.HasSuffix(got, piece)
		}
		at := strings.Index(got, piece)
		if at < 0 {
			return false
		}
		got = got[at+len(piece):]
	}
	return got == ""
}
