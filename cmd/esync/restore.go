package main

import (
	"context"

	"github.com/urfave/cli/v2"

	"github.com/esync/esync/repo"
)

func restoreVerb() verb {
	return verb{
		name: "restore", group: groupRecord, args: "[--from ID] PATH…", least: 1, most: many,
		short: "make files what they were in the last commit, or in another one",
		long:  `What the files hold now is kept: "esync undo" brings it back.`,
		flags: []cli.Flag{
			&cli.StringFlag{Name: "from", Aliases: []string{"source", "s"}, Usage: "`ID` of the commit to take them from"},
		},
		run: runRestore,
	}
}

func runRestore(ctx context.Context, s *session, c *cli.Context) error {
	r, err := s.open(ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	paths, err := s.inside(r, c.Args().Slice())
	if err != nil {
		return err
	}
	if len(paths) == 0 {
		paths = []string{"."}
	}
	res, err := r.Restore(ctx, repo.RestoreOptions{From: c.String("from"), Paths: paths})
	if err != nil {
		return doing("restore", "", err)
	}
	return s.showFiles("restored", res)
}

// showFiles tells what was done to the user's files.
func (s *session) showFiles(did string, res *repo.FilesResult) error {
	if s.json {
		return s.object(filesOf(*res))
	}
	switch {
	case res.Updated+res.Removed == 0:
		s.line("%s: the files were so already", did)
	case res.Removed == 0:
		s.line("%s: %s written", did, count(res.Updated, "file"))
	default:
		s.line("%s: %s written, %d removed", did, count(res.Updated, "file"), res.Removed)
	}
	s.showWaiting(res.Waiting)
	return nil
}
