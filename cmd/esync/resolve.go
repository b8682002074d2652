package main

import (
	"context"

	"github.com/urfave/cli/v2"

	"github.com/esync/esync/repo"
)

func resolveVerb() verb {
	return verb{
		name: "resolve", group: groupLines, args: "PATH [PLACE…] --ours|--theirs|--both|--with FILE", least: 1, most: many,
		short: "decide a conflict, and record the decision",
		long: `Without a PLACE one version is taken whole. A PLACE is one that "esync conflicts" lists, such as 'TB!C3' or 'row 7', and '*' is
all that are not decided; once all are, the paper has them, and all else that either side changed.`,
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
	o.Places = c.Args().Slice()[1:]
	res, err := r.Resolve(ctx, o)
	if err != nil {
		return doing("resolve", c.Args().First(), err)
	}
	if err := s.showResolved(r, res, o.Path); err != nil {
		return err
	}
	for _, path := range res.Reindex {
		s.warn("%q is not in step with the table: have its program make it anew (REINDEX)", path)
	}
	switch {
	case res.Open > 0:
		s.hint("%s of %s to decide", count(res.Open, "place"), o.Path)
	case res.Left > 0:
		s.warn("%s that only the version not taken had changed %s left out; to have them too: esync undo, and decide by place",
			count(res.Left, "place"), raw(map[bool]string{true: "is", false: "are"}[res.Left == 1]))
	}
	left, err := r.Conflicts(ctx)
	if err == nil && len(left) > 0 {
		s.hint("%s left; esync conflicts", count(len(left), "conflict"))
	}
	return err
}

// resolvedRecord is a decision.
type resolvedRecord struct {
	recordedRecord
	Path    string   `json:"path"`
	Open    int      `json:"open"`     // places that are still to be decided
	LeftOut int      `json:"left_out"` // places that the version not taken had changed alone
	Reindex []string `json:"reindex"`  // indexes that are not in step with their table any more
}

func (s *session) showResolved(r *repo.Repo, res *repo.ResolveResult, path string) error {
	if s.json {
		return s.object(resolvedRecord{recordedOf(&res.CommitResult), path, res.Open, res.Left, some(res.Reindex)})
	}
	if res.Open > 0 {
		return s.showRecorded(r, &res.CommitResult, "noted by")
	}
	return s.showRecorded(r, &res.CommitResult, "resolved by")
}
