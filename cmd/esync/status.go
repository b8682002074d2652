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
	Engagement string          `json:"engagement"`
	ID         string          `json:"id"`
	Line       string          `json:"line"`
	Head       string          `json:"head"`
	Tip        string          `json:"tip"`
	Clean      bool            `json:"clean"`
	Changes    []pathRecord    `json:"changes"`
	Conflicts  []conflictBrief `json:"conflicts"`
	Notes      []noteRecord    `json:"notes"`
	Parent     string          `json:"parent"`
	ParentSeen string          `json:"parent_seen"`
	Missed     string          `json:"parent_missed"` // when it did not answer, if it has not since
	Top        bool            `json:"top"`
	Arrived    *arrived        `json:"arrived"` // what the top-level parent has; null when no word of it came here
	Copies     []copyRecord    `json:"copies"`
	Ahead      int             `json:"ahead"`
	Behind     int             `json:"behind"`
	Incoming   int             `json:"incoming"`
}

type arrived struct {
	Line    string `json:"line"`
	Head    string `json:"head"`
	Time    string `json:"time"`
	All     bool   `json:"all"`
	Missing int    `json:"missing"`
}

// copyRecord is another copy as it was when last heard of.
type copyRecord struct {
	Name   string `json:"name"`
	Ahead  int    `json:"ahead"`
	Behind int    `json:"behind"`
	Heard  string `json:"heard"`
	Route  string `json:"route"`
	Level  string `json:"level"`
}

func arrivedOf(a *repo.Arrival) *arrived {
	if a == nil {
		return nil
	}
	return &arrived{a.Line, idText(a.Head), timeText(a.Time), a.All, a.Missing}
}

func statusOf(st *repo.Status) statusRecord {
	rec := statusRecord{
		Engagement: st.Engagement, ID: st.ID.String(), Line: st.Line, Head: idText(st.Base), Tip: idText(st.Tip),
		Clean: st.Clean, Changes: changeRecords(st.Changes), Conflicts: conflictBriefs(st.Conflicts),
		Notes: noteRecords(st.Notes), Parent: st.Parent, ParentSeen: timeText(st.ParentSeen), Missed: timeText(st.ParentMissed), Top: st.Top, Copies: []copyRecord{},
		Ahead: st.Ahead, Behind: st.Behind, Incoming: st.Incoming,
	}
	rec.Arrived = arrivedOf(st.Arrived)
	for _, c := range st.Copies {
		rec.Copies = append(rec.Copies, copyRecord{c.Name, c.Ahead, c.Behind, timeText(c.Heard), string(c.Route), levelText(c.ReadOnly)})
	}
	return rec
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
		return s.object(statusOf(st))
	case c.Bool("short"):
		s.shortStatus(r, st)
	default:
		s.longStatus(r, st)
	}
	return nil
}
