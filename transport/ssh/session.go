package ssh

import (
	"context"
	"io"
	"slices"
	"strings"
	"time"

	gossh "golang.org/x/crypto/ssh"
)

// session answers a stock ssh client: `ssh HOST esync serve --stdio` is a conversation whose request is the stream's first
// message, and everything else is declined in words. Where our own client speaks, none of this is used.
func (c *serverConn) session(ctx context.Context, peer Peer, fresh gossh.NewChannel) {
	ch, reqs, err := fresh.Accept()
	if err != nil {
		return
	}
	// An idle session costs a channel of the few there are, so it may not stay idle.
	late := time.AfterFunc(c.timing.handshake, func() { ch.Close() })
	defer late.Stop()
	for req := range reqs {
		switch req.Type {
		case "exec", "shell", "subsystem":
			late.Stop()
			_ = req.Reply(true, nil)
			s := newStream(ch, reqs, stdio, c.wire, c.timing.linger)
			if req.Type == "exec" && isStdioCommand(req.Payload) {
				c.converse(ctx, peer, s, nil, true, c.Handle)
				return
			}
			if serve := c.subsystem(req); serve != nil {
				c.converse(ctx, peer, s, nil, false, func(ctx context.Context, peer Peer, s Stream, _ []byte) { serve(ctx, peer, s) })
				return
			}
			c.log.strange(Event{Kind: Refused, Remote: c.remote, Grant: peer.Grant, Reason: "a command other than esync's"})
			_, _ = io.WriteString(ch.Stderr(), sayCommand)
			s.finish(1)
			<-s.gone
			return
		default: // pty-req, env, x11-req, agent forwarding: nothing of it is here
			if req.WantReply {
				_ = req.Reply(false, nil)
			}
		}
	}
}

// subsystem is what serves the request, nil when it asks for something else.
func (c *serverConn) subsystem(req *gossh.Request) func(context.Context, Peer, Stream) {
	var subsystem struct{ Name string }
	if req.Type != "subsystem" || gossh.Unmarshal(req.Payload, &subsystem) != nil {
		return nil
	}
	return c.Subsystems[subsystem.Name]
}

// isStdioCommand reports whether the command is the one a client sends to talk to us. Its words grant nothing and take
// nothing: the level is the key's, the engagement is in the request.
func isStdioCommand(payload []byte) bool {
	var exec struct{ Command string }
	if gossh.Unmarshal(payload, &exec) != nil {
		return false
	}
	words := strings.Fields(exec.Command)
	return len(words) >= 3 && words[0] == "esync" && words[1] == "serve" && slices.Contains(words[2:], "--stdio")
}
