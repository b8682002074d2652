package main

import (
	"cmp"
	"context"
	"fmt"

	"github.com/urfave/cli/v2"

	"github.com/esync/esync/merge"
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
	// Places are the parts that differ. Reason says why there are none, or what must be done besides.
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
				c.Path, fmt.Sprint(c.Kind), side(cmp.Or(c.BasePath, c.Path), c.Base), side(cmp.Or(c.OursPath, c.Path), c.Ours),
				side(cmp.Or(c.TheirsPath, c.Path), c.Theirs), placeRecords(c.Places), c.Reason, also(c),
			}); err != nil {
				return err
			}
			continue
		}
		s.line("%s  (%s)", s.paint(colorRemoved, s.here(r, c.Path)), c.Kind.Describe())
		if c.BasePath != "" {
			s.line("  before  %s", s.here(r, c.BasePath))
		}
		s.line("  ours    %s", s.sideText(r, c.Ours, c.OursPath))
		s.line("  theirs  %s", s.sideText(r, c.Theirs, c.TheirsPath))
		for _, path := range also(c) {
			s.line("  with    %s", s.here(r, path))
		}
		if c.Reason != "" {
			s.line("  why     %s", c.Reason)
		}
		s.showPlaces(c.Places)
	}
	return remain(nil, conflicts)
}

// conflictsError says that conflicts remain though the verb did its work.
type conflictsError struct{ conflicts []repo.Conflict }

func (e *conflictsError) Error() string {
	return fmt.Sprintf("%s to decide", count(len(e.conflicts), "conflict"))
}

func (e *conflictsError) Unwrap() error { return repo.ErrConflicts }

const decideHint = `"esync conflicts" lists them, "esync resolve PATH --ours|--theirs|--both" decides one`

// hints shows at the first place that is not decided how one is.
func (e *conflictsError) hints() []string {
	for _, c := range e.conflicts {
		for _, p := range c.Places {
			if p.Take == merge.Undecided {
				return []string{decideHint, fmt.Sprintf("a place alone: esync resolve %s %s --theirs", typedWord(c.Path), typedWord(p.Where))}
			}
		}
	}
	return []string{decideHint}
}

// remain is err, or else that conflicts remain.
func remain(err error, conflicts []repo.Conflict) error {
	if err != nil || len(conflicts) == 0 {
		return err
	}
	return &conflictsError{conflicts}
}

// also lists the files that go with a conflict.
func also(c repo.Conflict) []string {
	paths := []string{}
	for _, m := range c.Also {
		paths = append(paths, m.Path)
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

// sideText is one side, and the name under which it has the file when that is another.
func (s *session) sideText(r *repo.Repo, e *objects.Entry, path string) string {
	switch {
	case e == nil:
		return "deleted"
	case e.Mode.IsFolder():
		return e.ID.Short() + ", a folder"
	}
	text := fmt.Sprintf("%s, %d bytes", e.ID.Short(), e.Size)
	if e.ModTime != 0 {
		text += ", changed " + e.Time().Local().Format("2006-01-02 15:04")
	}
	if path != "" {
		text += ", as " + s.here(r, path)
	}
	return text
}
