package ssh

import (
	"fmt"
	"net"
	"sync/atomic"
	"testing"
)

// relay passes bytes on, until it stops without closing anything: a cable pulled out.
type relay struct {
	l    net.Listener
	stop atomic.Bool
}

func newRelay(t *testing.T, to string) *relay {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &relay{l: l}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", to)
			if err != nil {
				near.Close()
				return
			}
			t.Cleanup(func() { near.Close(); far.Close() })
			go r.pass(near, far)
			go r.pass(far, near)
		}
	}()
	return r
}

func (r *relay) pass(from, to net.Conn) {
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		if r.stop.Load() {
			swallow(from, buffer)
			return
		}
		if n > 0 {
			_, _ = to.Write(buffer[:n])
		}
		if err != nil {
			to.Close()
			return
		}
	}
}

// swallow swallows the rest.
func swallow(from net.Conn, buffer []byte) {
	for {
		if _, err := from.Read(buffer); err != nil {
			return
		}
	}
}

func (r *relay) target() Target {
	return Target{User: "someone", Host: "127.0.0.1", Port: r.l.Addr().(*net.TCPAddr).Port}
}

func (r *relay) known(key PublicKey) string {
	return fmt.Sprintf("[127.0.0.1]:%d %s\n", r.target().Port, PublicLine(key, ""))
}
