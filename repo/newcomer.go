package repo

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"

	"github.com/esync/esync/refs"
	"github.com/esync/esync/refs/roster"
	"github.com/esync/esync/transport"
)

// enter reaches the copy that an invitation is from, and uses the invitation
// unless this user is a member already, so that a clone that was cut goes on.
// It leaves a connection on which he has logged in with his own key.
func (c *cloner) enter(ctx context.Context, v *roster.Invitation) error {
	key, err := c.env.key()
	if err != nil {
		return fmt.Errorf("cannot join: %w", err)
	}
	c.id = v.Engagement
	if err := c.reach(ctx, v, v.Seed()); err != nil {
		return err
	}
	about, err := transport.Peek(ctx, c.conn, transport.PeekRequest{ID: v.Engagement, Want: []string{"heads/-"}})
	if errors.Is(err, transport.ErrNotMember) || errors.Is(err, transport.ErrUnknownEngagement) {
		if err := c.join(ctx, v, key); err != nil {
			return err
		}
		// Until now it was the invitation that let him in.
		c.conn.Close()
		if err := c.reach(ctx, v, nil); err != nil {
			return err
		}
		about, err = transport.Peek(ctx, c.conn, transport.PeekRequest{ID: v.Engagement, Want: []string{"heads/-"}})
	}
	if err != nil {
		return err
	}
	if err := CheckEngagementName(about.Name); err != nil {
		return err
	}
	c.src.Engagement = about.Name
	c.src.Text = "ssh://" + net.JoinHostPort(c.src.Host, strconv.Itoa(c.src.Port)) + "/" + about.Name
	c.source = c.src.Text
	c.pin = refs.Value(v.HostKey.String())
	return nil
}

// reach connects to the first address that answers, or through the hub that
// was named. The host key is pinned by the invitation.
func (c *cloner) reach(ctx context.Context, v *roster.Invitation, seed []byte) error {
	if len(v.Addresses) == 0 {
		return fmt.Errorf("%w: the invitation names no address; ask for one that does", ErrUnreachable)
	}
	if c.env.Connect == nil {
		return fmt.Errorf("%w: there is no way to %q from here", ErrUnreachable, v.Addresses[0])
	}
	var failed []error
	for _, address := range v.Addresses {
		host, text, err := net.SplitHostPort(address)
		port, perr := strconv.Atoi(text)
		if err != nil || perr != nil {
			failed = append(failed, fmt.Errorf("%q is no address", address))
			continue
		}
		src := Source{Kind: SourceSSH, Host: host, Port: port, Text: "ssh://" + address}
		how := How{HostKeys: []string{v.HostKey.String()}, Invitation: seed, Patience: otherPatience}
		conn, err := c.env.Connect.Connect(ctx, src, how)
		if err == nil {
			c.conn, c.src = conn, src
			return nil
		}
		if !errors.Is(err, ErrUnreachable) && ctx.Err() != nil {
			return err
		}
		failed = append(failed, fmt.Errorf("%s: %w", address, err))
	}
	if c.env.Via != "" {
		err := c.reachVia(ctx, v, seed)
		if err == nil {
			return nil
		}
		failed = append(failed, err)
	}
	return errors.Join(failed...)
}

// reachVia connects through the hub. What is kept as the source is the first
// address all the same: the hub is only where the two meet today.
func (c *cloner) reachVia(ctx context.Context, v *roster.Invitation, seed []byte) (err error) {
	for i := range hubPorts {
		at := Source{Kind: SourceSSH, Host: "127.0.0.1", Port: HubPort(v.Engagement, v.HostKey.String(), i)}
		how := How{HostKeys: []string{v.HostKey.String()}, Invitation: seed, Via: c.env.Via, Patience: otherPatience}
		if c.conn, err = c.env.Connect.Connect(ctx, at, how); err == nil {
			c.src = at
			if host, text, err := net.SplitHostPort(v.Addresses[0]); err == nil {
				if port, err := strconv.Atoi(text); err == nil {
					c.src = Source{Kind: SourceSSH, Host: host, Port: port}
				}
			}
			return nil
		}
		c.conn = nil
	}
	return fmt.Errorf("through the hub %s: %w", c.env.Via, err)
}

// join asks to be taken up.
func (c *cloner) join(ctx context.Context, v *roster.Invitation, key roster.Key) error {
	j := roster.Join{Invitation: v.Key(), Key: key, HostKey: c.env.hostKey(), Author: c.env.Author.String(), Device: c.env.Device}
	payload, err := j.Encode(v.Engagement, c.env.Signer, v.Signer())
	if err != nil {
		return err
	}
	_, err = transport.Join(ctx, c.conn, transport.JoinRequest{Engagement: v.Engagement, Payload: payload})
	switch {
	case errors.Is(err, transport.ErrRefused):
		return fmt.Errorf("%w: %w", ErrInvitation, err)
	case errors.Is(err, transport.ErrUnknownEngagement):
		return fmt.Errorf("%w: the copy at %q is of another engagement: %w", ErrInvitation, c.src.Text, err)
	}
	return err
}
