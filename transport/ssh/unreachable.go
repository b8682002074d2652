package ssh

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"runtime"
	"slices"
	"syscall"

	gossh "golang.org/x/crypto/ssh"
)

// Obstacle is why a peer cannot be reached, as far as this side can tell.
type Obstacle string

// The obstacles, each a sentence for people.
const (
	NoName       Obstacle = "there is no such name"
	NoNames      Obstacle = "the name service does not answer: is this machine connected?"
	NobodyThere  Obstacle = "the machine is there, but nothing listens on that port"
	Silence      Obstacle = "no answer: the machine is off or elsewhere, or a firewall drops what is sent to it"
	NoRoute      Obstacle = "no way leads there from this network"
	LocalNetwork Obstacle = "macOS does not let this program reach the local network"
	NotListening Obstacle = "it is not connected to the relay"
	Crowded      Obstacle = "it has too many visitors at this moment"
	HungUp       Obstacle = "it took the connection and closed it again"
	Other        Obstacle = "it cannot be reached"
)

// LocalNetworkHint is what helps against LocalNetwork. macOS 15 and later ask once for each program that is at the root of a
// process, Terminal for what is typed there, and say no without a word where they cannot ask, as to a service.
const LocalNetworkHint = `allow it in System Settings, Privacy & Security, Local Network: the program there is the one esync was started by, as Terminal`

// UnreachableError says which address could not be reached, and why. It unwraps to ErrUnreachable and the cause.
type UnreachableError struct {
	Address  string // host and port
	Via      string // the host on the way that tried, "" for this machine
	Obstacle Obstacle
	Err      error
}

func (e *UnreachableError) Error() string {
	text := fmt.Sprintf("%v: %q", ErrUnreachable, e.Address)
	if e.Via != "" {
		text += fmt.Sprintf(" through %q", e.Via)
	}
	text += ": " + string(e.Obstacle)
	if e.Obstacle == Other && e.Err != nil {
		text += ": " + printable(e.Err.Error(), 200)
	}
	return text
}

// Unwrap returns ErrUnreachable and the cause.
func (e *UnreachableError) Unwrap() []error { return []error{ErrUnreachable, e.Err} }

// Hint is what the user can do about it, "" when nothing is known.
func (e *UnreachableError) Hint() string {
	if e.Obstacle == LocalNetwork {
		return LocalNetworkHint
	}
	return ""
}

func unreachable(address, via string, err error) error {
	return &UnreachableError{address, via, obstacle(runtime.GOOS, address, err), err}
}

// obstacle reads an error of the network, of a system of that name.
func obstacle(system, address string, err error) Obstacle {
	var name *net.DNSError
	var refused *gossh.OpenChannelError
	var network net.Error
	var number syscall.Errno
	switch {
	case errors.As(err, &name) && name.IsNotFound:
		return NoName
	case errors.As(err, &name):
		return NoNames
	case errors.As(err, &refused) && refused.Message == sayNobody:
		return NotListening
	case errors.As(err, &refused) && refused.Reason == gossh.ResourceShortage:
		return Crowded
	case errors.As(err, &refused): // of a stock sshd, which says no more than that
		return Other
	case errors.Is(err, errSilent), errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded):
		return Silence
	case errors.As(err, &number) && slices.Contains(numbersRefused, number):
		return NobodyThere
	case errors.As(err, &number) && slices.Contains(numbersNoRoute, number):
		if system == "darwin" && number == errnoNoHost && isNear(address) {
			return LocalNetwork
		}
		return NoRoute
	case errors.As(err, &number) && slices.Contains(numbersSilent, number), errors.As(err, &network) && network.Timeout():
		return Silence
	case errors.Is(err, errEnded), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.As(err, &number) && slices.Contains(numbersReset, number):
		return HungUp
	}
	return Other
}

// isNear reports whether the address is one of the network this machine is in, as far as the number alone tells.
func isNear(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return true // a name that led to somewhere without a way: mostly NAME.local
	}
	return ip.IsPrivate() || ip.IsLinkLocalUnicast()
}
