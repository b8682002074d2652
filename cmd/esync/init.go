package main

import (
	"context"

	"github.com/urfave/cli/v2"

	"github.com/esync/esync/repo"
)

func initVerb() verb {
	return verb{
		name: "init", group: groupStart, args: "[DIR]", most: 1,
		short: "make a folder of papers an engagement, with this copy as its top-level parent",
		flags: []cli.Flag{
			&cli.StringFlag{Name: "name", Usage: "`NAME` of the engagement (default: the folder's)"},
			&cli.BoolFlag{Name: "bare", Usage: "keep history only, no files"},
		},
		run: runInit,
	}
}

type initRecord struct {
	Engagement string `json:"engagement"`
	ID         string `json:"id"`
	Path       string `json:"path"`
	Key        string `json:"key"`
	PublicKey  string `json:"public_key"`
}

func runInit(ctx context.Context, s *session, c *cli.Context) error {
	env, err := s.world()
	if err != nil {
		return err
	}
	dir := s.env.dir
	if c.Args().Present() {
		dir = s.env.path(c.Args().First())
	}
	r, err := repo.Init(ctx, env, dir, repo.InitOptions{Name: c.String("name"), Bare: c.Bool("bare")})
	if err != nil {
		return err
	}
	defer r.Close()
	key, err := s.userKey()
	if err != nil {
		return err
	}
	if s.json {
		return s.object(initRecord{r.Name(), r.ID().String(), r.Root(), key.fingerprint, key.line})
	}
	s.line("made engagement %q in %s", r.Name(), r.Root())
	if key.created {
		s.detail("made your key %s in %s", key.fingerprint, key.path)
	}
	if !r.Bare() {
		s.hint(`record your papers: esync commit -m "first papers"`)
	}
	return nil
}
