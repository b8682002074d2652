package sealed

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"

	"filippo.io/age"
	"filippo.io/age/agessh"
)

var (
	// ErrNotForYou: the file is sealed for others than the holder of the key.
	ErrNotForYou = errors.New("sealed for others")
	// ErrDamaged: the file is none that Writer made, or was changed since.
	ErrDamaged = errors.New("not a sealed file, or a damaged one")
	// ErrKey: a key to seal for, or to open with, is not of type ssh-ed25519.
	ErrKey = errors.New("not a key for sealed files")
)

// Key opens what was sealed for its public half. The zero Key opens nothing.
type Key struct{ id *agessh.Ed25519Identity }

// ParseKey reads a private key as ssh-keygen writes it, without a passphrase.
func ParseKey(pem []byte) (Key, error) {
	id, err := agessh.ParseIdentity(pem)
	if err != nil {
		return Key{}, fmt.Errorf("%w: %w", ErrKey, err)
	}
	if ed, ok := id.(*agessh.Ed25519Identity); ok {
		return Key{ed}, nil
	}
	return Key{}, fmt.Errorf("%w: it is of another type", ErrKey)
}

// FromSeed makes the Key of the 32 bytes that an ed25519 key is derived from.
// It panics on another length.
func FromSeed(seed []byte) Key {
	id, err := agessh.NewEd25519Identity(ed25519.NewKeyFromSeed(seed))
	if err != nil {
		panic("sealed: " + err.Error()) // of an ed25519 key it makes one always
	}
	return Key{id}
}

// Writer seals what is written to it, for the holders of the public key lines
// to. Only what is closed can be opened. w is left open.
func Writer(w io.Writer, to []string) (io.WriteCloser, error) {
	var recipients []age.Recipient
	for _, line := range to {
		r, err := agessh.ParseRecipient(line)
		if err != nil {
			return nil, fmt.Errorf("%w: %q: %w", ErrKey, line, err)
		}
		if _, ok := r.(*agessh.Ed25519Recipient); !ok {
			return nil, fmt.Errorf("%w: %q", ErrKey, line)
		}
		recipients = append(recipients, r)
	}
	if len(recipients) == 0 {
		return nil, fmt.Errorf("%w: there is none", ErrKey)
	}
	return age.Encrypt(w, recipients...)
}

// Open gives the content of a sealed file of that size, and its length. The
// content may be read from many goroutines.
func Open(r io.ReaderAt, size int64, key Key) (io.ReaderAt, int64, error) {
	if key.id == nil {
		return nil, 0, fmt.Errorf("%w: there is none", ErrKey)
	}
	content, n, err := age.DecryptReaderAt(r, size, key.id)
	var other *age.NoIdentityMatchError
	switch {
	case errors.As(err, &other):
		return nil, 0, ErrNotForYou
	case err != nil:
		return nil, 0, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return &reader{content}, n, nil
}

// reader tells damage from other trouble.
type reader struct{ io.ReaderAt }

func (r *reader) ReadAt(p []byte, off int64) (int, error) {
	n, err := r.ReaderAt.ReadAt(p, off)
	if err != nil && err != io.EOF {
		err = fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return n, err
}
