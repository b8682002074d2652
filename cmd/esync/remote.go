package main

import (
	"context"

	"github.com/urfave/cli/v2"

	"github.com/esync/esync/repo"
)

func remoteVerb() verb {
	return verb{
		name: "remote", group: groupPeers, args: "[add NAME SOURCE | remove NAME]", most: 3,
		short: "list the peers this copy knows by name, add or remove one",
		flags: []cli.Flag{&cli.BoolFlag{Name: "names", Usage: "list bare names, for scripts"}},
		words: []string{"add", "remove"},
		run:   runRemote,
	}
}

func parentVerb() verb {
	return verb{
		name: "parent", group: groupPeers, args: "[NAME|SOURCE]", most: 1,
		short: "show the parent, or make a peer the parent; nothing is cloned again",
		run:   runParent,
	}
}

type remoteRecord struct {
	Name   string `json:"name"`
	Source string `json:"source"`
	Parent bool   `json:"parent"`
	Seen   string `json:"seen"`
	Tip    string `json:"tip"`
}

func runRemote(ctx context.Context, s *session, c *cli.Context) error {
	r, err := s.open(ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	args := c.Args().Slice()
	switch {
	case len(args) == 0 && c.Bool("names"):
		remotes, err := r.Remotes(ctx)
		for _, m := range remotes {
			s.line("%s", m.Name)
		}
		return err
	case len(args) == 0:
		return s.listRemotes(ctx, r, false)
	case args[0] == "add" && len(args) == 3:
		if err := r.AddRemote(ctx, args[1], s.peer(args[2])); err != nil {
			return doing("add peer", args[1], err)
		}
		return s.done("added peer", args[1])
	case (args[0] == "remove" || args[0] == "rm") && len(args) == 2:
		if err := r.RemoveRemote(ctx, args[1]); err != nil {
			return doing("remove peer", args[1], err)
		}
		return s.done("removed peer", args[1])
	}
	return usagef("remote understands: remote, remote add NAME SOURCE, remote remove NAME")
}

func (s *session) listRemotes(ctx context.Context, r *repo.Repo, parentOnly bool) error {
	remotes, err := r.Remotes(ctx)
	if err != nil {
		return err
	}
	for _, m := range remotes {
		if parentOnly && !m.Parent {
			continue
		}
		if s.json {
			if err := s.object(remoteRecord{m.Name, m.Source, m.Parent, timeText(m.Seen), idText(m.Tip)}); err != nil {
				return err
			}
			continue
		}
		mark := ""
		if m.Parent && !parentOnly {
			mark = "\t(parent)"
		}
		s.line("%s\t%s%s", m.Name, m.Source, raw(mark))
	}
	return nil
}

func runParent(ctx context.Context, s *session, c *cli.Context) error {
	r, err := s.open(ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	if !c.Args().Present() {
		if _, ok := r.Parent(); !ok && !s.json {
			s.line("none: this is a top-level parent")
		}
		return s.listRemotes(ctx, r, true)
	}
	if err := r.SetParent(ctx, s.peer(c.Args().First())); err != nil {
		return doing("set parent", c.Args().First(), err)
	}
	name, _ := r.Parent()
	return s.done("parent is now", name)
}
