package repo

import (
	"context"
	"fmt"
	"io"
	"path/filepath"

	"github.com/esync/esync/refs/roster"
	"github.com/esync/esync/transport"
)

// folderConnection is a peer that is a folder of this machine: the same
// conversation as over a network, with both ends in this process. So a copy in
// a folder is read as carefully as any other, and who reads it must be a member
// by his device key.
type folderConnection struct {
	host *Host
	key  roster.Key
}

func connectFolder(env Env, path string) (Connection, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	quiet := env
	quiet.Progress, quiet.Home = nil, ""
	host, err := NewHost(context.Background(), quiet, []string{abs}, HostOptions{frank: true})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	if root := host.Engagements()[0].Root; root != abs {
		host.Close()
		return nil, fmt.Errorf("%q: %w: %w", abs, ErrUnreachable, ErrNoRepository)
	}
	key, _ := env.key() // without one he is nobody, and hears so
	return &folderConnection{host, key}, nil
}

// Close ends the connection.
func (c *folderConnection) Close() error { return c.host.Close() }

// Open implements transport.Opener.
func (c *folderConnection) Open(ctx context.Context, request []byte) (transport.Stream, error) {
	client, server := duplex()
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer server.Close()
		transport.Serve(ctx, server, request, c.host.For(Peer{Key: c.key}))
	}()
	return &served1{client, done}, nil
}

// served1 is a stream whose Close waits for the serving side, so that the
// folder is not closed under it.
type served1 struct {
	transport.Stream
	done chan struct{}
}

func (s *served1) Close() error {
	err := s.Stream.Close()
	<-s.done
	return err
}

// pipe is one end of a two-way stream in memory.
type pipe struct {
	*io.PipeReader
	w *io.PipeWriter
}

func duplex() (a, b *pipe) {
	ar, bw := io.Pipe()
	br, aw := io.Pipe()
	return &pipe{ar, aw}, &pipe{br, bw}
}

func (p *pipe) Write(b []byte) (int, error) { return p.w.Write(b) }

// CloseWrite ends this side.
func (p *pipe) CloseWrite() error { return p.w.Close() }

// Close ends both sides.
func (p *pipe) Close() error {
	p.w.Close()
	return p.PipeReader.Close()
}
