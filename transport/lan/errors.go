package lan

import "errors"

var (
	// ErrNoNetwork: no interface that is up takes a packet, so nobody can be found or told.
	ErrNoNetwork = errors.New("no network interface takes announcements")
	// ErrPortTaken: another program holds the port of announcements alone, so that those of others are not heard.
	ErrPortTaken = errors.New("the port of announcements is taken by another program")

	// errNotOurs: a packet is malformed, of another engagement, or forged. Nobody outside is told which.
	errNotOurs = errors.New("not a packet of this engagement")
)
