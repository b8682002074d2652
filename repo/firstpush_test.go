package repo

import (
	"context"
	"math/rand/v2"
	"testing"
)

// TestFirstPush: what a peer has by way of others is not sent to it again.
func TestFirstPush(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	x := newTeam(t)
	big := make([]byte, 300<<10)
	rand.NewChaCha8([32]byte{1}).Read(big)
	write(t, x.top, "big.bin", string(big))
	commit(t, x.top, "a large paper")
	for _, r := range []*Repo{x.a, x.b} {
		if _, err := r.Pull(ctx, ""); err != nil {
			t.Fatal(err)
		}
	}
	x.net.set(officeAt, false)
	x.net.serve(x.ann, "10.0.0.5:7472", x.a.Root(), HostOptions{})
	write(t, x.b, "note.txt", "by ben\n")
	commit(t, x.b, "a note")
	res, err := x.b.Push(ctx, "")
	if err != nil {
		t.Fatal(err)
	}
	if res.BytesSent > 32<<10 || tip(x.a) != tip(x.b) {
		t.Errorf("%d bytes sent for a note; arrived: %v", res.BytesSent, tip(x.a) == tip(x.b))
	}
}
