package transport

import (
	"context"
	"fmt"

	"github.com/esync/esync/objects"
)

// Joiner is a Host at which newcomers may ask to become members.
type Joiner interface {
	// Join takes up whoever payload describes in the engagement of that ID, or
	// says why not: ErrRefused, ErrNotMember and ErrUnknownEngagement reach
	// the peer as such. It may be called from many goroutines.
	Join(ctx context.Context, id objects.ID, payload []byte) error
}

// JoinRequest is what a newcomer says.
type JoinRequest struct {
	// Engagement is what to join.
	Engagement objects.ID
	// Payload says who he is and proves that he was invited, at most 16 KiB.
	// This package does not look into it.
	Payload []byte
}

// JoinResult is what a join came to.
type JoinResult struct {
	Traffic Traffic
}

// Join asks a peer to make whoever asks a member. When it returns without
// error he is one, and may come again with his own key.
func Join(ctx context.Context, o Opener, req JoinRequest) (JoinResult, error) {
	m := &meter{}
	err := m.join(ctx, o, req)
	return JoinResult{Traffic: m.traffic()}, cause(ctx, err)
}

func (m *meter) join(ctx context.Context, o Opener, req JoinRequest) error {
	s, in, stop, err := m.call(ctx, o, &request{
		min: minVersion, max: maxVersion, features: features, verb: verbJoin,
		id: req.Engagement, payload: req.Payload,
	})
	if err != nil {
		return err
	}
	defer s.Close()
	defer stop()
	if _, err := greet(in, req.Engagement); err != nil {
		return err
	}
	if _, err := in.expect(msgEnd); err != nil {
		return err
	}
	return s.CloseWrite()
}

// join is the server's side. Who asks is no member yet, so nothing is opened
// for him: he learns that he was taken up, and no more.
func (s *server) join(ctx context.Context) error {
	to, ok := power[Joiner](s.host)
	switch {
	case !ok:
		return fmt.Errorf("%w: nobody can join here", ErrRefused)
	case s.req.id.IsZero() || len(s.req.payload) == 0:
		return fmt.Errorf("%w: join of nothing", ErrProtocol)
	}
	if err := to.Join(ctx, s.req.id, s.req.payload); err != nil {
		return fmt.Errorf("join: %w", err)
	}
	h := s.hello(About{ID: s.req.id, Level: LevelRead})
	if err := s.w.send(msgHello, h.encode()); err != nil {
		return err
	}
	return s.w.send(msgEnd, nil)
}
