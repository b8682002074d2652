package main

import (
	"context"

	"github.com/dustin/go-humanize"
	"github.com/urfave/cli/v2"

	"github.com/esync/esync/repo"
)

func bundleVerb() verb {
	return verb{
		name: "bundle", group: groupPeers, args: "create FILE", least: 2, most: 2,
		short: "write what this copy has into a file, to carry it by stick or mail",
		long: `Whoever is a member takes it up with "esync pull FILE" in his copy, or begins one with "esync clone FILE". Nobody else can
open it, and it is signed by whoever made it. With --since it holds only what PEER lacked when last heard of.`,
		flags: []cli.Flag{
			&cli.StringFlag{Name: "since", Usage: "leave out what `PEER` had when last heard of"},
			&cli.BoolFlag{Name: "force", Aliases: []string{"f"}, Usage: "replace a file of that name"},
		},
		words: []string{"create"},
		run:   runBundle,
	}
}

type bundleRecord struct {
	File    string   `json:"file"`
	Commits int      `json:"commits"`
	Objects int      `json:"objects"`
	Bytes   int64    `json:"bytes"`
	For     []string `json:"for"` // who can open it
}

func runBundle(ctx context.Context, s *session, c *cli.Context) error {
	if c.Args().First() != "create" {
		return usagef("bundle understands: bundle create FILE")
	}
	r, err := s.open(ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	file := s.env.path(c.Args().Get(1))
	res, err := r.Bundle(ctx, file, repo.BundleOptions{Since: c.String("since"), Replace: c.Bool("force")})
	if err != nil {
		return doing("bundle", c.Args().Get(1), err)
	}
	if s.json {
		return s.object(bundleRecord{res.File, res.Commits, res.Objects, res.Bytes, some(res.For)})
	}
	s.line("wrote %q: %s, %s, for %s", c.Args().Get(1), count(res.Commits, "commit"), humanize.Bytes(uint64(res.Bytes)), res.For)
	return nil
}
