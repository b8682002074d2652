package main

import (
	"context"

	"github.com/urfave/cli/v2"
)

func tagVerb() verb {
	return verb{
		name: "tag", group: groupLines, args: "[NAME [FROM]] | -d NAME…", most: many,
		short: "list the tags, give a commit a lasting name, or delete one",
		flags: []cli.Flag{&cli.BoolFlag{Name: "delete", Aliases: []string{"d"}, Usage: "delete tags"}},
		run:   runTag,
	}
}

func runTag(ctx context.Context, s *session, c *cli.Context) error {
	r, err := s.open(ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	args := c.Args().Slice()
	switch {
	case c.Bool("delete"):
		if len(args) == 0 {
			return usagef("tag -d needs the name of a tag")
		}
		for _, name := range args {
			if err := r.DeleteTag(ctx, name); err != nil {
				return doing("delete tag", name, err)
			}
			if err := s.done("deleted tag", name); err != nil {
				return err
			}
		}
		return nil
	case len(args) > 2:
		return usagef("tag takes a name and a commit: esync tag NAME [FROM]")
	case len(args) > 0:
		if err := r.CreateTag(ctx, args[0], c.Args().Get(1)); err != nil {
			return doing("make tag", args[0], err)
		}
		return s.done("made tag", args[0])
	}
	tags, err := r.Tags(ctx)
	if err != nil {
		return err
	}
	for _, t := range tags {
		if s.json {
			if err := s.object(lineRecord{Name: t.Name, ID: t.ID.String()}); err != nil {
				return err
			}
			continue
		}
		s.line("%s", t.Name)
	}
	return nil
}
