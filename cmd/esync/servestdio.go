package main

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/esync/esync/refs/roster"
	"github.com/esync/esync/repo"
	"github.com/esync/esync/transport"
	"github.com/esync/esync/transport/ssh"
)

// serveStdio holds one conversation with whom sshd let in. Its words on the command line, which sshd keeps in
// SSH_ORIGINAL_COMMAND, are not looked at: what this process was started with decides.
func (s *session) serveStdio(ctx context.Context, host *repo.Host, member string) error {
	peer, err := s.stdioPeer(ctx, host, member)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	seen := &vigil{host: peer}
	go func() {
		if err := seen.keep(ctx); err != nil {
			cancel(err)
		}
	}()
	done := make(chan error, 1)
	go func() { // a read of stdin cannot be interrupted, so the process does not wait for it
		request, err := ssh.ReadRequest(s.env.stdin)
		if err == nil {
			err = transport.Serve(ctx, stdio{s.env.stdin, s.env.stdout}, request, seen)
		}
		done <- err
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// stdioPeer is the host as whoever speaks on stdin sees it: the member that this process was started for, else the one who
// proves in his request that he is a member.
func (s *session) stdioPeer(ctx context.Context, host *repo.Host, member string) (transport.Host, error) {
	if member == "" {
		return host.ForAnyone(), nil
	}
	key, err := s.memberKey(ctx, host, member)
	return host.For(repo.Peer{Key: key}), err
}

// memberKey finds the key of a member by what --member says.
func (s *session) memberKey(ctx context.Context, host *repo.Host, member string) (roster.Key, error) {
	if key, err := roster.ParseKey(member); err == nil {
		return key, nil
	}
	env, err := s.world()
	if err != nil {
		return roster.Key{}, err
	}
	var found []roster.Key
	for _, e := range host.Engagements() {
		members, err := membersOf(ctx, env, e.Root)
		if err != nil {
			return roster.Key{}, err
		}
		for _, m := range members {
			if (m.Name == member || m.Key.Fingerprint() == member) && !slices.Contains(found, m.Key) {
				found = append(found, m.Key)
			}
		}
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		return roster.Key{}, usagef("--member %q is another one in each engagement: give the key", member)
	case len(host.Engagements()) == 0:
		return roster.Key{}, usagef("--member takes a whole key, or folders to look the member up in")
	}
	return roster.Key{}, fmt.Errorf("%w: %q", transport.ErrNotMember, member)
}

func membersOf(ctx context.Context, env repo.Env, root string) ([]repo.Member, error) {
	r, err := repo.Open(ctx, env, root)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return r.Members(ctx)
}

// stdio is the stream of a process whose other end is sshd.
type stdio struct {
	io.Reader
	io.Writer
}

func (s stdio) CloseWrite() error {
	if c, ok := s.Writer.(io.Closer); ok {
		return c.Close()
	}
	return nil
}

func (s stdio) Close() error {
	if c, ok := s.Reader.(io.Closer); ok {
		_ = c.Close()
	}
	return s.CloseWrite()
}
