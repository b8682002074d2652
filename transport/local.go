package transport

import (
	"context"
	"errors"
	"fmt"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/objects/pack"
)

// Local is this copy, as far as a transfer touches it.
type Local struct {
	Store *pack.Store
	// Engagement is the ID of this copy's engagement, zero for a clone that
	// does not know it yet.
	Engagement objects.ID
	// Tracking are the commits where the peer's lines were when last seen,
	// and Tips all other commits that names of this copy stand at. Both have
	// their whole history in Store.
	Tracking, Tips []objects.ID
	// Inspect may be nil. It is asked before anything that arrived becomes
	// part of the store, and before the caller hears of new names. Its error
	// is that of the transfer; what arrived stays where the store does not
	// show it.
	Inspect func(ctx context.Context, a Arrived) error
	// Progress may be nil. It is called from many goroutines, one at a time.
	Progress func(Progress)
}

// Progress is how far a transfer is. The totals are 0 as long as they are not
// known, and bytes are only about right.
type Progress struct {
	Objects, TotalObjects int
	Bytes, TotalBytes     int64
}

func (l *Local) known() []objects.ID {
	ids := make([]objects.ID, 0, len(l.Tracking)+len(l.Tips))
	return append(append(ids, l.Tracking...), l.Tips...)
}

// report gives the receiver's progress function for a transfer of that much.
func (l *Local) report(objects int, bytes int64) func(int, int64) {
	if l.Progress == nil {
		return func(int, int64) {}
	}
	return func(n int, b int64) {
		l.Progress(Progress{Objects: n, TotalObjects: objects, Bytes: b, TotalBytes: bytes})
	}
}

// receive opens the place where this copy keeps what it has not finished
// fetching. It does not depend on the peer: what one began another ends.
func (l *Local) receive() (*pack.Writer, error) {
	w, err := l.Store.Receive("fetch")
	if errors.Is(err, pack.ErrBusy) {
		return nil, fmt.Errorf("another fetch is under way: %w", err)
	}
	return w, err
}

// greet reads the server's HELLO and checks that it is the same engagement.
func greet(r *reader, ours objects.ID) (*hello, error) {
	payload, err := r.expect(msgHello)
	if err != nil {
		return nil, ourside(err, ours)
	}
	h, err := decodeHello(payload)
	if err != nil {
		return nil, err
	}
	if !ours.IsZero() && h.about.ID != ours {
		return nil, &UnrelatedError{Ours: ours, Theirs: h.about.ID, Name: h.about.Name}
	}
	return h, nil
}

// ourside completes an error that the peer could only tell half of.
func ourside(err error, ours objects.ID) error {
	var unrelated *UnrelatedError
	if errors.As(err, &unrelated) {
		unrelated.Ours = ours
	}
	return err
}
