package main

import (
	"context"
	"fmt"

	"github.com/dustin/go-humanize"
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

// letters are git's for the kinds of changes.
func letter(kind string) string {
	switch kind {
	case "added":
		return "A"
	case "deleted":
		return "D"
	case "renamed":
		return "R"
	case "type":
		return "T"
	}
	return "M"
}

func (s *session) shortStatus(r *repo.Repo, st *repo.Status) {
	for _, c := range st.Conflicts {
		s.line("%s %s", s.paint(colorRemoved, "U"), s.here(r, c.Path))
	}
	for _, c := range st.Changes {
		kind := c.Kind.String()
		s.line("%s %s", s.paint(colorOf(kind), letter(kind)), s.here(r, c.Path))
	}
}

func (s *session) longStatus(r *repo.Repo, st *repo.Status) {
	s.line("On line %s of engagement %q", s.paint(colorHead, st.Line), st.Engagement)
	if st.Base.IsZero() && st.Tip.IsZero() {
		s.line("No commit yet")
	}
	s.line("%s", raw(parentLine(st, s.env)))
	if st.Incoming > 0 {
		s.line("%s arrived and not in your files yet (run \"esync sync\")", count(st.Incoming, "commit"))
	}
	if len(st.Conflicts) > 0 {
		s.line("\nConflicts to decide (esync resolve PATH --ours, --theirs, --both or --with FILE):")
		for _, c := range st.Conflicts {
			s.line("  %s  (%s)", s.paint(colorRemoved, s.here(r, c.Path)), fmt.Sprint(c.Kind))
		}
	}
	if len(st.Changes) > 0 {
		s.line("\nChanges to record (esync commit -m TEXT), or to take back (esync restore PATH):")
		for _, c := range st.Changes {
			kind := c.Kind.String()
			s.line("  %s %s", s.paint(colorOf(kind), fmt.Sprintf("%-9s", kind)), s.here(r, c.Path))
		}
	}
	if len(st.Notes) > 0 {
		s.line("\nNot taken:")
		for _, n := range st.Notes {
			s.line("  %-9s %s: %s", n.Kind.String(), s.here(r, n.Path), n.Text)
		}
	}
	if st.Clean {
		s.line("Nothing to record: the files are as committed")
	}
}

// parentLine tells how this copy stands to its parent, as far as it last heard.
func parentLine(st *repo.Status, env environment) string {
	if st.Parent == "" {
		return "Parent: none, this is a top-level parent"
	}
	text := fmt.Sprintf("Parent: %s", safe(st.Parent))
	if st.ParentSeen.IsZero() {
		return text + ", not reached yet"
	}
	switch {
	case st.Ahead == 0 && st.Behind == 0:
		text += ", in step"
	case st.Behind == 0:
		text += ", " + count(st.Ahead, "commit") + " to push"
	case st.Ahead == 0:
		text += ", " + count(st.Behind, "commit") + " to pull"
	default:
		text += fmt.Sprintf(", %s to push and %d to pull", count(st.Ahead, "commit"), st.Behind)
	}
	return fmt.Sprintf("%s (last reached %s, %s)", text, st.ParentSeen.Local().Format("2006-01-02 15:04"),
		humanize.RelTime(st.ParentSeen, env.now(), "ago", "from now"))
}
