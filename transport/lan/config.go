package lan

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/binary"
	"time"
)

// Config says who speaks, and through what. Zero values are those of this machine.
type Config struct {
	// Key and Sign are the device key and a plain ed25519 signature by it. An Announcer needs them, Find does not.
	Key  ed25519.PublicKey
	Sign func(message []byte) ([]byte, error)
	// Beacons returns what an Announcer announces. It is asked every second, from one goroutine, and must be cheap.
	Beacons func() []Beacon
	// Instance tells the packets of one process from those of others. A process that announces and finds gives both the same,
	// so that it does not find itself; 0 is a random one.
	Instance uint64
	Network  Network
	Now      func() time.Time
	// Log is told what keeps others from hearing this machine, each thing once until it changes. It may be nil.
	Log func(error)
}

// Beacon is what a copy that serves says to the members of its engagement.
type Beacon struct {
	Discovery [32]byte // the engagement's discovery key
	Port      int      // TCP port of the SSH server
	ReadOnly  bool
	Head      [32]byte // the commit that the copy is at, zero when there is none yet
}

// NewInstance returns a random instance.
func NewInstance() uint64 {
	var b [8]byte
	for {
		_, _ = rand.Read(b[:]) // never fails
		if i := binary.BigEndian.Uint64(b[:]); i != 0 {
			return i
		}
	}
}

func (c Config) filled() Config {
	if c.Instance == 0 {
		c.Instance = NewInstance()
	}
	if c.Network == nil {
		c.Network = System()
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	log, last := c.Log, ""
	c.Log = func(err error) {
		text := ""
		if err != nil {
			text = err.Error()
		}
		if text != last && err != nil && log != nil {
			log(err)
		}
		last = text
	}
	return c
}

func newNonce() (nonce [nonceSize]byte) {
	_, _ = rand.Read(nonce[:]) // never fails
	return nonce
}
