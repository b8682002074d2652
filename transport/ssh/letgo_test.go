package ssh

import (
	"context"
	"testing"
	"time"
)

// Whoever closes a stream on which somebody reads frees him, though the peer has fallen silent and nobody knows it yet.
func TestCloseFreesTheReader(t *testing.T) {
	t.Parallel()
	reads, freed := make(chan Stream, 1), make(chan error, 1)
	s := startServer(t, func(s *testServer) {
		s.config.timing.linger = 100 * time.Millisecond
		s.config.Handle = func(_ context.Context, _ Peer, stream Stream, _ []byte) {
			reads <- stream
			_, err := stream.Read(make([]byte, 1))
			freed <- err
		}
	})
	relay := newRelay(t, s.addr.String())
	write(t, s.home+"/.ssh/known_hosts", relay.known(s.host.PublicKey()))
	c, err := Dial(t.Context(), relay.target(), s.client(nil))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	open(t, c, "")
	at := <-reads
	for at.(*stream).inUse.Load() == 0 {
		time.Sleep(time.Millisecond)
	}
	relay.stop.Store(true)
	at.Close()
	select {
	case err := <-freed:
		if err == nil {
			t.Error("the read ended well")
		}
	case <-time.After(10 * time.Second):
		t.Error("the reader is held")
	}
}
