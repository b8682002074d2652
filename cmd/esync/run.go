package main

import (
	"context"
	"io"

	"github.com/urfave/cli/v2"
)

// run does what the arguments say and returns the exit code.
func run(ctx context.Context, env environment, args []string) int {
	all := verbs()
	l, err := arrange(all, args)
	if err != nil {
		return finish(ctx, newOutput(env, false, false, false, false), err)
	}
	switch {
	case l.about:
		l.verb, l.flags, l.args = "version", nil, nil
	case l.verb == "help" || l.verb == "" && l.help:
		l.verb, l.flags = "help", nil
	case l.help:
		l = line{global: l.global, verb: "help", args: []string{l.verb}}
	case l.verb == "":
		o := newOutput(environment{stdout: env.stderr, getenv: env.getenv}, false, false, false, true)
		showVerbs(o, all)
		_ = o.flush()
		return codeUsage
	}
	var s *session
	app := &cli.App{
		Name: "esync", Flags: globalFlags(), HideHelp: true, HideVersion: true,
		Writer: io.Discard, ErrWriter: io.Discard, Reader: env.stdin,
		ExitErrHandler: func(*cli.Context, error) {}, // only finish turns errors into words and codes
		OnUsageError:   func(_ *cli.Context, err error, _ bool) error { return usagef("%v", err) },
	}
	for _, v := range all {
		app.Commands = append(app.Commands, &cli.Command{
			Name: v.name, Flags: v.flags, HideHelp: true, OnUsageError: app.OnUsageError,
			Action: func(c *cli.Context) error {
				if s, err = newSession(env, c); err != nil {
					return err
				}
				if err := v.checkCount(c.Args().Slice()); err != nil {
					return err
				}
				defer s.bar.done()
				return v.run(c.Context, s, c)
			},
		})
	}
	err = app.RunContext(ctx, l.words())
	o := newOutput(env, false, false, false, false)
	if s != nil {
		o = s.output
	}
	if flushErr := o.flush(); err == nil {
		err = flushErr
	}
	return finish(ctx, o, err)
}

// checkCount refuses a wrong number of arguments.
func (v verb) checkCount(args []string) error {
	var err *usageError
	switch {
	case len(args) < v.least && v.least == 1 && v.most == 1:
		err = usagef("%s needs an argument: %s", v.name, v.args)
	case len(args) < v.least:
		err = usagef("%s needs more arguments: %s", v.name, v.args)
	case v.most != many && len(args) > v.most && v.most == 0:
		err = usagef("%s takes no arguments, found %q", v.name, args[0])
	case v.most != many && len(args) > v.most:
		err = usagef("%s takes fewer arguments, %q is too many", v.name, args[v.most])
	default:
		return nil
	}
	err.hints = append(err.hints, usageLine(v))
	return err
}

// finish tells of an error and gives the exit code.
func finish(ctx context.Context, o *output, err error) int {
	if err == nil {
		return codeDone
	}
	f := explain(ctx, err)
	if f.message != "" {
		o.note("esync: %s", f.message)
	}
	for _, hint := range f.hints[:min(len(f.hints), 2)] {
		if !o.quiet {
			o.note("hint: %s", hint)
		}
	}
	return f.code
}
