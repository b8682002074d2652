package main

import (
	"context"
	"strings"

	"github.com/mdp/qrterminal/v3"
	"github.com/urfave/cli/v2"

	"github.com/esync/esync/refs/roster"
	"github.com/esync/esync/repo"
)

func inviteVerb() verb {
	return verb{
		name: "invite", group: groupMembers,
		short: "let somebody make a copy: prints an invitation that is good once",
		long: `The line on stdout goes to the newcomer like a password; on a terminal there is a picture of it for a phone beside it. He
types "esync clone" and the line. The copy that he is invited to must be served then: the invitation leads to it, and
knows its key. Who is no admin but may invite takes others up for 7 days, at most at his own level, until an admin
confirms it with "esync grant".`,
		flags: []cli.Flag{
			&cli.StringFlag{Name: "level", Value: "full", Usage: "what he may do: `LEVEL` read, full (default) or admin"},
			&cli.StringFlag{Name: "name", Usage: "what members call him: `WHO` (default: what he calls himself)"},
			&cli.StringFlag{Name: "expires", Value: "48h", Usage: "how `LONG` the invitation is good for (default: 48h)"},
			&cli.BoolFlag{Name: "may-invite", Usage: "he may take others up in the field"},
			&cli.StringSliceFlag{Name: "address", Usage: "`HOST:PORT` at which he finds this copy, as often as wanted (default: this machine's addresses)"},
		},
		run: runInvite,
	}
}

type invitationRecord struct {
	Engagement string   `json:"engagement"`
	ID         string   `json:"id"`
	Invitation string   `json:"invitation"` // known only when it is made
	Name       string   `json:"name"`
	Level      string   `json:"level"`
	MayInvite  bool     `json:"may_invite"`
	Expires    string   `json:"expires"`
	Addresses  []string `json:"addresses"`
}

func invitationOf(r *repo.Repo, v repo.Invitation) invitationRecord {
	return invitationRecord{
		Engagement: r.Name(), ID: r.ID().String(), Invitation: v.Text, Name: v.Name, Level: v.Level.String(), MayInvite: v.MayInvite,
		Expires: timeText(v.Expires), Addresses: some(v.Addresses),
	}
}

func runInvite(ctx context.Context, s *session, c *cli.Context) error {
	o := repo.InviteOptions{Name: c.String("name"), MayInvite: c.Bool("may-invite"), Addresses: c.StringSlice("address")}
	var err error
	if o.Level, err = parseLevel(c.String("level")); err != nil {
		return err
	}
	if o.Level == roster.None {
		return usagef("nobody is invited to do nothing")
	}
	if o.Expires, err = parseSpan(c.String("expires")); err != nil {
		return err
	}
	r, err := s.open(ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	_, served := s.servingAt(r.ID())
	if len(o.Addresses) == 0 {
		o.Addresses = s.reachableAt(r.ID())
	}
	v, err := r.Invite(ctx, o)
	if err != nil {
		return doing("invite", o.Name, err)
	}
	if s.json {
		return s.object(invitationOf(r, *v))
	}
	if s.env.outTerminal && s.env.errTerminal && !s.quiet {
		s.ask(qrCode(v.Text))
	}
	s.line("%s", v.Text)
	s.hint("good once, until %s, at level %s: esync clone, and the line above", dateText(v.Expires), v.Level.String())
	if !served {
		s.hint("it leads to %s, where nothing serves yet: esync serve", v.Addresses)
	}
	return nil
}

// qrCode draws text for a phone to read. In capitals it takes a smaller picture, and means the same.
func qrCode(text string) string {
	var b strings.Builder
	qrterminal.GenerateWithConfig(strings.ToUpper(text), qrterminal.Config{
		Level: qrterminal.L, Writer: &b, HalfBlocks: true, QuietZone: 2,
		BlackChar: qrterminal.BLACK_BLACK, BlackWhiteChar: qrterminal.BLACK_WHITE,
		WhiteChar: qrterminal.WHITE_WHITE, WhiteBlackChar: qrterminal.WHITE_BLACK,
	})
	return b.String()
}
