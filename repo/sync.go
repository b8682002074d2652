package repo

import (
	"context"
	"errors"
	"fmt"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/transport"
)

// SyncOptions says what Sync does besides pulling and pushing.
type SyncOptions struct {
	// Commit records changed files first, with Message.
	Commit  bool
	Message string
}

// SyncResult is what a pull, push, sync or clone did.
type SyncResult struct {
	// Peer is the name of who was talked to, which need not be the parent.
	Peer string
	// From and To are the line's commits before and after: this copy's of a
	// pull, the peer's of a push.
	From, To      objects.ID
	Commits       int // that were carried
	BytesSent     int64
	BytesReceived int64
	RoundTrips    int
	// Helped is how many other copies shared a long pull.
	Helped int
	// UpToDate: there was nothing to carry or merge.
	UpToDate bool
	// Settings: newer settings or admissions have come.
	Settings  bool
	Conflicts []Conflict
	Merged    []string
	Joined    []JoinedPaper
	Notes     []string
	Files     FilesResult
}

// syncTries bounds how often Sync starts over because someone else was faster.
const syncTries = 8

// Sync commits if asked, pulls, and pushes, and starts over when someone else
// pushed in between. Conflicts travel as they are, and block nobody. Where the
// only copy that is there takes no pushes, its work is pulled all the same, and
// the error is transport.ErrRefused unless there was nothing to push.
func (r *Repo) Sync(ctx context.Context, name string, o SyncOptions) (*SyncResult, error) {
	if o.Commit {
		if _, err := r.Commit(ctx, CommitOptions{Message: o.Message}); err != nil && !errors.Is(err, ErrNothing) {
			return nil, err
		}
	}
	var res *SyncResult
	err := r.withPeer(ctx, name, transport.LevelFull, func(p peer, conn Connection) (err error) {
		res, err = r.syncWith(ctx, p, conn)
		return err
	})
	if res != nil || !errors.Is(err, transport.ErrRefused) {
		return res, err
	}
	if perr := r.withPeer(ctx, name, transport.LevelRead, func(p peer, conn Connection) (perr error) {
		if res, perr = r.pullFrom(ctx, p, conn); perr != nil || r.hasNews(p) {
			return perr
		}
		err = nil
		return nil
	}); perr != nil {
		return nil, perr
	}
	return res, err
}

// syncWith pulls and pushes over one connection. What was pulled is in the
// result also when there is an error.
func (r *Repo) syncWith(ctx context.Context, p peer, conn Connection) (*SyncResult, error) {
	var res *SyncResult
	for try := 1; ; try++ {
		pulled, err := r.pullFrom(ctx, p, conn)
		if err != nil {
			return res, err
		}
		res = addPull(res, pulled)
		if !r.hasNews(p) {
			return res, nil
		}
		pushed, err := r.pushTo(ctx, p, conn)
		switch {
		case err == nil:
			return addPush(res, pushed), nil
		case errors.Is(err, ErrNothing), errors.Is(err, ErrIncoming) && len(res.Files.Waiting) > 0:
			return res, nil
		case !errors.Is(err, ErrNotFastForward) || try == syncTries:
			return res, err
		}
	}
}

// hasNews tells whether this copy has what a peer, who was just asked, has not.
func (r *Repo) hasNews(p peer) bool {
	state, err := r.refs.State()
	return err != nil || len(r.pushChanges(state, p.name, currentLine(state))) > 0
}

func addPull(sum, one *SyncResult) *SyncResult {
	if sum == nil {
		return one
	}
	one.From = sum.From
	one.Commits += sum.Commits
	one.BytesSent += sum.BytesSent
	one.BytesReceived += sum.BytesReceived
	one.RoundTrips += sum.RoundTrips
	one.Merged = append(sum.Merged, one.Merged...)
	one.Joined = append(sum.Joined, one.Joined...)
	one.UpToDate = one.UpToDate && sum.UpToDate
	one.Files.Updated += sum.Files.Updated
	one.Files.Removed += sum.Files.Removed
	return one
}

func addPush(sum, one *SyncResult) *SyncResult {
	sum.Commits += one.Commits
	sum.BytesSent += one.BytesSent
	sum.BytesReceived += one.BytesReceived
	sum.RoundTrips += one.RoundTrips
	sum.UpToDate = sum.UpToDate && one.UpToDate
	return sum
}

// explain turns what the wire says into this package's errors.
func explain(err error) error {
	var stale *transport.StaleError
	switch {
	case errors.As(err, &stale):
		return fmt.Errorf("%w", ErrNotFastForward)
	case errors.Is(err, transport.ErrUnrelated):
		return fmt.Errorf("%w: %w", ErrUnrelated, err)
	}
	return err
}
