package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// cell is one attempt.
type cell struct {
	*matrix
	t      *testing.T
	who    string
	way    string
	served string
}

// source is the copy that a cell is about, by its way.
func (c *cell) source() string { return "ssh://" + c.way + "-" + c.served + "/eng1" }

// fresh gives a name that no cell has had.
func (c *cell) fresh(word string) string { return fmt.Sprintf("%s-%s-%d", word, c.who, c.next.Add(1)) }

// seed gives the caller a copy of his own, from the time when all was well.
func (c *cell) seed() string {
	dir := c.path(c.fresh("copy"))
	if err := os.CopyFS(dir, os.DirFS(c.path("seed"))); err != nil {
		c.t.Fatal(err)
	}
	return dir
}

// lines are the lines of work of a copy that serves.
func (c *cell) lines(owner string) string {
	return "\n" + c.must(owner, c.copy[c.served], "branch", "--names") + "\n"
}

// owner is whose copy serves.
func (c *cell) owner() string {
	return map[string]string{"full": "office", "readonly": "second"}[c.served]
}

func (c *cell) clone() outcome {
	dir := c.path(c.fresh("clone"))
	code, _, said := c.do(c.who, c.dir, "clone", c.source(), dir)
	_, err := os.Stat(filepath.Join(dir, "notes.txt"))
	return outcome{code, err == nil, said}
}

// pull brings what the server has got since the copy was made: a line of its own for this cell.
func (c *cell) pull() outcome {
	line := c.fresh("line")
	c.must(c.owner(), c.copy[c.served], "branch", line)
	dir := c.seed()
	code, _, said := c.do(c.who, dir, "pull", c.source())
	_, out, _ := c.do("office", dir, "log", "--json", "--limit", "1")
	return outcome{code, strings.Contains(out, "/"+line+`"`), said}
}

// push carries a line with a commit of the caller's.
func (c *cell) push() outcome {
	dir, line := c.seed(), c.fresh("line")
	c.do(c.who, dir, "switch", "-c", line)
	c.writeIn(dir, line)
	commit, _, told := c.do(c.who, dir, "commit", "-m", line)
	code, _, said := c.do(c.who, dir, "push", c.source())
	if commit != codeDone { // without a key there is nothing to push
		code = commit
	}
	return outcome{code, strings.Contains(c.lines(c.owner()), "\n"+line+"\n"), told + said}
}

func (c *cell) writeIn(dir, text string) {
	if err := os.WriteFile(filepath.Join(dir, text+".txt"), []byte(text+"\n"), 0o644); err != nil {
		c.t.Fatal(err)
	}
}

// watch waits until something has come by itself.
func (c *cell) watch() outcome {
	env, _, said := c.environment(c.who, c.seed())
	reader, writer := io.Pipe()
	env.stdout = writer
	ctx, cancel := context.WithTimeout(c.t.Context(), time.Minute)
	defer cancel()
	done := make(chan int, 1)
	go func() {
		done <- run(ctx, env, []string{"watch", "--json", "--no-commit", c.source()})
		writer.Close()
	}()
	var first watchRecord // that tells how it went: he is connected before the other side has looked at who he is
	for lines := bufio.NewScanner(reader); lines.Scan(); {
		_ = json.Unmarshal(lines.Bytes(), &first)
		if first.Event != "connected" {
			break
		}
	}
	cancel()
	go io.Copy(io.Discard, reader)
	code := <-done
	o := outcome{code: code, done: first.Event == "synced", said: first.Event + " " + first.Reason + said.String()}
	switch {
	case o.done:
		o.code = codeDone // it goes on until it is interrupted
	case first.Event != "": // it is tried again, for he may be let in later
		o.code = codeRefused
	}
	return o
}

// settings changes the settings and carries that up.
func (c *cell) settings() outcome {
	dir, pattern := c.seed(), c.fresh("pattern")
	c.do(c.who, dir, "pull", c.source())
	change, _, told := c.do(c.who, dir, "settings", "set", "ignore", pattern)
	code, _, said := c.do(c.who, dir, "push", c.source())
	if change != codeDone {
		code = change
	}
	return outcome{code, strings.Contains(c.must(c.owner(), c.copy[c.served], "settings"), "ignore\t"+pattern+"\n"), told + said}
}

// bundle is one that the copy which serves makes.
func (c *cell) bundle() string {
	file := c.path(c.fresh("bundle"))
	c.must(c.owner(), c.copy[c.served], "bundle", "create", file)
	return file
}

func (c *cell) cloneBundle() outcome {
	dir := c.path(c.fresh("clone"))
	code, _, said := c.do(c.who, c.dir, "clone", c.bundle(), dir)
	_, err := os.Stat(filepath.Join(dir, "notes.txt"))
	return outcome{code, err == nil, said}
}

func (c *cell) pullBundle() outcome {
	line := c.fresh("line")
	c.must(c.owner(), c.copy[c.served], "branch", line)
	dir := c.seed()
	code, _, said := c.do(c.who, dir, "pull", c.bundle())
	_, out, _ := c.do("office", dir, "log", "--json", "--limit", "1")
	return outcome{code, strings.Contains(out, "/"+line+`"`), said}
}

// giveBundle takes up what the caller made. Who may not make one has given none.
func (c *cell) giveBundle() outcome {
	dir, file, line := c.seed(), c.path(c.fresh("given")), c.fresh("line")
	c.do(c.who, dir, "branch", line)
	code, _, said := c.do(c.who, dir, "bundle", "create", file)
	if code != codeDone {
		return outcome{code, false, said}
	}
	owner := c.owner()
	code, _, said = c.do(owner, c.copy[c.served], "pull", file)
	_, out, _ := c.do(owner, c.copy[c.served], "log", "--json", "--limit", "100")
	return outcome{code, strings.Contains(out, "/"+line+`"`), said}
}

// register offers a copy at the hub for members.
func (c *cell) register() outcome {
	env, _, _ := c.environment(c.who, c.seed())
	reader, writer := io.Pipe()
	var said bytes.Buffer
	env.stdout = writer
	env.stderr = io.MultiWriter(writer, &said)
	ctx, cancel := context.WithTimeout(c.t.Context(), time.Minute)
	defer cancel()
	done := make(chan int, 1)
	go func() {
		done <- run(ctx, env, []string{"serve", "--listen", "127.0.0.1:0", "--via", "club"})
		writer.Close()
	}()
	o := outcome{code: codeRefused}
	for lines := bufio.NewScanner(reader); lines.Scan(); {
		if strings.HasPrefix(lines.Text(), "listening club/") {
			o = outcome{code: codeDone, done: true}
			break
		}
		if strings.Contains(lines.Text(), "cannot be reached through the hub") {
			break
		}
	}
	cancel()
	go io.Copy(io.Discard, reader)
	<-done
	o.said = said.String()
	return o
}

// through asks the hub for members to pass him on. Nobody is there, which is what only those hear who may ask.
func (c *cell) through() outcome {
	host := c.fresh("nobody")
	c.write("ssh_config", fmt.Sprintf("Host %s\n\tHostName localhost\n\tPort 1\n\tProxyJump club\n", host))
	code, _, said := c.do(c.who, c.dir, "clone", "ssh://"+host+"/eng1", c.path(host))
	o := outcome{code: code, done: strings.Contains(said, "nobody") && code == codeFailed, said: said}
	if o.done {
		o.code = codeDone
	}
	return o
}
