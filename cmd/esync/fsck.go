package main

import (
	"context"

	"github.com/dustin/go-humanize"
	"github.com/urfave/cli/v2"

	"github.com/esync/esync/repo"
)

func fsckVerb() verb {
	return verb{
		name: "fsck", group: groupCare, args: "[--heal [PEER]]", most: 1,
		short: "read and verify everything this copy keeps; mend it from other copies",
		long: `Exit code 5 says that something is damaged; each damaged object is listed with the files and commits it touches. With --heal
what is damaged or missing is fetched again, from PEER, or from the parent and whoever can stand in for it. Nothing is
believed but content that has the ID it should have.`,
		flags: append(wayFlags(), &cli.BoolFlag{Name: "heal", Usage: "mend what is damaged"}),
		run:   runFsck,
	}
}

type fsckRecord struct {
	Objects int            `json:"objects"`
	Commits int            `json:"commits"`
	Bytes   int64          `json:"bytes"`
	Damage  []damageRecord `json:"damage"` // what is left of it
	Healed  int            `json:"healed"`
	From    []string       `json:"from"` // the copies that had what was damaged here
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

func runFsck(ctx context.Context, s *session, c *cli.Context) error {
	if c.Args().Present() && !c.Bool("heal") {
		return usagef("fsck takes a peer only to heal from: fsck --heal %s", c.Args().First())
	}
	if err := s.chooseWay(c); err != nil {
		return err
	}
	r, err := s.open(ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	if c.Bool("heal") {
		return s.heal(ctx, r, s.peer(c.Args().First()))
	}
	res, err := r.Fsck(ctx)
	if err != nil {
		return doing("check", r.Root(), err)
	}
	return s.showFsck(res, nil)
}

// heal mends the copy and shows what is left. What could not be reached is told even when some could be mended.
func (s *session) heal(ctx context.Context, r *repo.Repo, peer string) error {
	res, err := r.Heal(ctx, peer)
	if res == nil || res.Left == nil {
		return doing("heal", r.Root(), err)
	}
	if err != nil {
		s.warn("%v", err)
	}
	return s.showFsck(res.Left, res)
}

func (s *session) showFsck(res *repo.FsckResult, healed *repo.HealResult) (err error) {
	if s.json {
		rec := fsckRecord{Objects: res.Objects, Commits: res.Commits, Bytes: res.Bytes, Damage: []damageRecord{}, From: []string{}}
		if healed != nil {
			rec.Healed, rec.From = healed.Healed, some(healed.From)
		}
		for _, d := range res.Damage {
			rec.Damage = append(rec.Damage, damageOf(d))
		}
		err = s.object(rec)
	} else {
		if healed != nil && healed.Healed > 0 {
			from := healed.From
			if len(from) == 0 {
				from = []string{"this copy's own files"}
			}
			s.line("healed %s from %s", count(healed.Healed, "object"), from)
		}
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
