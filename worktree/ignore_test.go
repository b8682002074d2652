package worktree

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/esync/esync/internal/fsys"
)

// ignoreTable has ignore files ("path" -> lines) and paths; those that are to
// be ignored are listed. "x/" is a folder.
var ignoreTable = []struct {
	name    string
	rules   map[string]string
	paths   []string
	ignored []string
}{
	{"name", map[string]string{"": "*.bak\nnotes"}, []string{"a.bak", "d/b.bak", "notes", "d/notes/", "bak", "a.bak.txt"}, []string{"a.bak", "d/b.bak", "notes", "d/notes/"}},
	{"comments and blanks", map[string]string{"": "# a\n\n\\#b\n\\!c\n d\ne \nf\\ "}, []string{"# a", "#b", "!c", "d", " d", "e", "f ", "f"}, []string{"#b", "!c", " d", "e", "f "}},
	{"anchored", map[string]string{"": "/top\nd/mid\nq/"}, []string{"top", "d/top", "d/mid", "e/d/mid", "q", "e/q/", "q2/"}, []string{"top", "d/mid", "e/q/"}},
	{"negated", map[string]string{"": "*.log\n!keep.log\nd/*\n!d/keep"}, []string{"a.log", "keep.log", "d/x", "d/keep"}, []string{"a.log", "d/x"}},
	{"last rule counts", map[string]string{"": "!a\na\nb\n!b"}, []string{"a", "b"}, []string{"a"}},
	{"stars", map[string]string{"": "a*b\nc?d\n/e/*/f\n**/g\nh/**\ni/**/j\nk**l"},
		[]string{"ab", "axxb", "a/b", "cxd", "cd", "e/x/f", "e/x/y/f", "g", "p/q/g", "h", "h/x", "h/x/y", "i/j", "i/x/j", "i/x/y/j", "kxl", "z/kl"},
		[]string{"ab", "axxb", "cxd", "e/x/f", "g", "p/q/g", "h/x", "h/x/y", "i/j", "i/x/j", "i/x/y/j", "kxl", "z/kl"}},
	{"classes", map[string]string{"": "[a-c]1\n[!a-c]2\n[]]3\n[[:digit:]]4\n[^x]5\n[a\\-z]6\n[ab"}, []string{"a1", "d1", "a2", "d2", "]3", "74", "x4", "x5", "y5", "-6", "b6", "[ab"}, []string{"a1", "d2", "]3", "74", "y5", "-6"}},
	{"brackets in classes", map[string]string{"": "[[:]1\n[[:a]2\n[[:]]3\n[x[:digit:]4\n[[:digit]5\n[[:nothing:]]6\n[[:digit:][:upper:]]7\n[^^-A]8"},
		[]string{"[1", "x1", "[2", "a2", "[]3", "x]3", "x4", "84", "d5", "t5", "[5", "n6", "77", "Q7", "q7", "^8", "B8"},
		[]string{"[1", "[2", "a2", "[]3", "d5", "t5", "[5", "77", "Q7", "B8"}},
	{"escapes", map[string]string{"": "\\*x\n\\a\nb\\\\c"}, []string{"*x", "yx", "a"}, []string{"*x", "a"}},
	{"nested", map[string]string{"": "*.tmp1\n/d/x", "d": "!a.tmp1\ny\n/z", "d/e": "y2\n!x"}, []string{"a.tmp1", "d/a.tmp1", "d/b.tmp1", "d/x", "d/y", "d/e/y", "d/e/y2", "y", "z", "d/z", "d/e/z"},
		[]string{"a.tmp1", "d/b.tmp1", "d/x", "d/y", "d/e/y", "d/e/y2", "d/z"}},
	{"windows lines", map[string]string{"": "\xef\xbb\xbfa\r\nb\r\n"}, []string{"a", "b"}, []string{"a", "b"}},
	{"backtracking", map[string]string{"": "*a*a*a*a*a*a*b\n**/x/**/x/**/y"}, []string{"aaaaaaaaaaaaaaaaaaaaaaaa", "aaaaaab", "x/x/x/x/z", "x/q/x/y"}, []string{"aaaaaab", "x/q/x/y"}},
}

func TestIgnoreRules(t *testing.T) {
	t.Parallel()
	for _, c := range ignoreTable {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			want := map[string]bool{}
			for _, p := range c.ignored {
				want[p] = true
			}
			for _, p := range c.paths {
				if got := ruled(c.rules, p); got != want[p] {
					t.Errorf("%q: ignored %t, want %t", p, got, want[p])
				}
			}
		})
	}
}

// ruled asks the rules of all folders on the way to a path.
func ruled(rules map[string]string, p string) bool {
	name, folder := strings.CutSuffix(p, "/")
	var level *ignoreLevel
	for dir := ""; ; {
		level = parseIgnore(level, dir, splitLines([]byte(rules[dir])), false)
		next, rest, below := strings.Cut(strings.TrimPrefix(name[len(dir):], "/"), "/")
		if !below || rest == "" {
			return level.match(name, folder) == ignored
		}
		dir = join(dir, next)
	}
}

