package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/esync/esync/internal/corpus"
)

// contender is one tool at work on one engagement.
type contender struct {
	tool  tool
	place place
	log   io.Writer
	// broken says why it takes no further part.
	broken error
}

// close ends what the tool left running and removes what it made.
func (c *contender) close(ctx context.Context) error {
	err := quietly(context.WithoutCancel(ctx), c.tool, c.tool.end)
	return errors.Join(err, os.RemoveAll(c.place.work))
}

// fail takes the contender out of the rest of the run.
func (c *contender) fail(where string, err error) {
	if err != nil && c.broken == nil {
		c.broken = fmt.Errorf("%s: %w", where, err)
		fmt.Fprintf(c.log, "  ! %s: %v\n", c.tool.name, c.broken)
	}
}

// localRow is one row that needs no server: an edit, which is not measured, and a command.
type localRow struct {
	name    string
	edit    string
	act     act
	command func(tool) string
	// before are what comes before the edit, and is not measured either: commands, each after an edit.
	before []preparation
}

// preparation is a command of a tool that is not measured, after an edit, if it names one.
type preparation struct {
	edit    string
	command func(tool) string
}

// act is what the command of a local row is for.
type act int

const (
	record act = iota // records a state of the tree
	look              // changes nothing
	tidy              // makes the store smaller
)

// localRows are the rows that make sense for a preset, in order: each goes on from where the last one stopped.
func localRows(preset corpus.Preset) []localRow {
	commit := func(name, edit string) localRow {
		return localRow{name: name, edit: edit, act: record, command: func(t tool) string { return t.commit }}
	}
	rows := []localRow{
		commit("first commit", ""),
		{name: "status, nothing changed", act: look, command: func(t tool) string { return t.status }},
	}
	if preset.Tiny {
		rows = append(rows, commit("commit of 100 tiny files", "tiny"))
	} else {
		rows = append(rows, commit("commit of one cell", "cell"), commit("commit of a mixed day", "mixed"))
	}
	if preset.CSV > 0 {
		rows = append(rows, commit("commit of ten bytes in the largest file", "insert10"))
	}
	rows = append(rows, commit("commit of a renamed folder", "rename"))
	if !preset.Tiny {
		rows = append(rows, localRow{name: "merge, 30 workbooks changed on each side", act: record, command: func(t tool) string { return t.merge }, before: []preparation{
			{"", func(t tool) string { return t.aside }},
			{"first30", func(t tool) string { return t.commit }},
			{"", func(t tool) string { return t.home }},
			{"last30", func(t tool) string { return t.commit }},
		}})
	}
	return append(rows, localRow{name: "tidy", act: tidy, command: func(t tool) string { return t.tidy }})
}

// runner runs the rows of one size once.
type runner struct {
	lab    *lab
	preset corpus.Preset
	source string // the engagement as generated
	repeat int
	keep   func(sample)
	log    io.Writer // progress and what went wrong
	wanted func(row string) bool
	seed   uint64
	plain  map[[2]string]time.Duration // what rows took over the plain line, by row and tool
}

// prepare gives a tool a fresh copy of the engagement.
func (r *runner) prepare(ctx context.Context, m maker) *contender {
	work := r.lab.path(m.name + "-" + r.preset.Name)
	p := place{
		work: work, tree: filepath.Join(work, "tree"), repo: filepath.Join(work, "repo"), server: filepath.Join(work, "server"),
		clone: filepath.Join(work, "clone"), config: filepath.Join(work, "ssh.conf"), esync: r.lab.esync, listen: r.lab.net.address(),
	}
	c := &contender{tool: m.make(p), place: p, log: r.log}
	c.fail("make room", os.RemoveAll(work))
	c.fail("make room", os.MkdirAll(work, 0o755))
	if out, err := exec.CommandContext(ctx, "cp", "-a", r.source, p.tree).CombinedOutput(); err != nil {
		c.fail("copy", fmt.Errorf("%w: %s", err, out))
	}
	if c.broken == nil {
		c.fail("init", quietly(ctx, c.tool, c.tool.init))
	}
	return c
}

