package main

import (
	"bufio"
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/esync/esync/repo"
	"github.com/esync/esync/transport/ssh"
)

// session is one run of one verb.
type session struct {
	*output
	env       environment
	home      string // ESYNC_HOME
	sshConfig string
	bar       *progress
	throttle  throttle // of what goes over the network
	via       string   // a hub to look through
	hops      ssh.Hops // connections to hubs
}

func newSession(env environment, c *cli.Context) (*session, error) {
	if dir := c.String("C"); dir != "" {
		env.dir = env.path(dir)
	}
	home, err := env.settingsFolder()
	if err != nil {
		return nil, err
	}
	s := &session{env: env, home: home, sshConfig: c.String("ssh-config")}
	if s.sshConfig == "" {
		s.sshConfig = env.getenv("ESYNC_SSH_CONFIG")
	}
	if s.sshConfig != "" {
		s.sshConfig = env.path(s.sshConfig)
	}
	s.output = newOutput(env, c.Bool("json"), c.Bool("quiet"), c.Bool("verbose"), c.Bool("no-color"))
	if env.errTerminal && !s.quiet && !s.json {
		s.bar = newProgress(env.stderr)
		s.clear = s.bar.clear
	}
	return s, nil
}

func newOutput(env environment, asJSON, quiet, loud, noColor bool) *output {
	return &output{
		out: bufio.NewWriterSize(env.stdout, 64<<10), err: env.stderr, live: env.outTerminal, json: asJSON, quiet: quiet, loud: loud,
		color: env.outTerminal && !noColor && !asJSON && env.getenv("NO_COLOR") == "" && env.getenv("TERM") != "dumb",
	}
}

// world is what package repo takes from this session.
func (s *session) world() (repo.Env, error) {
	now, err := s.env.clock()
	if err != nil {
		return repo.Env{}, err
	}
	author, err := s.env.author()
	if err != nil {
		return repo.Env{}, err
	}
	env := repo.Env{
		Home: s.home, Now: now, Rand: s.env.random, Author: author, Device: s.env.device,
		Signer: s.signer(), HostKey: s.hostKeyLine(), Key: s.openingKey,
		Connect: s.connector(), Find: s.finder(), Via: s.via,
		Warn: func(text string) { s.warn("%s", text) },
	}
	if s.bar != nil {
		env.Progress = s.bar.show
	}
	return env, nil
}

// open finds the engagement the user works in. It must be closed.
func (s *session) open(ctx context.Context) (*repo.Repo, error) {
	env, err := s.world()
	if err != nil {
		return nil, err
	}
	return repo.Open(ctx, env, s.env.dir)
}

// inside turns what the user typed for files into paths of the engagement. The engagement's own folder is "".
func (s *session) inside(r *repo.Repo, typed []string) ([]string, error) {
	var paths []string
	for _, text := range typed {
		path, err := s.insideOne(r, text)
		if err != nil {
			return nil, err
		}
		if path == "" {
			return nil, nil // all of it
		}
		paths = append(paths, path)
	}
	return paths, nil
}

func (s *session) insideOne(r *repo.Repo, text string) (string, error) {
	path := s.env.path(text)
	if rel, ok := below(r.Root(), path); ok {
		return rel, nil
	}
	// The same folder may have two names, by a link on the way to it.
	root, err := filepath.EvalSymlinks(r.Root())
	if err == nil {
		path, err = filepath.EvalSymlinks(filepath.Dir(path))
		path = filepath.Join(path, filepath.Base(s.env.path(text)))
	}
	if err == nil {
		if rel, ok := below(root, path); ok {
			return rel, nil
		}
	}
	return "", usagef("%q is outside of the engagement in %q", text, r.Root())
}

func below(root, path string) (string, bool) {
	rel, err := filepath.Rel(root, path)
	if err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return "", false
	}
	if rel == "." {
		rel = ""
	}
	return filepath.ToSlash(rel), true
}

// here writes a path of the engagement as the user would type it in his folder.
func (s *session) here(r *repo.Repo, path string) string {
	rel, err := filepath.Rel(s.env.dir, filepath.Join(r.Root(), filepath.FromSlash(path)))
	if err != nil {
		return path
	}
	return filepath.ToSlash(rel)
}

// count writes a number with its noun: 1 file, 2 files.
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	if stem, ok := strings.CutSuffix(noun, "y"); ok {
		return fmt.Sprintf("%d %sies", n, stem)
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
