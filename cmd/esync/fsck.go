package main

import (
	"context"

	"github.com/dustin/go-humanize"
	"github.com/urfave/cli/v2"

	"github.com/esync/esync/repo"
)

func fsckVerb() verb {
	return verb{
		name: "fsck", group: groupCare,
		short: "read and verify everything this copy keeps",
		long:  `Exit code 5 says that something is damaged; each damaged object is listed with the files and commits it touches.`,
		run:   runFsck,
	}
}

type fsckRecord struct {
	Objects int            `json:"objects"`
	Commits int            `json:"commits"`
	Bytes   int64          `json:"bytes"`
	Damage  []damageRecord `json:"damage"`
}

type damageRecord struct {
	ID      string   `json:"id"`
	Kind    string   `json:"kind"`
	Reason  string   `json:"reason"`
	Pack    string   `json:"pack"`
	Paths   []string `json:"paths"`
	Commits []string `json:"commits"`
}

func damageOf(d repo.Damage) damageRecord {
	rec := damageRecord{ID: idText(d.ID), Reason: d.Reason, Pack: d.Pack, Paths: some(d.Paths), Commits: ids(d.Commits)}
	if d.Kind.Valid() {
		rec.Kind = d.Kind.String()
	}
	return rec
}

func runFsck(ctx context.Context, s *session, _ *cli.Context) error {
	r, err := s.open(ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	res, err := r.Fsck(ctx)
	if err != nil {
		return doing("check", r.Root(), err)
	}
	if s.json {
		rec := fsckRecord{res.Objects, res.Commits, res.Bytes, []damageRecord{}}
		for _, d := range res.Damage {
			rec.Damage = append(rec.Damage, damageOf(d))
		}
		err = s.object(rec)
	} else {
		s.line("checked %s, %s, %s", count(res.Objects, "object"), count(res.Commits, "commit"), humanize.Bytes(uint64(res.Bytes)))
		for _, d := range res.Damage {
			s.showDamage(d)
		}
		if len(res.Damage) == 0 {
			s.line("nothing is damaged")
		}
	}
	if err == nil && len(res.Damage) > 0 {
		err = &damageError{len(res.Damage)}
	}
	return err
}

func (s *session) showDamage(d repo.Damage) {
	rec := damageOf(d)
	where := rec.Pack
	if where == "" {
		where = "no pack"
	}
	s.line("damaged: %s %s in %s: %s", rec.Kind, rec.ID, where, d.Reason)
	for _, path := range d.Paths {
		s.line("  file %s", path)
	}
	for _, id := range d.Commits {
		s.line("  commit %s", id.Short())
	}
}
