package main

import (
	"fmt"
	"strings"

	"github.com/dustin/go-humanize"
	"github.com/urfave/cli/v2"

	"github.com/esync/esync/merge"
	"github.com/esync/esync/objects"
	"github.com/esync/esync/repo"
)

// showDiffs prints differences in the way the flags of diff and show ask for.
func (s *session) showDiffs(c *cli.Context, diffs []repo.FileDiff) error {
	width := 0
	for _, d := range diffs {
		width = max(width, len([]rune(safe(d.Path))))
	}
	for _, d := range diffs {
		switch {
		case c.Bool("name-only"):
			s.line("%s", d.Path)
		case c.Bool("name-status"):
			s.line("%s\t%s", s.paint(colorOf(d.Kind), letter(d.Kind)), d.Path)
		case c.Bool("stat"):
			s.line(" %-*s | %s", width, d.Path, s.amount(d))
		default:
			s.showDiff(d)
		}
	}
	if c.Bool("stat") && len(diffs) > 0 {
		s.line(" %s changed", count(len(diffs), "file"))
	}
	return nil
}

func colorOf(kind string) string {
	switch kind {
	case "added":
		return colorAdded
	case "deleted":
		return colorRemoved
	}
	return colorChanged
}

// amount says how much of a file changed: lines of text, bytes of anything else.
func (s *session) amount(d repo.FileDiff) raw {
	if d.Binary || d.Text == "" {
		return raw(d.Kind + ", " + sizes(d.Old, d.New))
	}
	added, removed := 0, 0
	for _, line := range strings.Split(d.Text, "\n") {
		switch {
		case strings.HasPrefix(line, "+"):
			added++
		case strings.HasPrefix(line, "-"):
			removed++
		}
	}
	const most = 40
	scale := max(1, (added+removed+most-1)/most)
	return raw(fmt.Sprintf("%d ", added+removed)) + s.paint(colorAdded, strings.Repeat("+", (added+scale-1)/scale)) +
		s.paint(colorRemoved, strings.Repeat("-", (removed+scale-1)/scale))
}

func sizes(before, after *objects.Entry) string {
	switch {
	case before == nil && after == nil:
		return ""
	case before == nil:
		return humanize.Bytes(uint64(after.Size))
	case after == nil:
		return humanize.Bytes(uint64(before.Size))
	}
	return fmt.Sprintf("%s -> %s", humanize.Bytes(uint64(before.Size)), humanize.Bytes(uint64(after.Size)))
}

// showDiff prints one file in the form that patch and other tools read.
func (s *session) showDiff(d repo.FileDiff) {
	old := d.OldPath
	if old == "" {
		old = d.Path
	}
	s.line("%s", s.paint(colorHead, fmt.Sprintf("diff a/%s b/%s", old, d.Path)))
	before, after := "a/"+old, "b/"+d.Path
	switch d.Kind {
	case "added":
		s.line("new %s", modeOf(d.New))
		before = "/dev/null"
	case "deleted":
		s.line("deleted %s", modeOf(d.Old))
		after = "/dev/null"
	case "renamed":
		s.line("rename from %s", d.OldPath)
		s.line("rename to %s", d.Path)
	case "mode", "type":
		s.line("old mode %s", modeOf(d.Old))
		s.line("new mode %s", modeOf(d.New))
	}
	if len(d.Places) > 0 {
		s.showDifferences(d.Places)
		return
	}
	if d.Binary {
		s.line("Files %s and %s differ (%s)", before, after, raw(sizes(d.Old, d.New)))
	}
	if d.Text == "" {
		return
	}
	s.line("%s", s.paint(colorHead, "--- "+before))
	s.line("%s", s.paint(colorHead, "+++ "+after))
	if !s.env.outTerminal {
		s.print(d.Text) // for programs, byte for byte
		return
	}
	for _, line := range strings.Split(strings.TrimSuffix(d.Text, "\n"), "\n") {
		color := ""
		switch {
		case strings.HasPrefix(line, "+"):
			color = colorAdded
		case strings.HasPrefix(line, "-"):
			color = colorRemoved
		case strings.HasPrefix(line, "@@"):
			color = colorName
		}
		cells := strings.Split(line, "\t")
		for i := range cells {
			cells[i] = string(s.paint(color, cells[i]))
		}
		s.line("%s", raw(strings.Join(cells, "\t")))
	}
}

// showDifferences prints what is other in a workbook or a table, a place a line.
func (s *session) showDifferences(places []merge.Place) {
	for _, p := range places {
		before, after := s.paint(colorRemoved, quoted(p.Base)), s.paint(colorAdded, quoted(p.Ours))
		s.line("%s: %s -> %s", s.paint(colorName, p.Where), before, after)
	}
}

func modeOf(e *objects.Entry) string {
	if e == nil {
		return "none"
	}
	return e.Mode.String()
}
