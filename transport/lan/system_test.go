package lan

import (
	"context"
	"crypto/rand"
	"net"
	"runtime"
	"testing"
	"time"
)

// loopback is the real system, without the interfaces that lead out of this machine.
type loopback struct{ Network }

func (l loopback) Interfaces() ([]Interface, error) {
	all, err := l.Network.Interfaces()
	var kept []Interface
	for _, i := range all {
		if i.Flags&net.FlagLoopback != 0 {
			kept = append(kept, i)
		}
	}
	return kept, err
}

// Two servers and a finder on one machine share the port.
func TestRealSocketsOnOneMachine(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("broadcasts of the loopback interface are known of Linux only")
	}
	t.Parallel()
	var key [32]byte // other runs of this test on the machine have another
	if _, err := rand.Read(key[:]); err != nil {
		t.Fatal(err)
	}
	on := loopback{System()}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	serve(ctx, t, on, device(1), Beacon{Discovery: key, Port: 7001})
	serve(ctx, t, on, device(2), Beacon{Discovery: key, Port: 7002})
	ports := map[uint16]bool{}
	err := Find(ctx, Config{Network: on}, key, func(f Found) {
		if !f.Addr.Addr().IsLoopback() {
			t.Errorf("found at %v", f.Addr)
		}
		if ports[f.Addr.Port()] = true; len(ports) == 2 {
			cancel()
		}
	})
	if err != nil || !ports[7001] || !ports[7002] {
		t.Fatalf("found %v, %v", ports, err)
	}
}
