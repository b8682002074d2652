package ssh

import (
	"context"
	"fmt"
	"net"
)

// reach makes the byte stream to the host: directly, through a command, or through other hosts, of which below is then called
// when the stream is not needed any more.
func reach(ctx context.Context, s *settings, cfg Config, depth int) (conn net.Conn, below func(), err error) {
	address := s.address()
	switch {
	case len(s.jumps) > 0:
		via, release, err := cfg.Hops.through(ctx, hopName(s.jumps), func(ctx context.Context) (*Client, error) {
			return jump(ctx, s.jumps, cfg, depth)
		})
		if err != nil {
			return nil, nil, err
		}
		ctx, cancel := context.WithTimeout(ctx, s.connect)
		defer cancel()
		conn, err := via.conn.DialContext(ctx, "tcp", address)
		if err != nil {
			if why := via.wire.ended(); why != nil {
				err = why
			}
			release()
			return nil, nil, unreachable(address, via.settings.host, err)
		}
		return conn, release, nil
	case len(s.proxyCommand) > 0:
		conn, err := dialCommand(s.proxyCommand)
		return conn, nil, err
	}
	d := net.Dialer{Timeout: s.connect}
	conn, err = d.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, nil, unreachable(address, "", err)
	}
	return conn, nil, nil
}

// jump connects to the last of hops through the ones before. The first hop is reached as its own configuration says.
func jump(ctx context.Context, hops []Target, cfg Config, depth int) (*Client, error) {
	if depth+len(hops) > maxHops {
		return nil, fmt.Errorf("%w: more than %d jump hosts", ErrConfig, maxHops)
	}
	cfg.HostKeys, cfg.Jump, cfg.Hops = nil, nil, nil // those of the last host, not of the ones on the way
	s, err := resolve(hops[len(hops)-1], cfg)
	if err != nil {
		return nil, err
	}
	s.accept(cfg)
	if len(hops) > 1 {
		s.jumps, s.proxyCommand = hops[:len(hops)-1], nil
	}
	return dial(ctx, s, cfg, nil, depth+1)
}
