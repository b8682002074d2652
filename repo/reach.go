package repo

import (
	"context"
	"io"
	"time"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/refs/roster"
	"github.com/esync/esync/transport"
)

// Connector opens connections to peers that are not folders. A peer that does
// not answer is ErrUnreachable. It may be called from many goroutines.
type Connector interface {
	Connect(ctx context.Context, s Source, how How) (Connection, error)
}

// How says how a source is to be connected to.
type How struct {
	// HostKeys are public key lines of which the peer must show one. When
	// there are any, nothing else is believed and nobody is asked, unless
	// OrKnownHosts says that a host that SSH knows is as good.
	HostKeys     []string
	OrKnownHosts bool
	// Invitation is the seed of the ed25519 key to log in with when the user's
	// own is not admitted yet; nil for none.
	Invitation []byte
	// Via is the hub to go through, "" for none. The source is then what the
	// hub calls it.
	Via string
	// Patience bounds how long the peer may take to say its first word; 0 is
	// what the connector thinks fit.
	Patience time.Duration
}

// Connection is a way to one peer: each Open starts a conversation. It may
// also have the optional powers that package transport names, and be a Shower.
type Connection interface {
	transport.Opener
	io.Closer
}

// Shower is a Connection over which the peer has shown who he is.
type Shower interface {
	// HostKey is the public key line that the peer showed.
	HostKey() string
}

// Finder finds copies on the local network by the discovery key that their
// engagement's members share.
type Finder interface {
	// Find calls found with every copy that answers, one at a time, until ctx
	// ends. The same copy may come again.
	Find(ctx context.Context, discovery [32]byte, found func(Found)) error
}

// Found is a copy on the local network. It has proved that it knows the
// discovery key and holds the device key that it names; whether that one is a
// member is for the settings to say.
type Found struct {
	Key      roster.Key // of its device
	Addr     string     // HOST:PORT
	ReadOnly bool
	Head     objects.ID
}
