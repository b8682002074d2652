package main

import (
	"context"
	"strings"

	"github.com/dustin/go-humanize"
	"github.com/urfave/cli/v2"

	"github.com/esync/esync/repo"
	"github.com/esync/esync/worktree"
)

func pullVerb() verb {
	return verb{
		name: "pull", group: groupPeers, args: "[PEER]", most: 1,
		short: "fetch the work of the parent, or of another peer, and join it with yours",
		long: `PEER is a name of "esync remote" or a SOURCE as for clone. Work that is not committed stays as it is. Exit code 3 says
that conflicts remain.`,
		run: func(ctx context.Context, s *session, c *cli.Context) error {
			return s.exchange(ctx, "pull", c.Args().First(), (*repo.Repo).Pull)
		},
	}
}

func pushVerb() verb {
	return verb{
		name: "push", group: groupPeers, args: "[PEER]", most: 1,
		short: "give your commits to the parent, or to another peer",
		run: func(ctx context.Context, s *session, c *cli.Context) error {
			return s.exchange(ctx, "push", c.Args().First(), (*repo.Repo).Push)
		},
	}
}

func syncVerb() verb {
	return verb{
		name: "sync", group: groupPeers, args: "[PEER]", most: 1,
		short: "commit if -m is given, pull, join and push, until both have the same",
		flags: []cli.Flag{&cli.StringFlag{Name: "message", Aliases: []string{"m"}, Usage: "commit first, with this `TEXT`"}},
		run: func(ctx context.Context, s *session, c *cli.Context) error {
			o := repo.SyncOptions{Message: c.String("message"), Commit: c.String("message") != ""}
			return s.exchange(ctx, "sync", c.Args().First(), func(r *repo.Repo, ctx context.Context, peer string) (*repo.SyncResult, error) {
				return r.Sync(ctx, peer, o)
			})
		},
	}
}

type exchangeRecord struct {
	Peer          string       `json:"peer"`
	From          string       `json:"from"`
	To            string       `json:"to"`
	Commits       int          `json:"commits"`
	Files         int          `json:"files"`
	BytesSent     int64        `json:"bytes_sent"`
	BytesReceived int64        `json:"bytes_received"`
	RoundTrips    int          `json:"round_trips"`
	Conflicts     []pathRecord `json:"conflicts"`
	Merged        []string     `json:"merged"`
	UpToDate      bool         `json:"up_to_date"`
	Notes         []string     `json:"notes"`
	Waiting       []noteRecord `json:"waiting"`
}

func exchangeOf(res *repo.SyncResult) exchangeRecord {
	return exchangeRecord{
		Peer: res.Peer, From: idText(res.From), To: idText(res.To), Commits: res.Commits, Files: res.Files.Updated + res.Files.Removed,
		BytesSent: res.BytesSent, BytesReceived: res.BytesReceived, RoundTrips: res.RoundTrips,
		Conflicts: conflictRecords(res.Conflicts), Merged: some(res.Merged), UpToDate: res.UpToDate, Notes: some(res.Notes),
		Waiting: noteRecords(res.Files.Waiting),
	}
}

type exchangeMethod func(*repo.Repo, context.Context, string) (*repo.SyncResult, error)

// exchange runs pull, push or sync.
func (s *session) exchange(ctx context.Context, verb, peer string, method exchangeMethod) error {
	r, err := s.open(ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	res, err := method(r, ctx, s.peer(peer))
	if err != nil {
		if verb == "pull" {
			return doing("pull", r.Line(), err)
		}
		return err // says itself what it could not do
	}
	if s.json {
		err = s.object(exchangeOf(res))
	} else {
		s.showExchange(verb, res)
	}
	return remain(err, len(res.Conflicts))
}

func (s *session) showExchange(verb string, res *repo.SyncResult) {
	sent, received := humanize.Bytes(uint64(res.BytesSent)), humanize.Bytes(uint64(res.BytesReceived))
	switch {
	case res.UpToDate:
		s.line("in step with %q, nothing to %s", res.Peer, verb)
	case verb == "pull":
		s.line("pulled %s from %q: %s, %s received", count(res.Commits, "commit"), res.Peer, raw(filesChanged(res.Files)), received)
	case verb == "push":
		s.line("pushed %s to %q: %s sent", count(res.Commits, "commit"), res.Peer, sent)
	default:
		s.line("in step with %q: %s exchanged, %s, %s received, %s sent", res.Peer, count(res.Commits, "commit"),
			raw(filesChanged(res.Files)), received, sent)
	}
	s.detail("%s", count(res.RoundTrips, "round trip"))
	for _, note := range res.Notes {
		s.warn("%s", note)
	}
	for _, path := range res.Merged {
		s.line("joined: %s", path)
	}
	s.showConflicts(res.Conflicts)
	s.showWaiting(res.Files.Waiting)
}

// showWaiting lists files whose new version waits.
func (s *session) showWaiting(waiting []worktree.Note) {
	for _, n := range waiting {
		s.warn("%q waits: %s", n.Path, n.Text)
	}
}

// pathLike tells whether text can only be meant as a folder, not as a name.
func pathLike(text string) bool {
	return strings.ContainsAny(text, `/\`) || strings.HasPrefix(text, ".")
}
