package main

import (
	"context"

	"github.com/urfave/cli/v2"

	"github.com/esync/esync/repo"
)

func statusVerb() verb {
	return verb{
		name: "status", group: groupLook, args: "[PATH…]", most: many,
		short: "show what changed since the last commit, and how this copy stands to its parent",
		flags: []cli.Flag{
			&cli.BoolFlag{Name: "short", Aliases: []string{"s"}, Usage: "one changed file a line, nothing else"},
		},
		run: runStatus,
	}
}

type statusRecord struct {
	Engagement string       `json:"engagement"`
	ID         string       `json:"id"`
	Line       string       `json:"line"`
	Head       string       `json:"head"`
	Tip        string       `json:"tip"`
	Clean      bool         `json:"clean"`
	Changes    []pathRecord `json:"changes"`
	Conflicts  []pathRecord `json:"conflicts"`
	Notes      []noteRecord `json:"notes"`
	Parent     string       `json:"parent"`
	ParentSeen string       `json:"parent_seen"`
	Ahead      int          `json:"ahead"`
	Behind     int          `json:"behind"`
	Incoming   int          `json:"incoming"`
}

func runStatus(ctx context.Context, s *session, c *cli.Context) error {
	r, err := s.open(ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	paths, err := s.inside(r, c.Args().Slice())
	if err != nil {
		return err
	}
	st, err := r.Status(ctx, repo.StatusOptions{Paths: paths})
	if err != nil {
		return err
	}
	switch {
	case s.json:
		return s.object(statusRecord{
			Engagement: st.Engagement, ID: st.ID.String(), Line: st.Line, Head: idText(st.Base), Tip: idText(st.Tip),
			Clean: st.Clean, Changes: changeRecords(st.Changes), Conflicts: conflictRecords(st.Conflicts),
			Notes: noteRecords(st.Notes), Parent: st.Parent, ParentSeen: timeText(st.ParentSeen),
			Ahead: st.Ahead, Behind: st.Behind, Incoming: st.Incoming,
		})
	case c.Bool("short"):
		s.shortStatus(r, st)
	default:
		s.longStatus(r, st)
	}
	return nil
}
