package repo

import (
	"io"
	"time"

	"github.com/esync/esync/internal/fsys"
	"github.com/esync/esync/internal/sealed"
	"github.com/esync/esync/internal/sshsig"
	"github.com/esync/esync/objects"
)

// Env is all that a verb takes from the world around it.
type Env struct {
	// Home is the folder of the user's keys and of the register of his
	// engagements (ESYNC_HOME).
	Home string
	// Now is the clock.
	Now func() time.Time
	// Rand makes IDs and keys; crypto/rand.Reader outside tests.
	Rand io.Reader
	// Author and Device go into commits and operations.
	Author objects.Person
	Device string
	// Signer is the device key of this user: it signs commits and settings,
	// and says who he is to copies in folders. Without it nothing is recorded.
	Signer sshsig.Signer
	// HostKey is the public key that this machine shows when it serves, as a
	// line of authorized_keys without a comment. It may be empty.
	HostKey string
	// Key is the private half of the device key, which opens bundles. Without
	// it they stay closed.
	Key func() (sealed.Key, error)
	// Connect reaches peers over SSH. Without it only folders are reached.
	Connect Connector
	// Find finds copies on the local network. It may be nil.
	Find Finder
	// Via is a hub through which members' copies are looked for besides those
	// that the settings name, as typed: "ssh://hub". It may be empty.
	Via string
	// Progress may be nil. It is called often and from many goroutines.
	Progress func(Progress)
	// Warn tells the user something that is no error. It may be nil.
	Warn func(text string)

	// disk opens the folder of a copy; nil: that of the system. It is the
	// seam at which tests give a disk that fails.
	disk func(root string) (fsys.FS, error)
}

// folder opens the folder that a copy lies in, which exists.
func (e *Env) folder(root string) (fsys.FS, error) {
	if e.disk != nil {
		return e.disk(root)
	}
	return fsys.Open(root)
}

func (e *Env) warn(text string) {
	if e.Warn != nil {
		e.Warn(text)
	}
}

func (e *Env) progress(p Progress) {
	if e.Progress != nil {
		e.Progress(p)
	}
}

// Progress says how far a verb has got. Totals are 0 while unknown.
type Progress struct {
	Phase      string // "reading", "sending", "receiving", "writing files", "checking", "tidying"
	Files      int
	TotalFiles int
	Bytes      int64
	TotalBytes int64
	Done       bool
}
