package main

import (
	"fmt"

	"github.com/dustin/go-humanize"

	"github.com/esync/esync/repo"
)

// letter is git's for a kind of change.
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
			s.line("  %s  (%s)", s.paint(colorRemoved, s.here(r, c.Path)), c.Kind.Describe())
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
	switch {
	case r.Bare():
		s.line("This copy keeps the history only, no files")
	case st.Clean:
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
