package ssh

import (
	"errors"
	"io"
	"net"
	"time"

	gossh "golang.org/x/crypto/ssh"
)

// channelConn is an SSH channel as a net.Conn. It has no deadlines: what watches a wire closes it.
type channelConn struct {
	gossh.Channel
	local, remote net.Addr
}

// newChannelConn takes the channel over, with all that must be read of it.
func newChannelConn(ch gossh.Channel, reqs <-chan *gossh.Request, local, remote net.Addr) *channelConn {
	go gossh.DiscardRequests(reqs)
	go func() { _, _ = io.Copy(io.Discard, ch.Stderr()) }()
	return &channelConn{ch, local, remote}
}

var errNoDeadline = errors.New("a forwarded connection has no deadlines")

func (c *channelConn) LocalAddr() net.Addr              { return c.local }
func (c *channelConn) RemoteAddr() net.Addr             { return c.remote }
func (c *channelConn) SetDeadline(time.Time) error      { return errNoDeadline }
func (c *channelConn) SetReadDeadline(time.Time) error  { return errNoDeadline }
func (c *channelConn) SetWriteDeadline(time.Time) error { return errNoDeadline }
