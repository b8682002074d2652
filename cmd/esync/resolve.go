package main

import (
	"context"

	"github.com/urfave/cli/v2"

	"github.com/esync/esync/repo"
)

func resolveVerb() verb {
	return verb{
		name: "resolve", group: groupLines, args: "PATH --ours|--theirs|--both|--with FILE", least: 1, most: 1,
		short: "decide a conflict, and record the decision",
		flags: []cli.Flag{
			&cli.BoolFlag{Name: "ours", Usage: "keep this copy's version"},
			&cli.BoolFlag{Name: "theirs", Usage: "take the other version"},
			&cli.BoolFlag{Name: "both", Usage: "keep both, the other one beside under a name of its own"},
			&cli.StringFlag{Name: "with", Usage: "take the content of `FILE`"},
		},
		run: runResolve,
	}
}

func runResolve(ctx context.Context, s *session, c *cli.Context) error {
	o := repo.ResolveOptions{}
	chosen := 0
	for _, take := range []string{"ours", "theirs", "both"} {
		if c.Bool(take) {
			o.Take = take
			chosen++
		}
	}
	if with := c.String("with"); with != "" {
		o.With = s.env.path(with)
		chosen++
	}
	if chosen != 1 {
		return usagef("resolve needs one decision: --ours, --theirs, --both or --with FILE")
	}
	r, err := s.open(ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	if o.Path, err = s.insideOne(r, c.Args().First()); err != nil {
		return err
	}
	res, err := r.Resolve(ctx, o)
	if err != nil {
		return doing("resolve", c.Args().First(), err)
	}
	if err := s.showRecorded(r, &res.CommitResult, "resolved by"); err != nil {
		return err
	}
	left, err := r.Conflicts(ctx)
	if err == nil && len(left) > 0 {
		s.hint("%s left; esync conflicts", count(len(left), "conflict"))
	}
	return err
}
