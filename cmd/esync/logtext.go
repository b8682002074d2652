package main

import (
	"strings"

	"github.com/esync/esync/repo"
)

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
