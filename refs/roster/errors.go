package roster

import (
	"errors"
	"fmt"
)

var (
	// ErrMalformed: settings, admissions, an invitation or a receipt that no esync wrote.
	ErrMalformed = errors.New("malformed")
	// ErrNewer: a later esync wrote it, in a form that this one can't read.
	ErrNewer = errors.New("written by a newer esync")
	// ErrKey: not a public key of the one type that members have, ssh-ed25519.
	ErrKey = errors.New("not an ssh-ed25519 public key")
	// ErrForged: something is not signed, or not by one who may.
	ErrForged = errors.New("not signed by a member who may")
	// ErrOlder: a commit was made under settings older than those of a commit it stands on. It is an ErrForged.
	ErrOlder = fmt.Errorf("%w: made under settings older than those of the commit it stands on", ErrForged)
	// ErrFork: two versions of the settings follow the same one, so that neither is the newer.
	ErrFork = errors.New("settings have forked")
	// ErrNotAdmin: the change is one that only an admin may make.
	ErrNotAdmin = errors.New("only an admin may")
	// ErrChange: a change of the settings that nobody may make.
	ErrChange = errors.New("settings cannot be changed so")
	// ErrExpired: an invitation is out of date.
	ErrExpired = errors.New("expired")
)
