package ssh

import (
	"errors"
	"fmt"
	"strings"
)

// The sentinels of this package. Match them with errors.Is; the structs below carry the detail.
var (
	// ErrTarget: the address is not one that may be dialled (empty, a leading dash, characters no host name has).
	ErrTarget = errors.New("not a host address")

	// ErrConfig: an SSH configuration file cannot be read, or asks for something this client does not do.
	ErrConfig = errors.New("ssh configuration")

	// ErrUnreachable: no connection to the peer came about, or it fell silent before the keys were checked.
	ErrUnreachable = errors.New("cannot reach the peer")

	// ErrHandshake: the peer answered, but the two could not agree on a secure connection.
	ErrHandshake = errors.New("no secure connection with the peer")

	// ErrHostKeyUnknown: nothing says which key this host has, and nobody confirmed the one it showed.
	ErrHostKeyUnknown = errors.New("host key is not known")

	// ErrHostKeyChanged: the host showed a key other than the pinned or recorded one, or a revoked one. Never go on.
	ErrHostKeyChanged = errors.New("host key has changed")

	// ErrAuth: the peer accepted none of the user's keys.
	ErrAuth = errors.New("the peer accepted no key")

	// ErrRefused: the connection stands, but the peer refused this request, for instance because access was withdrawn.
	ErrRefused = errors.New("the peer refused")

	// ErrBusy: the peer is at its limit of requests for this connection. It may be tried again later.
	ErrBusy = errors.New("the peer is busy")

	// ErrRequest: a request is longer than MaxRequest, or what came in its place is not one.
	ErrRequest = errors.New("not a request")

	// ErrLost: the connection ended, or the peer fell silent, while a stream was in use.
	ErrLost = errors.New("connection lost")

	// ErrRemote: the program on the other side ended with an error; see RemoteError.
	ErrRemote = errors.New("the remote program failed")

	// ErrKey: a key or a line of authorized keys cannot be used.
	ErrKey = errors.New("unusable key")
)

// HostKeyError says which key a host showed and what was expected. It unwraps to ErrHostKeyUnknown or ErrHostKeyChanged.
type HostKeyError struct {
	Host        string   // as it is looked up: name, or [name]:port
	KeyType     string   // of the key that was shown
	Fingerprint string   // of the key that was shown; empty when the host only has keys of other kinds than those expected
	Known       []string // fingerprints expected instead, each with file and line where there is one
	Revoked     bool     // the key is on a @revoked line
	Err         error
}

func (e *HostKeyError) Error() string {
	text := fmt.Sprintf("%v: %q showed %s %s", e.Err, e.Host, e.KeyType, e.Fingerprint)
	if e.Fingerprint == "" {
		text = fmt.Sprintf("%v: %q only has a key of the kind %s", e.Err, e.Host, e.KeyType)
	}
	if e.Revoked {
		text += ", which is marked as revoked"
	}
	if len(e.Known) > 0 {
		text += ", expected " + strings.Join(e.Known, " or ")
	}
	return text
}

// Unwrap returns the sentinel.
func (e *HostKeyError) Unwrap() error { return e.Err }

// AuthError says which keys were offered in vain. It unwraps to ErrAuth.
type AuthError struct {
	Host    string
	User    string
	Offered []string // "ssh-ed25519 SHA256:… (where it came from)"
	Skipped []string // keys that could not be offered, and why
	Err     error    // what the SSH library reported
}

func (e *AuthError) Error() string {
	text := fmt.Sprintf("%v: %q for user %q", ErrAuth, e.Host, e.User)
	if len(e.Offered) == 0 {
		text += ": there was no key to offer"
	} else {
		text += ": offered " + strings.Join(e.Offered, ", ")
	}
	if len(e.Skipped) > 0 {
		text += "; skipped " + strings.Join(e.Skipped, ", ")
	}
	return text
}

// Unwrap returns ErrAuth and the cause.
func (e *AuthError) Unwrap() []error { return []error{ErrAuth, e.Err} }

// RefusedError is the peer's refusal to open a stream. It unwraps to ErrRefused or ErrBusy.
type RefusedError struct {
	Reason  string // SSH's name of the reason
	Message string // the peer's sentence, made printable
	Err     error
}

func (e *RefusedError) Error() string {
	if e.Message == "" {
		return fmt.Sprintf("%v: %s", e.Err, e.Reason)
	}
	return fmt.Sprintf("%v: %s", e.Err, e.Message)
}

// Unwrap returns the sentinel.
func (e *RefusedError) Unwrap() error { return e.Err }

// StatusNotFound is the exit status by which a shell says that there is no such program.
const StatusNotFound = 127

// RemoteError is how the remote program ended. It unwraps to ErrRemote.
type RemoteError struct {
	Status int    // exit status; -1 when a signal ended it
	Signal string // without "SIG", or empty
	Stderr string // the end of what it wrote there, made printable
}

func (e *RemoteError) Error() string {
	text := fmt.Sprintf("%v: exit status %d", ErrRemote, e.Status)
	switch {
	case e.Signal != "":
		text = fmt.Sprintf("%v: signal %s", ErrRemote, e.Signal)
	case e.Status == StatusNotFound:
		text = fmt.Sprintf("%v: the program is not installed there", ErrRemote)
	}
	if e.Stderr != "" {
		text += ": " + e.Stderr
	}
	return text
}

// Unwrap returns ErrRemote.
func (e *RemoteError) Unwrap() error { return ErrRemote }

// printable makes text of a peer safe to show: one line, no control or invisible characters, bounded.
func printable(text string, limit int) string {
	var b strings.Builder
	for _, r := range strings.TrimSpace(text) {
		switch {
		case r == '\n', r == '\t', r == '\r':
			r = ' '
		case r < ' ', r >= 0x7f && r < 0xa0, r == '\uFFFD', r >= 0x200b && r <= 0x200f, r >= 0x2028 && r <= 0x202e, r >= 0x2060 && r <= 0x206f, r == 0xfeff:
			r = '?'
		}
		if b.Len() >= limit {
			b.WriteString("...")
			break
		}
		b.WriteRune(r)
	}
	return strings.TrimSpace(b.String())
}
