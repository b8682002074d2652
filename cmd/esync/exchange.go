package main

import (
	"context"
	"errors"

	"github.com/urfave/cli/v2"

	"github.com/esync/esync/repo"
)

func pullVerb() verb {
	return verb{
		name: "pull", group: groupPeers, args: "[PEER]", most: 1,
		short: "fetch the work of the parent, or of another peer, and join it with yours",
		long: `PEER is a name of "esync remote" or a SOURCE as for clone. Work that is not committed stays as it is. Exit code 3 says
that conflicts remain.`,
		flags: wayFlags(),
		run: func(ctx context.Context, s *session, c *cli.Context) error {
			return s.exchange(ctx, c, "pull", (*repo.Repo).Pull)
		},
	}
}

func pushVerb() verb {
	return verb{
		name: "push", group: groupPeers, args: "[PEER]", most: 1,
		short: "give your commits to the parent, or to another peer",
		flags: wayFlags(),
		run: func(ctx context.Context, s *session, c *cli.Context) error {
			return s.exchange(ctx, c, "push", (*repo.Repo).Push)
		},
	}
}

func syncVerb() verb {
	return verb{
		name: "sync", group: groupPeers, args: "[PEER]", most: 1,
		short: "commit if -m is given, pull, join and push, until both have the same",
		flags: append(wayFlags(), &cli.StringFlag{Name: "message", Aliases: []string{"m"}, Usage: "commit first, with this `TEXT`"}),
		run: func(ctx context.Context, s *session, c *cli.Context) error {
			o := repo.SyncOptions{Message: c.String("message"), Commit: c.String("message") != ""}
			return s.exchange(ctx, c, "sync", func(r *repo.Repo, ctx context.Context, peer string) (*repo.SyncResult, error) {
				return r.Sync(ctx, peer, o)
			})
		},
	}
}

type exchangeRecord struct {
	Peer          string          `json:"peer"`
	From          string          `json:"from"`
	To            string          `json:"to"`
	Commits       int             `json:"commits"`
	Files         int             `json:"files"`
	BytesSent     int64           `json:"bytes_sent"`
	BytesReceived int64           `json:"bytes_received"`
	RoundTrips    int             `json:"round_trips"`
	Conflicts     []conflictBrief `json:"conflicts"`
	Merged        []string        `json:"merged"`
	Joined        []joinedRecord  `json:"joined"`
	UpToDate      bool            `json:"up_to_date"`
	Notes         []string        `json:"notes"`
	Waiting       []noteRecord    `json:"waiting"`
}

func exchangeOf(res *repo.SyncResult) exchangeRecord {
	return exchangeRecord{
		Peer: res.Peer, From: idText(res.From), To: idText(res.To), Commits: res.Commits, Files: res.Files.Updated + res.Files.Removed,
		BytesSent: res.BytesSent, BytesReceived: res.BytesReceived, RoundTrips: res.RoundTrips,
		Conflicts: conflictBriefs(res.Conflicts), Merged: some(res.Merged), Joined: joinedRecords(res.Joined), UpToDate: res.UpToDate, Notes: some(res.Notes),
		Waiting: noteRecords(res.Files.Waiting),
	}
}

type exchangeMethod func(*repo.Repo, context.Context, string) (*repo.SyncResult, error)

// exchange runs pull, push or sync.
func (s *session) exchange(ctx context.Context, c *cli.Context, verb string, method exchangeMethod) error {
	if err := s.chooseWay(c); err != nil {
		return err
	}
	r, err := s.open(ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	res, err := method(r, ctx, s.peer(c.Args().First()))
	var alone error // nobody was in reach, and what had arrived here was joined all the same
	switch {
	case verb == "push":
	case errors.Is(err, repo.ErrNoParent):
		res, err = s.settle(ctx, r, verb, err)
	case errors.Is(err, repo.ErrUnreachable) && c.Args().Len() == 0:
		alone = err
		res, err = s.settle(ctx, r, "pull", err)
	}
	said := func(err error) error {
		if verb == "pull" {
			return doing("pull", r.Line(), err)
		}
		return err // says itself what it could not do
	}
	if err != nil {
		return said(err)
	}
	if s.json {
		err = s.object(exchangeOf(res))
	} else {
		s.showExchange(verb, res)
	}
	if err == nil && alone != nil {
		err = said(alone)
	}
	return remain(err, res.Conflicts)
}
