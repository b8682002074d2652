package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Bash itself runs the script and says what it would complete.
func TestBashCompletion(t *testing.T) {
	t.Parallel()
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("no bash here")
	}
	script := filepath.Join(t.TempDir(), "esync.bash")
	if err := os.WriteFile(script, []byte(bashScript(verbs())), 0o644); err != nil {
		t.Fatal(err)
	}
	// The esync of this bash answers what an engagement would.
	const ask = `. "$1"; shift
esync() { case "$*" in "branch --names") printf 'main\nmonth-end\n' ;; "remote --names") echo parent ;; esac; }
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE="$*"
_esync; printf '%s\n' "${COMPREPLY[@]}"`
	for _, c := range []struct {
		line string // the last word is being typed; _ stands for an empty one
		want []string
		not  []string
	}{
		{"esync st", []string{"status"}, []string{"switch", "--json"}},
		{"esync _", []string{"init", "clone", "sync", "help"}, nil},
		{"esync --json com", []string{"commit", "completion"}, nil},
		{"esync -C dir com", []string{"commit"}, nil},
		{"esync commit --me", []string{"--message"}, []string{"--list"}},
		{"esync log --pa", []string{"--patch"}, []string{"--graph"}},
		{"esync commit -m x --js", []string{"--json"}, nil},
		{"esync --qu", []string{"--quiet"}, nil},
		{"esync switch m", []string{"main", "month-end"}, nil},
		{"esync push _", []string{"parent"}, nil},
		{"esync completion z", []string{"zsh"}, []string{"bash"}},
		{"esync remote _", []string{"add", "remove"}, nil},
		{"esync help fs", []string{"fsck"}, nil},
	} {
		words := strings.Fields(c.line)
		for i := range words {
			words[i] = strings.ReplaceAll(words[i], "_", "")
		}
		out, err := exec.Command(bash, append([]string{"--norc", "-c", ask, "ask", script}, words...)...).CombinedOutput()
		if err != nil {
			t.Fatalf("%q: %v\n%s", c.line, err, out)
		}
		got := map[string]bool{}
		for _, word := range strings.Fields(string(out)) {
			got[word] = true
		}
		for _, want := range c.want {
			if !got[want] {
				t.Errorf("%q does not complete to %q but to %q", c.line, want, strings.Fields(string(out)))
			}
		}
		for _, not := range c.not {
			if got[not] {
				t.Errorf("%q completes to %q", c.line, not)
			}
		}
	}
}

// Every shell that is here reads its script, and every script names every verb and flag.
func TestCompletionScripts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		shell  string
		check  []string // reads the script whose name follows, and runs nothing
		script func([]verb) string
	}{
		{"bash", []string{"-n"}, bashScript},
		{"zsh", []string{"-n"}, zshScript},
		{"fish", []string{"-n"}, fishScript},
		{"pwsh", nil, powershellScript},
	} {
		text := c.script(verbs())
		for _, v := range verbs() {
			for _, word := range append(flagWords(v.flags), v.name) {
				if c.shell == "fish" {
					word = strings.TrimLeft(word, "-")
				}
				if !strings.Contains(text, word) {
					t.Errorf("%s: %q of %s is not completed", c.shell, word, v.name)
				}
			}
		}
		shell, err := exec.LookPath(c.shell)
		if err != nil || c.check == nil {
			continue
		}
		path := filepath.Join(t.TempDir(), "script")
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command(shell, append(c.check, path)...).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", c.shell, err, out)
		}
	}
}
