package ssh

import (
	"context"
	"io"
	"testing"
	"time"
)

// soon is how long a revocation may take to bite; the machine may be busy besides.
const soon = time.Second

// Law: a key that loses its access, or a part of it, loses its connections within a second, idle ones and those in the
// middle of a transfer, by this key and by no other.
func TestWithdrawnWhileStanding(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		before, after Grant
		closed        bool
	}{
		"revoked":                {Grant{Level: LevelFull, Name: "bob"}, Grant{}, true},
		"lowered":                {Grant{Level: LevelFull, Name: "bob"}, Grant{Level: LevelRead, Name: "bob"}, true},
		"raised":                 {Grant{Level: LevelRead, Name: "bob"}, Grant{Level: LevelFull, Name: "bob"}, false},
		"of one engagement":      {Grant{Level: LevelFull, Engagements: []string{"a", "b"}}, Grant{Level: LevelFull, Engagements: []string{"b"}}, true},
		"of all but some":        {Grant{Level: LevelFull}, Grant{Level: LevelFull, Engagements: []string{"b"}}, true},
		"given one more":         {Grant{Level: LevelFull, Engagements: []string{"a"}}, Grant{Level: LevelFull, Engagements: []string{"b", "a"}}, false},
		"given all":              {Grant{Level: LevelFull, Engagements: []string{"a"}}, Grant{Level: LevelFull}, false},
		"renamed":                {Grant{Level: LevelFull, Name: "bob"}, Grant{Level: LevelFull, Name: "rob"}, false},
		"withdrawn by a panic":   {Grant{Level: LevelFull, Name: "bob"}, Grant{Level: "panic"}, true},
		"a guest from now on":    {Grant{Level: LevelRead, Name: "bob"}, Grant{Level: LevelRead, Guest: true}, true},
		"a guest no longer":      {Grant{Level: LevelRead, Guest: true}, Grant{Level: LevelRead}, false},
		"a level nobody defined": {Grant{Level: LevelFull, Name: "bob"}, Grant{Level: "half"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startServer(t, func(s *testServer) {
				s.config.Authorize = func(key PublicKey) (Grant, error) {
					grant, err := s.authorize(key)
					if grant.Level == "panic" {
						panic("authorize")
					}
					return grant, err
				}
				s.config.Handle = func(ctx context.Context, _ Peer, stream Stream, request []byte) {
					data := pattern(32 << 10)
					for string(request) == "transfer" {
						if _, err := stream.Write(data); err != nil {
							return
						}
					}
					<-ctx.Done()
				}
			})
			bob, _ := newKey(t)
			s.grant(bob, c.before)
			as := func(c *Config) { c.Signers = []Signer{bob} }
			busy, idle, other := s.dial(as), s.dial(as), s.dial(nil)
			transfer, quiet, others := open(t, busy, "transfer"), open(t, idle, ""), open(t, other, "transfer")
			if _, err := io.CopyN(io.Discard, transfer, 1<<20); err != nil {
				t.Fatal(err)
			}
			ended := make(chan error, 2)
			go func() { _, err := io.Copy(io.Discard, transfer); ended <- err }()
			go func() { _, err := io.Copy(io.Discard, quiet); ended <- err }()
			began := time.Now()
			if s.grant(bob, c.after); c.after.Level == "" {
				s.withdraw(bob)
			}
			if !c.closed {
				select {
				case err := <-ended:
					t.Fatalf("it ended with %v", err)
				case <-time.After(soon):
				}
				return
			}
			for range 2 {
				want(t, <-ended, ErrLost)
			}
			if took := time.Since(began); took > 2*soon {
				t.Errorf("it took %v", took)
			}
			if event := s.await(Closed, 2); event.Reason != sayWithdrawn {
				t.Errorf("the log says %+v", event)
			}
			if _, err := io.CopyN(io.Discard, others, 8<<20); err != nil {
				t.Errorf("somebody else's transfer: %v", err)
			}
		})
	}
}

// Law: a guest may speak, and for no longer than a login takes.
func TestGuest(t *testing.T) {
	t.Parallel()
	s := startServer(t, func(s *testServer) {
		s.config.timing.handshake = 300 * time.Millisecond
	})
	guest, _ := newKey(t)
	s.grant(guest, Grant{Level: LevelRead, Guest: true})
	client := s.dial(func(c *Config) { c.Signers = []Signer{guest} })
	open(t, client, "hello").Close()
	deadline := time.After(10 * time.Second)
	for {
		late, err := client.Open(context.Background(), nil)
		if err != nil {
			return // he is out
		}
		late.Close()
		select {
		case <-deadline:
			t.Fatal("a guest stays")
		case <-time.After(20 * time.Millisecond):
		}
	}
}
