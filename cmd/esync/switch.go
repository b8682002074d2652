package main

import (
	"context"

	"github.com/urfave/cli/v2"

	"github.com/esync/esync/repo"
)

func switchVerb() verb {
	return verb{
		name: "switch", group: groupLines, args: "NAME", least: 1, most: 1,
		short: "go to another line of work; the files follow",
		flags: []cli.Flag{
			&cli.BoolFlag{Name: "create", Aliases: []string{"c"}, Usage: "make the line first, where you are"},
		},
		run: runSwitch,
	}
}

type switchRecord struct {
	Line string `json:"line"`
	filesRecord
}

func runSwitch(ctx context.Context, s *session, c *cli.Context) error {
	r, err := s.open(ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	name := c.Args().First()
	res, err := r.Switch(ctx, name, repo.SwitchOptions{Create: c.Bool("create")})
	if err != nil {
		return doing("switch to", name, err)
	}
	if s.json {
		return s.object(switchRecord{name, filesOf(*res)})
	}
	s.line("on line %s: %s", s.paint(colorHead, name), raw(filesChanged(*res)))
	s.showWaiting(res.Waiting)
	return nil
}

func filesChanged(f repo.FilesResult) string {
	if n := f.Updated + f.Removed; n > 0 {
		return count(n, "file") + " changed"
	}
	return "no file changed"
}
