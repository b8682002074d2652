package ssh

import (
	"context"
	"io"
	"net"
	"os"
	"strings"
)

// defaultAgent is the named pipe of Windows' own OpenSSH agent.
const defaultAgent = `\\.\pipe\openssh-ssh-agent`

func dialAgent(ctx context.Context, address string) (io.ReadWriteCloser, error) {
	if strings.HasPrefix(strings.ReplaceAll(address, "/", `\`), `\\.\pipe\`) {
		return os.OpenFile(address, os.O_RDWR, 0)
	}
	var d net.Dialer
	return d.DialContext(ctx, "unix", address)
}
