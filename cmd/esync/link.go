package main

import (
	"context"
	"errors"
	"net"
	"os"
	"time"

	"github.com/esync/esync/transport/agent"
	"github.com/esync/esync/transport/ssh"
)

// link is a connection to a peer: one of this process, or one that the agent keeps from the last command.
type link interface {
	Open(ctx context.Context, request []byte) (ssh.Stream, error)
	Ours() bool // not a program behind a stock sshd
	RTT() time.Duration
	HostKeyLine() string
	UserKeyLine() string
	Addr() net.Addr
	Notes() []string
	Close() error
	another(ctx context.Context) (link, error)
}

type ownLink struct{ *ssh.Client }

func (l ownLink) another(ctx context.Context) (link, error) {
	c, err := l.Another(ctx)
	if err != nil {
		return nil, err
	}
	return ownLink{c}, nil
}

type keptLink struct{ *agent.Client }

func (l keptLink) another(ctx context.Context) (link, error) {
	c, err := l.Another(ctx)
	if err != nil {
		return nil, err
	}
	return keptLink{c}, nil
}

// link connects to a peer, by the agent where it is wanted and can do it.
func (s *session) link(ctx context.Context, target ssh.Target, cfg ssh.Config) (link, error) {
	l, err := s.keptLink(ctx, target, cfg)
	if errors.Is(err, agent.ErrNoAgent) {
		s.detail("%v", err)
		l, err = s.ownLink(ctx, target, cfg)
	}
	if err != nil {
		return nil, err
	}
	for _, note := range l.Notes() {
		s.detail("%s", note)
	}
	s.detail("connected to %s, host key %s, with your key %s", l.Addr().String(), fingerprintOf(l.HostKeyLine()), fingerprintOf(l.UserKeyLine()))
	return l, nil
}

func (s *session) ownLink(ctx context.Context, target ssh.Target, cfg ssh.Config) (link, error) {
	c, err := ssh.Dial(ctx, target, cfg)
	if err != nil {
		return nil, err
	}
	return ownLink{c}, nil
}

// keptLink asks the agent, which is started when there is none. The error is agent.ErrNoAgent when it cannot help.
func (s *session) keptLink(ctx context.Context, target ssh.Target, cfg ssh.Config) (link, error) {
	spec, ok := agent.SpecOf(target, cfg, s.signer().Public())
	if !ok || !s.wantsAgent() {
		return nil, agent.ErrNoAgent
	}
	c, err := agent.DialOrStart(ctx, agent.Folder(s.home), agentVersion(), spec, s.startAgent)
	if err != nil {
		return nil, err
	}
	if c.Kept() {
		s.detail("this connection was kept from before")
	}
	return keptLink{c}, nil
}

// wantsAgent tells whether an agent may be used: where somebody sits who types one command after another, or where
// ESYNC_AGENT=on says so.
func (s *session) wantsAgent() bool {
	switch s.env.getenv("ESYNC_AGENT") {
	case "on":
		return true
	case "off":
		return false
	}
	return s.env.inTerminal && s.env.errTerminal
}

// startAgent starts this program as the agent. It lives longer than this command.
func (s *session) startAgent() error {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	return agent.Start(agent.Folder(s.home), program, []string{"agent"}, append(os.Environ(), "ESYNC_HOME="+s.home))
}

// agentVersion is what a command and its agent must have in common.
func agentVersion() string {
	v := programVersion()
	return v.Version + " " + v.Revision
}

func fingerprintOf(line string) string {
	key, err := ssh.ParsePublicLine(line)
	if err != nil {
		return "none"
	}
	return ssh.Fingerprint(key)
}
