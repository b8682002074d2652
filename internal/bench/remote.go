package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"time"

	"github.com/esync/esync/internal/corpus"
)

// line is a network to measure on.
type line struct {
	name  string
	delay time.Duration // a round trip over a relay
	shape *shape        // of the network's line; nil is a relay
	// clones are how many clones to run at once; cut says whether a clone is also interrupted.
	clones []int
	cut    bool
}

// publish puts every contender's tree on its server.
func (r *runner) publish(ctx context.Context, contenders []*contender) {
	for _, c := range contenders {
		if c.broken == nil {
			// publishing opens no connection, but some programs read their configuration all the same
			c.fail("configure", r.lab.configure(c.place.config, "127.0.0.1:1"))
			c.fail("publish", quietly(ctx, c.tool, c.tool.publish))
		}
	}
}

// remote runs the rows that need a server over one line, each with one contender after the other.
func (r *runner) remote(ctx context.Context, contenders []*contender, on line) {
	ways := map[*contender]*link{}
	for _, c := range contenders {
		if c.broken != nil {
			continue
		}
		way, err := r.connect(ctx, c, on)
		if err != nil {
			c.fail("connect", err)
			continue
		}
		defer way.Close(r.lab)
		ways[c] = way
	}
	each := func(do func(c *contender, way *link)) {
		for _, c := range contenders {
			if way := ways[c]; way != nil && c.broken == nil && ctx.Err() == nil {
				do(c, way)
			}
		}
	}
	each(func(c *contender, way *link) { r.firstClone(ctx, c, way, on) })
	small, large := "cell", "mixed"
	if r.preset.Tiny {
		small, large = "tiny", ""
	}
	for _, operation := range []string{"none", small, large} {
		if operation == "" {
			continue
		}
		r.seed++
		if r.wanted("pull of " + title(operation)) {
			each(func(c *contender, way *link) { r.pull(ctx, c, way, on, operation) })
		}
		r.seed++
		if r.wanted("push of " + title(operation)) {
			each(func(c *contender, way *link) { r.push(ctx, c, way, on, operation) })
		}
	}
	for _, n := range on.clones {
		each(func(c *contender, way *link) { r.manyClones(ctx, c, way, on, n) })
	}
}

// connect opens the way to the contender's server: the lab's sshd, or one that the tool starts.
func (r *runner) connect(ctx context.Context, c *contender, on line) (*link, error) {
	way := &link{server: r.lab.sshd, net: r.lab.net}
	if c.tool.serve != "" {
		cmd := exec.CommandContext(ctx, "sh", "-c", c.tool.serve)
		cmd.Env = append(os.Environ(), c.tool.env...)
		starting, cancel := context.WithTimeout(ctx, 30*time.Second)
		own, err := start(starting, cmd, "", r.lab.net)
		cancel()
		if err != nil {
			return nil, err
		}
		way.server = own
	}
	address := way.server.address
	if on.shape != nil {
		way.wire, way.quiet = shapedWire{r.lab.net}, quietFor(*on.shape)
	} else {
		passing, err := openRelay(ctx, address, on.delay)
		if err != nil {
			return nil, errors.Join(err, way.server.Close())
		}
		way.wire, address = passing, passing.listener.Addr().String()
	}
	if err := r.lab.configure(c.place.config, address); err != nil {
		return nil, errors.Join(err, way.Close(r.lab))
	}
	return way, nil
}

func (r *runner) forget(ctx context.Context, c *contender) {
	c.fail("remove the clone", os.RemoveAll(c.place.clone))
	c.fail("remove the clone", quietly(ctx, c.tool, c.tool.forget))
}

