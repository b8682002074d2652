package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/dustin/go-humanize"
	"github.com/urfave/cli/v2"

	"github.com/esync/esync/repo"
	"github.com/esync/esync/transport/ssh"
)

func cloneVerb() verb {
	return verb{
		name: "clone", group: groupStart, args: "SOURCE [DIR]", least: 1, most: 2,
		short: "make a copy of an engagement, with SOURCE as its parent",
		long: `SOURCE is an invitation (esync1:…), HOST:ENGAGEMENT, ssh://[USER@]HOST[:PORT]/ENGAGEMENT, a folder, or a bundle. DIR is
the engagement's name when it is not given. When a clone was interrupted, the same command goes on where it stopped.`,
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
	if src.Kind != repo.SourceFolder {
		if _, err := s.userKey(); err != nil {
			return err
		}
	}
	dir := c.Args().Get(1)
	if dir == "" && (src.Kind == repo.SourceFolder || src.Kind == repo.SourceSSH) {
		dir = cloneFolder(src)
	}
	if dir != "" {
		dir = s.env.path(dir)
	}
	r, res, err := repo.Clone(ctx, env, src, dir, repo.CloneOptions{Bare: c.Bool("bare"), Under: s.env.dir})
	if src.Kind == repo.SourceInvitation && s.via == "" && errors.Is(err, ssh.ErrAuth) { // nothing but the invitation lets a stranger in
		s.detail("%v", err)
		err = fmt.Errorf("%w: it was used already, withdrawn, or is out of date", repo.ErrInvitation)
	}
	if err != nil {
		return doing("clone", sourceText(src), s.admission(sourceText(src), err))
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

// sourceText is a source in an error. An invitation is a secret, and long.
func sourceText(src repo.Source) string {
	if src.Kind == repo.SourceInvitation {
		return "an invitation"
	}
	return src.Text
}

// peer makes a folder or bundle that was typed as a peer independent of the working folder. Other peers stay as they are.
func (s *session) peer(text string) string {
	src, err := repo.ParseSource(text)
	if err != nil || src.Kind != repo.SourceFolder && src.Kind != repo.SourceBundle {
		return text
	}
	if pathLike(text) {
		return s.env.path(text)
	}
	// A word alone is a name, unless only a file can be meant.
	if info, err := os.Stat(s.env.path(text)); err == nil && info.Mode().IsRegular() && filepath.Ext(text) != "" {
		return s.env.path(text)
	}
	return text
}

// cloneFolder is where a clone goes when nothing else is said: a folder named as the engagement.
func cloneFolder(src repo.Source) string {
	name := src.Engagement
	if src.Kind == repo.SourceFolder {
		name = src.Path
	}
	return filepath.Base(filepath.FromSlash(strings.TrimRight(name, `/\`)))
}
