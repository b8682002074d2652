package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"runtime"
	"strconv"
	"syscall"

	"github.com/urfave/cli/v2"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/repo"
	"github.com/esync/esync/transport/ssh"
)

// defaultPort is one that no well-known service uses.
const defaultPort = 7472

func serveVerb() verb {
	return verb{
		name: "serve", group: groupPeers, args: "[DIR…]", most: many,
		short: "let members pull from this copy and push to it, until interrupted",
		long: `Serves the engagement you are in, or those in the folders given. Only members come in, each at his level (esync members),
and newcomers with an invitation (esync invite). Members on the same network find this copy by themselves; through a hub
(--via, or one of the settings) those find it whom the network keeps apart. Whoever works in this copy is not disturbed:
what arrives goes into files that he has not changed, and waits for his next sync otherwise. Stock sftp clients see the
lines as folders that can only be read: /@main/….

--stdio speaks on stdin and stdout instead, for a stock sshd: a forced command like
    command="esync serve --stdio --member SHA256:… /srv/eng1",restrict ssh-ed25519 …
says whose connection it is ("esync members --authorized-keys" prints such lines). Without --member whoever asks proves by
a signature who he is. Without DIR any engagement of this account is served.`,
		flags: []cli.Flag{
			&cli.BoolFlag{Name: "readonly", Usage: "nobody may push, whatever his level"},
			&cli.StringFlag{Name: "level", Value: ssh.LevelFull, Usage: "the most that anybody may do: `LEVEL` full or read"},
			&cli.StringFlag{Name: "listen", Usage: fmt.Sprintf("`ADDRESS` to listen on; port 0 takes a free one (default: port %d of all addresses)", defaultPort)},
			&cli.BoolFlag{Name: "lan", Usage: "announce this copy on the local network even when it listens on the loopback address only"},
			&cli.BoolFlag{Name: "no-lan", Usage: "do not announce it"},
			&cli.StringSliceFlag{Name: "via", Usage: "be reachable through `HUB` as well: [USER@]HOST[:PORT], any sshd or esync hub (default: the hubs of the settings)"},
			&cli.BoolFlag{Name: "forward", Usage: "carry what arrives on to the parent at once, and down what the parent has"},
			&cli.BoolFlag{Name: "stdio", Usage: "hold one conversation on stdin and stdout"},
			&cli.StringFlag{Name: "member", Usage: "with --stdio: the peer is this member: `WHO`, a key, fingerprint or name"},
		},
		run: runServe,
	}
}

func runServe(ctx context.Context, s *session, c *cli.Context) error {
	level, err := serveLevel(c)
	if err != nil {
		return err
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
	v := &service{s: s, level: level, pushes: map[objects.ID]repo.Pushed{}}
	o := repo.HostOptions{ReadOnly: level == ssh.LevelRead, Pushed: v.pushed, Joined: v.joined}
	if c.Bool("stdio") {
		o.Any = len(dirs) == 0 // sshd let the peer in as this very user
	} else if len(dirs) == 0 {
		dirs = []string{s.env.dir}
	}
	if v.host, err = repo.NewHost(ctx, env, dirs, o); err != nil {
		return doing("serve", "", err)
	}
	defer v.host.Close()
	if c.Bool("stdio") {
		return s.serveStdio(ctx, v.host, c.String("member"))
	}
	if c.IsSet("member") {
		return usagef("--member is for --stdio: elsewhere the peer proves his key himself")
	}
	return v.run(ctx, env, c)
}

func serveLevel(c *cli.Context) (string, error) {
	switch level := c.String("level"); {
	case level != ssh.LevelFull && level != ssh.LevelRead:
		return "", usagef("a level is %q or %q, not %q", ssh.LevelFull, ssh.LevelRead, level)
	case c.Bool("readonly"):
		return ssh.LevelRead, nil
	default:
		return level, nil
	}
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
