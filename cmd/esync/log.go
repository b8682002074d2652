package main

import (
	"context"

	"github.com/urfave/cli/v2"

	"github.com/esync/esync/repo"
)

func logVerb() verb {
	return verb{
		name: "log", group: groupLook, args: "[PATH]", most: 1,
		short: "show the history, newest first, or that of one file or folder",
		long: `With -p each commit is followed by what it changed, in the words of "esync diff": cells, rows, records and lines. Merges are
compared with their first parent, as in "esync show". With PATH that is told of this file or folder alone.`,
		flags: append([]cli.Flag{
			&cli.BoolFlag{Name: "patch", Aliases: []string{"p"}, Usage: "show what each commit changed"},
			&cli.IntFlag{Name: "limit", Aliases: []string{"n"}, Usage: "show at most `NUMBER` commits"},
			&cli.BoolFlag{Name: "oneline", Usage: "one commit a line"},
			&cli.BoolFlag{Name: "graph", Usage: "draw how lines parted and joined"},
			&cli.StringFlag{Name: "from", Usage: "begin at the commit `ID`"},
			&cli.BoolFlag{Name: "settings", Usage: "the history of the settings: who was taken up, put out and granted what, by whom"},
		}, diffFlags()...),
		run: runLog,
	}
}

func runLog(ctx context.Context, s *session, c *cli.Context) error {
	r, err := s.open(ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	o := repo.LogOptions{From: c.String("from"), Limit: c.Int("limit")}
	if c.Args().Present() {
		if o, err = s.logTarget(r, o, c.Args().First()); err != nil {
			return err
		}
	}
	if c.Bool("settings") {
		_, version, err := r.Settings(ctx)
		if err != nil {
			return err
		}
		o.From, o.Path = version.String(), ""
	}
	by, err := signersOf(ctx, r)
	if err != nil {
		return err
	}
	show := logLines{session: s, repo: r, flags: c, by: by}
	first := true
	for e, err := range r.Log(ctx, o) {
		if err == nil {
			err = show.commit(ctx, e, o.Path)
		}
		if err != nil {
			return err
		}
		first = false
	}
	switch {
	case first && o.Path != "" && !s.exists(c.Args().First()):
		return &repo.UnknownError{What: "file, folder or commit", Name: c.Args().First()}
	case first:
		s.hint("no commit yet")
	}
	return nil
}

// logTarget reads the argument as git does: a file or folder, else where to begin.
func (s *session) logTarget(r *repo.Repo, o repo.LogOptions, text string) (repo.LogOptions, error) {
	if o.From == "" && !s.exists(text) {
		if _, err := r.Find(text); err == nil {
			o.From = text
			return o, nil
		}
	}
	path, err := s.insideOne(r, text)
	o.Path = path
	return o, err
}