// local runs the rows that need no server, each with one contender after the other.
func (r *runner) local(ctx context.Context, contenders []*contender) {
	for i, row := range localRows(r.preset) {
		r.seed++
		for _, c := range contenders {
			if c.broken != nil || ctx.Err() != nil {
				continue
			}
			if i > 0 && !r.wanted(row.name) {
				continue
			}
			command := row.command(c.tool)
			if len(row.before) > 0 && (command == "" || c.tool.remoteOnly) {
				continue
			}
			for _, p := range row.before {
				if p.edit != "" {
					c.fail("edit", corpus.Edit(c.place.tree, p.edit, r.seed))
				}
				c.fail(row.name, quietly(ctx, c.tool, p.command(c.tool)))
			}
			if row.edit != "" {
				c.fail("edit", corpus.Edit(c.place.tree, row.edit, r.seed))
			}
			switch {
			case c.broken != nil || command == "":
				continue
			case c.tool.remoteOnly:
				if row.act == record {
					c.fail(row.name, quietly(ctx, c.tool, command))
				}
				continue
			case row.act == look:
				c.fail(row.name, quietly(ctx, c.tool, command)) // the second look is the one that people wait for
			}
			before, _, err := allocated(c.tool.store)
			c.fail("look at the store", err)
			s := measure(ctx, c.tool, nil, 0, command)
			if row.act != look {
				s.Store, s.StoreFiles, err = allocated(c.tool.store)
				c.fail("look at the store", err)
			}
			if i > 0 && row.act != look {
				s.Growth = s.Store - before
			}
			r.save(c, line{name: "local"}, row.name, s)
		}
	}
}

// save keeps a sample, and takes a contender out whose command failed.
func (r *runner) save(c *contender, on line, row string, s sample) {
	if key := [2]string{row, c.tool.name}; on.name == plainLine {
		r.plain[key] = s.Wall
	} else if on.shape != nil {
		s.Trips = on.shape.trips(s.Wall, r.plain[key])
	}
	s.Size, s.Line, s.Row, s.Tool, s.Repeat = r.preset.Name, on.name, row, c.tool.name, r.repeat
	if s.Failed != "" {
		c.fail(row, fmt.Errorf("%s", s.Failed))
	}
	fmt.Fprintf(r.log, "%-3s %-14s %-34s %-12s %8.3f s  cpu %.2f + %.2f s  peak %4d MB  wire %d kB  growth %d kB\n", s.Size, on.name, row, s.Tool,
		s.Wall.Seconds(), s.ClientCPU.Seconds(), s.ServerCPU.Seconds(), s.Peak/1e6, s.wire()/1000, s.Growth/1000)
	if r.wanted(row) {
		r.keep(s)
	}
}

// history records many small commits, one after the other, and keeps what all of them, the first and the last 50 cost.
func (r *runner) history(ctx context.Context, c *contender, commits int) {
	c.fail("first commit", quietly(ctx, c.tool, c.tool.commit))
	if c.broken != nil {
		return
	}
	before, _, err := allocated(c.tool.store)
	c.fail("look at the store", err)
	const part = 50
	var all, first, last sample
	add := func(to *sample, s sample) {
		to.Wall += s.Wall
		to.ClientCPU += s.ClientCPU
		to.Peak = max(to.Peak, s.Peak)
	}
	for i := range commits {
		if c.fail("edit", corpus.Edit(c.place.tree, "step", uint64(5000+i))); c.broken != nil || ctx.Err() != nil {
			return
		}
		begin := time.Now()
		e := shell(ctx, c.tool, c.tool.commit)
		s := sample{Wall: time.Since(begin), ClientCPU: e.cpu, Peak: e.peak}
		c.fail("commit", e.err)
		add(&all, s)
		if i < part {
			add(&first, s)
		}
		if i >= commits-part {
			add(&last, s)
		}
	}
	all.Store, all.StoreFiles, err = allocated(c.tool.store)
	c.fail("look at the store", err)
	all.Growth = all.Store - before
	r.save(c, line{name: "history"}, fmt.Sprintf("%d commits", commits), all)
	r.save(c, line{name: "history"}, fmt.Sprintf("the first %d of them", part), first)
	r.save(c, line{name: "history"}, fmt.Sprintf("the last %d of them", part), last)
	if c.tool.tidy != "" {
		s := measure(ctx, c.tool, nil, 0, c.tool.tidy)
		s.Store, s.StoreFiles, err = allocated(c.tool.store)
		c.fail("look at the store", err)
		r.save(c, line{name: "history"}, "tidy after them", s)
	}
}
