package merge_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// git is a bare repository to compare with.
type git struct {
	t       testing.TB
	program string
	dir     string
	env     []string
	marks   int
}

// newGit makes a repository; without a git that can merge without a working
// tree the test skips.
func newGit(t testing.TB) *git {
	t.Helper()
	program, err := exec.LookPath("git")
	if err != nil {
		t.Skip("git is not installed: NOTHING WAS COMPARED WITH IT")
	}
	g := &git{t: t, program: program, dir: t.TempDir()}
	g.env = append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL="+os.DevNull, "HOME="+g.dir, "LC_ALL=C", "GIT_DIR="+g.dir)
	g.run("", "init", "-q", "--bare", ".")
	if help, _ := g.try("", "merge-tree", "-h"); !strings.Contains(help, "--write-tree") {
		t.Skip("git is older than 2.38: NOTHING WAS COMPARED WITH IT")
	}
	return g
}

// try runs git and gives both of its outputs together.
func (g *git) try(input string, args ...string) (string, error) {
	cmd := exec.Command(g.program, args...)
	cmd.Dir, cmd.Env, cmd.Stdin = g.dir, g.env, strings.NewReader(input)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func (g *git) run(input string, args ...string) string {
	g.t.Helper()
	out, err := g.try(input, args...)
	if err != nil {
		g.t.Fatalf("git %s: %v\n%s", args, err, out)
	}
	return out
}

// gitFile is a file of a commit to be.
type gitFile struct {
	content []byte
	exec    bool
}

// commit writes one commit of the files for fast-import, and gives its mark.
func (g *git) commit(stream *bytes.Buffer, files map[string]gitFile, parents ...int) int {
	mark := g.commitHead(stream, parents)
	if len(parents) > 0 {
		stream.WriteString("deleteall\n")
	}
	for p, f := range files {
		mode := "100644"
		if f.exec {
			mode = "100755"
		}
		fmt.Fprintf(stream, "M %s inline %q\ndata %d\n%s\n", mode, p, len(f.content), f.content)
	}
	return mark
}

// commitTree is commit for a tree that is there already.
func (g *git) commitTree(stream *bytes.Buffer, tree string, parents ...int) int {
	mark := g.commitHead(stream, parents)
	fmt.Fprintf(stream, "M 040000 %s \"\"\n", tree)
	return mark
}

func (g *git) commitHead(stream *bytes.Buffer, parents []int) int {
	g.marks++
	fmt.Fprintf(stream, "commit refs/heads/m%d\nmark :%d\ncommitter a <a@b> %d +0000\ndata 0\n", g.marks, g.marks, 1000000000+g.marks)
	for i, p := range parents {
		verb := "merge"
		if i == 0 {
			verb = "from"
		}
		fmt.Fprintf(stream, "%s :%d\n", verb, p)
	}
	return g.marks
}

// importAll runs fast-import over what commit wrote. Afterwards mark n is the
// line "mN".
func (g *git) importAll(stream *bytes.Buffer) {
	g.t.Helper()
	g.run(stream.String(), "fast-import", "--quiet", "--force")
}

// gitMerge is what git makes of a merge.
type gitMerge struct {
	tree     string
	clean    bool
	paths    []string // in conflict: those that have stages, ascending
	messages []gitMessage
}

type gitMessage struct {
	kind  string
	paths []string
}

// merge merges two commits as git would record it. It is not ok when git gives
// up, as it does on some made up histories.
func (g *git) merge(ours, theirs int) (m gitMerge, ok bool) {
	g.t.Helper()
	return g.mergeOf(fmt.Sprintf("m%d", ours), fmt.Sprintf("m%d", theirs))
}

// mergeOf merges two commits by their names.
func (g *git) mergeOf(ours, theirs string) (m gitMerge, ok bool) {
	g.t.Helper()
	cmd := exec.Command(g.program, "-c", "merge.directoryRenames=true", "merge-tree", "--write-tree", "-z", "--messages", "--allow-unrelated-histories",
		ours, theirs)
	cmd.Dir, cmd.Env = g.dir, g.env
	var errText bytes.Buffer
	cmd.Stderr = &errText
	out, err := cmd.Output()
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || exit.ExitCode() > 1) {
		g.t.Fatalf("git merge-tree: %v\n%s", err, &errText)
	}
	if exit != nil && exit.ExitCode() < 0 {
		return m, false
	}
	m.clean = err == nil
	fields := strings.Split(string(out), "\x00")
	m.tree, fields = fields[0], fields[1:]
	for len(fields) > 0 && fields[0] != "" {
		_, path, ok := strings.Cut(fields[0], "\t")
		if !ok {
			break
		}
		m.paths = append(m.paths, path)
		fields = fields[1:]
	}
	slices.Sort(m.paths)
	m.paths = slices.Compact(m.paths)
	if len(fields) > 0 {
		fields = fields[1:]
	}
	for len(fields) > 3 {
		n := 0
		fmt.Sscan(fields[0], &n)
		if len(fields) < n+3 {
			break
		}
		m.messages = append(m.messages, gitMessage{kind: fields[n+1], paths: fields[1 : n+1]})
		fields = fields[n+3:]
	}
	return m, true
}

// files reads a tree of git.
func (g *git) files(tree string) map[string]gitFile {
	g.t.Helper()
	files := map[string]gitFile{}
	var order []string
	var ask strings.Builder
	for line := range strings.SplitSeq(g.run("", "ls-tree", "-r", "-z", tree), "\x00") {
		info, path, ok := strings.Cut(line, "\t")
		if !ok {
			continue
		}
		var mode, kind, id string
		fmt.Sscan(info, &mode, &kind, &id)
		files[path] = gitFile{exec: mode == "100755"}
		order = append(order, path)
		fmt.Fprintln(&ask, id)
	}
	rest := g.run(ask.String(), "cat-file", "--batch")
	for _, p := range order {
		head, body, _ := strings.Cut(rest, "\n")
		var id, kind string
		n := 0
		fmt.Sscan(head, &id, &kind, &n)
		f := files[p]
		f.content = []byte(body[:n])
		files[p] = f
		rest = body[n+1:]
	}
	return files
}
