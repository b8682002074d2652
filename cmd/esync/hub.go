package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"strconv"

	"github.com/urfave/cli/v2"

	"github.com/esync/esync/refs/roster"
	"github.com/esync/esync/repo"
	"github.com/esync/esync/transport"
	"github.com/esync/esync/transport/ssh"
)

func hubVerb() verb {
	return verb{
		name: "hub", group: groupPeers, args: "[DIR…]", most: many,
		short: "be a meeting point for copies that cannot reach each other",
		long: `Copies register with "esync serve --via HUB", others find them there with "esync pull --via HUB", or by themselves when the
settings name the hub (esync settings set hub HUB). What passes is encrypted between the two: the hub sees who talks to
whom and how much, and nothing else, and who may do what is decided by the copy that serves.

Admitted are the members of the engagements in the folders given, and the keys of --authorized-keys, a file as sshd's. Any
stock sshd can be a hub as well; see docs/administrators.md.`,
		flags: []cli.Flag{
			&cli.StringFlag{Name: "listen", Value: ":" + strconv.Itoa(defaultPort), Usage: "`ADDRESS` to listen on; port 0 takes a free one"},
			&cli.StringFlag{Name: "authorized-keys", Usage: "`FILE` of keys that are admitted; it is read anew when it changes"},
		},
		run: runHub,
	}
}

// guests decides who may use a hub.
type guests struct {
	file  *keyFile     // nil for none
	homes []*repo.Host // one an engagement, whose members are admitted
}

// authorize admits a key of the file, or else a member, who then meets the others of his engagements only.
func (g *guests) authorize(key ssh.PublicKey) (ssh.Grant, error) {
	refused := fmt.Errorf("%w: the key is not admitted to this hub", transport.ErrNotMember)
	if g.file != nil {
		grant, err := g.file.authorize(key)
		if err == nil {
			return grant, nil
		}
		refused = err
	}
	device, err := roster.ParseKey(ssh.PublicLine(key, ""))
	if err != nil {
		return ssh.Grant{}, refused
	}
	grant := ssh.Grant{Level: ssh.LevelRead}
	for _, home := range g.homes {
		if a, err := home.Access(device); err == nil && a.Level > 0 {
			grant.Name = a.Name
			for _, e := range home.Engagements() {
				grant.Engagements = append(grant.Engagements, e.ID.String())
			}
		}
	}
	if len(grant.Engagements) == 0 {
		return ssh.Grant{}, refused
	}
	return grant, nil
}

func runHub(ctx context.Context, s *session, c *cli.Context) error {
	s.live = true
	g, err := s.openGuests(ctx, c)
	if err != nil {
		return err
	}
	defer func() {
		for _, home := range g.homes {
			home.Close()
		}
	}()
	key, err := s.hostKey()
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", c.String("listen"))
	if err != nil {
		return fmt.Errorf("cannot listen: %w", err)
	}
	if err := s.listening(listener.Addr().String(), "", repo.Hosted{Name: "hub"}, "relay", ssh.Fingerprint(key.PublicKey())); err != nil {
		return err
	}
	return ssh.ServeHub(ctx, listener, ssh.HubConfig{HostKey: key, Authorize: g.authorize, Log: s.connectionEvent})
}

// openGuests opens what says who is admitted.
func (s *session) openGuests(ctx context.Context, c *cli.Context) (*guests, error) {
	g := &guests{}
	if path := c.String("authorized-keys"); path != "" {
		path = s.env.path(path)
		if _, err := os.Stat(path); err != nil {
			return nil, fmt.Errorf("keys of the hub: %w", err)
		}
		g.file = &keyFile{path: path, now: s.env.now, warn: s.warn}
	}
	env, err := s.world()
	if err != nil {
		return nil, err
	}
	dirs := c.Args().Slice()
	if len(dirs) == 0 && g.file == nil {
		dirs = []string{"."}
	}
	for _, dir := range dirs {
		home, err := repo.NewHost(ctx, env, []string{s.env.path(dir)}, repo.HostOptions{ReadOnly: true})
		if err != nil {
			for _, home := range g.homes {
				home.Close()
			}
			return nil, err
		}
		g.homes = append(g.homes, home)
	}
	return g, nil
}
