package main

import (
	"context"
	"path"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/esync/esync/internal/sshsig"
	"github.com/esync/esync/refs/roster"
	"github.com/esync/esync/repo"
)

func showCommitVerb() verb {
	return verb{
		name: "show", group: groupLook, args: "[ID[:PATH]]", most: 1,
		short: "show a commit and what it changed, or a file or folder of it",
		long: `--payload and --signature print what a commit's maker signed, and his signature, so that others can check it:
    esync members --allowed-signers > allowed
    esync show --signature ID > sig
    esync show --payload ID | ssh-keygen -Y verify -f allowed -I NAME -n commit@esync -s sig`,
		flags: append(diffFlags(),
			&cli.BoolFlag{Name: "payload", Usage: "the bytes that are signed, and nothing else"},
			&cli.BoolFlag{Name: "signature", Usage: "the signature in OpenSSH's form, and nothing else"},
		),
		run: runShow,
	}
}

type shownRecord struct {
	commitRecord
	Changes   []diffRecord    `json:"changes"`
	Joined    []joinedRecord  `json:"joined"`
	Conflicts []conflictBrief `json:"conflicts"` // that the commit was the first to leave open
	Decided   []decidedRecord `json:"decided"`
}

// decidedRecord is a conflict that a commit decided; with places, only those.
type decidedRecord struct {
	Path   string   `json:"path"`
	Places []string `json:"places"`
}

func runShow(ctx context.Context, s *session, c *cli.Context) error {
	r, err := s.open(ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	spec := c.Args().First()
	if spec == "" {
		spec = "HEAD"
	}
	shown, err := r.Show(ctx, spec)
	if err != nil {
		return doing("show", spec, err)
	}
	switch {
	case c.Bool("payload") || c.Bool("signature"):
		return s.showSigned(spec, shown, c.Bool("payload"))
	case shown.Commit != nil:
		return s.showCommit(ctx, r, c, shown)
	case shown.Entry.Mode.IsFolder():
		return s.showFolder(spec, shown)
	case s.json:
		return s.object(entryOf(pathOf(spec), *shown.Entry))
	}
	return r.Cat(ctx, spec, s.contentWriter())
}

// showSigned writes bytes as they are: they are for ssh-keygen, not for the terminal.
func (s *session) showSigned(spec string, shown *repo.Shown, payload bool) error {
	if shown.Commit == nil {
		return usagef("%q is no commit, and only commits are signed", spec)
	}
	commit := shown.Commit.Commit
	content := commit.Payload()
	if !payload {
		if len(commit.Signature) == 0 {
			return doing("show", spec, roster.ErrForged)
		}
		content = sshsig.Armor(commit.Signature)
	}
	_, err := s.contentWriter().Write(content)
	return err
}

func (s *session) showCommit(ctx context.Context, r *repo.Repo, c *cli.Context, shown *repo.Shown) error {
	signers, err := signersOf(ctx, r)
	if err != nil {
		return err
	}
	if s.json {
		return s.object(shownOf(shown, signers))
	}
	for _, line := range s.commitLines(*shown.Commit, signers) {
		s.line("%s", line)
	}
	return s.showChanges(c, shown, true)
}

// shownOf is a commit and what it changed.
func shownOf(shown *repo.Shown, by signers) shownRecord {
	rec := shownRecord{by.record(*shown.Commit), []diffRecord{}, joinedRecords(shown.Joined), conflictBriefs(shown.Conflicts), []decidedRecord{}}
	for _, d := range shown.Decided {
		rec.Decided = append(rec.Decided, decidedRecord{d.Path, some(d.Places)})
	}
	for _, d := range shown.Diffs {
		rec.Changes = append(rec.Changes, diffOf(d))
	}
	return rec
}

// showChanges prints what a commit joined, decided and left to decide, and what it changed, each after a blank line when spaced.
func (s *session) showChanges(c *cli.Context, shown *repo.Shown, spaced bool) error {
	if len(shown.Joined)+len(shown.Decided)+len(shown.Conflicts) > 0 {
		if spaced {
			s.line("")
		}
		s.showJoined(shown.Joined)
		for _, d := range shown.Decided {
			if s.line("decided: %s", d.Path); len(d.Places) > 0 {
				s.line("  only: %s", d.Places)
			}
		}
		s.showConflicts(shown.Conflicts)
	}
	if len(shown.Diffs) > 0 && spaced {
		s.line("")
	}
	return s.showDiffs(c, shown.Diffs)
}

func (s *session) showFolder(spec string, shown *repo.Shown) error {
	folder := pathOf(spec)
	for _, e := range shown.Tree {
		if s.json {
			if err := s.object(entryOf(path.Join(folder, e.Name), e)); err != nil {
				return err
			}
			continue
		}
		mark := ""
		if e.Mode.IsFolder() {
			mark = "/"
		}
		s.line("%s%s", e.Name, mark)
	}
	return nil
}

// pathOf is the path in COMMIT:PATH.
func pathOf(spec string) string {
	_, name, _ := strings.Cut(spec, ":")
	return strings.Trim(name, "/")
}