// TestIgnoreAsGit asks git the same questions.
func TestIgnoreAsGit(t *testing.T) {
	t.Parallel()
	git, err := exec.LookPath("git")
	if err != nil {
		t.Skip("git is not installed")
	}
	for _, c := range ignoreTable {
		dir := t.TempDir()
		run := func(input string, args ...string) string {
			cmd := exec.Command(git, args...)
			cmd.Dir, cmd.Stdin = dir, strings.NewReader(input)
			cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1", "GIT_DIR=", "LC_ALL=C")
			for i, e := range cmd.Env {
				if strings.HasPrefix(e, "GIT_DIR=") || strings.HasPrefix(e, "GIT_WORK_TREE=") {
					cmd.Env[i] = "ESYNC_UNUSED="
				}
			}
			out, _ := cmd.Output() // it exits with 1 when nothing is ignored
			return string(out)
		}
		run("", "init", "-q")
		for p, lines := range c.rules {
			if err := os.MkdirAll(filepath.Join(dir, p), 0o777); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, p, ".gitignore"), []byte(lines), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		got := map[string]bool{}
		for _, p := range c.paths {
			got[p] = strings.TrimSpace(run(p+"\x00", "check-ignore", "-z", "--stdin", "--no-index")) != ""
		}
		want := map[string]bool{}
		for _, p := range c.ignored {
			want[p] = true
		}
		for _, p := range c.paths {
			if got[p] != want[p] {
				t.Errorf("%s: git ignores %q: %t, the table says %t", c.name, p, got[p], want[p])
			}
		}
	}
}

func TestIgnoreFiles(t *testing.T) {
	t.Parallel()
	x := newWorld(t, Options{Ignore: []string{"*.old"}, System: SystemUnix})
	x.write("tracked.bak", "t")
	x.write("out/tracked.txt", "t")
	x.record()
	x.write(IgnoreFile, "*.bak\nout/\n!keep.old\n!wanted.tmp\n")
	for _, n := range []string{"new.bak", "a.old", "keep.old", "wanted.tmp", "other.tmp", "out/new.txt", "out/deep/new.txt", "junk/a.bak", "d/" + IgnoreFile} {
		x.write(n, "n")
	}
	x.write("d/"+IgnoreFile, "!*.bak\n")
	x.write("d/x.bak", "x")
	x.write("tracked.bak", "changed")
	x.write("out/tracked.txt", "changed")
	x.wantChanges(x.scan().Changes,
		"added .esyncignore", "added d/.esyncignore", "added d/x.bak", "added keep.old",
		"modified out/tracked.txt", "modified tracked.bak", "added wanted.tmp")
	// A folder with nothing but ignored files is no news.
	rec := x.record()
	if _, ok := x.tree(rec.Tree)["junk/"]; ok {
		t.Error("a folder of ignored files was recorded")
	}
	x.wantChanges(x.scan().Changes)
}

func TestOfficeNoise(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"~$Budget.xlsx": true, "~$dget.docx": true, "x.TMP": true, "~WRD0001.tmp": true, "~WRL1234.doc": true, "~DF3A.tmp": true,
		".~lock.a.ods#": true, "Thumbs.db": true, "desktop.ini": true, ".DS_Store": true, "client.lck": true, "c.LOCKS": true,
		"a.clg": true, "b.csc": true, "c.cwz": true, ".esync-tmp-0011": true,
		"Budget.xlsx": false, "tmp": false, "notes.tmpl": false, "$a": false, "~a": false, "lck": false,
		"locks.txt": false,
	} {
		if got := officeNoise(name); got != want {
			t.Errorf("%q: %t", name, got)
		}
	}
	x := newWorld(t, Options{})
	x.write("1A2B3C4D", "PK\x03\x04...")
	x.write("0000FFFF", "")
	x.write("ABCDEF01", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1...")
	x.write("20240101", "an export with such a name")
	x.wantChanges(x.scan().Changes, "added 20240101")
}

func FuzzIgnore(f *testing.F) {
	for _, c := range ignoreTable {
		for _, lines := range c.rules {
			f.Add(lines, strings.Join(c.paths, "/"))
		}
	}
	f.Fuzz(func(t *testing.T, lines, p string) {
		if p == "" || len(lines) > 512 || len(p) > 512 {
			return
		}
		for _, fold := range []bool{false, true} {
			level := parseIgnore(nil, "", splitLines([]byte(lines)), fold)
			first := level.match(p, true)
			if level.match(p, true) != first {
				t.Error("two answers to one question")
			}
			level.ignores("", &fsys.Info{Name: p})
			// What a rule takes back with "!" at the end is kept.
			if fold {
				continue
			}
			if back := parseIgnore(level, "", []string{"!**"}, fold); back.match(p, true) != kept {
				t.Errorf("%q is not kept by the last rule", p)
			}
		}
	})
}
