package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// readme: types the worked example of README.md line by line, in one shell, and compares what is printed. The example is
// the first block of kind "console": "NAME$ " begins what that person types, in a folder and with keys of his own; the rest
// is what it says; "..." stands for anything. In what is typed, "esync1:..." is the invitation that was printed last. Servers
// keep to the loopback address, whatever the example says.
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
	var who, typed, said []string // said[i] is what follows typed[i]
	for _, line := range strings.Split(strings.TrimSuffix(block, "\n"), "\n") {
		name, command, ok := strings.Cut(line, "$ ")
		switch {
		case ok && name != "" && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz") == "":
			who, typed, said = append(who, name), append(typed, command), append(said, "")
		case len(typed) == 0:
			ts.Fatalf("README.md: output before the first command: %q", line)
		case line != "":
			said[len(said)-1] += line + "\n"
		}
	}
	if len(typed) < 10 {
		ts.Fatalf("README.md: only %d commands in the worked example", len(typed))
	}
	script := readmeShell
	for i, command := range typed {
		command = strings.ReplaceAll(command, "esync1:...", "$(cat $WORK/invitation)")
		if background, ok := strings.CutSuffix(command, " &"); ok {
			command = "begin " + background
		}
		script += fmt.Sprintf("as %s\n{ %s\n} > $WORK/said 2>&1\nfinish\n", who[i], command)
	}
	err = ts.Exec(shell, "--norc", "-c", script)
	got := strings.Split(ts.ReadFile("stdout"), "\x01")
	if err != nil || len(got) != len(typed)+1 {
		ts.Fatalf("%v: %d of %d commands ran: %q", err, len(got)-1, len(typed), got)
	}
	wrong := 0
	for i := range typed {
		if !matches(said[i], got[i]) {
			ts.Logf("%s$ %s\n%swant\n%s", who[i], typed[i], got[i], said[i])
			wrong++
		}
	}
	if wrong > 0 {
		ts.Fatalf("%d answers of the worked example are not those of README.md", wrong)
	}
}

// readmeShell is what the example finds in its shell. Every job is a process group, which is ended as a whole: a function in
// the background is a shell with the program as its child.
const readmeShell = `set -m
declare -A at
who=
as() {
	[ -n "$who" ] && at[$who]=$PWD
	who=$1
	mkdir -p "$WORK/$who"
	cd "${at[$who]:-$WORK/$who}"
	export ESYNC_HOME=$WORK/$who-home ESYNC_AUTHOR="$who <$who@example.com>"
}
esync() {
	if [ "$1" = serve ]; then shift; set -- serve --listen 127.0.0.1:0 --lan "$@"; fi
	command esync "$@"
}
begin() {
	: > "$WORK/served"
	"$@" >> "$WORK/served" 2> "$WORK/served.err" &
	for i in {1..500}; do [ -s "$WORK/served" ] && break; sleep 0.02; done
	cat "$WORK/served"
}
finish() {
	cat "$WORK/said"
	grep -h '^esync1:' "$WORK/said" > "$WORK/last" && cp "$WORK/last" "$WORK/invitation"
	printf '\x01'
}
trap 'for job in $(jobs -p); do kill -- -$job; done 2> /dev/null; wait' EXIT
`

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
