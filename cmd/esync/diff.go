package main

import (
	"context"
	"os"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/esync/esync/repo"
)

func diffVerb() verb {
	return verb{
		name: "diff", group: groupLook, args: "[ID [ID]] [PATH…]", most: many,
		short: "show what differs between the last commit and the files, or between commits",
		flags: append(diffFlags(),
			&cli.StringFlag{Name: "from", Usage: "compare from the commit `ID` (default: the last one)"},
			&cli.StringFlag{Name: "to", Usage: "compare to the commit `ID` (default: the files)"}),
		run: runDiff,
	}
}

func diffFlags() []cli.Flag {
	return []cli.Flag{
		&cli.BoolFlag{Name: "stat", Usage: "one file a line, with how much changed"},
		&cli.BoolFlag{Name: "name-only", Usage: "names of the changed files only"},
		&cli.BoolFlag{Name: "name-status", Usage: "names and kinds of change only"},
	}
}

type diffRecord struct {
	Path    string `json:"path"`
	OldPath string `json:"old_path,omitempty"`
	Kind    string `json:"kind"`
	OldID   string `json:"old_id"`
	NewID   string `json:"new_id"`
	OldSize int64  `json:"old_size"`
	NewSize int64  `json:"new_size"`
	Binary  bool   `json:"binary"`
	Text    string `json:"text"`
	// Places are the cells, rows or records that differ.
	Places []differenceRecord `json:"places,omitempty"`
}

func diffOf(d repo.FileDiff) diffRecord {
	rec := diffRecord{Path: d.Path, OldPath: d.OldPath, Kind: d.Kind, Binary: d.Binary, Text: d.Text}
	if d.Old != nil {
		rec.OldID, rec.OldSize = idText(d.Old.ID), d.Old.Size
	}
	if d.New != nil {
		rec.NewID, rec.NewSize = idText(d.New.ID), d.New.Size
	}
	for _, p := range d.Places {
		rec.Places = append(rec.Places, differenceRecord{p.Where, p.Base, p.Ours})
	}
	return rec
}

func runDiff(ctx context.Context, s *session, c *cli.Context) error {
	r, err := s.open(ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	o := repo.DiffOptions{From: c.String("from"), To: c.String("to")}
	rest := s.revisions(r, &o, c.Args().Slice())
	if o.Paths, err = s.inside(r, rest); err != nil {
		return err
	}
	o.NoText = c.Bool("name-only") || c.Bool("name-status")
	diffs, err := r.Diff(ctx, o)
	if err != nil {
		return doing("compare", "", err)
	}
	if !s.json {
		return s.showDiffs(c, diffs)
	}
	for _, d := range diffs {
		if err := s.object(diffOf(d)); err != nil {
			return err
		}
	}
	return nil
}

// revisions takes commits from the front of the arguments, as git does: ID, ID ID or ID..ID, unless files are so called.
func (s *session) revisions(r *repo.Repo, o *repo.DiffOptions, args []string) []string {
	if o.From != "" || o.To != "" {
		return args
	}
	if len(args) > 0 && !s.exists(args[0]) {
		if from, to, ok := strings.Cut(args[0], ".."); ok && s.isCommit(r, from) && s.isCommit(r, to) {
			o.From, o.To = orHead(from), orHead(to)
			return args[1:]
		}
	}
	for _, target := range []*string{&o.From, &o.To} {
		if len(args) == 0 || s.exists(args[0]) || !s.isCommit(r, args[0]) {
			return args
		}
		*target, args = args[0], args[1:]
	}
	return args
}

func (s *session) isCommit(r *repo.Repo, spec string) bool {
	_, err := r.Find(spec)
	return err == nil
}

func orHead(spec string) string {
	if spec == "" {
		return "HEAD"
	}
	return spec
}

func (s *session) exists(typed string) bool {
	_, err := os.Lstat(s.env.path(typed))
	return err == nil
}
