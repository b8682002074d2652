package main

import (
	"context"

	"github.com/dustin/go-humanize"
	"github.com/urfave/cli/v2"

	"github.com/esync/esync/repo"
)

func commitVerb() verb {
	return verb{
		name: "commit", group: groupRecord, args: "-m TEXT [PATH…]", most: many,
		short: "record all changes, or those of some files",
		long:  `There is no staging area: what differs is recorded, new and deleted files too. .esyncignore names what is left out.`,
		flags: []cli.Flag{
			&cli.StringFlag{Name: "message", Aliases: []string{"m"}, Usage: "`TEXT` that says what was done"},
			&cli.BoolFlag{Name: "all", Aliases: []string{"a"}, Usage: "accepted for git users; all changes are recorded anyway"},
		},
		run: runCommit,
	}
}

type recordedRecord struct {
	ID        string       `json:"id"`
	Files     int          `json:"files"`
	Bytes     int64        `json:"bytes"`
	Changes   []pathRecord `json:"changes"`
	Notes     []noteRecord `json:"notes"`
	Conflicts int          `json:"conflicts,omitempty"`
	Incoming  int          `json:"incoming"`
}

func runCommit(ctx context.Context, s *session, c *cli.Context) error {
	if c.String("message") == "" {
		return usagef("a commit needs a message").hint(`esync commit -m "what you did"`)
	}
	r, err := s.open(ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	paths, err := s.inside(r, c.Args().Slice())
	if err != nil {
		return err
	}
	res, err := r.Commit(ctx, repo.CommitOptions{Message: c.String("message"), Paths: paths})
	if err != nil {
		if res != nil {
			s.showNotes(res.Notes)
		}
		return doing("commit", "", nothing(err, "nothing has changed since the last commit"))
	}
	return s.showRecorded(r, res, "recorded")
}

func recordedOf(res *repo.CommitResult) recordedRecord {
	return recordedRecord{
		ID: res.ID.String(), Files: res.Files, Bytes: res.Bytes, Changes: changeRecords(res.Changes),
		Notes: noteRecords(res.Notes), Incoming: res.Incoming,
	}
}

// showRecorded tells of a commit that was made.
func (s *session) showRecorded(r *repo.Repo, res *repo.CommitResult, did string) error {
	if s.json {
		return s.object(recordedOf(res))
	}
	files, size := res.Files, ""
	if n := len(res.Changes); n > 0 { // deleted ones count as well
		files, size = n, ", "+humanize.Bytes(uint64(res.Bytes))
	}
	s.line("%s %s on %s: %s%s", did, s.paint(colorID, res.ID.Short()), r.Line(), count(files, "file"), size)
	s.showNotes(res.Notes)
	if res.Incoming > 0 {
		s.hint(`%s arrived meanwhile; run "esync sync" to bring them into your files`, count(res.Incoming, "commit"))
	}
	return nil
}
