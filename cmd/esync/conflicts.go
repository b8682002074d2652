package main

import (
	"context"
	"fmt"

	"github.com/urfave/cli/v2"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/repo"
)

func conflictsVerb() verb {
	return verb{
		name: "conflicts", group: groupLines,
		short: "list what a person must decide",
		long: `Exit code 3 says that there are some. Each has up to three versions: what both came from, ours and theirs. Ours is the
one that the folder has. Where a paper is compared by its cells, rows, records or lines, the places are listed in which the two
differ; all else that either side changed is joined once they are decided.`,
		run: runConflicts,
	}
}

type conflictRecord struct {
	Path   string       `json:"path"`
	Kind   string       `json:"kind"`
	Base   *entryRecord `json:"base"`
	Ours   *entryRecord `json:"ours"`
	Theirs *entryRecord `json:"theirs"`
	// Places are the parts that differ; none: the paper can only be taken whole, and Reason may say why.
	Places []placeRecord `json:"places"`
	Reason string        `json:"reason"`
	// Also are files that go with it, such as the memo file of a table.
	Also []string `json:"also"`
}

func runConflicts(ctx context.Context, s *session, _ *cli.Context) error {
	r, err := s.open(ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	conflicts, err := r.Conflicts(ctx)
	if err != nil {
		return err
	}
	for _, c := range conflicts {
		if s.json {
			if err := s.object(conflictRecord{
				c.Path, fmt.Sprint(c.Kind), side(c.Path, c.Base), side(c.Path, c.Ours), side(c.Path, c.Theirs), placeRecords(c.Places), c.Reason, also(c),
			}); err != nil {
				return err
			}
			continue
		}
		s.line("%s  (%s)", s.paint(colorRemoved, s.here(r, c.Path)), c.Kind.Describe())
		s.line("  ours    %s", raw(sideText(c.Ours)))
		s.line("  theirs  %s", raw(sideText(c.Theirs)))
		for _, path := range also(c) {
			s.line("  with    %s", s.here(r, path))
		}
		if c.Reason != "" {
			s.line("  whole   %s", c.Reason)
		}
		s.showPlaces(c.Places)
	}
	return remain(nil, len(conflicts))
}

// also lists the further paths that a conflict is about.
func also(c repo.Conflict) []string {
	paths := []string{}
	for _, p := range c.Paths() {
		if p != c.Path {
			paths = append(paths, p)
		}
	}
	return paths
}

func side(path string, e *objects.Entry) *entryRecord {
	if e == nil {
		return nil
	}
	rec := entryOf(path, *e)
	return &rec
}

func sideText(e *objects.Entry) string {
	if e == nil {
		return "deleted"
	}
	text := fmt.Sprintf("%s, %d bytes", e.ID.Short(), e.Size)
	if e.ModTime != 0 {
		text += ", changed " + e.Time().Local().Format("2006-01-02 15:04")
	}
	return text
}
