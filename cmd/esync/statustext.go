package main

import (
	"fmt"

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
	if text := arrivedLine(st, s.env); text != "" {
		s.line("%s", text)
	}
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
	s.showCopies(st)
	switch {
	case r.Bare():
		s.line("This copy keeps the history only, no files")
	case st.Clean:
		s.line("Nothing to record: the files are as committed")
	}
}

// parentLine tells how this copy stands to its parent, as far as it last heard.
func parentLine(st *repo.Status, env environment) string {
	switch {
	case st.Top:
		return "Parent: none, this is the top-level parent"
	case st.Parent == "":
		return "Parent: none"
	}
	text := fmt.Sprintf("Parent: %s", safe(st.Parent))
	if st.ParentSeen.IsZero() {
		return text + ", not reached yet"
	}
	if !st.ParentMissed.IsZero() {
		return fmt.Sprintf("%s, out of reach since %s (tried %s); then %s", text, env.moment(st.ParentSeen), dateText(st.ParentMissed), standing(st.Ahead, st.Behind))
	}
	return fmt.Sprintf("%s, %s (last reached %s)", text, standing(st.Ahead, st.Behind), env.moment(st.ParentSeen))
}

// arrivedLine tells what has got to the top-level parent, as far as its word came here; empty when it did not.
func arrivedLine(st *repo.Status, env environment) string {
	switch a := st.Arrived; {
	case a == nil:
		return ""
	case a.All:
		return "The top-level parent had all of it on " + env.moment(a.Time)
	default:
		return fmt.Sprintf("%s not at the top-level parent yet, which had %s on %s", count(a.Missing, "commit"), a.Head.Short(), env.moment(a.Time))
	}
}

// showCopies lists the other copies that were heard of, but for the parent, which has a line of its own.
func (s *session) showCopies(st *repo.Status) {
	title := "\nOther copies:"
	for _, c := range st.Copies {
		if c.Name == st.Parent {
			continue
		}
		if title != "" {
			s.line("%s", raw(title))
			title = ""
		}
		heard := "never heard of"
		if !c.Heard.IsZero() {
			heard = "last heard of " + s.env.moment(c.Heard)
		}
		s.line("  %s  %s (%s)", c.Name, standing(c.Ahead, c.Behind), heard)
	}
}
