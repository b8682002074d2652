package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/term"

	"github.com/esync/esync/repo"
	"github.com/esync/esync/transport"
	"github.com/esync/esync/transport/ssh"
)

// connector reaches peers over SSH for package repo.
type connector struct{ s *session }

func (s *session) connector() repo.Connector { return connector{s} }

// Connect dials a peer as ssh would, with the user's esync key besides.
func (c connector) Connect(ctx context.Context, src repo.Source, how repo.How) (repo.Connection, error) {
	cfg, err := c.s.dialling(how)
	if err != nil {
		return nil, err
	}
	l, err := c.s.link(ctx, ssh.Target{User: src.User, Host: src.Host, Port: src.Port}, cfg)
	switch {
	case errors.Is(err, ssh.ErrUnreachable):
		return nil, unreachableError{err}
	case err != nil:
		return nil, c.s.admission(src.Host, err)
	}
	env := repo.Env{Signer: c.s.signer()}
	return connection{l, &c.s.throttle, env.Prove}, nil
}

// dialling is how to connect, in the words of package ssh.
func (s *session) dialling(how repo.How) (ssh.Config, error) {
	cfg := ssh.Config{
		Home: s.env.home, ConfigFile: s.sshConfig, Getenv: s.env.getenv,
		Identities: []string{filepath.Join(s.home, userKeyFile)},
		HostKeys:   how.HostKeys, OrKnownHosts: how.OrKnownHosts, Connect: how.Patience,
	}
	if s.env.inTerminal && s.env.errTerminal {
		cfg.ConfirmHostKey = s.confirmHost
		cfg.Passphrase = s.askPassphrase
	}
	if how.Invitation != nil {
		signer, err := ssh.SignerOfSeed(how.Invitation)
		if err != nil {
			return cfg, fmt.Errorf("key of the invitation: %w", err)
		}
		cfg.Signers = append(cfg.Signers, signer)
	}
	if how.Via != "" {
		hub, err := ssh.ParseTarget(how.Via)
		if err != nil {
			return cfg, fmt.Errorf("hub %q: %w", how.Via, err)
		}
		cfg.Jump, cfg.AcceptNew, cfg.Hops = []ssh.Target{hub}, true, &s.hops
	}
	return cfg, nil
}

// connection lends a link the types of package transport.
type connection struct {
	link
	throttle *throttle
	prove    func(request []byte) ([]byte, error)
}

func (c connection) Open(ctx context.Context, request []byte) (transport.Stream, error) {
	if !c.Ours() { // a stock sshd does not tell its programs whose key it was
		var err error
		if request, err = c.prove(request); err != nil {
			return nil, err
		}
	}
	stream, err := c.link.Open(ctx, request)
	if err != nil {
		return nil, lost(err)
	}
	return c.throttle.limit(ctx, lenient{stream}), nil
}

// HostKey is the public key line that the peer showed.
func (c connection) HostKey() string { return c.HostKeyLine() }

// lenient is a stream whose end needs no answer: a peer that has said all may be gone when this side ends its own.
type lenient struct{ ssh.Stream }

func (l lenient) Read(p []byte) (int, error) {
	n, err := l.Stream.Read(p)
	return n, lost(err)
}

func (l lenient) Write(p []byte) (int, error) {
	n, err := l.Stream.Write(p)
	return n, lost(err)
}

func (l lenient) CloseWrite() error {
	err := l.Stream.CloseWrite()
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	return lost(err)
}

// Another makes one more connection to the same peer.
func (c connection) Another(ctx context.Context) (transport.Opener, error) {
	l, err := c.another(ctx)
	if err != nil {
		return nil, err
	}
	return connection{l, c.throttle, c.prove}, nil
}

// unreachableError is package ssh's as package repo understands it: another peer may stand in.
type unreachableError struct{ err error }

func (e unreachableError) Error() string { return e.err.Error() }

func (e unreachableError) Unwrap() []error { return []error{repo.ErrUnreachable, e.err} }

// lost makes of package ssh's error for a connection that broke the one that package repo understands: it tries again.
func lost(err error) error {
	if errors.Is(err, ssh.ErrLost) {
		return lostError{err}
	}
	return err
}

type lostError struct{ err error }

func (e lostError) Error() string { return e.err.Error() }

func (e lostError) Unwrap() []error { return []error{repo.ErrLost, e.err} }

// confirmHost asks about a host nothing is known of. It is called only at a terminal.
func (s *session) confirmHost(q ssh.HostKeyQuestion) bool {
	s.note("The machine %q (%s) is not known yet. Its key is %s %s.", q.Host, q.Remote, q.KeyType, q.Fingerprint)
	s.note("Compare it with the key that \"esync serve\" shows there, or ask its owner.")
	s.ask("Is this the right machine (yes or no)? ")
	answer, err := bufio.NewReader(s.env.stdin).ReadString('\n')
	return err == nil && strings.EqualFold(strings.TrimSpace(answer), "yes")
}

// askPassphrase reads the passphrase of a key file without showing it.
func (s *session) askPassphrase(path string) ([]byte, error) {
	s.ask(fmt.Sprintf("Passphrase of %s: ", safe(path)))
	defer s.ask("\n")
	return term.ReadPassword(int(os.Stdin.Fd()))
}
