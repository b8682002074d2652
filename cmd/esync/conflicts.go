package main

import (
	"context"
	"fmt"

	"github.com/urfave/cli/v2"

	"github.com/esync/esync/objects"
)

func conflictsVerb() verb {
	return verb{
		name: "conflicts", group: groupLines,
		short: "list what a person must decide",
		long:  `Exit code 3 says that there are some. Each has up to three versions: what both came from, ours and theirs.`,
		run:   runConflicts,
	}
}

type conflictRecord struct {
	Path   string       `json:"path"`
	Kind   string       `json:"kind"`
	Base   *entryRecord `json:"base"`
	Ours   *entryRecord `json:"ours"`
	Theirs *entryRecord `json:"theirs"`
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
				c.Path, fmt.Sprint(c.Kind), side(c.Path, c.Base), side(c.Path, c.Ours), side(c.Path, c.Theirs),
			}); err != nil {
				return err
			}
			continue
		}
		s.line("%s  (%s)", s.paint(colorRemoved, s.here(r, c.Path)), c.Kind.Describe())
		s.line("  ours    %s", raw(sideText(c.Ours)))
		s.line("  theirs  %s", raw(sideText(c.Theirs)))
	}
	return remain(nil, len(conflicts))
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
