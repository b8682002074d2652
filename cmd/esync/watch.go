package main

import (
	"context"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/esync/esync/repo"
)

func watchVerb() verb {
	return verb{
		name: "watch", group: groupPeers, args: "[PEER]", most: 1,
		short: "commit, pull and push by itself as files settle, until interrupted",
		long: `Files are recorded when nobody has changed them for a while; what others did arrives as soon as it is there. A peer that
goes out of reach is tried again by itself, and others stand in for the parent as for pull. Files that are open, and those
with work that does not fit what arrives, are left alone and told of.`,
		flags: append(wayFlags(),
			&cli.BoolFlag{Name: "no-commit", Usage: "carry only what is committed by other means"},
			&cli.StringFlag{Name: "quiet-for", Usage: "how `LONG` files are left alone before they are recorded (default: 2s)"},
		),
		run: runWatch,
	}
}

// watchRecord is one line of "esync watch --json", and of what "esync serve --forward" carries.
type watchRecord struct {
	Event      string          `json:"event"` // connected, lost, committed, synced, problem
	Time       string          `json:"time"`
	Engagement string          `json:"engagement"`
	Peer       string          `json:"peer,omitempty"`
	StandIn    bool            `json:"stand_in,omitempty"`
	ID         string          `json:"id,omitempty"`
	Files      int             `json:"files,omitempty"`
	Sync       *exchangeRecord `json:"sync,omitempty"`
	Reason     string          `json:"reason,omitempty"`
	Retry      float64         `json:"retry,omitempty"` // seconds
}

func runWatch(ctx context.Context, s *session, c *cli.Context) error {
	if err := s.chooseWay(c); err != nil {
		return err
	}
	o := repo.WatchOptions{Peer: s.peer(c.Args().First()), NoCommit: c.Bool("no-commit"), Event: s.watchEvent}
	if text := c.String("quiet-for"); text != "" {
		var err error
		if o.Quiet, err = parseSpan(text); err != nil {
			return err
		}
	}
	s.live = true
	r, err := s.open(ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	if err := r.Watch(ctx, o); err != nil {
		return doing("watch", c.Args().First(), err)
	}
	return nil
}

// watchEvent tells what happened: to programs on stdout, to people in a line on stdout for what moved, and on stderr else.
func (s *session) watchEvent(e repo.WatchEvent) {
	if s.json {
		_ = s.object(watchOf(e, s.env.now()))
		return
	}
	at := s.env.now().Format("15:04:05")
	switch e.Kind {
	case repo.WatchCommitted:
		s.line("%s recorded %s: %s", at, e.Commit.ID.Short(), count(e.Commit.Files, "file"))
	case repo.WatchSynced:
		s.line("%s in step with %q: %s, %s", at, e.Sync.Peer, count(e.Sync.Commits, "commit"), raw(filesChanged(e.Sync.Files)))
		s.showConflicts(e.Sync.Conflicts)
		s.showWaiting(e.Sync.Files.Waiting)
	case repo.WatchConnected:
		if !s.quiet {
			word := "connected to"
			if e.StandIn {
				word = "standing in:"
			}
			s.note("%s %s %s", at, word, raw(safe(e.Peer)))
		}
	case repo.WatchLost:
		s.warn("%s %v; trying again in %s", at, e.Err, e.Retry.Round(time.Second).String())
	case repo.WatchProblem:
		s.warn("%s %v", at, e.Err)
	}
}

func watchOf(e repo.WatchEvent, now time.Time) watchRecord {
	rec := watchRecord{
		Event: string(e.Kind), Time: now.Format(time.RFC3339), Engagement: e.Engagement, Peer: e.Peer, StandIn: e.StandIn,
		Retry: e.Retry.Seconds(),
	}
	if e.Commit != nil {
		rec.ID, rec.Files = e.Commit.ID.String(), e.Commit.Files
	}
	if e.Sync != nil {
		sync := exchangeOf(e.Sync)
		rec.Sync = &sync
	}
	if e.Err != nil {
		rec.Reason = e.Err.Error()
	}
	return rec
}