func (r *runner) firstClone(ctx context.Context, c *contender, way *link, on line) {
	if c.tool.pull == "" { // its last backup may be that of another clone
		c.fail("deliver", quietly(ctx, c.tool, c.tool.deliver))
	}
	r.forget(ctx, c)
	if c.broken != nil {
		return
	}
	const killed = "clone again after a kill at half"
	cut := on.cut && r.wanted(killed)
	if !cut && !r.wanted("clone") && on.shape != nil { // the other rows need the clone, however it was made
		r.lab.net.reshape(shape{})
		c.fail("clone", way.shell(ctx, c.tool, c.tool.clone(c.place.clone)).err)
		way.settle()
		r.lab.net.reshape(*on.shape)
		return
	}
	whole := measure(ctx, c.tool, way, 0, c.tool.clone(c.place.clone))
	r.same(c, &whole, c.place.clone)
	r.save(c, on, "clone", whole)
	if !cut || c.broken != nil {
		return
	}
	r.forget(ctx, c)
	half := measure(ctx, c.tool, way, whole.wire()/2, c.tool.clone(c.place.clone))
	if !c.tool.resumes {
		r.forget(ctx, c)
	}
	c.fail("unlock", quietly(ctx, c.tool, c.tool.unlock))
	again := measure(ctx, c.tool, way, 0, c.tool.clone(c.place.clone))
	r.same(c, &again, c.place.clone)
	again.Resent = max(0, half.wire()+again.wire()-whole.wire())
	r.save(c, on, killed, again)
}

func (r *runner) pull(ctx context.Context, c *contender, way *link, on line, operation string) {
	if c.tool.pull == "" {
		return
	}
	if operation != "none" {
		c.fail("edit", corpus.Edit(c.place.tree, operation, r.seed))
		c.fail("deliver", quietly(ctx, c.tool, c.tool.deliver))
		if c.broken != nil {
			return
		}
	}
	s := measure(ctx, c.tool, way, 0, c.tool.pull)
	r.same(c, &s, c.place.clone)
	r.save(c, on, "pull of "+title(operation), s)
}

func (r *runner) push(ctx context.Context, c *contender, way *link, on line, operation string) {
	if c.tool.push == "" {
		return
	}
	if operation != "none" {
		c.fail("edit", corpus.Edit(c.place.clone, operation, r.seed))
		c.fail("record", quietly(ctx, c.tool, c.tool.record))
		if c.broken != nil {
			return
		}
	}
	s := measure(ctx, c.tool, way, 0, c.tool.push)
	if operation != "none" && s.Failed == "" && c.tool.pull != "" { // whoever cannot pull keeps two trees apart
		c.fail("fetch", quietly(ctx, c.tool, c.tool.fetch))
		r.same(c, &s, c.place.clone)
	}
	r.save(c, on, "push of "+title(operation), s)
}

func (r *runner) manyClones(ctx context.Context, c *contender, way *link, on line, n int) {
	var dirs, commands []string
	for i := range n {
		dir := fmt.Sprintf("%s%d", c.place.clone, i)
		dirs = append(dirs, dir)
		commands = append(commands, c.tool.clone(dir))
	}
	s := measure(ctx, c.tool, way, 0, commands...)
	for _, dir := range dirs {
		// A backup tool restores what was backed up last, which a push may have changed.
		if c.tool.pull != "" && slices.Index(dirs, dir) < 4 {
			r.same(c, &s, dir)
		}
		c.fail("remove clones", os.RemoveAll(dir))
	}
	c.fail("remove clones", quietly(ctx, c.tool, c.tool.forget))
	r.save(c, on, fmt.Sprintf("%d clones at once", n), s)
}

// same marks the sample as failed unless the folder holds what the tree holds.
func (r *runner) same(c *contender, s *sample, dir string) {
	if s.Failed != "" {
		return
	}
	want, err := corpus.Sum(c.place.tree)
	if err != nil {
		s.Failed = err.Error()
		return
	}
	got, err := corpus.Sum(dir)
	switch {
	case err != nil:
		s.Failed = err.Error()
	case got != want:
		s.Failed = fmt.Sprintf("the copy is %v, the source %v", got, want)
	}
}

// title is what a table calls an operation.
func title(operation string) string {
	switch operation {
	case "none":
		return "nothing"
	case "cell":
		return "one cell"
	case "mixed":
		return "a mixed day"
	case "tiny":
		return "100 tiny files"
	}
	return operation
}
