package ssh

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync/atomic"
	"time"

	gossh "golang.org/x/crypto/ssh"
)

// DefaultCommand is what runs behind a stock sshd. Nothing of the peer's or the engagement's is part of it.
const DefaultCommand = "esync serve --stdio"

// maxHops bounds jump hosts that jump.
const maxHops = 8

// Config is how to connect. The zero value does what ssh does for this user, and asks nobody.
type Config struct {
	Home       string // folder that holds .ssh; "": the user's
	ConfigFile string // the only configuration file to read; "": the user's and the system's

	Identities []string // private key files besides those of the configuration: esync's own key
	Signers    []Signer // the same, in memory
	Passphrase func(path string) ([]byte, error)

	// HostKeys are public key lines or fingerprints, one of which the host must show. When there are any, known_hosts is
	// not asked, nor is a person, unless OrKnownHosts says that a host known there is as good.
	HostKeys       []string
	OrKnownHosts   bool
	ConfirmHostKey func(HostKeyQuestion) bool

	// Jump are the hosts to go through, in their order, in place of what the configuration says about the target. Their own
	// keys are checked as ssh does, by known_hosts: what passes through them is not theirs to read.
	Jump []Target

	// Hops shares the connections to those hosts with others that have the same Hops and go the same way; nil: with none.
	Hops *Hops

	// AcceptNew lets a host of which nothing is known be believed at first sight, and remembered, where the configuration says
	// "ask": those of Jump, or the target itself when Jump is empty. It is for hubs, which cannot read what passes them.
	AcceptNew bool

	// Connect bounds how long a host may take to be found and to say its first word, each host on the way by itself; 0: the
	// configuration's ConnectTimeout, else 15 s.
	Connect time.Duration

	// Relayed is told, when it is not nil, how the listeners of (*Client).Listen fare: an error when the host they are
	// reached through is lost, and at each attempt in vain to reach it again; nil when they are registered again, and where.
	Relayed func(at net.Addr, err error)

	RemoteCommand string              // "": DefaultCommand
	Getenv        func(string) string // nil: os.Getenv

	timing timing
}

func (c Config) getenv(name string) string {
	if c.Getenv == nil {
		return os.Getenv(name)
	}
	return c.Getenv(name)
}

// Dial connects to t and proves both sides' keys. ctx bounds the connecting, not the connection.
func Dial(ctx context.Context, t Target, cfg Config) (*Client, error) {
	return dialHop(ctx, t, cfg, 0)
}

func dialHop(ctx context.Context, t Target, cfg Config, depth int) (*Client, error) {
	s, err := resolve(t, cfg)
	if err != nil {
		return nil, err
	}
	if len(cfg.Jump) > 0 {
		s.jumps, s.proxyCommand = cfg.Jump, nil
	} else {
		s.accept(cfg)
	}
	return dial(ctx, s, cfg, nil, depth)
}

// accept lets a new host in where the configuration leaves it to a person.
func (s *settings) accept(cfg Config) {
	if cfg.AcceptNew && s.strict == strictAsk {
		s.strict = strictAcceptNew
	}
}

// dial connects to s. before is an earlier connection to the same host, whose key and login are used again.
func dial(ctx context.Context, s *settings, cfg Config, before *Client, depth int) (*Client, error) {
	cfg.timing = cfg.timing.ofClient().filled()
	conn, below, err := reach(ctx, s, cfg, depth)
	if err != nil {
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return nil, err
	}
	client, err := greet(ctx, newWire(conn), s, cfg, before)
	if err != nil {
		if below != nil {
			below()
		}
		return nil, err
	}
	client.below = below
	return client, nil
}

// greet does the handshake on w, which it owns.
func greet(ctx context.Context, w *wire, s *settings, cfg Config, before *Client) (*Client, error) {
	done := make(chan struct{})
	defer close(done)
	go w.guard(s.connect, cfg.timing.handshake, done)
	stop := context.AfterFunc(ctx, func() { w.fail(context.Cause(ctx)) })
	defer stop()

	ring := &keyring{}
	if before != nil {
		cfg.HostKeys, cfg.OrKnownHosts = []string{before.HostKeyLine()}, false
	}
	if before != nil && before.used != nil && before.used.local {
		ring.add(*before.used, w.hold)
	} else {
		ring.gather(ctx, s, cfg, w.hold)
		if before != nil && before.used != nil {
			ring.only(before.UserKey())
		}
	}
	defer ring.close()
	hosts, err := newHostChecker(s, cfg, w.hold)
	if err != nil {
		w.Close()
		return nil, err
	}
	var asked atomic.Bool
	var version string
	config := &gossh.ClientConfig{
		Config:            gossh.Config{Ciphers: ciphers, KeyExchanges: gossh.SupportedAlgorithms().KeyExchanges, MACs: macs},
		User:              s.user,
		ClientVersion:     banner,
		HostKeyCallback:   hosts.check,
		HostKeyAlgorithms: hosts.algorithms(),
		// Called once the peer has said which methods it takes.
		AuthCallback: func(auth *gossh.ClientAuthContext) (gossh.AuthMethod, error) {
			version = string(auth.Metadata.ServerVersion())
			signers := ring.order(strings.HasPrefix(version, bannerOurs))
			if asked.Swap(true) || len(signers) == 0 {
				return nil, nil
			}
			return gossh.PublicKeys(signers...), nil
		},
	}
	began := time.Now()
	conn, chans, reqs, err := gossh.NewClientConn(w, s.knownAs, config)
	if err != nil {
		w.Close()
		return nil, handshakeError(ctx, err, w, s, ring, hosts, asked.Load())
	}
	if !stop() { // ctx ended in this very moment
		w.Close()
		return nil, context.Cause(ctx)
	}
	c := &Client{
		conn: gossh.NewClient(conn, chans, reqs), wire: w, settings: s, config: cfg,
		hostKey: hosts.accepted, used: ring.used,
		version: string(conn.ServerVersion()), handshake: time.Since(began), notes: ring.skipped,
	}
	c.start()
	return c, nil
}

// handshakeError finds out what went wrong: x/crypto mostly says it in words only.
func handshakeError(ctx context.Context, err error, w *wire, s *settings, ring *keyring, hosts *hostChecker, asked bool) error {
	var bad *HostKeyError
	var network net.Error
	var apart *gossh.AlgorithmNegotiationError
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.As(err, &bad):
		return err
	case hosts.known == nil && errors.As(err, &apart) && apart.What == "host key":
		return hosts.otherKind(apart.RequestedAlgorithms)
	case w.why() != nil:
		return unreachable(s.address(), s.via(), w.why())
	case hosts.accepted == nil && (errors.As(err, &network) || errors.Is(err, io.EOF)):
		return unreachable(s.address(), s.via(), err)
	case errors.Is(err, ErrConfig), errors.Is(err, ErrKey), errors.Is(err, ErrTarget):
		return err
	case asked && !errors.As(err, &network):
		// The peer knows us, and ended it: with a refusal, or by hanging up after too many keys.
		return ring.failure(s, err)
	case errors.As(err, &network):
		return unreachable(s.address(), s.via(), err)
	}
	return fmt.Errorf("%w: %q: %w", ErrHandshake, s.host, err)
}
