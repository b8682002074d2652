package main

import (
	"context"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/esync/esync/repo"
)

// logLines prints a log, commit by commit.
type logLines struct {
	*session
	repo    *repo.Repo
	flags   *cli.Context
	by      signers
	drawing graph
	before  bool // something was printed
}

// commit prints one commit, and what it changed at a path, or everywhere, when that is asked for.
func (l *logLines) commit(ctx context.Context, e repo.LogEntry, path string) error {
	short := l.flags.Bool("oneline")
	var shown *repo.Shown
	if slices.ContainsFunc([]string{"patch", "stat", "name-only", "name-status"}, l.flags.Bool) {
		o := repo.DiffOptions{NoText: l.flags.Bool("name-only") || l.flags.Bool("name-status")}
		if path != "" {
			o.Paths = []string{path}
		}
		var err error
		if shown, err = l.repo.Changed(ctx, e, o); err != nil {
			return err
		}
	}
	switch {
	case l.json && shown != nil:
		return l.object(shownOf(shown, l.by))
	case l.json:
		return l.object(l.by.record(e))
	case l.flags.Bool("graph"):
		l.drawCommit(&l.drawing, e, l.by, short)
		return l.besideGraph(shown, short)
	case short:
		l.line("%s", l.commitLine(e))
	default:
		if l.before {
			l.line("")
		}
		for _, line := range l.commitLines(e, l.by) {
			l.line("%s", line)
		}
	}
	l.before = true
	if shown == nil {
		return nil
	}
	return l.showChanges(l.flags, shown, !short)
}

// besideGraph prints what a commit changed, at the right of the lines that lead on from it.
func (l *logLines) besideGraph(shown *repo.Shown, short bool) error {
	if shown == nil || len(shown.Diffs)+len(shown.Joined)+len(shown.Decided)+len(shown.Conflicts) == 0 {
		return nil
	}
	l.margin = l.drawing.row(-1) + " "
	defer func() { l.margin = "" }()
	if err := l.showChanges(l.flags, shown, false); err != nil {
		return err
	}
	if !short {
		l.line("")
	}
	return nil
}

// commitLine is a commit in one line.
func (s *session) commitLine(e repo.LogEntry) raw {
	return s.paint(colorID, e.ID.Short()) + s.names(e.Names) + raw(" "+safe(subject(e.Commit.Message)))
}

// commitLines is a commit in full, as git shows it.
func (s *session) commitLines(e repo.LogEntry, by signers) []raw {
	c := e.Commit
	lines := []raw{s.paint(colorID, "commit "+e.ID.String()) + s.names(e.Names)}
	if len(c.Parents) > 1 {
		var short []string
		for _, p := range c.Parents {
			short = append(short, p.Short())
		}
		lines = append(lines, raw("Merge:  "+strings.Join(short, " ")))
	}
	signed := "nobody: the signature is missing or wrong"
	if name, _ := by.of(c); name != "" {
		signed = name + onDevice(c.Device)
	}
	lines = append(lines,
		raw("Author: "+safe(c.Author.String())),
		raw("Signed: "+safe(signed)),
		raw("Date:   "+c.When.Format("Mon Jan 2 15:04:05 2006 -0700")), "")
	for _, line := range strings.Split(safeLines(strings.TrimRight(c.Message, "\n")), "\n") {
		lines = append(lines, raw(strings.TrimRight("    "+line, " ")))
	}
	return lines
}

func onDevice(device string) string {
	if device == "" {
		return ""
	}
	return " on " + device
}

func (s *session) names(names []string) raw {
	if len(names) == 0 {
		return ""
	}
	return " (" + s.paint(colorName, strings.Join(names, ", ")) + ")"
}

func subject(message string) string {
	line, _, _ := strings.Cut(strings.TrimLeft(message, "\n"), "\n")
	return line
}
