package transport

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/esync/esync/objects"
)

// Open implements Opener: the bundle answers as a server would.
func (b *Bundle) Open(ctx context.Context, request []byte) (Stream, error) {
	client, stream := duplex()
	go func() {
		defer stream.Close()
		defer context.AfterFunc(ctx, func() { stream.Close() })()
		s := &server{stream: stream, w: newWriter(stream), r: newReader(stream)}
		err := b.serve(s, request)
		if errors.Is(err, ErrUnrelated) {
			_ = s.w.report(err) // each side tells it its own way
			err = nil
		}
		_ = s.w.flush()
		stream.w.CloseWithError(err) // as it is: there is no wire between
	}()
	return client, nil
}

func (b *Bundle) serve(s *server, request []byte) (err error) {
	if s.req, err = decodeRequest(request); err != nil {
		return err
	}
	if id := b.header.about.ID; !s.req.id.IsZero() && s.req.id != id {
		return &UnrelatedError{Ours: id, Theirs: s.req.id, Name: b.header.about.Name}
	}
	switch s.req.verb {
	case verbTips, verbFetch, verbGet:
	default:
		return fmt.Errorf("%w: a bundle can only be read", ErrRefused)
	}
	h := s.hello(b.header.about)
	if err := s.w.send(msgHello, h.encode()); err != nil {
		return err
	}
	tips := b.header.tips.match(s.req.want)
	switch s.req.verb {
	case verbGet:
		if b.m.id != s.req.list {
			return fmt.Errorf("%w: list %s", ErrNotShared, s.req.list.Short())
		}
		return s.needs(len(b.m.items), b.frame)
	case verbTips:
		return errors.Join(s.w.send(msgTips, appendTips(nil, tips)), s.w.send(msgEnd, nil))
	}
	if err := s.w.send(msgTips, appendTips(nil, tips)); err != nil {
		return err
	}
	if s.req.bases != anyBases && len(b.header.prerequisites) > 0 {
		return &PrerequisiteError{} // what they have there does not fit
	}
	known := func(id objects.ID) bool { return slices.Contains(s.req.haves, id) }
	missing := slices.ContainsFunc(tips.IDs(), func(id objects.ID) bool { return !known(id) })
	if !missing {
		return errors.Join(s.w.send(msgCommon, appendIDs(nil, nil)), s.w.send(msgEnd, nil))
	}
	if err := s.w.send(msgCommon, appendIDs(nil, b.header.prerequisites)); err != nil {
		return err
	}
	if len(b.m.items) == 0 {
		return s.w.send(msgEnd, nil)
	}
	if err := b.m.send(s.w); err != nil {
		return err
	}
	return s.needs(len(b.m.items), b.frame)
}

// pipe is one end of a two-way stream in memory. Read returns io.EOF where the
// other end called CloseWrite, and io.ErrUnexpectedEOF where it closed.
type pipe struct {
	r *io.PipeReader
	w *io.PipeWriter
}

func duplex() (a, b *pipe) {
	ar, bw := io.Pipe()
	br, aw := io.Pipe()
	return &pipe{ar, aw}, &pipe{br, bw}
}

func (p *pipe) Read(b []byte) (int, error)  { return p.r.Read(b) }
func (p *pipe) Write(b []byte) (int, error) { return p.w.Write(b) }
func (p *pipe) CloseWrite() error           { return p.w.Close() }

func (p *pipe) Close() error {
	p.w.CloseWithError(io.ErrUnexpectedEOF) // no use after CloseWrite
	return p.r.CloseWithError(io.ErrClosedPipe)
}
