package main

import (
	"context"
	"path/filepath"
	"strings"

	"github.com/dustin/go-humanize"
	"github.com/urfave/cli/v2"

	"github.com/esync/esync/repo"
)

func cloneVerb() verb {
	return verb{
		name: "clone", group: groupStart, args: "SOURCE [DIR]", least: 1, most: 2,
		short: "make a copy of an engagement, with SOURCE as its parent",
		long: `SOURCE is HOST:ENGAGEMENT, ssh://[USER@]HOST[:PORT]/ENGAGEMENT or a folder. DIR is the engagement's name when it is
not given. When a clone was interrupted, the same command goes on where it stopped.`,
		flags: append(wayFlags(), &cli.BoolFlag{Name: "bare", Usage: "keep history only, no files"}),
		run:   runClone,
	}
}

type cloneRecord struct {
	Engagement string `json:"engagement"`
	ID         string `json:"id"`
	Path       string `json:"path"`
	exchangeRecord
}

func runClone(ctx context.Context, s *session, c *cli.Context) error {
	if err := s.chooseWay(c); err != nil {
		return err
	}
	env, err := s.world()
	if err != nil {
		return err
	}
	src, err := repo.ParseSource(s.peer(c.Args().First()))
	if err != nil {
		return err
	}
	if src.Kind == repo.SourceSSH {
		if _, err := s.userKey(); err != nil {
			return err
		}
	}
	dir := c.Args().Get(1)
	if dir == "" {
		dir = cloneFolder(src)
	}
	r, res, err := repo.Clone(ctx, env, src, s.env.path(dir), repo.CloneOptions{Bare: c.Bool("bare")})
	if err != nil {
		return doing("clone", src.Text, err)
	}
	defer r.Close()
	if s.json {
		return s.object(cloneRecord{r.Name(), r.ID().String(), r.Root(), exchangeOf(res)})
	}
	s.line("cloned %q into %s: %s, %s, %s received", r.Name(), r.Root(), count(res.Commits, "commit"), count(res.Files.Updated, "file"),
		humanize.Bytes(uint64(res.BytesReceived)))
	s.showWaiting(res.Files.Waiting)
	return nil
}

// peer makes a folder that was typed as a peer independent of the working folder. Other peers stay as they are.
func (s *session) peer(text string) string {
	src, err := repo.ParseSource(text)
	if err != nil || src.Kind != repo.SourceFolder || !pathLike(text) {
		return text
	}
	return s.env.path(text)
}

// cloneFolder is where a clone goes when nothing else is said: a folder named as the engagement.
func cloneFolder(src repo.Source) string {
	name := src.Engagement
	if src.Kind == repo.SourceFolder {
		name = src.Path
	}
	return filepath.Base(filepath.FromSlash(strings.TrimRight(name, `/\`)))
}
