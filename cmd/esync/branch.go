package main

import (
	"context"

	"github.com/urfave/cli/v2"

	"github.com/esync/esync/repo"
)

func branchVerb() verb {
	return verb{
		name: "branch", group: groupLines, args: "[NAME [FROM]] | -m [OLD] NEW | -d NAME…", most: many,
		short: "list the lines of work, make one, rename or delete one",
		flags: []cli.Flag{
			&cli.BoolFlag{Name: "delete", Aliases: []string{"d"}, Usage: "delete lines whose commits are also elsewhere"},
			&cli.BoolFlag{Name: "force-delete", Aliases: []string{"D"}, Usage: "delete lines whatever they hold (undo brings them back)"},
			&cli.BoolFlag{Name: "names", Usage: "list bare names, for scripts"},
			&cli.BoolFlag{Name: "move", Aliases: []string{"m"}, Usage: "rename a line"},
		},
		run: runBranch,
	}
}

type lineRecord struct {
	Name    string `json:"name"`
	ID      string `json:"id"`
	Current bool   `json:"current"`
}

type doneRecord struct {
	Done string `json:"done"`
	Name string `json:"name"`
}

// done tells of something that was made or taken away.
func (s *session) done(what, name string) error {
	if s.json {
		return s.object(doneRecord{what, name})
	}
	s.line("%s %q", raw(what), name)
	return nil
}

func runBranch(ctx context.Context, s *session, c *cli.Context) error {
	r, err := s.open(ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	args := c.Args().Slice()
	force := c.Bool("force-delete")
	switch {
	case force || c.Bool("delete"):
		return s.deleteLines(ctx, r, args, force)
	case c.Bool("move"):
		if len(args) == 1 {
			args = []string{r.Line(), args[0]}
		}
		if len(args) != 2 {
			return usagef("branch -m needs the new name: esync branch -m [OLD] NEW")
		}
		if err := r.RenameLine(ctx, args[0], args[1]); err != nil {
			return doing("rename", args[0], err)
		}
		return s.done("renamed line to", args[1])
	case len(args) == 0:
		return s.listLines(ctx, r, c.Bool("names"))
	case len(args) > 2:
		return usagef("branch takes a name and where to begin: esync branch NAME [FROM]")
	}
	from := ""
	if len(args) == 2 {
		from = args[1]
	}
	if err := r.CreateLine(ctx, args[0], from); err != nil {
		return doing("make line", args[0], err)
	}
	return s.done("made line", args[0])
}

func (s *session) deleteLines(ctx context.Context, r *repo.Repo, names []string, force bool) error {
	if len(names) == 0 {
		return usagef("branch -d needs the name of a line")
	}
	for _, name := range names {
		if err := r.DeleteLine(ctx, name, force); err != nil {
			return doing("delete line", name, err)
		}
		if err := s.done("deleted line", name); err != nil {
			return err
		}
	}
	return nil
}

func (s *session) listLines(ctx context.Context, r *repo.Repo, bare bool) error {
	lines, err := r.Lines(ctx)
	if err != nil {
		return err
	}
	for _, l := range lines {
		if s.json {
			if err := s.object(lineRecord{l.Name, idText(l.ID), l.Current}); err != nil {
				return err
			}
			continue
		}
		if bare {
			s.line("%s", l.Name)
			continue
		}
		mark, color := " ", ""
		if l.Current {
			mark, color = "*", colorAdded
		}
		s.line("%s %s", mark, s.paint(color, l.Name))
	}
	return nil
}
