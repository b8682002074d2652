package repo

import (
	"errors"
	"fmt"
	"strings"

	"github.com/esync/esync/refs/roster"
)

var (
	// ErrNoRepository: neither the folder nor one above it is an engagement.
	ErrNoRepository = errors.New("not an engagement")
	// ErrExists: what is to be made is there already.
	ErrExists = errors.New("exists already")
	// ErrNothing: there is nothing to commit, or nothing left to undo.
	ErrNothing = errors.New("nothing to do")
	// ErrUnknown: no commit, line, tag, peer or paper has that name.
	// *UnknownError says which.
	ErrUnknown = errors.New("unknown")
	// ErrLocalChanges: files with changes that are not recorded stand in the
	// way. *LocalChangesError names them.
	ErrLocalChanges = errors.New("changes that are not committed stand in the way")
	// ErrConflicts: conflicts remain for a person to decide.
	ErrConflicts = errors.New("conflicts remain")
	// ErrNotFastForward: the peer has commits that this copy lacks.
	ErrNotFastForward = errors.New("the peer has commits that you lack")
	// ErrUnrelated: the peer holds another engagement.
	ErrUnrelated = errors.New("not the same engagement")
	// ErrBusy: another esync is changing this copy.
	ErrBusy = errors.New("another esync is at work in this copy")
	// ErrNoParent: a verb needs a parent and the copy has none.
	ErrNoParent = errors.New("this copy has no parent")
	// ErrBare: the verb needs files, and the copy has none.
	ErrBare = errors.New("this copy keeps no files")
	// ErrIncoming: commits that arrived wait to be merged first.
	ErrIncoming = errors.New("commits that arrived are not merged yet")
	// ErrFormat: a later esync made this copy.
	ErrFormat = errors.New("made by another version of esync")
	// ErrForeign: another user made the copy, perhaps for others to fall into.
	ErrForeign = errors.New("belongs to another user")
	// ErrUsage: an argument cannot be meant as it stands.
	ErrUsage = errors.New("wrong usage")
	// ErrNoKey: something is to be signed, and this user has no key.
	ErrNoKey = errors.New("there is no key to sign with")
	// ErrNotAdmin: the settings are changed by admins only.
	ErrNotAdmin = roster.ErrNotAdmin
	// ErrForward: what is to be taken back only moves forward.
	ErrForward = errors.New("changes of members and settings are not undone; make another change instead")
	// ErrInvitation: an invitation was used already, is out of date, or was
	// withdrawn.
	ErrInvitation = errors.New("the invitation is not good any more")
	// ErrForked: two copies have settings of which neither follows the other.
	ErrForked = roster.ErrFork
	// ErrUnmerged: a line has commits that nothing else reaches.
	ErrUnmerged = errors.New("not merged")
	// ErrUnreachable: the peer cannot be reached at all.
	ErrUnreachable = errors.New("out of reach")
	// ErrLost: the connection to the peer broke, or the peer fell silent.
	ErrLost = errors.New("connection lost")
)

// UnknownError names what is unknown. It unwraps to ErrUnknown.
type UnknownError struct {
	What string // "commit", "line", "peer"
	Name string
}

func (e *UnknownError) Error() string { return fmt.Sprintf("no %s %q", e.What, e.Name) }

func (e *UnknownError) Unwrap() error { return ErrUnknown }

// LocalChangesError names the files that stand in the way. It unwraps to
// ErrLocalChanges.
type LocalChangesError struct {
	Paths   []string
	Reasons []string // one a path
}

func (e *LocalChangesError) Error() string {
	shown := e.Paths
	more := ""
	if len(shown) > 5 {
		more = fmt.Sprintf(" and %d more", len(shown)-5)
		shown = shown[:5]
	}
	quoted := make([]string, len(shown))
	for i, p := range shown {
		quoted[i] = fmt.Sprintf("%q", p)
		if i < len(e.Reasons) && e.Reasons[i] != "" {
			quoted[i] += " (" + e.Reasons[i] + ")"
		}
	}
	return strings.Join(quoted, ", ") + more + ": " + ErrLocalChanges.Error()
}

func (e *LocalChangesError) Unwrap() error { return ErrLocalChanges }
