package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/esync/esync/refs/roster"
	"github.com/esync/esync/repo"
)

func membersVerb() verb {
	return verb{
		name: "members", group: groupMembers,
		short: "list who belongs to the engagement, and what each may do",
		long: `A member is one device of one person. --allowed-signers prints what "ssh-keygen -Y verify" wants to know, and
--authorized-keys the lines that let all members in through a stock sshd.`,
		flags: []cli.Flag{
			&cli.BoolFlag{Name: "allowed-signers", Usage: "as a file of allowed signers, see ssh-keygen(1)"},
			&cli.BoolFlag{Name: "authorized-keys", Usage: "as lines of authorized_keys with a forced command, see sshd(8)"},
			&cli.BoolFlag{Name: "invitations", Usage: "list the invitations of this copy that are still open"},
		},
		run: runMembers,
	}
}

type memberRecord struct {
	Name        string   `json:"name"`
	Level       string   `json:"level"` // what he may do now
	Key         string   `json:"key"`
	Fingerprint string   `json:"fingerprint"`
	HostKey     string   `json:"host_key"`
	Granted     string   `json:"granted"` // the level of the settings, whatever became of it since
	MayInvite   bool     `json:"may_invite"`
	Expires     string   `json:"expires"`
	Revoked     string   `json:"revoked"`
	Author      string   `json:"author"`
	Device      string   `json:"device"`
	Addresses   []string `json:"addresses"`
	InvitedBy   string   `json:"invited_by"`
	Joined      string   `json:"joined"`
	Confirmed   bool     `json:"confirmed"` // false: taken up in the field, and no admin has confirmed it yet
	Self        bool     `json:"self"`
}

func memberOf(m repo.Member) memberRecord {
	return memberRecord{
		Name: m.Name, Level: m.Now.String(), Key: m.Key.String(), Fingerprint: m.Key.Fingerprint(), HostKey: m.HostKey.String(),
		Granted: m.Level.String(), MayInvite: m.MayInvite, Expires: timeText(m.Expires), Revoked: timeText(m.Revoked), Author: m.Author,
		Device: m.Device, Addresses: some(m.Addresses), InvitedBy: m.Inviter, Joined: timeText(m.Joined), Confirmed: !m.Admitted, Self: m.Self,
	}
}

func runMembers(ctx context.Context, s *session, c *cli.Context) error {
	r, err := s.open(ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	if c.Bool("invitations") {
		return s.listInvitations(ctx, r)
	}
	members, err := r.Members(ctx)
	if err != nil {
		return err
	}
	for _, m := range members {
		switch {
		case s.json:
			if err := s.object(memberOf(m)); err != nil {
				return err
			}
		case c.Bool("allowed-signers"):
			s.line("%s", raw(allowedSigner(m)))
		case c.Bool("authorized-keys"):
			if m.Now >= roster.Read {
				s.line("%s", raw(authorizedKey(m, r.Root())))
			}
		default:
			s.line("%s\t%s\t%s\t%s", m.Name, m.Now.String(), m.Key.Fingerprint(), strings.Join(remarks(m), ", "))
		}
	}
	return nil
}

// remarks is what there is to say of a member besides his level.
func remarks(m repo.Member) []string {
	var words []string
	add := func(is bool, format string, args ...any) {
		if is {
			words = append(words, fmt.Sprintf(format, args...))
		}
	}
	add(m.Self, "you")
	add(m.Author != "" && !m.Self, "%s", m.Author)
	add(m.Device != "", "on %s", m.Device)
	add(m.MayInvite, "may invite")
	add(!m.Revoked.IsZero(), "revoked %s", dateText(m.Revoked))
	add(!m.Expires.IsZero() && m.Revoked.IsZero(), "until %s", dateText(m.Expires))
	add(m.Inviter != "", "invited by %s", m.Inviter)
	add(m.Admitted, "not confirmed yet")
	return words
}

// allowedSigner is a member in the words of ssh-keygen. Work that one did before he was revoked stays valid.
func allowedSigner(m repo.Member) string {
	until := ""
	if !m.Revoked.IsZero() {
		until = fmt.Sprintf(",valid-before=\"%sZ\"", m.Revoked.UTC().Format("20060102150405"))
	}
	return fmt.Sprintf("\"%s\" namespaces=\"commit@esync\"%s %s", safe(m.Name), until, m.Key)
}

// authorizedKey is a member in the words of sshd, for one copy.
func authorizedKey(m repo.Member, root string) string {
	until := ""
	if !m.Expires.IsZero() {
		until = fmt.Sprintf(",expiry-time=\"%sZ\"", m.Expires.UTC().Format("20060102150405"))
	}
	root = strings.ReplaceAll(shellWord(root), `"`, `\"`)
	return fmt.Sprintf("command=\"esync serve --stdio --member %s %s\",restrict%s %s %s", m.Key.Fingerprint(), root, until, m.Key, safe(m.Name))
}

func (s *session) listInvitations(ctx context.Context, r *repo.Repo) error {
	open, err := r.Invitations(ctx)
	if err != nil {
		return err
	}
	for _, v := range open {
		if s.json {
			if err := s.object(invitationOf(r, v)); err != nil {
				return err
			}
			continue
		}
		s.line("%s\t%s\tuntil %s", v.Name, v.Level.String(), dateText(v.Expires))
	}
	return nil
}
