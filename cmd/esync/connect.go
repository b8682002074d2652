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
func (c connector) Connect(ctx context.Context, src repo.Source, _ repo.How) (repo.Connection, error) {
	cfg := ssh.Config{
		Home: c.s.env.home, ConfigFile: c.s.sshConfig, Getenv: c.s.env.getenv,
		Identities: []string{filepath.Join(c.s.home, userKeyFile)},
	}
	if c.s.env.inTerminal && c.s.env.errTerminal {
		cfg.ConfirmHostKey = c.s.confirmHost
		cfg.Passphrase = c.s.askPassphrase
	}
	client, err := ssh.Dial(ctx, ssh.Target{User: src.User, Host: src.Host, Port: src.Port}, cfg)
	switch {
	case errors.Is(err, ssh.ErrUnreachable):
		return nil, unreachableError{err}
	case err != nil:
		return nil, c.s.admission(src.Host, err)
	}
	for _, note := range client.Notes() {
		c.s.detail("%s", note)
	}
	c.s.detail("connected to %s, host key %s, with your key %s", client.Addr().String(),
		ssh.Fingerprint(client.HostKey()), ssh.Fingerprint(client.UserKey()))
	return connection{client, &c.s.throttle}, nil
}

// connection lends a Client the types of package transport.
type connection struct {
	*ssh.Client
	throttle *throttle
}

func (c connection) Open(ctx context.Context, request []byte) (transport.Stream, error) {
	stream, err := c.Client.Open(ctx, request)
	if err != nil {
		return nil, err
	}
	return c.throttle.limit(ctx, lenient{stream}), nil
}

// lenient is a stream whose end needs no answer: a peer that has said all may be gone when this side ends its own.
type lenient struct{ ssh.Stream }

func (l lenient) CloseWrite() error {
	err := l.Stream.CloseWrite()
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	return err
}

// Another makes one more connection to the same peer.
func (c connection) Another(ctx context.Context) (transport.Opener, error) {
	client, err := c.Client.Another(ctx)
	if err != nil {
		return nil, err
	}
	return connection{client, c.throttle}, nil
}

// unreachableError is package ssh's as package repo understands it: another peer may stand in.
type unreachableError struct{ err error }

func (e unreachableError) Error() string { return e.err.Error() }

func (e unreachableError) Unwrap() []error { return []error{repo.ErrUnreachable, e.err} }

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
