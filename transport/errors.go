package transport

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/refs"
)

var (
	// ErrProtocol: the peer said something that this protocol does not have.
	ErrProtocol = errors.New("peer broke the protocol")
	// ErrVersion: the two have no version of the protocol in common.
	ErrVersion = errors.New("peer speaks another version of the protocol")
	// ErrUnknownEngagement: the peer has no engagement of that name, or none
	// that it shows to this user.
	ErrUnknownEngagement = errors.New("peer has no such engagement")
	// ErrUnrelated: the peer's engagement of that name is another one.
	// *UnrelatedError names both.
	ErrUnrelated = errors.New("engagements are unrelated")
	// ErrRefused: the peer does not let this user do it, as a push to a copy
	// that is shared for reading only.
	ErrRefused = errors.New("peer refused")
	// ErrStale: the names to be pushed are not where the pusher thought.
	// *StaleError has their present values.
	ErrStale = errors.New("peer has moved on")
	// ErrNotFastForward: a push would drop commits of the peer. It is an
	// ErrStale as well, with the same details.
	ErrNotFastForward = errors.New("peer has commits that this push would drop")
	// ErrNotShared: a commit or list was asked for that the peer has not, or
	// does not share in this engagement. The two are not told apart.
	ErrNotShared = errors.New("peer does not share that")
	// ErrMissingBase: a frame came whose base the receiver has not.
	ErrMissingBase = errors.New("base of a difference is missing")
	// ErrIncomplete: what was received does not hold all that the commits
	// need.
	ErrIncomplete = errors.New("received history is incomplete")
	// ErrBadData: what was received is damaged, or is no object.
	ErrBadData = errors.New("received data is bad")
	// ErrTooLarge: a limit of this protocol was passed.
	ErrTooLarge = errors.New("too large for one transfer")
	// ErrBusy: the peer does the same for somebody else at this moment.
	ErrBusy = errors.New("peer is busy")
	// ErrPeer: the peer could not do it, for a reason of its own.
	ErrPeer = errors.New("peer failed")
	// ErrDamaged: what the peer has in its own store or names is damaged.
	ErrDamaged = errors.New("peer's copy is damaged")
	// ErrNoRoom: the peer's disk is full.
	ErrNoRoom = errors.New("peer's disk is full")
	// ErrForged: something came that is not signed by a member who may do it.
	// Nothing of it was taken over.
	ErrForged = errors.New("a commit is not signed by a member")
	// ErrNotMember: whoever asks, or signed, does not belong to the
	// engagement.
	ErrNotMember = errors.New("not a member of the engagement")
	// ErrUnsupported: the peer runs an earlier esync, which does not know how.
	ErrUnsupported = errors.New("peer runs an earlier version of esync, which cannot do this")
	// ErrPrerequisite: what comes builds on commits that are not here.
	// *PrerequisiteError names them.
	ErrPrerequisite = errors.New("earlier commits are needed first")
	// ErrBundle: a file is no bundle, or a damaged one.
	ErrBundle = errors.New("not a bundle, or a damaged one")
)

// codes is the table of errors that cross the wire. It only grows, and a
// number keeps its meaning. An unknown code is ErrPeer.
var codes = []struct {
	code uint64
	err  error
}{
	{1, ErrPeer},
	{2, ErrProtocol},
	{3, ErrVersion},
	{4, ErrUnknownEngagement},
	{5, ErrUnrelated},
	{6, ErrRefused},
	{7, ErrStale},
	{8, ErrNotFastForward},
	{9, ErrNotShared},
	{10, ErrMissingBase},
	{11, ErrIncomplete},
	{12, ErrBadData},
	{13, ErrTooLarge},
	{14, ErrBusy},
	{15, ErrDamaged},
	{16, ErrNoRoom},
	{17, ErrForged},
	{18, ErrNotMember},
	{19, ErrUnsupported},
}

// PeerError is an error that the peer reported. It unwraps to the sentinel
// that the code stands for.
type PeerError struct {
	Err error
	// Text is the peer's own words, made harmless: printable, one line, at
	// most 1 KiB. It may be empty.
	Text string
}

func (e *PeerError) Error() string {
	if e.Text == "" || e.Text == e.Err.Error() {
		return e.Err.Error()
	}
	return fmt.Sprintf("%v: %s", e.Err, e.Text)
}

func (e *PeerError) Unwrap() error { return e.Err }

// UnrelatedError says which engagements met. It unwraps to ErrUnrelated.
type UnrelatedError struct {
	// Ours is the engagement of this copy, Theirs that of the peer.
	Ours, Theirs objects.ID
	// Name is what the peer calls its own.
	Name string
}

func (e *UnrelatedError) Error() string {
	return fmt.Sprintf("%v: this copy belongs to %s, and the peer's %q is %s", ErrUnrelated, e.Ours.Short(), e.Name, e.Theirs.Short())
}

func (e *UnrelatedError) Unwrap() error { return ErrUnrelated }

// StaleError says where the names of a refused push are at the peer. It
// unwraps to ErrStale, and to ErrNotFastForward when a push would have dropped
// commits.
type StaleError struct {
	Names []refs.Stale
	// Tips are all the names that the peer shares, as of the refusal.
	Tips Tips
	// Dropped is set when the names were where the pusher thought, and the
	// new commits don't contain the old ones.
	Dropped bool
}

func (e *StaleError) Error() string {
	var b strings.Builder
	b.WriteString(ErrStale.Error())
	if e.Dropped {
		b.Reset()
		b.WriteString(ErrNotFastForward.Error())
	}
	for i, s := range e.Names {
		sep := ", "
		if i == 0 {
			sep = ": "
		}
		fmt.Fprintf(&b, "%s%q", sep, s.Name)
	}
	return b.String()
}

func (e *StaleError) Unwrap() []error {
	if e.Dropped {
		return []error{ErrStale, ErrNotFastForward}
	}
	return []error{ErrStale}
}

// PrerequisiteError says which commits a transfer builds on that this copy does
// not have. It unwraps to ErrPrerequisite.
type PrerequisiteError struct {
	// Missing is empty where only the other side knows.
	Missing []objects.ID
}

func (e *PrerequisiteError) Error() string {
	if len(e.Missing) == 0 {
		return ErrPrerequisite.Error() + ": a fuller bundle is needed"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%v, which are not here: ", ErrPrerequisite)
	for i, id := range e.Missing {
		if i == 3 && len(e.Missing) > 4 {
			fmt.Fprintf(&b, " and %d more", len(e.Missing)-i)
			break
		}
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(id.Short())
	}
	return b.String() + "; a fuller bundle is needed"
}

func (e *PrerequisiteError) Unwrap() error { return ErrPrerequisite }

// maxErrorText bounds the words of an error.
const maxErrorText = 1 << 10

// clean makes a peer's words harmless: no control characters, no marks that
// turn the direction of text, no line breaks, valid UTF-8.
func clean(s string) string {
	if len(s) > maxErrorText {
		s = s[:maxErrorText]
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r == utf8.RuneError, unicode.Is(unicode.Cf, r), !unicode.IsPrint(r):
			return '?'
		}
		return r
	}, s)
}

// fault is the content of an ERROR message.
type fault struct {
	code uint64
	text string
	id   objects.ID // of the peer's engagement, for ErrUnrelated
	name string
	tips Tips // for ErrStale and ErrNotFastForward
	old  []refs.Stale
}
