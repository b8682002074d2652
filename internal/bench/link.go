package main

import (
	"errors"
	"os/exec"
	"time"
)

// link is a way to a server. Without one, commands run on the machine of the bench.
type link struct {
	wire   wire
	server *server
	net    *network // where the commands run; nil with a relay
	// quiet is how long nothing may have passed before a conversation is over.
	quiet time.Duration
}

// wire is what the bytes of a link pass: a relay, or a network's line.
type wire interface {
	passed() (up, down int64)
	// idle reports whether nobody is connected, as far as the wire can tell.
	idle() bool
	Close() error
}

// Close ends the server, if it is not the lab's, and what is between.
func (w *link) Close(l *lab) error {
	var err error
	if w.server != l.sshd {
		err = w.server.Close()
	}
	return errors.Join(err, w.wire.Close())
}

// start starts a command where the clients are.
func (w *link) start(cmd *exec.Cmd) error {
	if w == nil {
		return cmd.Start()
	}
	return w.net.atClient(cmd.Start)
}

// settle waits for the connections that a command left to end, so that what they cost is counted. One that is kept for the next
// command does not end.
func (w *link) settle() {
	const step = 5 * time.Millisecond
	patience := 2*time.Second + 4*w.quiet
	var before, still time.Duration
	lastUp, lastDown := w.wire.passed()
	for waited := time.Duration(0); waited < patience; waited += step {
		up, down := w.wire.passed()
		if up != lastUp || down != lastDown {
			lastUp, lastDown, before = up, down, waited
		}
		still = waited - before
		if w.wire.idle() && still >= w.quiet && len(childrenOf(w.server.pid())) == 0 {
			return
		}
		time.Sleep(step)
	}
}
