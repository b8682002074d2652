package main

import (
	"context"
	"errors"

	"github.com/urfave/cli/v2"

	"github.com/esync/esync/repo"
)

func doctorVerb() verb {
	return verb{
		name: "doctor", group: groupCare, args: "[PEER]", most: 1,
		short: "explain what is wrong with this machine, this copy or the network",
		long: `Looks at what usually stands in the way and says what to do about it: your key and membership, where the copy lies, the
clocks, who answers on this network, and each copy that is known, or PEER alone (a name, or a SOURCE). It changes nothing.
Exit code 1 says that there is a problem; warnings alone leave it at 0.`,
		flags: []cli.Flag{viaFlag()},
		run:   runDoctor,
	}
}

// The states of a finding.
const (
	fine    = "ok"
	odd     = "warning"
	problem = "problem"
)

// finding is what one check found.
type finding struct {
	Check string `json:"check"`
	State string `json:"state"`
	Text  string `json:"text"`
	Next  string `json:"next"` // what to do; empty when all is well
}

// diagnosis collects findings and shows each as soon as it is made: some take seconds.
type diagnosis struct {
	s        *session
	problems int
	err      error
}

func (d *diagnosis) add(check, state, text, next string) {
	if state == problem {
		d.problems++
	}
	if d.s.json {
		if err := d.s.object(finding{check, state, text, next}); d.err == nil {
			d.err = err
		}
		return
	}
	color := map[string]string{fine: colorAdded, odd: colorChanged, problem: colorRemoved}[state]
	d.s.line("%s %s: %s", d.s.paint(color, (state + "       ")[:7]), check, text)
	if next != "" {
		d.s.line("        %s", next)
	}
}

// problemsError says that doctor found something; it has told what.
type problemsError struct{ n int }

func (e *problemsError) Error() string { return count(e.n, "problem") }

func runDoctor(ctx context.Context, s *session, c *cli.Context) error {
	if err := s.chooseWay(c); err != nil {
		return err
	}
	s.live = true
	d := &diagnosis{s: s}
	d.program()
	d.home()
	r, err := s.open(ctx)
	switch {
	case errors.Is(err, repo.ErrNoRepository):
		d.add("copy", odd, "this folder is not a copy of an engagement", "run it inside of one to have that looked at too")
	case err != nil:
		f := explain(ctx, err)
		next := ""
		if len(f.hints) > 0 {
			next = f.hints[0]
		}
		d.add("copy", problem, f.message, next)
	default:
		defer r.Close()
		d.copy(r)
		d.membership(ctx, r)
		d.clock(ctx, r)
		d.serving(r)
		d.network(ctx, r)
		if err := d.peers(ctx, r, c.Args().First()); err != nil {
			return err
		}
	}
	if d.err != nil {
		return d.err
	}
	if d.problems > 0 {
		return &problemsError{d.problems}
	}
	return nil
}
