package main

import (
	"context"

	"github.com/urfave/cli/v2"

	"github.com/esync/esync/repo"
)

func mergeVerb() verb {
	return verb{
		name: "merge", group: groupLines, args: "NAME", least: 1, most: 1,
		short: "join another line's work into this one",
		long: `Where both sides changed the same thing, both are kept and the conflict is recorded: see "esync conflicts". Exit code
3 says that conflicts remain.`,
		flags: []cli.Flag{&cli.StringFlag{Name: "message", Aliases: []string{"m"}, Usage: "`TEXT` of the commit"}},
		run:   runMerge,
	}
}

type mergeRecord struct {
	ID          string          `json:"id"`
	Already     bool            `json:"already"`
	FastForward bool            `json:"fast_forward"`
	Merged      []string        `json:"merged"`
	Joined      []joinedRecord  `json:"joined"`
	Notes       []string        `json:"notes"`
	Conflicts   []conflictBrief `json:"conflicts"`
	filesRecord
}

func runMerge(ctx context.Context, s *session, c *cli.Context) error {
	r, err := s.open(ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	name := c.Args().First()
	res, err := r.Merge(ctx, name, repo.MergeOptions{Message: c.String("message")})
	if err != nil {
		return doing("merge", name, err)
	}
	if s.json {
		err = s.object(mergeRecord{
			ID: idText(res.ID), Already: res.Already, FastForward: res.FastForward, Merged: some(res.Merged), Joined: joinedRecords(res.Joined),
			Notes:     some(res.Notes),
			Conflicts: conflictBriefs(res.Conflicts), filesRecord: filesOf(res.Files),
		})
	} else {
		s.showMerge(name, res)
	}
	return remain(err, res.Conflicts)
}

func (s *session) showMerge(name string, res *repo.MergeResult) {
	switch {
	case res.Already:
		s.line("%q is part of this line already", name)
	case res.FastForward:
		s.line("moved on to %s of %q: %s", s.paint(colorID, res.ID.Short()), name, raw(filesChanged(res.Files)))
	default:
		s.line("merged %q as %s: %s", name, s.paint(colorID, res.ID.Short()), raw(filesChanged(res.Files)))
	}
	s.showJoined(res.Joined)
	for _, note := range res.Notes {
		s.warn("%s", note)
	}
	s.showConflicts(res.Conflicts)
	s.showWaiting(res.Files.Waiting)
}

// some is a list that JSON shows as [] when it is empty.
func some(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
