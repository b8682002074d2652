package repo

import (
	"context"
	"math/rand/v2"
	"testing"
)

// TestHelpers: a long pull is shared by copies that have the same, and goes on
// with them when the one that was asked is cut off.
func TestHelpers(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	x := newTeam(t)
	cora := newUser(t, "cora")
	x.net.join(cora)
	x.office.admit(x.top, 2, cora)
	c := x.clone(cora, officeAt)
	big := make([]byte, 12<<20)
	rand.NewChaCha8([32]byte{1}).Read(big)
	for i := range 6 {
		write(t, x.top, string(rune('a'+i))+".bin", string(big[i*2<<20:(i+1)*2<<20]))
	}
	commit(t, x.top, "scans")
	for _, r := range []*Repo{x.a, c} {
		if _, err := r.Pull(ctx, ""); err != nil {
			t.Fatal(err)
		}
	}
	x.net.serve(x.ann, "10.0.0.5:7472", x.a.Root(), HostOptions{})
	x.net.serve(cora, "10.0.0.6:7472", c.Root(), HostOptions{ReadOnly: true})
	res, err := x.b.Pull(ctx, "")
	if err != nil {
		t.Fatal(err)
	}
	if res.Peer != "parent" || res.Helped == 0 {
		t.Errorf("%s alone brought it: %+v", res.Peer, res)
	}
	wantClean(t, x.b)
}
