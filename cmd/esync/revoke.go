package main

import (
	"context"

	"github.com/urfave/cli/v2"
)

func revokeVerb() verb {
	return verb{
		name: "revoke", group: groupMembers, args: "WHO", least: 1, most: 1,
		short: "put a member out: no copy that knows of it talks to him any more",
		long: `WHO is a name, key or fingerprint. The copy that you work in, and those that serve it, refuse him at once, on open
connections too; every other copy does from its next contact with one that knows. What he recorded before stays.`,
		run: runRevoke,
	}
}

func runRevoke(ctx context.Context, s *session, c *cli.Context) error {
	r, err := s.open(ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	m, err := r.Revoke(ctx, c.Args().First())
	if err != nil {
		return doing("revoke", c.Args().First(), err)
	}
	return s.showMember(r, m, "is put out: level")
}
