//go:build !windows

package ssh

import (
	"context"
	"io"
	"net"
)

// defaultAgent: without SSH_AUTH_SOCK there is no agent.
const defaultAgent = ""

func dialAgent(ctx context.Context, address string) (io.ReadWriteCloser, error) {
	var d net.Dialer
	return d.DialContext(ctx, "unix", address)
}
