package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"runtime"
	"sort"
	"strconv"
	"syscall"

	"github.com/urfave/cli/v2"

	"github.com/esync/esync/refs/roster"
	"github.com/esync/esync/repo"
	"github.com/esync/esync/transport"
	"github.com/esync/esync/transport/ssh"
)

// defaultPort is one that no well-known service uses.
const defaultPort = 7472

func serveVerb() verb {
	return verb{
		name: "serve", group: groupPeers, args: "[DIR…]", most: many,
		short: "let others pull from this copy and push to it, until interrupted",
		long: `Serves the engagement you are in, or those in the folders given. Only keys listed in the authorized_keys file come in; it
is read anew when it changes. Each line is a public key as in OpenSSH, with options before it where wanted:
    level="read"             may pull, not push (without it: full)
    engagements="a,b"        only these
    expiry-time="20261231"   until then
The others know this machine by the key that is printed when it begins to listen. --stdio speaks on stdin and stdout
instead, for a stock sshd: a forced command like
    command="esync serve --stdio --level read",restrict ssh-ed25519 …
limits that key. Without DIR it then serves every engagement of this user.`,
		flags: []cli.Flag{
			&cli.BoolFlag{Name: "readonly", Usage: "nobody may push, whatever his line says"},
			&cli.StringFlag{Name: "level", Value: ssh.LevelFull, Usage: "the most that anybody may do: `LEVEL` full or read"},
			&cli.StringFlag{Name: "listen", Usage: fmt.Sprintf("`ADDRESS` to listen on; port 0 takes a free one (default: port %d of all addresses)", defaultPort)},
			&cli.StringFlag{Name: "authorized-keys", Usage: "`FILE` of the keys that are admitted (default: authorized_keys in ESYNC_HOME)"},
			&cli.BoolFlag{Name: "stdio", Usage: "hold one conversation on stdin and stdout"},
		},
		run: runServe,
	}
}

func runServe(ctx context.Context, s *session, c *cli.Context) error {
	level := c.String("level")
	if level != ssh.LevelFull && level != ssh.LevelRead {
		return usagef("a level is %q or %q, not %q", ssh.LevelFull, ssh.LevelRead, level)
	}
	if c.Bool("readonly") {
		level = ssh.LevelRead
	}
	env, err := s.world()
	if err != nil {
		return err
	}
	env.Progress = nil
	var dirs []string
	for _, dir := range c.Args().Slice() {
		dirs = append(dirs, s.env.path(dir))
	}
	o := repo.HostOptions{ReadOnly: level == ssh.LevelRead}
	if c.Bool("stdio") {
		// Without folders the peer is this very user, whom sshd let in.
		o.Any = len(dirs) == 0
	} else if len(dirs) == 0 {
		dirs = []string{s.env.dir}
	}
	host, err := repo.NewHost(ctx, env, dirs, o)
	if err != nil {
		return doing("serve", "", err)
	}
	defer host.Close()
	if c.Bool("stdio") {
		return s.serveStdio(ctx, host)
	}
	return s.serveSSH(ctx, host, c, level)
}

// serveSSH is the own server. Being interrupted is its regular end.
func (s *session) serveSSH(ctx context.Context, host *repo.Host, c *cli.Context, level string) error {
	s.live = true
	door := s.newDoor(c.String("authorized-keys"))
	key, err := s.hostKey()
	if err != nil {
		return err
	}
	listener, err := s.listen(c)
	if err != nil {
		return err
	}
	engagements := host.Engagements()
	sort.Slice(engagements, func(i, j int) bool { return engagements[i].Name < engagements[j].Name })
	for _, e := range engagements {
		if err := s.listening(listener.Addr().String(), e, level, ssh.Fingerprint(key.PublicKey())); err != nil {
			return err
		}
	}
	if door.empty() {
		s.warn("nobody is admitted yet: add public keys to %q", door.path)
	}
	return ssh.Serve(ctx, listener, ssh.ServerConfig{
		HostKey:   key,
		Authorize: door.authorize,
		Log:       s.connectionEvent,
		Handle: func(ctx context.Context, peer ssh.Peer, stream ssh.Stream, request []byte) {
			device, _ := roster.ParseKey(peer.Key) // one of another type is no member's
			who := repo.Peer{Key: device, Cap: transport.LevelRead}
			if peer.Level == ssh.LevelFull {
				who.Cap = transport.LevelFull
			}
			seen := &witness{host: host.For(who)}
			err := transport.Serve(ctx, lenient{stream}, request, seen)
			s.conversationEvent(peer, seen, err)
		},
	})
}

// listen opens the port. When the usual one is taken and nobody asked for it, a free one does as well: the others learn it
// from what is printed and announced.
func (s *session) listen(c *cli.Context) (net.Listener, error) {
	address := c.String("listen")
	if address == "" {
		address = ":" + strconv.Itoa(defaultPort)
	}
	l, err := net.Listen("tcp", address)
	if portTaken(err) && !c.IsSet("listen") {
		if l, err = net.Listen("tcp", ":0"); err == nil {
			s.warn("port %d is taken by another program, so this is another port; firewalls may know only the usual one", defaultPort)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("cannot listen: %w", err)
	}
	return l, nil
}

// wsaAddressInUse is Windows' word for EADDRINUSE, which package syscall does not translate.
const wsaAddressInUse = syscall.Errno(10048)

func portTaken(err error) bool {
	return errors.Is(err, syscall.EADDRINUSE) || runtime.GOOS == "windows" && errors.Is(err, wsaAddressInUse)
}
