package main

import (
	"context"

	"github.com/urfave/cli/v2"

	"github.com/esync/esync/refs/roster"
	"github.com/esync/esync/repo"
)

func grantVerb() verb {
	return verb{
		name: "grant", group: groupMembers, args: "WHO LEVEL", least: 2, most: 2,
		short: "change what a member may do, or take somebody up by his key",
		long: `WHO is a member's name, key or fingerprint. LEVEL is none, read, full (pull and push) or admin (and change all this).
With --key, WHO is the name of somebody new, who needs no invitation then; "esync key" shows him his key. Only an admin
may do this; every copy learns of it with the next sync, and holds to it from then on.`,
		flags: []cli.Flag{
			&cli.StringFlag{Name: "key", Usage: "public `KEY` of somebody new: ssh-ed25519 AAAA…"},
			&cli.StringFlag{Name: "host-key", Usage: "the `KEY` that his machine shows when it serves (esync key --host)"},
			&cli.BoolFlag{Name: "may-invite", Usage: "he may take others up in the field, at most at his own level; --may-invite=false ends that"},
			&cli.StringFlag{Name: "expires", Usage: "`WHEN` his membership ends: 2026-12-31, or 30d from now (default: never)"},
		},
		run: runGrant,
	}
}

func runGrant(ctx context.Context, s *session, c *cli.Context) error {
	who := c.Args().First()
	level, err := parseLevel(c.Args().Get(1))
	if err != nil {
		return err
	}
	var o repo.GrantOptions
	if text := c.String("key"); text != "" {
		if o.Key, err = roster.ParseKey(text); err != nil {
			return doing("grant", who, err)
		}
	}
	if text := c.String("host-key"); text != "" {
		if o.HostKey, err = roster.ParseKey(text); err != nil {
			return doing("grant", who, err)
		}
	}
	if c.IsSet("may-invite") {
		may := c.Bool("may-invite")
		o.MayInvite = &may
	}
	if text := c.String("expires"); text != "" {
		if o.Expires, err = parseMoment(text, s.env.now()); err != nil {
			return err
		}
	}
	r, err := s.open(ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	m, err := r.Grant(ctx, who, level, o)
	if err != nil {
		return doing("grant", who, err)
	}
	return s.showMember(r, m, "is now a member at level")
}

// parseLevel reads a level that a user typed.
func parseLevel(text string) (roster.Level, error) {
	level, err := roster.ParseLevel(text)
	if err != nil {
		return level, usagef("%q is no level: there is none, read, full and admin", text)
	}
	return level, nil
}

// showMember tells what a member is after a change, and who learns of it.
func (s *session) showMember(r *repo.Repo, m *repo.Member, is string) error {
	if s.json {
		return s.object(memberOf(*m))
	}
	s.line("%q %s %s", m.Name, is, m.Now.String())
	if parent, ok := r.Parent(); ok {
		s.hint("the other copies learn of it when you push: esync push %s", parent)
	}
	return nil
}
