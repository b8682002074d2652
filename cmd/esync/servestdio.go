package main

import (
	"context"
	"io"

	"github.com/esync/esync/repo"
	"github.com/esync/esync/transport"
	"github.com/esync/esync/transport/ssh"
)

// serveStdio holds one conversation with whom sshd let in. Its words on the command line, which sshd keeps in
// SSH_ORIGINAL_COMMAND, are not looked at: what this process was started with decides.
func (s *session) serveStdio(ctx context.Context, host *repo.Host) error {
	done := make(chan error, 1)
	go func() { // a read of stdin cannot be interrupted, so the process does not wait for it
		request, err := ssh.ReadRequest(s.env.stdin)
		if err == nil {
			err = transport.Serve(ctx, stdio{s.env.stdin, s.env.stdout}, request, host.ForAnyone())
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
