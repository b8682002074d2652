package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/esync/esync/internal/netlab"
)

// network is two machines, a client and a server, joined by a line that can be shaped; each has real TCP of its own. Without a
// network, nil, client and server are this machine.
type network struct {
	stage
	client, server *netlab.Host
	line           *netlab.Link
}

// stage is what a laboratory needs of its test. A machine that refuses something is a panic with a refusal.
type stage struct{ ends []func() }

type refusal struct{ error }

func (s *stage) Helper()                           {}
func (s *stage) Cleanup(f func())                  { s.ends = append(s.ends, f) }
func (s *stage) Fatalf(format string, args ...any) { panic(refusal{fmt.Errorf(format, args...)}) }

// openNetwork makes the two machines. They use cubic, as most systems do, whatever this machine uses.
func openNetwork(log io.Writer) (n *network, err error) {
	if err := netlab.Supported(); err != nil {
		return nil, fmt.Errorf("no network can be made: %w", err)
	}
	n = &network{}
	defer func() {
		if err != nil {
			err = errors.Join(err, n.Close())
		}
	}()
	defer func() {
		if r := recover(); r != nil {
			refused, ok := r.(refusal)
			if !ok {
				panic(r)
			}
			err = refused
		}
	}()
	made := netlab.Open(&n.stage)
	n.client, n.server = made.Host("client"), made.Host("server")
	n.line = made.Link(n.client, n.server, netlab.Shape{})
	for _, h := range []*netlab.Host{n.client, n.server} {
		control := func() error {
			return os.WriteFile("/proc/sys/net/ipv4/tcp_congestion_control", []byte("cubic"), 0)
		}
		if err := h.Do(control); err != nil {
			fmt.Fprintf(log, "  ! %s does not use cubic (net.ipv4.tcp_allowed_congestion_control names what it may use): %v\n", h.Name, err)
		}
	}
	return n, nil
}

// Close takes the machines down.
func (n *network) Close() error {
	if n == nil {
		return nil
	}
	for len(n.ends) > 0 {
		last := len(n.ends) - 1
		n.ends[last]()
		n.ends = n.ends[:last]
	}
	return nil
}

func (n *network) atClient(f func() error) error {
	if n == nil {
		return f()
	}
	return n.client.Do(f)
}

func (n *network) atServer(f func() error) error {
	if n == nil {
		return f()
	}
	return n.server.Do(f)
}

// address is where servers listen.
func (n *network) address() string {
	if n == nil {
		return "127.0.0.1"
	}
	return n.line.B.String()
}

func (n *network) reshape(s shape) {
	n.line.Reshape(netlab.Shape{Delay: s.rtt / 2, Mbit: s.mbit, Loss: s.loss})
}

// shapedWire counts the IP packets of a network's line, with their headers.
type shapedWire struct{ *network }

func (w shapedWire) passed() (up, down int64) {
	return w.line.Passed(netlab.AToB), w.line.Passed(netlab.BToA)
}

// idle knows nothing of connections: what settles a command is that no packet passes.
func (w shapedWire) idle() bool { return true }

// Close leaves the line to the network.
func (w shapedWire) Close() error { return nil }

// quietFor is how long a line without packets may still have a conversation: as long as a lost packet is missed.
func quietFor(s shape) time.Duration {
	quiet := 50*time.Millisecond + 2*s.rtt
	if s.loss > 0 {
		quiet += time.Second
	}
	return quiet
}
