package ssh

import (
	"context"
	"testing"
	"time"
)

// Guests who talk without end do not keep members out, have few streams, and get nothing but ours.
func TestGuestsMakeRoom(t *testing.T) {
	t.Parallel()
	s := startServer(t, func(s *testServer) {
		s.config.Limits = Limits{PerSource: 2}
		s.config.timing = timing{handshake: time.Minute, stall: 300 * time.Millisecond}
		s.config.Authorize = func(key PublicKey) (Grant, error) {
			if grant, err := s.authorize(key); err == nil {
				return grant, nil
			}
			return Grant{Level: LevelRead, Guest: true}, nil
		}
	})
	for range 2 {
		c := s.dial(as(mustSigner(t)))
		for range guestStreams {
			open(t, c, "")
		}
		_, err := c.Open(t.Context(), nil)
		want(t, err, ErrBusy)
		if _, _, err := c.conn.OpenChannel("session", nil); err == nil {
			t.Error("a guest has a session")
		}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go func() {
			for ctx.Err() == nil { // never silent
				if _, _, err := c.conn.SendRequest("noise", true, nil); err != nil {
					return
				}
			}
		}()
	}
	began := time.Now()
	s.dial(nil)
	if took := time.Since(began); took > patience/2 {
		t.Errorf("a member waited %v", took)
	}
}

func mustSigner(t testing.TB) Signer {
	key, _ := newKey(t)
	return key
}
