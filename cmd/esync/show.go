package main

import (
	"context"
	"path"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/esync/esync/repo"
)

func showCommitVerb() verb {
	return verb{
		name: "show", group: groupLook, args: "[ID[:PATH]]", most: 1,
		short: "show a commit and what it changed, or a file or folder of it",
		flags: diffFlags(),
		run:   runShow,
	}
}

type shownRecord struct {
	commitRecord
	Changes []diffRecord `json:"changes"`
}

func runShow(ctx context.Context, s *session, c *cli.Context) error {
	r, err := s.open(ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	spec := c.Args().First()
	if spec == "" {
		spec = "HEAD"
	}
	shown, err := r.Show(ctx, spec)
	if err != nil {
		return doing("show", spec, err)
	}
	switch {
	case shown.Commit != nil:
		return s.showCommit(c, shown)
	case shown.Entry.Mode.IsFolder():
		return s.showFolder(spec, shown)
	case s.json:
		return s.object(entryOf(pathOf(spec), *shown.Entry))
	}
	return r.Cat(ctx, spec, s.contentWriter())
}

func (s *session) showCommit(c *cli.Context, shown *repo.Shown) error {
	if s.json {
		rec := shownRecord{commitOf(*shown.Commit), []diffRecord{}}
		for _, d := range shown.Diffs {
			rec.Changes = append(rec.Changes, diffOf(d))
		}
		return s.object(rec)
	}
	for _, line := range s.commitLines(*shown.Commit) {
		s.line("%s", line)
	}
	if len(shown.Diffs) > 0 {
		s.line("")
	}
	return s.showDiffs(c, shown.Diffs)
}

func (s *session) showFolder(spec string, shown *repo.Shown) error {
	folder := pathOf(spec)
	for _, e := range shown.Tree {
		if s.json {
			if err := s.object(entryOf(path.Join(folder, e.Name), e)); err != nil {
				return err
			}
			continue
		}
		mark := ""
		if e.Mode.IsFolder() {
			mark = "/"
		}
		s.line("%s%s", e.Name, mark)
	}
	return nil
}

// pathOf is the path in COMMIT:PATH.
func pathOf(spec string) string {
	_, name, _ := strings.Cut(spec, ":")
	return strings.Trim(name, "/")
}
